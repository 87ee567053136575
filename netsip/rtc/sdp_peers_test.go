package rtc

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/pion/transport/v5/vnet"

	"calla/netsip"
)

const testPrint = "11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00"

// peers are descriptions as the usual far ends write them.
var peers = []struct {
	name   string
	sdp    []string // lines
	want   string   // formats agreed with opus, PCMU, PCMA and telephone-event; direction
	setup  string
	answer []string // lines our answer to it as an offer must have
	absent []string
}{
	{
		name: "Chromium",
		sdp: []string{
			"v=0", "o=- 4611731400430051336 2 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0",
			"a=extmap-allow-mixed", "a=msid-semantic: WMS stream",
			"m=audio 45001 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126", "c=IN IP4 192.0.2.5", "a=rtcp:9 IN IP4 0.0.0.0",
			"a=candidate:1467250027 1 udp 2122260223 192.0.2.5 45001 typ host generation 0 network-id 1",
			"a=candidate:1467250027 2 udp 2122260222 192.0.2.5 45002 typ host generation 0 network-id 1",
			"a=candidate:435653019 1 tcp 1845501695 192.0.2.5 9 typ host tcptype active generation 0 network-id 1",
			"a=candidate:1853887674 1 udp 1518280447 203.0.113.5 36768 typ srflx raddr 192.0.2.5 rport 45001 " +
				"generation 0",
			"a=candidate:99 1 udp 2122260223 7f3d2c1a-aaaa-bbbb-cccc-0123456789ab.local 45003 typ host generation 0",
			"a=ice-ufrag:8hhY", "a=ice-pwd:asd88fgpdd777uzjYhagZgAb", "a=ice-options:trickle",
			"a=fingerprint:sha-256 " + testPrint, "a=setup:actpass", "a=mid:0",
			"a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level", "a=sendrecv", "a=msid:stream track", "a=rtcp-mux",
			"a=rtcp-rsize",
			"a=rtpmap:111 opus/48000/2", "a=rtcp-fb:111 transport-cc", "a=fmtp:111 minptime=10;useinbandfec=1",
			"a=rtpmap:63 red/48000/2", "a=fmtp:63 111/111", "a=rtpmap:9 G722/8000", "a=rtpmap:0 PCMU/8000",
			"a=rtpmap:8 PCMA/8000",
			"a=rtpmap:13 CN/8000", "a=rtpmap:110 telephone-event/48000", "a=rtpmap:126 telephone-event/8000",
			"a=ssrc:1234 cname:abc", "a=ssrc:1234 msid:stream track",
		},
		want:  "111 opus, 0 PCMU, 8 PCMA, 110 telephone-event, 126 telephone-event sendrecv, 2 candidates",
		setup: "actpass",
		answer: []string{
			"a=group:BUNDLE 0", "a=mid:0", "a=rtcp-mux", "a=setup:active", "a=fmtp:111 minptime=10;useinbandfec=1",
			"a=rtpmap:110 telephone-event/48000", "a=sendrecv",
		},
		absent: []string{"red", "G722", "CN/8000", "extmap"},
	},
	{
		name: "Firefox",
		sdp: []string{
			"v=0", "o=mozilla...THIS_IS_SDPARTA-99.0 6571232442122245100 0 IN IP4 0.0.0.0", "s=-", "t=0 0",
			"a=fingerprint:sha-256 " + testPrint, "a=group:BUNDLE 0", "a=ice-options:trickle", "a=msid-semantic:WMS *",
			"m=audio 54321 UDP/TLS/RTP/SAVPF 109 9 0 8 101", "c=IN IP4 192.0.2.5",
			"a=candidate:0 1 UDP 2122252543 192.0.2.5 54321 typ host",
			"a=candidate:2 1 TCP 2105524479 192.0.2.5 9 typ host tcptype active",
			"a=sendrecv", "a=end-of-candidates", "a=extmap:2/recvonly urn:ietf:params:rtp-hdrext:csrc-audio-level",
			"a=fmtp:109 maxplaybackrate=48000;stereo=1;useinbandfec=1", "a=fmtp:101 0-15",
			"a=ice-pwd:f1f2f3f4f5f6f7f8f9f0f1f2f3f4f5f6", "a=ice-ufrag:ff01ff02", "a=mid:0", "a=msid:{s} {t}",
			"a=rtcp:54322 IN IP4 192.0.2.5", "a=rtcp-mux", "a=rtpmap:109 opus/48000/2", "a=rtpmap:9 G722/8000/1",
			"a=rtpmap:0 PCMU/8000",
			"a=rtpmap:8 PCMA/8000", "a=rtpmap:101 telephone-event/8000/1", "a=setup:actpass", "a=ssrc:2222 cname:{c}",
		},
		want: "109 opus, 0 PCMU, 8 PCMA, 101 telephone-event sendrecv, 1 candidates", setup: "actpass",
		answer: []string{"a=rtpmap:109 opus/48000/2", "a=rtpmap:101 telephone-event/8000", "a=setup:active", "a=mid:0"},
	},
	{
		name: "Firefox with video it does not want bundled apart",
		sdp: []string{
			"v=0", "o=mozilla 1 0 IN IP4 0.0.0.0", "s=-", "t=0 0", "a=fingerprint:sha-256 " + testPrint,
			"a=group:BUNDLE 0 1",
			"m=video 9 UDP/TLS/RTP/SAVPF 120", "c=IN IP4 0.0.0.0", "a=mid:0", "a=rtpmap:120 VP8/90000",
			"a=setup:actpass",
			"a=ice-ufrag:taguf", "a=ice-pwd:tagpwdtagpwdtagpwdtagpwd",
			"a=candidate:1 1 udp 2122252543 192.0.2.5 40000 typ host", "a=rtcp-mux",
			"m=audio 9 UDP/TLS/RTP/SAVPF 109", "c=IN IP4 0.0.0.0", "a=mid:1", "a=rtpmap:109 opus/48000/2",
			"a=bundle-only", "a=rtcp-mux", "a=sendrecv",
		},
		want: "109 opus sendrecv, 1 candidates", setup: "actpass",
		answer: []string{"m=video 0 UDP/TLS/RTP/SAVPF 120", "a=group:BUNDLE 1", "a=mid:1"},
	},
	{
		name: "Asterisk",
		sdp: []string{
			"v=0", "o=- 1163158403 1163158403 IN IP4 192.0.2.20", "s=Asterisk", "c=IN IP4 192.0.2.20", "t=0 0",
			"m=audio 14562 UDP/TLS/RTP/SAVPF 107 0 8 101", "a=connection:new", "a=setup:actpass",
			"a=fingerprint:SHA-256 " + testPrint,
			"a=ice-ufrag:5fd3a2e14d2a1b0c6bcd9f0c4ea2dc4b", "a=ice-pwd:3be2ba6b2c9f9ab05b2bc9e8514d2d6a",
			"a=candidate:H2b7b0f5 1 UDP 2130706431 192.0.2.20 14562 typ host",
			"a=candidate:H2b7b0f5 2 UDP 2130706430 192.0.2.20 14563 typ host",
			"a=candidate:Hfe800000 1 UDP 2130706431 fe80::5054:ff:fe12:3456 14562 typ host",
			"a=rtpmap:107 opus/48000/2", "a=fmtp:107 useinbandfec=1", "a=rtpmap:0 PCMU/8000", "a=rtpmap:8 PCMA/8000",
			"a=rtpmap:101 telephone-event/8000", "a=fmtp:101 0-16", "a=ptime:20", "a=maxptime:60", "a=sendrecv",
			"a=rtcp-mux",
		},
		want: "107 opus, 0 PCMU, 8 PCMA, 101 telephone-event sendrecv, 2 candidates", setup: "actpass",
		answer: []string{"a=rtpmap:107 opus/48000/2", "a=rtpmap:101 telephone-event/8000", "a=setup:active"},
		absent: []string{"a=mid", "a=group"},
	},
	{
		name: "Asterisk of old, RTP/SAVPF and static payload types without rtpmap, LF",
		sdp: []string{
			"v=0\no=root 1 1 IN IP4 192.0.2.20\ns=Asterisk PBX 13\nc=IN IP4 192.0.2.20\nt=0 0\nm=audio 10010 " +
				"RTP/SAVPF 0 8\na=ice-ufrag:abcd" +
				"\na=ice-pwd:abcdabcdabcdabcdabcdabcd\na=candidate:H1 1 UDP 2130706431 192.0.2.20 10010 typ " +
				"host\na=setup:active\na=fingerprint:sha-256 " +
				strings.ToLower(testPrint) + "\na=sendonly",
		},
		want: "0 PCMU, 8 PCMA sendonly, 1 candidates", setup: "active",
		answer: []string{"m=audio ", " RTP/SAVPF 0 8", "a=setup:passive", "a=recvonly"},
		absent: []string{"a=rtcp-mux", "a=mid"},
	},
	{
		name: "FreeSWITCH",
		sdp: []string{
			"v=0", "o=FreeSWITCH 1700000000 1700000001 IN IP4 192.0.2.30", "s=FreeSWITCH", "c=IN IP4 192.0.2.30",
			"t=0 0",
			"a=msid-semantic: WMS xyz", "m=audio 27000 UDP/TLS/RTP/SAVPF 102 9 8 0 103 101",
			"a=rtpmap:102 opus/48000/2",
			"a=fmtp:102 useinbandfec=1; maxaveragebitrate=30000; maxplaybackrate=48000; ptime=20; minptime=10; " +
				"maxptime=40",
			"a=rtpmap:9 G722/8000", "a=rtpmap:8 PCMA/8000", "a=rtpmap:0 PCMU/8000",
			"a=rtpmap:103 telephone-event/48000", "a=fmtp:103 0-15",
			"a=rtpmap:101 telephone-event/8000", "a=fmtp:101 0-15", "a=ptime:20", "a=fingerprint:sha-256 " + testPrint,
			"a=setup:actpass",
			"a=rtcp-mux", "a=rtcp:27000 IN IP4 192.0.2.30", "a=ssrc:3333 cname:zzz", "a=ssrc:3333 msid:xyz a0",
			"a=ice-ufrag:IaGTqd0OuYDYSjXv",
			"a=ice-pwd:Ti5zMeYGJ8wLoHQ8dhkIsXcJ",
			"a=candidate:9876543210 1 udp 2130706431 192.0.2.30 27000 typ host generation 0",
			"a=end-of-candidates", "a=silenceSupp:off - - - -",
		},
		want:   "102 opus, 8 PCMA, 0 PCMU, 103 telephone-event, 101 telephone-event sendrecv, 1 candidates",
		setup:  "actpass",
		answer: []string{"SAVPF 102 8 0 103 101"},
	},
	{
		name: "Janus answering audio and data",
		sdp: []string{
			"v=0", "o=- 1700 1 IN IP4 192.0.2.40", "s=VideoRoom 1", "t=0 0", "a=group:BUNDLE audio",
			"a=ice-options:trickle",
			"a=fingerprint:sha-256 " + testPrint, "a=ice-lite", "a=extmap-allow-mixed", "a=msid-semantic: WMS *",
			"m=audio 9 UDP/TLS/RTP/SAVPF 111", "c=IN IP4 192.0.2.40", "a=recvonly", "a=mid:audio", "a=rtcp-mux",
			"a=ice-ufrag:pLd4",
			"a=ice-pwd:0aUSbZk0ZuKsaZ6wo3Cd8d", "a=setup:active", "a=rtpmap:111 opus/48000/2",
			"a=fmtp:111 useinbandfec=1",
			"a=candidate:1 1 udp 2015363327 192.0.2.40 20000 typ host", "a=end-of-candidates",
			"m=application 0 UDP/DTLS/SCTP webrtc-datachannel", "c=IN IP4 192.0.2.40",
		},
		want: "111 opus recvonly, 1 candidates, lite", setup: "active",
		answer: []string{
			"a=sendonly", "m=application 0 UDP/DTLS/SCTP webrtc-datachannel", "a=mid:audio",
			"a=group:BUNDLE audio",
		},
	},
	{
		name: "Kamailio with rtpengine",
		sdp: []string{
			"v=0", "o=- 3872 1 IN IP4 192.0.2.50", "s=-", "c=IN IP4 192.0.2.50", "t=0 0", "m=message 9 TCP/WSS/MSRP *",
			"a=path:msrps://x;ws",
			"m=audio 31000 UDP/TLS/RTP/SAVPF 8 0 96 101", "a=mid:0", "a=rtpmap:8 PCMA/8000", "a=rtpmap:0 PCMU/8000",
			"a=rtpmap:96 opus/48000/2",
			"a=rtpmap:101 telephone-event/8000", "a=fmtp:101 0-15", "a=sendrecv", "a=rtcp:31000", "a=rtcp-mux",
			"a=setup:actpass",
			"a=fingerprint:sha-1 " + testPrint[:59], "a=fingerprint:sha-256 " + testPrint,
			"a=tls-id:0123456789abcdef0123456789abcdef",
			"a=ice-ufrag:ABCD1234", "a=ice-pwd:abcdefghijklmnopqrstuvwxyz",
			"a=candidate:oVXGZfyYYDiZvLFx 1 UDP 2130706431 192.0.2.50 31000 typ host",
			"a=candidate:oVXGZfyYYDiZvLFx 2 UDP 2130706430 192.0.2.50 31001 typ host", "a=end-of-candidates",
		},
		want: "8 PCMA, 0 PCMU, 96 opus, 101 telephone-event sendrecv, 1 candidates", setup: "actpass",
		answer: []string{"m=message 0 TCP/WSS/MSRP *", "SAVPF 8 0 96 101"},
	},
}

