package console

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"calla/netsip/config"
	"calla/phone"
	"calla/phone/cause"
)

// dialFlags say how a call is made.
type dialFlags struct {
	Anonymous bool     `help:"Hide who calls (RFC 3323)."`
	Header    []string `help:"${header}" placeholder:"'NAME: VALUE'" sep:"none"`
	LateOffer bool     `help:"Make no offer in the INVITE: the far end makes it in its 200."`
	Redirect  string   `help:"${redirect} (${default})." enum:"follow,no" default:"no" placeholder:"follow|no"`
}

// options are the flags for the phone, once they are checked.
func (f dialFlags) options() (phone.CallOptions, error) {
	o := phone.CallOptions{Anonymous: f.Anonymous, Headers: f.Header, LateOffer: f.LateOffer}
	p, _ := config.ParameterNamed("extra_headers")
	headers := make([]any, len(f.Header))
	for i, h := range f.Header {
		headers[i] = h
	}
	if err := p.Set(new(config.Config), headers); err != nil {
		var wrong *config.Error
		if errors.As(err, &wrong) {
			err = fmt.Errorf("--header %v: %s", wrong.Value, wrong.Reason)
		}
		return o, fail(ExitUsage, err)
	}
	return o, nil
}

// stepFlags say what is done in a call once it is answered.
type stepFlags struct {
	HoldAfter      time.Duration `help:"Put the call on hold this long after the answer." placeholder:"TIME"`
	HoldFor        time.Duration `help:"Resume it after this long. Without it: it stays on hold." placeholder:"TIME"`
	TransferTo     string        `help:"${transfer_to}" placeholder:"TARGET" xor:"transfer"`
	AskFirst       string        `help:"${ask_first}" placeholder:"TARGET" xor:"transfer"`
	TransferAfter  time.Duration `help:"${transfer_after} (${default})." default:"1s" placeholder:"TIME"`
	AskFor         time.Duration `help:"${ask_for} (${default})." default:"1s" placeholder:"TIME"`
	AnswerTransfer string        `help:"${transfer} (${default})." enum:"yes,no" default:"no" placeholder:"yes|no"`
}

// check finds what is wrong with the flags before anything is started.
func (f stepFlags) check() error {
	if f.HoldFor > 0 && f.HoldAfter == 0 {
		return fail(ExitUsage, errors.New("--hold-for: needs --hold-after"))
	}
	return nil
}

// steps are what a run does in its call, and how far it has come.
type steps struct {
	stepFlags
	redirect bool // redirections are followed

	consult   string // ID of the call that asks first
	completed bool   // the two are to be connected
	asked     bool   // the transfer is asked for
	failed    bool   // it came to nothing
	timers    []*time.Timer
}

// transfers tells whether the call is to be handed over.
func (s *steps) transfers() bool { return s.TransferTo != "" || s.AskFirst != "" }

// follows tells whether an ended call is followed by the one that its far end names.
func (s *steps) follows(e *phone.EndedCall) bool { return s.redirect && len(e.Redirect) > 0 }

// start sets the times for what is to be done, from the answer on.
func (s *steps) start(r *run) {
	id := r.call.ID
	if s.HoldAfter > 0 {
		s.later(s.HoldAfter, func() { r.phone.SetHold(id, true) })
	}
	if s.HoldFor > 0 {
		s.later(s.HoldAfter+s.HoldFor, func() { r.phone.SetHold(id, false) })
	}
	switch {
	case s.TransferTo != "":
		s.later(s.TransferAfter, func() { r.transferText(id, s.TransferTo) })
	case s.AskFirst != "":
		s.later(s.TransferAfter, func() { r.askText(id, s.AskFirst) })
	}
}

func (s *steps) later(d time.Duration, do func()) { s.timers = append(s.timers, time.AfterFunc(d, do)) }

// stop withdraws what has not been done.
func (s *steps) stop() {
	for _, t := range s.timers {
		t.Stop()
	}
}

