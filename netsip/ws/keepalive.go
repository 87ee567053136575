package ws

import (
	"time"

	"calla/netsip/loop"

	"github.com/gorilla/websocket"
)

const (
	pongTimeout      = 10 * time.Second
	busyPingInterval = 3 * time.Second // while a call is up or an answer is waited for
	busyPongTimeout  = 5 * time.Second // a slow server's may take seconds
	probeTimeout     = 2 * time.Second // after wake-up or a change of network
	leastFlowTimer   = 5 * time.Second // that a server may want; less is nonsense
)

// keepalive finds dead flows with WebSocket Pings (RFC 6455 section 5.5.2): SIP's own CRLF pings
// are not answered by every server. Anything received counts as an answer, and whoever has been slow before is given
// twice that time.
//
//	resting ──interval──▶ waiting ──deadline──▶ flow ended
//	   ▲───── anything ──────┘
type keepalive struct {
	flow    *Flow
	every   time.Duration // between Pings while nothing waits
	busy    bool
	waiting bool
	probing bool // it waits for the answer to a probe
	timer   *loop.Timer
	sent    time.Time
	took    time.Duration // the last Pong; 0 = none yet
}

func (k *keepalive) interval() time.Duration {
	if k.busy {
		return min(k.every, busyPingInterval)
	}
	return k.every
}

func (k *keepalive) deadline() time.Duration {
	if k.busy {
		return busyPongTimeout
	}
	return pongTimeout
}

// atMost shortens the time between Pings to what the server counts on; nonsense is ignored.
func (k *keepalive) atMost(d time.Duration) {
	if every := d - d/5; d >= leastFlowTimer && every < k.every {
		k.every = every // RFC 5626 section 4.4.1: 80 to 100 %
		if !k.waiting {
			k.schedule()
		}
	}
}

// schedule starts the time until the next Ping.
func (k *keepalive) schedule() {
	k.timer.Stop()
	k.waiting, k.probing = false, false
	k.timer = k.flow.loop.AfterFunc(k.interval(), func() { k.ping(k.deadline()) })
}

// ping asks the far end for a sign of life.
func (k *keepalive) ping(deadline time.Duration) {
	k.timer.Stop()
	if !k.flow.queue(frame{websocket.PingMessage, nil}) {
		return
	}
	k.waiting = true
	k.sent = time.Now()
	k.await(deadline)
}

func (k *keepalive) await(deadline time.Duration) {
	k.timer.Stop()
	deadline = max(deadline, min(2*k.took, pongTimeout))
	k.timer = k.flow.loop.AfterFunc(deadline, func() {
		if k.probing {
			k.flow.end(ErrUnproven)
			return
		}
		k.flow.end(ErrSilent)
	})
}

// probe asks at once, with a short deadline: the network may have changed.
func (k *keepalive) probe() {
	k.ping(probeTimeout)
	k.probing = k.waiting
}

func (k *keepalive) alive(pong bool) {
	if !k.waiting {
		return
	}
	if pong {
		k.took = time.Since(k.sent)
		k.flow.on.OnRTT(k.took)
	}
	k.schedule()
}

// setBusy tells whether a dead flow must be found soon.
func (k *keepalive) setBusy(busy bool) {
	if busy == k.busy || k.flow.ended || k.flow.closing {
		return
	}
	k.busy = busy
	switch {
	case !k.waiting:
		k.schedule()
	case busy:
		k.await(busyPongTimeout)
	}
}

// setEvery changes the time between Pings while nothing waits.
func (k *keepalive) setEvery(d time.Duration) {
	k.every = d
	if !k.waiting && !k.flow.ended && !k.flow.closing {
		k.schedule()
	}
}

func (k *keepalive) stop() { k.timer.Stop() }
