package interop

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"calla/phone"
)

// The tones of those who take part: Calla's, and the far ends'.
const (
	ours   = 440
	first  = 1000
	second = 700
)

// run is one flow with one peer.
type run struct {
	*ground
	t    *testing.T
	note string // for the cell
}

// flows carry the flows out, by their slugs.
func flows() map[string]func(*run) {
	return map[string]func(*run){
		"register":             (*run).register,
		"call-out":             (*run).callOut,
		"call-in":              (*run).callIn,
		"hold-by-calla":        (*run).holdByCalla,
		"hold-by-peer":         (*run).holdByPeer,
		"digits-out":           (*run).digitsOut,
		"digits-in":            (*run).digitsIn,
		"blind-by-calla":       (*run).blindByCalla,
		"blind-of-calla":       (*run).blindOfCalla,
		"blind-to-calla":       (*run).blindToCalla,
		"attended-by-calla":    (*run).attendedByCalla,
		"attended-of-calla":    (*run).attendedOfCalla,
		"attended-to-calla":    (*run).attendedToCalla,
		"late-offer-out":       (*run).lateOfferOut,
		"late-offer-in":        (*run).lateOfferIn,
		"reliable-out":         (*run).reliableOut,
		"reliable-in":          (*run).reliableIn,
		"reinvite":             (*run).reinvite,
		"ice-restart-by-peer":  (*run).restartByPeer,
		"ice-restart-by-calla": (*run).restartByCalla,
		"network-change":       (*run).networkChange,
	}
}

// us is Calla, and one a phone of the peer; each speaks its tone.
func (r *run) us() *calla { return r.calla(r.t, r.users[0], ours, nil) }
func (r *run) one() far   { return r.phone(r.t, r.users[1], first) }
func (r *run) two() far   { return r.phone(r.t, r.users[2], second) }

// beyond is a phone that the network between us and the peers does not move with us.
func (r *run) beyond() far {
	if r.distant != nil {
		return r.distant(r.t, r.users[1], first)
	}
	return r.one()
}

// out has Calla call a phone of the peer, and both hear each other.
func (r *run) out(us *calla, to far) {
	r.t.Helper()
	us.call(r.users[1])
	to.answer()
	us.established()
	r.both(us, to)
}

func (r *run) both(us *calla, to far) {
	r.t.Helper()
	to.hears(ours)
	us.hears(first)
}

func (r *run) register() {
	us := r.us()
	us.until("to be listed", func(s phone.State) bool {
		for _, b := range s.Accounts[0].Bindings {
			if b.Own {
				return true
			}
		}
		return false
	})
}

func (r *run) callOut() {
	one, us := r.one(), r.us()
	r.out(us, one)
	us.hangUp()
	us.ended()
	one.ended()
}

func (r *run) callIn() {
	one, us := r.one(), r.us()
	one.call(r.users[0])
	us.answer()
	us.established()
	one.established()
	r.both(us, one)
	one.hangUp()
	us.ended()
}

func (r *run) holdByCalla() {
	one, us := r.one(), r.us()
	r.out(us, one)
	for range 2 {
		us.hold(true)
		one.hears(0)
		us.hears(0)
		us.hold(false)
		r.resumed(us, one)
	}
	us.hangUp()
	one.ended()
}

// resumed waits until both hear each other after a hold.
func (r *run) resumed(us *calla, one far) {
	r.t.Helper()
	if r.note = r.halfHeard; r.note != "" {
		us.hears(first)
		return
	}
	r.both(us, one)
}

func (r *run) holdByPeer() {
	one, us := r.one(), r.us()
	r.out(us, one)
	for range 2 {
		one.hold(true)
		us.hears(0)
		one.hold(false)
		r.resumed(us, one)
	}
	us.hangUp()
	one.ended()
}

func (r *run) digitsOut() {
	one, us := r.one(), r.us()
	r.out(us, one)
	r.digits(us, one)
	us.hangUp()
	one.ended()
}

