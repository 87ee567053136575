package audio

import "time"

// wholeFrames are the PacketTimes of formats that know no packets: what is easy on everybody.
func wholeFrames() []time.Duration {
	return []time.Duration{
		10 * time.Millisecond, 20 * time.Millisecond, 30 * time.Millisecond, 40 * time.Millisecond,
		60 * time.Millisecond,
	}
}

// PacketTime is how much sound packets of a format hold for a far end that asks for that much, at least and at most
// (RFC 8866 section 6.4); 0 = it does not say, and gets 20 ms. Of what the format has it is the nearest, of two as near
// the one with less delay. Where nothing is as little as the most, it is the least there is.
func PacketTime(c Codec, asked, least, most time.Duration) time.Duration {
	if asked == 0 {
		asked = packetTime
	}
	all := c.PacketTimes()
	best := all[0]
	for _, t := range all {
		if most > 0 && t > most {
			break
		}
		if far := (t - asked).Abs(); best < least || far < (best-asked).Abs() {
			best = t
		}
	}
	return best
}
