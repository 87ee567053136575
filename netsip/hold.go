package netsip

import (
	"errors"
	"strings"
	"time"

	"calla/netsip/loop"
)

// SetHold says whether we put the far end on hold. It is a wish: it is told to the far end as soon as
// signalling is free for it, by a re-INVITE or in our next answer, and taken back without a word by its
// opposite. OnChange tells when it has come true or has been refused; a refusal never ends the call.
func (s *Session) SetHold(on bool) {
	if s.state == SessionEnded || s.wishes.hold == on {
		return
	}
	s.wishes.hold, s.wishes.holdErr = on, nil
	s.changed()
	s.renegotiate()
}

// Held tells whether we hold the call, or want to: see HoldPending.
func (s *Session) Held() bool { return s.wishes.hold }

// HoldPending tells whether the far end has not agreed yet to what Held says.
func (s *Session) HoldPending() bool {
	return s.state != SessionEnded && s.wishes.hold != s.wishes.stated
}

// HoldErr is why the last SetHold did not come true, nil otherwise. Held is then as it was before.
func (s *Session) HoldErr() error { return s.wishes.holdErr }

// RestartMedia moves the media of the call to a new transport, by a re-INVITE with new ICE credentials: the
// network has changed. What is there stays in use until the new one is connected. One at a time.
func (s *Session) RestartMedia() {
	if s.state == SessionEnded {
		return
	}
	s.wishes.restart = true
	s.renegotiate()
}

// Waits around a dead path.
const (
	pathPatience = 3 * time.Second  // of silence after which the media is moved
	pathRestart  = 10 * time.Second // between two attempts to move it
	pathLife     = 60 * time.Second // of silence after which the call is over
)

// errPathLost: the media path was dead for pathLife.
var errPathLost = errors.New("nothing heard from the far end")

// path watches over the way of the media.
//
//	alive ──dead──▶ silent ──3 s, then every 10 s──▶ RestartMedia
//	  ▲               │ 60 s: BYE
//	  └─────alive─────┘
type path struct {
	dead    bool
	restart *loop.Timer
	giveUp  *loop.Timer
}

func (p *path) stop() {
	p.restart.Stop()
	p.giveUp.Stop()
}

// Reconnecting tells whether nothing is heard from the far end any more and its media is being looked for.
func (s *Session) Reconnecting() bool { return s.path.dead && s.state == SessionEstablished }

// DropUnheard ends an established call whose far end is not heard any more, as the engine does by itself when its media
// has been silent for a minute: its owner has waited long enough.
func (s *Session) DropUnheard() {
	if s.state == SessionEstablished {
		s.terminate(System, CauseRTPTimeout, 408, CauseRTPTimeout, errPathLost)
	}
}

// pathChanged follows the media.
func (s *Session) pathChanged(alive bool) {
	if s.state == SessionEnded || s.path.dead == !alive {
		return
	}
	s.path.stop()
	s.path.dead = !alive
	s.changed()
	switch {
	case alive:
		return
	case s.wishes.unknown && s.state == SessionEstablished:
		s.farEndGone(errPathLost)
		return
	}
	var restart func()
	restart = func() {
		s.RestartMedia()
		s.path.restart = s.ua.loop.AfterFunc(pathRestart, restart)
	}
	s.path.restart = s.ua.loop.AfterFunc(pathPatience, restart)
	var giveUp func()
	giveUp = func() {
		if s.state == SessionEstablished {
			s.terminate(System, CauseRTPTimeout, 408, CauseRTPTimeout, errPathLost)
			return
		}
		s.path.giveUp = s.ua.loop.AfterFunc(pathLife, giveUp) // it was the sound before the answer
	}
	s.path.giveUp = s.ua.loop.AfterFunc(pathLife, giveUp)
}

// setHeld notes whether the far end holds the call.
func (s *Session) setHeld(held bool) {
	if s.held != held {
		s.held = held
		s.changed()
	}
}

// answeredHold notes what an answer to an offer of ours says of hold. Where we did not offer to send, the far
// end could only agree not to listen: that says nothing.
func (s *Session) answeredHold(offer, answer []byte) {
	if len(offer) == 0 || sends(offer) {
		s.setHeld(heldBy(answer))
	}
}

// sdpLines is what matters for hold in one part of a description.
type sdpLines struct {
	direction string // "" = sendrecv
	nowhere   bool
	active    bool
}

// streams reads the directions of the media lines of a description.
func streams(sdp []byte) []sdpLines {
	session, media := sdpLines{}, []sdpLines{}
	at := &session
	for line := range strings.Lines(string(sdp)) {
		line = strings.TrimRight(line, "\r\n")
		switch {
		case strings.HasPrefix(line, "m="):
			media = append(media, sdpLines{
				direction: session.direction, nowhere: session.nowhere,
				active: activeMedia(line),
			})
			at = &media[len(media)-1]
		case line == "a=sendrecv", line == "a=sendonly", line == "a=recvonly", line == "a=inactive":
			at.direction = line[2:]
		case strings.HasPrefix(line, "c="):
			at.nowhere = strings.HasSuffix(line, " 0.0.0.0")
		}
	}
	return media
}

// heldBy tells whether a description of the far end puts the call on hold: every sound or picture line
// says so, by its direction or the old way of RFC 2543, an address of 0.0.0.0.
func heldBy(sdp []byte) bool {
	held := false
	for _, m := range streams(sdp) {
		if !m.active {
			continue
		}
		if m.direction != "sendonly" && m.direction != "inactive" && !(m.nowhere && m.direction == "") {
			return false
		}
		held = true
	}
	return held
}

// sends tells whether a description has a line that sends.
func sends(sdp []byte) bool {
	for _, m := range streams(sdp) {
		if m.active && m.direction != "recvonly" && m.direction != "inactive" {
			return true
		}
	}
	return false
}

// activeMedia tells whether an m= line is of sound or picture and not switched off by port 0.
func activeMedia(line string) bool {
	kind, rest, _ := strings.Cut(line, " ")
	port, _, _ := strings.Cut(rest, " ")
	return (kind == "m=audio" || kind == "m=video") && port != "0"
}
