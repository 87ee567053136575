package rtc

import (
	"crypto"
	"strings"
	"testing"

	"calla/netsip"
)

// toSession moves attributes of the sound to the session.
func toSession(t *testing.T, sdp string, names ...string) string {
	t.Helper()
	for _, name := range names {
		var moved strings.Builder
		for line := range strings.Lines(sdp) {
			if strings.HasPrefix(line, "a="+name) {
				moved.WriteString(line)
			}
		}
		if moved.Len() == 0 {
			t.Fatalf("no %s in\n%s", name, sdp)
		}
		sdp = replaceOnce(t, without("a="+name, sdp), "t=0 0\r\n", "t=0 0\r\n"+moved.String())
	}
	return sdp
}

// printed puts another fingerprint in the place of that of the sound.
func printed(t *testing.T, sdp, fingerprint string) string {
	t.Helper()
	return replaceOnce(t, without("a=fingerprint:", sdp), "a=ice-pwd", "a=fingerprint:"+fingerprint+"\r\na=ice-pwd")
}

// TestDescriptionsOfTheField: the levels, orders, spellings and extras that servers and gateways write; sound flows
// both ways with all of them, as offer and as answer.
//
// Holds: accepted-descriptions
func TestDescriptionsOfTheField(t *testing.T) {
	add := func(lines ...string) func(*testing.T, string, *Session) string {
		return func(t *testing.T, s string, _ *Session) string {
			return replaceOnce(t, s, "a=rtcp-mux\r\n", "a=rtcp-mux\r\n"+strings.Join(lines, "\r\n")+"\r\n")
		}
	}
	addToSession := func(lines ...string) func(*testing.T, string, *Session) string {
		return func(t *testing.T, s string, _ *Session) string {
			return replaceOnce(t, s, "t=0 0\r\n", strings.Join(lines, "\r\n")+"\r\nt=0 0\r\n")
		}
	}
	for _, c := range []struct {
		name string
		edit func(t *testing.T, sdp string, far *Session) string
	}{
		{"all of the transport for the session", func(t *testing.T, s string, _ *Session) string {
			return toSession(t, s, "ice-ufrag", "ice-pwd", "fingerprint", "setup", "candidate", "rtcp-mux")
		}},
		{"the name for the session, the password for the sound", func(t *testing.T, s string, _ *Session) string {
			return toSession(t, s, "ice-ufrag", "fingerprint")
		}},
		{
			"another name and password for the session",
			addToSession("a=ice-ufrag:wrong", "a=ice-pwd:"+strings.Repeat("w", 24)),
		},
		{"another role for the session", addToSession("a=setup:passive")},
		{"another direction for the session", addToSession("a=inactive")},
		{"the direction for the session", func(t *testing.T, s string, _ *Session) string {
			return replaceOnce(t, replaceOnce(t, s, "a=sendrecv\r\n", ""), "t=0 0\r\n", "t=0 0\r\na=sendrecv\r\n")
		}},
		{
			"no direction",
			func(t *testing.T, s string, _ *Session) string { return replaceOnce(t, s, "a=sendrecv\r\n", "") },
		},
		{"a weak fingerprint for the sound, a good one for the session", func(
			t *testing.T, s string, far *Session,
		) string {
			s = printed(t, s, forged("md5", 16))
			return replaceOnce(t, s, "t=0 0\r\n",
				"t=0 0\r\na=fingerprint:"+fingerprintBy(t, far, "sha-256", crypto.SHA256)+"\r\n")
		}},
		{"SHA-1 for the sound, another's SHA-512 for the session", func(t *testing.T, s string, far *Session) string {
			s = printed(t, s, fingerprintBy(t, far, "SHA-1", crypto.SHA1))
			return replaceOnce(t, s, "t=0 0\r\n", "t=0 0\r\na=fingerprint:"+forged("sha-512", 64)+"\r\n")
		}},
		{"a fingerprint without a value beside", add("a=fingerprint:SHA-256", "a=fingerprint", "a=fingerprint:")},
		{"hash names in mixed case", func(t *testing.T, s string, far *Session) string {
			return printed(t, s, "Sha-384 "+strings.ToLower(fingerprintBy(t, far, "x", crypto.SHA384)[2:]))
		}},
		{"nowhere as address", func(_ *testing.T, s string, _ *Session) string {
			return strings.ReplaceAll(without("c=", s), "a=rtcp:", "c=IN IP4 0.0.0.0\r\na=rtcp:")
		}},
		{"nowhere as address of IPv6", func(_ *testing.T, s string, _ *Session) string {
			return strings.ReplaceAll(without("c=", s), "a=rtcp:", "c=IN IP6 ::\r\na=rtcp:")
		}},
		{"no address", func(_ *testing.T, s string, _ *Session) string { return without("c=", s) }},
		{"a name as address", func(_ *testing.T, s string, _ *Session) string {
			return strings.ReplaceAll(without("c=", s), "a=rtcp:", "c=IN IP4 sbc.example.com\r\na=rtcp:")
		}},
		{"RTCP nowhere", func(_ *testing.T, s string, _ *Session) string {
			return strings.ReplaceAll(without("a=rtcp:", s), "a=rtcp-mux\r\n", "a=rtcp-mux\r\na=rtcp:9 IN IP6 ::\r\n")
		}},
		{"nothing of RTCP's port", func(_ *testing.T, s string, _ *Session) string { return without("a=rtcp:", s) }},
		{"every type of line", func(t *testing.T, s string, _ *Session) string {
			return replaceOnce(t, replaceOnce(t, s, "t=0 0\r\n", strings.Join([]string{
				"i=about", "u=http://h", "e=a@b", "p=+1", "c=IN IP4 192.0.2.7", "b=AS:99980", "b=X-YZ:1", "t=0 0",
				"r=7d 1h 0 25h", "z=1 -1h", "k=prompt", "a=tool:x 1.0", "a=charset:iso-8859-1",
			}, "\r\n")+"\r\n"), "a=rtcp-mux\r\n", "i=sound\r\nb=TIAS:64000\r\nk=clear:x\r\na=rtcp-mux\r\n")
		}},
		{
			"blanks before lines",
			func(_ *testing.T, s string, _ *Session) string { return strings.ReplaceAll(s, "\na=", "\n a=") },
		},
		{"blanks behind colons", func(_ *testing.T, s string, _ *Session) string {
			return strings.NewReplacer("a=mid:", "a=mid: ", "a=setup:", "a=setup: ", "a=ice-ufrag:", "a=ice-ufrag: ",
				"a=ice-pwd:", "a=ice-pwd:\t", "a=group:", "a=group: ", "a=fingerprint:", "a=fingerprint: ").Replace(s)
		}},
		{"blanks between the fields of m=", func(t *testing.T, s string, _ *Session) string {
			s = replaceOnce(t, s, "m=audio ", "m=audio  ")
			return replaceOnce(t, s, " UDP/TLS/RTP/SAVPF ", "\tUDP/TLS/RTP/SAVPF   ")
		}},
		{"two ports", func(t *testing.T, s string, _ *Session) string {
			return replaceOnce(t, s, " UDP/TLS/RTP/SAVPF ", "/2 UDP/TLS/RTP/SAVPF ")
		}},
		{"a number of formats with noughts", func(t *testing.T, s string, _ *Session) string {
			return replaceOnce(t, s, "PF 111 0 8 ", "PF 0111 000 08 ")
		}},
		{"keys of SDES beside", add(
			"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz",
			"a=key-mgmt:mikey AAAA")},
		{"Asterisk's", add("a=connection:new", "a=silenceSupp:off - - - -", "a=maxptime:150", "a=ice-mismatch")},
		{
			"FreeSWITCH's",
			add("a=rtcp:27000 IN IP4 192.0.2.30", "a=ssrc:3333 cname:z", "a=ssrc:3333 mslabel:x", "a=direction:both"),
		},
		{
			"RestComm's and Oracle's",
			add("a=sqn: 0", "a=cdsc: 1 audio RTP/AVP 0", "a=cpar: a=x", "a=creq:med-v0", "a=tcap:1 RTP/SAVPF"),
		},
		{"trickle without candidates", func(t *testing.T, s string, _ *Session) string {
			return replaceOnce(t, s, "t=0 0\r\n", "t=0 0\r\na=ice-options:trickle\r\n")
		}},
		{"groups of all sorts", func(t *testing.T, s string, _ *Session) string {
			return replaceOnce(t, s, "a=group:BUNDLE 0\r\n",
				"a=group:LS 0\r\na=group:BUNDLE\r\na=group:BUNDLE 0 \r\na=group:FID\r\n")
		}},
		{"a group in small letters", func(t *testing.T, s string, _ *Session) string {
			return replaceOnce(t, s, "a=group:BUNDLE 0", "a=group:bundle 0")
		}},
		{"a group of nobody", func(t *testing.T, s string, _ *Session) string {
			return replaceOnce(t, s, "BUNDLE 0", "BUNDLE audio video")
		}},
		{
			"no group",
			func(t *testing.T, s string, _ *Session) string { return replaceOnce(t, s, "a=group:BUNDLE 0\r\n", "") },
		},
		{"no group and no name", func(t *testing.T, s string, _ *Session) string {
			return replaceOnce(t, replaceOnce(t, s, "a=group:BUNDLE 0\r\n", ""), "a=mid:0\r\n", "")
		}},
		{"a name of signs", func(_ *testing.T, s string, _ *Session) string {
			return strings.NewReplacer("BUNDLE 0", "BUNDLE sdparta_0.{a}", "a=mid:0", "a=mid:sdparta_0.{a}").Replace(s)
		}},
		{"Opus with one channel", func(_ *testing.T, s string, _ *Session) string {
			return strings.Replace(s, "opus/48000/2", "opus/48000/1", 1)
		}},
		{"Opus without channels, alone", func(t *testing.T, s string, _ *Session) string {
			return replaceOnce(t, strings.Replace(s, "opus/48000/2", "opus/48000", 1), "PF 111 0 8 110 126", "PF 111")
		}},
		{"PCMU with a channel", func(t *testing.T, s string, _ *Session) string {
			return replaceOnce(t, replaceOnce(t, s, "PCMU/8000\r\n", "pcmu/8000/1\r\n"), "PF 111 0 8 110 126", "PF 0")
		}},
		{"no rtcp-mux but rtcp-mux-only", func(t *testing.T, s string, _ *Session) string {
			return replaceOnce(t, without("a=rtcp-mux", s), "a=sendrecv\r\n", "a=sendrecv\r\na=rtcp-mux-only\r\n")
		}},
		{"candidates without related addresses", func(_ *testing.T, s string, _ *Session) string {
			return strings.ReplaceAll(s, " typ host\r\n", " typ srflx\r\n")
		}},
		{"related addresses that are none", func(_ *testing.T, s string, _ *Session) string {
			return strings.ReplaceAll(s, " typ host\r\n", " typ srflx raddr host.local rport -1 generation 0\r\n")
		}},
		{
			"no type of candidates among them",
			add("a=candidate:1 1 udp 1 192.0.2.7 5", "a=candidate:2 1 udp 1 192.0.2.7 5 host"),
		},
	} {
		t.Run(c.name, func(t *testing.T) { bothWays(t, c.edit, heardBoth) })
	}
}

