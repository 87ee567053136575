//go:build !windows && !darwin

package links

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// home is a user's desktop in folders of the test's.
type home struct {
	t                    *testing.T
	dir, config, data    string
	systemData, program  string
	mimeapps, ownEntryAt string
}

func newHome(t *testing.T) *home {
	t.Helper()
	dir := t.TempDir()
	h := &home{
		t: t, dir: dir, config: dir + "/config", data: dir + "/data", systemData: dir + "/usr/share",
		program: dir + "/bin/calla",
	}
	h.mimeapps, h.ownEntryAt = h.config+"/mimeapps.list", h.data+"/applications/"+ownEntry
	for name, value := range map[string]string{
		"HOME": dir, "XDG_CONFIG_HOME": h.config, "XDG_CONFIG_DIRS": dir + "/etc/xdg", "XDG_DATA_HOME": h.data,
		"XDG_DATA_DIRS": h.systemData, "XDG_CURRENT_DESKTOP": "", "PATH": dir + "/bin:" + os.Getenv("PATH"),
	} {
		t.Setenv(name, value)
	}
	h.write(h.program, "#!/bin/sh\nprintf '%s\\n' \"$@\" >'"+dir+"/got'\n")
	h.write(dir+"/bin/other", "#!/bin/sh\n")
	h.app("other.desktop", "Other Phone", "other %u")
	return h
}

func (h *home) write(path, text string) {
	h.t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o755)); err != nil {
		h.t.Fatal(err)
	}
}

// app installs a desktop entry for all users.
func (h *home) app(id, name, command string) {
	types := ""
	for _, scheme := range Schemes() {
		types += mime(scheme) + ";"
	}
	h.write(h.systemData+"/applications/"+id,
		"[Desktop Entry]\nType=Application\nName="+name+"\nExec="+command+"\nMimeType="+types+"\n")
}

func (h *home) text(path string) string {
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		h.t.Fatal(err)
	}
	return string(text)
}

// gio asks GLib, as a browser does, who opens a scheme's links; "" for nobody. It skips where GLib's tool is missing.
func (h *home) gio(scheme string) string {
	h.t.Helper()
	gio, err := exec.LookPath("gio")
	if err != nil {
		h.t.Skip("gio is not installed")
	}
	out, err := exec.Command(gio, "mime", mime(scheme)).Output()
	if err != nil {
		return ""
	}
	first, _, _ := strings.Cut(string(out), "\n")
	if _, id, ok := strings.Cut(first, ": "); ok {
		return strings.TrimSpace(id)
	}
	return ""
}

