package phone

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"calla/account"
	"calla/audio"
	"calla/audio/audiotest"
	"calla/netsip/config"
	"calla/netsip/sandbox"
	"calla/phone/cause"
	"calla/phone/words"
)

// password is that of every user of the tests' server.
const password = "wonderland"

// world is a server and phones around it, all in virtual time: the true engine and the true sandbox over
// net.Pipe, hardware by audiotest, and media that carries payloads from one phone to the other without a network.
type world struct {
	t      *testing.T
	server *sandbox.Server
	wire   *wire
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, wire: &wire{sessions: map[string]*fakeSession{}}}
	w.server = sandbox.New(sandbox.Options{Users: map[string]string{
		"alice": password, "bob": password,
		"carol": password, "dave": password, "erin": password, "4711": password,
	}})
	t.Cleanup(w.server.Close)
	return w
}

// account is the account of a user of the server.
func (w *world) account(name string) account.Account {
	a, err := account.New(config.Config{
		URI: "sip:" + name + "@" + w.server.Domain(), Password: password,
		DisplayName: strings.ToUpper(name[:1]) + name[1:],
		WSServers:   []config.Server{{WSURI: w.server.URL()}}, StunServers: []string{},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	a.ID = name
	return a
}

// testPhone is a phone with what belongs to it.
type testPhone struct {
	*Phone
	t    *testing.T
	name string
	host *audiotest.Host

	mu   sync.Mutex
	seen []State
	wake chan struct{}
}

// phone makes a phone and registers name with it.
func (w *world) phone(name string, change ...func(*Options)) *testPhone {
	w.t.Helper()
	p := w.bare(name, change...)
	p.save(w.account(name), account.SecretSession)
	p.until("registered", func(s State) bool { return len(s.Accounts) > 0 && s.Accounts[0].Status == StatusRegistered })
	return p
}

// bare makes a phone without an account.
func (w *world) bare(name string, change ...func(*Options)) *testPhone {
	w.t.Helper()
	p := &testPhone{t: w.t, name: name, host: audiotest.NewHost(), wake: make(chan struct{}, 1)}
	o := Options{Host: p.host, Version: "test", Dial: w.server.Dial, media: w.wire.engine}
	for _, f := range change {
		f(&o)
	}
	var err error
	if p.Phone, err = New(o); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(p.Phone.Close)
	if o.Store == nil { // what is not about it has nothing done to its sound
		s := p.Settings().WithCleaning(account.DeviceChoice{ID: audiotest.Microphone, Name: "Microphone"},
			account.DeviceChoice{ID: audiotest.Loudspeaker, Name: "Loudspeaker"}, account.DefaultCleaning())
		p.SaveSettings(s, nil)
	}
	p.Subscribe(func(s State) {
		for _, said := range english(s, p.Recent()...) { // in every State of every scenario
			p.t.Errorf("%s: %s", name, said)
		}
		p.mu.Lock()
		p.seen = append(p.seen, s)
		p.mu.Unlock()
		select {
		case p.wake <- struct{}{}:
		default:
		}
	})
	return p
}

// until waits for a State, those that nobody waited for before included, and returns it.
func (p *testPhone) until(what string, ok func(State) bool) State {
	p.t.Helper()
	limit := time.After(3 * time.Minute)
	var last State
	for {
		p.mu.Lock()
		for len(p.seen) > 0 {
			last = p.seen[0]
			if ok(last) {
				p.mu.Unlock()
				return last
			}
			p.seen = p.seen[1:]
		}
		p.mu.Unlock()
		select {
		case <-p.wake:
		case <-limit:
			p.t.Fatalf("%s: never %s; last %+v", p.name, what, p.State())
		}
	}
}

// long is said by a test of minutes of sound: it has nothing for the race detector that shorter ones do not have.
func long(t *testing.T, lasts time.Duration) {
	t.Helper()
	if raceDetector && lasts >= time.Minute {
		t.Skip("minutes of sound: run without the race detector")
	}
}

// alike is said by the variants of a test that differ in what is heard, and not in who touches what: for the race
// detector, under which minutes of sound take ten times as long, the first two are all.
func alike(t *testing.T, i int) {
	t.Helper()
	if raceDetector && i > 1 {
		t.Skip("as the first ones: run without the race detector")
	}
}

// unseen are the states that nobody has waited for yet.
func (p *testPhone) unseen() []State {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.seen)
}

// phase waits until the phone's call is in a phase, and returns it.
func (p *testPhone) phase(phase Phase) CallState {
	p.t.Helper()
	var call CallState
	p.until("in phase "+[]string{"calling", "ringing", "incoming", "answering", "established", "ending"}[phase],
		func(s State) bool {
			for _, c := range s.Calls {
				if c.Phase == phase {
					call = c
					return true
				}
			}
			return false
		})
	return call
}

// end waits until the phone's call has ended.
func (p *testPhone) end() EndedCall {
	p.t.Helper()
	return *p.until("ended", func(s State) bool { return s.Ended != nil && len(s.Calls) == 0 }).Ended
}

func (p *testPhone) save(a account.Account, place account.SecretPlace) {
	p.t.Helper()
	if err := p.trySave(a, account.Secret{}, place); err != nil {
		p.t.Fatal(err)
	}
}

func (p *testPhone) trySave(a account.Account, s account.Secret, place account.SecretPlace) error {
	done := make(chan error, 1)
	p.SaveAccount(a, s, place, func(err error) { done <- err })
	return <-done
}

// talk brings a call from p to q up and returns both ends of it.
func (p *testPhone) talk(q *testPhone) (mine, theirs CallState) {
	p.t.Helper()
	p.Dial("", q.name)
	q.Answer(q.phase(PhaseIncoming).ID)
	theirs = q.phase(PhaseEstablished)
	mine = p.phase(PhaseEstablished)
	return mine, theirs
}

// hears waits a second of sound and returns what p's loudspeaker has played.
func (p *testPhone) hears() audio.ToneReading {
	time.Sleep(200 * time.Millisecond) // what was under way
	p.host.TakePlayed(audiotest.Loudspeaker)
	time.Sleep(time.Second)
	return audio.MeasureTone(p.host.TakePlayed(audiotest.Loudspeaker))
}

// saidLevel is the amplitude of what says puts there, in dBFS: of a voice that is as loud as a conference makes all.
const saidLevel = -15

// says puts a tone on p's microphone.
func (p *testPhone) says(hz float64) {
	p.host.SetSource(audiotest.Microphone, audio.NewToneSource(audio.Sine(hz, saidLevel)))
}

// tell words a cause as people read it.
func tell(c cause.Cause) words.Told { return words.English().Tell(c) }

// said is a cause in one line, as it heads what is shown.
func said(c cause.Cause) string { return tell(c).Headline() }

// failure is why a message did not arrive, "" where it did.
func failure(m Message) string {
	if m.Cause == nil {
		return ""
	}
	return said(*m.Cause)
}

// Dial calls what a text means, as the window and the console do.
func (p *testPhone) Dial(accountID, text string) { p.DialWith(accountID, text, CallOptions{}) }

// DialWith is Dial with options.
func (p *testPhone) DialWith(accountID, text string, o CallOptions) {
	read := p.ReadDialled(accountID, text)
	if read.Problem != nil {
		p.loop.Post(func() {
			p.refused(Refusal{Command: CommandDial, AccountID: accountID, Text: text, Cause: *read.Problem})
		})
		return
	}
	o.After = read.PostDial
	p.Call(accountID, read.To, o)
}

// Transfer hands a call over to what a text means.
func (p *testPhone) Transfer(callID, text string) {
	to, why := p.ReadDialled("", text).ToTransfer()
	if why != nil {
		p.loop.Post(func() { p.refused(Refusal{Command: CommandTransfer, CallID: callID, Text: text, Cause: *why}) })
		return
	}
	p.Phone.Transfer(callID, to)
}

// AskFirst calls what a text means while a call waits.
func (p *testPhone) AskFirst(callID, text string) {
	read := p.ReadDialled("", text)
	if read.Problem != nil {
		p.loop.Post(func() {
			p.refused(Refusal{
				Command: CommandDial, CallID: callID, Text: text,
				Cause: *read.Problem,
			})
		})
		return
	}
	p.Phone.AskFirst(callID, read.To, CallOptions{After: read.PostDial})
}
