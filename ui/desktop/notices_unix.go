//go:build !windows && !darwin

package desktop

import (
	"cmp"
	"context"
	"errors"
	"html"
	"slices"
	"time"

	"github.com/godbus/dbus/v5"
)

// Notifications by freedesktop's Desktop Notifications Specification 1.3.
const (
	serverName  = "org.freedesktop.Notifications"
	serverPath  = "/org/freedesktop/Notifications"
	desktopFile = "app.calla.Calla" // of the package

	mostPending  = 8  // calls that the server has not answered; no more are made
	mostAttempts = 3  // that one notice is shown to servers which end over it
	mostKept     = 64 // signals that wait to be read
)

// abilities are what a server can do, by its capabilities.
type abilities struct{ actions, body, markup bool }

// shown is a notice that a server has, or is getting.
type shown struct {
	notice
	number  uint32 // the server's; 0 while it is not known
	pending bool   // the server has not answered
	refused bool   // or has not taken it
	token   string // the desktop's, for the press that follows
}

// bus is the session bus and the server of notifications on it, as they are now. It belongs to serve's goroutine.
//
// Answers and signals come by ways of their own, so that a new server may have answered before it is told that it runs.
// So nothing is shown before that is told, and each server is spoken to by its own name on the bus: what is meant for
// one that has ended is shown by no other.
type bus struct {
	*Notices
	conn    *dbus.Conn
	server  dbus.BusObject // by the name of owner; "" = by the one that any has, which may start one
	replies chan *dbus.Call
	signals chan *dbus.Signal
	owner   string     // unique name of the server, "" = it does not run
	able    *abilities // nil = not known yet
	asked   *dbus.Call // for that; nil = not asked
	late    <-chan time.Time
	absent  bool // there is none, and none can be started

	shown    map[string]*shown     // by notice ID
	calls    map[*dbus.Call]string // Notify, to the notice's ID; "" = of a server that has ended
	attempts map[string]int
	closed   map[string]bool // notices that the user or the desktop has done with
}

// serve shows notices until ctx ends. Before there is one, it asks nobody anything.
func (n *Notices) serve(ctx context.Context) {
	for len(*n.latest.Load()) == 0 {
		select {
		case <-ctx.Done():
			return
		case <-n.wake:
		}
	}
	alive, end := context.WithCancel(context.Background())
	defer end()
	defer context.AfterFunc(ctx, func() { // a bus that hangs keeps nobody
		time.AfterFunc(n.options.end, end)
	})()
	b, err := n.connect(alive)
	if err != nil {
		n.options.Log.Info("no notifications: calls are told by windows alone", "error", err)
		<-ctx.Done()
		return
	}
	defer func() { _ = b.conn.Close() }()
	b.run(ctx)
}

// connect finds the session bus. It starts none.
func (n *Notices) connect(ctx context.Context) (*bus, error) {
	conn, err := dbus.SessionBusPrivateNoAutoStartup(dbus.WithContext(ctx),
		dbus.WithSignalHandler(dbus.NewSequentialSignalHandler()))
	if err != nil {
		return nil, err
	}
	b := &bus{
		Notices: n, conn: conn,
		replies: make(chan *dbus.Call, mostPending+2), signals: make(chan *dbus.Signal, mostKept),
		shown: map[string]*shown{}, calls: map[*dbus.Call]string{}, attempts: map[string]int{},
		closed: map[string]bool{},
	}
	conn.Signal(b.signals)
	err = errors.Join(conn.Auth(nil), conn.Hello())
	if err == nil {
		err = errors.Join(
			conn.AddMatchSignalContext(ctx, dbus.WithMatchSender("org.freedesktop.DBus"),
				dbus.WithMatchInterface("org.freedesktop.DBus"), dbus.WithMatchMember("NameOwnerChanged"),
				dbus.WithMatchArg(0, serverName)),
			conn.AddMatchSignalContext(ctx, dbus.WithMatchSender(serverName), dbus.WithMatchInterface(serverName),
				dbus.WithMatchObjectPath(serverPath)),
		)
	}
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	// It fails where there is none yet.
	_ = conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.GetNameOwner", 0, serverName).Store(&b.owner)
	b.address()
	return b, nil
}

// address speaks to the server that runs.
func (b *bus) address() { b.server = b.conn.Object(cmp.Or(b.owner, serverName), serverPath) }

func (b *bus) run(ctx context.Context) {
	for {
		b.settle()
		select {
		case <-ctx.Done():
			b.withdraw()
			return
		case <-b.wake:
		case call := <-b.replies:
			b.reply(call)
		case <-b.late:
			if b.late = nil; b.owner != "" { // one that is being started tells when it runs
				b.able = &abilities{}
			}
		case sig, ok := <-b.signals:
			if !ok { // the bus has gone
				<-ctx.Done()
				return
			}
			b.catchUp()
			b.signal(sig)
		}
	}
}

// catchUp takes the replies that came before a signal: without them nobody knows what it is about.
func (b *bus) catchUp() {
	for {
		select {
		case call := <-b.replies:
			b.reply(call)
		default:
			return
		}
	}
}

// settle has the server show what is to be shown.
func (b *bus) settle() {
	wanted := *b.latest.Load()
	is := func(id string) bool {
		return slices.ContainsFunc(wanted, func(n notice) bool { return n.id == id })
	}
	for id, s := range b.shown {
		if !is(id) && !s.pending { // one on its way is taken back when the server has told its number
			b.close(s)
			delete(b.shown, id)
		}
	}
	for id := range b.closed {
		if !is(id) {
			delete(b.closed, id)
		}
	}
	for id := range b.attempts {
		if !is(id) {
			delete(b.attempts, id)
		}
	}
	if b.absent || len(wanted) == 0 || !b.knows() {
		return
	}
	for _, n := range wanted {
		b.show(n)
	}
}

