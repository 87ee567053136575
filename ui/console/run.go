package console

import (
	"context"
	"errors"
	"sync"
	"time"

	"calla/account"
	"calla/audio"
	"calla/phone"
)

// hangUpTime is how long the end of a call that was hung up here is waited for.
const hangUpTime = 1500 * time.Millisecond

// seen is a State and when it came.
type seen struct {
	phone.State
	ms float64 // since the process started
}

// states hands States on from the phone's loop to the one goroutine that reads them. None is left out.
type states struct {
	mu    sync.Mutex
	queue []seen
	wake  chan struct{}
}

func (q *states) put(s seen) {
	q.mu.Lock()
	q.queue = append(q.queue, s)
	q.mu.Unlock()
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

func (q *states) take() []seen {
	q.mu.Lock()
	defer q.mu.Unlock()
	all := q.queue
	q.queue = nil
	return all
}

// run is one account that registers and perhaps makes one call.
type run struct {
	s     *session
	out   *printer
	phone *phone.Phone
	queue *states
	id    string // of the account

	registered float64 // ms after the process started; 0 = not yet
	account    phone.AccountState
	call       *phone.CallState // the call as it was last
	ended      *phone.EndedCall
	declines   bool              // the call is to be declined: that is success
	told       map[string]string // what was told last, by what it is about
}

// newRun starts a phone with one account.
func newRun(s *session, out *printer, a account.Account, o phone.Options) (*run, error) {
	r := &run{s: s, out: out, id: a.ID, queue: &states{wake: make(chan struct{}, 1)}, told: map[string]string{}}
	var err error
	if r.phone, err = phone.New(o); err != nil {
		return nil, err
	}
	r.phone.Subscribe(func(state phone.State) { r.queue.put(seen{state, s.sinceStart()}) })
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
	for {
		for _, state := range r.queue.take() {
			r.follow(state)
			if reached() {
				return nil
			}
		}
		select {
		case <-r.queue.wake:
		case <-ctx.Done():
			return errInterrupted
		}
	}
}

// follow tells what is new in a State.
func (r *run) follow(s seen) {
	for _, a := range s.Accounts {
		if a.ID == r.id {
			r.followAccount(a, s.ms)
		}
	}
	for _, n := range s.Notices {
		r.tell("notice "+n.ID, n.Problem.Title, func() {
			r.out.event("notice", s.ms, problemWords(&n.Problem), "id", n.ID, "problem", problemMember(&n.Problem))
		})
	}
	for _, c := range s.Calls {
		r.followCall(c, s.ms)
	}
	if s.Ended != nil && r.ended == nil {
		e := *s.Ended
		r.ended = &e
		r.out.event("ended", s.ms, "Call ended: "+e.Words, "words", e.Words, "code", e.Code, "problem", problemMember(e.Problem))
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
	words := a.Address + ": " + a.Words
	if a.Problem != nil {
		words += ". " + problemWords(a.Problem)
	}
	r.tell("account", words, func() {
		r.out.event("account", ms, words, "status", statusName(a.Status), "words", a.Words, "server", a.Server, "problem", problemMember(a.Problem))
	})
}

func (r *run) followCall(c phone.CallState, ms float64) {
	r.call = &c
	who := c.Address
	if c.Name != "" {
		who = c.Name + " <" + c.Address + ">"
	}
	phase := phaseName(c.Phase)
	r.tell("call", phase, func() {
		r.out.event("call", ms, phase+" "+who, "phase", phase, "incoming", c.Incoming, "name", c.Name, "address", c.Address)
	})
	if c.Codec != "" {
		r.tell("codec", c.Codec, func() { r.out.event("codec", ms, "sound as "+c.Codec, "codec", c.Codec) })
	}
	if c.Encrypted {
		r.tell("media", "up", func() { r.out.event("media", ms, "sound connection is up, encrypted") })
	}
	if c.RemoteHeld != (r.told["held"] == "yes") {
		held := map[bool]string{true: "yes", false: "no"}[c.RemoteHeld]
		r.tell("held", held, func() { r.out.event("held", ms, "held by the other side: "+held, "held", c.RemoteHeld) })
	}
	if old := r.told["dtmf"]; len(c.Heard) > len(old) {
		r.told["dtmf"] = c.Heard
		r.out.event("dtmf", ms, "digit "+c.Heard[len(old):], "digits", c.Heard[len(old):])
	}
	problem := problemWords(c.Problem)
	if problem != r.told["problem"] {
		r.tell("problem", problem, func() { r.out.event("problem", ms, problem, "problem", problemMember(c.Problem)) })
	}
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
		o = append(o, member{"registered_ms", r.registered}, member{"register_ms", milliseconds(r.account.RegisterTime)})
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
