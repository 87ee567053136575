package netsip

import (
	"errors"
	"time"

	"calla/netsip/loop"
)

// Waits around a dead path.
const (
	pathPatience = 3 * time.Second  // of silence after which the media is moved
	pathRestart  = 10 * time.Second // between two attempts to move it
	pathUntaken  = 2 * time.Second  // from one to that for a far end which does not take what it answers on
	pathUntakes  = 5                // of those, each after twice the wait of the last
	pathLife     = 60 * time.Second // of silence after which the call is over
)

// errPathLost: the media path was dead for pathLife.
var errPathLost = errors.New("nothing heard from the far end")

// path watches over the way of the media.
//
//	alive ──dead──▶ silent ──3 s, then every 10 s──▶ RestartMedia
//	  ▲               │ 60 s: BYE
//	  └─────alive─────┘ the far end answers and takes nothing: RestartMedia, 2, 4, 8, 16, 32 s after the last
type path struct {
	session *Session
	dead    bool
	restart *loop.Timer
	giveUp  *loop.Timer

	moved   time.Time // when the media was restarted last
	untakes int       // restarts in a row for what the far end did not take
}

func (p *path) stop() {
	p.restart.Stop()
	p.giveUp.Stop()
}

// Reconnecting tells whether nothing is heard from the far end any more: its media is being looked for, or, while it
// rings, the call itself.
func (s *Session) Reconnecting() bool {
	switch s.state {
	case SessionEstablished:
		return s.path.dead
	case SessionIncoming, SessionAnswering:
		return !s.ua.connection.up()
	case SessionRinging, SessionEarlyMedia:
		return s.out.search.on()
	}
	return false
}

// DropUnheard ends an established call whose far end is not heard any more, as the engine does by itself when its media
// has been silent for a minute: its owner has waited long enough.
func (s *Session) DropUnheard() {
	if s.state == SessionEstablished {
		s.terminate(unheard())
	}
}

// unheard is the end of a call whose far end is not heard any more.
func unheard() End {
	return End{
		By: System, Cause: CauseRTPTimeout, StatusCode: 408, Reason: CauseRTPTimeout, Err: errPathLost,
	}
}

// changed follows the media.
func (p *path) changed(alive bool) {
	s := p.session
	if s.state == SessionEnded || p.dead == !alive {
		return
	}
	p.stop()
	p.dead, p.untakes = !alive, 0
	s.changed()
	switch {
	case alive:
	case s.state == SessionEstablished && s.reestablishment.unknown:
		s.farEndGone(errPathLost)
	default:
		p.restartIn(pathPatience)
		p.giveUpIn(pathLife)
	}
}

// restartIn moves the media after a while of silence, and again for as long as that lasts.
func (p *path) restartIn(d time.Duration) {
	p.restart = p.session.ua.loop.AfterFunc(d, func() {
		p.moved = time.Now()
		p.session.RestartMedia()
		p.restartIn(pathRestart)
	})
}

// untaken has the far end check anew what it answers on and does not take.
func (p *path) untaken() {
	if p.session.state != SessionEstablished || p.untakes >= pathUntakes ||
		time.Since(p.moved) < pathUntaken<<p.untakes {
		return
	}
	p.untakes++
	p.moved = time.Now()
	p.session.RestartMedia()
}

// giveUpIn ends the call after too much of it. The sound before the answer may end for good: then time begins with the
// call.
func (p *path) giveUpIn(d time.Duration) {
	p.giveUp = p.session.ua.loop.AfterFunc(d, func() {
		if p.session.state == SessionEstablished {
			p.session.terminate(unheard())
			return
		}
		p.giveUpIn(pathLife)
	})
}
