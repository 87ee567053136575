package rtc

import (
	"context"
	"errors"
	"io"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/logging"
	"github.com/pion/transport/v5/vnet"

	"calla/netsip"
)

func codecs() []Codec {
	return []Codec{
		{Name: "opus", PayloadType: 111, ClockRate: 48000, Channels: 2, Fmtp: "minptime=10;useinbandfec=1"},
		{Name: "PCMU", PayloadType: 0, ClockRate: 8000},
		{Name: "PCMA", PayloadType: 8, ClockRate: 8000},
	}
}

// lan is a virtual network of hosts; its delay is one way.
type lan struct {
	t      *testing.T
	router *vnet.Router
}

func newLAN(t *testing.T, delay time.Duration) *lan {
	t.Helper()
	l := &lan{t: t}
	var err error
	l.router, err = vnet.NewRouter(&vnet.RouterConfig{
		CIDR: "198.51.100.0/24", MinDelay: delay, LoggerFactory: quiet(),
	})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func quiet() *logging.DefaultLoggerFactory {
	quiet := logging.NewDefaultLoggerFactory()
	quiet.DefaultLogLevel = logging.LogLevelDisabled
	return quiet
}

func (l *lan) start() {
	l.t.Helper()
	if err := l.router.Start(); err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() {
		if err := l.router.Stop(); err != nil {
			l.t.Error(err)
		}
	})
}

func (l *lan) engine(address string, change func(*Config)) *Engine {
	l.t.Helper()
	n, err := vnet.NewNet(&vnet.NetConfig{StaticIPs: []string{address}})
	if err != nil {
		l.t.Fatal(err)
	}
	if err := l.router.AddNet(n); err != nil {
		l.t.Fatal(err)
	}
	c := Config{Codecs: codecs(), Net: n}
	if change != nil {
		change(&c)
	}
	return newTestEngine(l.t, c)
}

func newTestEngine(t *testing.T, c Config) *Engine {
	t.Helper()
	e, err := NewEngine(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

func newTestSession(t *testing.T, e *Engine) *Session {
	t.Helper()
	s, err := e.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// pair is a call between two hosts of a lan.
type pair struct {
	*testing.T
	a, b *Session
}

// inBubble runs a test of two hosts in virtual time, each 20 ms from the other.
func inBubble(t *testing.T, test func(t *testing.T, p *pair)) {
	inBubbleOn(t, nil, nil, nil, test)
}

func inBubbleOn(t *testing.T, filter func(vnet.Chunk) bool, changeA, changeB func(*Config),
	test func(t *testing.T, p *pair),
) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		l := newLAN(t, 20*time.Millisecond)
		a, b := l.engine("198.51.100.1", changeA), l.engine("198.51.100.2", changeB)
		if filter != nil {
			l.router.AddChunkFilter(filter)
		}
		l.start()
		p := &pair{T: t, a: newTestSession(t, a), b: newTestSession(t, b)}
		test(t, p)
		p.a.Close()
		p.b.Close()
	})
}

// offer is one offer of from that to answers; both descriptions come back.
func (p *pair) offer(from, to *Session) (offer, answer string) {
	p.Helper()
	o, err := from.Offer(p.Context())
	if err != nil {
		p.Fatal(err)
	}
	if _, err := to.SetOffer(p.Context(), o); err != nil {
		p.Fatal(err)
	}
	a, err := to.Answer(p.Context())
	if err != nil {
		p.Fatal(err)
	}
	if _, err := from.SetAnswer(p.Context(), a); err != nil {
		p.Fatal(err)
	}
	return string(o), string(a)
}

func (p *pair) connect() {
	p.Helper()
	p.offer(p.a, p.b)
	waitState(p.T, p.a, Connected)
	waitState(p.T, p.b, Connected)
}

