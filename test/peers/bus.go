package peers

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

// Bus is a session bus of the test's, without services but those that the test has on it.
type Bus struct {
	t       testing.TB
	address string
	Env     []string // for programs that are to find it
}

// StartBus starts a dbus-daemon.
func StartBus(t testing.TB) *Bus {
	t.Helper()
	Need(t, "dbus-daemon")
	dir, err := os.MkdirTemp("", "bus") // a socket's path may not be long
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	config := filepath.Join(dir, "session.conf")
	err = os.WriteFile(config, []byte(`<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd"><busconfig><type>session</type>
<listen>unix:path=`+dir+`/socket</listen><auth>EXTERNAL</auth><policy context="default">
<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>`), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	cmd := exec.Command("dbus-daemon", "--config-file="+config, "--nofork", "--print-address=3")
	cmd.ExtraFiles = []*os.File{w}
	Start(t, cmd)
	w.Close()
	if err := r.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	address, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatalf("dbus-daemon did not start: %v", err)
	}
	b := &Bus{t: t, address: strings.TrimSpace(address)}
	b.Env = []string{"DBUS_SESSION_BUS_ADDRESS=" + b.address}
	return b
}

// Connect connects to it, and takes a name there with an object.
func (b *Bus) Connect(name, path string, object any) *dbus.Conn {
	b.t.Helper()
	conn, err := dbus.Connect(b.address)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { _ = conn.Close() })
	if err := conn.Export(object, dbus.ObjectPath(path), name); err != nil {
		b.t.Fatal(err)
	}
	if _, err := conn.RequestName(name, dbus.NameFlagDoNotQueue); err != nil {
		b.t.Fatal(err)
	}
	return conn
}