func (r *run) digitsIn() {
	one, us := r.one(), r.us()
	r.out(us, one)
	r.digits(one, us)
	us.hangUp()
	one.ended()
}

// digits are pressed and heard. Where they are heard as sound a loaded machine may spoil them, so they are pressed
// again.
func (r *run) digits(from, to far) {
	r.t.Helper()
	heard := to.listen()
	for try := 1; ; try++ {
		from.send("159#")
		got := heard("159#")
		if strings.HasSuffix(got, "159#") {
			return
		}
		r.t.Logf("heard the digits %q, not 159#", got)
		if try == 3 {
			r.t.FailNow()
		}
	}
}

// blindByCalla: Calla hands its call over; the two others talk.
func (r *run) blindByCalla() {
	one, two, us := r.one(), r.two(), r.us()
	r.out(us, one)
	us.transfer(r.users[2])
	two.answer()
	us.handed()
	two.hears(first)
	one.hears(second)
}

// blindOfCalla: the far end hands Calla over.
func (r *run) blindOfCalla() {
	one, two, us := r.one(), r.two(), r.us()
	r.out(us, one)
	one.transfer(r.users[2])
	two.answer()
	one.handed()
	us.hears(second)
	two.hears(ours)
	us.hangUp()
	two.ended()
}

// blindToCalla: somebody is handed over to Calla.
func (r *run) blindToCalla() {
	one, two, us := r.one(), r.two(), r.us()
	one.call(r.users[2])
	two.answer()
	one.established()
	one.hears(second)
	one.transfer(r.users[0])
	us.answer()
	one.handed()
	us.hears(second)
	two.hears(ours)
	us.hangUp()
	us.ended()
}

func (r *run) attendedByCalla() {
	one, two, us := r.one(), r.two(), r.us()
	r.out(us, one)
	us.consult(r.users[2])
	two.answer()
	two.hears(ours)
	us.hears(second)
	us.connect()
	us.handed()
	two.hears(first)
	one.hears(second)
}

func (r *run) attendedOfCalla() {
	one, two, us := r.one(), r.two(), r.us()
	r.out(us, one)
	one.consult(r.users[2])
	two.answer()
	two.hears(first)
	one.connect()
	one.handed()
	us.hears(second)
	two.hears(ours)
	us.hangUp()
	us.ended()
}

func (r *run) attendedToCalla() {
	one, two, us := r.one(), r.two(), r.us()
	one.call(r.users[2])
	two.answer()
	one.established()
	one.hears(second)
	one.consult(r.users[0])
	us.answer()
	us.hears(first)
	one.connect()
	one.handed()
	us.hears(second)
	two.hears(ours)
	us.hangUp()
	us.ended()
}

func (r *run) lateOfferOut() {
	one, us := r.one(), r.us()
	us.late = true
	r.out(us, one)
	us.hangUp()
	one.ended()
}

func (r *run) lateOfferIn() {
	one, us := r.lateCaller(r.t, r.users[1], first), r.us()
	one.call(r.users[0])
	us.answer()
	us.established()
	r.both(us, one)
	one.hangUp()
	us.ended()
}

// reliableOut: Calla wants the far end's provisional responses to be reliable (RFC 3262).
func (r *run) reliableOut() {
	callee := r.phone
	if r.reliableCallee != nil {
		callee = r.reliableCallee
	}
	one := callee(r.t, r.users[1], first)
	us := r.calla(r.t, r.users[0], ours, map[string]any{"calla": map[string]any{"reliable_provisional": "required"}})
	r.out(us, one)
	r.acknowledged(us, true)
	us.hangUp()
	one.ended()
}

// reliableIn: the far end wants ours to be.
func (r *run) reliableIn() {
	one, us := r.reliableCaller(r.t, r.users[1], first), r.us()
	one.call(r.users[0])
	us.answer()
	us.established()
	r.both(us, one)
	r.acknowledged(us, false)
	one.hangUp()
	us.ended()
}

