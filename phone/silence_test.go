package phone

import (
	"math"
	"testing"
	"testing/synctest"
	"time"

	"calla/netsip/rtc"
)

// speaker is a far end whose packets a test makes, one after the other.
type speaker struct {
	send func(rtc.Packet)
	p    rtc.Packet
}

// says sends packets of 20 ms for a time.
func (s *speaker) says(d time.Duration) {
	for range d / (20 * time.Millisecond) {
		s.sends(0, 160)
		time.Sleep(20 * time.Millisecond)
		s.p.Timestamp += 160
	}
}

// sends sends one packet.
func (s *speaker) sends(payloadType uint8, octets int) {
	s.p.SequenceNumber++
	s.p.PayloadType, s.p.Payload, s.p.Arrival = payloadType, make([]byte, octets), time.Now()
	s.send(s.p)
}

// pauses sends nothing for a time.
func (s *speaker) pauses(d time.Duration) {
	time.Sleep(d)
	s.p.Timestamp += uint32(d * 8000 / time.Second)
}

// discontinuous is a pause of so many times 400 ms, after each of which a packet tells what there is in it.
func (s *speaker) discontinuous(n int) {
	for range n {
		s.pauses(400 * time.Millisecond)
		s.sends(0, 160)
	}
}

// TestAFarEndMayBeSilentInItsPauses: how long, by what it has sent.
func TestAFarEndMayBeSilentInItsPauses(t *testing.T) {
	for _, v := range []struct {
		name string
		do   func(s *speaker)
		want time.Duration
	}{
		{"it speaks", func(*speaker) {}, unheardTime},
		{"a pause", func(s *speaker) { s.discontinuous(1) }, pausedTime},
		{"another one will come", func(s *speaker) {
			s.discontinuous(3)
			s.says(2 * time.Second)
		}, pausedTime},
		{"an empty packet of Opus", func(s *speaker) { s.sends(0, 1) }, pausedTime},
		{"comfort noise", func(s *speaker) { s.sends(13, 11) }, math.MaxInt64},
		{"a word after comfort noise", func(s *speaker) {
			s.sends(13, 11)
			s.pauses(3 * time.Second)
			s.says(200 * time.Millisecond)
		}, pausedTime},
		{"packets were lost", func(s *speaker) {
			s.p.SequenceNumber += 20
			s.pauses(400 * time.Millisecond)
			s.says(time.Second)
		}, unheardTime},
		{"it was on hold", func(s *speaker) {
			s.pauses(20 * time.Second)
			s.says(time.Second)
		}, unheardTime},
		{"long packets", func(s *speaker) {
			for range 5 {
				s.p.Timestamp += 480
				s.sends(0, 480)
			}
		}, unheardTime},
		{"another source", func(s *speaker) {
			s.p.SSRC++
			s.p.Timestamp += 4000
			s.says(time.Second)
		}, unheardTime},
		{"out of order", func(s *speaker) {
			s.p.SequenceNumber += 20
			s.p.Timestamp += 3200
			s.sends(0, 160)
			s.p.SequenceNumber -= 15
			s.p.Timestamp -= 2400
			s.sends(0, 160)
		}, unheardTime},
	} {
		synctest.Test(t, func(t *testing.T) {
			var q silence
			var got time.Duration
			s := &speaker{send: func(p rtc.Packet) { got = q.after(&p, p.PayloadType == 13, 8000) }}
			s.says(time.Second)
			if v.do(s); got != v.want {
				t.Errorf("%s: for %v, not %v", v.name, got, v.want)
			}
		})
	}
}

// TestPausesOfTheFarEndAreNoLostPath: after the network has changed, a far end that sends nothing because nobody speaks
// there is not told as one that is not heard, and one that is not heard is.
func TestPausesOfTheFarEndAreNoLostPath(t *testing.T) {
	const ms = time.Millisecond
	for _, v := range []struct {
		name          string
		before, after func(s *speaker) // the network changes
		told          time.Duration    // after the change, about; 0 = it is not
	}{
		{"nothing any more", func(*speaker) {}, func(s *speaker) { s.pauses(time.Second) }, 250 * ms},
		{
			"a pause that goes on", func(s *speaker) { s.discontinuous(2) },
			func(s *speaker) { s.discontinuous(8) }, 0,
		},
		{
			"a pause, and half of what tells of it is lost", func(s *speaker) { s.discontinuous(2) },
			func(s *speaker) {
				for range 4 {
					s.p.SequenceNumber++
					s.pauses(400 * ms)
					s.discontinuous(1)
				}
			}, 0,
		},
		{
			"a pause, and nothing any more", func(s *speaker) { s.discontinuous(2) },
			func(s *speaker) { s.pauses(2 * time.Second) }, 1050 * ms,
		},
		{
			"comfort noise, and then nothing", func(s *speaker) { s.sends(13, 11) },
			func(s *speaker) { s.pauses(3 * time.Second) }, 0,
		},
	} {
		t.Run(v.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				alice, bob := w.phone("alice"), w.phone("bob")
				alice.talk(bob)
				media := alice.session()
				media.lose(true) // what bob says
				s := &speaker{send: func(p rtc.Packet) { media.packets <- p }}
				s.says(500 * ms)
				v.before(s)
				synctest.Wait()
				alice.NetworkChanged()
				began := time.Now()
				var told time.Duration
				cancel := alice.Subscribe(func(now State) {
					if p := now.Calls[0].Problem; told == 0 && p != nil && tell(*p).Short == "Reconnecting" {
						told = time.Since(began)
					}
				})
				v.after(s)
				cancel()
				if (told == 0) != (v.told == 0) || (told-v.told).Abs() > 150*ms {
					t.Errorf("told after %v, want %v", told, v.told)
				}
			})
		})
	}
}
