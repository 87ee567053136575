package rtc

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/logging"
	"github.com/pion/transport/v5/vnet"
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

// isRTP tells RTP from RTCP, DTLS and STUN (RFC 7983, RFC 5761).
func isRTP(c vnet.Chunk) bool {
	d := c.UserData()
	return len(d) > 1 && d[0]>>6 == 2 && (d[1] < 192 || d[1] > 223)
}
