package rtc

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// maxOffered is how many candidates a description of ours carries at most, to keep an INVITE below
// 8 kB: Kamailio drops a WebSocket at 16 kB.
const maxOffered = 24

// mostPacket is how much sound a packet may hold that we are sent: what Opus has at most (RFC 6716 section 2.1.4).
const mostPacket = 120 * time.Millisecond

// local is what a description of ours says.
type local struct {
	sections           // those of the offer
	rtcpMux            bool
	muxOnly            bool // and never without (RFC 8858 section 4)
	metrics            bool // reports on what is sent are wanted (RFC 3611)
	direction          Direction
	formats            []Codec
	ufrag, pwd         string
	fingerprint, setup string
	candidates         []candidate
	ssrc               uint32
	cname              string
}

// body writes all but the v= and o= lines (RFC 8866, RFC 8829 section 5).
func (l *local) body() string {
	var b strings.Builder
	b.Grow(4096)
	b.WriteString("s=-\r\nt=0 0\r\n")
	if l.bundled {
		fmt.Fprintf(&b, "a=group:BUNDLE %s\r\n", l.mid)
	}
	for i, m := range l.media {
		if i == l.audio {
			l.writeAudio(&b, m.proto)
			continue
		}
		// Switched off, and in its place (RFC 3264 section 6), with an address of nowhere (RFC 8829 section 5.2.1).
		fmt.Fprintf(&b, "m=%s 0 %s %s\r\nc=IN IP4 0.0.0.0\r\n", m.media, m.proto, m.formats[0])
		if mid, ok := attribute(m.lines, "mid"); ok && len(mid) <= 64 {
			fmt.Fprintf(&b, "a=mid:%s\r\n", mid)
		}
	}
	return b.String()
}

func (l *local) writeAudio(b *strings.Builder, proto string) {
	address := l.defaultAddress()
	family := "IP4"
	if address.Addr().Is6() {
		family = "IP6"
	}
	fmt.Fprintf(b, "m=audio %d %s", address.Port(), proto)
	for _, c := range l.formats {
		fmt.Fprintf(b, " %d", c.PayloadType)
	}
	fmt.Fprintf(b, "\r\nc=IN %s %s\r\n", family, address.Addr())
	fmt.Fprintf(b, "a=rtcp:%d IN %s %s\r\n", address.Port(), family, address.Addr())
	fmt.Fprintf(b, "a=ice-ufrag:%s\r\na=ice-pwd:%s\r\n", l.ufrag, l.pwd)
	fmt.Fprintf(b, "a=fingerprint:%s\r\na=setup:%s\r\n", l.fingerprint, l.setup)
	if l.mid != "" {
		fmt.Fprintf(b, "a=mid:%s\r\n", l.mid)
	}
	fmt.Fprintf(b, "a=%s\r\n", l.direction)
	if l.rtcpMux {
		b.WriteString("a=rtcp-mux\r\n")
	}
	if l.muxOnly {
		b.WriteString("a=rtcp-mux-only\r\n")
	}
	if l.metrics {
		fmt.Fprintf(b, "a=rtcp-xr:%s\r\n", metricsName)
	}
	writeFormats(b, l.formats)
	fmt.Fprintf(b, "a=ptime:20\r\na=maxptime:%d\r\n", mostPacket.Milliseconds())
	fmt.Fprintf(b, "a=msid:%s audio\r\na=ssrc:%d cname:%s\r\n", l.cname, l.ssrc, l.cname)
	for _, c := range l.candidates {
		fmt.Fprintf(b, "a=candidate:%s\r\n", c)
	}
}

func writeFormats(b *strings.Builder, formats []Codec) {
	for _, c := range formats {
		fmt.Fprintf(b, "a=rtpmap:%d %s/%d", c.PayloadType, c.Name, c.ClockRate)
		if c.Channels > 1 {
			fmt.Fprintf(b, "/%d", c.Channels)
		}
		b.WriteString("\r\n")
		if c.Fmtp != "" {
			fmt.Fprintf(b, "a=fmtp:%d %s\r\n", c.PayloadType, c.Fmtp)
		}
	}
}

// defaultAddress returns the candidate most likely to work, for c= and m=: relayed before server
// reflexive before host, loopback last, IPv4 first (RFC 8839 section 4.2.1.2); 0.0.0.0:9 where there
// is none.
func (l *local) defaultAddress() netip.AddrPort {
	best, rank := netip.AddrPortFrom(netip.IPv4Unspecified(), 9), -1
	for _, c := range l.candidates {
		r := 4 * slices.Index([]string{"host", "srflx", "relay"}, c.kind)
		if !c.address.Addr().IsLoopback() {
			r += 2
		}
		if c.address.Addr().Is4() {
			r++
		}
		if r > rank {
			best, rank = c.address, r
		}
	}
	return best
}

// String writes the candidate as the value of a=candidate (RFC 8839 section 5.1).
func (c candidate) String() string {
	s := fmt.Sprintf("%s 1 udp %d %s %d typ %s", c.foundation, c.priority, c.address.Addr(), c.address.Port(), c.kind)
	if c.kind == "host" {
		return s
	}
	related := c.related
	switch {
	case related.Addr().IsValid() && !c.hideRelated:
	case c.address.Addr().Is6():
		related = netip.AddrPortFrom(netip.IPv6Unspecified(), 0)
	default:
		related = netip.AddrPortFrom(netip.IPv4Unspecified(), 0)
	}
	return fmt.Sprintf("%s raddr %s rport %d", s, related.Addr(), related.Port())
}

// localCandidates picks from what was gathered: no duplicates, at most maxOffered, of
// which at least half is kept for server reflexive and relayed ones if there are that many. With
// relayOnly no local address is shown.
func localCandidates(gathered []candidate, relayOnly bool, generation uint32) []candidate {
	var hosts, public []candidate
	seen := map[netip.AddrPort]bool{}
	for _, c := range gathered {
		if seen[c.address] || relayOnly && c.kind != "relay" {
			continue
		}
		seen[c.address] = true
		c.hideRelated = relayOnly
		if c.kind == "host" {
			hosts = append(hosts, c)
		} else {
			public = append(public, c)
		}
	}
	slices.SortStableFunc(hosts, func(a, b candidate) int {
		if a.address.Addr().IsLoopback() != b.address.Addr().IsLoopback() {
			if b.address.Addr().IsLoopback() {
				return -1
			}
			return 1
		}
		return byPriority(a, b)
	})
	relayFirst := func(a, b candidate) int { return strings.Compare(a.kind, b.kind) } // and then srflx
	slices.SortStableFunc(public, relayFirst)
	public = public[:min(len(public), max(maxOffered/2, maxOffered-len(hosts)))]
	hosts = hosts[:min(len(hosts), maxOffered-len(public))]
	all := slices.Concat(hosts, public)
	slices.SortStableFunc(all, byPriority)
	// pion gives all candidates of a type one priority; each must have its own, by the local
	// preference (RFC 8445 section 5.1.2.1). Those of a later path of a call are above those of
	// the one before: Chromium stays on the best pair that answers, of whatever ICE generation, and
	// would not find the new path while the old is alive.
	for i := range all {
		preference := 60000 + 64*min(generation, 80) - uint32(i)
		all[i].priority = all[i].priority&0xFF000000 | preference<<8 | 0xFF
	}
	return all
}
