package console

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"calla/account"
	"calla/audio"
	"calla/phone"
	"calla/phone/cause"
)

// hangUpTime is how long the end of a call that was hung up here is waited for.
const hangUpTime = 1500 * time.Millisecond

// seen is a State and when it came.
type seen struct {
	phone.State
	messages []phone.Message // of that instant
	ms       float64         // since the process started
}

// turns hands what is told on the phone's loop on to the one goroutine that tells it further. Nothing is left out.
type turns struct {
	mu    sync.Mutex
	queue []func()
	wake  chan struct{}
}

func (q *turns) put(turn func()) {
	q.mu.Lock()
	q.queue = append(q.queue, turn)
	q.mu.Unlock()
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// next takes the oldest, nil for none.
func (q *turns) next() func() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.queue) == 0 {
		return nil
	}
	turn := q.queue[0]
	q.queue = q.queue[1:]
	return turn
}

// run is one account that registers and perhaps makes one call.
type run struct {
	s     *session
	out   *printer
	phone *phone.Phone
	queue *turns
	id    string // of the account

	registered float64 // ms after the process started; 0 = not yet
	account    phone.AccountState
	first      string           // ID of the first call
	call       *phone.CallState // the call that this is about, as it was last
	ended      *phone.EndedCall // set when no call is left
	lastEnd    string           // ID of the call whose end was told last
	refused    *phone.Refusal   // the last one
	declines   bool             // the call is to be declined: that is success
	steps      steps
	messages   []phone.Message   // as they were with the State that is followed
	told       map[string]string // what was told last, by what it is about
}

// newRun starts a phone with one account.
func newRun(s *session, out *printer, a account.Account, o phone.Options) (*run, error) {
	r := &run{s: s, out: out, id: a.ID, queue: &turns{wake: make(chan struct{}, 1)}, told: map[string]string{}}
	var err error
	o.OneCaller = true
	if r.phone, err = phone.New(o); err != nil {
		return nil, err
	}
	var messages []phone.Message
	var revision uint64
	r.phone.Subscribe(func(state phone.State) {
		if state.Messages.Revision != revision {
			revision, messages = state.Messages.Revision, r.phone.Recent()
		}
		now := seen{state, messages, s.sinceStart()}
		r.queue.put(func() { r.follow(now) })
	})
	saved := make(chan error, 1)
	r.phone.SaveAccount(a, account.Secret{}, account.SecretSession, func(err error) { saved <- err })
	if err := <-saved; err != nil {
		r.phone.Close()
		return nil, invalid(err)
	}
	return r, nil
}

// errInterrupted is returned when the program was told to end.
var errInterrupted = errors.New("interrupted")

// until tells what changes in State until reached is true. It returns errInterrupted when ctx ends.
func (r *run) until(ctx context.Context, reached func() bool) error {
	for !reached() {
		if turn := r.queue.next(); turn != nil {
			turn()
			continue
		}
		select {
		case <-r.queue.wake:
		case <-ctx.Done():
			return errInterrupted
		}
	}
	return nil
}

// follow tells what is new in a State, and does what is to be done about it.
func (r *run) follow(s seen) {
	for _, a := range s.Accounts {
		if a.ID == r.id {
			r.followAccount(a, s.ms)
		}
	}
	for _, n := range s.Notices {
		r.tell("notice "+n.ID, problemWords(&n.Cause), func() {
			r.out.event("notice", s.ms, problemWords(&n.Cause), "id", n.ID, "cause", n.Cause.Kind, "problem",
				problemMember(&n.Cause))
		})
	}
	for _, c := range s.Calls {
		if r.first == "" {
			r.first = c.ID
		}
		r.followCall(c, s.ms)
	}
	r.choose(s.Calls)
	r.followMessages(s.messages, s.ms)
	r.followReferrals(s.Referrals, s.ms)
	r.followRefusal(s)
	r.followEnd(s)
	r.steps.react(r, s.State)
}

// followRefusal tells of a command that was refused.
func (r *run) followRefusal(s seen) {
	if refused := s.Refusal; refused != nil {
		r.tell("refusal", refused.ID, func() { r.tellRefusal(refused, len(s.Calls), s.ms) })
	}
}

// tellRefusal tells of a command that was refused. Where no call comes of it, that is the end of the run's.
func (r *run) tellRefusal(refused *phone.Refusal, calls int, ms float64) {
	r.out.event("refused", ms, problemWords(&refused.Cause), "command", string(refused.Command), "text", refused.Text,
		"cause", refused.Cause.Kind, "problem", problemMember(&refused.Cause))
	r.refused = refused
	switch {
	case refused.Command == phone.CommandTransfer, refused.CallID != "" && refused.Command == phone.CommandDial:
		r.steps.failed = true
	case refused.Command == phone.CommandDial && calls == 0 && r.ended == nil:
		r.ended = &phone.EndedCall{Address: refused.Text, Cause: refused.Cause}
	}
}