// TestLinksAreRegisteredAndGivenBack: whatever there was before, all links are Calla's once it is registered, for GLib
// too; other choices, comments and line ends stay, and what was before is so again afterwards.
//
// Holds: handed-over
func TestLinksAreRegisteredAndGivenBack(t *testing.T) {
	for _, test := range []struct {
		name     string
		before   string // mimeapps.list, "-" for none
		tel, web string // who has them before
		kept     string // what is in the file meanwhile, too
		after    string // "" = as before
	}{
		{"nothing", "-", "", "", "", "-"},
		{"an empty list", "", "", "", "", "[Default Applications]\n"},
		{
			"another phone", "[Default Applications]\nx-scheme-handler/tel=other.desktop\n", "other.desktop", "",
			"tel=app.calla.Calla.Links.desktop;other.desktop;",
			"[Default Applications]\nx-scheme-handler/tel=other.desktop;\n",
		},
		{"a browser and comments", "# mine\n[Added Associations]\ntext/html=web.desktop;\n\n[Default " +
			"Applications]\n# chosen\nx-scheme-handler/http=other.desktop\n", "", "other.desktop", "# mine", ""},
		{
			"Windows' line ends", "[Default Applications]\r\nx-scheme-handler/http=other.desktop\r\n", "",
			"other.desktop",
			"\r\nx-scheme-handler/http=other.desktop\r\n", "",
		},
		{
			"no line end at the end", "[Default Applications]\nx-scheme-handler/http=other.desktop", "",
			"other.desktop",
			"http=other.desktop\n", "[Default Applications]\nx-scheme-handler/http=other.desktop\n",
		},
		{
			"a phone that is gone", "[Default Applications]\nx-scheme-handler/tel=gone.desktop;other.desktop;\n",
			"other.desktop", "", "", "",
		},
		{"the key in another group", "[Removed Associations]\nx-scheme-handler/tel=other.desktop;\n[Default " +
			"Applications]\n", "", "", "[Removed Associations]\nx-scheme-handler/tel=other.desktop;", ""},
		{
			"a choice made twice", "[Default " +
				"Applications]\nx-scheme-handler/tel=gone.desktop\nx-scheme-handler/tel=other.desktop\n",
			"other.desktop",
			"", "", "[Default Applications]\nx-scheme-handler/tel=other.desktop;\n",
		},
		{
			"junk", "junk\n[\n=x\n[Default Applications\n[Default Applications]\nx-scheme-handler/http=other.desktop\n",
			"", "other.desktop", "junk\n[\n=x\n[Default Applications\n", "",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := newHome(t)
			p := Program{Path: h.program}
			if test.before != "-" {
				h.write(h.mimeapps, test.before)
			}
			if err := p.Register(); err != nil {
				t.Fatal(err)
			}
			s, err := p.Status()
			if err != nil || !s.All() {
				t.Errorf("status %+v, %v", s, err)
			}
			if text := h.text(h.mimeapps); !strings.Contains(text, test.kept) {
				t.Errorf("lost %q:\n%s", test.kept, text)
			}
			once := h.text(h.mimeapps)
			if err := p.Register(); err != nil || h.text(h.mimeapps) != once {
				t.Errorf("a second time: %v:\n%s", err, h.text(h.mimeapps))
			}
			if test.name != "junk" { // which GLib refuses whole
				for _, scheme := range Schemes() {
					if id := h.gio(scheme); id != ownEntry {
						t.Errorf("GLib opens %s: with %q", scheme, id)
					}
				}
			}
			if err := p.Unregister(); err != nil {
				t.Fatal(err)
			}
			after := test.after
			switch after {
			case "":
				after = test.before
			case "-":
				after = "[Default Applications]\n"
			}
			if got := h.text(h.mimeapps); got != after {
				t.Errorf("left\n%q, want\n%q", got, after)
			}
			if id, _ := must(newDesktop()).opener("tel"); id != test.tel {
				t.Errorf("tel: is opened by %q afterwards, by %q before", id, test.tel)
			}
			if id, _ := must(newDesktop()).opener("http"); id != test.web {
				t.Errorf("http: is opened by %q afterwards, by %q before", id, test.web)
			}
			if h.text(h.ownEntryAt) != "" {
				t.Error("the desktop entry stayed")
			}
		})
	}
}

func must(d desktop, err error) desktop {
	if err != nil {
		panic(err)
	}
	return d
}