// acknowledged asserts that a PRACK of Calla's, or of the far end's, went over the wire.
func (r *run) acknowledged(us *calla, byUs bool) {
	r.t.Helper()
	for _, e := range us.wire.Entries() {
		if e.Outgoing == byUs && strings.HasPrefix(e.Text, "PRACK ") {
			return
		}
	}
	r.t.Errorf("no PRACK went over the wire; by us: %t", byUs)
}

func (r *run) reinvite() { r.offeredAgain(false) }

func (r *run) restartByPeer() { r.offeredAgain(true) }

func (r *run) offeredAgain(restart bool) {
	one, us := r.one(), r.us()
	r.out(us, one)
	before := names(us, false)
	one.offerAgain(restart)
	us.until("to have another offer", func(phone.State) bool { return len(names(us, false)) > len(before) })
	after := names(us, false)
	if restarted := after[len(after)-1] != before[len(before)-1]; restart && !restarted {
		r.t.Error("the far end has offered anew and not restarted ICE")
	}
	r.both(us, one)
	us.hangUp()
	one.ended()
}

// names are those for ICE in the descriptions that we, or the far end, have sent: another one is a restart (RFC 8839
// section 4.4.1.1.1).
func names(us *calla, ours bool) []string {
	var all []string
	for _, e := range us.wire.Entries() {
		_, rest, ok := strings.Cut(e.Text, "\na=ice-ufrag:")
		if ufrag, _, _ := strings.Cut(rest, "\r"); ok && e.Outgoing == ours {
			all = append(all, ufrag)
		}
	}
	return all
}

// restartByCalla: nothing of the media gets through for longer than consent lasts (RFC 7675), so that both ends have
// given the path up, and then it does again.
func (r *run) restartByCalla() {
	if !r.at.Alone() {
		r.t.Skip("what is lost in a network needs root")
	}
	var notes []string
	for _, more := range append([]time.Duration{0}, r.outages...) {
		one, us := r.beyond(), r.us()
		r.out(us, one)
		restarted := r.restarted(us)
		r.at.Cut(r.t)
		us.hears(0)
		us.within(30*time.Second, "to look for another path", func(s phone.State) bool {
			c := now(s)
			return c != nil && c.Problem != nil
		})
		if !r.relayed {
			restarted()
		}
		time.Sleep(2*time.Second + more) // the far end, too, is to give up: consent lasts 30 s with some and 5 s here
		r.at.Heal(r.t)
		r.back(us, one, time.Now())
		notes = append(notes, r.note)
	}
	r.note = strings.ReplaceAll(strings.Join(notes, ", "), ", heard again after ", ", ")
}

// networkChange: the address that the call goes over is gone, and there is another.
func (r *run) networkChange() {
	if !r.at.Alone() {
		r.t.Skip("another address needs root")
	}
	one, us := r.beyond(), r.us()
	r.out(us, one)
	restarted := r.restarted(us)
	moved := time.Now()
	r.at.Move(r.t)
	restarted() // what is heard before goes over the address that is gone
	r.back(us, one, moved)
}

// restarted notes how the call stands; the function it returns waits until Calla has restarted ICE since, and the far
// end has agreed.
func (r *run) restarted(us *calla) func() {
	ours, theirs := names(us, true), names(us, false)
	return func() {
		r.t.Helper()
		us.within(30*time.Second, "to have restarted ICE", func(phone.State) bool {
			now := names(us, true)
			return now[len(now)-1] != ours[len(ours)-1] && len(names(us, false)) > len(theirs)
		})
	}
}

// back waits until both hear each other again, and tells how long that took.
func (r *run) back(us *calla, one far, since time.Time) {
	r.t.Helper()
	us.hearsWithin(30*time.Second, first)
	here := us.ear.since().Sub(since)
	one.hearsWithin(30*time.Second, ours)
	r.note = fmt.Sprintf("heard again after %.1f s", here.Seconds())
	r.t.Log(r.note)
	us.hangUp()
	us.ended()
	one.ended()
}
