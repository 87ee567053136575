package netsip

import (
	"context"
	"errors"
	"time"

	"calla/netsip/config"
	"calla/netsip/loop"
	"calla/netsip/sip"
	"calla/netsip/trace"
	"calla/netsip/ws"
)

// healthyAfter is how long a flow must last for the waits between attempts to start again: a server that accepts
// and drops must not be hammered.
const healthyAfter = 60 * time.Second

// nameEvery is the longest time between two looks whether a server's name can be looked up again.
const nameEvery = 2 * time.Second

// The codes of a Close frame that say when to come again (RFC 6455 section 7.4, IANA's registry of them).
const (
	closeServiceRestart = 1012
	closeTryAgainLater  = 1013
)

// connectionUser is whom a connection is kept up for. It is told on the loop.
type connectionUser interface {
	// up tells that a flow is in use, and asks to bind the account to it at the registrar: connection.bound is then
	// called. It is false where no binding is wanted.
	up() (binds bool)
	// reachable tells that far ends find us by the flow in use: what had to wait may be sent, and what they know of
	// an older flow is to be renewed.
	reachable()
	// down tells that the flow in use is gone, and with it the answers that were to come over it. tooLarge is the
	// Call-ID of a call that is not to go on, as it is its large messages that cut connections; "" = none.
	down(tooLarge string)
	// idle tells whether another flow would disturb nobody.
	idle() bool
	// inCall tells whether there is a call.
	inCall() bool
	// received is given what the flow reads: a message, or why there is none.
	received(data []byte, m *sip.Message, bad *sip.ParseError)
	// changed tells that connection.show has something new.
	changed()
}

// flow is what a connection asks of a WebSocket: a *Flow.
type flow interface {
	URL() string
	Since() time.Time
	Send(data []byte) bool
	Close()
	Probe()
	CheckAddress()
	SetBusy(busy bool)
	SetSilence(d time.Duration)
	SetFlowTimer(d time.Duration)
}

// connection keeps one flow to the best server that can be reached. It alone writes which servers there are and how
// they fare, which flow is in use, and when the next one is tried; its user hears of up, reachable and down from it
// alone. What is done, in this order:
//
//	1 choose     the heaviest server that has not failed and may be dialled (servers)
//	2 dial       it; where that fails, the next one: 1; where all have failed: 7
//	3 up         the flow is taken into use, and the account bound to it
//	4 reachable  the registrar has bound us, or nobody is to: this is said here alone
//	5 fail back  on a lighter server, once nobody is disturbed: 2 to 4 with a heavier one, beside the flow in use
//	6 down       the flow is gone
//	7 wait       the same server within a window, another at once, or all of them after what the formula says: 2
type connection struct {
	user    connectionUser
	loop    *loop.Loop
	log     *logger
	trace   *tracer
	dialer  *ws.Dialer
	silence time.Duration // after which a flow is asked for a sign of life

	servers    *servers
	server     int  // index of the one in use or being dialled, or the next
	flow       flow // nil = down
	state      FlowState
	err        error // why not connected
	dialStart  time.Time
	attempts   int         // State.Attempts
	cancelDial func()      // nil when none is under way
	wait       *loop.Timer // until the next dial
	naming     *loop.Timer // to the next look whether the name of the server can be looked up again
	retryAt    time.Time
	healthy    *loop.Timer // runs while the flow is young
	lastLeft   Left
	failBack   failBack
	oversize   oversize
	stopping   bool
}

func newConnection(user connectionUser, log *logger, trace *tracer, o Options, cfg config.Config) *connection {
	c := &connection{
		user: user, loop: o.Loop, log: log, trace: trace, servers: newServers(cfg, o.Rand),
		dialer: &ws.Dialer{
			Config: cfg.Calla, TLS: o.TLS, Way: o.Dial, Buffers: &o.Loop.Frames, Resolver: o.Resolver,
			Addresses: new(ws.Addresses),
		},
	}
	c.failBack.c = c
	c.configure(cfg)
	return c
}

// configure takes over what of a configuration is followed at work.
func (c *connection) configure(cfg config.Config) {
	c.servers.configure(cfg)
	silence := secondsOf(cfg.Calla.KeepAliveInterval)
	if c.flow != nil && silence != c.silence {
		c.flow.SetSilence(silence)
	}
	c.silence = silence
	changed := c.failBack.wanted != cfg.Calla.FailBack.Enabled()
	c.failBack.wanted = cfg.Calla.FailBack.Enabled()
	if c.flow != nil && changed {
		c.failBack.schedule()
	}
}

// up tells whether there is a flow.
func (c *connection) up() bool { return c.flow != nil }

// url is that of the server in use, being dialled or next.
func (c *connection) url() string { return c.servers.list[c.server].URL }

// target is that server as it is configured.
func (c *connection) target() config.Server { return c.servers.targets[c.server] }

// start begins with the work.
func (c *connection) start() {
	// 1st: choose.
	if i, ok := c.servers.choose(time.Now()); ok {
		c.connect(i)
	}
}

