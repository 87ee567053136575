package rtc

import (
	"net/netip"
	"slices"
	"strings"

	"calla/netsip"
)

// Direction is which way audio may flow, as the end that states it sees it (RFC 3264 section 5.1).
type Direction = netsip.MediaDirection

const (
	SendRecv = netsip.SendRecv
	SendOnly = netsip.SendOnly
	RecvOnly = netsip.RecvOnly
	Inactive = netsip.Inactive
)

// directionIn returns the first direction that the lines of one level of a description state.
func directionIn(lines []string) (Direction, bool) {
	for _, line := range lines {
		for _, d := range []Direction{SendRecv, SendOnly, RecvOnly, Inactive} {
			if name, is := strings.CutPrefix(line, "a="); is && name == d.String() {
				return d, true
			}
		}
	}
	return SendRecv, false
}

func directionOf(sends, receives bool) Direction {
	switch {
	case sends && receives:
		return SendRecv
	case sends:
		return SendOnly
	case receives:
		return RecvOnly
	}
	return Inactive
}

// wants tells what the end that wrote the description wants of the sound.
func (d *description) wants() netsip.RemoteMedia {
	return netsip.RemoteMedia{Direction: d.direction, Held: d.held}
}

// holds tells whether a description puts us on hold (RFC 3264 section 8.4): each sound or picture that is not switched
// off does so, by its direction or, where it states none and ICE does not say where to send, by the address 0.0.0.0 of
// RFC 2543, or that of IPv6. With ICE that address only says that there is no candidate yet (RFC 8840 section 4.1.3).
func holds(session []string, media []mediaLine) bool {
	held := false
	for _, m := range media {
		if m.off() || m.media != "audio" && m.media != "video" {
			continue
		}
		d, stated := directionIn(m.lines)
		if !stated {
			d, stated = directionIn(session)
		}
		if d.Receives() && (stated || usesICE(session, media) || !nowhere(session, m.lines)) {
			return false
		}
		held = true
	}
	return held
}

// usesICE tells whether a description has ICE credentials, those of a BUNDLE group's first medium for all of it.
func usesICE(session []string, media []mediaLine) bool {
	return has(session, "ice-ufrag") ||
		slices.ContainsFunc(media, func(m mediaLine) bool { return has(m.lines, "ice-ufrag") })
}

// nowhere tells whether the address of a medium, or else that of the session, is 0.0.0.0 or ::.
func nowhere(session, lines []string) bool {
	for _, level := range [][]string{lines, session} {
		for _, line := range slices.Backward(level) {
			if !strings.HasPrefix(line, "c=") {
				continue
			}
			fields := strings.Fields(line)
			host, _, _ := strings.Cut(fields[len(fields)-1], "/")
			address, err := netip.ParseAddr(host)
			return err == nil && address.IsUnspecified()
		}
	}
	return false
}
