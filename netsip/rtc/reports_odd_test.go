package rtc

import (
	"math"
	"testing"
	"time"

	"github.com/pion/rtcp"
)

// TestNumbersThatBeginAgainAreNoGain: a source that begins again with numbers from before has sent no packet twice:
// what is lost afterwards is told.
//
// Holds: true-quality
func TestNumbersThatBeginAgainAreNoGain(t *testing.T) {
	for name, v := range map[string]struct {
		back uint16
		time bool // goes back as well
		loss int  // percent, afterwards
	}{
		"a little":                   {60, false, 10},
		"far":                        {2000, false, 10},
		"farther than packets pass":  {2900, true, 5},
		"a little, the time as well": {90, true, 20},
		"without loss":               {500, false, 0},
	} {
		a := newArriving(5000)
		a.come(1000, 0)
		a.h.SequenceNumber -= v.back
		if v.time {
			a.h.Timestamp -= 160 * uint32(v.back)
		}
		before := a.s.Stats()
		a.come(2000, v.loss)
		s := a.s.Stats()
		lost, expected := s.PacketsLost-before.PacketsLost, s.PacketsExpected-before.PacketsExpected
		got := 100 * float64(lost) / float64(expected)
		if math.Abs(got-float64(v.loss)) > 1 || before.PacketsLost != 0 {
			t.Errorf("%s: %d of %d lost, %.1f %% instead of %d", name, lost, expected, got, v.loss)
		}
		if b := a.told(t); math.Abs(float64(b.LossRate)-float64(v.loss)*2.56*2/3) > 3 {
			t.Errorf("%s: %d of 256 told", name, b.LossRate)
		}
	}
}

// TestWhatTheNetworkHeldUpIsNoBeginning: packets that come late all at once, or in turn with newer ones, are late.
func TestWhatTheNetworkHeldUpIsNoBeginning(t *testing.T) {
	for name, apart := range map[string]time.Duration{"at once": 0, "each beside a newer one": 20 * time.Millisecond} {
		a := newArriving(65400)
		a.come(500, 0)
		held := a.h
		a.pass(100, true)
		a.come(100, 0)
		for range 100 {
			a.s.arrived(&held, []byte{1}, a.at)
			held.SequenceNumber++
			held.Timestamp += 160
			if apart > 0 {
				a.come(1, 0)
			}
		}
		if s := a.s.Stats(); s.PacketsLost != 0 || s.PacketsExpected > 801 {
			t.Errorf("%s: %d of %d lost", name, s.PacketsLost, s.PacketsExpected)
		}
	}
}

// TestWhatNobodyWasToHearIsNotMissed: RED that comes while the far end holds says nothing of what was lost.
//
// Holds: true-quality
func TestWhatNobodyWasToHearIsNotMissed(t *testing.T) {
	a := newArriving(100)
	with := func(local, remote Direction) {
		a.agree(local, remote)
		agreed := *a.s.agreed.Load()
		agreed.receive[63] = Codec{Name: redName, PayloadType: 63, ClockRate: 8000}
		a.s.settle(&description{}, &agreed, firstSections())
		a.s.packets.filled.L = &a.s.packets.mu
		a.h.PayloadType = 63
	}
	payload := redPayload(redBlock{0, 320, []byte("a")}, redBlock{0, 160, []byte("b")}, redBlock{0, 0, []byte("c")})
	come := func(n int) {
		for range n {
			a.s.arrived(&a.h, payload, a.at)
			a.pass(1, true)
		}
	}
	with(SendRecv, SendRecv)
	come(300)
	with(SendRecv, RecvOnly) // it sends all the same, now and then
	for range 5 {
		a.pass(200, true)
		come(1)
	}
	with(SendRecv, SendRecv)
	come(300)
	if b := a.told(t); b.LossRate != 0 || b.BurstDuration != 0 {
		t.Errorf("%d of 256 told as lost, in bursts of %d ms", b.LossRate, b.BurstDuration)
	}
}

// TestReportsThatLieAreBorne: whatever a far end reports, what is followed stays within what there can be, and what is
// not possible is not told.
func TestReportsThatLieAreBorne(t *testing.T) {
	now := time.Unix(1e9, 0)
	sent := func(ago time.Duration) uint32 { return uint32(ntp(now.Add(-ago)) >> 16) }
	const before = 30 * time.Millisecond
	for name, v := range map[string]struct {
		report rtcp.ReceptionReport
		trip   time.Duration // told afterwards
	}{
		"everything lost":       {rtcp.ReceptionReport{FractionLost: 255, TotalLost: 0x7FFFFF}, before},
		"less than nothing":     {rtcp.ReceptionReport{TotalLost: 0xFFFFFF}, before},
		"the least":             {rtcp.ReceptionReport{TotalLost: 0x800000}, before},
		"huge jitter":           {rtcp.ReceptionReport{Jitter: math.MaxUint32}, before},
		"an answer in time":     {rtcp.ReceptionReport{LastSenderReport: sent(time.Second), Delay: 58982}, ms(100)},
		"a report of yesterday": {rtcp.ReceptionReport{LastSenderReport: sent(8 * time.Hour)}, before},
		"one of a minute ago":   {rtcp.ReceptionReport{LastSenderReport: sent(time.Minute)}, before},
		"one of tomorrow":       {rtcp.ReceptionReport{LastSenderReport: sent(-8 * time.Hour)}, before},
		"answered before it":    {rtcp.ReceptionReport{LastSenderReport: sent(time.Second), Delay: 1 << 31}, before},
		"any number":            {rtcp.ReceptionReport{LastSenderReport: 1, Delay: math.MaxUint32}, before},
	} {
		a := newArriving(1)
		f := &a.s.figures
		f.roundTrip = before
		v.report.SSRC = 7
		f.incoming([]rtcp.Packet{
			&rtcp.SenderReport{SSRC: 1, NTPTime: math.MaxUint64, Reports: []rtcp.ReceptionReport{v.report}},
			&rtcp.Goodbye{Sources: []uint32{1, 7}, Reason: "lies"},
		}, 7, now)
		a.come(10, 0)
		s := a.s.Stats()
		if (s.RoundTrip-v.trip).Abs() > time.Millisecond || s.RemoteLossLately < 0 || s.RemoteLossLately > 1 ||
			s.RemoteJitter < 0 || s.RemoteLost > 1<<23 || s.RemoteLost < -1<<23 || s.PacketsReceived != 10 {
			t.Errorf("%s: %+v", name, s)
		}
	}
}
