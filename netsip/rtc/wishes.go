package rtc

import (
	"strconv"
	"strings"
	"time"
)

// Wishes is how the far end would like to have our sound, as its description says. What it does not say is 0.
type Wishes struct {
	Packet      time.Duration // how much sound in a packet (ptime, RFC 8866 section 6.4)
	LeastPacket time.Duration // and at least (minptime of Opus, RFC 7587 section 6.1)
	MostPacket  time.Duration // and at most (maxptime)

	Metrics  bool // reports on how we hear it (rtcp-xr, RFC 3611 section 5.1)
	MostRate int  // bits a second (maxaveragebitrate of Opus)
	NoRepair bool // no error correction (useinbandfec=0)

	LeavePauses bool // out (usedtx=1 of Opus)
	SendPauses  bool // like speech (usedtx=0)
	Comfort     bool // noise for pauses, to which both ends have agreed (RFC 3389)
}

// longestWish is the longest packet time that is read as one.
const longestWish = 10 * time.Second

// readPacketTimes reads how much sound a packet should have. What is said at session level counts where the audio
// section says nothing.
func (d *description) readPacketTimes(audio, session []string) {
	read := func(name string) time.Duration {
		for _, value := range append(attributes(audio, name), attributes(session, name)...) {
			if t, ok := readPacketTime(value); ok {
				return t
			}
			d.odd = name + ":" + value[:min(len(value), 32)]
		}
		return 0
	}
	d.wishes.Packet, d.wishes.MostPacket = read("ptime"), read("maxptime")
}

// readPacketTime reads milliseconds (RFC 8866 section 9: non-zero-int-or-real).
func readPacketTime(text string) (time.Duration, bool) {
	if strings.Trim(text, "0123456789.") != "" {
		return 0, false
	}
	ms, err := strconv.ParseFloat(text, 64)
	t := time.Duration(ms * float64(time.Millisecond))
	return t, err == nil && ms <= float64(longestWish.Milliseconds()) && t > 0
}

// of returns the wishes for what is sent in the format c of the far end. FreeSWITCH has the packet times among Opus's
// parameters as well.
func (w Wishes) of(c Codec) Wishes {
	read := func(name string) time.Duration {
		t, _ := readPacketTime(c.parameter(name))
		return t
	}
	if strings.EqualFold(c.Name, "opus") {
		w.NoRepair = c.parameter("useinbandfec") == "0"
		if n, err := strconv.ParseUint(c.parameter("maxaveragebitrate"), 10, 31); err == nil {
			w.MostRate = int(n)
		}
		w.LeavePauses, w.SendPauses = c.parameter("usedtx") == "1", c.parameter("usedtx") == "0"
		w.LeastPacket = read("minptime")
		if w.Packet == 0 {
			w.Packet = read("ptime")
		}
		if w.MostPacket == 0 {
			w.MostPacket = read("maxptime")
		}
	}
	return w
}

// parameter returns the value of a format parameter of that name; "" for none.
func (c Codec) parameter(name string) string {
	for p := range strings.SplitSeq(c.Fmtp, ";") {
		if key, value, _ := strings.Cut(p, "="); strings.EqualFold(strings.TrimSpace(key), name) {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
