package rtc

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/transport/v5/vnet"
)

// withREDOffered adds RED behind Opus.
func withREDOffered(c *Config) {
	c.Codecs = slices.Insert(c.Codecs, 1, Codec{
		Name: "red", PayloadType: 63, ClockRate: 48000, Channels: 2, Fmtp: "111/111",
	})
}

// redPayload writes a payload block by block.
func redPayload(blocks ...redBlock) []byte {
	var header, frames []byte
	for i, b := range blocks {
		if i < len(blocks)-1 {
			header = binary.BigEndian.AppendUint32(header,
				1<<31|uint32(b.payloadType)<<24|b.older<<10|uint32(len(b.frame)))
		} else {
			header = append(header, b.payloadType)
		}
		frames = append(frames, b.frame...)
	}
	return append(header, frames...)
}

func TestREDIsTakenApart(t *testing.T) {
	frame := func(n int) []byte { return bytes.Repeat([]byte{byte(n)}, n) }
	for name, want := range map[string][]redBlock{
		"one":    {{111, 0, frame(1)}},
		"two":    {{111, 960, frame(80)}, {111, 0, frame(81)}},
		"three":  {{111, 1920, frame(1)}, {111, 960, frame(1023)}, {111, 0, frame(300)}},
		"oldest": {{8, redOffset, frame(7)}, {0, 1, frame(9)}, {0, 0, frame(1)}},
	} {
		got, ok := readRED(nil, redPayload(want...))
		if !ok || !slices.EqualFunc(got, want, func(a, b redBlock) bool {
			return a.payloadType == b.payloadType && a.older == b.older && bytes.Equal(a.frame, b.frame)
		}) {
			t.Errorf("%s: %v, %v", name, got, ok)
		}
	}
}

