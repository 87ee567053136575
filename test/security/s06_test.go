package security

import (
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestS06DescriptionBombs: offers with absurd counts and values (CVE-2017-11521 of resiprocate, CVE-2026-41416 and
// 673b978a, fd907454, a1b707c0 of PJSIP, CVE-2018-1000099, CVE-2022-24764, sofia CVE-2022-31001 to 31003). Each is
// refused or taken soon, in bounded memory.
func TestS06DescriptionBombs(t *testing.T) {
	g := attack(t, nil)
	repeat := func(n int, text string) string {
		var s strings.Builder
		for i := range n {
			s.WriteString(strings.ReplaceAll(text, "#", strconv.Itoa(i)))
		}
		return s.String()
	}
	without := func(line string) string {
		var s string
		for l := range strings.Lines(offer) {
			if !strings.HasPrefix(l, line) {
				s += l
			}
		}
		return s
	}
	for _, c := range []struct{ name, sdp string }{
		{"a count of multicast addresses", without("c=") + "c=IN IP4 224.0.0.1/1/4294967295\r\n"},
		{"a thousand media lines", session + repeat(1000, "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\nc=IN IP4 127.0.0.1\r\n")},
		{"five thousand attributes", offer + repeat(5000, "a=x#\r\n")},
		{"three hundred payload types", strings.Replace(offer, " 0 8 101", " 0"+repeat(300, " #"), 1)},
		{"payload types out of range", strings.Replace(offer, " 0 8 101",
			" 0 128 65536 2147483648 -1 99999999999999999999", 1)},
		{"an rtpmap out of range", offer + "a=rtpmap:2147483648 PCMU/8000\r\na=rtpmap:-1 PCMU/-8000/9999999999\r\n"},
		{"ptime 0", offer + "a=ptime:0\r\na=maxptime:0\r\n"},
		{"ptime -1", offer + "a=ptime:-1\r\na=maxptime:-1\r\n"},
		{"ptime 2^31", offer + "a=ptime:2147483648\r\na=maxptime:2147483648\r\n"},
		{"the same mid twice", offer + mline + transport + fingerprint +
			"a=setup:actpass\r\na=mid:0\r\na=rtcp-mux\r\n" + codecs},
		{"a bundle of what is missing", strings.Replace(offer, "t=0 0\r\n", "t=0 0\r\na=group:BUNDLE 7 8 9\r\n", 1)},
		{"a thousand candidates", offer + repeat(900, "a=candidate:# 1 udp 1 127.0.0.1 # typ host\r\n")},
		{"candidates that are none", offer + "a=candidate:\r\na=candidate:1 1 udp x 1.2.3 x typ\r\na=candidate:1 -1 " +
			"udp -1 ::: 99999 typ host\r\n"},
		{"rtcp-fb without a value", offer + "a=rtcp-fb:\r\na=rtcp-fb:*\r\na=rtcp-fb:0\r\n"},
		{"a short fingerprint", strings.Replace(offer, fingerprint, "a=fingerprint:sha-256 00:11\r\n", 1)},
		{"RED without an rtpmap", strings.Replace(offer, " 0 8 101", " 0 8 101 63", 1) + "a=fmtp:63 111/111\r\n"},
		{"68 crypto lines", offer + repeat(68, "a=crypto:# AES_CM_128_HMAC_SHA1_80 "+
			"inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz\r\n")},
		{"NUL in fmtp", offer + "a=fmtp:0 a\x00b\r\n"},
		{"an empty description", "v=0"},
		{"lines without an end", "v=" + strings.Repeat("x", 50<<10)},
		{"nothing but a=", "v=0\r\n" + repeat(10000, "a=\r\n")},
		{"bare returns", strings.ReplaceAll(offer, "\r\n", "\r")},
	} {
		t.Run(c.name, func(t *testing.T) {
			g.bounded(c.name, 6<<20, func() {
				began := time.Now()
				if code := g.try(g.Request("INVITE", c.sdp)); code == 100 || code == 200 {
					t.Errorf("answered with %d", code)
				}
				if d := time.Since(began); d > 20*time.Second { // of any machine
					t.Errorf("it took %v", d)
				}
			})
		})
	}
}
