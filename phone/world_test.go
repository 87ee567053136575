package phone

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"calla/account"
	"calla/audio"
	"calla/audio/audiotest"
	"calla/netsip"
	"calla/netsip/config"
	"calla/netsip/rtc"
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

// says puts a tone on p's microphone.
func (p *testPhone) says(hz float64) {
	p.host.SetSource(audiotest.Microphone, audio.NewToneSource(audio.Sine(hz, -12)))
}

// wire carries the media of all phones of a world.
type wire struct {
	mu       sync.Mutex
	sessions map[string]*fakeSession
	next     int
	refusal  error       // of every answer
	fails    bool        // the media of no caller comes up
	stalls   bool        // the same, and says nothing
	failure  rtc.Failure // why
	noEvents bool        // nobody takes telephone-event
	prepared int         // sessions that were asked to gather
	open     int
}

func (w *wire) engine(s rtcSettings) (mediaEngine, error) {
	var names []string
	for _, c := range Codecs(s.codecs) {
		names = append(names, c.Name)
	}
	return fakeEngine{w, names}, nil
}

// count returns how many sessions have gathered and how many are open.
func (w *wire) count() (prepared, open int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.prepared, w.open
}

type fakeEngine struct {
	wire   *wire
	codecs []string // by name, the best first
}

func (e fakeEngine) Close() error { return nil }

func (e fakeEngine) NewMediaSession() (netsip.MediaSession, error) {
	e.wire.mu.Lock()
	defer e.wire.mu.Unlock()
	e.wire.next++
	e.wire.open++
	s := &fakeSession{
		wire: e.wire, id: "m" + string(rune('A'+e.wire.next)),
		packets: make(chan rtc.Packet, 64), closed: make(chan struct{}), codecs: e.codecs,
	}
	e.wire.sessions[s.id] = s
	return s, nil
}

// fakeSession is one end of a call's media. Its descriptions name it, so that the other end finds it.
type fakeSession struct {
	wire    *wire
	id      string
	packets chan rtc.Packet
	closed  chan struct{}
	codecs  []string // of its phone

	mu          sync.Mutex
	peer        *fakeSession
	state       rtc.MediaState
	onChange    func(rtc.MediaState)
	onDTMF      func(rune, time.Duration)
	onPath      func(bool)
	onRelayLost func()
	relays      []rtc.RelayFailure
	held        bool          // we hold
	offered     rtc.Direction // by the far end, what waits for our answer
	local       rtc.Direction
	restarts    int
	deaf        bool                     // what is sent to it is lost
	loses       func(packet uint64) bool // of what is sent to it; nil = nothing
	sent        uint64
	received    uint64
	timestamp   uint32
}

func (s *fakeSession) sdp(d rtc.Direction) []byte {
	return []byte("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=" + s.id + "\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=" +
		d.String() + "\r\n")
}

// direction reads the one of a description.
func direction(sdp []byte) rtc.Direction {
	for _, d := range []rtc.Direction{rtc.SendOnly, rtc.RecvOnly, rtc.Inactive} {
		if strings.Contains(string(sdp), "a="+d.String()) {
			return d
		}
	}
	return rtc.SendRecv
}

// both is the direction of who may send and receive.
func both(sends, receives bool) rtc.Direction {
	switch {
	case sends && receives:
		return rtc.SendRecv
	case sends:
		return rtc.SendOnly
	case receives:
		return rtc.RecvOnly
	}
	return rtc.Inactive
}

// link joins the session to the one that a description names.
func (s *fakeSession) link(sdp []byte) error {
	_, rest, _ := strings.Cut(string(sdp), "\r\ns=")
	id, _, _ := strings.Cut(rest, "\r\n")
	s.wire.mu.Lock()
	peer := s.wire.sessions[id]
	s.wire.mu.Unlock()
	if peer == nil {
		return &netsip.MediaError{StatusCode: 488, Reason: "no such peer"}
	}
	s.mu.Lock()
	s.peer = peer
	s.mu.Unlock()
	return nil
}

func (s *fakeSession) become(state rtc.MediaState) {
	s.mu.Lock()
	s.state = state
	f, path := s.onChange, s.onPath
	s.mu.Unlock()
	if path != nil {
		path(state != rtc.Disconnected && state != rtc.Failed)
	}
	if f != nil {
		f(state)
	}
}

// agreed connects what was not; a path that is lost stays so until the test has it back.
func (s *fakeSession) agreed() {
	s.mu.Lock()
	fresh := s.state < rtc.Connected
	s.mu.Unlock()
	if fresh {
		s.become(rtc.Negotiated)
		s.become(rtc.Connected)
	}
}

func (s *fakeSession) Offer(context.Context) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sdp(both(true, !s.held)), nil
}

func (s *fakeSession) SetOffer(_ context.Context, sdp []byte) (netsip.RemoteMedia, error) {
	d := direction(sdp)
	s.mu.Lock()
	s.offered = d
	s.mu.Unlock()
	return netsip.RemoteMedia{Direction: d, Held: !d.Receives()}, s.link(sdp)
}

func (s *fakeSession) SetAnswer(_ context.Context, sdp []byte) (netsip.RemoteMedia, error) {
	if s.wire.refusal != nil {
		return netsip.RemoteMedia{}, s.wire.refusal
	}
	if err := s.link(sdp); err != nil {
		return netsip.RemoteMedia{}, err
	}
	d := direction(sdp)
	remote := netsip.RemoteMedia{Direction: d, Held: !d.Receives()}
	s.mu.Lock()
	s.local = both(d.Receives(), d.Sends() && !s.held)
	s.mu.Unlock()
	if s.wire.stalls {
		s.become(rtc.Negotiated)
		s.become(rtc.Connecting)
		return remote, nil
	}
	if s.wire.fails {
		s.become(rtc.Negotiated)
		s.become(rtc.Failed)
		return remote, nil
	}
	s.agreed()
	return remote, nil
}

