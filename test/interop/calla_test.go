package interop

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"calla/account"
	"calla/audio"
	"calla/audio/opus"
	"calla/netsip/config"
	"calla/netsip/ladder"
	"calla/netsip/trace"
	"calla/phone"
	"calla/phone/system"
)

// patience is how long a step of a flow is waited for.
const patience = 40 * time.Second

// calla is the program's telephone without its window, as a flow drives it. It accepts what it is asked to call.
type calla struct {
	*phone.Phone
	t      *testing.T
	user   string
	domain string
	ear    *ear
	late   bool // its calls make no offer
	wire   *trace.Trace
}

// calla starts one with the account of a user, which speaks a tone, and waits until it is registered.
func (g *ground) calla(t *testing.T, user string, hz float64, more map[string]any) *calla {
	t.Helper()
	values := map[string]any{
		"uri": "sip:" + user + "@" + g.domain, "password": g.password, "ws_servers": g.url, "stun_servers": []any{},
	}
	for _, m := range []map[string]any{g.more, more} {
		for k, v := range m {
			if group, ok := v.(map[string]any); ok && values[k] != nil {
				maps.Copy(values[k].(map[string]any), group)
				continue
			}
			if group, ok := v.(map[string]any); ok {
				v = maps.Clone(group)
			}
			values[k] = v
		}
	}
	c, _, err := config.Parse(values, nil)
	if err != nil {
		t.Fatal(err)
	}
	a, err := account.New(c)
	if err != nil {
		t.Fatal(err)
	}
	var better []audio.Codec
	if best, err := opus.Load(); err == nil {
		better = append(better, best)
	}
	wire := trace.New(2000, 4<<20)
	p := &calla{t: t, user: user, domain: g.domain, ear: new(ear), wire: wire}
	p.Phone, err = phone.New(phone.Options{
		Codecs: audio.Codecs(better...), Speak: audio.NewToneSource(audio.Sine(hz, -12)), Heard: []audio.Sink{p.ear},
		Version: "test", Trace: wire, Changes: system.Changes,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.Close()
		if t.Failed() {
			t.Logf("%s:\n%s", user, drawn(user, wire))
		}
	})
	p.SaveAccount(a, account.Secret{}, account.SecretSession, func(error) {})
	cancel := p.Subscribe(func(s phone.State) {
		for _, r := range s.Referrals {
			p.AcceptReferral(r.ID)
		}
	})
	t.Cleanup(cancel)
	p.until("to be registered", func(s phone.State) bool {
		return len(s.Accounts) == 1 && s.Accounts[0].Status == phone.StatusRegistered
	})
	return p
}

// drawn is what went over a phone's wire, as a ladder; the bodies of notifications stand below it.
func drawn(user string, wire *trace.Trace) string {
	var entries []ladder.Entry
	bodies := ""
	for _, e := range wire.Entries() {
		entries = append(entries, ladder.Entry{Time: e.Time, Outgoing: e.Outgoing, Text: e.Text, Error: e.Error})
		if strings.HasPrefix(e.Text, "NOTIFY ") || strings.HasPrefix(e.Text, "REFER ") {
			bodies += e.Text + "\n"
		}
	}
	return ladder.Draw(user, entries) + bodies
}

// until waits for a State.
func (p *calla) until(what string, ok func(phone.State) bool) {
	p.t.Helper()
	p.within(patience, what, ok)
}

