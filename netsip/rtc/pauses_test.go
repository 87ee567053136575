package rtc

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// withComfort are codecs that have comfort noise for their pauses.
func withComfort(c *Config) {
	c.Codecs = append(codecs()[1:], Codec{Name: ComfortNoise, PayloadType: 13, ClockRate: 8000})
}

func withoutOpus(c *Config) { c.Codecs = codecs()[1:] }

// TestComfortNoiseIsAgreedOnByBoth: it is in offers where it is to be, in answers where both have it, and never what
// sound itself is sent as.
func TestComfortNoiseIsAgreedOnByBoth(t *testing.T) {
	for _, c := range []struct {
		name            string
		offers, answers func(*Config)
		offer, answer   string
		agreed          bool
	}{
		{"both", withComfort, withComfort, "0 8 13 126", "0 8 13 126", true},
		{"who offers", withComfort, withoutOpus, "0 8 13 126", "0 8 126", false},
		{"who answers", withoutOpus, withComfort, "0 8 126", "0 8 126", false},
	} {
		inBubbleOn(t, nil, c.offers, c.answers, func(t *testing.T, p *pair) {
			o, a := p.offer(p.a, p.b)
			for sdp, want := range map[string]string{o: c.offer, a: c.answer} {
				if !strings.Contains(sdp, " UDP/TLS/RTP/SAVPF "+want+"\r\n") {
					t.Errorf("%s: %q is not in\n%s", c.name, want, sdp)
				}
				if strings.Contains(want, "13") != strings.Contains(sdp, "a=rtpmap:13 CN/8000\r\n") {
					t.Errorf("%s: formats %s in\n%s", c.name, want, sdp)
				}
			}
			for _, s := range []*Session{p.a, p.b} {
				if codec, _ := s.SendCodec(); codec.Name != "PCMU" || s.Wishes().Comfort != c.agreed {
					t.Errorf("%s: sends %+v, wishes %+v", c.name, codec, s.Wishes())
				}
			}
		})
	}
}

// TestComfortNoiseOfPeers: as they list it, with and without its number's meaning, and of other rates.
func TestComfortNoiseOfPeers(t *testing.T) {
	ours := append(codecs(), Codec{Name: ComfortNoise, PayloadType: 13, ClockRate: 8000})
	for _, c := range []struct {
		formats string
		lines   []string
		number  uint8 // of what is sent in pauses; 0 = they are sent like speech
	}{
		{"0 13", nil, 13},
		{"0 13", []string{"a=rtpmap:13 CN/8000"}, 13},
		{"13 0", []string{"a=rtpmap:13 CN/8000/1"}, 13},
		{"0 118", []string{"a=rtpmap:118 cn/8000"}, 118},
		{"0 106 105 13", []string{"a=rtpmap:106 CN/32000", "a=rtpmap:105 CN/16000", "a=rtpmap:13 CN/8000"}, 13},
		{"0 105", []string{"a=rtpmap:105 CN/16000"}, 0},
		{"111 0 13", []string{"a=rtpmap:111 opus/48000/2"}, 0},
		{"0 111 13", []string{"a=rtpmap:111 opus/48000/2"}, 13},
		{"0", nil, 0},
	} {
		d := mustRead(t, sound(strings.Replace(soundAudio, " 0", " "+c.formats, 1), c.lines...))
		a, err := agree(d, ours, nil)
		if err != nil || a.comfort.PayloadType != c.number || a.wishes.Comfort != (c.number > 0) ||
			a.audio[0].Name == ComfortNoise {
			t.Errorf("%s %v: %+v, %v", c.formats, c.lines, a, err)
		}
		if a, err = agree(d, codecs(), nil); err != nil || a.comfort.Name != "" || a.wishes.Comfort {
			t.Errorf("%s %v, which we do not want: %+v, %v", c.formats, c.lines, a, err)
		}
	}
	if _, err := agree(mustRead(t, sound(strings.Replace(soundAudio, " 0", " 13", 1))), ours, nil); err == nil {
		t.Error("comfort noise alone is taken for a format of sound")
	}
}

// TestTalkspurtsBeginWithAMarker: RFC 3551 section 4.1: the first packet of each, and no other; what is told of a pause
// has the number of comfort noise, or of the codec, and the time of the pause.
func TestTalkspurtsBeginWithAMarker(t *testing.T) {
	for _, opus := range []bool{false, true} {
		a := &agreement{audio: codecs()[:1], local: SendRecv}
		number, ticks := uint8(111), uint32(960)
		if !opus {
			a.audio, a.comfort = codecs()[1:2], Codec{Name: ComfortNoise, PayloadType: 13, ClockRate: 8000}
			number, ticks = 13, 160
		}
		var o outgoing
		o.begin()
		begun := o.next
		var sent sentRTP
		o.to = &sent
		var got strings.Builder
		for i, step := range []byte("sssn..n.ssn.s.s") {
			sent = sentRTP{}
			var err error
			switch step {
			case 's':
				err = o.audio(a, []byte("speech"), ticks, false)
			case 'n':
				err = o.rest(a, []byte("noise"), ticks)
			default:
				err = o.rest(a, nil, ticks)
			}
			if err != nil {
				t.Fatal(err)
			}
			what := "."
			if h := sent.header; len(sent.payload) > 0 {
				if h.Timestamp != begun+uint32(i)*ticks {
					t.Errorf("packet %d has the time of %d", i, (h.Timestamp-begun)/ticks)
				}
				if step == 'n' && h.PayloadType != number || step == 's' && h.PayloadType != a.audio[0].PayloadType {
					t.Errorf("packet %d is of %d", i, h.PayloadType)
				}
				what = string(sent.payload[:1])
				if h.Marker {
					what = strings.ToUpper(what)
				}
			}
			got.WriteString(what)
		}
		if want := "Sssn..n.Ssn.S.S"; got.String() != want {
			t.Errorf("Opus %v: %s instead of %s", opus, got.String(), want)
		}
	}
}

// TestPausesOfOneEndAreHeardByTheOther: over the wire, by what both have agreed on, and neither lost nor late.
func TestPausesOfOneEndAreHeardByTheOther(t *testing.T) {
	inBubbleOn(t, nil, withComfort, withComfort, func(t *testing.T, p *pair) {
		if err := p.a.WritePause([]byte{60}, 160); err != nil {
			t.Error("before anything is agreed on:", err)
		}
		p.connect()
		var got strings.Builder
		for i := range 100 {
			write, payload := p.a.WriteAudio, []byte("speech")
			if i%10 > 4 {
				write, payload = p.a.WritePause, []byte{60}[:min(1, i%10%5)]
			}
			if err := write(payload, 160); err != nil {
				t.Fatal(err)
			}
			time.Sleep(ms(20))
			for q, ok := poll(p.b); ok; q, ok = poll(p.b) {
				c, _ := p.b.ReceiveCodec(q.PayloadType)
				fmt.Fprintf(&got, "%.1s", c.Name)
			}
		}
		time.Sleep(ms(100))
		s := p.b.Stats()
		if s.PacketsLost != 0 || s.Jitter > ms(1) || s.PacketsReceived < 80 {
			t.Errorf("%+v", s)
		}
		if want := strings.Repeat("PPPPPCCCC", 9); !strings.Contains(got.String(), want) {
			t.Errorf("heard %s", got.String())
		}
		p.a.Close()
		if err := p.a.WritePause([]byte{60}, 160); !errors.Is(err, ErrClosed) {
			t.Errorf("after the end: %v", err)
		}
	})
}
