package rtc

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"calla/netsip"
)

// readAny reads a description whatever formats it has.
func readAny(sdp []byte) (*description, error) {
	return readDescription(sdp, sections{}.inOffer, func(*description) error { return nil })
}

func mustRead(t *testing.T, sdp string) *description {
	t.Helper()
	d, err := readAny([]byte(sdp))
	if err != nil {
		t.Fatalf("%v in\n%s", err, sdp)
	}
	return d
}

func replaceOnce(t *testing.T, s, old, replacement string) string {
	t.Helper()
	if strings.Count(s, old) != 1 {
		t.Fatalf("%q is in the description %d times", old, strings.Count(s, old))
	}
	return strings.Replace(s, old, replacement, 1)
}

func version(t *testing.T, sdp string) (id, version uint64) {
	t.Helper()
	if _, err := fmt.Sscanf(sdp, "v=0\r\no=- %d %d IN IP4", &id, &version); err != nil {
		t.Fatalf("%v in\n%s", err, sdp)
	}
	return id, version
}

// reoffer gives s an offer of the far end made from its last description and returns the answer.
func reoffer(t *testing.T, s *Session, sdp string) *description {
	t.Helper()
	if _, err := s.SetOffer(t.Context(), []byte(sdp)); err != nil {
		t.Fatal(err)
	}
	a, err := s.Answer(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return mustRead(t, string(a))
}

// TestHoldAndResumeDirections: RFC 3264 section 6.1 and 8.4, from both ends and both at once.
func TestHoldAndResumeDirections(t *testing.T) {
	for _, c := range []struct {
		offered Direction
		held    bool
		want    Direction
	}{
		{SendRecv, false, SendRecv},
		{SendOnly, false, RecvOnly},
		{RecvOnly, false, SendOnly},
		{Inactive, false, Inactive},
		{SendRecv, true, SendOnly},
		{SendOnly, true, Inactive},
		{RecvOnly, true, SendOnly},
		{Inactive, true, Inactive},
	} {
		t.Run(fmt.Sprintf("%v held %v", c.offered, c.held), func(t *testing.T) {
			inBubble(t, func(t *testing.T, p *pair) {
				o, _ := p.offer(p.a, p.b)
				waitState(t, p.a, Connected)
				waitState(t, p.b, Connected)
				before := p.b.current.Load()
				p.b.SetHold(c.held)
				got := reoffer(t, p.b, replaceOnce(t, o, "a=sendrecv", "a="+c.offered.String()))
				if got.direction != c.want {
					t.Errorf("answer says %v, want %v", got.direction, c.want)
				}
				if p.b.LocalDirection() != c.want || p.b.RemoteDirection() != c.offered {
					t.Errorf("directions %v, %v", p.b.LocalDirection(), p.b.RemoteDirection())
				}
				if p.b.current.Load() != before || p.b.next != nil {
					t.Error("hold made a new transport")
				}
				p.b.SetHold(false)
				if got := reoffer(t, p.b, o); got.direction != SendRecv {
					t.Errorf("resume is answered with %v", got.direction)
				}
				talk(t, p.b, p.a, "after resume", 10)
				talk(t, p.a, p.b, "after resume", 10)
			})
		})
	}
}

func TestHeldDirectionGatesAudio(t *testing.T) {
	inBubble(t, func(t *testing.T, p *pair) {
		p.connect()
		p.a.SetHold(true)
		p.offer(p.a, p.b)
		if p.a.LocalDirection() != SendOnly || p.b.LocalDirection() != RecvOnly || p.b.RemoteDirection() != SendOnly {
			t.Fatalf("directions %v, %v", p.a.LocalDirection(), p.b.LocalDirection())
		}
		for range 10 {
			_ = p.b.WriteAudio([]byte("not to be heard"), 960)
			time.Sleep(20 * time.Millisecond)
		}
		time.Sleep(100 * time.Millisecond)
		if got, ok := poll(p.a); ok {
			t.Errorf("heard %q while holding", got.Payload)
		}
		talk(t, p.a, p.b, "music on hold", 10)
		p.a.SetHold(false)
		p.offer(p.a, p.b)
		talk(t, p.b, p.a, "resumed", 10)
	})
}

// TestOriginVersion: RFC 3264 section 8: one more for each change; an offer or answer that changes nothing keeps it.
func TestOriginVersion(t *testing.T) {
	inBubble(t, func(t *testing.T, p *pair) {
		o1, a1 := p.offer(p.a, p.b)
		id, v := version(t, o1)
		if v != 1 {
			t.Errorf("first offer has version %d", v)
		}
		o2, a2 := p.offer(p.a, p.b)
		if o1 != o2 || a1 != a2 {
			t.Errorf("offer or answer of a refresh changed:\n%s%s\nwas\n%s%s", o2, a2, o1, a1)
		}
		p.a.SetHold(true)
		o3, a3 := p.offer(p.a, p.b)
		if id3, v3 := version(t, o3); id3 != id || v3 != 2 {
			t.Errorf("third offer has o= %d %d, want %d 2", id3, v3, id)
		}
		if _, v3 := version(t, a3); v3 != 2 {
			t.Errorf("first changed answer has version %d, want 2", v3)
		}
		o4, _ := p.offer(p.b, p.a)
		if _, v4 := version(t, o4); v4 != 3 {
			t.Errorf("offer of the answerer has version %d, want 3", v4)
		}
	})
}

// TestRepeatedAnswerChangesNothing: the 200 repeats the description of its 183.
func TestRepeatedAnswerChangesNothing(t *testing.T) {
	inBubble(t, func(t *testing.T, p *pair) {
		_, answer := p.offer(p.a, p.b)
		waitState(t, p.a, Connected)
		waitState(t, p.b, Connected)
		before := p.a.current.Load()
		for range 3 {
			if _, err := p.a.SetAnswer(t.Context(), []byte(answer)); err != nil {
				t.Fatal(err)
			}
		}
		if p.a.current.Load() != before || p.a.inUse() != before {
			t.Error("new transport")
		}
		talk(t, p.a, p.b, "early media goes on", 10)
		// A 183 that is sendonly and a 200 that is not, from the same far end.
		if _, err := p.a.SetAnswer(t.Context(),
			[]byte(replaceOnce(t, answer, "a=sendrecv", "a=sendonly"))); err != nil {
			t.Fatal(err)
		}
		if p.a.LocalDirection() != RecvOnly {
			t.Errorf("direction %v", p.a.LocalDirection())
		}
	})
}

// TestAnswerOfAnotherFork: early media comes from one phone, the 200 from another.
func TestAnswerOfAnotherFork(t *testing.T) {
	inBubble(t, func(t *testing.T, p *pair) {
		other := newTestSession(t, p.b.engine)
		defer other.Close()
		o, err := p.a.Offer(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		answer := func(s *Session) []byte {
			t.Helper()
			if _, err := s.SetOffer(t.Context(), o); err != nil {
				t.Fatal(err)
			}
			a, err := s.Answer(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := p.a.SetAnswer(t.Context(), a); err != nil {
				t.Fatal(err)
			}
			return a
		}
		answer(p.b)
		waitState(t, p.a, Connected)
		waitState(t, p.b, Connected)
		talk(t, p.b, p.a, "early media", 10)
		answer(other)
		waitState(t, other, Connected)
		p.b.Close()
		talk(t, other, p.a, "the one who answered", 10)
		talk(t, p.a, other, "back to it", 10)
		if s := p.a.State(); s != Connected {
			t.Errorf("state %v", s)
		}
	})
}

// TestMovedFarEndIsFollowed: the server moves the call to another endpoint by a re-INVITE with new
// ICE credentials and a new fingerprint. The old path is used until the new one is connected.
func TestMovedFarEndIsFollowed(t *testing.T) {
	inBubble(t, func(t *testing.T, p *pair) {
		p.connect()
		talk(t, p.b, p.a, "before", 10)
		other := newTestSession(t, p.b.engine)
		defer other.Close()
		o, err := other.Offer(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.a.SetOffer(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		talk(t, p.b, p.a, "still the old", 5)
		a, err := p.a.Answer(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if p.a.State() != Connected {
			t.Errorf("state %v while moving", p.a.State())
		}
		if _, err := other.SetAnswer(t.Context(), a); err != nil {
			t.Fatal(err)
		}
		waitState(t, other, Connected)
		talk(t, other, p.a, "after", 10)
		talk(t, p.a, other, "after", 10)
		if s := p.a.Stats(); s.PacketsReceived != 25 || s.PacketsSent != 10 {
			t.Errorf("stats %+v", s)
		}
	})
}

func TestRestartICEKeepsTheCallUntilTheNewPathIsThere(t *testing.T) {
	inBubble(t, func(t *testing.T, p *pair) {
		o1, a1 := p.offer(p.a, p.b)
		waitState(t, p.a, Connected)
		waitState(t, p.b, Connected)
		p.a.RestartICE()
		o2, a2 := p.offer(p.a, p.b)
		if mustRead(t, o1).sameTransport(mustRead(t, o2)) || mustRead(t, a1).sameTransport(mustRead(t, a2)) {
			t.Error("credentials did not change")
		}
		// The answerer opens DTLS, so the offerer leaves the old path at once.
		for p.a.State() != Connected {
			if p.b.State() != Connected {
				t.Fatalf("state %v", p.b.State())
			}
			time.Sleep(time.Millisecond)
		}
		talk(t, p.a, p.b, "new path", 10)
		talk(t, p.b, p.a, "new path", 10)
		o3, _ := p.offer(p.a, p.b)
		if !mustRead(t, o2).sameTransport(mustRead(t, o3)) {
			t.Error("restarted again without being asked")
		}
	})
}

// TestRefusedOfferLeavesTheCall: RFC 3261 section 14.2.
func TestRefusedOfferLeavesTheCall(t *testing.T) {
	inBubble(t, func(t *testing.T, p *pair) {
		o, _ := p.offer(p.a, p.b)
		waitState(t, p.a, Connected)
		waitState(t, p.b, Connected)
		for _, bad := range []string{
			"hello", replaceOnce(t, o, "m=audio ", "m=video "),
			replaceOnce(t, o, "UDP/TLS/RTP/SAVPF 111 0 8 110 126", "UDP/TLS/RTP/SAVPF 18"),
		} {
			if _, err := p.b.SetOffer(t.Context(), []byte(bad)); err == nil {
				t.Errorf("took %q", bad)
			}
		}
		talk(t, p.a, p.b, "unharmed", 10)
		talk(t, p.b, p.a, "unharmed", 10)
		if _, err := p.b.Answer(t.Context()); !errors.Is(err, errOfferOutOfTurn) {
			t.Errorf("Answer: %v", err)
		}
	})
}

// TestOfferFromEitherSideInTurn: as after an INVITE without description, whose offer is in our 200.
// Then the roles change with each re-INVITE.
func TestOfferFromEitherSideInTurn(t *testing.T) {
	inBubble(t, func(t *testing.T, p *pair) {
		p.connect()
		for range 3 {
			p.offer(p.b, p.a)
			p.offer(p.a, p.b)
		}
		talk(t, p.a, p.b, "still here", 10)
		talk(t, p.b, p.a, "still here", 10)
	})
}

// TestCodecChangesWithoutNewTransport: a re-offer may take codecs away and renumber them.
func TestCodecChangesWithoutNewTransport(t *testing.T) {
	inBubble(t, func(t *testing.T, p *pair) {
		o, _ := p.offer(p.a, p.b)
		waitState(t, p.a, Connected)
		waitState(t, p.b, Connected)
		before := p.b.current.Load()
		o = replaceOnce(t, o, "SAVPF 111 0 8 110 126", "SAVPF 8 101")
		o = replaceOnce(t, o, "a=rtpmap:126 ", "a=rtpmap:101 ")
		d := reoffer(t, p.b, o)
		if len(d.formats) != 2 || d.formats[0].Name != "PCMA" || d.formats[1].PayloadType != 101 {
			t.Errorf("answer has %+v", d.formats)
		}
		if p.b.current.Load() != before || p.b.inUse() != before {
			t.Error("new transport")
		}
		if c, _ := p.b.SendCodec(); c.Name != "PCMA" {
			t.Errorf("sends %+v", c)
		}
		talk(t, p.b, p.a, "in A-law", 10)
	})
}

func TestAnswererTakesTheNumbersOfTheOffer(t *testing.T) {
	renumber := func(c *Config) {
		c.Codecs[0].PayloadType = 96
		c.Codecs = append(c.Codecs, Codec{Name: "G722", PayloadType: 9, ClockRate: 8000})
	}
	inBubbleOn(t, nil, renumber, nil, func(t *testing.T, p *pair) {
		p.connect()
		c, _ := p.b.SendCodec()
		if c.PayloadType != 96 || c.Name != "opus" {
			t.Errorf("sends %+v", c)
		}
		if got := talk(t, p.b, p.a, "by 96", 10); got.PayloadType != 96 {
			t.Errorf("payload type %d", got.PayloadType)
		}
		talk(t, p.a, p.b, "by 96", 10)
	})
}

func TestNoCommonCodecIs488(t *testing.T) {
	only := func(n int) func(*Config) { return func(c *Config) { c.Codecs = c.Codecs[n : n+1] } }
	inBubbleOn(t, nil, only(0), only(1), func(t *testing.T, p *pair) {
		o, err := p.a.Offer(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var refused *netsip.MediaError
		if _, err := p.b.SetOffer(t.Context(), o); !errors.As(err, &refused) || refused.StatusCode != 488 {
			t.Errorf("SetOffer: %v", err)
		}
		if p.b.State() != New {
			t.Errorf("state %v after a refused offer", p.b.State())
		}
	})
}

func TestInviteStaysBelow8kBWithTwentyInterfaces(t *testing.T) {
	var pion strings.Builder
	for i := range 20 {
		fmt.Fprintf(&pion, "a=candidate:%d 1 udp 2130706431 10.0.%d.1 5000%d typ host\r\n", i, i, i%10)
		fmt.Fprintf(&pion, "a=candidate:%d 2 udp 2130706431 10.0.%d.1 5000%d typ host\r\n", i, i, i%10)
		fmt.Fprintf(&pion, "a=candidate:%d 1 udp 2130706431 2001:db8:%x:1234:5678:9abc:def0:1234 6000%d typ host\r\n",
			i, i, i%10)
		fmt.Fprintf(&pion, "a=candidate:%d 1 udp 1694498815 203.0.113.%d 7000 typ srflx raddr 10.0.%d.1 rport 5000\r\n",
			i, i, i)
	}
	pion.WriteString("a=candidate:99 1 udp 16777215 192.0.2.9 9000 typ relay raddr 203.0.113.1 rport 7000\r\n")
	var gathered []candidate
	for line := range strings.Lines(pion.String()) {
		value, _ := valueOf(strings.TrimSpace(line), "candidate")
		if c, ok := readCandidate(value); ok {
			gathered = append(gathered, c)
		}
	}
	all := localCandidates(gathered, false, 0)
	count := map[string]int{}
	priorities := map[uint32]bool{}
	for _, c := range all {
		count[c.kind]++
		priorities[c.priority] = true
	}
	if len(all) != 24 || count["host"] != 12 || count["srflx"] != 11 || count["relay"] != 1 || len(priorities) != 24 {
		t.Errorf("%d candidates, %v, %d priorities", len(all), count, len(priorities))
	}
	l := &local{
		candidates: all, formats: withEvents(codecs()), ufrag: "abcdefgh", pwd: strings.Repeat("p", 32),
		sections: firstSections(),
	}
	if size := len(l.body()); size > 5000 {
		t.Errorf("body of %d bytes leaves no room in 8 kB", size)
	}
	if got := l.defaultAddress().String(); got != "192.0.2.9:9000" {
		t.Errorf("default candidate %v", got)
	}
	for _, c := range localCandidates(gathered, true, 100) {
		if c.kind != "relay" || !strings.HasSuffix(c.String(), "raddr 0.0.0.0 rport 0") {
			t.Errorf("relay only shows %v", c)
		}
	}
}
