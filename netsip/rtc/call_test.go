package rtc

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/transport/v5/vnet"

	"calla/netsip"
)

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

var _ netsip.MediaSession = (*Session)(nil)
