//go:build !windows

package instance

import (
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// home gives a test run-time and profile folders of its own.
func home(t *testing.T) (profile string) {
	t.Helper()
	session, err := os.MkdirTemp("", "c") // the test's own has its name, which is too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(session) })
	t.Setenv("XDG_RUNTIME_DIR", session)
	return t.TempDir()
}

// listening starts a Listener that notes what it takes.
func listening(t *testing.T, profile string, answer Answer) (taken chan Request) {
	t.Helper()
	taken = make(chan Request, 64)
	l, err := Listen(profile, slog.New(slog.DiscardHandler), func(r Request) Answer { taken <- r; return answer })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return taken
}

// TestS27HandedOverTextsArriveAsTheyAre: whatever a link holds, it is a text and nothing else. The precedent is
// S27 of the reliability goals: option injection and hostile links.
//
// Holds: handed-over
func TestS27HandedOverTextsArriveAsTheyAre(t *testing.T) {
	profile := home(t)
	taken := listening(t, profile, Answer{Shown: true})
	for _, text := range []string{
		"", "tel:+49-30-1234567", "sip:bob@example.com", "sips:bob@example.com", "callto://bob@example.com", "-config",
		"--config=/etc/passwd", "--", "-h",
		"tel:\x1b[2J", "tel:\u202e321", "a\nb", "a\x00b", `{"dial":"x"}`, `","token":"x`, "$(reboot)", "`reboot`",
		"; rm -rf /", "../../etc/passwd",
		"%n%s%x", "<script>", strings.Repeat("9", 4000), "sip:bob@h?Route=<sip:x>",
	} {
		a, err := HandOver(t.Context(), profile, Request{Dial: text, Token: "t_TIME1"})
		if err != nil || !a.Shown {
			t.Errorf("%q: %+v, %v", text, a, err)
			continue
		}
		if r := <-taken; r.Dial != text || r.Token != "t_TIME1" {
			t.Errorf("%q arrived as %q", text, r.Dial)
		}
	}
}

// TestHostileSecondStarts: what is no request is dropped within bounds, and the next one is served.
//
// Holds: handed-over
func TestHostileSecondStarts(t *testing.T) {
	for _, test := range []struct{ name, sent string }{
		{"no line end", "{\"dial\":\"x\"}"},
		{"no JSON", "hello\n"},
		{"a list", "[1,2]\n"},
		{"a number for a text", "{\"dial\":7}\n"},
		{"a line without end", strings.Repeat("x", 64<<10)},
		{"deep nesting", strings.Repeat("[", 8000) + "\n"},
		{"nothing", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			profile := home(t)
			taken := listening(t, profile, Answer{Shown: true})
			path, err := socket(profile)
			if err != nil {
				t.Fatal(err)
			}
			conn, err := net.Dial("unix", path)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = conn.Write([]byte(test.sent)) // it may be closed meanwhile
			_ = conn.Close()
			if a, err := HandOver(t.Context(), profile, Request{Dial: "good"}); err != nil || !a.Shown {
				t.Errorf("the next one: %+v, %v", a, err)
			}
			if r := <-taken; r.Dial != "good" {
				t.Errorf("took %+v", r)
			}
		})
	}
}

