//go:build !windows && !darwin

package desktop

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"calla/phone"
)

// patience is how long a test waits for what must come.
const patience = 20 * time.Second

// until waits for a condition.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for began := time.Now(); !is(); time.Sleep(2 * time.Millisecond) {
		if time.Since(began) > patience {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// ownBus starts a session bus of the test's, without services, and makes it the program's.
func ownBus(t *testing.T) {
	t.Helper()
	busOf(t, `<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>`)
}

// deafBus starts one that lets everybody in and answers nobody.
func deafBus(t *testing.T) {
	t.Helper()
	busOf(t, `<allow own="*"/>`)
}

func busOf(t *testing.T, policy string) {
	t.Helper()
	daemon, err := exec.LookPath("dbus-daemon")
	if err != nil {
		t.Skip("dbus-daemon is not installed")
	}
	dir, err := os.MkdirTemp("", "bus")
	if err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(dir, "session.conf")
	err = os.WriteFile(config, []byte(`<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd"><busconfig><type>session</type>
<listen>unix:path=`+dir+`/socket</listen><auth>EXTERNAL</auth><policy context="default">
`+policy+`</policy></busconfig>`), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(daemon, "--config-file="+config, "--nofork", "--print-address=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		_ = os.RemoveAll(dir)
	})
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", strings.TrimSpace(address))
}

func connected(t *testing.T, options ...dbus.ConnOption) *dbus.Conn {
	t.Helper()
	conn, err := dbus.ConnectSessionBus(options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// card is a notification as a server shows it.
type card struct {
	number, replaces uint32
	app, title, body string
	actions          []string
	urgency          byte
	expires          int32
}

// fakeServer is a server of notifications.
type fakeServer struct {
	t    *testing.T
	conn *dbus.Conn
	able []string
	hang chan struct{} // not nil: no call is answered before it is closed

	mu     sync.Mutex
	last   uint32
	all    []card          // every Notify, in order
	open   map[uint32]card // shown now
	closed []uint32        // CloseNotification, in order
	asked  int             // calls of any kind, answered or not
}

// startServer starts a server that can do these things, in the place of one whose connection is closed.
func startServer(t *testing.T, hang chan struct{}, able ...string) *fakeServer {
	t.Helper()
	s := &fakeServer{t: t, able: able, hang: hang, open: map[uint32]card{}}
	s.conn = connected(t, dbus.WithIncomingInterceptor(func(msg *dbus.Message) {
		if name, _ := msg.Headers[dbus.FieldMember].Value().(string); name == "Notify" {
			msg.Flags |= dbus.FlagNoReplyExpected // by the library: Notify answers itself
		}
	}))
	if err := s.conn.Export(s, serverPath, serverName); err != nil {
		t.Fatal(err)
	}
	until(t, "the name of the server", func() bool {
		reply, err := s.conn.RequestName(serverName, dbus.NameFlagDoNotQueue)
		if err != nil {
			t.Fatal(err)
		}
		return reply == dbus.RequestNameReplyPrimaryOwner
	})
	return s
}

func (s *fakeServer) wait() {
	s.mu.Lock()
	s.asked++
	s.mu.Unlock()
	if s.hang != nil {
		<-s.hang
	}
}

// GetCapabilities is of the specification, as Notify and CloseNotification are.
func (s *fakeServer) GetCapabilities() ([]string, *dbus.Error) {
	s.wait()
	return s.able, nil
}

// Notify shows or replaces one. Nobody sees it, and nobody can press it, before the answer with its number is sent.
func (s *fakeServer) Notify(msg dbus.Message, app string, replaces uint32, _, title, body string, actions []string,
	hints map[string]dbus.Variant, expires int32,
) (uint32, *dbus.Error) {
	s.wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	urgency, _ := hints["urgency"].Value().(byte)
	c := card{
		app: app, replaces: replaces, title: title, body: body, actions: actions, urgency: urgency, expires: expires,
	}
	if c.number = replaces; replaces == 0 {
		s.last++
		c.number = s.last
	}
	s.all = append(s.all, c)
	s.open[c.number] = c
	s.conn.Send(&dbus.Message{Type: dbus.TypeMethodReply, Headers: map[dbus.HeaderField]dbus.Variant{
		dbus.FieldDestination: msg.Headers[dbus.FieldSender], dbus.FieldReplySerial: dbus.MakeVariant(msg.Serial()),
		dbus.FieldSignature: dbus.MakeVariant(dbus.SignatureOf(c.number)),
	}, Body: []any{c.number}}, nil)
	return c.number, nil
}

// CloseNotification takes one away.
func (s *fakeServer) CloseNotification(number uint32) *dbus.Error {
	s.mu.Lock()
	_, is := s.open[number]
	delete(s.open, number)
	s.closed = append(s.closed, number)
	s.mu.Unlock()
	if is { // which fails where the test, and the server with it, is over
		_ = s.conn.Emit(serverPath, serverName+".NotificationClosed", number, uint32(3))
	}
	return nil
}

func (s *fakeServer) emit(from *dbus.Conn, signal string, args ...any) {
	if err := from.Emit(serverPath, serverName+"."+signal, args...); err != nil {
		s.t.Error(err)
	}
}

// press presses a button of a notification, as the user does, and the notification closes.
func (s *fakeServer) press(number uint32, key string) {
	s.emit(s.conn, "ActivationToken", number, "token-1_TIME7")
	s.emit(s.conn, "ActionInvoked", number, key)
	s.mu.Lock()
	delete(s.open, number)
	s.mu.Unlock()
	s.emit(s.conn, "NotificationClosed", number, uint32(2))
}

// shown returns what is shown now, the oldest first.
func (s *fakeServer) shown() []card {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []card
	for n := range s.last + 1 {
		if c, is := s.open[n]; is {
			all = append(all, c)
		}
	}
	return all
}

func (s *fakeServer) count(of func(*fakeServer) int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return of(s)
}

// waitFor waits until exactly so many are shown.
func (s *fakeServer) waitFor(n int) []card {
	s.t.Helper()
	until(s.t, "notifications", func() bool { return len(s.shown()) == n })
	return s.shown()
}

// presses are what was pressed, as Notices told it.
type presses struct {
	mu  sync.Mutex
	all []Press
}

func (p *presses) add(press Press) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.all = append(p.all, press)
}

func (p *presses) list() []Press {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]Press(nil), p.all...)
}

// opened are notices on the test's bus. They wait for a server for as long as a test does.
func opened(t *testing.T) (*Notices, *presses) {
	t.Helper()
	return openedWith(t, Options{end: patience, tells: patience})
}

func openedWith(t *testing.T, o Options) (*Notices, *presses) {
	t.Helper()
	p := &presses{}
	o.Do = p.add
	n := NewNotices(o)
	t.Cleanup(n.Close)
	return n, p
}

// calling is a State with a call from bob that rings.
func calling(name string) phone.State {
	return phone.State{Accounts: make([]phone.AccountState, 1), Calls: []phone.CallState{{
		ID: "c1", AccountID: "a1", Account: "Work", Incoming: true, Phase: phone.PhaseIncoming, Name: name,
		Address: "sip:bob@example.com", URI: "sip:bob@example.com",
	}}}
}
