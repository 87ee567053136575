package security

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"net"
	"strings"
	"testing"
	"time"

	"calla/netsip/sip"
)

// TestS15RTPOfStrangers: a third socket sprays the ports of a call with what is no sound of the far end
// (CVE-2017-14099, CVE-2021-41105, CVE-2023-51443, CVE-2025-53399, CVE-2025-49140 and CVE-2026-54909 and its kin of
// pion). The call stays up and what is heard stays the far end's tone.
func TestS15RTPOfStrangers(t *testing.T) {
	rtp := func(version, pt byte, seq uint16, payload int) []byte {
		p := binary.BigEndian.AppendUint16([]byte{version, pt}, seq)
		return append(append(p, 0, 0, 0, 0, 1, 2, 3, 4), make([]byte, payload)...)
	}
	random := rand.New(rand.NewPCG(1, 2))
	garbage := func(first byte, n int) []byte {
		p := make([]byte, n)
		for i := range p {
			p[i] = byte(random.Uint32())
		}
		p[0] = first
		return p
	}
	stunPacket := func(kind uint16, body []byte) []byte {
		p := binary.BigEndian.AppendUint16(nil, kind)
		p = binary.BigEndian.AppendUint16(p, uint16(len(body)))
		return append(append(p, 0x21, 0x12, 0xa4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12), body...)
	}
	kinds := []struct {
		name   string
		packet []byte
	}{
		{"plain RTP", rtp(0x80, 0, 1, 160)},
		{"SRTP that is garbage", garbage(0x80, 180)},
		{"padding beyond the packet", append(rtp(0xa0, 0, 2, 10), 255)},
		{"an extension beyond the packet", append(rtp(0x90, 0, 3, 0), 0xbe, 0xde, 0xff, 0xff)},
		{"a leap in sequence", rtp(0x80, 0, 40000, 160)},
		{"an RTCP BYE", []byte{0x81, 203, 0, 1, 1, 2, 3, 4}},
		{"a ClientHello", append([]byte{
			22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 40, 1, 0, 0, 28, 0, 0, 0, 0, 0, 0, 0,
			28,
		}, garbage(0xfe, 28)...)},
		{"a DTLS alert", []byte{21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 0}},
		{"a Binding request without integrity", stunPacket(1, nil)},
		{"a forged Binding error", stunPacket(0x0111, []byte{0, 9, 0, 4, 0, 0, 4, 1})},
		{"a forged Binding answer", stunPacket(0x0101, []byte{0, 32, 0, 8, 0, 1, 0, 0, 0, 0, 0, 0})},
		{"STUN with a long attribute", stunPacket(1, []byte{0, 6, 0xff, 0xff, 0, 0, 0, 0})},
		{"one octet", []byte{0x80}},
		{"nothing", nil},
		{"a large packet", bytes.Repeat([]byte{0x80}, 1400)},
	}
	var sent int
	r, other := between(t, 5*time.Second, func(*sip.Message) {}, func(offered, answered string) {
		conn, err := net.ListenUDP("udp", &net.UDPAddr{})
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		var targets []*net.UDPAddr
		for line := range strings.Lines(offered + answered) {
			if f := strings.Fields(line); strings.HasPrefix(line, "a=candidate:") && len(f) > 5 &&
				strings.EqualFold(f[2], "udp") {
				if addr, err := net.ResolveUDPAddr("udp", net.JoinHostPort(f[4], f[5])); err == nil {
					targets = append(targets, addr)
				}
			}
		}
		if len(targets) == 0 {
			t.Error("no candidates to shoot at")
		}
		tick := time.NewTicker(time.Millisecond) // some thousands a second
		defer tick.Stop()
		for range 2000 {
			<-tick.C
			for _, k := range kinds {
				for _, addr := range targets {
					if _, err := conn.WriteToUDP(k.packet, addr); err == nil {
						sent++
					}
				}
			}
		}
	})
	t.Logf("%d packets of %d kinds", sent, len(kinds))
	for who, found := range map[string]map[string]any{"caller": r, "callee": other} {
		hz, _ := found["tone_hz"].(float64)
		want := map[string]float64{"caller": 1000, "callee": 440}[who]
		if found["established"] != true || found["encrypted"] != true || hz < want*0.99 || hz > want*1.01 {
			t.Errorf("the %s found %v", who, found)
		}
	}
}