// TestALinkStartsThisProgram: whatever its path and profile look like, the desktop's own launcher hands it the link and
// nothing else.
//
// Holds: handed-over
func TestALinkStartsThisProgram(t *testing.T) {
	gio, err := exec.LookPath("gio")
	if err != nil {
		t.Skip("gio is not installed")
	}
	for _, test := range []struct {
		name, file string
		args       []string
		link       string
	}{
		{"plain", "calla", nil, "tel:+4930123456"},
		{"a blank in the path", "my calla", nil, "sip:bob@example.com"},
		{"quotation marks", `ca"l'la`, nil, "sips:bob@example.com"},
		{"a dollar sign and a backquote", "ca$HOME`x`", nil, "callto:bob"},
		{"a backslash", `ca\lla\\`, nil, "tel:110"},
		{"a profile", "calla", []string{"--profile", "/home/al ice/$x%u\\"}, "tel:110"},
		{"letters of all scripts", "калла", nil, "tel:+49-30-1;ext=2"},
		{"a semicolon and a hash", "calla;#", nil, "sip:bob@example.com?subject=a%20b"},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := newHome(t)
			p := Program{Path: h.dir + "/bin/" + test.file, Args: test.args}
			h.write(p.Path, h.text(h.program))
			if err := p.Register(); err != nil {
				t.Fatal(err)
			}
			if s, err := p.Status(); err != nil || !s.All() {
				t.Errorf("status %+v, %v", s, err)
			}
			want := strings.Join(append(slices.Clone(test.args), "--", test.link), "\n") + "\n"
			launch := exec.Command(gio, "launch", h.ownEntryAt, test.link)
			if out, err := launch.CombinedOutput(); err != nil {
				t.Fatalf("%v: %s\n%s", err, out, h.text(h.ownEntryAt))
			}
			got := ""
			for limit := time.Now().Add(time.Minute); got != want && time.Now().Before(limit); {
				got = h.text(h.dir + "/got") // gio need not wait for the program
			}
			if got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

// TestWhoOpensLinksIsTold: status tells what the system will do, not what was written, and a registration that it does
// not follow is an error.
//
// Holds: handed-over
func TestWhoOpensLinksIsTold(t *testing.T) {
	for _, test := range []struct {
		name    string
		set     func(h *home, p Program)
		program string // who opens tel:
		ours    bool
		failure string // of Register after that
	}{
		{"nobody", func(*home, Program) {}, "", false, ""},
		{"another, chosen", func(h *home, _ Program) {
			h.write(h.mimeapps, "[Default Applications]\nx-scheme-handler/tel=other.desktop\n")
		}, "Other Phone", false, ""},
		{"another, as the only one", func(h *home, _ Program) {
			h.write(h.systemData+"/applications/mimeinfo.cache", "[MIME Cache]\nx-scheme-handler/tel=other.desktop;\n")
		}, "Other Phone", false, ""},
		{"another, chosen later", func(h *home, p Program) {
			h.t.Log(p.Register())
			h.write(h.mimeapps, "[Default Applications]\nx-scheme-handler/tel=other.desktop\n")
		}, "Other Phone", false, ""},
		{"a desktop of its own choice", func(h *home, _ Program) {
			h.t.Setenv("XDG_CURRENT_DESKTOP", "X-Cinnamon:GNOME")
			h.write(h.config+"/gnome-mimeapps.list", "[Default Applications]\nx-scheme-handler/tel=other.desktop\n")
		}, "Other Phone", false, "tel: links are still opened by Other Phone"},
		{"another copy of Calla", func(h *home, _ Program) {
			h.write(h.dir+"/bin/calla2", "#!/bin/sh\n")
			h.t.Log(Program{Path: h.dir + "/bin/calla2"}.Register())
		}, "another copy or profile of Calla", false, ""},
		{"another profile", func(_ *home, p Program) {
			p.Args = []string{"--profile", "/x"}
			_ = p.Register()
		}, "another copy or profile of Calla", false, ""},
		{"a copy that was deleted", func(h *home, _ Program) {
			h.write(h.mimeapps, "[Default Applications]\nx-scheme-handler/tel=other.desktop\n")
			h.write(h.dir+"/bin/calla2", "#!/bin/sh\n")
			h.t.Log(Program{Path: h.dir + "/bin/calla2"}.Register(), os.Remove(h.dir+"/bin/calla2"))
		}, "Other Phone", false, ""},
		{"the package's, chosen", func(h *home, _ Program) {
			h.app(packageEntry, "Calla", "calla -- %u")
			h.write(h.mimeapps, "[Default Applications]\nx-scheme-handler/tel="+packageEntry+"\n")
		}, "Calla", true, ""},
		{"relative folders", func(h *home, _ Program) {
			h.t.Setenv("XDG_CONFIG_HOME", "config")
			h.t.Setenv("XDG_DATA_HOME", "data")
		}, "", false, ""},
		{"a list that is a folder", func(h *home, _ Program) { h.write(h.mimeapps+"/x", "") }, "", false, "is no file"},
		{
			"a list without end", func(h *home, _ Program) { h.write(h.mimeapps, strings.Repeat("#", 1<<20+1)) },
			"",
			false, "is larger than",
		},
		{"a name out of the folder", func(h *home, _ Program) {
			h.write(h.mimeapps, "[Default Applications]\nx-scheme-handler/tel=../../secret.desktop\n")
		}, "", false, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := newHome(t)
			p := Program{Path: h.program}
			test.set(h, p)
			s, err := p.Status()
			if err != nil || s[0].Name != test.program || s[0].Ours != test.ours {
				t.Errorf("status %+v, %v", s, err)
			}
			before := h.text2(h.mimeapps)
			switch err := p.Register(); {
			case test.failure == "" && err != nil:
				t.Error(err)
			case test.failure != "" && (err == nil || !strings.Contains(err.Error(), test.failure)):
				t.Errorf("failed with %v", err)
			case strings.HasPrefix(test.failure, "is ") && h.text2(h.mimeapps) != before:
				t.Error("what could not be read was changed")
			}
		})
	}
}

// text2 is text of what may be a folder.
func (h *home) text2(path string) string {
	text, _ := os.ReadFile(path)
	return string(text)
}

// TestThePackagesEntryServes: where the package has a desktop entry for this program, no second one is written, and it
// can be left out and chosen again.
func TestThePackagesEntryServes(t *testing.T) {
	h := newHome(t)
	p := Program{Path: h.program}
	h.app(packageEntry, "Calla", "calla -- %u")
	h.write(h.systemData+"/applications/mimeinfo.cache",
		"[MIME Cache]\nx-scheme-handler/tel="+packageEntry+";other.desktop;\n")
	for _, step := range []struct {
		name string
		do   func() error
		tel  string
	}{
		{"as installed", func() error { return nil }, packageEntry},
		{"unregistered", p.Unregister, "other.desktop"},
		{"registered", p.Register, packageEntry},
		{"unregistered again", p.Unregister, "other.desktop"},
	} {
		if err := step.do(); err != nil {
			t.Fatal(step.name, err)
		}
		if id, _ := must(newDesktop()).opener("tel"); id != step.tel {
			t.Errorf("%s: tel: is opened by %s, want %s", step.name, id, step.tel)
		}
		if id := h.gio("tel"); id != step.tel {
			t.Errorf("%s: GLib opens tel: with %s, want %s", step.name, id, step.tel)
		}
		if h.text(h.ownEntryAt) != "" {
			t.Errorf("%s: there is a second entry", step.name)
		}
	}
	with := Program{Path: h.program, Args: []string{"--profile", "/work"}}
	if err := with.Register(); err != nil || h.text(h.ownEntryAt) == "" {
		t.Errorf("the package's entry does not start the profile: %v", err)
	}
}

// TestALinkedListStaysOne: users keep such files elsewhere, and permissions are theirs.
func TestALinkedListStaysOne(t *testing.T) {
	h := newHome(t)
	real := h.dir + "/dotfiles/mimeapps"
	h.write(real, "[Default Applications]\n")
	if err := errors.Join(os.Chmod(real, 0o640), os.MkdirAll(h.config, 0o755),
		os.Symlink(real, h.mimeapps)); err != nil {
		t.Fatal(err)
	}
	if err := (Program{Path: h.program}).Register(); err != nil {
		t.Fatal(err)
	}
	link, err := os.Lstat(h.mimeapps)
	if err != nil || link.Mode()&os.ModeSymlink == 0 {
		t.Errorf("%v, %v", link.Mode(), err)
	}
	if info, err := os.Stat(real); err != nil || info.Mode().Perm() != 0o640 ||
		!strings.Contains(h.text(real), ownEntry) {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

// TestWhatCannotBeWrittenIsTold: nothing is half done.
func TestWhatCannotBeWrittenIsTold(t *testing.T) {
	h := newHome(t)
	if err := (Program{Path: "/x\ny"}).Register(); err == nil {
		t.Error("a path of two lines was written")
	}
	if err := (Program{Path: h.dir + "/ca%lla"}).Register(); err == nil || !strings.Contains(err.Error(), "percent") {
		t.Errorf("a path with a percent sign: %v", err)
	}
	h.write(h.data+"/applications", "a file in the place of the folder")
	if err := (Program{Path: h.program}).Register(); err == nil || h.text(h.mimeapps) != "" {
		t.Errorf("%v, and the list has %q", err, h.text(h.mimeapps))
	}
}