// knows tells whether it is known what the server can do; otherwise it is asked.
func (b *bus) knows() bool {
	if b.able == nil && b.asked == nil {
		b.asked = b.server.Go(serverName+".GetCapabilities", 0, b.replies)
		b.late = time.After(b.options.tells)
	}
	return b.able != nil
}

// show has the server show a notice, in the place of what it shows of it.
func (b *bus) show(n notice) {
	s := b.shown[n.id]
	switch {
	case b.closed[n.id] && (s == nil || s.same(n)), s != nil && (s.pending || s.refused || s.same(n)),
		len(b.calls) >= mostPending, b.attempts[n.id] >= mostAttempts:
		return
	case s == nil:
		s = &shown{}
		b.shown[n.id] = s
	}
	s.notice, s.pending = n, true
	delete(b.closed, n.id)
	title, body := n.text()
	switch {
	case !b.able.body:
		body = ""
	case b.able.markup:
		body = html.EscapeString(body)
	}
	actions := []string{}
	if b.able.actions {
		for _, d := range n.deeds {
			actions = append(actions, string(d), d.label())
		}
	}
	hints := map[string]dbus.Variant{
		"desktop-entry": dbus.MakeVariant(desktopFile), "suppress-sound": dbus.MakeVariant(true),
		"category": dbus.MakeVariant("call.unanswered"), "urgency": dbus.MakeVariant(byte(1)),
	}
	expires := int32(-1)
	if n.ringing() { // until it ends, and then it leaves nothing behind
		hints["category"], hints["urgency"] = dbus.MakeVariant("call.incoming"), dbus.MakeVariant(byte(2))
		hints["transient"] = dbus.MakeVariant(true)
		expires = 0
	}
	b.calls[b.server.Go(serverName+".Notify", 0, b.replies, "Calla", s.number, desktopFile, title, body, actions, hints,
		expires)] = n.id
}

// close takes a notification back.
func (b *bus) close(s *shown) {
	if s.number != 0 {
		b.server.Go(serverName+".CloseNotification", dbus.FlagNoReplyExpected, nil, s.number)
	}
}

// withdraw takes all back, also what is on its way, as soon as the server has told its number.
func (b *bus) withdraw() {
	late := time.After(b.options.end / 2)
	for waits := true; waits && len(b.calls) > 0; {
		select {
		case call := <-b.replies:
			b.reply(call)
		case <-late:
			waits = false
		}
	}
	for _, s := range b.shown {
		b.close(s)
	}
}

// reply takes what the server answered.
func (b *bus) reply(call *dbus.Call) {
	if call == b.asked {
		b.told(call)
		return
	}
	id, is := b.calls[call]
	delete(b.calls, call)
	s := b.shown[id]
	if !is || s == nil || id == "" {
		return
	}
	s.pending = false
	var number uint32
	if err := call.Store(&number); err != nil {
		s.refused = true
		b.options.Log.Info("a notification was not shown", "error", err)
		return
	}
	s.number = number
}

// told takes the server's capabilities.
func (b *bus) told(call *dbus.Call) {
	b.asked, b.late = nil, nil
	var all []string
	err := call.Store(&all)
	if b.owner == "" { // nobody there, and nobody was started; or it is told next that there is one
		b.absent = true
		if err != nil {
			b.options.Log.Info("no notifications: calls are told by windows alone", "error", err)
		}
		return
	}
	b.able = &abilities{
		actions: slices.Contains(all, "actions"), body: err != nil || slices.Contains(all, "body"),
		markup: slices.Contains(all, "body-markup"),
	}
}

// signal takes a signal of the bus or of the server.
func (b *bus) signal(sig *dbus.Signal) {
	switch {
	case sig.Name == "org.freedesktop.DBus.NameOwnerChanged":
		var name, before, now string
		if dbus.Store(sig.Body, &name, &before, &now) == nil && name == serverName {
			b.changed(now)
		}
		return
	case b.owner == "" || sig.Sender != b.owner || len(sig.Body) < 2:
		return
	}
	number, _ := sig.Body[0].(uint32)
	var s *shown
	for _, one := range b.shown {
		if one.number == number && number != 0 {
			s = one
		}
	}
	if s == nil { // it has been taken back
		return
	}
	word, _ := sig.Body[1].(string)
	switch sig.Name {
	case serverName + ".ActivationToken":
		if len(word) < 512 {
			s.token = word
		}
	case serverName + ".ActionInvoked":
		b.press(s, Deed(word))
	case serverName + ".NotificationClosed":
		b.closed[s.id] = true
		s.number = 0
	}
}

// press does what somebody pressed, where that can still be done.
func (b *bus) press(s *shown, d Deed) {
	now := *b.latest.Load()
	if !slices.Contains(s.deeds, d) || !slices.ContainsFunc(now, func(n notice) bool { return n.id == s.id }) {
		return
	}
	b.closed[s.id] = true
	b.close(s)
	s.number = 0
	b.options.Log.Info("pressed in a notification", "deed", string(d))
	b.options.Do(Press{Deed: d, Call: s.call, From: s.from, Party: s.party, Token: s.token})
}

// changed: another server runs, or none. What the one before showed has gone with it.
func (b *bus) changed(owner string) {
	if b.owner != "" {
		for id := range b.shown {
			b.attempts[id]++
		}
	}
	b.owner, b.absent, b.able, b.asked, b.late = owner, false, nil, nil, nil
	b.address()
	for call := range b.calls {
		b.calls[call] = ""
	}
	clear(b.shown)
}
