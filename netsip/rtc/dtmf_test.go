package rtc

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/transport/v5/vnet"
)

// heard collects the digits of a far end.
type heard struct {
	mu        sync.Mutex
	digits    strings.Builder
	durations []time.Duration
}

func listen(s *Session) *heard {
	h := &heard{}
	s.OnDTMF(func(digit rune, d time.Duration) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.digits.WriteRune(digit)
		h.durations = append(h.durations, d)
	})
	return h
}

func (h *heard) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.digits.String()
}

func TestDTMFIsHeardOncePerDigit(t *testing.T) {
	inBubble(t, func(t *testing.T, p *pair) {
		h := listen(p.b)
		p.connect()
		begin := time.Now()
		if err := p.a.SendDTMF("0123456789*#abcD,1,,2", 60*time.Millisecond, 50*time.Millisecond); err != nil {
			t.Fatal(err)
		}
		if time.Since(begin) != 0 {
			t.Error("SendDTMF blocks")
		}
		time.Sleep(15 * time.Second)
		if got := h.String(); got != "0123456789*#ABCD12" {
			t.Errorf("heard %q", got)
		}
		for _, d := range h.durations {
			if d != 60*time.Millisecond {
				t.Errorf("durations %v", h.durations)
				break
			}
		}
	})
}

func TestDTMFQueuesAndRefusesWhatIsNoKey(t *testing.T) {
	inBubble(t, func(t *testing.T, p *pair) {
		h := listen(p.b)
		p.connect()
		for _, digits := range []string{"1", "2", "", "3"} {
			if err := p.a.SendDTMF(digits, 0, 0); err != nil {
				t.Fatal(err)
			}
		}
		if err := p.a.SendDTMF("45x", 0, 0); err == nil || !strings.Contains(err.Error(), `'X'`) {
			t.Errorf("error %v does not name the character", err)
		}
		time.Sleep(2 * time.Second)
		if err := p.a.SendDTMF("4", 0, 0); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		if got := h.String(); got != "1234" {
			t.Errorf("heard %q", got)
		}
	})
}

// TestTelephoneEventPackets: RFC 4733 section 2.5.1: one timestamp, the marker on the first packet,
// growing durations, three ends, the SSRC and sequence numbers of the audio, whose packets stop.
func TestTelephoneEventPackets(t *testing.T) {
	for _, clock := range []uint32{48000, 8000} {
		t.Run(fmt.Sprint(clock), func(t *testing.T) {
			only := func(c *Config) {
				if clock == 8000 {
					c.Codecs = c.Codecs[1:]
				}
			}
			inBubbleOn(t, nil, only, nil, func(t *testing.T, p *pair) {
				p.connect()
				// The far end does not know telephone-events for what they are: all is audio to it.
				a := *p.b.agreed.Load()
				for i := range a.receive {
					if a.receive[i].Name == telephoneEvent {
						a.receive[i].Name = "packets"
					}
				}
				p.b.agreed.Store(&a)
				step := clock / 50
				for i := range 30 {
					if i == 10 {
						time.Sleep(time.Microsecond)
						if err := p.a.SendDTMF("5", 100*time.Millisecond, 0); err != nil {
							t.Fatal(err)
						}
						synctest.Wait()
					}
					if err := p.a.WriteAudio([]byte("audio"), step); err != nil {
						t.Fatal(err)
					}
					time.Sleep(20 * time.Millisecond)
				}
				time.Sleep(100 * time.Millisecond)
				event, _ := p.a.agreed.Load().event()
				var first, last Packet
				var events []Packet
				for q, ok := poll(p.b); ok; q, ok = poll(p.b) {
					if first.Payload == nil {
						first = q
					} else if q.SequenceNumber != last.SequenceNumber+1 || q.SSRC != first.SSRC {
						t.Errorf("%+v follows %+v", q, last)
					}
					if last.PayloadType == event.PayloadType && q.PayloadType != event.PayloadType && !q.Marker {
						t.Error("audio after the event without marker")
					}
					if at := (q.Timestamp - first.Timestamp) / step; q.PayloadType != event.PayloadType && at >= 10 &&
						at < 15 {
						t.Errorf("audio at %d within the event", at)
					}
					last = q
					if q.PayloadType == event.PayloadType {
						events = append(events, q)
					}
				}
				if event.ClockRate != clock || len(events) != 8 || last.PayloadType == event.PayloadType {
					t.Fatalf("%d packets of %+v", len(events), event)
				}
				for i, e := range events {
					duration := uint32(binary.BigEndian.Uint16(e.Payload[2:]))
					end := e.Payload[1]&0x80 != 0
					if e.Timestamp != first.Timestamp+10*step || e.Marker != (i == 0) || end != (i >= 5) ||
						duration != min(uint32(i+1), 5)*step || e.Payload[0] != 5 {
						t.Errorf("packet %d: %+v", i, e)
					}
				}
			})
		})
	}
}

