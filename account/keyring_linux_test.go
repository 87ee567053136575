package account

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"calla/netsip/config"

	"github.com/godbus/dbus/v5"
	"github.com/zalando/go-keyring"
)

const (
	secretsName       = "org.freedesktop.secrets"
	defaultCollection = dbus.ObjectPath("/org/freedesktop/secrets/aliases/default")
)

// TestRealKeyring runs TestInKeyringSession in a D-Bus session of its own with gnome-keyring in it.
func TestRealKeyring(t *testing.T) {
	for _, program := range []string{"dbus-run-session", "gnome-keyring-daemon"} {
		if _, err := exec.LookPath(program); err != nil {
			if os.Getenv("CALLA_E2E") == "1" {
				t.Fatalf("%s is not installed", program)
			}
			t.Skipf("%s is not installed", program)
		}
	}
	home := t.TempDir()
	session := exec.CommandContext(t.Context(), "dbus-run-session", "--", "sh", "-c",
		`printf x | gnome-keyring-daemon --unlock --components=secrets >/dev/null && `+
			`exec "$0" -test.v -test.run '^TestInKeyringSession$'`,
		os.Args[0])
	session.Env = append(os.Environ(), "CALLA_KEYRING_SESSION=1", "HOME="+home, "XDG_DATA_HOME="+home,
		"XDG_RUNTIME_DIR="+home, "XDG_CONFIG_HOME="+home)
	out, err := session.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestInKeyringSession") {
		t.Errorf("%v\n%s", err, out)
	}
}

// askedUntil asks a keyring for the secret of account a until it says why there is none: on a busy computer the answer
// of the session's bus to that may come too late, and then it is as one that is stuck.
func askedUntil(t *testing.T, k *Keyring, why error) {
	t.Helper()
	for began := time.Now(); ; {
		_, err := k.Get(t.Context(), "a")
		if errors.Is(err, why) {
			return
		}
		if !errors.Is(err, ErrKeyringStuck) || time.Since(began) > 20*time.Second {
			t.Errorf("got %v, want %v", err, why)
			return
		}
	}
}

// TestInKeyringSession is the inside of TestRealKeyring: its keyring is stopped and locked.
func TestInKeyringSession(t *testing.T) {
	if os.Getenv("CALLA_KEYRING_SESSION") == "" {
		t.Skip("runs within TestRealKeyring")
	}
	bus, err := dbus.SessionBus()
	if err != nil {
		t.Fatal(err)
	}
	k := &Keyring{Deadline: 30 * time.Second}
	t.Run("unlocked", func(t *testing.T) {
		keepsSecrets(t, k)
		long := Secret{}.With("password", config.Secret(strings.Repeat("ñ", 1200)))
		if err := k.Set(t.Context(), "a", long); err != nil {
			t.Fatal(err)
		}
		if got, err := k.Get(t.Context(), "a"); err != nil || got.Of("password") != long.Of("password") {
			t.Errorf("2.4 kB: %v", err)
		}
		tooLong := Secret{}.With("password", config.Secret(strings.Repeat("x", 4096)))
		if err := k.Set(t.Context(), "a", tooLong); !errors.Is(err, ErrTooLarge) {
			t.Errorf("4 KiB: %v", err)
		}
	})
	t.Run("deleted behind our back", func(t *testing.T) {
		if err := keyring.Delete(KeyringService, "a"); err != nil {
			t.Fatal(err)
		}
		if _, err := k.Get(t.Context(), "a"); !errors.Is(err, ErrNoSecret) {
			t.Errorf("got %v", err)
		}
		if err := k.Set(t.Context(), "a", Secret{}.With("password", "p")); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("stuck", func(t *testing.T) {
		var pid uint32
		if err := bus.BusObject().Call("org.freedesktop.DBus.GetConnectionUnixProcessID", 0,
			secretsName).Store(&pid); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Kill(int(pid), syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		short := &Keyring{Deadline: 200 * time.Millisecond}
		start := time.Now()
		_, err := short.Get(t.Context(), "a")
		if took := time.Since(start); !errors.Is(err, ErrKeyringStuck) || took > 20*time.Second {
			t.Errorf("got %v after %v", err, took)
		}
		if err := syscall.Kill(int(pid), syscall.SIGCONT); err != nil {
			t.Fatal(err)
		}
		short.Deadline = 30 * time.Second
		if got, err := short.Get(t.Context(), "a"); err != nil || got.Of("password") != "p" {
			t.Errorf("awake again: %v", err)
		}
	})
	t.Run("locked", func(t *testing.T) {
		var locked []dbus.ObjectPath
		var prompt dbus.ObjectPath
		err := bus.Object(secretsName, "/org/freedesktop/secrets").
			Call("org.freedesktop.Secret.Service.Lock", 0, []dbus.ObjectPath{defaultCollection}).Store(&locked, &prompt)
		if err != nil {
			t.Fatal(err)
		}
		askedUntil(t, &Keyring{Deadline: 2 * time.Second}, ErrKeyringLocked)
	})
}

func TestNoBusMeansNoKeyring(t *testing.T) {
	if os.Getenv("CALLA_NO_BUS") == "" {
		child := exec.CommandContext(t.Context(), os.Args[0], "-test.v", "-test.run", "^TestNoBusMeansNoKeyring$")
		child.Env = append(os.Environ(), "CALLA_NO_BUS=1", "DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent/bus",
			"XDG_RUNTIME_DIR=/nonexistent")
		if out, err := child.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	start := time.Now()
	askedUntil(t, new(Keyring), ErrKeyringAbsent)
	t.Logf("told after %v", time.Since(start))
}