func TestPeers(t *testing.T) {
	for _, p := range peers {
		t.Run(p.name, func(t *testing.T) {
			sdp := strings.Join(p.sdp, "\r\n") + "\r\n"
			d := mustRead(t, sdp)
			a, err := agree(d, codecs(), nil)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, c := range slices.Concat(a.audio, a.events) {
				got = append(got, fmt.Sprintf("%d %s", c.PayloadType, c.Name))
			}
			text := fmt.Sprintf("%s %v, %d candidates", strings.Join(got, ", "), d.direction, len(d.candidates))
			if d.lite {
				text += ", lite"
			}
			if text != p.want || d.setup != p.setup || !slices.Equal(d.fingerprints, []string{"sha-256 " + testPrint}) {
				t.Errorf("read as %s setup %s %s", text, d.setup, d.fingerprints)
			}
			answerPeer(t, sdp, p.answer, p.absent)
		})
	}
}

// answerPeer has a session answer the offer, and checks the answer.
func answerPeer(t *testing.T, offer string, present, absent []string) {
	answerWith(t, Config{Codecs: codecs()}, offer, present, absent)
}

func answerWith(t *testing.T, c Config, offer string, present, absent []string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		n, err := vnet.NewNet(&vnet.NetConfig{})
		if err != nil {
			t.Fatal(err)
		}
		c.Net = n
		s := newTestSession(t, newTestEngine(t, c))
		if _, err := s.SetOffer(t.Context(), []byte(offer)); err != nil {
			t.Fatal(err)
		}
		answer, err := s.Answer(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range present {
			if !strings.Contains(string(answer), line) {
				t.Errorf("answer without %q:\n%s", line, answer)
			}
		}
		for _, line := range absent {
			if strings.Contains(string(answer), line) {
				t.Errorf("answer with %q:\n%s", line, answer)
			}
		}
		if got, want := strings.Count(string(answer), "m="), strings.Count(offer, "\nm="); got < want {
			t.Errorf("%d m= lines to %d", got, want)
		}
		s.Close()
	})
}

