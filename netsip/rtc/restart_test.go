package rtc

import (
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/transport/v5"
	"github.com/pion/transport/v5/vnet"
	"github.com/pion/webrtc/v4"
)

// isDTLS tells DTLS from what else shares a port (RFC 7983 section 7).
func isDTLS(c vnet.Chunk) bool {
	d := c.UserData()
	return len(d) > 0 && d[0] >= 20 && d[0] <= 63
}

// oneAssociation is a far end like Asterisk: it keeps one PeerConnection for a call, restarts ICE within it, and never
// makes a second DTLS handshake.
type oneAssociation struct {
	*testing.T
	pc      *webrtc.PeerConnection
	track   *webrtc.TrackLocalStaticRTP
	stop    chan struct{}
	sending sync.WaitGroup

	times listened
	mu    sync.Mutex
	heard []rtp.Header
}

// listened notes when packets come.
type listened struct {
	mu    sync.Mutex
	times []time.Time
}

func (l *listened) note() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.times = append(l.times, time.Now())
}

// last is when the last packet came.
func (l *listened) last() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.times) == 0 {
		return time.Time{}
	}
	return l.times[len(l.times)-1]
}

// gap is the longest time without a packet since a moment.
func (l *listened) gap(since time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	longest, before := time.Duration(0), since
	for _, at := range append(l.times, time.Now()) {
		if at.After(since) {
			longest, before = max(longest, at.Sub(before)), at
		}
	}
	return longest
}

func (l *lan) oneAssociation(address string, lite bool) *oneAssociation {
	l.t.Helper()
	n, err := vnet.NewNet(&vnet.NetConfig{StaticIPs: []string{address}})
	if err != nil {
		l.t.Fatal(err)
	}
	if err := l.router.AddNet(n); err != nil {
		l.t.Fatal(err)
	}
	return newOneAssociation(l.t, n, lite, 1000)
}

// newOneAssociation is one that sends so many checks for a pair, and then none until ICE is restarted.
func newOneAssociation(t *testing.T, n transport.Net, lite bool, checks uint16) *oneAssociation {
	t.Helper()
	var setting webrtc.SettingEngine
	setting.SetNet(n)
	setting.SetLite(lite)
	setting.LoggerFactory = quiet()
	setting.SetHandleUndeclaredSSRCWithoutAnswer(true)
	setting.SetICEMaxBindingRequests(checks)
	if lite {
		setting.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	}
	var media webrtc.MediaEngine
	if err := media.RegisterDefaultCodecs(); err != nil {
		t.Fatal(err)
	}
	pc, err := webrtc.NewAPI(webrtc.WithSettingEngine(setting), webrtc.WithMediaEngine(&media)).
		NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	f := &oneAssociation{T: t, pc: pc, stop: make(chan struct{})}
	f.track, err = webrtc.NewTrackLocalStaticRTP(
		webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2}, "sound", "far")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pc.AddTrack(f.track); err != nil {
		t.Fatal(err)
	}
	pc.OnTrack(func(t *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		for {
			p, _, err := t.ReadRTP()
			if err != nil {
				return
			}
			f.times.note()
			f.mu.Lock()
			f.heard = append(f.heard, p.Header)
			f.mu.Unlock()
		}
	})
	return f
}

// speak sends a packet every 20 ms until close.
func (f *oneAssociation) speak() {
	f.sending.Go(func() {
		h := rtp.Header{Version: 2, PayloadType: 111, SSRC: 77}
		for {
			h.SequenceNumber++
			h.Timestamp += 960
			_ = f.track.WriteRTP(&rtp.Packet{Header: h, Payload: []byte("far")})
			select {
			case <-time.After(20 * time.Millisecond):
			case <-f.stop:
				return
			}
		}
	})
}

func (f *oneAssociation) close() {
	close(f.stop)
	f.sending.Wait()
	if err := f.pc.GracefulClose(); err != nil {
		f.Error(err)
	}
}

// describe waits until the description is complete.
func (f *oneAssociation) describe(d webrtc.SessionDescription, err error) []byte {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
	complete := webrtc.GatheringCompletePromise(f.pc)
	if err := f.pc.SetLocalDescription(d); err != nil {
		f.Fatal(err)
	}
	<-complete
	return []byte(f.pc.LocalDescription().SDP)
}

// answers has it answer an offer of s.
func (f *oneAssociation) answers(s *Session) {
	f.Helper()
	o, err := s.Offer(f.Context())
	if err != nil {
		f.Fatal(err)
	}
	d := webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: string(o)}
	if err := f.pc.SetRemoteDescription(d); err != nil {
		f.Fatal(err)
	}
	if _, err := s.SetAnswer(f.Context(), f.describe(f.pc.CreateAnswer(nil))); err != nil {
		f.Fatal(err)
	}
}

// offers has it offer to s, for a restarted ICE where it says so.
func (f *oneAssociation) offers(s *Session, restart bool) {
	f.Helper()
	o := f.describe(f.pc.CreateOffer(&webrtc.OfferOptions{ICERestart: restart}))
	if _, err := s.SetOffer(f.Context(), o); err != nil {
		f.Fatal(err)
	}
	a, err := s.Answer(f.Context())
	if err != nil {
		f.Fatal(err)
	}
	d := webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: string(a)}
	if err := f.pc.SetRemoteDescription(d); err != nil {
		f.Fatal(err)
	}
}