// stop ends it; the flow in use stays for what is still to be said, until close.
func (c *connection) stop() {
	c.stopping = true
	c.wait.Stop()
	c.naming.Stop()
	c.healthy.Stop()
	c.retryAt = time.Time{}
	if c.cancelDial != nil {
		c.cancelDial()
	}
	c.failBack.stop()
}

// close ends the flow; the user is told down.
func (c *connection) close() {
	if c.flow != nil {
		c.flow.Close()
	}
}

// stopped is told when all is over.
func (c *connection) stopped() { c.set(FlowStopped, nil) }

// connect dials server i, to take it into use.
func (c *connection) connect(i int) {
	// 2nd: dial.
	c.wait.Stop()
	c.naming.Stop()
	c.failBack.stop()
	c.server = i
	c.retryAt = time.Time{}
	c.dialStart = time.Now()
	c.attempts++
	c.set(FlowConnecting, c.err)
	c.cancelDial = c.dial(i, func(conn *ws.Conn, timings ws.DialTimings, err error) {
		c.cancelDial = nil
		if err != nil {
			c.dialFailed(i, err)
			return
		}
		c.opened(i, conn, timings)
	})
}

// dial opens a connection to server i; done is called on the loop unless cancel was called before.
func (c *connection) dial(i int, done func(*ws.Conn, ws.DialTimings, error)) (cancel func()) {
	url := c.servers.list[i].URL
	c.log.info(logTransport, "", "connecting to "+url)
	ctx, end := context.WithCancel(context.Background())
	canceled := false
	var conn *ws.Conn
	var timings ws.DialTimings
	var err error
	c.loop.Go(func(loopCtx context.Context) {
		release := context.AfterFunc(loopCtx, end)
		defer release()
		defer end()
		conn, timings, err = c.dialer.Dial(ctx, url)
		if err == nil && loopCtx.Err() != nil {
			conn.Close()
		}
	}, func() {
		if !canceled {
			done(conn, timings, err)
		} else if conn != nil {
			c.loop.Go(func(context.Context) { conn.Close() }, nil)
		}
	})
	return func() {
		canceled = true
		end()
	}
}

// dialFailed goes to the next server.
func (c *connection) dialFailed(i int, err error) {
	c.log.warn(logTransport, "", err.Error())
	c.servers.failed(i, err, retryAfterOf(err))
	c.err = err
	c.nextServer(0)
}

// retryAfterOf is what a server that refused the upgrade asked for.
func retryAfterOf(err error) time.Duration {
	var dial *ws.DialError
	if errors.As(err, &dial) {
		return dial.RetryAfter
	}
	return 0
}

// opened takes a new flow into use.
func (c *connection) opened(i int, conn *ws.Conn, timings ws.DialTimings) {
	// 3rd: up.
	c.adopt(i, conn, timings)
	c.failBack.schedule()
	c.announce()
}

// adopt makes a connection to server i the flow.
func (c *connection) adopt(i int, conn *ws.Conn, timings ws.DialTimings) {
	var f *ws.Flow
	f = ws.NewFlow(c.loop, conn, c.silence, ws.Events{
		OnMessage: c.user.received,
		OnText: func(text string, outgoing bool) {
			c.trace.text(trace.Entry{Server: c.url(), Outgoing: outgoing, Text: text})
		},
		OnRTT: func(d time.Duration) {
			c.servers.list[i].RTT = d
			c.user.changed()
		},
		OnEnd: func(err error) { c.ended(f, err) },
	})
	c.flow, c.server, c.attempts = f, i, 0
	c.servers.connected(i)
	c.healthy.Stop()
	c.healthy = c.loop.AfterFunc(healthyAfter, func() { c.servers.healthy(i) })
	c.log.info(logTransport, "", "connected to "+f.URL()+" in "+timings.Total().String())
	c.set(FlowConnected, nil)
}

// announce tells the user of a flow that is in use; where no binding is awaited, that is all it takes to be reached.
func (c *connection) announce() {
	if !c.user.up() {
		c.bound(bindingMade)
	}
}

// binding is what the registrar has done to ours.
type binding int

const (
	bindingMade    binding = iota // there was none, or none that the far ends could count on
	bindingRenewed                // it stood and stands
)

// bound is told that the registrar has bound the account to the flow in use. Far ends must be told where we are now
// when they could not reach us before, or reached us over a flow that is left for this one.
func (c *connection) bound(b binding) {
	// 4th: reachable.
	if c.failBack.moved() || b == bindingMade {
		c.user.reachable()
	}
}

// unbound is told that the registrar has refused the flow in use, or has not answered. It is true where the one before
// it is used again.
func (c *connection) unbound(err error) bool { return c.failBack.movedBack(err) }