// TestPeersAsAnswers: the same descriptions as answers to an offer of ours.
func TestPeersAsAnswers(t *testing.T) {
	for _, p := range peers {
		t.Run(p.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n, err := vnet.NewNet(&vnet.NetConfig{})
				if err != nil {
					t.Fatal(err)
				}
				s := newTestSession(t, newTestEngine(t, Config{Codecs: codecs(), Net: n}))
				if _, err := s.Offer(t.Context()); err != nil {
					t.Fatal(err)
				}
				sdp := strings.Join(p.sdp, "\r\n") + "\r\n"
				sdp = strings.Replace(sdp, "a=setup:actpass", "a=setup:active", 1)
				_, err = s.SetAnswer(t.Context(), []byte(sdp))
				if !strings.Contains(sdp, "a=rtcp-mux") {
					var refused *netsip.MediaError
					if !errors.As(err, &refused) || refused.Fault != netsip.MediaFaultRTCPApart {
						t.Errorf("answer without a=rtcp-mux: %v", err)
					}
					s.Close()
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				if c, ok := s.SendCodec(); !ok ||
					!strings.HasPrefix(p.want, fmt.Sprintf("%d %s", c.PayloadType, c.Name)) {
					t.Errorf("sends %+v", c)
				}
				// By what we offered we are understood, whatever the answer numbers.
				if c, ok := s.ReceiveCodec(111); !ok || c.Name != "opus" {
					t.Errorf("111 is %+v", c)
				}
				s.Close()
			})
		})
	}
}