// TestICERestartKeepsTheAssociation: both ends hear each other again after a restart by either end, with a far end that
// never makes a second DTLS handshake. RTP goes on with its SSRC and sequence numbers, and with the keys it had.
//
// Holds: ice-restart
func TestICERestartKeepsTheAssociation(t *testing.T) {
	for _, c := range []struct {
		name     string
		lite     bool // the far end is
		theyCall bool
		restarts string // in turn: o is ours, t is theirs
		hold     bool   // restarts happen on hold
		cut      bool   // the path before is gone
	}{
		{name: "ours, we called", restarts: "o"},
		{name: "ours, they called", theyCall: true, restarts: "o"},
		{name: "theirs, we called", restarts: "t"},
		{name: "theirs, they called", theyCall: true, restarts: "t"},
		{name: "ours, the path before is gone", restarts: "o", cut: true},
		{name: "theirs, the path before is gone", theyCall: true, restarts: "t", cut: true},
		{name: "ours and theirs in turn", restarts: "otot"},
		{name: "ours again and again", theyCall: true, restarts: "oooo"},
		{name: "ours on hold", restarts: "o", hold: true},
		{name: "theirs on hold", restarts: "t", hold: true},
		{name: "ours with an ICE-lite far end", lite: true, restarts: "oo"},
		{name: "ours with an ICE-lite caller", lite: true, theyCall: true, restarts: "o"},
		{name: "that of an ICE-lite far end", lite: true, restarts: "t"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var handshaking atomic.Int64
				var gone atomic.Pointer[map[string]bool] // addresses of the path that is cut
				l := newLAN(t, 20*time.Millisecond)
				seen := map[string]bool{}
				l.router.AddChunkFilter(func(chunk vnet.Chunk) bool {
					if isDTLS(chunk) {
						handshaking.Add(1)
					}
					ours := chunk.SourceAddr().String()
					if chunk.DestinationAddr().Network() == "udp" && len(ours) > 0 && ours[:12] != "198.51.100.1" {
						ours = chunk.DestinationAddr().String()
					}
					if m := gone.Load(); m != nil {
						return !(*m)[ours]
					}
					seen[ours] = true
					return true
				})
				e, far := l.engine("198.51.100.1", nil), l.oneAssociation("198.51.100.2", c.lite)
				l.start()
				s := newTestSession(t, e)
				defer s.Close()
				defer far.close()
				if c.theyCall {
					far.offers(s, false)
				} else {
					far.answers(s)
				}
				waitState(t, s, Connected)
				far.speak()
				sentTo(t, s, far, 10)
				heardFrom(t, s, 5)
				before, fingerprint := handshaking.Load(), s.certificate.fingerprint
				s.SetHold(c.hold)
				for _, by := range c.restarts {
					if c.cut {
						gone.Store(&seen)
					}
					if by == 'o' {
						s.RestartICE()
						far.answers(s)
					} else {
						far.offers(s, true)
					}
					time.Sleep(2 * time.Second)
					if got := s.State(); got != Connected {
						t.Fatalf("state %v (%v) after a restart", got, s.Failure())
					}
				}
				if c.hold {
					s.SetHold(false)
					far.answers(s)
				}
				sentTo(t, s, far, 10)
				heardFrom(t, s, 20)
				if again := handshaking.Load(); again != before {
					t.Errorf("%d DTLS packets after the handshake", again-before)
				}
				if s.certificate.fingerprint != fingerprint {
					t.Error("another certificate")
				}
				far.mu.Lock()
				defer far.mu.Unlock()
				for i, h := range far.heard {
					if h.SSRC != far.heard[0].SSRC || i > 0 && h.SequenceNumber <= far.heard[i-1].SequenceNumber {
						t.Fatalf("packet %d: %+v after %+v", i, h, far.heard[i-1])
					}
				}
			})
		})
	}
}

// sentTo sends count packets and waits until the far end has heard as many more.
func sentTo(t *testing.T, s *Session, f *oneAssociation, count int) {
	t.Helper()
	f.mu.Lock()
	before := len(f.heard)
	f.mu.Unlock()
	for range count {
		if err := s.WriteAudio([]byte("ours"), 960); err != nil {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Millisecond)
	}
	time.Sleep(time.Second)
	f.mu.Lock()
	defer f.mu.Unlock()
	if heard := len(f.heard) - before; heard != count {
		t.Errorf("the far end hears %d packets of %d", heard, count)
	}
}

// heardFrom empties the queue and waits until that many packets have come.
func heardFrom(t *testing.T, s *Session, count int) {
	t.Helper()
	for _, ok := poll(s); ok; _, ok = poll(s) {
	}
	time.Sleep(time.Duration(count+5) * 20 * time.Millisecond)
	heard := 0
	for _, ok := poll(s); ok; _, ok = poll(s) {
		heard++
	}
	if heard < count {
		t.Errorf("%d packets heard, want %d", heard, count)
	}
}