// waitState waits for a state and fails when another end is reached, or after half a minute.
func waitState(t *testing.T, s *Session, want MediaState) {
	t.Helper()
	for range 30000 {
		switch got := s.State(); {
		case got == want:
			return
		case got == Closed || got == Failed:
			t.Fatalf("state %v (%v), want %v", got, s.Failure(), want)
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatalf("state %v, want %v", s.State(), want)
}

// talk sends count packets of 20 ms and returns when to has had one of the last content. It fails
// where none comes in the time.
func talk(t *testing.T, from, to *Session, content string, count int) Packet {
	t.Helper()
	var wg sync.WaitGroup
	c, _ := from.SendCodec()
	wg.Go(func() {
		for range count {
			if err := from.WriteAudio([]byte(content), c.ClockRate/50); err != nil {
				t.Error(err)
			}
			time.Sleep(20 * time.Millisecond)
		}
	})
	wg.Wait()
	time.Sleep(100 * time.Millisecond)
	var last Packet
	for {
		p, ok := poll(to)
		if !ok {
			break
		}
		if string(p.Payload) == content {
			last = p
		}
	}
	if last.Payload == nil {
		t.Errorf("nothing heard of %q", content)
	}
	return last
}

// poll takes a packet if there is one.
func poll(s *Session) (Packet, bool) {
	s.packets.mu.Lock()
	empty := s.packets.length == 0
	s.packets.mu.Unlock()
	var p Packet
	return p, !empty && s.packets.take(&p) == nil
}

func TestCallConnectsAndCarriesAudioBothWays(t *testing.T) {
	inBubble(t, func(t *testing.T, p *pair) {
		var mu sync.Mutex
		var states []MediaState
		p.a.OnChange(func(m MediaState) { mu.Lock(); states = append(states, m); mu.Unlock() })
		p.connect()
		if c, ok := p.a.SendCodec(); !ok || c.Name != "opus" || c.PayloadType != 111 {
			t.Errorf("sends %+v, want opus by 111", c)
		}
		from := talk(t, p.a, p.b, "from a", 50)
		talk(t, p.b, p.a, "from b", 200)
		if c, ok := p.b.ReceiveCodec(from.PayloadType); !ok || c.Name != "opus" {
			t.Errorf("packet of payload type %d is %+v", from.PayloadType, c)
		}
		s := p.b.Stats()
		if s.PacketsReceived != 50 || s.PacketsSent != 200 || s.PacketsLost != 0 || s.BytesReceived != 50*6 {
			t.Errorf("stats %+v", s)
		}
		if s.RoundTrip < 39*time.Millisecond || s.RoundTrip > 45*time.Millisecond {
			t.Errorf("round trip %v, want 40 ms", s.RoundTrip)
		}
		if s.ConnectTime <= 0 || s.ConnectTime > time.Second || s.LocalCandidate != "host" ||
			s.RemoteCandidate != "host" {
			t.Errorf("connection %+v", s)
		}
		p.a.Close()
		synctest.Wait()
		want := []MediaState{Gathering, Negotiated, Connecting, Connected, Closed}
		mu.Lock()
		defer mu.Unlock()
		if len(states) != len(want) {
			t.Fatalf("states %v, want %v", states, want)
		}
		for i := range want {
			if states[i] != want[i] {
				t.Fatalf("states %v, want %v", states, want)
			}
		}
	})
}

func TestSequenceTimestampAndMarkerOfAudio(t *testing.T) {
	inBubble(t, func(t *testing.T, p *pair) {
		p.connect()
		write := func() {
			if err := p.a.WriteAudio([]byte("x"), 960); err != nil {
				t.Error(err)
			}
			time.Sleep(20 * time.Millisecond)
		}
		for range 3 {
			write()
		}
		time.Sleep(time.Second) // muted: nobody writes
		write()
		time.Sleep(100 * time.Millisecond)
		var got []Packet
		for q, ok := poll(p.b); ok; q, ok = poll(p.b) {
			got = append(got, q)
		}
		if len(got) != 4 {
			t.Fatalf("%d packets, want 4", len(got))
		}
		for i, want := range []struct {
			ticks  uint32
			marker bool
		}{{0, true}, {960, false}, {1920, false}, {3*960 + 48000, true}} {
			ticks := got[i].Timestamp - got[0].Timestamp
			if got[i].SequenceNumber-got[0].SequenceNumber != uint16(i) || got[i].Marker != want.marker {
				t.Errorf("packet %d: %+v", i, got[i])
			}
			if ticks < want.ticks || ticks > want.ticks+96 {
				t.Errorf("packet %d at %d ticks, want %d", i, ticks, want.ticks)
			}
		}
	})
}

func TestLossIsCountedAtBothEnds(t *testing.T) {
	n := 0
	var mu sync.Mutex
	tenth := func(c vnet.Chunk) bool {
		mu.Lock()
		defer mu.Unlock()
		if isRTP(c) {
			n++
		}
		return !isRTP(c) || n%10 != 5
	}
	inBubbleOn(t, tenth, nil, nil, func(t *testing.T, p *pair) {
		p.connect()
		talk(t, p.a, p.b, "from a", 200)
		time.Sleep(2 * time.Second)
		b, a := p.b.Stats(), p.a.Stats()
		if b.PacketsLost != 20 || a.RemoteLost != 20 {
			t.Errorf("lost %d, reported %d, want 20", b.PacketsLost, a.RemoteLost)
		}
	})
}

// isRTP tells RTP from RTCP, DTLS and STUN (RFC 7983, RFC 5761).
func isRTP(c vnet.Chunk) bool {
	d := c.UserData()
	return len(d) > 1 && d[0]>>6 == 2 && (d[1] < 192 || d[1] > 223)
}

func TestCallOnTheRealLoopback(t *testing.T) {
	e := newTestEngine(t, Config{Codecs: codecs(), IncludeLoopback: true})
	p := &pair{T: t, a: newTestSession(t, e), b: newTestSession(t, e)}
	p.connect()
	talk(t, p.a, p.b, "over the kernel", 10)
}

func TestUnreachableSTUNServerHoldsAnOfferHalfASecond(t *testing.T) {
	stun := func(c *Config) { c.ICEServers = []ICEServer{{URLs: []string{"stun:198.51.100.99:3478"}}} }
	inBubbleOn(t, nil, stun, nil, func(t *testing.T, p *pair) {
		begin := time.Now()
		if _, err := p.a.Offer(t.Context()); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begin); took != 500*time.Millisecond {
			t.Errorf("offer after %v, want the cap of 500 ms", took)
		}
	})
	inBubbleOn(t, nil, stun, nil, func(t *testing.T, p *pair) {
		p.a.Gather()
		time.Sleep(time.Second) // the user types
		begin := time.Now()
		if !p.a.Prepared() {
			t.Error("not prepared after the cap")
		}
		if _, err := p.a.Offer(t.Context()); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begin); took != 0 {
			t.Errorf("prepared offer after %v", took)
		}
	})
}

