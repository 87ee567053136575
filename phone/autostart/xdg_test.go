//go:build !windows && !darwin

package autostart

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"calla/phone/xdg"
)

// home is a user's home in a folder of the test's, with a program that writes down what it was called with.
func home(t *testing.T, program string) (dir, path string) {
	t.Helper()
	dir = t.TempDir()
	t.Setenv("HOME", dir)
	t.Setenv("XDG_CONFIG_HOME", dir+"/config")
	path = filepath.Join(dir, program)
	write(t, path, "#!/bin/sh\nprintf '%s\\n' \"$@\" >'"+dir+"/got'\n")
	return dir, path
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o755)); err != nil {
		t.Fatal(err)
	}
}

// logIn starts what a desktop starts at log-in, with GLib as most do, and returns what the program was called with.
func logIn(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(dir + "/config/autostart/*.desktop")
	if err != nil || len(files) != 1 {
		t.Fatalf("%q, %v", files, err)
	}
	_ = os.Remove(dir + "/got")
	if gio, err := exec.LookPath("gio"); err == nil {
		if out, err := exec.Command(gio, "launch", files[0]).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	} else {
		t.Skip("gio is not installed")
	}
	var got []byte
	for range 6000 {
		if got, err = os.ReadFile(dir + "/got"); err == nil && len(got) > 0 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	return strings.Split(strings.TrimSuffix(string(got), "\n"), "\n")
}

// TestCallaStartsAtLogInAndNoLonger: whatever is in its path and in the name of the profile, the desktop starts it with
// exactly that, hidden or not, and nothing is left behind afterwards.
func TestCallaStartsAtLogInAndNoLonger(t *testing.T) {
	for _, c := range []struct {
		name, path string
		args       []string
		hidden     bool
	}{
		{"as it is", "bin/calla", nil, false},
		{"hidden", "bin/calla", nil, true},
		{"a profile", "bin/calla", []string{"--profile=work"}, true},
		{"blanks and quotation marks", `my "bin" 'x'/calla`, []string{`--profile=it's "mine"`}, true},
		{"dollars and backticks", "a$HOME`id`/calla", []string{"--profile=$(id);`id`&"}, true},
		{"backslashes", `back\slash\\twice/calla`, []string{`--profile=C:\new\table`}, true},
		{"percent in a profile", "bin/calla", []string{"--profile=100%u%%f"}, true},
		{"letters of others", "büro/電話/calla", []string{"--profile=Büro 電話"}, true},
		{"a leading blank", "bin/calla", []string{" --profile= x "}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir, path := home(t, c.path)
			p := Program{Path: path, Args: c.args}
			on := Status{On: true, Hidden: c.hidden}
			if s, err := p.Status(); s != (Status{}) || err != nil {
				t.Errorf("before: %+v, %v", s, err)
			}
			if err := p.Set(on); err != nil {
				t.Fatal(err)
			}
			if s, err := p.Status(); s != on || err != nil {
				t.Errorf("%+v, %v", s, err)
			}
			want := slices.Clone(c.args)
			if c.hidden {
				want = append(want, "--hidden")
			}
			if want == nil {
				want = []string{""}
			}
			if got := logIn(t, dir); !slices.Equal(got, want) {
				t.Errorf("was called with %q, want %q", got, want)
			}
			on.Hidden = !on.Hidden
			if err := errors.Join(p.Set(on), p.Set(on)); err != nil {
				t.Error(err)
			}
			if err := errors.Join(p.Set(Status{}), p.Set(Status{})); err != nil {
				t.Error(err)
			}
			if left, _ := os.ReadDir(dir + "/config/autostart"); len(left) != 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// TestWhatOthersWroteStays: a file in our place that is not Calla's is neither changed nor deleted, and is named.
func TestWhatOthersWroteStays(t *testing.T) {
	for _, c := range []struct{ name, text string }{
		{"another program's", "[Desktop Entry]\nType=Application\nName=Other\nExec=other\n"},
		{"nothing in it", ""},
		{"junk", "\x00\xff[[["},
		{"the mark in another group", "[Desktop Entry]\nExec=x\n[Other]\nX-Calla-Autostart=true\n"},
		{"the mark as a comment", "[Desktop Entry]\n#X-Calla-Autostart=true\nExec=x\n"},
		{"too large", "[Desktop Entry]\nX-Calla-Autostart=true\n" + strings.Repeat("#\n", 1<<20)},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir, path := home(t, "calla")
			file := dir + "/config/autostart/app.calla.Calla.desktop"
			write(t, file, c.text)
			p := Program{Path: path}
			for _, s := range []Status{{On: true}, {}} {
				if err := p.Set(s); err == nil || !strings.Contains(err.Error(), file) {
					t.Errorf("%+v: %v", s, err)
				}
			}
			if s, _ := p.Status(); s.On {
				t.Error("is said to be on")
			}
			if text, err := os.ReadFile(file); err != nil || string(text) != c.text {
				t.Errorf("became %q, %v", text, err)
			}
		})
	}
	t.Run("a link to the package's entry", func(t *testing.T) {
		dir, path := home(t, "calla")
		theirs := dir + "/usr/app.calla.Calla.desktop"
		write(t, theirs, "[Desktop Entry]\nExec=calla\n")
		file := dir + "/config/autostart/app.calla.Calla.desktop"
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.Symlink(theirs, file)); err != nil {
			t.Fatal(err)
		}
		var foreign *ForeignError
		if err := (Program{Path: path}).Set(Status{}); !errors.As(err, &foreign) || foreign.Place != file {
			t.Errorf("%v", err)
		}
		if _, err := os.Lstat(file); err != nil {
			t.Error(err)
		}
	})
}

// TestTheDesktopsOwnSwitchCounts: what the user switched off there is off, and can be switched on here.
func TestTheDesktopsOwnSwitchCounts(t *testing.T) {
	for _, c := range []struct{ name, line string }{
		{"hidden", "Hidden=true"},
		{"GNOME", "X-GNOME-Autostart-enabled=false"},
		{"another copy", "Exec=/old/calla"},
		{"another command", "Exec=calla --profile=x"},
		{"no command", "Exec="},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir, path := home(t, "calla")
			p := Program{Path: path}
			if err := p.Set(Status{On: true}); err != nil {
				t.Fatal(err)
			}
			file := dir + "/config/autostart/app.calla.Calla.desktop"
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			write(t, file, string(text)+c.line+"\n")
			if s, err := p.Status(); s.On || err != nil {
				t.Errorf("%+v, %v", s, err)
			}
			if err := p.Set(Status{On: true}); err != nil {
				t.Error(err)
			}
			if s, err := p.Status(); !s.On || err != nil {
				t.Errorf("%+v, %v", s, err)
			}
		})
	}
}