// choose keeps to the call that this is about while it lives, and then takes the one that came out of it.
func (r *run) choose(calls []phone.CallState) {
	if len(calls) == 0 {
		return
	}
	chosen := calls[0]
	for _, c := range calls {
		if r.call != nil && c.ID == r.call.ID {
			chosen = c
		}
	}
	r.call = &chosen
}

// followEnd tells the end of a call. Only when none is left, and none follows, is it the end of the run's.
func (r *run) followEnd(s seen) {
	ends := phone.EndsAfter(s.Ends, r.lastEnd)
	for i, e := range ends {
		if r.ended != nil {
			return
		}
		r.lastEnd = e.CallID
		words := tell(e.Cause).Headline()
		members := []any{
			"words", words, "code", e.Code, "cause", e.Cause.Kind, "facts", factsOf(e.Cause), "problem",
			problemMember(&e.Cause),
		}
		if len(e.Redirect) > 0 {
			r.tellRedirect(e.Redirect, s.ms)
		}
		switch {
		case len(s.Calls) > 0 || i < len(ends)-1:
			r.out.event("call", s.ms, "ended: "+words,
				append([]any{"phase", "ended", "id", e.CallID, "address", e.Address}, members...)...)
		case r.steps.follows(&e):
			r.phone.CallRedirect(e.Redirect[0].URI, false)
		default:
			r.ended = &e
			r.out.event("ended", s.ms, "Call ended: "+words, members...)
		}
	}
}

// tell runs f when what is to be said about a thing is new.
func (r *run) tell(about, what string, f func()) {
	if r.told[about] != what {
		r.told[about] = what
		f()
	}
}

func (r *run) followAccount(a phone.AccountState, ms float64) {
	r.account = a
	up := a.Status == phone.StatusRegistered || a.Status == phone.StatusConnected
	if up && r.registered == 0 {
		r.registered = ms
	}
	short := tell(a.Standing).Short
	words := a.Address + ": " + short
	if a.Problem != nil {
		words += ". " + problemWords(a.Problem)
	}
	r.tell("account", words, func() {
		r.out.event("account", ms, words, "status", statusName(a.Status), "words", short, "server", a.Server,
			"cause", a.Standing.Kind, "problem", problemMember(a.Problem))
	})
	if v := a.Voicemail; v != nil {
		words := fmt.Sprintf("voicemail: %d new, %d old", v.New, v.Old)
		r.tell("voicemail", words, func() { r.out.event("voicemail", ms, words, "new", v.New, "old", v.Old) })
	}
}

// followCall tells what is new in a call. Of calls other than the first the events have its ID.
func (r *run) followCall(c phone.CallState, ms float64) {
	if c.Finding && c.Phase == phone.PhaseIncoming {
		return // it is told with its name, at once
	}
	say := func(about, what, event, words string, members ...any) {
		if c.ID != r.first {
			members = append(members, "id", c.ID)
		}
		r.tell(about+" "+c.ID, what, func() { r.out.event(event, ms, words, members...) })
	}
	phase := phaseName(c.Phase)
	say("call", phase, "call", phase+" "+whoOf(c), "phase", phase, "incoming", c.Incoming, "name", c.Name, "address",
		c.Address)
	if c.Known || c.Claims != "" {
		say("caller", whoOf(c), "caller", "who is "+whoOf(c), "name", c.Name, "known", c.Known, "claims", c.Claims,
			"address", c.Address)
	}
	if c.Before != "" {
		now := whoOf(c)
		say("party", now, "party", "now with "+now, "name", c.Name, "address", c.Address, "before", c.Before)
	}
	if c.Codec != "" {
		say("codec", c.Codec, "codec", "sound as "+c.Codec, "codec", c.Codec)
	}
	if c.Encrypted {
		say("media", "up", "media", "sound connection is up, encrypted")
	}
	if c.Quality.Known && phase == "established" {
		bars, words, members := qualityOf(c.Quality)
		say("quality", bars, "quality", words, members...)
	}
	for _, remark := range c.Remarks {
		say("remark "+remark.Server, string(remark.Kind), "remark", problemWords(&remark), "cause", remark.Kind,
			"problem", problemMember(&remark))
	}
	// nothing is told before the first yes
	yes := func(about string, is bool) bool { return is || r.told[about+" "+c.ID] != "" }
	if yes("held", c.RemoteHeld) {
		held := yesNo(c.RemoteHeld)
		say("held", held, "held", "held by the other side: "+held, "held", c.RemoteHeld)
	}
	if yes("hold", c.Held) {
		words := "on hold: " + yesNo(c.Held)
		if c.Holding {
			words += ", not confirmed yet"
		}
		say("hold", words, "hold", words, "held", c.Held, "pending", c.Holding)
	}
	if yes("muted talking", c.MutedTalking) {
		words := "muted, and somebody talks: " + yesNo(c.MutedTalking)
		say("muted talking", words, "muted-talking", words, "talking", c.MutedTalking)
	}
	if d := c.PostDial; d.Digits != "" || r.told["postdial "+c.ID] != "" {
		say("postdial", d.Digits+" "+yesNo(d.Waits), "postdial", "digits to be sent: "+d.Digits, "digits", d.Digits,
			"waits", d.Waits)
		if d.Waits { // nobody is here to ask
			r.phone.ContinuePostDial(c.ID)
		}
	}
	if t := c.Transfer; t != nil {
		words := tell(t.Cause).Headline()
		say("transfer", words, "transfer", words, "to", t.To, "words", words, "failed", t.Failed, "cause", t.Cause.Kind,
			"facts", factsOf(t.Cause))
	}
	if old := r.told["dtmf "+c.ID]; len(c.Heard) > len(old) {
		say("dtmf", c.Heard, "dtmf", "digit "+c.Heard[len(old):], "digits", c.Heard[len(old):])
	}
	if problem := problemWords(c.Problem); yes("problem", problem != "") {
		say("problem", problem, "problem", problem, "cause", kindOf(c.Problem), "problem", problemMember(c.Problem))
	}
}