func TestGatheredAheadTooLongAgoIsGatheredAgain(t *testing.T) {
	inBubble(t, func(t *testing.T, p *pair) {
		p.a.Gather()
		synctest.Wait()
		p.a.mu.Lock()
		old := p.a.spare
		p.a.mu.Unlock()
		time.Sleep(31 * time.Second)
		if p.a.Prepared() {
			t.Error("still prepared after 31 s")
		}
		o, err := p.a.Offer(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if mustRead(t, string(o)).ufrag == old.ufrag {
			t.Error("offer of a transport 31 s old")
		}
	})
}

func TestOffererGatheredAheadConnects(t *testing.T) {
	inBubble(t, func(t *testing.T, p *pair) {
		p.a.Gather()
		p.b.Gather() // also an answerer with a spare transport of our own payload types
		time.Sleep(time.Second)
		p.connect()
		talk(t, p.a, p.b, "gathered ahead", 10)
	})
}

func TestMethodsOutOfTurn(t *testing.T) {
	e := newTestEngine(t, Config{IncludeLoopback: true})
	s := newTestSession(t, e)
	if _, err := s.Answer(t.Context()); !errors.Is(err, errOfferOutOfTurn) {
		t.Errorf("Answer without offer: %v", err)
	}
	if _, err := s.SetAnswer(t.Context(), []byte("v=0\r\n")); !errors.Is(err, errAnswerOutOfTurn) {
		t.Errorf("SetAnswer without offer: %v", err)
	}
	if err := s.WriteAudio([]byte("x"), 160); err != nil {
		t.Errorf("WriteAudio before agreement: %v", err)
	}
	if err := s.SendDTMF("1", 0, 0); !errors.Is(err, ErrNotConnected) {
		t.Errorf("SendDTMF before agreement: %v", err)
	}
	s.Close()
	_, offered := s.SetOffer(t.Context(), nil)
	_, answered := s.SetAnswer(t.Context(), nil)
	for name, err := range map[string]error{
		"SetOffer": offered, "SetAnswer": answered,
		"WriteAudio": s.WriteAudio([]byte("x"), 160), "SendDTMF": s.SendDTMF("1", 0, 0),
	} {
		if !errors.Is(err, ErrClosed) {
			t.Errorf("%s after Close: %v", name, err)
		}
	}
	if err := s.ReadAudio(new(Packet)); err != io.EOF {
		t.Errorf("ReadAudio after Close: %v", err)
	}
}

func TestCloseBreaksOffEveryMethod(t *testing.T) {
	stun := func(c *Config) { c.ICEServers = []ICEServer{{URLs: []string{"stun:198.51.100.99:3478"}}} }
	inBubbleOn(t, nil, stun, nil, func(t *testing.T, p *pair) {
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := p.a.Offer(t.Context()); !errors.Is(err, ErrClosed) {
				t.Errorf("Offer: %v", err)
			}
		})
		wg.Go(func() {
			if err := p.a.ReadAudio(new(Packet)); err != io.EOF {
				t.Errorf("ReadAudio: %v", err)
			}
		})
		time.Sleep(100 * time.Millisecond)
		begin := time.Now()
		p.a.Close()
		wg.Wait()
		if took := time.Since(begin); took > 50*time.Millisecond {
			t.Errorf("Close took %v", took)
		}
	})
}

