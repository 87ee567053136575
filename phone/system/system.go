// Package system tells what happens to the computer that a telephone must know of: its network has become another one,
// it woke up. It knows nothing of telephones.
package system

import (
	"context"
	"net"
	"slices"
	"strings"
	"time"
)

const (
	watchEvery  = 3 * time.Second        // a look at the clock, and where the system tells nothing at the network
	watchSettle = 250 * time.Millisecond // of quiet after a change: it comes as many small ones
	watchLate   = time.Second            // after which a change is told even if there is no quiet
	sleptAfter  = 5 * time.Second        // by which a look may be late before the computer must have slept
)

// Changes calls changed when the network of this computer has become another one and when the computer or this
// program woke up, until ctx ends. changed is called on the same goroutine and must return quickly. It is what
// phone.Options.Changes is for a program; tests have their own.
func Changes(ctx context.Context, changed func()) {
	w := watch{
		poll: poll, look: networkSignature, network: make(chan struct{}, 1), woke: make(chan struct{}, 1),
		changed: changed,
	}
	done := events(ctx, w.network, w.woke)
	w.run(ctx)
	<-done
}

// watch makes one call of what comes as many signs.
//
//	quiet ──sign──▶ settling ──no more for 250 ms, or 1 s──▶ look ──another network, or awake──▶ changed
type watch struct {
	poll    bool          // the system gives no signs: look each time
	look    func() string // what the network is like now
	network chan struct{} // a sign that the network may have changed; one token
	woke    chan struct{} // the computer woke up; one token
	changed func()
}

func (w *watch) run(ctx context.Context) {
	last := w.look()
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	before := time.Now()
	for {
		awake := false
		select {
		case <-ctx.Done():
			return
		case <-w.woke:
			awake = true
		case <-w.network:
		case <-tick.C:
			now := time.Now()
			awake = slept(before, now)
			before = now
			if !awake && (!w.poll || w.look() == last) {
				continue
			}
		}
		awake = w.settle(ctx) || awake
		if now := w.look(); (now != last || awake) && ctx.Err() == nil {
			last = now
			w.changed()
		}
		before = time.Now()
	}
}

// settle waits until no more signs come; it tells whether the computer woke up meanwhile.
func (w *watch) settle(ctx context.Context) (awake bool) {
	late := time.After(watchLate)
	for {
		select {
		case <-ctx.Done():
			return awake
		case <-w.woke:
			awake = true
		case <-w.network:
		case <-late:
			return awake
		case <-time.After(watchSettle):
			return awake
		}
	}
}

// slept tells whether so much of the day has passed between two looks that this program did not run meanwhile. The
// wall clock decides: the monotonic one stands still while the computer sleeps.
func slept(before, now time.Time) bool {
	return now.Round(0).Sub(before.Round(0)) > watchEvery+sleptAfter
}

// networkSignature is a text that is another one whenever the addresses of this computer are, or the one that it
// would call the outside from.
func networkSignature() string {
	var parts []string
	interfaces, err := net.Interfaces()
	if err != nil {
		return ""
	}
	for _, i := range interfaces {
		if i.Flags&net.FlagUp == 0 || i.Flags&net.FlagLoopback != 0 {
			continue
		}
		addrs, err := i.Addrs()
		if err != nil {
			continue
		}
		for _, a := range addrs {
			if n, ok := a.(*net.IPNet); ok && n.IP.IsGlobalUnicast() {
				parts = append(parts, i.Name+" "+n.String())
			}
		}
	}
	slices.Sort(parts)
	for _, outside := range []string{"192.0.2.1:9", "[2001:db8::1]:9"} { // nobody's; nothing is sent to it
		if conn, err := net.Dial("udp", outside); err == nil {
			host, _, _ := net.SplitHostPort(conn.LocalAddr().String())
			parts = append(parts, "from "+host)
			_ = conn.Close()
		}
	}
	return strings.Join(parts, "\n")
}

// sign leaves a token, if there is none yet.
func sign(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
