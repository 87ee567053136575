package rtc

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// continuity holds what must not change within a session, by what was said and heard in it.
type continuity struct {
	*testing.T
	sections []string          // media, profile and mid of each m= line of the last exchange
	group    string            // BUNDLE of it
	on       []bool            // which are not switched off
	meaning  map[string]string // number → format, of either end
	number   map[string]string // format → number, of ours
	id       uint64
	version  uint64
	body     string // of our last description
}

func newContinuity(t *testing.T) *continuity {
	return &continuity{T: t, meaning: map[string]string{}, number: map[string]string{}}
}

// shape reads the m= lines of a description.
func (c *continuity) shape(sdp string) (all []string, group string, on []bool, maps [][2]string) {
	c.Helper()
	session, media, err := splitDescription(sdp)
	if err != nil {
		c.Fatal(err)
	}
	group, _ = attribute(session, "group")
	for _, m := range media {
		mid, _ := attribute(m.lines, "mid")
		all = append(all, fmt.Sprintf("%s %s %q", m.media, m.proto, mid))
		on = append(on, m.port != 0)
		if m.port == 0 {
			continue
		}
		for _, value := range attributes(m.lines, "rtpmap") {
			pt, format, _ := strings.Cut(value, " ")
			maps = append(maps, [2]string{pt, strings.TrimSuffix(strings.ToLower(format), "/1")})
		}
	}
	return all, group, on, maps
}

// heard takes a description of the far end.
func (c *continuity) heard(sdp string) {
	c.Helper()
	_, _, _, maps := c.shape(sdp)
	for _, m := range maps {
		c.meaning[m[0]] = m[1]
	}
}

// answered takes our answer, whose lines are those of the offer.
func (c *continuity) answered(sdp string) {
	c.Helper()
	c.sections, c.group, c.on, _ = c.shape(sdp)
	c.said(sdp)
}

// offered judges an offer of ours by what was before.
func (c *continuity) offered(sdp string) {
	c.Helper()
	sections, group, on, _ := c.shape(sdp)
	if c.sections != nil && (!slices.Equal(sections, c.sections) || group != c.group || !slices.Equal(on, c.on)) {
		c.Errorf("offered\n%v on %v, group %q after\n%v on %v, group %q",
			sections, on, group, c.sections, c.on, c.group)
	}
	c.sections, c.group, c.on = sections, group, on
	c.said(sdp)
}

func (c *continuity) said(sdp string) {
	c.Helper()
	_, _, _, maps := c.shape(sdp)
	seen := map[string]bool{}
	for _, m := range maps {
		if was := c.meaning[m[0]]; was != "" && was != m[1] {
			c.Errorf("number %s was %s and is %s", m[0], was, m[1])
		}
		if was := c.number[m[1]]; was != "" && was != m[0] {
			c.Errorf("format %s was number %s and is %s", m[1], was, m[0])
		}
		if seen[m[0]] {
			c.Errorf("number %s twice", m[0])
		}
		seen[m[0]], c.meaning[m[0]], c.number[m[1]] = true, m[1], m[0]
	}
	id, v := version(c.T, sdp)
	_, body, _ := strings.Cut(sdp, "s=-")
	switch {
	case c.body == "":
		c.id, c.version = id, v
	case body == c.body && v != c.version, body != c.body && v != c.version+1, id != c.id:
		c.Errorf("o= is %d %d after %d %d; changed: %v", id, v, c.id, c.version, body != c.body)
	}
	c.body, c.version = body, v
}

// talks is a call whose far end writes its offers as a test has it.
type talks struct {
	*pair
	c *continuity
}

// theirs is an offer of the far end, rewritten, and our answer.
func (k *talks) theirs(rewrite func(string) string) {
	k.Helper()
	o, err := k.b.Offer(k.Context())
	if err != nil {
		k.Fatal(err)
	}
	offer := string(o)
	if rewrite != nil {
		offer = rewrite(offer)
	}
	k.c.heard(offer)
	if _, err := k.a.SetOffer(k.Context(), []byte(offer)); err != nil {
		k.Fatalf("%v in\n%s", err, offer)
	}
	a, err := k.a.Answer(k.Context())
	if err != nil {
		k.Fatal(err)
	}
	k.c.answered(string(a))
	// It offered the sound alone, and has to see no more.
	session, media, _ := strings.Cut(string(a), "m=")
	for _, m := range strings.Split(media, "\r\nm=") {
		if strings.HasPrefix(m, "audio ") && !strings.HasPrefix(m, "audio 0 ") {
			a = []byte(session + "m=" + m)
		}
	}
	if _, err := k.b.SetAnswer(k.Context(), a); err != nil {
		k.Fatalf("%v in\n%s", err, a)
	}
}