// TestHostileREDIsRefused: what lies of its lengths, is empty, or out of order.
func TestHostileREDIsRefused(t *testing.T) {
	good := redPayload(redBlock{111, 960, []byte("old")}, redBlock{111, 0, []byte("new")})
	if _, ok := readRED(nil, good); !ok {
		t.Fatal("what all others are made of is refused")
	}
	of := func(blocks ...redBlock) []byte { return redPayload(blocks...) }
	last := redBlock{111, 0, []byte("new")}
	var many []redBlock
	for i := range redBlocks {
		many = append(many, redBlock{111, uint32(redBlocks - i), []byte("x")})
	}
	for name, payload := range map[string][]byte{
		"nothing":                    {},
		"a header alone":             {111},
		"half a header":              good[:3],
		"headers without frames":     good[:5],
		"the new frame is missing":   good[:len(good)-3],
		"the old frame is cut off":   good[:6],
		"an old frame as long as it": {0x80 | 111, 960 >> 6, 960&63<<2 | 3, 255, 111, 1, 2, 3},
		"no last header":             bytes.Repeat([]byte{0x80 | 111, 15, 0, 1}, 3),
		"an empty old frame":         of(redBlock{111, 960, nil}, last),
		"an old frame that is new":   of(redBlock{111, 0, []byte("old")}, last),
		"two of one time":            of(redBlock{111, 960, []byte("a")}, redBlock{111, 960, []byte("b")}, last),
		"the newer before the older": of(redBlock{111, 960, []byte("a")}, redBlock{111, 1920, []byte("b")}, last),
		"too many":                   of(append(many, last)...),
	} {
		if got, ok := readRED(nil, payload); ok {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func FuzzRED(f *testing.F) {
	f.Add(redPayload(redBlock{111, 1920, []byte("a")}, redBlock{111, 960, []byte("b")}, redBlock{111, 0, []byte("c")}))
	f.Add([]byte{0x80 | 111, 255, 255, 255, 111, 1})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, payload []byte) {
		blocks, ok := readRED(nil, payload)
		if !ok {
			return
		}
		if len(blocks) == 0 || len(blocks) > redBlocks || blocks[len(blocks)-1].older != 0 {
			t.Fatalf("%v", blocks)
		}
		if again := redPayload(blocks...); !bytes.Equal(again, payload) {
			t.Fatalf("%x is read as %x", payload, again)
		}
		a := newArriving(1)
		a.redAgreed()
		a.s.arrived(&a.h, payload, a.at) // whatever it is of
	})
}

// redAgreed makes the agreement one with Opus by 111, RED by 63 and telephone-event by 110.
func (a *arriving) redAgreed() {
	agreed := &agreement{local: SendRecv, remote: SendRecv, audio: codecs()[:1]}
	for _, c := range []Codec{
		agreed.audio[0],
		{Name: "RED", PayloadType: 63, ClockRate: 48000, Channels: 2},
		{Name: telephoneEvent, PayloadType: 110, ClockRate: 48000},
	} {
		agreed.receive[c.PayloadType] = c
	}
	a.s.settle(&description{}, agreed, firstSections())
	a.s.packets.filled.L = &a.s.packets.mu
	a.h.PayloadType = 63
}

// TestREDBringsWhatDidNotCome: each frame comes once, those that are missed from the packets after them, and nothing of
// what is no sound or no RED.
func TestREDBringsWhatDidNotCome(t *testing.T) {
	frame := func(i int) []byte { return fmt.Appendf(nil, "frame %d", i) }
	a := newArriving(65533)
	a.redAgreed()
	first := a.h.SequenceNumber
	come := func(i int, old ...int) {
		t.Helper()
		var blocks []redBlock
		for _, k := range append(old, i) {
			blocks = append(blocks, redBlock{111, uint32(i-k) * 960, frame(k)})
		}
		a.h.SequenceNumber, a.h.Timestamp = first+uint16(i), uint32(i*960)-1000
		a.s.arrived(&a.h, redPayload(blocks...), a.at)
	}
	come(0)
	come(1, 0)
	// 2 is lost
	come(3, 1, 2)
	// 4 to 6 are lost: 4 for good
	come(7, 5, 6)
	come(8, 6, 7)
	come(6, 4, 5) // late
	a.h.PayloadType = 111
	come10 := func(payload []byte) {
		a.h.SequenceNumber++
		a.s.arrived(&a.h, payload, a.at)
	}
	a.h.SequenceNumber, a.h.Timestamp = first+9, 9*960-1000
	a.s.arrived(&a.h, frame(9), a.at) // without RED
	a.h.PayloadType = 63
	for _, payload := range [][]byte{
		redPayload(redBlock{63, 0, []byte("RED in RED")}), redPayload(redBlock{110, 0, []byte{5, 10, 1, 0}}),
		redPayload(redBlock{77, 0, []byte("unknown")}),
		{111},
		{0x80 | 111, 1, 2},
		redPayload(redBlock{0, 960, frame(99)}, redBlock{77, 0, frame(98)}),
	} {
		come10(payload)
	}
	a.h.SequenceNumber, a.h.Timestamp = first+16, 16*960-1000
	a.s.arrived(&a.h, redPayload(redBlock{8, 960, frame(97)}, redBlock{111, 0, frame(16)}), a.at) // of another format

	var got []string
	for {
		p, ok := poll(a.s)
		if !ok {
			break
		}
		text := string(p.Payload)
		if p.Again {
			text += " again"
		}
		i := int(p.SequenceNumber - first)
		if want := fmt.Sprintf("frame %d", i); !strings.HasPrefix(text, want) || p.PayloadType != 111 ||
			p.Timestamp != uint32(i*960)-1000 || p.SSRC != a.h.SSRC || p.Arrival != a.at {
			t.Errorf("%s came as %+v", text, p)
		}
		got = append(got, strings.TrimPrefix(text, "frame "))
	}
	if want := "0,1,2 again,3,5 again,6 again,7,8,4 again,6,9,16"; strings.Join(got, ",") != want {
		t.Errorf("came as %s, want %s", strings.Join(got, ","), want)
	}
}

func TestREDIsWrittenAsItIsRead(t *testing.T) {
	var w redWriter
	dice := rand.New(rand.NewPCG(3, 1))
	var sent []redBlock // of each frame, with its timestamp
	timestamp := uint32(1<<32 - 5000)
	for i := range 500 {
		step := uint32(960)
		switch {
		case i%50 == 49:
			step = 20000 // a pause longer than an offset
		case i == 222:
			w.forget()
			sent = nil
		}
		timestamp += step
		size := 1 + dice.IntN(300)
		if i%40 == 0 {
			size = 1100
		}
		frame := bytes.Repeat([]byte{byte(i)}, size)
		payload := w.wrap(111, timestamp, frame)
		blocks, ok := readRED(nil, payload)
		if !ok || len(payload) > redMost && len(blocks) > 1 {
			t.Fatalf("packet %d: %d octets, %d blocks, %v", i, len(payload), len(blocks), ok)
		}
		sent = append(sent, redBlock{older: timestamp, frame: frame})
		for k, b := range blocks {
			want := sent[len(sent)-len(blocks)+k]
			if b.payloadType != 111 || timestamp-b.older != want.older || !bytes.Equal(b.frame, want.frame) {
				t.Fatalf("packet %d: block %d is of %d ticks before", i, k, b.older)
			}
		}
		if i%50 > 2 && i%50 != 49 && i%40 > 2 && i > 224 && len(blocks) != 1+redFrames {
			t.Fatalf("packet %d has %d blocks", i, len(blocks))
		}
	}
}

// TestREDIsSentWhileMuchIsLost: from 3 % of reported loss on, until 10 s below 1 %.
func TestREDIsSentWhileMuchIsLost(t *testing.T) {
	var f figures
	now := time.Unix(1000, 0)
	for i, step := range []struct {
		percent float64
		seconds int
		want    bool
	}{
		{0, 5, false},
		{2.5, 30, false},
		{3.5, 1, true},
		{2, 30, true},
		{0.5, 9, true},
		{1.5, 1, true},
		{0, 10, true},
		{0, 2, false},
		{2, 30, false},
		{50, 1, true},
		{0, 9, true},
		{4, 1, true},
		{0.2, 12, false},
	} {
		for range step.seconds {
			now = now.Add(time.Second)
			f.incoming([]rtcp.Packet{&rtcp.ReceiverReport{Reports: []rtcp.ReceptionReport{
				{SSRC: 7, FractionLost: uint8(step.percent * 2.56)}, {SSRC: 8, FractionLost: 255},
			}}}, 7, now)
		}
		if got := f.wantRED(); got != step.want {
			t.Errorf("step %d, %.1f %%: sent %v", i, step.percent, got)
		}
	}
}

// TestREDIsAgreedOn: in both directions, by whatever numbers, and not with who does not know it or has nothing for it.
func TestREDIsAgreedOn(t *testing.T) {
	renumbered := func(c *Config) {
		withREDOffered(c)
		c.Codecs[0].PayloadType, c.Codecs[1].PayloadType = 96, 97
	}
	noOpus := func(c *Config) { c.Codecs = c.Codecs[1:] }
	for _, test := range []struct {
		name string
		a, b func(*Config)
		red  uint8 // 0: none
		line string
	}{
		{"both", withREDOffered, withREDOffered, 63, " 111 63 0 8 110 126\r\n"},
		{"renumbered", renumbered, withREDOffered, 97, " 96 97 0 8 110 126\r\n"},
		{"unknown there", withREDOffered, nil, 0, " 111 63 0 8 110 126\r\n"},
		{"unknown here", nil, withREDOffered, 0, " 111 0 8 110 126\r\n"},
		{"no Opus there", withREDOffered, noOpus, 0, " 111 63 0 8 110 126\r\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			inBubbleOn(t, nil, test.a, test.b, func(t *testing.T, p *pair) {
				offer, answer := p.offer(p.a, p.b)
				if !strings.Contains(offer, test.line) {
					t.Errorf("offer without %q:\n%s", test.line, offer)
				}
				if got := strings.Contains(answer, " red/48000/2\r\n"); got != (test.red != 0) {
					t.Errorf("answer has RED: %v\n%s", got, answer)
				}
				for _, s := range []*Session{p.a, p.b} {
					c, _ := s.SendCodec()
					if c.isRED() {
						t.Fatal("RED by itself is agreed on")
					}
					red := s.agreed.Load().red
					if red.PayloadType != test.red || red.isRED() != (test.red != 0) {
						t.Errorf("RED is %+v", red)
					}
					if want := fmt.Sprintf("%d/%[1]d", c.PayloadType); red.isRED() && red.Fmtp != want {
						t.Errorf("RED is of %q, want %s", red.Fmtp, want)
					}
				}
				// Whoever makes the next offer, the order stays.
				offer, answer = p.offer(p.b, p.a)
				if test.red != 0 && (!strings.Contains(offer, test.line) || !strings.Contains(answer, test.line)) {
					t.Errorf("second offer and answer without %q:\n%s\n%s", test.line, offer, answer)
				}
			})
		})
	}
}