// TestRestartBreaksOffNothing: while the old path is good, a restart costs not one packet, whoever asks for it, and
// none when it comes to nothing.
//
// Holds: ice-restart
func TestRestartBreaksOffNothing(t *testing.T) {
	ours := func(p *pair) { p.a.RestartICE(); p.offer(p.a, p.b) }
	theirs := func(p *pair) { p.b.RestartICE(); p.offer(p.b, p.a) }
	refused := func(p *pair) {
		p.a.RestartICE()
		if _, err := p.a.Offer(p.Context()); err != nil {
			p.Fatal(err)
		}
		time.Sleep(200 * time.Millisecond)
		if err := p.a.Rollback(p.Context()); err != nil {
			p.Fatal(err)
		}
	}
	glare := func(p *pair) {
		p.a.RestartICE()
		p.b.RestartICE()
		for _, s := range []*Session{p.a, p.b} {
			if _, err := s.Offer(p.Context()); err != nil {
				p.Fatal(err)
			}
		}
		for _, s := range []*Session{p.a, p.b} {
			if err := s.Rollback(p.Context()); err != nil {
				p.Fatal(err)
			}
		}
		time.Sleep(100 * time.Millisecond)
		p.offer(p.b, p.a)
	}
	unanswerable := func(p *pair) { // the far end agrees, and its answer never comes
		p.a.RestartICE()
		o, err := p.a.Offer(p.Context())
		if err != nil {
			p.Fatal(err)
		}
		if _, err := p.b.SetOffer(p.Context(), o); err != nil {
			p.Fatal(err)
		}
		if _, err := p.b.Answer(p.Context()); err != nil {
			p.Fatal(err)
		}
		time.Sleep(3 * time.Second)
		if err := p.a.Rollback(p.Context()); err != nil {
			p.Fatal(err)
		}
	}
	for _, c := range []struct {
		name string
		do   func(*pair)
	}{
		{"by us", ours},
		{"by them", theirs},
		{"one after the other", func(p *pair) { ours(p); theirs(p); ours(p) }},
		{"refused", refused},
		{"refused, then taken", func(p *pair) { refused(p); ours(p) }},
		{"both at once", glare},
		{"answered, and the answer is lost", unanswerable},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, p *pair) {
				p.connect()
				stop, sent := make(chan struct{}), 0
				var speaking sync.WaitGroup
				speaking.Go(func() {
					for {
						select {
						case <-stop:
							return
						case <-time.After(20 * time.Millisecond):
						}
						_ = p.a.WriteAudio([]byte("a"), 960)
						_ = p.b.WriteAudio([]byte("b"), 960)
						sent++
					}
				})
				time.Sleep(200 * time.Millisecond)
				c.do(p)
				time.Sleep(3 * time.Second)
				close(stop)
				speaking.Wait()
				time.Sleep(200 * time.Millisecond)
				for name, s := range map[string]*Session{"a": p.a, "b": p.b} {
					if got := s.Stats(); got.PacketsReceived != uint64(sent) || got.PacketsLost != 0 {
						t.Errorf("%s heard %d packets of %d, lost %d", name, got.PacketsReceived, sent, got.PacketsLost)
					}
					if s.State() != Connected {
						t.Errorf("%s: %v", name, s.State())
					}
				}
			})
		})
	}
}

// TestAnotherAssociationIsAnother: a fingerprint or a tls-id of the far end that changes asks for another handshake,
// and nothing else does (RFC 8842 section 4).
//
// Holds: ice-restart
func TestAnotherAssociationIsAnother(t *testing.T) {
	const other = "sha-256 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:" +
		"00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF"
	for _, c := range []struct {
		name          string
		first, second description
		same          bool
	}{
		{"nothing changes", description{ufrag: "a"}, description{ufrag: "a"}, true},
		{"ICE restarts", description{ufrag: "a"}, description{ufrag: "b"}, true},
		{"another certificate", description{}, description{fingerprints: []string{other}}, false},
		{"another tls-id", description{tlsID: "one"}, description{tlsID: "two"}, false},
		{"the same tls-id", description{tlsID: "one"}, description{tlsID: "one", ufrag: "b"}, true},
		{"a tls-id for the first time", description{}, description{tlsID: "one"}, true},
		{"a tls-id no more", description{tlsID: "one"}, description{}, true},
		{"another DTLS role", description{setup: "active"}, description{setup: "passive", ufrag: "b"}, true},
		{"ICE-lite from now on", description{}, description{lite: true, ufrag: "b"}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, d := range []*description{&c.first, &c.second} {
				if d.fingerprints == nil {
					d.fingerprints = []string{"sha-256 " + testPrint}
				}
			}
			s := &Session{}
			p := newPeer(s, nil, &c.first, true)
			if got := p.talksTo(&c.second, &c.first); got != c.same {
				t.Errorf("the same association: %v", got)
			}
		})
	}
	if (*peer)(nil).talksTo(&description{}, nil) {
		t.Error("no transport talks to somebody")
	}
}