// qualityOf tells how good a call sounds now; it is one more event where the bars are others.
func qualityOf(q phone.Quality) (bars, words string, members []any) {
	bars = strconv.Itoa(q.Bars())
	return bars, "quality: " + bars + " of 4", []any{
		"bars", q.Bars(), "loss_percent", round(q.Lately.LossPercent), "concealed_percent",
		round(100 * q.Lately.ConcealedFrac), "jitter_ms", milliseconds(q.Jitter), "delay_ms", milliseconds(q.Delay()),
	}
}

// callsItself is that a far end's own name is not to be believed.
func callsItself(claims string) cause.Cause {
	return cause.Cause{Kind: cause.CallsItself, Party: claims}
}

// whoOf is the far end of a call.
func whoOf(c phone.CallState) string {
	switch {
	case c.Claims != "":
		return c.Address + " (" + tell(callsItself(c.Claims)).Short + ")"
	case c.Name == "":
		return c.Address
	}
	return c.Name + " <" + c.Address + ">"
}

func yesNo(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}

// register waits until the account can call, or has failed; the failure is an exit code, 0 for none.
func (r *run) register(ctx context.Context) (code int, err error) {
	err = r.until(ctx, func() bool {
		switch r.account.Status {
		case phone.StatusRegistered, phone.StatusConnected:
			return true
		case phone.StatusNoPassword, phone.StatusFailed:
			code = ExitRefused
		case phone.StatusRetrying:
			code = ExitRefused
			if !connected(r.account) {
				code = ExitConnect
			}
		}
		return code != 0
	})
	return code, err
}

func connected(a phone.AccountState) bool {
	for _, s := range a.Servers {
		if s.Connected {
			return true
		}
	}
	return false
}

// over tells whether the call has ended.
func (r *run) over() bool { return r.ended != nil }

// established tells whether the call is, or was, answered.
func (r *run) established() bool { return r.call != nil && !r.call.Connected.IsZero() }

// hangUp ends the call and waits for its end, a while.
func (r *run) hangUp() {
	if r.call == nil || r.over() {
		return
	}
	r.phone.HangUp(r.call.ID)
	ctx, cancel := context.WithTimeout(context.Background(), hangUpTime)
	defer cancel()
	_ = r.until(ctx, r.over) // what does not end in time is ended by Close
}

// registration is the part of a result that tells about the account.
func (r *run) registration() object {
	o := object{
		{"account", r.account.Address}, {"server", r.account.Server}, {"status", statusName(r.account.Status)},
	}
	if r.registered > 0 {
		o = append(o, member{"registered_ms", r.registered},
			member{"register_ms", milliseconds(r.account.RegisterTime)})
	}
	if r.account.Expires > 0 {
		o = append(o, member{"expires", int(r.account.Expires / time.Second)})
	}
	return o
}

// ear measures what is heard in a call.
type ear struct {
	level *audio.Meter
	tone  *audio.ToneMeter
}

func newEar() *ear { return &ear{audio.NewMeter(), audio.NewToneMeter()} }

func (e *ear) sinks() []audio.Sink { return []audio.Sink{e.level, e.tone} }
