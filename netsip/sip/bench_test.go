package sip

import (
	"strings"
	"testing"
)

// invite is an INVITE of 1.6 kB as a phone of this kind sends it.
func invite() []byte {
	head := []string{
		"INVITE sip:bob@example.com;transport=ws SIP/2.0",
		"Route: <sip:proxy.example.com:8443;transport=ws;lr>",
		"Via: SIP/2.0/WSS ts73i0tk8e7b.invalid;branch=z9hG4bK667311a8f2",
		"Max-Forwards: 69",
		"To: <sip:bob@example.com>",
		`From: "Alice Ü" <sip:alice@example.com>;tag=ei9lrsan5e`,
		"Call-ID: eivb3jt7jmnknh9tvp4em6",
		"CSeq: 2 INVITE",
		`Proxy-Authorization: Digest algorithm=MD5, username="alice", realm="example.com", ` +
			`nonce="YmFzZTY0bm9uY2U6MTIzNDU2Nzg5MA==", uri="sip:bob@example.com;transport=ws", ` +
			`response="28a2403c67998e7c728fab6c08c277f1", opaque="op", qop=auth, cnonce="1hm4vodt4v6j", nc=00000001`,
		"Contact: <sip:alice@example.com;gr=urn:uuid:8f1fa16a-1165-4a96-8341-785b1ef24f12;ob>",
		"Content-Type: application/sdp",
		"Allow: INVITE,ACK,CANCEL,BYE,UPDATE,MESSAGE,OPTIONS,REFER,INFO,NOTIFY",
		"Supported: timer,gruu,ice,replaces,outbound",
		"User-Agent: Calla/0.1.0",
	}
	body := []string{
		"v=0", "o=- 4611731400430051336 2 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0",
		"m=audio 52302 UDP/TLS/RTP/SAVPF 111 0 8 126",
		"c=IN IP4 192.0.2.17", "a=rtcp:9 IN IP4 0.0.0.0", "a=candidate:1 1 udp 2130706431 192.0.2.17 52302 typ host",
		"a=candidate:2 1 udp 1694498815 203.0.113.77 52302 typ srflx raddr 192.0.2.17 rport 52302",
		"a=candidate:3 1 udp 16777215 198.51.100.9 61002 typ relay raddr 203.0.113.77 rport 52302", "a=ice-ufrag:F7gI",
		"a=ice-pwd:x9cml/YzichV2+XlhiMu8g",
		"a=fingerprint:sha-256 D2:FA:0E:C3:22:59:5E:14:95:69:92:3D:13:B4:84:24:" +
			"2C:C2:A2:C0:3E:FD:34:8E:5E:EA:6F:AF:52:CE:E6:0F",
		"a=setup:actpass", "a=mid:0", "a=sendrecv", "a=rtcp-mux", "a=rtpmap:111 opus/48000/2",
		"a=fmtp:111 minptime=10;useinbandfec=1", "a=rtpmap:126 telephone-event/8000", "",
	}
	m, err := Parse([]byte(strings.Join(head, "\r\n") + "\r\n\r\n" + strings.Join(body, "\r\n")))
	if err != nil {
		panic(err)
	}
	return m.Bytes()
}

func BenchmarkParseInvite(b *testing.B) {
	data := invite()
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkWriteInvite(b *testing.B) {
	m, err := Parse(invite())
	if err != nil {
		b.Fatal(err)
	}
	buffer := make([]byte, 0, 4096)
	b.ReportAllocs()
	for b.Loop() {
		buffer = m.Append(buffer[:0])
	}
}

func TestParseInviteAllocations(t *testing.T) {
	data := invite()
	if len(data) < 1500 || len(data) > 1750 {
		t.Errorf("the INVITE has %d octets", len(data))
	}
	if n := testing.AllocsPerRun(100, func() { _, _ = Parse(data) }); n > 10 {
		t.Errorf("%v allocations, want at most 10", n)
	}
}