// TestREDIsAnsweredWhereItStands: in the far end's order, by its numbers, and only where it is of Opus.
func TestREDIsAnsweredWhereItStands(t *testing.T) {
	config := Config{Codecs: codecs()}
	withREDOffered(&config)
	for offered, want := range map[string]string{
		"111 63 9 0 8 13 110 126": " 111 63 0 8 110 126\r\n",
		"63 111 9 0 8 13 110 126": " 63 111 0 8 110 126\r\n",
		"0 111 63":                " 0 111 63\r\n",
		"63 0 111":                " 0 63 111\r\n",
		"63 0":                    " 0\r\n",
	} {
		for fmtp, fits := range map[string]bool{
			"a=fmtp:63 111/111\r\n": true, "a=fmtp:63 111/111/111\r\n": true, "": true, "a=fmtp:63 111/0\r\n": false,
			"a=fmtp:63 0/0\r\n": false, "a=fmtp:63 x\r\n": false,
		} {
			offer := strings.Join(peers[0].sdp, "\r\n") + "\r\n"
			offer = replaceOnce(t, offer, "111 63 9 0 8 13 110 126", offered)
			offer = replaceOnce(t, offer, "a=fmtp:63 111/111\r\n", fmtp)
			want := want
			if !fits {
				want = strings.Replace(want, " 63", "", 1)
			}
			answerWith(t, config, offer, []string{want}, nil)
		}
	}
}

