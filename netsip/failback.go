package netsip

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"calla/netsip/loop"

	"github.com/gorilla/websocket"
)

// The wait before a heavier server is tried again, doubled with each failure up to its longest.
const (
	failBackBase = time.Minute
	failBackMax  = 5 * time.Minute
)

// failBack brings the user agent back to a heavier server once that can be reached again (calla.fail_back), and
// only while it is idle: no call, no request without an answer. The new flow is made and registered over before
// the old one is left, so that the account is reachable all the time.
//
//	off ──on a lighter server──▶ waiting ──time, and idle──▶ dialling ──up──▶ moving ──registered──▶ off
//	                               ▲  ▲                         │ failed         │ refused, lost: back to the old flow
//	                               │  └─────────────────────────┘                │
//	                               └────────── twice as long ────────────────────┘
type failBack struct {
	ua     *UserAgent
	timer  *loop.Timer
	at     time.Time // when timer runs; zero = it does not
	tries  int       // in a row, without success
	due    bool      // the time has come, the user agent is not idle yet
	cancel func()    // of the dial under way; nil = none
	old    *flow     // while moving: still up, and bound at the registrar
	oldAt  int       // its server
	tried  []int     // servers dialled since the wait ended
}

// schedule starts the wait, if there is a heavier server than the one in use.
func (b *failBack) schedule() {
	b.stop()
	if !b.ua.config.Calla.FailBack.Enabled() || len(b.heavier()) == 0 {
		return
	}
	limit := math.Min(failBackMax.Seconds(), failBackBase.Seconds()*math.Exp2(float64(b.tries)))
	wait := b.ua.servers.between(time.Duration(limit/2*float64(time.Second)), time.Duration(limit*float64(time.Second)))
	b.at = time.Now().Add(wait)
	b.timer = b.ua.loop.AfterFunc(wait, func() { b.now(false) })
	b.ua.changed()
}

// show tells in the servers' states when they are tried.
func (b *failBack) show(list []ServerState) {
	if b.at.IsZero() {
		return
	}
	for _, i := range b.heavier() {
		if list[i].NextTry.Before(b.at) {
			list[i].NextTry = b.at
		}
	}
}

// heavier lists the servers that are better than the one in use, the heaviest first.
func (b *failBack) heavier() []int {
	var list []int
	servers := b.ua.servers.list
	for i := range servers {
		if servers[i].Weight <= servers[b.ua.server].Weight {
			continue
		}
		list = append(list, i)
	}
	slices.SortStableFunc(list, func(i, j int) int { return cmp.Compare(servers[j].Weight, servers[i].Weight) })
	return list
}

// now tries the heavier servers, as soon as the user agent is idle; those that want to be left alone only when the
// wait was cut short.
func (b *failBack) now(cut bool) {
	ua := b.ua
	if ua.flow == nil || ua.stopped || b.cancel != nil || b.old != nil || !ua.config.Calla.FailBack.Enabled() || len(b.heavier()) == 0 {
		return
	}
	b.timer.Stop()
	b.at = time.Time{}
	b.due = !b.idle()
	if b.due {
		return
	}
	b.tried = b.tried[:0]
	for _, i := range b.heavier() {
		if !cut && ua.servers.list[i].NextTry.After(time.Now()) {
			b.tried = append(b.tried, i)
		}
	}
	b.next()
}

// next dials the heaviest server that was not tried yet.
func (b *failBack) next() {
	for _, i := range b.heavier() {
		if !slices.Contains(b.tried, i) {
			b.tried = append(b.tried, i)
			b.cancel = b.ua.dial(i, func(conn *websocket.Conn, timings DialTimings, err error) {
				b.cancel = nil
				b.dialled(i, conn, timings, err)
			})
			return
		}
	}
	b.tries++
	b.schedule()
}

func (b *failBack) dialled(i int, conn *websocket.Conn, timings DialTimings, err error) {
	ua := b.ua
	switch {
	case err != nil:
		ua.log.info(logTransport, "", "not back to a heavier server: "+err.Error())
		ua.servers.failed(i, err, retryAfterOf(err))
		b.next()
	case !b.idle(): // a call has come up meanwhile
		b.due = true
		ua.loop.Go(func(context.Context) { _ = conn.Close() }, nil)
	default:
		b.old, b.oldAt = ua.flow, ua.server
		ua.adopt(i, conn, timings)
		if ua.registration.wanted {
			ua.registration.refresh()
		} else {
			b.registered()
		}
	}
}

// idle tells whether nothing would be disturbed by another flow.
func (b *failBack) idle() bool {
	ua := b.ua
	r := ua.registration
	return ua.load.serving == 0 && len(ua.sessions) == 0 && ua.requestsPending() == 0 && r.pending == nil &&
		len(ua.unsent) == 0 && !r.refused
}

// moving tells whether there are two flows: the registrar has not answered over the new one yet.
func (b *failBack) moving() bool { return b.old != nil }

// registered is told that the registrar has bound us to the flow in use: the old one is not needed any more.
// It is false when there was none.
func (b *failBack) registered() bool {
	if b.old == nil {
		return false
	}
	old := b.old
	b.old, b.tries = nil, 0
	b.ua.log.info(logTransport, "", "back on "+b.ua.flow.url+", leaving "+old.url)
	b.ua.lastLeft = Left{URL: old.url, Err: ErrHeavierServer, At: time.Now()}
	b.ua.servers.left(b.oldAt, nil)
	old.close()
	b.schedule() // there may be one that is heavier still
	b.ua.reachable()
	return true
}

// refused is told that the registrar did not bind us to the new flow, or that it was lost; false when there
// is no old one to go back to.
func (b *failBack) refused(err error) bool {
	if b.old == nil {
		return false
	}
	ua := b.ua
	bad, at := ua.flow, ua.server
	ua.flow, ua.server, b.old = b.old, b.oldAt, nil
	ua.log.warn(logTransport, "", "staying on "+ua.flow.url+": "+err.Error())
	ua.servers.failed(at, err, 0)
	ua.servers.list[ua.server].Status = ServerConnected
	ua.servers.list[ua.server].ConnectedSince = ua.flow.since
	bad.close()
	b.tries++
	b.schedule()
	ua.setFlow(FlowConnected, nil)
	if ua.registration.wanted {
		ua.registration.refresh() // the registrar may have taken the new flow after all
	}
	return true
}

// ended is told that a flow that is not in use has ended.
func (b *failBack) ended(f *flow) {
	if b.old == f {
		b.old = nil
		b.ua.servers.left(b.oldAt, nil)
		b.ua.changed()
	}
}

// loadChanged starts what waited for idleness.
func (b *failBack) loadChanged() {
	if b.due && b.idle() {
		b.ua.loop.Post(func() {
			if b.due {
				b.now(false)
			}
		})
	}
}

// stop ends what is under way; the flow in use stays.
func (b *failBack) stop() {
	b.timer.Stop()
	b.at = time.Time{}
	b.due = false
	if b.cancel != nil {
		b.cancel()
		b.cancel = nil
	}
	if b.old != nil {
		old := b.old
		b.old = nil
		old.close()
	}
}
