package security

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"calla/test/peers"
)

// TestS20TextOfOthersIsNoPathAndNoFormat: what looks like a path or a format directive, in Call-ID, user and tags,
// stays text; no file appears but the one the user named.
func TestS20TextOfOthersIsNoPathAndNoFormat(t *testing.T) {
	for _, c := range []struct{ name, text string }{
		{"folders above", "../../x"},
		{"a root", "/etc/passwd"},
		{"format directives", "%n%s%!d(MISSING)"},
		{"a NUL", "x%00.wav"},
		{"a device", "CON"},
		{"backslashes", `..\..\x`},
		{"a regular expression", "(a+)+$"},
		{"a template", "{{.}}${HOME}`id`$(id)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := peers.StartHostile(t)
			home := t.TempDir()
			record := filepath.Join(home, "heard.wav")
			p := peers.RunPlain(t, []string{"HOME=" + home, "XDG_CONFIG_HOME=" + home}, "answer", "--record", record,
				"--duration", "1s",
				"--log", "debug", "--trace", "--config", h.Config("alice", nil))
			defer p.Signal(9)
			w := h.Next(20 * time.Second)
			w.Expect("REGISTER")
			w.Alive("the start")
			m := w.Request("INVITE", offer)
			user := strings.NewReplacer(" ", "", "`", "", "{", "", "}", "", `\`, "", "%", "%25").Replace(c.text)
			m.Set("From", `"`+strings.ReplaceAll(c.text, `\`, `\\`)+`" <sip:`+user+"@h>;tag="+strings.NewReplacer("/",
				"", `\`, "", "(", "", ")", "").Replace(c.text))
			m.Set("Call-ID", c.text)
			w.Send(m.Bytes())
			w.Alive(c.name)
			p.Signal(2)
			_ = p.Wait(t, 20*time.Second)
			files, err := os.ReadDir(home)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range files {
				if f.Name() != "heard.wav" && f.Name() != "calla" && !strings.HasPrefix(f.Name(), ".") {
					t.Errorf("there is a file %q", f.Name())
				}
			}
			if strings.Contains(p.Output.String(), "%!n") {
				t.Errorf("text of others was a format: %s", p.Output)
			}
		})
	}
}