// TestWhatIsNoCallIsRefusedInTheCall: re-offers for a fax, for pictures alone or in clear change nothing; the sound
// goes on, and the next offer is as if they had not been.
//
// Holds: accepted-descriptions
func TestWhatIsNoCallIsRefusedInTheCall(t *testing.T) {
	for _, c := range []struct {
		name  string
		edit  func(t *testing.T, sdp string) string
		fault netsip.MediaFault
	}{
		{"a fax", func(_ *testing.T, _ string) string {
			return "v=0\r\no=- 1 2 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n" +
				"m=image 20334 udptl t38\r\na=T38FaxVersion:0\r\n"
		}, netsip.MediaFaultNoAudio},
		{"a fax in the place of the sound", func(t *testing.T, s string) string {
			before, audio, _ := strings.Cut(s, "m=audio ")
			_, rest, _ := strings.Cut(audio, " ")
			return before + "m=audio 0 " + rest + "m=image 20334 udptl t38\r\n"
		}, netsip.MediaFaultAudioRefused},
		{
			"pictures alone", func(t *testing.T, s string) string { return replaceOnce(t, s, "m=audio ", "m=video ") },
			netsip.MediaFaultNoAudio,
		},
		{"in clear", func(t *testing.T, s string) string {
			return replaceOnce(t, without("a=fingerprint", s), " UDP/TLS/RTP/SAVPF ", " RTP/AVP ")
		}, netsip.MediaFaultNotEncrypted},
		{"without ICE", func(_ *testing.T, s string) string { return without("a=ice", s) }, netsip.MediaFaultNoICE},
		{"with formats of nobody", func(t *testing.T, s string) string {
			return replaceOnce(t, s, "PF 111 0 8 110 126", "PF 18 4 98")
		}, netsip.MediaFaultNoCodec},
		{"nothing", func(*testing.T, string) string { return "v=0\r\n" }, netsip.MediaFaultNoAudio},
		{"no description", func(*testing.T, string) string { return "hello" }, netsip.MediaFaultNotSDP},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, p *pair) {
				p.T = t
				k := &talks{pair: p, c: newContinuity(t)}
				k.ours(nil)
				waitState(t, p.a, Connected)
				o, err := p.b.Offer(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				_, err = p.a.SetOffer(t.Context(), []byte(c.edit(t, string(o))))
				refusedFor(c.fault)(t, p, err)
				if err := p.b.Rollback(t.Context()); err != nil {
					t.Fatal(err)
				}
				talk(t, p.a, p.b, "on", 5)
				talk(t, p.b, p.a, "on", 5)
				k.goesOn()
			})
		})
	}
}

