package rtc

import (
	"encoding/binary"
	"slices"
	"strconv"
	"strings"
	"time"
)

// RED (RFC 2198) is a payload with the frames of the packets before it once more, so that what the network loses comes
// again 20 and 40 ms later. It is offered behind Opus, as browsers do: whoever does not know it answers without it, and
// who knows it sends it when there is reason to. Its format parameters name what is in it by number, "111/111".

const (
	redName   = "red"
	redFrames = 2    // how many old frames a packet of ours has
	redBlocks = 8    // how many blocks one of a far end may have
	redMost   = 1000 // octets of a payload of ours: with all that is around them they fit any path
	// Limits of a block's header (RFC 2198 section 3).
	redOffset = 1<<14 - 1 // ticks that an old frame may be older
	redLength = 1<<10 - 1 // octets it may have
)

// Loss that the far end reports, from which on RED is sent, and below which it is sent no longer once that lasted.
const (
	redFrom = 0.03
	redTo   = 0.01
	redCalm = 10 * time.Second
)

func (c Codec) isRED() bool { return strings.EqualFold(c.Name, redName) }

// carries tells whether red is the RED of c, both numbered as in one description. One that does not say so is of what
// has its clock.
func (red Codec) carries(c Codec) bool {
	if c.isRED() || red.ClockRate != c.ClockRate || red.channels() != c.channels() {
		return false
	}
	for number := range strings.SplitSeq(red.Fmtp, "/") {
		if pt, ok := payloadType(strings.TrimSpace(number)); red.Fmtp != "" && (!ok || pt != c.PayloadType) {
			return false
		}
	}
	return true
}

// withRED puts red beside the codec it carries, on the side that it had in formats.
func withRED(codecs []Codec, red Codec, formats []Codec) []Codec {
	at := slices.IndexFunc(codecs, red.carries)
	if !red.isRED() || at < 0 {
		return codecs
	}
	number := func(c Codec) func(Codec) bool {
		return func(o Codec) bool { return o.PayloadType == c.PayloadType }
	}
	if slices.IndexFunc(formats, number(red)) > slices.IndexFunc(formats, number(codecs[at])) {
		at++
	}
	return slices.Insert(slices.Clone(codecs), at, red)
}

// numbered has RED say what it carries by the number that this has in formats, and leaves it out where that is not
// there.
func numbered(formats []Codec) []Codec {
	i := slices.IndexFunc(formats, Codec.isRED)
	if i < 0 {
		return formats
	}
	formats[i].Fmtp = ""
	of := slices.IndexFunc(formats, formats[i].carries)
	if of < 0 {
		return slices.Delete(formats, i, i+1)
	}
	number := strconv.Itoa(int(formats[of].PayloadType))
	formats[i].Fmtp = number + "/" + number
	return formats
}

// redBlock is one frame in a RED payload.
type redBlock struct {
	payloadType uint8
	older       uint32 // ticks than the packet; 0 for the last, which is what the packet itself would have
	frame       []byte
}

// readRED appends the blocks of a payload, the oldest first. It refuses one that is not as long as it says, has an
// empty block, or old frames that are not in their order before the new one.
func readRED(blocks []redBlock, payload []byte) ([]redBlock, bool) {
	var lengths [redBlocks]int
	for more := true; more; {
		if len(payload) == 0 || len(blocks) == redBlocks {
			return nil, false
		}
		more = payload[0]&0x80 != 0
		b, header := redBlock{payloadType: payload[0] & 0x7f}, 1
		if more {
			if header = 4; len(payload) < header {
				return nil, false
			}
			word := binary.BigEndian.Uint32(payload)
			b.older, lengths[len(blocks)] = word>>10&redOffset, int(word&redLength)
		}
		if n := len(blocks); n > 0 && b.older >= blocks[n-1].older {
			return nil, false
		}
		blocks, payload = append(blocks, b), payload[header:]
	}
	last := len(blocks) - 1
	for i := range blocks[:last] {
		n := lengths[i]
		if n == 0 || n >= len(payload) {
			return nil, false
		}
		blocks[i].frame, payload = payload[:n], payload[n:]
	}
	blocks[last].frame = payload
	return blocks, len(payload) > 0
}

// redWriter makes RED payloads. Its buffers are used again.
type redWriter struct {
	old     [redFrames]redFrame // the newest first
	payload []byte
}

// redFrame is a frame that was sent.
type redFrame struct {
	timestamp uint32
	frame     []byte // empty: none
}

// wrap returns the RED payload of a frame by that number, with those before it that still fit, and keeps the frame for
// the next. What it returns is good until then.
func (w *redWriter) wrap(number uint8, timestamp uint32, frame []byte) []byte {
	count, size := 0, 1+len(frame)
	for _, o := range w.old {
		size += 4 + len(o.frame)
		if len(o.frame) == 0 || len(o.frame) > redLength || timestamp-o.timestamp-1 >= redOffset || size > redMost {
			break
		}
		count++
	}
	w.payload = w.payload[:0]
	for _, o := range slices.Backward(w.old[:count]) {
		w.payload = binary.BigEndian.AppendUint32(w.payload,
			uint32(0x80|number)<<24|(timestamp-o.timestamp)<<10|uint32(len(o.frame)))
	}
	w.payload = append(w.payload, number)
	for _, o := range slices.Backward(w.old[:count]) {
		w.payload = append(w.payload, o.frame...)
	}
	w.payload = append(w.payload, frame...)

	oldest := w.old[redFrames-1].frame
	copy(w.old[1:], w.old[:])
	w.old[0] = redFrame{timestamp, append(oldest[:0], frame...)}
	return w.payload
}

// forget drops the frames that were sent: the numbers of the next packets do not follow theirs.
func (w *redWriter) forget() {
	for i := range w.old {
		w.old[i].frame = w.old[i].frame[:0]
	}
}

// redNeed decides by the far end's reports whether RED is sent.
type redNeed struct {
	sent bool
	low  time.Time // since when the loss has been below redTo; zero while it is not
}

func (n *redNeed) report(loss float64, now time.Time) {
	switch {
	case loss >= redFrom:
		n.sent, n.low = true, time.Time{}
	case loss >= redTo:
		n.low = time.Time{}
	case n.low.IsZero():
		n.low = now
	case now.Sub(n.low) >= redCalm:
		n.sent = false
	}
}

// arrivals are the sequence numbers of one source that came lately, or whose frame came again.
type arrivals struct {
	ssrc uint32
	top  uint16
	came uint64 // bit by bit, top's the lowest; 0 before the first
}

// first notes a sequence number, and tells whether it is new. An old one is that of a frame that comes again: it
// begins nothing, and what is not remembered any more is not new.
func (a *arrivals) first(ssrc uint32, seq uint16, old bool) bool {
	ahead := int(int16(seq - a.top))
	if a.came == 0 || ssrc != a.ssrc || ahead >= 64 || ahead <= -64 {
		if !old {
			*a = arrivals{ssrc: ssrc, top: seq, came: 1}
		}
		return !old
	}
	if ahead > 0 {
		a.top, a.came = seq, a.came<<ahead
		ahead = 0
	}
	bit := uint64(1) << -ahead
	first := a.came&bit == 0
	a.came |= bit
	return first
}