// ours is an offer of ours, and the far end's answer, rewritten.
func (k *talks) ours(rewrite func(string) string) {
	k.Helper()
	o, err := k.a.Offer(k.Context())
	if err != nil {
		k.Fatal(err)
	}
	k.c.offered(string(o))
	if _, err := k.b.SetOffer(k.Context(), o); err != nil {
		k.Fatalf("%v in\n%s", err, o)
	}
	a, err := k.b.Answer(k.Context())
	if err != nil {
		k.Fatal(err)
	}
	answer := string(a)
	if rewrite != nil {
		answer = rewrite(answer)
	}
	k.c.heard(answer)
	if _, err := k.a.SetAnswer(k.Context(), []byte(answer)); err != nil {
		k.Fatalf("%v in\n%s", err, answer)
	}
}

const (
	videoLine = "m=video 40000 UDP/TLS/RTP/SAVPF 96 97\r\nc=IN IP4 192.0.2.1\r\na=rtpmap:96 VP8/90000\r\n" +
		"a=rtpmap:97 rtx/90000\r\n"
	dataLine  = "m=application 40000 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 192.0.2.1\r\na=sctp-port:5000\r\n"
	moreAudio = "m=audio 40002 UDP/TLS/RTP/SAVPF 0\r\nc=IN IP4 192.0.2.1\r\n"
	deadAudio = "m=audio 0 UDP/TLS/RTP/SAVPF 0\r\nc=IN IP4 192.0.2.1\r\n"
)

// with puts m= lines, each with its mid, before and after the sound of an offer whose mid becomes that one.
func with(mid string, before, after []string) func(string) string {
	return func(offer string) string {
		session, audio, _ := strings.Cut(offer, "m=audio ")
		session, _, _ = strings.Cut(session, "a=group:")
		audio = "m=audio " + strings.Replace(audio, "a=mid:0\r\n", "a=mid:"+mid+"\r\n", 1)
		// The transport stands in the section that tags the group.
		group := []string{"a=group:BUNDLE"}
		var all strings.Builder
		add := func(lines []string, n int) {
			for _, line := range lines {
				group = append(group, fmt.Sprintf("x%d", n))
				fmt.Fprintf(&all, "%sa=mid:x%d\r\n", line, n)
				n++
			}
		}
		add(before, 0)
		group = append(group, mid)
		all.WriteString(audio)
		add(after, len(before))
		return session + strings.Join(group, " ") + "\r\n" + all.String()
	}
}

func replaced(t *testing.T, pairs ...string) func(string) string {
	return func(sdp string) string {
		t.Helper()
		for i := 0; i < len(pairs); i += 2 {
			if !strings.Contains(sdp, pairs[i]) {
				t.Fatalf("no %q in\n%s", pairs[i], sdp)
			}
			sdp = strings.ReplaceAll(sdp, pairs[i], pairs[i+1])
		}
		return sdp
	}
}

