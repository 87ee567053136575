package rtc

import (
	"testing"
	"time"

	"github.com/pion/rtcp"
)

// told is what a report tells now of what has come.
func (a *arriving) told(t *testing.T) *rtcp.VoIPMetricsReportBlock {
	t.Helper()
	all := a.s.figures.extended(7, usualPacket)
	if len(all) != 1 {
		t.Fatalf("%d reports", len(all))
	}
	return all[0].(*rtcp.ExtendedReport).Reports[0].(*rtcp.VoIPMetricsReportBlock)
}

// TestLossIsToldAsItIsHeard: RFC 3611 section 4.7.1: since the beginning, after what came again (RFC 2198), and
// whatever came twice.
func TestLossIsToldAsItIsHeard(t *testing.T) {
	frame := []byte("x")
	// Of each hundred five in the middle are lost, and the rest comes as it does. The last 64 do not count yet.
	five := func(a *arriving, rounds int, rest func()) {
		for i := range rounds * 100 {
			if i%100 < 50 || i%100 > 54 {
				rest()
			}
			a.pass(1, true)
		}
	}
	once := func(a *arriving) func() { return func() { a.s.arrived(&a.h, frame, a.at) } }
	// red has each packet carry those before it, the oldest first, by that number.
	red := func(a *arriving, number uint8, before int) func() {
		agreed := *a.s.agreed.Load()
		agreed.receive[63] = Codec{Name: redName, PayloadType: 63, ClockRate: 8000}
		a.s.settle(&description{}, &agreed, firstSections())
		a.s.packets.filled.L = &a.s.packets.mu
		a.h.PayloadType = 63
		var blocks []redBlock
		for i := before; i > 0; i-- {
			blocks = append(blocks, redBlock{number, uint32(160 * i), frame})
		}
		payload := redPayload(append(blocks, redBlock{0, 0, frame})...)
		return func() { a.s.arrived(&a.h, payload, a.at) }
	}
	for _, c := range []struct {
		name                  string
		come                  func(a *arriving)
		loss, density, beside uint8 // of 256
		burst                 uint16
	}{
		{"each once", func(a *arriving) { five(a, 20, once(a)) }, 12, 255, 0, 100},
		{"each twice", func(a *arriving) {
			five(a, 20, func() { once(a)(); once(a)() })
		}, 12, 255, 0, 100},
		{"over holds", func(a *arriving) {
			for range 10 {
				five(a, 2, once(a))
				a.agree(Inactive, Inactive)
				a.pass(500, true)
				a.agree(SendRecv, SendRecv)
			}
		}, 12, 255, 0, 100},
		{"a hold after all of it", func(a *arriving) {
			five(a, 4, once(a))
			a.agree(Inactive, Inactive)
			a.pass(500, true)
			a.agree(SendRecv, SendRecv)
			a.come(1, 0)
		}, 12, 255, 0, 100},
		{"the two before come again", func(a *arriving) { five(a, 20, red(a, 0, 2)) }, 7, 255, 0, 60},
		{"all come again", func(a *arriving) { five(a, 20, red(a, 0, 5)) }, 0, 0, 0, 0},
		{"all but one come again", func(a *arriving) { five(a, 20, red(a, 0, 4)) }, 2, 0, 2, 0},
		{"what comes again is of another format", func(a *arriving) { five(a, 20, red(a, 8, 5)) }, 12, 255, 0, 100},
	} {
		a := newArriving(65000)
		a.come(1, 0)
		c.come(a)
		if b := a.told(t); b.LossRate != c.loss || b.BurstDensity != c.density || b.GapDensity != c.beside ||
			b.BurstDuration != c.burst {
			t.Errorf("%s: %d of 256, %d in bursts of %d ms, %d beside them; want %d, %d of %d ms, %d", c.name,
				b.LossRate, b.BurstDensity, b.BurstDuration, b.GapDensity, c.loss, c.density, c.burst, c.beside)
		}
	}
}

// TestDelayOfAnEndIsThatOfBothWays: of what it sends a packet, of what it hears the jitter buffer (RFC 3611 section
// 4.7.3).
func TestDelayOfAnEndIsThatOfBothWays(t *testing.T) {
	inBubble(t, func(t *testing.T, p *pair) {
		p.connect()
		p.b.Tell(Heard{Buffer: ms(45)})
		for i := range 150 {
			_ = p.a.WriteAudio([]byte("short"), 960)
			if i%3 == 0 {
				_ = p.b.WriteAudio([]byte("long"), 2880)
			}
			time.Sleep(ms(20))
		}
		if m := p.a.Stats().Remote; m.EndDelay != ms(105) {
			t.Errorf("%+v", m)
		}
	})
}

// TestWhatIsToldNoLongerIsNotKnown: an end that has told how it hears and does not any more, as after a transfer, is
// not told of for ever.
func TestWhatIsToldNoLongerIsNotKnown(t *testing.T) {
	inBubble(t, func(t *testing.T, p *pair) {
		o, _ := p.offer(p.a, p.b)
		waitState(t, p.a, Connected)
		waitState(t, p.b, Connected)
		speak := func(seconds int) bool {
			for range seconds * 50 {
				_, _ = p.a.WriteAudio([]byte("a"), 960), p.b.WriteAudio([]byte("b"), 960)
				time.Sleep(ms(20))
			}
			return p.a.Stats().Remote.Known
		}
		if !speak(3) {
			t.Error("not told at the beginning")
		}
		reoffer(t, p.b, replaceOnce(t, o, "a=rtcp-xr:voip-metrics\r\n", ""))
		if !speak(50) {
			t.Error("forgotten though some report but once in half a minute")
		}
		if speak(15) {
			t.Error("told though it was more than a minute ago")
		}
	})
}
