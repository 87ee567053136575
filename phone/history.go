package phone

import (
	"slices"
	"time"

	"calla/phone/cause"
	"calla/phone/journal"
)

// Every call that has ended, and every one that was turned away, is recorded in the journal, once. The loop hands it
// over as a value and goes on.

// mostMoments bounds what is remembered of one call.
const mostMoments = 200

// openJournal opens the journal of the profile; what it tells comes to the loop.
func (p *Phone) openJournal() {
	if p.o.Journal == "" {
		return
	}
	p.journal = journal.Open(journal.Options{
		Dir: p.o.Journal, KeepDays: p.settings.Load().KeepDays, Sends: true,
		Changed: func(c journal.Counts) {
			p.loop.Post(func() {
				if c.Contacts != p.journalCounts.Contacts {
					p.contactsChanged()
				}
				p.journalCounts = c
				p.changed()
			})
		},
		Told: func(t *journal.Trouble) { p.loop.Post(func() { p.journalTrouble(t) }) },
	})
	if p.o.Contacts == nil {
		p.o.Contacts = p.journal
	}
}

// Journal is where calls, contacts and messages are kept; nil for a phone that keeps nothing. Its methods may be called
// from any goroutine; those that ask for rows wait for the disk. State.Journal tells when to ask again.
func (p *Phone) Journal() *journal.Journal { return p.journal }

// journalTrouble shows what is the matter with the journal, nil when it is well again.
func (p *Phone) journalTrouble(t *journal.Trouble) {
	switch {
	case t == nil:
		p.withdraw("journal")
		return
	case t.Fault == journal.FaultDamaged:
		p.notify("journal damaged", t.Cause())
	case t.Fault == journal.FaultTooMuch:
		p.notify("journal behind", t.Cause())
	default:
		p.notify("journal", t.Cause())
	}
	p.log.Warn("journal", "error", t)
}

// MarkMissedSeen says that the user has looked at the missed calls.
func (p *Phone) MarkMissedSeen() {
	if p.journal != nil && p.State().Journal.Missed > 0 {
		_ = p.journal.MarkSeen() // what cannot be written is told by the journal
	}
}

// record keeps a call that has ended.
func (p *Phone) record(c *call, e EndedCall) {
	if p.journal == nil {
		return
	}
	times := c.session.Times()
	kept := recorded(e)
	kept.Outcome = outcomeOf(e, !c.connected.IsZero(), !c.answered.IsZero())
	kept.Seen = c.silenced // whoever stopped the ringing knows of it
	kept.Began, kept.Rang, kept.Answered, kept.Codec = c.clicked, times.Ringing, c.connected, c.codec.Name
	kept.Timeline = timeline(kept, c.moments)
	p.keepCall(kept)
}

// recordTurnedAway keeps a call that did not ring.
func (p *Phone) recordTurnedAway(e EndedCall, began time.Time) {
	if p.journal == nil {
		return
	}
	kept := recorded(e)
	kept.Outcome, kept.Began = outcomeOf(e, false, false), began
	p.keepCall(kept)
}

func (p *Phone) keepCall(c journal.Call) {
	if _, err := p.journal.Record(c); err != nil {
		p.log.Warn("call not recorded", "error", err)
	}
}

// recorded is what State has of an ended call, as the journal keeps it.
func recorded(e EndedCall) journal.Call {
	return journal.Call{
		AccountID: e.AccountID, Account: e.Account, Incoming: e.Incoming, Name: e.Name, Address: e.Address, URI: e.URI,
		After: e.After, Ended: e.At, Cause: e.Cause, Code: e.Code, Recording: e.Recording,
		Quality: journal.Quality{
			LossPercent: e.Quality.LossPercent, Concealed: e.Quality.ConcealedFrac, Jitter: e.Quality.Jitter,
			RoundTrip: e.Quality.RoundTrip,
		},
	}
}

// outcomeOf is what became of a call: connected tells whether it was talked, taken whether it was answered here.
func outcomeOf(e EndedCall, connected, taken bool) journal.Outcome {
	switch kind := e.Cause.Kind; {
	case connected:
		return journal.Answered
	case e.Incoming && e.Elsewhere:
		return journal.Elsewhere
	case e.Incoming && kind == cause.Blocked:
		return journal.Blocked
	case e.Incoming && (kind == cause.DeclinedHere || kind == cause.BusyHere || kind == cause.ForwardedHere):
		return journal.Declined
	case e.Incoming && taken:
		return journal.Failed
	case e.Incoming:
		return journal.Missed
	case kind == cause.CancelledHere, kind == cause.CallCancelled:
		return journal.Cancelled
	case kind == cause.NobodyAnswered:
		return journal.Unanswered
	case kind == cause.Busy, kind == cause.DeclinedThere, kind == cause.RefusedEverywhere:
		return journal.Refused
	}
	return journal.Failed
}

// timeline is what happened in a call, in its order.
func timeline(c journal.Call, moments []journal.Moment) []journal.Moment {
	var all []journal.Moment
	for _, m := range []journal.Moment{{At: c.Rang, What: journal.Rang}, {At: c.Answered, What: journal.WasAnswered}} {
		if !m.At.IsZero() {
			all = append(all, m)
		}
	}
	all = append(all, moments...)
	if c.Cause.Kind == cause.Transferred {
		all = append(all, journal.Moment{At: c.Ended, What: journal.Transferred, Who: c.Cause.To})
	}
	slices.SortStableFunc(all, func(a, b journal.Moment) int { return a.At.Compare(b.At) })
	return all
}

// remark remembers what has changed in the calls from one State to the next.
func (p *Phone) remark(before, now State) {
	if p.journal == nil {
		return
	}
	for _, s := range now.Calls {
		i := slices.IndexFunc(before.Calls, func(b CallState) bool { return b.ID == s.ID })
		if i < 0 {
			continue
		}
		c := p.call(s.ID)
		if c == nil || s.Phase != PhaseEstablished {
			continue
		}
		for _, m := range changes(before.Calls[i], s) {
			if len(c.moments) < mostMoments {
				m.At = time.Now()
				c.moments = append(c.moments, m)
			}
		}
	}
}

// changes are what happened in a call between two States.
func changes(before, now CallState) []journal.Moment {
	var all []journal.Moment
	add := func(is bool, what journal.What, who string) {
		if is {
			all = append(all, journal.Moment{What: what, Who: who})
		}
	}
	add(now.Held && !before.Held, journal.Held, "")
	add(!now.Held && before.Held, journal.Resumed, "")
	add(now.RemoteHeld && !before.RemoteHeld, journal.HeldThere, "")
	add(!now.RemoteHeld && before.RemoteHeld, journal.ResumedThere, "")
	add(now.Recording != nil && before.Recording == nil, journal.RecordingOn, "")
	add(now.Recording == nil && before.Recording != nil, journal.RecordingOff, "")
	var was TransferState
	if before.Transfer != nil {
		was = *before.Transfer
	}
	if t := now.Transfer; t != nil {
		add(t.To != was.To && !t.Failed && !t.Done, journal.Transferring, t.To)
		add(t.Failed && !was.Failed, journal.NotHandedOn, t.To)
	}
	return all
}
