package phone

import (
	"math"
	"time"

	"calla/netsip/rtc"
)

const (
	unheardTime = 200 * time.Millisecond // of nothing, after which a far end that speaks is not heard
	// pausedTime is the same for one that leaves out its pauses: twice what libopus, which tells every 400 ms what
	// there is in one, sends nothing for, and some.
	pausedTime = time.Second
	// longestSpoken is the most sound that one packet may hold, of Opus: who sends nothing for longer makes a pause.
	longestSpoken = 120 * time.Millisecond
	// A packet of Opus of no more octets has no sound in it: the pause begins (RFC 6716 section 2.1.9).
	emptyPacket = 2
)

// silence knows how long nothing may come from a far end while all is well: what nobody says need not be sent.
type silence struct {
	ssrc      uint32
	sequence  uint16
	timestamp uint32
	pauses    bool // it is known to leave them out
}

// after is how long nothing may come after a packet of a format with that clock. After comfort noise that is for ever:
// how often it is sent again is left to the sender (RFC 3389), and the path itself tells whether it is there.
func (s *silence) after(p *rtc.Packet, noise bool, clock int) time.Duration {
	// Numbers that go on, and a time that does not, are a pause (RFC 3550 section 5.1), longer ones a hold.
	gap := time.Duration(int32(p.Timestamp-s.timestamp)) * time.Second / time.Duration(clock)
	if p.SSRC == s.ssrc && p.SequenceNumber == s.sequence+1 && gap > longestSpoken && gap <= pausedTime ||
		noise || len(p.Payload) <= emptyPacket {
		s.pauses = true
	}
	s.ssrc, s.sequence, s.timestamp = p.SSRC, p.SequenceNumber, p.Timestamp
	switch {
	case noise:
		return math.MaxInt64
	case s.pauses:
		return pausedTime
	}
	return unheardTime
}