func (s *fakeSession) Answer(context.Context) ([]byte, error) {
	s.mu.Lock()
	s.local = both(s.offered.Receives(), s.offered.Sends() && !s.held)
	d := s.local
	s.mu.Unlock()
	s.agreed()
	return s.sdp(d), nil
}

func (s *fakeSession) Rollback(context.Context) error { return nil }

func (s *fakeSession) SetHold(held bool) {
	s.mu.Lock()
	s.held = held
	s.mu.Unlock()
}

func (s *fakeSession) RestartICE() {
	s.mu.Lock()
	s.restarts++
	s.mu.Unlock()
}

// lose loses what the far end sends, or does no more.
func (s *fakeSession) lose(on bool) {
	s.mu.Lock()
	s.deaf = on
	s.mu.Unlock()
}

// restarted is how often a new transport was asked for.
func (s *fakeSession) restarted() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.restarts
}

func (s *fakeSession) OnRelayLost(f func()) {
	s.mu.Lock()
	s.onRelayLost = f
	s.mu.Unlock()
}

// RelayFailures are those that a test has made.
func (s *fakeSession) RelayFailures() []rtc.RelayFailure {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.relays
}

func (*fakeSession) OnUntaken(func()) {}

func (s *fakeSession) OnPath(f func(bool)) {
	s.mu.Lock()
	s.onPath = f
	s.mu.Unlock()
}

func (s *fakeSession) Close() error {
	s.wire.mu.Lock()
	defer s.wire.mu.Unlock()
	select {
	case <-s.closed:
	default:
		close(s.closed)
		s.wire.open--
	}
	return nil
}

func (s *fakeSession) Gather() {
	s.wire.mu.Lock()
	s.wire.prepared++
	s.wire.mu.Unlock()
}

func (s *fakeSession) OnChange(f func(rtc.MediaState)) {
	s.mu.Lock()
	s.onChange = f
	s.mu.Unlock()
}

func (s *fakeSession) OnDTMF(f func(rune, time.Duration)) {
	s.mu.Lock()
	s.onDTMF = f
	s.mu.Unlock()
}

func (s *fakeSession) SendCodec() (rtc.Codec, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return rtc.Codec{Name: s.agreedOn(), ClockRate: 8000}, s.state >= rtc.Negotiated
}

func (*fakeSession) Tell(rtc.Heard) {}

func (s *fakeSession) Wishes() rtc.Wishes { return rtc.Wishes{} }

func (s *fakeSession) ReceiveCodec(payloadType uint8) (rtc.Codec, bool) {
	if payloadType == 13 {
		return rtc.Codec{Name: rtc.ComfortNoise, ClockRate: 8000}, true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return rtc.Codec{Name: s.agreedOn(), ClockRate: 8000}, true
}

// agreedOn is the codec of both ends: of those of the end that has fewer, the best that the other has.
func (s *fakeSession) agreedOn() string {
	if s.peer == nil {
		return "PCMU"
	}
	few, more := s.codecs, s.peer.codecs
	if len(more) < len(few) {
		few, more = more, few
	}
	for _, name := range few {
		if slices.Contains(more, name) {
			return name
		}
	}
	return "PCMU"
}

func (s *fakeSession) LocalDirection() rtc.Direction {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.local
}

func (s *fakeSession) WriteAudio(payload []byte, samples uint32) error {
	s.mu.Lock()
	peer := s.peer
	s.timestamp += samples
	if len(payload) == 0 || peer == nil {
		s.mu.Unlock()
		return nil
	}
	s.sent++
	p := rtc.Packet{
		SequenceNumber: uint16(s.sent), Timestamp: s.timestamp, Payload: append([]byte(nil), payload...),
		Arrival: time.Now(),
	}
	s.mu.Unlock()
	peer.mu.Lock()
	deaf := peer.deaf || peer.loses != nil && peer.loses(uint64(p.SequenceNumber))
	peer.mu.Unlock()
	if deaf {
		return nil
	}
	select {
	case peer.packets <- p:
	default: // nobody reads: lost
	}
	return nil
}

// WritePause implements mediaSession: nobody wishes pauses left out.
func (s *fakeSession) WritePause(_ []byte, samples uint32) error { return s.WriteAudio(nil, samples) }

func (s *fakeSession) ReadAudio(p *rtc.Packet) error {
	select {
	case *p = <-s.packets:
		s.mu.Lock()
		s.received++
		s.mu.Unlock()
		return nil
	case <-s.closed:
		return io.EOF
	}
}

func (s *fakeSession) SendDTMF(digits string, length, _ time.Duration) error {
	if s.wire.noEvents {
		return errors.New("telephone-event not negotiated")
	}
	s.mu.Lock()
	peer := s.peer
	s.mu.Unlock()
	peer.mu.Lock()
	f := peer.onDTMF
	peer.mu.Unlock()
	for _, digit := range digits {
		f(digit, length)
	}
	return nil
}

// Failure is why the media failed.
func (s *fakeSession) Failure() rtc.Failure {
	return s.wire.failure
}

func (s *fakeSession) Stats() rtc.Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return rtc.Stats{PacketsSent: s.sent, PacketsReceived: s.received, RoundTrip: 20 * time.Millisecond}
}

// session returns the media of a phone's first call.
func (p *testPhone) session() *fakeSession {
	var s *fakeSession
	p.loop.Do(func() { s = p.calls[0].media.(*fakeSession) })
	return s
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