// TestReoffersOfTheField: what servers change in a re-offer though they ought not to is answered line by line, and we
// go on from it.
//
// Holds: offer-continuity
func TestReoffersOfTheField(t *testing.T) {
	videoToo := with("0", nil, []string{videoLine})
	for _, c := range []struct {
		name   string
		before func(string) string // their first offer
		again  func(t *testing.T, sdp string) string
	}{
		{"a line is gone", videoToo, func(_ *testing.T, s string) string { return s }},
		{"the lines change places", videoToo, func(_ *testing.T, s string) string {
			return with("0", []string{videoLine}, nil)(s)
		}},
		{"the name changes", nil, func(t *testing.T, s string) string {
			return replaced(t, "a=mid:0\r\n", "a=mid:audio\r\n", "BUNDLE 0", "BUNDLE audio")(s)
		}},
		{"name and group are gone", nil, func(t *testing.T, s string) string {
			return replaced(t, "a=mid:0\r\n", "", "a=group:BUNDLE 0\r\n", "")(s)
		}},
		{"name and group come", func(s string) string {
			return strings.NewReplacer("a=mid:0\r\n", "", "a=group:BUNDLE 0\r\n", "").Replace(s)
		}, func(_ *testing.T, s string) string { return s }},
		{"the profile changes", nil, func(t *testing.T, s string) string {
			return replaced(t, " UDP/TLS/RTP/SAVPF ", " RTP/SAVPF ")(s)
		}},
		{"the origin changes", nil, func(_ *testing.T, s string) string {
			return "v=0\r\no=root 1 1 IN IP4 192.0.2.9\r\n" + s[strings.Index(s, "s=-"):]
		}},
		{"the formats change places", nil, func(t *testing.T, s string) string {
			return replaced(t, "PF 111 0 8 110 126", "PF 8 126 0 111 110")(s)
		}},
		{
			"formats are left out", nil,
			func(t *testing.T, s string) string { return replaced(t, "PF 111 0 8 110 126", "PF 0")(s) },
		},
		{
			"formats are added",
			func(s string) string { return strings.Replace(s, "PF 111 0 8 110 126", "PF 8 126", 1) },
			func(_ *testing.T, s string) string { return s },
		},
		{"the source changes", nil, func(_ *testing.T, s string) string {
			return without("a=ssrc", without("a=msid", s)) + "a=ssrc:99 cname:new\r\n"
		}},
		{"lines are added that nobody knows", nil, func(_ *testing.T, s string) string {
			return s + "m=application 9 UDP/BFCP *\r\na=floorctrl:c-s\r\n" +
				"m=text 9 RTP/AVP 98\r\nm=message 9 TCP/MSRP *\r\n"
		}},
		{"the sound that is off comes first", nil, func(_ *testing.T, s string) string {
			return with("0", []string{deadAudio}, nil)(s)
		}},
		{"a second sound in clear comes first", nil, func(_ *testing.T, s string) string {
			return with("0", []string{"m=audio 40000 RTP/AVP 0\r\nc=IN IP4 192.0.2.1\r\n"}, nil)(s)
		}},
		{"the fingerprint goes to the session", nil, func(t *testing.T, s string) string {
			return toSession(t, s, "fingerprint", "ice-ufrag", "ice-pwd", "setup")
		}},
		{"the fingerprint in other letters", nil, func(t *testing.T, s string) string {
			_, print, _ := strings.Cut(s, "a=fingerprint:")
			print, _, _ = strings.Cut(print, "\r\n")
			return replaceOnce(t, s, print, "SHA-256 "+strings.ToLower(print[8:]))
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, p *pair) {
				p.T = t
				k := &talks{pair: p, c: newContinuity(t)}
				k.theirs(c.before)
				waitState(t, p.a, Connected)
				waitState(t, p.b, Connected)
				before := p.a.inUse()
				k.theirs(func(s string) string { return c.again(t, s) })
				if p.a.inUse() != before {
					t.Error("another association")
				}
				talk(t, p.a, p.b, "on", 5)
				talk(t, p.b, p.a, "on", 5)
				k.goesOn()
			})
		})
	}
}

