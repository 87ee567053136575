package rtc

import (
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/transport/v5/vnet"
)

// isSTUN tells STUN from what else shares a port (RFC 7983 section 7).
func isSTUN(c vnet.Chunk) bool {
	d := c.UserData()
	return len(d) > 0 && d[0] < 4
}

// TestLateFarEndIsHeard: a check lives 19.75 s at least (RFC 8445 section 14.3): a far end that begins to answer checks
// long after it answered the call is heard within half a second of that, whoever controls ICE.
//
// Holds: late-answers
func TestLateFarEndIsHeard(t *testing.T) {
	for _, c := range []struct {
		name     string
		late     time.Duration
		theyCall bool
		lite     bool
	}{
		{name: "at once"},
		{name: "after 1 s", late: time.Second},
		{name: "after 2 s", late: 2 * time.Second},
		{name: "after 4 s", late: 4 * time.Second},
		{name: "after 8 s", late: 8 * time.Second},
		{name: "after 15 s", late: 15 * time.Second},
		{name: "after 19.75 s", late: 19750 * time.Millisecond},
		{name: "after 8 s, they called", late: 8 * time.Second, theyCall: true},
		{name: "after 19.75 s, they called", late: 19750 * time.Millisecond, theyCall: true},
		{name: "after 8 s, ICE-lite", late: 8 * time.Second, lite: true},
		{name: "after 19.75 s, ICE-lite", late: 19750 * time.Millisecond, lite: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var deaf atomic.Bool
				l := newLAN(t, 20*time.Millisecond)
				l.router.AddChunkFilter(func(chunk vnet.Chunk) bool { return !deaf.Load() })
				e, far := l.engine("198.51.100.1", nil), l.oneAssociation("198.51.100.2", c.lite)
				l.start()
				s := newTestSession(t, e)
				defer s.Close()
				defer far.close()
				deaf.Store(c.late > 0)
				if c.theyCall {
					far.offers(s, false)
				} else {
					far.answers(s)
				}
				far.speak()
				time.Sleep(c.late)
				if c.late > 0 && s.State() != Connecting {
					t.Fatalf("state %v before the far end answers", s.State())
				}
				deaf.Store(false)
				begun := time.Now()
				waitState(t, s, Connected)
				if took := time.Since(begun); took > time.Second {
					t.Errorf("heard %v after it answers", took)
				}
				sentTo(t, s, far, 10)
				heardFrom(t, s, 10)
			})
		})
	}
}

// TestSlowAnswersAreAnswers: answers to checks may be long under way.
//
// Holds: late-answers
func TestSlowAnswersAreAnswers(t *testing.T) {
	for _, delay := range []time.Duration{
		50 * time.Millisecond, 200 * time.Millisecond, 500 * time.Millisecond, time.Second, 1500 * time.Millisecond,
	} {
		t.Run(fmt.Sprintf("%v each way", delay), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLAN(t, delay)
				a, b := l.engine("198.51.100.1", nil), l.engine("198.51.100.2", nil)
				l.start()
				p := &pair{T: t, a: newTestSession(t, a), b: newTestSession(t, b)}
				defer p.a.Close()
				defer p.b.Close()
				p.connect()
			})
		})
	}
}

// TestChecksAreBounded: a description cannot have us flood whom it names (RFC 8445 section 19.5.1), however many
// candidates it has and though checks go on for half a minute.
//
// Holds: late-answers
func TestChecksAreBounded(t *testing.T) {
	for _, candidates := range []int{1, 8, 64, 100, 200} {
		t.Run(fmt.Sprintf("%d candidates", candidates), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var checks atomic.Int64
				l := newLAN(t, 20*time.Millisecond)
				l.router.AddChunkFilter(func(chunk vnet.Chunk) bool {
					if isSTUN(chunk) {
						checks.Add(1)
					}
					return true
				})
				e := l.engine("198.51.100.1", nil)
				l.start()
				s := newTestSession(t, e)
				sdp := sound(soundAudio)
				for i := range candidates {
					sdp += fmt.Sprintf("a=candidate:%d 1 udp %d 198.51.100.77 %d typ host\r\n", i, 1000000-i, 10000+i)
				}
				if _, err := s.SetOffer(t.Context(), []byte(sdp)); err != nil {
					t.Fatal(err)
				}
				if _, err := s.Answer(t.Context()); err != nil {
					t.Fatal(err)
				}
				time.Sleep(40 * time.Second)
				if got, most := checks.Load(), int64(min(candidates+1, icePairs)*30*6); got == 0 || got > most {
					t.Errorf("%d checks to %d candidates, want at most %d", got, candidates, most)
				}
				if s.State() != Failed || s.Failure() != FailureNoPath {
					t.Errorf("state %v: %v", s.State(), s.Failure())
				}
				before := checks.Load()
				time.Sleep(10 * time.Second)
				if checks.Load() != before {
					t.Error("checks after the end")
				}
				s.Close()
			})
		})
	}
}

// TestFarEndThatGaveUpIsToldToBeAsked: a far end that controls ICE, and has stopped to check before its checks could
// come through, answers ours and never takes a path. That is told, and another restart brings the sound.
//
// Holds: late-answers
func TestFarEndThatGaveUpIsToldToBeAsked(t *testing.T) {
	for _, c := range []struct {
		name     string
		deaf     time.Duration
		up       bool // the call was up before
		theyCall bool // and so control ICE
		told     bool
	}{
		{"as fast as it checks", time.Second, false, true, false},
		{"twice as long as it checks", 3 * time.Second, false, true, true},
		{"long before", 20 * time.Second, false, true, true},
		{"we control", 20 * time.Second, false, false, false},
		{"in the call, after a restart", 12 * time.Second, true, true, true},
		{"in the call, we control", 12 * time.Second, true, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var deaf atomic.Bool
				l := newLAN(t, 20*time.Millisecond)
				l.router.AddChunkFilter(func(vnet.Chunk) bool { return !deaf.Load() })
				n, err := vnet.NewNet(&vnet.NetConfig{StaticIPs: []string{"198.51.100.2"}})
				if err != nil {
					t.Fatal(err)
				}
				if err := l.router.AddNet(n); err != nil {
					t.Fatal(err)
				}
				e, far := l.engine("198.51.100.1", nil), newOneAssociation(t, n, false, 7)
				l.start()
				s := newTestSession(t, e)
				defer s.Close()
				defer far.close()
				told := make(chan struct{}, 1)
				s.OnUntaken(func() {
					select {
					case told <- struct{}{}:
					default:
					}
				})
				deaf.Store(!c.up)
				if c.theyCall {
					far.offers(s, false)
				} else {
					far.answers(s)
				}
				if c.up {
					waitState(t, s, Connected)
					deaf.Store(true)
					time.Sleep(8 * time.Second)
					s.RestartICE()
					far.answers(s)
					time.Sleep(c.deaf - 8*time.Second)
				} else {
					time.Sleep(c.deaf)
				}
				deaf.Store(false)
				healed := time.Now()
				far.speak()
				select {
				case <-told:
					if !c.told || time.Since(healed) > time.Second {
						t.Errorf("told after %v", time.Since(healed))
					}
					s.RestartICE()
					far.answers(s)
				case <-time.After(5 * time.Second):
					if c.told {
						t.Error("not told")
					}
				}
				waitState(t, s, Connected)
				heardFrom(t, s, 10)
				sentTo(t, s, far, 10)
			})
		})
	}
}