// TestREDCarriesACallThroughLoss: packets of a call are lost, the reports say so, and what is said comes all the same.
func TestREDCarriesACallThroughLoss(t *testing.T) {
	dice := rand.New(rand.NewPCG(5, 5))
	var losing atomic.Bool
	filter := func(c vnet.Chunk) bool {
		payload := c.UserData()
		media := len(payload) > 12 && payload[0]>>6 == 2 && (payload[1]&0x7f < 64 || payload[1]&0x7f > 95)
		return !losing.Load() || !media || c.SourceAddr().String()[:12] != "198.51.100.1" || dice.IntN(10) > 0
	}
	inBubbleOn(t, filter, withREDOffered, withREDOffered, func(t *testing.T, p *pair) {
		p.connect()
		count := func(seconds int) (came, again int) {
			t.Helper()
			for i := range seconds * 50 {
				if err := p.a.WriteAudio(fmt.Appendf(nil, "frame %d", i), 960); err != nil {
					t.Fatal(err)
				}
				time.Sleep(20 * time.Millisecond)
				for {
					packet, ok := poll(p.b)
					if !ok {
						break
					}
					came++
					if packet.Again {
						again++
					}
				}
			}
			return came, again
		}
		if came, again := count(3); came < 147 || again > 0 {
			t.Errorf("without loss %d came, %d again", came, again)
		}
		losing.Store(true)
		count(3) // until the reports have told of it
		if came, again := count(10); came < 490 || again < 20 {
			t.Errorf("of 500 %d came, %d of these again", came, again)
		}
		if s := p.b.Stats(); s.PacketsLost < 30 {
			t.Errorf("%d are told as lost", s.PacketsLost)
		}
		losing.Store(false)
		count(13)
		before := p.a.Stats().BytesSent
		count(1)
		if n := p.a.Stats().BytesSent - before; n > 50*10 {
			t.Errorf("10 s after the last loss %d octets are sent in a second", n)
		}
	})
}

// TestDigitsBreakRED: frames from before an event do not come after it, whose packets have numbers between.
func TestDigitsBreakRED(t *testing.T) {
	s := &Session{}
	s.out.begin()
	a := &agreement{audio: codecs()[:1], local: SendRecv}
	a.red = Codec{Name: "red", PayloadType: 63, ClockRate: 48000, Channels: 2}
	var sent sentRTP
	s.out.to = &sent
	write := func() int {
		t.Helper()
		if err := s.out.audio(a, []byte("x"), 960, true); err != nil {
			t.Fatal(err)
		}
		blocks, _ := readRED(nil, sent.payload)
		return len(blocks)
	}
	for i, want := range []int{1, 2, 3, 3} {
		if got := write(); got != want || sent.header.PayloadType != 63 {
			t.Errorf("packet %d has %d blocks by %d", i, got, sent.header.PayloadType)
		}
	}
	s.out.endEvent(s.out.beginEvent(48000), 4800)
	if got := write(); got != 1 {
		t.Errorf("after the event a packet has %d blocks", got)
	}
	write()
	if err := s.out.audio(a, []byte("plain"), 960, false); err != nil || sent.header.PayloadType != 111 ||
		string(sent.payload) != "plain" {
		t.Errorf("without RED %q by %d: %v", sent.payload, sent.header.PayloadType, err)
	}
	if got := write(); got != 1 {
		t.Errorf("after packets without RED one has %d blocks", got)
	}
}

// sentRTP keeps the packet last sent.
type sentRTP struct {
	header  rtp.Header
	payload []byte
}

func (s *sentRTP) sendRTP(h *rtp.Header, payload []byte) error {
	s.header, s.payload = *h, slices.Clone(payload)
	return nil
}