// TestAnOfferGoesOnFromTheLastExchange: m= lines, their order, tags, group and profiles, payload type numbers and o=
// stay, in each later offer of ours, whatever kind (RFC 3264 section 8, RFC 8829 section 5.2.2, RFC 9143).
//
// Holds: offer-continuity
func TestAnOfferGoesOnFromTheLastExchange(t *testing.T) {
	otherNumbers := func(c *Config) {
		c.Codecs = []Codec{
			{Name: "PCMA", PayloadType: 8, ClockRate: 8000},
			{Name: "opus", PayloadType: 96, ClockRate: 48000, Channels: 2},
			{Name: "PCMU", PayloadType: 0, ClockRate: 8000},
		}
	}
	for _, c := range []struct {
		name  string
		far   func(*Config)
		begin func(t *testing.T, k *talks)
	}{
		{"we began", nil, func(_ *testing.T, k *talks) { k.ours(nil) }},
		{"they began", nil, func(_ *testing.T, k *talks) { k.theirs(nil) }},
		{"they began with video", nil, func(_ *testing.T, k *talks) { k.theirs(with("0", nil, []string{videoLine})) }},
		{"they began with video first", nil, func(_ *testing.T, k *talks) {
			k.theirs(with("sound", []string{videoLine}, nil))
		}},
		{"they began with a data channel", nil, func(_ *testing.T, k *talks) {
			k.theirs(with("0", nil, []string{dataLine}))
		}},
		{"they began with everything", nil, func(_ *testing.T, k *talks) {
			k.theirs(with("a1", []string{dataLine, videoLine}, []string{videoLine, dataLine}))
		}},
		{"they began with a second sound", nil, func(_ *testing.T, k *talks) {
			k.theirs(with("0", nil, []string{moreAudio}))
		}},
		{"they began with a sound that is off", nil, func(_ *testing.T, k *talks) {
			k.theirs(with("1", []string{deadAudio}, nil))
		}},
		{"they add video later", nil, func(_ *testing.T, k *talks) {
			k.ours(nil)
			k.theirs(with("0", nil, []string{videoLine}))
		}},
		{"they add a sound later, before the one in use", nil, func(_ *testing.T, k *talks) {
			k.theirs(nil)
			k.theirs(with("0", nil, []string{moreAudio}))
			k.theirs(with("0", nil, []string{moreAudio, videoLine}))
		}},
		{"no tags, no group", nil, func(t *testing.T, k *talks) {
			k.theirs(replaced(t, "a=mid:0\r\n", "", "a=group:BUNDLE 0\r\n", ""))
		}},
		{"a profile of old", nil, func(t *testing.T, k *talks) {
			k.theirs(replaced(t, " UDP/TLS/RTP/SAVPF ", " RTP/SAVPF "))
		}},
		{"other numbers", otherNumbers, func(_ *testing.T, k *talks) { k.theirs(nil) }},
		{"other numbers, we began", otherNumbers, func(_ *testing.T, k *talks) { k.ours(nil) }},
		{"numbers that are ours for something else", nil, func(t *testing.T, k *talks) {
			k.theirs(replaced(t, "PF 111 0 8 110 126", "PF 110 0 8 111 96",
				":110 telephone-event", ":96 telephone-event",
				":111 opus", ":110 opus", "fmtp:111 ", "fmtp:1 ", "fmtp:110 ", "fmtp:2 ", ":126 telephone-event",
				":111 telephone-event", "fmtp:126 ", "fmtp:3 "))
		}},
		{"our numbers mean formats we do not know", nil, func(t *testing.T, k *talks) {
			k.theirs(replaced(t, "PF 111 0 8 110 126", "PF 0 111 110 126",
				":110 telephone-event/48000", ":110 red/48000/2",
				":111 opus/48000/2", ":111 speex/16000", ":126 telephone-event/8000", ":126 iLBC/8000"))
		}},
		{"the numbers of their video are ours", nil, func(_ *testing.T, k *talks) {
			k.theirs(func(offer string) string {
				offer = replaced(k.T, "PF 111 0 8 110 126", "PF 0")(offer)
				return with("0", nil, []string{strings.NewReplacer("96", "111", "97", "110").Replace(videoLine)})(offer)
			})
		}},
		{"they answer with other numbers than we offered", nil, func(t *testing.T, k *talks) {
			k.ours(replaced(t, "PF 111 ", "PF 102 ", ":111 ", ":102 "))
		}},
		{"a format was dropped and comes back", nil, func(t *testing.T, k *talks) {
			k.theirs(replaced(t, "PF 111 0 8 110 126", "PF 98 0 8 99 126", ":111 ", ":98 ", ":110 ", ":99 "))
			k.theirs(replaced(t, "PF 111 0 8 110 126", "PF 8 126"))
		}},
		{"only one format is left", nil, func(t *testing.T, k *talks) {
			k.ours(replaced(t, "PF 111 0 8 110 126", "PF 8"))
		}},
		{"the lines were of an offer that was taken back", nil, func(_ *testing.T, k *talks) {
			k.ours(nil)
			o, _ := k.b.Offer(k.Context())
			if _, err := k.a.SetOffer(k.Context(), []byte(with("0", nil, []string{videoLine})(string(o)))); err != nil {
				k.Fatal(err)
			}
			_, _ = k.a.Rollback(k.Context()), k.b.Rollback(k.Context())
		}},
		{"ours was taken back", nil, func(_ *testing.T, k *talks) {
			k.theirs(with("0", []string{videoLine}, nil))
			k.a.SetHold(true)
			k.a.RestartICE()
			o, err := k.a.Offer(k.Context())
			if err != nil {
				k.Fatal(err)
			}
			k.c.offered(string(o))
			if err := k.a.Rollback(k.Context()); err != nil {
				k.Fatal(err)
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubbleOn(t, nil, nil, c.far, func(t *testing.T, p *pair) {
				p.T = t
				k := &talks{pair: p, c: newContinuity(t)}
				c.begin(t, k)
				waitState(t, p.a, Connected)
				waitState(t, p.b, Connected)
				k.goesOn()
			})
		})
	}
}

// goesOn has us offer for each reason there is.
func (k *talks) goesOn() {
	for _, step := range []struct {
		name string
		do   func()
	}{
		{"refresh", func() {}},
		{"hold", func() { k.a.SetHold(true) }},
		{"held refresh", func() {}},
		{"their turn", func() { k.theirs(nil) }},
		{"resume", func() { k.a.SetHold(false) }},
		{"another transport", func() { k.a.RestartICE() }},
		{"their transport", func() { k.b.RestartICE(); k.theirs(nil) }},
		{"again", func() {}},
	} {
		step.do()
		k.ours(nil)
		if k.Failed() {
			k.Fatalf("at %s", step.name)
		}
		waitState(k.T, k.a, Connected)
		waitState(k.T, k.b, Connected)
	}
	talk(k.T, k.a, k.b, "still here", 10)
	talk(k.T, k.b, k.a, "still here", 10)
}

// TestAnAnswerStandsWhereItWasOffered: the sound of an answer is that of the line we offered, and no other's.
//
// Holds: offer-continuity
func TestAnAnswerStandsWhereItWasOffered(t *testing.T) {
	for _, c := range []struct {
		name  string
		edit  func(t *testing.T, answer string) string
		taken bool
	}{
		{"as offered", func(_ *testing.T, a string) string { return a }, true},
		{"the lines that are off are gone", func(t *testing.T, a string) string {
			session, rest, _ := strings.Cut(a, "m=video")
			_, audio, _ := strings.Cut(rest, "m=audio")
			return session + "m=audio" + audio
		}, true},
		{"the line is off", func(t *testing.T, a string) string {
			before, audio, _ := strings.Cut(a, "m=audio ")
			_, rest, _ := strings.Cut(audio, " ")
			return before + "m=audio 0 " + rest
		}, false},
		{"the line is off, and another on", func(t *testing.T, a string) string {
			before, audio, _ := strings.Cut(a, "m=audio ")
			port, rest, _ := strings.Cut(audio, " ")
			return before + "m=audio 0 " + rest + "m=audio " + port + " " + rest
		}, false},
		{"a sound more", func(t *testing.T, a string) string { return a + deadAudio }, true},
		{"the first line is a sound as well", func(t *testing.T, a string) string {
			return strings.Replace(a, "m=video 0 UDP/TLS/RTP/SAVPF 96", "m=audio 5 UDP/TLS/RTP/SAVPF 0", 1)
		}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, p *pair) {
				p.T = t
				k := &talks{pair: p, c: newContinuity(t)}
				k.theirs(with("1", []string{videoLine}, nil))
				waitState(t, p.a, Connected)
				o, err := p.a.Offer(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if _, err := p.b.SetOffer(t.Context(), o); err != nil {
					t.Fatal(err)
				}
				a, err := p.b.Answer(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				_, err = p.a.SetAnswer(t.Context(), []byte(c.edit(t, string(a))))
				if (err == nil) != c.taken {
					t.Errorf("taken %v: %v", c.taken, err)
				}
				talk(t, p.a, p.b, "still here", 10)
			})
		})
	}
}