func TestDTMFWithoutTelephoneEventIsRefused(t *testing.T) {
	inBubble(t, func(t *testing.T, p *pair) {
		o, _ := p.offer(p.a, p.b)
		waitState(t, p.a, Connected)
		waitState(t, p.b, Connected)
		reoffer(t, p.b, replaceOnce(t, o, " 110 126", ""))
		if err := p.b.SendDTMF("1", 0, 0); !errors.Is(err, ErrNoTelephoneEvent) {
			t.Errorf("SendDTMF: %v", err)
		}
	})
}

func TestDTMFOverALossyNetwork(t *testing.T) {
	r := rand.New(rand.NewPCG(4733, 1))
	var mu sync.Mutex
	lossy := func(c vnet.Chunk) bool {
		mu.Lock()
		defer mu.Unlock()
		return !isRTP(c) || r.IntN(100) >= 20
	}
	inBubbleOn(t, lossy, nil, nil, func(t *testing.T, p *pair) {
		h := listen(p.b)
		p.connect()
		digits := strings.Repeat("1122334455667788990*#", 20)
		if err := p.a.SendDTMF(digits, 100*time.Millisecond, 60*time.Millisecond); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Minute)
		if got := h.String(); got != digits {
			t.Errorf("heard %d digits of %d", len(got), len(digits))
		}
	})
}

// TestTenThousandDigits: at 10 % loss, with packets that come late and twice, none is missed and none
// doubled.
func TestTenThousandDigits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(4733, 2))
		var got []rune
		e := &eventReceiver{report: func(digit rune, _ time.Duration) { got = append(got, digit) }}
		var want []rune
		var late []func()
		timestamp := r.Uint32()
		for range 10000 {
			code := r.IntN(16)
			want = append(want, rune(keys[code]))
			timestamp += 2000 + r.Uint32N(3000)
			for i := range 8 {
				payload := []byte{byte(code), 10, 0, 0}
				if i >= 5 {
					payload[1] |= 0x80
				}
				binary.BigEndian.PutUint16(payload[2:], uint16(min(i+1, 5)*160))
				at := timestamp
				send := func() { e.packet(7, at, payload, 8000) }
				switch {
				case r.IntN(10) == 0:
				case r.IntN(20) == 0:
					late = append(late, send)
				case r.IntN(20) == 0:
					send()
					send()
				default:
					send()
				}
				for len(late) > 0 && r.IntN(3) == 0 {
					late[0]()
					late = late[1:]
				}
				time.Sleep(20 * time.Millisecond)
			}
			time.Sleep(time.Duration(r.IntN(100)) * time.Millisecond)
		}
		time.Sleep(time.Second)
		e.close()
		if string(got) != string(want) {
			t.Errorf("%d digits reported of %d, or others", len(got), len(want))
		}
	})
}

func TestEventEnds(t *testing.T) {
	type packet struct {
		after     time.Duration
		timestamp uint32
		code, end byte
		duration  uint16
	}
	for name, c := range map[string]struct {
		packets []packet
		want    string
	}{
		"no end packet: after the time-out": {[]packet{{0, 100, 1, 0, 160}, {20, 100, 1, 0, 320}}, "1 40ms@220ms"},
		"by the next event": {
			[]packet{{0, 100, 1, 0, 160}, {20, 900, 2, 0x80, 160}},
			"1 20ms@20ms 2 20ms@20ms",
		},
		"end packets alone":    {[]packet{{0, 100, 3, 0x80, 800}, {20, 100, 3, 0x80, 800}}, "3 100ms@0s"},
		"update after the end": {[]packet{{0, 100, 3, 0x80, 800}, {20, 100, 3, 0, 640}}, "3 100ms@0s"},
		"same key twice":       {[]packet{{0, 100, 3, 0x80, 800}, {20, 2000, 3, 0x80, 800}}, "3 100ms@0s 3 100ms@20ms"},
		"no key":               {[]packet{{0, 100, 16, 0x80, 800}, {0, 300, 64, 0x80, 800}}, ""},
		"three segments": {[]packet{
			{0, 100, 5, 0, 0xFFFF}, {20, 100 + 0xFFFF, 5, 0, 0xFFFF}, {20, 100 + 2*0xFFFF, 5, 0x80, 160},
		}, "5 16.40375s@40ms"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var mu sync.Mutex
				var got []string
				begin := time.Now()
				e := &eventReceiver{report: func(digit rune, d time.Duration) {
					mu.Lock()
					defer mu.Unlock()
					got = append(got, fmt.Sprintf("%c %v@%v", digit, d, time.Since(begin)))
				}}
				for _, k := range c.packets {
					time.Sleep(k.after * time.Millisecond)
					e.packet(1, k.timestamp, []byte{k.code, 10 | k.end, byte(k.duration >> 8), byte(k.duration)}, 8000)
				}
				e.packet(1, 5, []byte{1, 0x80, 0}, 8000) // too short
				time.Sleep(time.Second)
				e.close()
				mu.Lock()
				defer mu.Unlock()
				if s := strings.Join(got, " "); s != c.want {
					t.Errorf("reported %q, want %q", s, c.want)
				}
			})
		})
	}
}