func (p *calla) within(limit time.Duration, what string, ok func(phone.State) bool) {
	p.t.Helper()
	deadline := time.Now().Add(limit)
	for !ok(p.State()) {
		if time.Now().After(deadline) {
			p.t.Fatalf("waited %v for %s %s; it is at %s", limit, p.user, what, p.tell())
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// tell is what it would show, for a test that has failed.
func (p *calla) tell() string {
	s := p.State()
	var text strings.Builder
	for _, a := range s.Accounts {
		fmt.Fprintf(&text, "account %s %s", a.Address, a.Standing.Kind)
	}
	for _, c := range s.Calls {
		fmt.Fprintf(&text, "\ncall %+v", c)
		if c.Problem != nil {
			fmt.Fprintf(&text, " problem %+v", *c.Problem)
		}
		if c.Transfer != nil {
			fmt.Fprintf(&text, " transfer %+v", *c.Transfer)
		}
	}
	if s.Ended != nil {
		fmt.Fprintf(&text, "\nended %+v", s.Ended.Cause)
	}
	if s.Refusal != nil {
		fmt.Fprintf(&text, "\nrefused %+v", s.Refusal.Cause)
	}
	return text.String()
}

// now is the call that a flow is about: the one with the sound, or else the latest.
func now(s phone.State) *phone.CallState {
	for i := range s.Calls {
		if s.Calls[i].Active {
			return &s.Calls[i]
		}
	}
	if len(s.Calls) == 0 {
		return nil
	}
	return &s.Calls[len(s.Calls)-1]
}

// present is the ID of that call.
func (p *calla) present() string {
	p.t.Helper()
	c := now(p.State())
	if c == nil {
		p.t.Fatalf("%s has no call: %s", p.user, p.tell())
	}
	return c.ID
}

func (p *calla) address(user string) phone.Address {
	p.t.Helper()
	uri, err := config.DialTarget(user, p.domain)
	if err != nil {
		p.t.Fatal(err)
	}
	return phone.Address{URI: uri}
}

func (p *calla) call(user string) {
	p.Call("", p.address(user), phone.CallOptions{LateOffer: p.late})
}

func (p *calla) answer() {
	p.t.Helper()
	var id string
	p.until("to ring", func(s phone.State) bool {
		for _, c := range s.Calls {
			if c.Phase == phone.PhaseIncoming {
				id = c.ID
			}
		}
		return id != ""
	})
	p.Answer(id)
}

func (p *calla) established() {
	p.t.Helper()
	p.until("to have a call", func(s phone.State) bool {
		c := now(s)
		return c != nil && c.Phase == phone.PhaseEstablished && c.Encrypted
	})
}

func (p *calla) hangUp() { p.HangUp(p.present()) }

func (p *calla) ended() {
	p.t.Helper()
	p.until("to have no call", func(s phone.State) bool { return len(s.Calls) == 0 })
}

func (p *calla) hears(hz float64) {
	p.t.Helper()
	p.hearsWithin(patience, hz)
}

func (p *calla) hearsWithin(limit time.Duration, hz float64) {
	p.t.Helper()
	if hz != 0 { // silence is what is not heard: it is there when the last of what was is
		p.ear.forget()
	}
	deadline := time.Now().Add(limit)
	for !near(p.ear.tone(), hz) {
		if time.Now().After(deadline) {
			p.t.Fatalf("%s hears %v Hz, not %v, %v later; it is at %s", p.user, p.ear.tone(), hz, limit, p.tell())
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func (p *calla) hold(on bool) {
	p.t.Helper()
	id := p.present()
	p.SetHold(id, on)
	p.until(fmt.Sprintf("to be agreed with that held is %t", on), func(s phone.State) bool {
		c := now(s)
		return c != nil && c.Held == on && !c.Holding
	})
}

func (p *calla) send(digits string) { p.SendDTMF(p.present(), digits) }

func (p *calla) listen() func(digits string) string {
	return func(digits string) string {
		p.t.Helper()
		p.until("to hear the digits "+digits, func(s phone.State) bool {
			c := now(s)
			return c != nil && strings.HasSuffix(c.Heard, digits)
		})
		return digits
	}
}

func (p *calla) transfer(user string) { p.Transfer(p.present(), p.address(user)) }

func (p *calla) consult(user string) {
	p.t.Helper()
	p.AskFirst(p.present(), p.address(user), phone.CallOptions{})
}

func (p *calla) connect() {
	p.t.Helper()
	p.until("to have two calls", func(s phone.State) bool {
		return len(s.Calls) == 2 && s.Calls[1].Phase == phone.PhaseEstablished && s.Calls[0].Held && !s.Calls[0].Holding
	})
	p.CompleteTransfer(p.State().Calls[1].ID)
}

func (p *calla) handed() {
	p.t.Helper()
	p.ended()
}

func (p *calla) offerAgain(bool) { p.t.Skip("the phone offers anew by itself only") }

// ear tells what is heard now.
type ear struct {
	mu    sync.Mutex
	pcm   []int16   // the last of it
	first time.Time // that something was heard since it has forgotten what was before
	last  time.Time
}

// lately is how much is listened to.
const lately = audio.SampleRate * 6 / 10

// Add implements audio.Sink.
func (e *ear) Add(frame audio.Frame) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.last = time.Now()
	if e.first.IsZero() && slices.ContainsFunc(frame, func(v int16) bool { return v > 1000 || v < -1000 }) {
		e.first = e.last
	}
	e.pcm = append(e.pcm, frame...)
	if len(e.pcm) > 8*lately {
		e.pcm = append(e.pcm[:0], e.pcm[len(e.pcm)-lately:]...)
	}
}

// forget has it listen anew: what was heard before does not count.
func (e *ear) forget() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.pcm, e.first = e.pcm[:0], time.Time{}
}

// since is when it began to hear something.
func (e *ear) since() time.Time {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.first
}

// tone is the frequency that is heard, 0 for none.
func (e *ear) tone() float64 {
	e.mu.Lock()
	if time.Since(e.last) > 300*time.Millisecond || len(e.pcm) < lately {
		e.mu.Unlock()
		return 0
	}
	pcm := append([]int16(nil), e.pcm[len(e.pcm)-lately:]...)
	e.mu.Unlock()
	r := audio.MeasureTone(pcm)
	if r.Level < -60 || r.Seconds < 0.3 {
		return 0
	}
	return r.Frequency
}

// near tells whether a tone is the one that is waited for; 0 is none.
func near(got, want float64) bool {
	if want == 0 {
		return got == 0
	}
	return math.Abs(got-want) <= want*0.02
}

var _ far = (*calla)(nil)
