package rtc

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/transport/v5/vnet"
)

// TestPathThatTheFarEndDoesNotUseIsTold: after an outage Asterisk answers the checks of a restart and sends its sound
// to where nobody is, until it is restarted. That is told where the far end spoke before, and may speak.
//
// Holds: late-answers
func TestPathThatTheFarEndDoesNotUseIsTold(t *testing.T) {
	for _, c := range []struct {
		name     string
		theyCall bool
		away     time.Duration // nothing at all passes
		passes   string        // of the far end, on the path of the restart: nothing, "RTCP" or "all"
		silent   bool          // the far end was, before
		hold     bool          // ours
		held     bool          // by the far end
		theirs   bool          // it is they who restart
		told     bool
	}{
		{name: "for a moment", away: 0, told: true},
		{name: "for 4 s", away: 4 * time.Second, told: true},
		{name: "for 12 s", away: 12 * time.Second, told: true},
		{name: "for 40 s", away: 40 * time.Second, told: true},
		{name: "they called", theyCall: true, away: 12 * time.Second, told: true},
		{name: "they restart", theirs: true, told: true},
		{name: "it is heard", away: 12 * time.Second, passes: "all"},
		{name: "its reports are", away: 12 * time.Second, passes: "RTCP"},
		{name: "it was silent before", away: 12 * time.Second, silent: true},
		{name: "on hold", away: 12 * time.Second, hold: true},
		{name: "held by it", away: 12 * time.Second, held: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var cut, lost atomic.Bool
				l := newLAN(t, 20*time.Millisecond)
				l.router.AddChunkFilter(func(chunk vnet.Chunk) bool {
					media, rtp := isMedia(chunk.UserData())
					theirs := media && chunk.SourceAddr().String()[:12] == "198.51.100.2"
					return !cut.Load() && !(lost.Load() && theirs && (rtp || c.passes == ""))
				})
				e, far := l.engine("198.51.100.1", nil), l.oneAssociation("198.51.100.2", false)
				l.start()
				s := newTestSession(t, e)
				defer s.Close()
				defer far.close()
				var told atomic.Int64
				s.OnUntaken(func() { told.Add(1) })
				if c.theyCall {
					far.offers(s, false)
				} else {
					far.answers(s)
				}
				waitState(t, s, Connected)
				if !c.silent {
					far.speak()
				}
				sentTo(t, s, far, 200)
				if c.held {
					far.hold()
				}
				if s.SetHold(c.hold); c.hold || c.held {
					far.answers(s)
					time.Sleep(100 * time.Millisecond)
				}
				if told.Load() > 0 {
					t.Fatal("told without a restart")
				}
				cut.Store(c.away > 0)
				time.Sleep(c.away)
				if lost.Store(c.passes != "all"); c.theirs {
					far.offers(s, true)
				} else {
					s.RestartICE()
					far.answers(s)
				}
				cut.Store(false)
				waitState(t, s, Connected)
				time.Sleep(pathUnused + 500*time.Millisecond)
				if got := told.Load() > 0; got != c.told {
					t.Errorf("told %v, want %v", got, c.told)
				}
				if !c.told {
					return
				}
				lost.Store(false)
				s.RestartICE()
				far.answers(s)
				heardFrom(t, s, 20)
				before := told.Load()
				time.Sleep(10 * time.Second)
				if told.Load() != before {
					t.Error("told of a path that is used")
				}
			})
		})
	}
}

// hold has the far end send nothing from its next description on.
func (f *oneAssociation) hold() {
	for _, t := range f.pc.GetTransceivers() {
		if err := f.pc.RemoveTrack(t.Sender()); err != nil {
			f.Error(err)
		}
	}
}