// TestWhoCanBeHandedOverTo: only one's own instance is, and what is wrong with it is told in bounded time.
//
// Holds: handed-over
func TestWhoCanBeHandedOverTo(t *testing.T) {
	for _, test := range []struct {
		name string
		run  func(t *testing.T, profile string)
	}{
		{"nobody", func(t *testing.T, profile string) {
			if _, err := HandOver(t.Context(), profile, Request{}); !errors.Is(err, ErrNobody) {
				t.Error(err)
			}
		}},
		{"one that was killed", func(t *testing.T, profile string) {
			path, err := socket(profile)
			if err != nil {
				t.Fatal(err)
			}
			l, err := net.Listen("unix", path)
			if err != nil {
				t.Fatal(err)
			}
			l.(*net.UnixListener).SetUnlinkOnClose(false)
			_ = l.Close()
			if _, err := HandOver(t.Context(), profile, Request{}); !errors.Is(err, ErrNobody) {
				t.Error(err)
			}
			taken := listening(t, profile, Answer{Shown: true}) // in its place
			if _, err := HandOver(t.Context(), profile, Request{Dial: "1"}); err != nil || (<-taken).Dial != "1" {
				t.Error(err)
			}
		}},
		{"one that hangs", func(t *testing.T, profile string) {
			path, err := socket(profile)
			if err != nil {
				t.Fatal(err)
			}
			l, err := net.Listen("unix", path)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = l.Close() }()
			began := time.Now()
			_, err = HandOver(t.Context(), profile, Request{})
			if took := time.Since(began); !errors.Is(err, ErrNoAnswer) || took > answerTime+20*time.Second {
				t.Errorf("%v after %v", err, took)
			}
		}},
		{"one without a window", func(t *testing.T, profile string) {
			listening(t, profile, Answer{Why: "it has no window"})
			if a, err := HandOver(t.Context(), profile, Request{}); err != nil || a.Shown ||
				a.Why != "it has no window" {
				t.Errorf("%+v, %v", a, err)
			}
		}},
		{"another profile's", func(t *testing.T, profile string) {
			listening(t, profile, Answer{Shown: true})
			if _, err := HandOver(t.Context(), t.TempDir(), Request{}); !errors.Is(err, ErrNobody) {
				t.Error(err)
			}
		}},
		{"the same profile by another way", func(t *testing.T, profile string) {
			listening(t, profile, Answer{Shown: true})
			link := filepath.Join(t.TempDir(), "link")
			if err := os.Symlink(profile, link); err != nil {
				t.Fatal(err)
			}
			if _, err := HandOver(t.Context(), link, Request{}); err != nil {
				t.Error(err)
			}
		}},
		{"another user's", func(t *testing.T, _ string) {
			if err := sameUser(os.Getuid()+1, nil); !errors.Is(err, ErrForeigner) {
				t.Error(err)
			}
			if err := sameUser(0, errors.New("no answer")); err == nil {
				t.Error("who cannot be asked is trusted")
			}
		}},
		{"a folder of another user's", func(t *testing.T, profile string) {
			if os.Getuid() != 0 {
				t.Skip("only root can give a folder away")
			}
			dir := filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), "calla")
			if err := errors.Join(os.Mkdir(dir, 0o700), os.Chown(dir, 12345, 12345)); err != nil {
				t.Fatal(err)
			}
			if _, err := HandOver(t.Context(), profile, Request{}); !errors.Is(err, ErrForeigner) {
				t.Error(err)
			}
			if _, err := Listen(profile, slog.New(slog.DiscardHandler), nil); !errors.Is(err, ErrForeigner) {
				t.Error(err)
			}
		}},
		{"a link in the place of the folder", func(t *testing.T, profile string) {
			if err := os.Symlink(t.TempDir(), filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), "calla")); err != nil {
				t.Fatal(err)
			}
			if _, err := HandOver(t.Context(), profile, Request{}); err == nil || errors.Is(err, ErrNobody) {
				t.Error(err)
			}
		}},
		{"without a run-time folder", func(t *testing.T, profile string) {
			t.Setenv("XDG_RUNTIME_DIR", "")
			t.Setenv("TMPDIR", t.TempDir())
			listening(t, profile, Answer{Shown: true})
			if _, err := HandOver(t.Context(), profile, Request{}); err != nil {
				t.Error(err)
			}
		}},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, home(t)) })
	}
}

// TestOnlyTheUserCanReachTheSocket: folder and socket are closed to all others, whatever they were before.
func TestOnlyTheUserCanReachTheSocket(t *testing.T) {
	profile := home(t)
	dir := filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), "calla")
	if err := errors.Join(os.Mkdir(dir, 0o700), os.Chmod(dir, 0o777)); err != nil {
		t.Fatal(err)
	}
	listening(t, profile, Answer{})
	path, err := socket(profile)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]os.FileMode{dir: 0o700, path: 0o600} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
}

// TestManySecondStartsAtOnce: a flood is served a few at a time, and none is left waiting for ever.
func TestManySecondStartsAtOnce(t *testing.T) {
	profile := home(t)
	listening(t, profile, Answer{Shown: true})
	done := make(chan error, 40)
	var shown atomic.Int32
	for range cap(done) {
		go func() {
			a, err := HandOver(t.Context(), profile, Request{Dial: "1"})
			if err == nil && a.Shown {
				shown.Add(1)
			}
			done <- err
		}()
	}
	for range cap(done) {
		<-done
	}
	if shown.Load() == 0 {
		t.Error("none was shown")
	}
}
