//go:build !windows

package account

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"calla/netsip/config"
)

// within fails a test that waits where nothing may wait. What only takes its time, on a slow disk, does not.
func within(t *testing.T, what string, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Fatalf("%s waits", what)
	}
}

// TestWhatIsNoFileIsToldAndLeft: in the place of the account file there may be anything, and nothing of it is waited
// for.
//
// Holds: account-file
func TestWhatIsNoFileIsToldAndLeft(t *testing.T) {
	device := func(path string) error { return syscall.Mknod(path, syscall.S_IFCHR|0o600, 1<<8|3) }
	link := func(to string) func(string) error { return func(path string) error { return os.Symlink(to, path) } }
	for _, test := range []struct {
		name string
		make func(path string) error
		told string
	}{
		{
			"a FIFO", func(path string) error { return syscall.Mkfifo(path, 0o600) },
			"accounts.json is a pipe, not a file",
		},
		{"a folder", func(path string) error { return os.Mkdir(path, 0o700) }, "accounts.json is a folder, not a file"},
		{"a folder with something in it", func(path string) error {
			return os.MkdirAll(filepath.Join(path, "x"),
				0o700)
		}, "accounts.json is a folder, not a file"},
		{"a device", device, "accounts.json is a device, not a file"},
		{"a socket", func(path string) error {
			l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
			if err == nil {
				l.SetUnlinkOnClose(false)
				err = l.Close()
			}
			return err
		}, "accounts.json is a socket, not a file"},
		{"a link to itself", link("accounts.json"), "accounts.json is a link that leads round in a circle"},
		{"a link to nothing", link("elsewhere.json"), "accounts.json is a link that leads nowhere"},
		{"a link to a device", link("/dev/zero"), "accounts.json is a link that leads out of its folder"},
		{"a link to a FIFO", func(path string) error {
			return errors.Join(syscall.Mkfifo(path+".pipe", 0o600), os.Symlink("accounts.json.pipe", path))
		}, "accounts.json is a pipe, not a file"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir, err := os.MkdirTemp("", "calla") // a socket's path has to be short
			if err != nil {
				t.Fatal(err)
			}
			defer os.RemoveAll(dir)
			path := filepath.Join(dir, "accounts.json")
			if err := test.make(path); err != nil {
				t.Skipf("cannot be made here: %v", err)
			}
			within(t, "reading", func() {
				if _, found := Read(dir); !strings.Contains(found.Damaged, test.told) {
					t.Errorf("looked at: %q", found.Damaged)
				}
				s, found := open(t, dir)
				if !strings.Contains(found.Damaged, test.told) || !found.CanStartEmpty || found.MovedTo != "" {
					t.Errorf("%+v", found)
				}
				moved, err := s.StartEmpty()
				if _, gone := os.Lstat(filepath.Join(dir, moved)); err != nil || gone != nil {
					t.Errorf("start empty: %q, %v, %v", moved, err, gone)
				}
				save(t, s, sample(t, 1, "x"))
				if s, found = reopen(t, s); len(s.Accounts()) != 1 || found.Damaged != "" {
					t.Errorf("afterwards: %+v", found)
				}
				_ = s.Close()
			})
		})
	}
	for name, place := range map[string]string{
		"settings": "settings.json", "passwords": "secrets.json",
		"a backup": "accounts.json.1",
	} {
		t.Run("a FIFO for "+name, func(t *testing.T) {
			dir := t.TempDir()
			if err := syscall.Mkfifo(filepath.Join(dir, place), 0o600); err != nil {
				t.Fatal(err)
			}
			within(t, "reading", func() {
				s, _ := open(t, dir)
				save(t, s, sample(t, 1, "x"))
				if err := s.SaveSettings(DefaultSettings()); err != nil {
					t.Error(err)
				}
				if err := NewSecretsFile(dir).Set(t.Context(), "a", sampleSecret()); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// readAsNobody opens a profile as somebody who may not read its files, and prints what was found.
func readAsNobody(dir string) {
	s, found, err := Open(dir)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d accounts, %q, read only %q, moved to %q, can start empty %t\n", len(s.Accounts()), found.Damaged,
		found.ReadOnly, found.MovedTo, found.CanStartEmpty)
	if err := s.Save(nil); !errors.Is(err, ErrReadOnly) {
		fmt.Println("saved:", err)
	}
}

// TestFileThatMayNotBeReadIsLeftAlone: the permissions are wrong, not the content.
//
// Holds: account-file
func TestFileThatMayNotBeReadIsLeftAlone(t *testing.T) {
	const nobody = 65534
	for _, test := range []struct {
		name   string
		backup bool
		told   string
	}{
		{"without a backup", false, `0 accounts, "accounts.json cannot be read: this user may not"`},
		{"with a backup", true, `1 accounts, "accounts.json cannot be read: this user may not"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir, err := os.MkdirTemp("", "calla")
			if err != nil {
				t.Fatal(err)
			}
			defer os.RemoveAll(dir)
			s, _ := open(t, dir)
			save(t, s, sample(t, 1, "x"))
			if test.backup {
				save(t, s, sample(t, 2, "x"))
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			program := filepath.Join(dir, "program")
			write(t, program, read(t, os.Args[0]))
			child := exec.Command(program)
			child.Env = append(os.Environ(), "CALLA_READ_AS_NOBODY="+dir)
			if os.Getuid() == 0 {
				child.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
				for _, path := range []string{
					dir, program, filepath.Join(dir, "lock"),
					filepath.Join(dir, "accounts.json"), filepath.Join(dir, "accounts.json.1"),
				} {
					if err := os.Chown(path, nobody, nobody); err != nil && !errors.Is(err, os.ErrNotExist) {
						t.Fatal(err)
					}
				}
			}
			if err := errors.Join(os.Chmod(program, 0o700),
				os.Chmod(filepath.Join(dir, "accounts.json"), 0)); err != nil {
				t.Fatal(err)
			}
			out, err := child.CombinedOutput()
			if err != nil && os.Getuid() == 0 && errors.Is(err, os.ErrPermission) {
				t.Skipf("the other user cannot run the test: %v", err)
			}
			if !strings.Contains(string(out), test.told) ||
				!strings.Contains(string(out), `moved to "", can start empty true`) ||
				strings.Contains(string(out), "saved") {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
}

// TestSaveThatWasKilledIsSettled: a program that was killed between the new file and the turn of the backups.
//
// Holds: account-file
func TestSaveThatWasKilledIsSettled(t *testing.T) {
	for _, test := range []struct {
		name string
		do   func(t *testing.T, path string)
		want []int // accounts in the file and its backups, -1 for none
	}{
		{
			"before the new file was there", func(t *testing.T, path string) { write(t, path+".0", read(t, path)) },
			[]int{3, 2, 1, -1},
		},
		{"after it was there", func(t *testing.T, path string) {
			if err := errors.Join(os.Rename(path+".1", path+".0"), os.Rename(path+".2", path+".1")); err != nil {
				t.Fatal(err)
			}
		}, []int{3, 2, 1, -1}},
		{
			"with a damaged second name", func(t *testing.T, path string) { write(t, path+".0", []byte("{half")) },
			[]int{3, 2, 1, -1},
		},
		{"with an empty second name", func(t *testing.T, path string) { write(t, path+".0", nil) }, []int{3, 2, 1, -1}},
		{"while the new file was damaged", func(t *testing.T, path string) {
			write(t, path+".0", read(t, path))
			write(t, path, []byte("{half"))
		}, []int{3, 3, 2, 1}},
		{"while the new file was taken away", func(t *testing.T, path string) {
			if err := os.Rename(path, path+".0"); err != nil {
				t.Fatal(err)
			}
		}, []int{3, 3, 2, 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, _ := open(t, t.TempDir())
			path := s.file.path()
			for n := 1; n <= 3; n++ {
				save(t, s, sample(t, n, "x"))
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			test.do(t, path)
			s, _ = open(t, s.file.dir)
			var got []int
			for _, name := range []string{path, path + ".1", path + ".2", path + ".3"} {
				n := -1
				if c, err := readWhole(name, checkAccounts); err == nil {
					accounts, _, _, _ := readAccounts(c.document, nil)
					n = len(accounts)
				}
				got = append(got, n)
			}
			if _, err := os.Lstat(path + ".0"); err == nil || !slices.Equal(got, test.want) {
				t.Errorf("%v, want %v; %v", got, test.want, names(t, s.file.dir))
			}
		})
	}
}

// keepForEver moves a secret to and fro until it is killed: into the file, where other accounts keep theirs, and into a
// keyring that is only in memory.
func keepForEver(dir string) {
	s, _, err := Open(dir)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	k := NewKeeper(new(Session), new(Session), NewSecretsFile(dir))
	accounts := []Account{
		{ID: "chose-file", Config: config.Config{URI: "sip:a@b", Password: "may stand there"}},
		{ID: "chose-keyring", Config: config.Config{URI: "sip:c@d", Password: "geheim"}},
	}
	fmt.Println("ready")
	for n := range 100_000 {
		for i := range accounts {
			place := SecretFile
			if i == 1 && n%2 == 1 {
				place = SecretKeyring
			}
			before := accounts[i]
			before.Config.Password = config.Secret(string(before.Config.Password.Reveal()[:6]) + strings.Repeat("x",
				n%2000))
			after, err := k.Put(context.Background(), before, place)
			if err != nil {
				fmt.Println(err)
				os.Exit(1)
			}
			accounts[i] = after
			if err := errors.Join(s.Save(accounts), k.Leave(context.Background(), before, place)); err != nil {
				fmt.Println(err)
				os.Exit(1)
			}
		}
	}
}

// TestKilledWhileKeepingPasswords: whenever the program dies, no temporary file with a password outlives the next
// start, the file of passwords is whole, and it has the passwords of those accounts alone that keep theirs there.
//
// Holds: no-clear-text
func TestKilledWhileKeepingPasswords(t *testing.T) {
	runs := 60
	if testing.Short() {
		runs = 10
	}
	dir := t.TempDir()
	for range runs {
		killChild(t, "CALLA_KEEP_FOR_EVER="+dir)
		s, found, err := Open(dir)
		if err != nil || found.Damaged != "" {
			t.Fatalf("%+v, %v", found, err)
		}
		if n := strays(t, dir); n != 0 {
			t.Fatalf("%d temporary files: %v", n, names(t, dir))
		}
		all, err := NewSecretsFile(dir).read()
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range s.Accounts() {
			if _, kept := all[a.ID]; kept != (a.SecretPlace == SecretFile) {
				t.Fatalf("%s at %s, in the file: %t", a.ID, a.SecretPlace, kept)
			}
		}
		for _, name := range names(t, dir) {
			if name != "secrets.json" && bytes.Contains(read(t, filepath.Join(dir, name)), []byte("geheim")) {
				t.Fatalf("%s holds a password", name)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
