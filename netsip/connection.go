package netsip

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/gorilla/websocket"

	"calla/netsip/sip"
)

// healthyAfter is how long a flow must last for the waits between attempts to start again: a server that accepts
// and drops must not be hammered.
const healthyAfter = 60 * time.Second

// connect dials server i.
func (ua *UserAgent) connect(i int) {
	ua.wait.Stop()
	ua.failBack.stop()
	ua.server = i
	ua.retryAt = time.Time{}
	ua.dialStart = time.Now()
	ua.attempts++
	ua.setFlow(FlowConnecting, ua.flowErr)
	ua.cancelDial = ua.dial(i, func(conn *websocket.Conn, timings DialTimings, err error) {
		ua.cancelDial = nil
		if err != nil {
			ua.dialFailed(i, err)
			return
		}
		ua.opened(i, conn, timings)
	})
}

// dial opens a connection to server i; done is called on the loop unless cancel was called before.
func (ua *UserAgent) dial(i int, done func(*websocket.Conn, DialTimings, error)) (cancel func()) {
	url := ua.servers.list[i].URL
	ua.log.info(logTransport, "", "connecting to "+url)
	ctx, end := context.WithCancel(context.Background())
	canceled := false
	var conn *websocket.Conn
	var timings DialTimings
	var err error
	ua.loop.Go(func(loopCtx context.Context) {
		release := context.AfterFunc(loopCtx, end)
		defer release()
		defer end()
		conn, timings, err = DialServer(ctx, url, ua.options.Dial)
		if err == nil && loopCtx.Err() != nil {
			_ = conn.Close()
		}
	}, func() {
		if !canceled {
			done(conn, timings, err)
		} else if conn != nil {
			ua.loop.Go(func(context.Context) { _ = conn.Close() }, nil)
		}
	})
	return func() {
		canceled = true
		end()
	}
}

// dialFailed goes to the next server at once; when none is left it waits.
func (ua *UserAgent) dialFailed(i int, err error) {
	ua.log.warn(logTransport, "", err.Error())
	ua.servers.failed(i, err, retryAfterOf(err))
	ua.flowErr = err
	ua.nextServer(0)
}

// nextServer dials the next server: at once unless none is left, and then after at least a time.
func (ua *UserAgent) nextServer(atLeast time.Duration) {
	if next, ok := ua.servers.choose(time.Now()); ok {
		ua.connect(next)
		return
	}
	next, wait := ua.servers.recover(atLeast)
	ua.reconnectIn(wait, next)
}

// retryAfterOf is what a server that refused the upgrade asked for.
func retryAfterOf(err error) time.Duration {
	var dial *DialError
	if errors.As(err, &dial) {
		return dial.RetryAfter
	}
	return 0
}

// reconnectIn dials server i after a wait.
func (ua *UserAgent) reconnectIn(wait time.Duration, i int) {
	ua.server = i
	ua.retryAt = time.Now().Add(wait)
	ua.wait.Stop()
	ua.wait = ua.loop.AfterFunc(wait, func() { ua.connect(i) })
	ua.setFlow(FlowWaiting, ua.flowErr)
}

// opened takes a new flow into use.
func (ua *UserAgent) opened(i int, conn *websocket.Conn, timings DialTimings) {
	ua.adopt(i, conn, timings)
	ua.failBack.schedule()
	ua.registration.connected()
	if !ua.registration.wanted {
		ua.reachable()
	}
}

// adopt makes a connection to server i the flow.
func (ua *UserAgent) adopt(i int, conn *websocket.Conn, timings DialTimings) {
	f := &flow{loop: ua.loop, conn: conn, url: ua.servers.list[i].URL}
	f.keepalive = &keepalive{flow: f, every: secondsOf(ua.config.Calla.KeepAliveInterval)}
	f.onMessage = ua.received
	f.onText = ua.traceText
	f.onEnd = func(err error) { ua.flowEnded(f, err) }
	f.keepalive.onRTT = func() {
		ua.servers.list[i].RTT = f.keepalive.rtt
		ua.changed()
	}
	ua.flow, ua.server, ua.attempts = f, i, 0
	f.start()
	ua.servers.connected(i)
	ua.healthy.Stop()
	ua.healthy = ua.loop.AfterFunc(healthyAfter, func() { ua.servers.healthy(i) })
	ua.log.info(logTransport, "", "connected to "+f.url+" in "+timings.Total().String())
	ua.setFlow(FlowConnected, nil)
	ua.loadChanged()
}