// callText calls what a text means.
func (r *run) callText(text string, o phone.CallOptions) {
	read := r.phone.ReadDialled(r.id, text)
	if read.Problem != nil {
		r.notDone(phone.Refusal{Command: phone.CommandDial, AccountID: r.id, Text: text, Cause: *read.Problem})
		return
	}
	o.After = read.PostDial
	r.phone.Call(r.id, read.To, o)
}

// transferText hands a call over to whom a text means.
func (r *run) transferText(callID, text string) {
	to, why := r.phone.ReadDialled(r.id, text).ToTransfer()
	if why != nil {
		r.notDone(phone.Refusal{
			Command: phone.CommandTransfer, AccountID: r.id, CallID: callID, Text: text,
			Cause: *why,
		})
		return
	}
	r.phone.Transfer(callID, to)
}

// askText calls whom a text means, while a call waits.
func (r *run) askText(callID, text string) {
	read := r.phone.ReadDialled(r.id, text)
	if read.Problem != nil {
		r.notDone(phone.Refusal{
			Command: phone.CommandTransfer, AccountID: r.id, CallID: callID, Text: text,
			Cause: *read.Problem,
		})
		return
	}
	r.phone.AskFirst(callID, read.To, phone.CallOptions{After: read.PostDial})
}

// notDone tells of a text that means nobody, as the phone tells of a command that it refuses.
func (r *run) notDone(refused phone.Refusal) {
	r.queue.put(func() { r.tellRefusal(&refused, 0, r.s.sinceStart()) })
}

// react does what follows from a State: it connects the two once the one asked first has talked, and notes
// when a transfer has failed.
func (s *steps) react(r *run, state phone.State) {
	asking := false
	for _, c := range state.Calls {
		if c.ConsultFor != "" {
			s.consult, asking = c.ID, true
			if c.Phase == phone.PhaseEstablished && !s.completed {
				s.completed = true
				s.later(s.AskFor, func() { r.phone.CompleteTransfer(c.ID) })
			}
		}
		if c.Transfer != nil {
			s.asked, s.failed = true, c.Transfer.Failed
		}
	}
	switch {
	case s.consult == "" || s.asked || len(state.Calls) == 0:
	case !asking, r.call.ID == s.consult: // whom was asked first did not answer or hung up, or the far end did
		s.failed = true
	}
}

// transferred tells whether the call ended by going to somebody else.
func (r *run) transferred() bool {
	return r.ended != nil && r.ended.Cause.Kind == cause.Transferred
}

// followReferrals tells of far ends that ask us to call somebody else, and answers them.
func (r *run) followReferrals(referrals []phone.Referral, ms float64) {
	for _, f := range referrals {
		r.tell("referral "+f.ID, "asked", func() {
			yes := r.steps.AnswerTransfer == "yes"
			r.out.event("referral", ms, fmt.Sprintf("%s asks to call %s: %s", f.From, f.Address, yesNo(yes)), "from",
				f.From, "name", f.Name, "address", f.Address, "accepted", yes)
			if yes {
				r.phone.AcceptReferral(f.ID)
			} else {
				r.phone.DeclineReferral(f.ID)
			}
		})
	}
}

// tellRedirect tells whom a far end names in its place.
func (r *run) tellRedirect(targets []phone.RedirectTarget, ms float64) {
	list, words := []object{}, []string{}
	for _, t := range targets {
		list = append(list, object{{"name", t.Name}, {"address", t.Address}})
		words = append(words, t.Address)
	}
	r.out.event("redirect", ms, "call instead: "+strings.Join(words, ", "), "targets", list)
}

// stay keeps an answered call up as long as asked, with what is to be done meanwhile.
func (f soundFlags) stay(ctx context.Context, r *run) {
	id := r.call.ID
	defer r.steps.stop()
	r.steps.start(r)
	if f.Dtmf != "" {
		r.steps.later(dtmfAfter, func() { r.phone.SendDTMF(id, f.Dtmf) })
	}
	if f.MuteAfter > 0 {
		r.steps.later(f.MuteAfter, func() { r.phone.SetMuted(id, true) })
	}
	if f.Duration > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, f.Duration)
		defer cancel()
	}
	// the time to hang up is not an error
	_ = r.until(ctx, func() bool { return r.over() || r.steps.transfers() && r.steps.failed })
}
