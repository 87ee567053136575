package exchange

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"calla/netsip/config"
	"calla/ui/uitest"
)

const pasted = "new JsSIP.UA({ uri: 'alice@example.com', ws_servers: 'wss://h.example', password: 'x' })"

// TestImportReadsAFile: what can be read is in the field as if it were pasted; what cannot is told, and what was there
// stays.
func TestImportReadsAFile(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, c := range []struct {
		name, path string
		text, told string
	}{
		{"a configuration", write("c.js", pasted), pasted, "Understood:"},
		{"a page", write("c.html", "<html><script>"+pasted+"</script></html>"), "<html><script>" + pasted +
			"</script></html>", "Understood:"},
		{"nothing chosen", "", "before", ""},
		{"no file", filepath.Join(dir, "none.js"), "before", "The file cannot be read."},
		{"a folder", dir, "before", "What was chosen is not a file"},
		{"too long", write("long.js", strings.Repeat("x", maxOpened+1)), "before", "The file is longer than 1 MB"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := open(t)
			Import(o, func(config.Config) {})
			o.field(t).SetText("before")
			o.path = c.path
			o.press(t, "Open a file…")
			if got := o.field(t).Text; got != c.text {
				t.Errorf("the field has %d characters, want %d", len(got), len(c.text))
			}
			if told := uitest.Texts(o.win.Content()); !strings.Contains(told, c.told) {
				t.Errorf("told: %s", told)
			}
		})
	}
}

// TestImportBeginsInItsField: the keyboard is in the text, and using what is in it closes the sheet first.
func TestImportBeginsInItsField(t *testing.T) {
	o := open(t)
	var got config.Config
	Import(o, func(c config.Config) {
		if got = c; o.title != "" {
			t.Error("the sheet is open still")
		}
	})
	if o.win.Canvas().Focused() != o.field(t) {
		t.Errorf("the keyboard is in %T", o.win.Canvas().Focused())
	}
	o.press(t, "Use this")
	if got.URI != "" {
		t.Error("nothing can be used")
	}
	o.field(t).SetText(pasted)
	o.press(t, "Use this")
	if got.URI != "sip:alice@example.com" || o.title != "" {
		t.Errorf("used %q, sheet %q", got.URI, o.title)
	}
}

// TestExportIsCopiedAndSavedAsItIsShown: with and without passwords; a file that cannot be written is told of.
func TestExportIsCopiedAndSavedAsItIsShown(t *testing.T) {
	for _, c := range []struct {
		name    string
		secrets bool
	}{{"without passwords", false}, {"with passwords", true}} {
		t.Run(c.name, func(t *testing.T) {
			o := open(t)
			full := office(t)
			bare := full
			bare.Password = ""
			Export(o, bare, full)
			if c.secrets {
				o.turn(t, "Include passwords")
			}
			shown := o.field(t).Text
			o.press(t, "Copy")
			if o.copied != shown || strings.Contains(o.copied, "s3cret") != c.secrets {
				t.Errorf("copied %q", o.copied)
			}
			if !strings.Contains(uitest.Texts(o.win.Content()), map[bool]string{
				true: "anybody can read", false: "are left out",
			}[c.secrets]) {
				t.Errorf("told %q", uitest.Texts(o.win.Content()))
			}
			o.path = filepath.Join(t.TempDir(), "c.js")
			o.press(t, "Save to a file…")
			saved, err := os.ReadFile(o.path)
			if err != nil || string(saved) != shown || o.title != "" || o.told != "" {
				t.Errorf("saved %q, %v, told %q", saved, err, o.told)
			}
		})
	}
	o := open(t)
	Export(o, office(t), office(t))
	o.path = filepath.Join(t.TempDir(), "no", "folder")
	o.press(t, "Save to a file…")
	if o.told != "The configuration could not be saved." {
		t.Errorf("told %q", o.told)
	}
}