// ended is told that a flow has ended. A server that dropped us is tried once more after a moment, then counts as
// failed.
func (c *connection) ended(f flow, err error) {
	if c.flow != f {
		c.failBack.ended(f)
		return
	}
	// 6th: down. Calls go on: their media needs no server.
	lost := &ws.DialError{URL: f.URL(), Stage: ws.StageClosed, Err: err}
	if c.failBack.moving() {
		c.log.warn(logTransport, "", lost.Error())
		c.user.down("")
		c.failBack.movedBack(lost)
		return
	}
	c.flow = nil
	c.healthy.Stop()
	c.failBack.stop()
	if c.stopping {
		c.servers.left(c.server, nil)
		c.user.down("")
		return
	}
	c.log.warn(logTransport, "", lost.Error())
	c.err = lost
	c.attempts = 0
	c.lastLeft = Left{URL: f.URL(), Err: lost, At: time.Now()}
	c.servers.left(c.server, lost)
	c.user.down(c.oversize.cut(c.log, f))
	c.reconnect(lost)
}

// reconnect decides how to go on after the flow was lost.
func (c *connection) reconnect(lost error) {
	// 7th: wait.
	i := c.server
	var closed *ws.CloseError
	errors.As(lost, &closed)
	code := 0
	if closed != nil {
		code = closed.Code
	}
	switch {
	case errors.Is(lost, ws.ErrAddressGone), errors.Is(lost, ws.ErrUnproven): // not the server's doing
		c.connect(i)
	case code == closeServiceRestart && c.user.inCall():
		c.reconnectIn(c.servers.between(0, 2*time.Second), i)
	case code == closeServiceRestart:
		c.reconnectIn(c.servers.between(5*time.Second, 30*time.Second), i)
	case code == closeTryAgainLater: // another server may have room at once; this one wants a rest
		c.servers.dropped()
		c.servers.failed(i, lost, c.servers.between(10*time.Second, 30*time.Second))
		c.nextServer(c.servers.hammerDelay())
	case c.servers.drops == 0:
		c.servers.dropped()
		c.servers.list[i].Failures++
		c.reconnectIn(c.servers.dropDelay(), i)
	default:
		c.servers.dropped()
		c.servers.failed(i, lost, 0)
		c.nextServer(c.servers.hammerDelay())
	}
}

// nextServer dials the next server: at once unless none is left, and then after at least a time.
func (c *connection) nextServer(atLeast time.Duration) {
	if next, ok := c.servers.choose(time.Now()); ok {
		c.connect(next)
		return
	}
	next, wait := c.servers.recover(atLeast)
	c.reconnectIn(wait, next)
}

// reconnectIn dials server i after a wait.
func (c *connection) reconnectIn(wait time.Duration, i int) {
	c.server = i
	c.retryAt = time.Now().Add(wait)
	c.wait.Stop()
	c.wait = c.loop.AfterFunc(wait, func() { c.connect(i) })
	c.awaitName(i)
	c.set(FlowWaiting, c.err)
}

// awaitName cuts the wait short for a server whose name could not be looked up: it is dialled as soon as that can be.
// Looking it up is no attempt at the server, which may be well.
func (c *connection) awaitName(i int) {
	c.naming.Stop()
	var dial *ws.DialError
	if server := c.servers.list[i]; !errors.As(server.LastError, &dial) || dial.Stage != ws.StageDNS ||
		server.NextTry.After(time.Now()) {
		return
	}
	wait, url := c.wait, c.servers.list[i].URL
	c.naming = c.loop.AfterFunc(c.servers.between(nameEvery/2, nameEvery), func() {
		found := false
		c.loop.Go(func(ctx context.Context) { found = c.dialer.Resolves(ctx, url) }, func() {
			switch {
			case c.stopping || c.wait != wait || c.state != FlowWaiting: // it is dialled, or over
			case found:
				c.connect(i)
			default:
				c.awaitName(i)
			}
		})
	})
}

func (c *connection) set(s FlowState, err error) {
	c.state, c.err = s, err
	c.user.changed()
}

// dialNow cuts the wait for the next dial short.
func (c *connection) dialNow() {
	if c.cancelDial == nil {
		c.connect(c.server)
	}
}

// networkChanged looks whether the flow, and a dial under way, go over a network that is gone.
func (c *connection) networkChanged() {
	if c.flow != nil {
		c.flow.CheckAddress()
	}
	if c.cancelDial != nil {
		c.cancelDial()
		c.connect(c.server)
	}
}

// setBusy is told whether anybody waits for the far end, or it for us.
func (c *connection) setBusy(busy bool) {
	if c.flow != nil {
		c.flow.SetBusy(busy)
	}
	c.failBack.loadChanged()
}

// send sends a message; false without a flow, and for one that has cut a connection before.
func (c *connection) send(data []byte) bool {
	if c.flow == nil || c.oversize.refuses(data) || !c.flow.Send(data) {
		return false
	}
	c.oversize.sent(c.flow, data)
	c.trace.message(trace.Entry{Server: c.url(), Outgoing: true}, data)
	return true
}

// show puts the connection into a State.
func (c *connection) show(s *State) {
	s.Flow, s.Err, s.RetryAt = c.state, c.err, c.retryAt
	s.LastLeft, s.Attempts = c.lastLeft, c.attempts
	s.Servers = c.failBack.shown()
	switch c.state {
	case FlowWaiting:
		s.Servers[c.server].NextTry = c.retryAt
	case FlowConnected:
		s.Server, s.FlowSince = c.url(), c.flow.Since()
	case FlowConnecting:
		s.Server = c.url()
	}
}