// TestProfilesStartEachForItself: one profile's start is not another's.
func TestProfilesStartEachForItself(t *testing.T) {
	_, path := home(t, "calla")
	first, second := Program{Path: path}, Program{Path: path, Args: []string{"--profile=second"}}
	if err := errors.Join(first.Set(Status{On: true}), second.Set(Status{On: true}), first.Set(Status{})); err != nil {
		t.Fatal(err)
	}
	if s, err := first.Status(); s.On || err != nil {
		t.Errorf("%+v, %v", s, err)
	}
	if s, err := second.Status(); !s.On || err != nil {
		t.Errorf("%+v, %v", s, err)
	}
}

// TestWhatCannotBeStartedIsRefused: with nothing written.
func TestWhatCannotBeStartedIsRefused(t *testing.T) {
	for _, c := range []struct {
		name string
		p    Program
	}{
		{"no path", Program{}},
		{"a relative path", Program{Path: "calla"}},
		{"a line end", Program{Path: "/a\nExec=evil"}},
		{"a line end in an argument", Program{Path: "/a", Args: []string{"--profile=x\nExec=evil"}}},
		{"a percent sign", Program{Path: "/100%/calla"}},
		{"an equals sign", Program{Path: "/a=b/calla"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir, _ := home(t, "calla")
			if err := c.p.Set(Status{On: true}); err == nil {
				t.Error("is said to be on")
			}
			if _, err := os.Stat(dir + "/config"); err == nil {
				t.Error("something was written")
			}
		})
	}
	t.Run("a folder that cannot be made", func(t *testing.T) {
		dir, path := home(t, "calla")
		write(t, dir+"/config", "a file")
		err := (Program{Path: path}).Set(Status{On: true})
		if err == nil || !strings.Contains(err.Error(), dir+"/config") {
			t.Errorf("%v", err)
		}
	})
}

// TestTheEntryIsOne: by the specification's own checks, where they are installed.
func TestTheEntryIsOne(t *testing.T) {
	dir, path := home(t, "calla")
	if err := (Program{Path: path}).Set(Status{On: true, Hidden: true}); err != nil {
		t.Fatal(err)
	}
	text, err := xdg.Read(dir + "/config/autostart/app.calla.Calla.desktop")
	if err != nil || text.Get(xdg.Entry, "Type") != "Application" || text.Get(xdg.Entry, "TryExec") != path {
		t.Errorf("%q, %v", text, err)
	}
	check, err := exec.LookPath("desktop-file-validate")
	if err != nil {
		t.Skip("desktop-file-validate is not installed")
	}
	if out, err := exec.Command(check, dir+"/config/autostart/app.calla.Calla.desktop").CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}
