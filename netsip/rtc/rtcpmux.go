package rtc

import (
	"strconv"
	"strings"

	"calla/netsip"
)

// readRTCP reads where RTCP is to go: with RTP (RFC 5761, RFC 8858), or to a port of its own (RFC 3605, and ICE's
// second component, RFC 8839 section 5.1). Port 9 is none, and a=rtcp with RTP's own port says nothing new.
func (d *description) readRTCP(levels [][]string) {
	for _, lines := range levels {
		d.rtcpMux = d.rtcpMux || has(lines, "rtcp-mux") || has(lines, "rtcp-mux-only")
	}
	for _, line := range d.media[d.audio].lines {
		if value, ok := valueOf(line, "candidate"); ok {
			f := strings.Fields(value)
			d.rtcpApart = d.rtcpApart || len(f) > 1 && f[1] == "2"
		} else if value, ok := valueOf(line, "rtcp"); ok {
			port, _, _ := strings.Cut(value, " ")
			n, err := strconv.Atoi(port)
			d.rtcpApart = d.rtcpApart || err == nil && n != 0 && n != 9 && n != d.media[d.audio].port
		}
	}
}

// muxed refuses what would end in silence without a word: we have one port only. Browsers refuse an answer without
// a=rtcp-mux as well (RFC 8829 section 4.1.1, RTCP multiplexing policy "require"). An offer without it is taken where
// it names no second port: pion's peers and gateways that send no RTCP talk on the one they have, while an ICE agent
// with two components, as of Asterisk before 13.15, never ends its checks with one of them.
func (d *description) muxed(answer bool) error {
	if d.rtcpMux || !answer && !d.rtcpApart {
		return nil
	}
	return unusable(netsip.MediaFaultRTCPApart, "RTP and RTCP are not on one port: no a=rtcp-mux")
}
