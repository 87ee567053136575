// Package desktop is Calla on the desktop beside its windows: notifications and the tray. It knows no toolkit. What is
// told follows from phone.State; how, is the platform's.
//
//	phone's goroutine ── State ──▶ Notices.Follow ── what to show, newest wins ──▶ a goroutine that asks the desktop
//	                                                       the desktop ── presses ──▶ Options.Do
//
// Nobody waits for the desktop: one that is absent, hangs or ends shows nothing, and calls are told by windows alone.
package desktop

import (
	"slices"
	"strings"

	"calla/phone"
	"calla/phone/cause"
	"calla/phone/safe"
	"calla/phone/words"
)

// Deed is what somebody presses in a notification. Its values are the keys of the actions on D-Bus.
type Deed string

// The deeds.
const (
	Open     Deed = "default" // the notification itself: show the window
	Answer   Deed = "answer"
	Decline  Deed = "decline"
	CallBack Deed = "call-back"
)

// Press is a deed with what it is done to.
type Press struct {
	Deed  Deed
	Call  string // ID of the call that rings, for Answer and Decline
	From  Caller // for CallBack, and for Open with a Party
	Party string // whose conversation Open shows; "" = none
	Token string // the desktop's, of the user's deed, for bringing a window to the front; "" = it gave none
}

// Caller is whom to call back, as phone.Redial takes it.
type Caller struct {
	AccountID string
	URI       string // "" where he cannot be called
}

// notice is one notification: a fact, and what may be done about it.
type notice struct {
	id    string // the same for as long as it is about the same thing
	told  cause.Cause
	call  string
	from  Caller
	party string // of the conversation that it is about; "" = none
	deeds []Deed
}

// ringing tells whether it is about a call that rings: it stays until that ends.
func (n notice) ringing() bool { return n.call != "" }

// same tells whether two notices show the same.
func (n notice) same(other notice) bool {
	return n.told.Kind == other.told.Kind && n.told.Party == other.told.Party && n.told.Count == other.told.Count &&
		n.told.Address == other.told.Address && n.told.Text == other.told.Text &&
		n.told.Account == other.told.Account && slices.Equal(n.deeds, other.deeds)
}

// mostShown is how many characters of a line of others a notification shows.
const mostShown = 64

func line(s string) string { return safe.Isolate(safe.Label(s, mostShown)) }

// text is the notice for people, as plain text: a title of one line, and what stands below it.
func (n notice) text() (title, body string) {
	c := n.told
	c.Address = line(bare(c.Address))
	if c.Party = line(c.Party); c.Party == "" {
		c.Party = c.Address
	}
	c.Account = line(c.Account)
	told := words.English().Tell(c)
	var below []string
	if c.Address != c.Party {
		below = append(below, c.Address)
	}
	if c.Account != "" {
		below = append(below, told.Why)
	}
	if c.Text != "" {
		below = append(below, line(c.Text))
	}
	return told.Headline(), strings.Join(below, "\n")
}

// bare is an address as people write it.
func bare(address string) string {
	if scheme, rest, ok := strings.Cut(address, ":"); ok && strings.EqualFold(scheme, "sip") {
		return rest
	}
	return address
}

// label is what a deed's button says.
func (d Deed) label() string {
	kind := map[Deed]cause.Kind{
		Open: cause.DeedOpen, Answer: cause.DeedAnswer, Decline: cause.DeedDecline, CallBack: cause.DeedCallBack,
	}[d]
	return words.English().Short(cause.Cause{Kind: kind})
}

// mostMissed is how many missed calls are told at a time; the oldest one goes.
const mostMissed = 5

// following makes notices of one State after another. It belongs to the goroutine that they come on.
type following struct {
	ended  string   // ID of the call that was seen ended last
	away   string   // and of the one that was turned away last
	missed []notice // oldest first
}

// next returns what is to be shown with a State.
func (f *following) next(s phone.State) []notice {
	for _, e := range phone.EndsAfter(s.Ends, f.ended) {
		f.ended = e.CallID
		if e.Incoming && e.Cause.Kind == cause.Missed && !e.Elsewhere {
			f.miss(e, len(s.Accounts) > 1)
		}
	}
	for _, e := range phone.EndsAfter(s.TurnedAway, f.away) {
		f.away = e.CallID
		if because := e.Cause.Because; because != nil && because.Kind == cause.NoLineHere {
			f.miss(e, len(s.Accounts) > 1)
		}
	}
	for _, c := range s.Calls { // who talks to them again has seen it
		if !c.Incoming || c.Phase != phone.PhaseIncoming {
			f.missed = slices.DeleteFunc(f.missed, func(n notice) bool { return n.id == missedID(c.AccountID, c.URI) })
		}
	}
	var all []notice
	for _, c := range s.Calls {
		if c.Phase == phone.PhaseIncoming && !c.Silenced {
			all = append(all, rings(c, len(s.Accounts) > 1))
		}
	}
	for _, a := range s.Messages.Came {
		all = append(all, wrote(a, s.Accounts))
	}
	return append(all, f.missed...)
}

// wrote tells of what came in one conversation.
func wrote(a phone.Arrival, accounts []phone.AccountState) notice {
	m := a.Last
	text, _, _ := strings.Cut(strings.TrimSpace(m.Text), "\n")
	n := notice{
		id: "message " + m.AccountID + " " + m.Party, deeds: []Deed{Open}, from: Caller{m.AccountID, m.URI},
		party: m.Party,
		told: cause.Cause{
			Kind: cause.MessageFrom, Party: m.Name, Address: m.Address, Text: text, Count: a.Count, At: m.At,
		},
	}
	for _, of := range accounts {
		if len(accounts) > 1 && of.ID == m.AccountID {
			n.told.Account = of.Label
		}
	}
	return n
}

func missedID(accountID, uri string) string { return "missed " + accountID + " " + uri }

// miss takes in a call that was missed: those of one caller are told together.
func (f *following) miss(e phone.EndedCall, several bool) {
	n := notice{
		id: missedID(e.AccountID, e.URI), from: Caller{e.AccountID, e.URI}, deeds: []Deed{Open},
		told: cause.Cause{Kind: cause.MissedFrom, Party: e.Name, Address: e.Address, Count: 1, At: e.At},
	}
	if e.URI == "" { // nobody knows who; those are told one by one
		n.id = missedID(e.AccountID, e.CallID)
	} else {
		n.deeds = append(n.deeds, CallBack)
	}
	if several {
		n.told.Account = e.Account
	}
	f.missed = slices.DeleteFunc(f.missed, func(old notice) bool {
		if old.id == n.id {
			n.told.Count += old.told.Count
		}
		return old.id == n.id
	})
	f.missed = append(f.missed, n)
	f.missed = f.missed[max(0, len(f.missed)-mostMissed):]
}

func rings(c phone.CallState, several bool) notice {
	n := notice{
		id: "rings " + c.ID, call: c.ID, deeds: []Deed{Open, Answer, Decline},
		told: cause.Cause{Kind: cause.CallRings, Party: c.Name, Address: c.Address},
	}
	if several {
		n.told.Account = c.Account
	}
	return n
}
