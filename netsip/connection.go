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
	ua.server = i
	ua.retryAt = time.Time{}
	ua.dialStart = time.Now()
	ua.dialSerial++
	serial, url := ua.dialSerial, ua.servers.list[i].URL
	ctx, cancel := context.WithCancel(context.Background())
	ua.cancelDial = cancel
	ua.setFlow(FlowConnecting, ua.flowErr)
	ua.log.info(logTransport, "", "connecting to "+url)
	var conn *websocket.Conn
	var timings DialTimings
	var err error
	ua.loop.Go(func(loopCtx context.Context) {
		release := context.AfterFunc(loopCtx, cancel)
		defer release()
		defer cancel()
		conn, timings, err = DialServer(ctx, url, ua.options.Dial)
		if err == nil && loopCtx.Err() != nil {
			_ = conn.Close()
		}
	}, func() {
		switch {
		case serial != ua.dialSerial || ua.stopped:
			if conn != nil {
				ua.loop.Go(func(context.Context) { _ = conn.Close() }, nil)
			}
		case err != nil:
			ua.cancelDial = nil
			ua.dialFailed(i, err)
		default:
			ua.cancelDial = nil
			ua.opened(i, conn, timings)
		}
	})
}

// dialFailed goes to the next server at once; when none is left it waits.
func (ua *UserAgent) dialFailed(i int, err error) {
	ua.log.warn(logTransport, "", err.Error())
	ua.servers.failed(i, err)
	ua.flowErr = err
	ua.nextServer(retryAfterOf(err))
}

func (ua *UserAgent) nextServer(atLeast time.Duration) {
	if next, ok := ua.servers.choose(); ok {
		ua.connect(next)
		return
	}
	ua.servers.reset()
	next, _ := ua.servers.choose()
	ua.reconnectIn(max(ua.servers.recoveryDelay(), atLeast), func() {
		ua.servers.attempts++
		ua.connect(next)
	})
	ua.server = next
}

// retryAfterOf is what a server that refused the upgrade asked for.
func retryAfterOf(err error) time.Duration {
	var dial *DialError
	if errors.As(err, &dial) {
		return dial.RetryAfter
	}
	return 0
}

func (ua *UserAgent) reconnectIn(wait time.Duration, dial func()) {
	ua.retryAt = time.Now().Add(wait)
	ua.wait.Stop()
	ua.wait = ua.loop.AfterFunc(wait, dial)
	ua.setFlow(FlowWaiting, ua.flowErr)
}

// opened takes a new flow into use.
func (ua *UserAgent) opened(i int, conn *websocket.Conn, timings DialTimings) {
	f := &flow{loop: ua.loop, conn: conn, url: ua.servers.list[i].URL}
	f.onMessage = ua.received
	f.onText = ua.traceText
	f.onEnd = func(err error) { ua.flowEnded(f, err) }
	ua.flow = f
	f.start()
	f.keepalive.onRTT = func() {
		ua.servers.list[i].RTT = f.keepalive.rtt
		ua.changed()
	}
	ua.servers.connected(i)
	ua.healthy.Stop()
	ua.healthy = ua.loop.AfterFunc(healthyAfter, ua.servers.healthy)
	ua.log.info(logTransport, "", "connected to "+f.url+" in "+timings.Total().String())
	ua.setFlow(FlowConnected, nil)
	ua.loadChanged()
	ua.registration.connected()
	if !ua.registration.wanted {
		ua.reachable()
	}
}

// flowEnded: the flow is gone. Requests that wait for an answer fail; calls go on, their media needs no
// server. A server that dropped us is tried once more after a moment, then counts as failed.
func (ua *UserAgent) flowEnded(f *flow, err error) {
	if ua.flow != f {
		return
	}
	ua.flow = nil
	ua.healthy.Stop()
	if ua.stopped {
		ua.servers.left(ua.server, nil)
		ua.ended()
		return
	}
	lost := &DialError{URL: f.url, Stage: StageClosed, Err: err}
	ua.log.warn(logTransport, "", lost.Error())
	ua.flowErr = lost
	ua.servers.left(ua.server, lost)
	for _, tx := range slices.Collect(maps.Values(ua.clientTxs)) {
		tx.flowLost(ErrConnectionLost)
	}
	ua.registration.disconnected()
	i := ua.server
	again := func() { ua.connect(i) }
	var closed *CloseError
	switch {
	case errors.As(err, &closed) && closed.Code == websocket.CloseServiceRestart && len(ua.sessions) > 0:
		ua.reconnectIn(ua.servers.between(0, 2*time.Second), again)
	case closed != nil && closed.Code == websocket.CloseServiceRestart:
		ua.reconnectIn(ua.servers.between(5*time.Second, 30*time.Second), again)
	case ua.servers.drops == 0:
		ua.servers.drops++
		ua.reconnectIn(ua.servers.dropDelay(), again)
	default:
		ua.servers.failed(i, lost)
		ua.servers.drops++
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
	for _, s := range slices.Clone(ua.sessions) {
		s.refreshes = 0
		s.refresh()
	}
}

// loadChanged tells the keep-alive whether anything waits for the far end, and Stop whether all is done.
func (ua *UserAgent) loadChanged() {
	pending := ua.requestsPending()
	if ua.stopped && pending == 0 {
		ua.loop.Post(func() {
			if ua.requestsPending() == 0 {
				ua.closeFlow()
			}
		})
	}
	for _, tx := range ua.serverTxs {
		if !tx.answered() {
			pending++
		}
	}
	if ua.flow != nil {
		ua.flow.keepalive.setBusy(pending > 0 || len(ua.sessions) > 0)
	}
}

// requestsPending counts our requests without a final response.
func (ua *UserAgent) requestsPending() int {
	n := 0
	for _, tx := range ua.clientTxs {
		if tx.state < txAccepted {
			n++
		}
	}
	return n
}

// send sends a request and returns its size; false without a flow.
func (ua *UserAgent) send(m *sip.Message) (size int, ok bool) {
	data := m.Bytes()
	return len(data), ua.sendBytes(data)
}

// sendMessage sends a message and returns it as sent, for retransmissions.
func (ua *UserAgent) sendMessage(m *sip.Message) []byte {
	data := m.Bytes()
	ua.sendBytes(data)
	return data
}

func (ua *UserAgent) sendBytes(data []byte) bool {
	if ua.flow == nil || !ua.flow.send(data) {
		return false
	}
	ua.trace(data, true, "")
	return true
}