// TestHoldsOfTheField: how the far end's wish to hold may be written, with ICE.
//
// Holds: own-direction
func TestHoldsOfTheField(t *testing.T) {
	const ice = "a=ice-ufrag:abcd\r\na=ice-pwd:abcdabcdabcdabcdabcdabcd\r\n"
	const audio = "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n"
	for _, c := range []struct {
		name, sdp string
		want      bool
	}{
		{"nowhere of IPv6, ICE", audio + "c=IN IP6 ::\r\n" + ice, false},
		{"nowhere of IPv6, no ICE", audio + "c=IN IP6 ::\r\n", true},
		{"nowhere of IPv6 in full, no ICE", audio + "c=IN IP6 0:0:0:0:0:0:0:0\r\n", true},
		{"nowhere of IPv6 for the session, no ICE", "c=IN IP6 ::\r\n" + audio, true},
		{"somewhere of IPv6, no ICE", audio + "c=IN IP6 2001:db8::\r\n", false},
		{"somewhere that ends as nowhere, no ICE", audio + "c=IN IP4 10.0.0.0\r\n", false},
		{"nowhere with a count, no ICE", audio + "c=IN IP4 0.0.0.0/127\r\n", true},
		{
			"nowhere for the session, somewhere for the sound, no ICE",
			"c=IN IP4 0.0.0.0\r\n" + audio + "c=IN IP4 192.0.2.1\r\n", false,
		},
		{
			"somewhere for the session, nowhere for the sound, no ICE",
			"c=IN IP4 192.0.2.1\r\n" + audio + "c=IN IP4 0.0.0.0\r\n", true,
		},
		{"nowhere, ICE-lite", "a=ice-lite\r\n" + audio + "c=IN IP4 0.0.0.0\r\n" + ice, false},
		{"nowhere and inactive, ICE", audio + "c=IN IP4 0.0.0.0\r\na=inactive\r\n" + ice, true},
		{"two directions: the first", audio + ice + "a=sendonly\r\na=sendrecv\r\n", true},
		{"sendonly with a blank behind", audio + ice + "a=sendonly \r\n", true},
		{"sendonly for the session", ice + "a=sendonly\r\n" + audio, true},
		{"inactive for the session, recvonly for the sound", ice + "a=inactive\r\n" + audio + "a=recvonly\r\n", false},
		{"recvonly for the session, inactive for the sound", ice + "a=recvonly\r\n" + audio + "a=inactive\r\n", true},
		{
			"the pictures are inactive, the sound is not",
			audio + ice + "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=inactive\r\n", false,
		},
		{"the data is inactive", audio + ice + "m=application 9 UDP/DTLS/SCTP x\r\na=inactive\r\n", false},
		{
			"the sound is inactive, the data is not", audio + ice + "a=inactive\r\nm=application 9 UDP/DTLS/SCTP x\r\n",
			true,
		},
		{"a direction of words", audio + ice + "a=direction:inactive\r\na=sendonlyx\r\n", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			session, media, err := splitDescription("v=0\r\n" + c.sdp)
			if got := holds(session, media); got != c.want || err != nil {
				t.Errorf("held %v, %v", got, err)
			}
		})
	}
}