// TestCloseAtEveryInstant closes each end at every millisecond of a call's set-up (CVE-2023-38703:
// end of a call against its DTLS handshake).
func TestCloseAtEveryInstant(t *testing.T) {
	for at := range 200 {
		inBubble(t, func(t *testing.T, p *pair) {
			var wg sync.WaitGroup
			wg.Go(func() {
				o, err := p.a.Offer(t.Context())
				if err != nil {
					return
				}
				if _, err = p.b.SetOffer(t.Context(), o); err != nil {
					return
				}
				a, err := p.b.Answer(t.Context())
				if err != nil {
					return
				}
				if _, err = p.a.SetAnswer(t.Context(), a); err != nil {
					return
				}
				for range 100 {
					if p.a.WriteAudio([]byte("x"), 960) != nil || p.b.WriteAudio([]byte("y"), 960) != nil {
						return
					}
					_ = p.a.SendDTMF("1", 0, 0)
					time.Sleep(time.Millisecond)
				}
			})
			time.Sleep(time.Duration(at) * time.Millisecond)
			first, second := p.a, p.b
			if at%2 == 1 {
				first, second = p.b, p.a
			}
			wg.Go(func() { first.Close() })
			wg.Go(func() { second.Stats(); second.Close() })
			wg.Wait()
		})
	}
}

func TestCloseFromACallback(t *testing.T) {
	inBubble(t, func(t *testing.T, p *pair) {
		closed := make(chan struct{})
		p.a.OnChange(func(m MediaState) {
			if m == Connected {
				p.a.Close()
				close(closed)
			}
		})
		p.offer(p.a, p.b)
		<-closed
	})
}

func TestEngineCloseClosesItsSessions(t *testing.T) {
	inBubble(t, func(t *testing.T, p *pair) {
		p.connect()
		p.a.engine.Close()
		if p.a.State() != Closed {
			t.Errorf("state %v", p.a.State())
		}
		if _, err := p.a.engine.NewSession(); !errors.Is(err, ErrClosed) {
			t.Errorf("NewSession: %v", err)
		}
	})
}

