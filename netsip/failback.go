package netsip

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"calla/netsip/loop"
	"calla/netsip/ws"
)

// The wait before a heavier server is tried again, doubled with each failure up to its longest.
const (
	failBackBase = time.Minute
	failBackMax  = 5 * time.Minute
)

// failBack brings a connection back to a heavier server once that can be reached again (calla.fail_back), and
// only while it is idle: no call, no request without an answer. The new flow is made and registered over before
// the old one is left, so that the account is reachable all the time.
//
//	off ──on a lighter server──▶ waiting ──time, and idle──▶ dialling ──up──▶ moving ──registered──▶ off
//	                               ▲  ▲                         │ failed         │ refused, lost: back to the old flow
//	                               │  └─────────────────────────┘                │
//	                               └────────── twice as long ────────────────────┘
type failBack struct {
	c      *connection
	wanted bool // calla.fail_back
	timer  *loop.Timer
	at     time.Time // when timer runs; zero = it does not
	tries  int       // in a row, without success
	due    bool      // the time has come, the user agent is not idle yet
	cancel func()    // of the dial under way; nil = none
	old    flow      // while moving: still up, and bound at the registrar
	oldAt  int       // its server
	tried  []int     // servers dialled since the wait ended
}

// schedule starts the wait, if there is a heavier server than the one in use.
func (b *failBack) schedule() {
	b.stop()
	if !b.wanted || len(b.heavier()) == 0 {
		return
	}
	limit := math.Min(failBackMax.Seconds(), failBackBase.Seconds()*math.Exp2(float64(b.tries)))
	wait := b.c.servers.between(time.Duration(limit/2*float64(time.Second)), time.Duration(limit*float64(time.Second)))
	b.at = time.Now().Add(wait)
	b.timer = b.c.loop.AfterFunc(wait, func() { b.now(waitOver) })
	b.c.user.changed()
}

// shown are the servers, with when they are tried.
func (b *failBack) shown() []ServerState {
	list := slices.Clone(b.c.servers.list)
	if b.at.IsZero() {
		return list
	}
	for _, i := range b.heavier() {
		if list[i].NextTry.Before(b.at) {
			list[i].NextTry = b.at
		}
	}
	return list
}

// heavier lists the servers that are better than the one in use, the heaviest first.
func (b *failBack) heavier() []int {
	var list []int
	servers := b.c.servers.list
	for i := range servers {
		if servers[i].Weight <= servers[b.c.server].Weight {
			continue
		}
		list = append(list, i)
	}
	slices.SortStableFunc(list, func(i, j int) int { return cmp.Compare(servers[j].Weight, servers[i].Weight) })
	return list
}

// failBackFor is why heavier servers are tried.
type failBackFor int

const (
	waitOver failBackFor = iota // it is time
	waitCut                     // the user wants it, or the network has changed
)

// now tries the heavier servers, as soon as the user agent is idle; those that want to be left alone only when the
// wait was cut short.
func (b *failBack) now(why failBackFor) {
	c := b.c
	if c.flow == nil || c.stopping || b.cancel != nil || b.old != nil || !b.wanted || len(b.heavier()) == 0 {
		return
	}
	// 5th: fail back.
	b.timer.Stop()
	b.at = time.Time{}
	b.due = !c.user.idle()
	if b.due {
		return
	}
	b.tried = b.tried[:0]
	for _, i := range b.heavier() {
		if why == waitOver && c.servers.list[i].NextTry.After(time.Now()) {
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
			b.cancel = b.c.dial(i, func(conn *ws.Conn, timings ws.DialTimings, err error) {
				b.cancel = nil
				b.dialled(i, conn, timings, err)
			})
			return
		}
	}
	b.tries++
	b.schedule()
}

func (b *failBack) dialled(i int, conn *ws.Conn, timings ws.DialTimings, err error) {
	c := b.c
	switch {
	case err != nil:
		c.log.info(logTransport, "", "not back to a heavier server: "+err.Error())
		c.servers.failed(i, err, retryAfterOf(err))
		b.next()
	case !c.user.idle(): // a call has come up meanwhile
		b.due = true
		c.loop.Go(func(context.Context) { conn.Close() }, nil)
	default:
		b.old, b.oldAt = c.flow, c.server
		c.adopt(i, conn, timings)
		c.announce()
	}
}

// moving tells whether there are two flows: the registrar has not answered over the new one yet.
func (b *failBack) moving() bool { return b.old != nil }

// moved is told that the registrar has bound us to the flow in use: the old one is not needed any more.
// It is false when there was none.
func (b *failBack) moved() bool {
	if b.old == nil {
		return false
	}
	c, old := b.c, b.old
	b.old, b.tries = nil, 0
	c.log.info(logTransport, "", "back on "+c.flow.URL()+", leaving "+old.URL())
	c.lastLeft = Left{URL: old.URL(), Err: ErrHeavierServer, At: time.Now()}
	c.servers.left(b.oldAt, nil)
	old.Close()
	b.schedule() // there may be one that is heavier still
	return true
}

// movedBack is told that the registrar did not bind us to the new flow, or that it was lost; false when there
// is no old one to go back to.
func (b *failBack) movedBack(err error) bool {
	if b.old == nil {
		return false
	}
	c := b.c
	bad, at := c.flow, c.server
	c.flow, c.server, b.old = b.old, b.oldAt, nil
	c.log.warn(logTransport, "", "staying on "+c.flow.URL()+": "+err.Error())
	c.servers.failed(at, err, 0)
	c.servers.list[c.server].Status = ServerConnected
	c.servers.list[c.server].ConnectedSince = c.flow.Since()
	bad.Close()
	b.tries++
	b.schedule()
	c.set(FlowConnected, nil)
	c.user.up() // the registrar may have taken the new flow after all
	return true
}

// ended is told that a flow that is not in use has ended.
func (b *failBack) ended(f flow) {
	if b.old == f {
		b.old = nil
		b.c.servers.left(b.oldAt, nil)
		b.c.user.changed()
	}
}

// loadChanged starts what waited for idleness.
func (b *failBack) loadChanged() {
	if b.due && b.c.user.idle() {
		b.c.loop.Post(func() {
			if b.due {
				b.now(waitOver)
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
		old.Close()
	}
}