// flowEnded: the flow is gone. Requests that wait for an answer fail; calls go on, their media needs no
// server. A server that dropped us is tried once more after a moment, then counts as failed.
func (ua *UserAgent) flowEnded(f *flow, err error) {
	if ua.flow != f {
		ua.failBack.ended(f)
		return
	}
	lost := &DialError{URL: f.url, Stage: StageClosed, Err: err}
	if ua.failBack.moving() {
		ua.log.warn(logTransport, "", lost.Error())
		ua.failTransactions()
		ua.failBack.refused(lost)
		return
	}
	ua.flow = nil
	ua.healthy.Stop()
	ua.failBack.stop()
	if ua.stopped {
		ua.servers.left(ua.server, nil)
		ua.ended()
		return
	}
	ua.log.warn(logTransport, "", lost.Error())
	ua.flowErr = lost
	ua.attempts = 0
	ua.lastLeft = Left{URL: f.url, Err: lost, At: time.Now()}
	ua.servers.left(ua.server, lost)
	ua.failTransactions()
	ua.poison.cut(ua, f)
	ua.registration.disconnected()
	ua.reconnect(lost)
}

// failTransactions fails the requests whose answers were to come over the flow that is gone.
func (ua *UserAgent) failTransactions() {
	for _, tx := range slices.Collect(maps.Values(ua.clientTxs)) {
		tx.flowLost(ErrConnectionLost)
	}
}

// reconnect decides how to go on after the flow was lost.
func (ua *UserAgent) reconnect(lost error) {
	i := ua.server
	var closed *CloseError
	errors.As(lost, &closed)
	code := 0
	if closed != nil {
		code = closed.Code
	}
	switch {
	case errors.Is(lost, errAddressGone): // not the server's doing
		ua.connect(i)
	case code == websocket.CloseServiceRestart && len(ua.sessions) > 0:
		ua.reconnectIn(ua.servers.between(0, 2*time.Second), i)
	case code == websocket.CloseServiceRestart:
		ua.reconnectIn(ua.servers.between(5*time.Second, 30*time.Second), i)
	case code == websocket.CloseTryAgainLater: // another server may have room at once; this one wants a rest
		ua.servers.dropped()
		ua.servers.failed(i, lost, ua.servers.between(10*time.Second, 30*time.Second))
		ua.nextServer(ua.servers.hammerDelay())
	case ua.servers.drops == 0:
		ua.servers.dropped()
		ua.servers.list[i].Failures++
		ua.reconnectIn(ua.servers.dropDelay(), i)
	default:
		ua.servers.dropped()
		ua.servers.failed(i, lost, 0)
		ua.nextServer(ua.servers.hammerDelay())
	}
}

func (ua *UserAgent) setFlow(s FlowState, err error) {
	ua.flowState, ua.flowErr = s, err
	ua.changed()
}

// reachable is told when the far ends of our calls can be reached over a new flow: what had to wait is sent,
// and every call is told our new Contact, since the old one leads to the socket that is gone.
func (ua *UserAgent) reachable() {
	ua.sendUnsent()
	for _, tx := range slices.Collect(maps.Values(ua.clientTxs)) {
		if tx.cancelWanted && !tx.canceled && tx.state == txProceeding {
			tx.sendCancel()
		}
	}
	for _, s := range slices.Clone(ua.sessions) {
		s.flowRemade()
	}
	ua.keepUp()
}

// loadChanged tells the keep-alive whether anything waits for the far end, and Stop whether all is done.
func (ua *UserAgent) loadChanged() {
	if ua.leaveTaken() {
		ua.loop.Post(func() {
			if ua.leaveTaken() {
				ua.closeFlow()
			}
		})
	}
	if ua.flow != nil {
		ua.flow.keepalive.setBusy(ua.load.asking > 0 || ua.load.serving > 0 || len(ua.sessions) > 0)
	}
	ua.failBack.loadChanged()
}

// leaveTaken tells whether a stopped user agent owes nobody anything: its requests are answered, and so is the last
// NOTIFY of each subscription.
func (ua *UserAgent) leaveTaken() bool {
	return ua.stopped && ua.requestsPending() == 0 && len(ua.subscriptions) == 0
}

// requestsPending counts our requests without a final response.
func (ua *UserAgent) requestsPending() int { return ua.load.asking }

// send sends a request and returns its size; false without a flow.
func (ua *UserAgent) send(m *sip.Message) (size int, ok bool) {
	data := m.Bytes()
	ua.logMessage("sending ", m)
	return len(data), ua.sendBytes(data)
}

// sendMessage sends a message and returns it as sent, for retransmissions.
func (ua *UserAgent) sendMessage(m *sip.Message) []byte {
	data := m.Bytes()
	ua.logMessage("sending ", m)
	ua.sendBytes(data)
	return data
}

func (ua *UserAgent) sendBytes(data []byte) bool {
	if ua.flow == nil || ua.poison.refuses(data) || !ua.flow.send(data) {
		return false
	}
	ua.poison.sent(ua.flow, data)
	ua.trace(data, true, "")
	return true
}