func TestVanishedFarEndIsDisconnectedThenFailed(t *testing.T) {
	var mu sync.Mutex
	cut := false
	filter := func(vnet.Chunk) bool { mu.Lock(); defer mu.Unlock(); return !cut }
	inBubbleOn(t, filter, nil, nil, func(t *testing.T, p *pair) {
		p.connect()
		mu.Lock()
		cut = true
		mu.Unlock()
		time.Sleep(10 * time.Second)
		if p.a.State() != Disconnected {
			t.Errorf("state %v after 10 s of silence", p.a.State())
		}
		time.Sleep(30 * time.Second)
		if p.a.State() != Failed || p.a.Failure() != FailurePathLost {
			t.Errorf("state %v (%v) after 40 s of silence", p.a.State(), p.a.Failure())
		}
	})
}

func TestShortOutageIsSurvived(t *testing.T) {
	var mu sync.Mutex
	cut := false
	filter := func(vnet.Chunk) bool { mu.Lock(); defer mu.Unlock(); return !cut }
	set := func(v bool) { mu.Lock(); cut = v; mu.Unlock() }
	inBubbleOn(t, filter, nil, nil, func(t *testing.T, p *pair) {
		p.connect()
		set(true)
		time.Sleep(10 * time.Second)
		set(false)
		waitState(t, p.a, Connected)
		waitState(t, p.b, Connected)
		talk(t, p.a, p.b, "back again", 10)
	})
}

// TestWrongFingerprintFails: a certificate that is not the one of the description is not talked to
// (CVE-2021-28681).
func TestWrongFingerprintFails(t *testing.T) {
	inBubble(t, func(t *testing.T, p *pair) {
		o, err := p.a.Offer(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		d := mustRead(t, string(o))
		other := "00" + d.fingerprints[0][len("sha-256 00"):]
		if _, err := p.b.SetOffer(t.Context(),
			[]byte(replaceOnce(t, string(o), d.fingerprints[0], "sha-256 "+other))); err != nil {
			t.Fatal(err)
		}
		a, err := p.b.Answer(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.a.SetAnswer(t.Context(), a); err != nil {
			t.Fatal(err)
		}
		for p.b.State() != Failed {
			time.Sleep(10 * time.Millisecond)
		}
		if p.b.Failure() != FailureEncryption {
			t.Errorf("failed by %v", p.b.Failure())
		}
	})
}

func TestConfigIsChecked(t *testing.T) {
	for name, c := range map[string]Config{
		"payload type twice":    {Codecs: []Codec{{Name: "a", ClockRate: 8000}, {Name: "b", ClockRate: 8000}}},
		"payload type of RTCP":  {Codecs: []Codec{{Name: "a", ClockRate: 8000, PayloadType: 72}}},
		"no clock rate":         {Codecs: []Codec{{Name: "a"}}},
		"line feed in fmtp":     {Codecs: []Codec{{Name: "a", ClockRate: 8000, Fmtp: "x\r\na=y"}}},
		"URL of another scheme": {ICEServers: []ICEServer{{URLs: []string{"http://stun.example"}}}},
		"TURN without password": {ICEServers: []ICEServer{{URLs: []string{"turn:turn.example"}}}},
		"relay without TURN":    {RelayOnly: true, ICEServers: []ICEServer{{URLs: []string{"stun:stun.example"}}}},
	} {
		if _, err := NewEngine(c); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestContextEndsAnOffer(t *testing.T) {
	stun := func(c *Config) { c.ICEServers = []ICEServer{{URLs: []string{"stun:198.51.100.99:3478"}}} }
	inBubbleOn(t, nil, stun, nil, func(t *testing.T, p *pair) {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if _, err := p.a.Offer(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Offer: %v", err)
		}
	})
}

var _ netsip.MediaSession = (*Session)(nil)
