package rtc

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"calla/netsip"
)

// fingerprintBy is the fingerprint of a session's certificate by a hash, as a=fingerprint has it.
func fingerprintBy(t *testing.T, far *Session, name string, h crypto.Hash) string {
	t.Helper()
	sum := h.New()
	sum.Write(far.certificate.tls.Certificate[0])
	return name + " " + strings.ReplaceAll(fmt.Sprintf("% X", sum.Sum(nil)), " ", ":")
}

// forged is a fingerprint that no certificate has.
func forged(name string, size int) string {
	return name + " " + strings.TrimSuffix(strings.Repeat("AB:", size), ":")
}

// bothWays gives a an offer of b, and in another call b's answer to an offer of a, both rewritten, and tells what came
// of it. When both took it the media is connected, or has failed.
func bothWays(t *testing.T, rewrite func(t *testing.T, sdp string, far *Session) string,
	judge func(t *testing.T, p *pair, err error),
) {
	t.Run("as offer", func(t *testing.T) {
		inBubble(t, func(t *testing.T, p *pair) {
			o, err := p.b.Offer(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			_, err = p.a.SetOffer(t.Context(), []byte(rewrite(t, string(o), p.b)))
			if err == nil {
				var a []byte
				if a, err = p.a.Answer(t.Context()); err == nil {
					_, err = p.b.SetAnswer(t.Context(), a)
				}
			}
			judge(t, p, err)
		})
	})
	t.Run("as answer", func(t *testing.T) {
		inBubble(t, func(t *testing.T, p *pair) {
			o, err := p.a.Offer(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := p.b.SetOffer(t.Context(), o); err != nil {
				t.Fatal(err)
			}
			a, err := p.b.Answer(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			_, err = p.a.SetAnswer(t.Context(), []byte(rewrite(t, string(a), p.b)))
			judge(t, p, err)
		})
	})
}

// heardBoth judges that sound flows both ways.
func heardBoth(t *testing.T, p *pair, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("refused: %v", err)
	}
	waitState(t, p.a, Connected)
	waitState(t, p.b, Connected)
	talk(t, p.a, p.b, "there", 10)
	talk(t, p.b, p.a, "back", 10)
}

// refusedFor judges that the description is refused.
func refusedFor(fault netsip.MediaFault) func(*testing.T, *pair, error) {
	return func(t *testing.T, _ *pair, err error) {
		t.Helper()
		var wrong *netsip.MediaError
		if !errors.As(err, &wrong) || wrong.Fault != fault {
			t.Errorf("refused with %v, want fault %d", err, fault)
		}
	}
}

// neverHeard judges that the media fails and nothing is heard on either side.
func neverHeard(t *testing.T, p *pair, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("refused: %v", err)
	}
	for n := 0; p.a.State() != Failed && n < 500; n++ {
		_, _ = p.a.WriteAudio([]byte("to whom?"), 960), p.b.WriteAudio([]byte("from whom?"), 960)
		time.Sleep(20 * time.Millisecond)
	}
	if p.a.State() != Failed || p.a.Failure() != FailureEncryption {
		t.Errorf("state %v: %v", p.a.State(), p.a.Failure())
	}
	for range 50 {
		_, _ = p.a.WriteAudio([]byte("to whom?"), 960), p.b.WriteAudio([]byte("from whom?"), 960)
		time.Sleep(20 * time.Millisecond)
	}
	for name, s := range map[string]*Session{"we": p.a, "they": p.b} {
		if got, ok := poll(s); ok {
			t.Errorf("%s heard %q", name, got.Payload)
		}
	}
	if s := p.a.Stats(); s.PacketsSent != 0 || s.PacketsReceived != 0 || s.RoundTrip != 0 {
		t.Errorf("stats %+v", s)
	}
}

// TestTheCertificateIsOneOfTheAnnounced: fingerprints of each hash but MD2 and MD5 are taken, at whatever level; of
// several, those of the best hash count, and one has to match (RFC 8122 section 5). Who shows another certificate is
// neither heard nor talked to.
//
// Holds: accepted-descriptions
func TestTheCertificateIsOneOfTheAnnounced(t *testing.T) {
	for _, c := range []struct {
		name string
		// prints are instead of the fingerprint: SHA1 … SHA512 stand for those of the certificate
		session, media []string
		judge          func(*testing.T, *pair, error)
	}{
		{"SHA-256", nil, []string{"SHA256"}, heardBoth},
		{"SHA-1 alone", nil, []string{"SHA1"}, heardBoth},
		{"SHA-224 alone", nil, []string{"SHA224"}, heardBoth},
		{"SHA-384 alone", nil, []string{"SHA384"}, heardBoth},
		{"SHA-512 alone", nil, []string{"SHA512"}, heardBoth},
		{"SHA-1 and SHA-256", nil, []string{"SHA1", "SHA256"}, heardBoth},
		{"of another certificate first", nil, []string{forged("sha-256", 32), "SHA256"}, heardBoth},
		{"of another certificate after", nil, []string{"SHA256", forged("sha-256", 32)}, heardBoth},
		{"of two others by SHA-1", nil, []string{forged("sha-1", 20), "SHA1", forged("SHA-1", 20)}, heardBoth},
		{"MD5 beside", nil, []string{forged("md5", 16), "SHA256"}, heardBoth},
		{"a hash nobody knows beside", nil, []string{forged("sha3-256", 32), "SHA256"}, heardBoth},
		{"a wrong one of a weaker hash beside", nil, []string{"SHA256", forged("sha-1", 20)}, heardBoth},
		{"one that cannot be read beside", nil, []string{"sha-256 hello", "SHA256", "sha-256"}, heardBoth},
		{"for the session", []string{"SHA256"}, nil, heardBoth},
		{"for both", []string{"SHA256"}, []string{"SHA256"}, heardBoth},
		{"for the session another", []string{forged("sha-256", 32)}, []string{"SHA256"}, heardBoth},
		{"digits in small letters", nil, []string{"small SHA256"}, heardBoth},
		{"hash in capitals", nil, []string{"capital SHA1"}, heardBoth},
		{"blanks", nil, []string{"wide SHA256"}, heardBoth},
		{"twice the same", nil, []string{"SHA256", "SHA256"}, heardBoth},
		{"another's", nil, []string{forged("sha-256", 32)}, neverHeard},
		{"another's by SHA-1", nil, []string{forged("sha-1", 20)}, neverHeard},
		{"two of others", nil, []string{forged("sha-256", 32), "sha-256 " + testPrint}, neverHeard},
		{"another's by the better hash", nil, []string{"SHA1", forged("sha-256", 32)}, neverHeard},
		{"ours for the session alone", []string{"SHA256"}, []string{forged("sha-256", 32)}, neverHeard},
		{"MD5 alone", nil, []string{forged("md5", 16)}, refusedFor(netsip.MediaFaultWeakFingerprint)},
		{"MD2 alone", nil, []string{forged("md2", 16)}, refusedFor(netsip.MediaFaultWeakFingerprint)},
		{"too short for its hash", nil, []string{forged("sha-256", 20)}, refusedFor(netsip.MediaFaultWeakFingerprint)},
		{"none", nil, nil, refusedFor(netsip.MediaFaultNotEncrypted)},
	} {
		t.Run(c.name, func(t *testing.T) {
			bothWays(t, func(t *testing.T, sdp string, far *Session) string {
				sdp = without("a=fingerprint:", sdp)
				write := func(prints []string) string {
					var b strings.Builder
					for _, print := range prints {
						style, hash, styled := strings.Cut(print, " ")
						if !styled {
							style, hash = "", print
						}
						if h, ok := map[string]crypto.Hash{
							"SHA1": crypto.SHA1, "SHA224": crypto.SHA224, "SHA256": crypto.SHA256,
							"SHA384": crypto.SHA384, "SHA512": crypto.SHA512,
						}[hash]; ok {
							print = fingerprintBy(t, far, strings.Replace(strings.ToLower(hash), "sha", "sha-", 1), h)
						}
						switch style {
						case "small":
							print = strings.ToLower(print)
						case "capital":
							print = strings.ToUpper(print)
						case "wide":
							print = " " + strings.Replace(print, " ", " \t ", 1)
						}
						fmt.Fprintf(&b, "a=fingerprint:%s\r\n", print)
					}
					return b.String()
				}
				sdp = replaceOnce(t, sdp, "t=0 0\r\n", "t=0 0\r\n"+write(c.session))
				return replaceOnce(t, sdp, "a=ice-pwd", write(c.media)+"a=ice-pwd")
			}, c.judge)
		})
	}
}

// TestEveryProfileWithDTLSIsTaken: what RFC 8829 section 5.1.2 lists, written back as it came, where there is a
// fingerprint; without one nothing is.
//
// Holds: accepted-descriptions
func TestEveryProfileWithDTLSIsTaken(t *testing.T) {
	for _, c := range []struct {
		name  string // the profile
		taken bool
	}{
		{"UDP/TLS/RTP/SAVPF", true},
		{"UDP/TLS/RTP/SAVP", true},
		{"TCP/DTLS/RTP/SAVPF", true},
		{"TCP/DTLS/RTP/SAVP", true},
		{"RTP/SAVPF", true},
		{"RTP/SAVP", true},
		{"RTP/AVPF", true},
		{"RTP/AVP", true},
		{"udp/tls/rtp/savpf", true},
		{"TCP/RTP/AVP", false},
		{"udp", false},
		{"TCP/WSS/MSRP", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			judge := heardBoth
			if !c.taken {
				judge = refusedFor(netsip.MediaFaultNotEncrypted)
			}
			change := func(t *testing.T, sdp string, _ *Session) string {
				return replaceOnce(t, sdp, " UDP/TLS/RTP/SAVPF ", " "+c.name+" ")
			}
			bothWays(t, change, func(t *testing.T, p *pair, err error) {
				judge(t, p, err)
				if c.taken && p.a.setup == active && !strings.Contains(p.a.written, " "+c.name+" ") {
					t.Errorf("answered with another profile:\n%s", p.a.written)
				}
			})
			bothWays(t, func(t *testing.T, sdp string, far *Session) string {
				return without("a=fingerprint:", change(t, sdp, far))
			}, refusedFor(netsip.MediaFaultNotEncrypted))
		})
	}
}

// TestOddDescriptionsAreRead: what is not needed does not matter, nor does how it is written.
//
// Holds: accepted-descriptions
func TestOddDescriptionsAreRead(t *testing.T) {
	moved := func(name string) func(*testing.T, string) string {
		return func(t *testing.T, sdp string) string {
			_, value, _ := strings.Cut(sdp, "a="+name+":")
			value, _, _ = strings.Cut(value, "\r\n")
			return replaceOnce(t, without("a="+name+":", sdp), "t=0 0\r\n", "t=0 0\r\na="+name+":"+value+"\r\n")
		}
	}
	candidates := func(edit func(fields []string)) func(*testing.T, string) string {
		return func(t *testing.T, s string) string {
			var b strings.Builder
			for line := range strings.Lines(s) {
				if value, ok := strings.CutPrefix(line, "a=candidate:"); ok {
					f := strings.Fields(value)
					edit(f)
					line = "a=candidate:" + strings.Join(f, " ") + "\r\n"
				}
				b.WriteString(line)
			}
			return b.String()
		}
	}
	for _, c := range []struct {
		name string
		edit func(t *testing.T, sdp string) string
	}{
		{"NUL at the end", func(_ *testing.T, s string) string { return s + "\x00" }},
		{"NULs at the end", func(_ *testing.T, s string) string { return s + "\x00\x00\x00\r\n" }},
		{"NUL behind a line", func(t *testing.T, s string) string {
			return replaceOnce(t, s, "a=rtcp-mux\r\n", "a=rtcp-mux\x00\r\n")
		}},
		{"NUL in the name", func(t *testing.T, s string) string { return replaceOnce(t, s, "s=-", "s=a\x00b") }},
		{"blank line at the end", func(_ *testing.T, s string) string { return s + "\r\n" }},
		{"blank line at the beginning", func(_ *testing.T, s string) string { return "\r\n" + s }},
		{"blank line before the media", func(t *testing.T, s string) string {
			return replaceOnce(t, s, "m=audio", "\r\nm=audio")
		}},
		{"blank lines everywhere", func(_ *testing.T, s string) string {
			return strings.ReplaceAll(s, "\r\n", "\r\n\r\n")
		}},
		{"latin-1 in the name", func(t *testing.T, s string) string { return replaceOnce(t, s, "s=-", "s=M\xfcller") }},
		{"no name", func(_ *testing.T, s string) string { return without("s=", s) }},
		{"empty name", func(t *testing.T, s string) string { return replaceOnce(t, s, "s=-", "s=") }},
		{"no time", func(_ *testing.T, s string) string { return without("t=", s) }},
		{"no origin", func(_ *testing.T, s string) string { return without("o=", s) }},
		{"LF alone", func(_ *testing.T, s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }},
		{"no last line end", func(_ *testing.T, s string) string { return strings.TrimSuffix(s, "\r\n") }},
		{"blanks behind lines", func(_ *testing.T, s string) string {
			return strings.ReplaceAll(s, "\r\n", " \t\r\n")
		}},
		{"ufrag for the session", moved("ice-ufrag")},
		{"password for the session", moved("ice-pwd")},
		{"setup for the session", moved("setup")},
		{"candidates that cannot be read", func(t *testing.T, s string) string {
			return replaceOnce(t, s, "a=mid:0\r\n", "a=mid:0\r\n"+strings.Join([]string{
				"a=candidate:1 1 sctp 1 192.0.2.1 5 typ host",
				"a=candidate:1 1 ssltcp 1 192.0.2.1 443 typ host",
				"a=candidate:1 1 tcp 1 192.0.2.1 9 typ host tcptype active",
				"a=candidate:1 1 TCP 1 192.0.2.1 5 typ host tcptype so",
				"a=candidate:1 1 udp 1 7f3d2c1a-aaaa-bbbb-cccc-0123456789ab.local 5 typ host",
				"a=candidate:1 1 udp 1 host.example.com 5 typ host",
				"a=candidate:1 1 udp 1 fe80::1%eth0 5 typ host",
				"a=candidate:1 1 udp 1 [2001:db8::1] 5 typ host",
				"a=candidate:1 1 udp -1 192.0.2.1 5 typ host",
				"a=candidate:1 1 udp 99999999999 192.0.2.1 5 typ host",
				"a=candidate:1 1 udp 1 192.0.2.1 99999 typ host",
				"a=candidate:1 1 udp 1 192.0.2.1 5 typ newtype",
				"a=candidate:1 1 udp 1 192.0.2.1",
				"a=candidate:",
				"a=candidate",
				"a=candidate:1 x udp 1 192.0.2.1 5 typ host",
				"a=remote-candidates:1 192.0.2.1 5",
			}, "\r\n")+"\r\n")
		}},
		{"odd foundations", candidates(func(f []string) { f[0] = "udp:host#" + f[0] + "(ü)" })},
		{"foundations of words", candidates(func(f []string) { f[0] = "Host-0_" + f[0] + "==" })},
		{"a foundation with the name of the attribute", candidates(func(f []string) { f[0] = "candidate:" + f[0] })},
		{"a long foundation", candidates(func(f []string) { f[0] = strings.Repeat("f0", 40) + f[0] })},
		{"a blank before the foundation", candidates(func(f []string) { f[0] = "  " + f[0] })},
		{"candidates in capitals", candidates(func(f []string) {
			f[2], f[6], f[7] = "UDP", "TYP", strings.ToUpper(f[7])
		})},
		{"a component of three digits", candidates(func(f []string) { f[1] = "001" })},
		{"extensions of candidates", candidates(func(f []string) {
			f[7] += " generation 0 ufrag abcd network-cost 999 network-id 1 x-y z"
		})},
		{"blanks between the words of candidates", candidates(func(f []string) { f[3] = " \t" + f[3] + " " })},
		{"trickle and the end of candidates", func(t *testing.T, s string) string {
			return replaceOnce(t, s, "a=mid:0\r\n",
				"a=mid:0\r\na=ice-options:trickle ice2 x\r\na=end-of-candidates\r\n")
		}},
		{"blanks in rtpmap and fmtp", func(_ *testing.T, s string) string {
			return strings.NewReplacer("a=rtpmap:111 opus", "a=rtpmap: 111\topus", "a=rtpmap:0 ", "a=rtpmap:0   ",
				"a=fmtp:111 ", "a=fmtp: 111  ").Replace(s)
		}},
		{"names of formats in any case", func(_ *testing.T, s string) string {
			return strings.NewReplacer(
				" opus/", " OPUS/", " PCMU/", " pcmu/", " telephone-event/", " Telephone-Event/").Replace(s)
		}},
		{"a slash behind the clock rate", func(_ *testing.T, s string) string {
			return strings.NewReplacer("PCMU/8000\r\n", "PCMU/8000/\r\n", "48000/2\r\n", "48000/2/\r\n").Replace(s)
		}},
		{"only what has a number of its own, without rtpmap", func(t *testing.T, s string) string {
			return replaceOnce(t, without("a=fmtp:", without("a=rtpmap:", s)), "PF 111 0 8 110 126", "PF 0 8")
		}},
		{"attributes without a value", func(t *testing.T, s string) string {
			return replaceOnce(t, s, "a=mid:0\r\n",
				"a=mid:0\r\na=\r\na=:\r\na=extmap\r\na=rtcp-fb:\r\na=ssrc\r\nb=AS\r\n")
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			bothWays(t, func(t *testing.T, sdp string, _ *Session) string { return c.edit(t, sdp) }, heardBoth)
		})
	}
}

// TestTheSoundIsFoundAmongOthers: of several audio lines the first that can be used is, the one in use before others.
//
// Holds: accepted-descriptions
func TestTheSoundIsFoundAmongOthers(t *testing.T) {
	const plain = "m=audio 40002 RTP/AVP 0 8\r\nc=IN IP4 192.0.2.1\r\n"
	const odd = "m=audio 40002 UDP/TLS/RTP/SAVPF 18\r\nc=IN IP4 192.0.2.1\r\n"
	for _, c := range []struct {
		name string
		edit func(string) string
		at   int // the line that is answered
	}{
		{"alone", func(s string) string { return s }, 0},
		{"after one without encryption", with("0", []string{plain}, nil), 1},
		{"before one without encryption", with("0", nil, []string{plain}), 0},
		{"after one with other formats", with("0", []string{odd}, nil), 1},
		{"after one that is off", with("0", []string{deadAudio}, nil), 1},
		{"after video", with("0", []string{videoLine}, nil), 1},
		{"between others", with("0", []string{dataLine, plain, odd}, []string{plain, videoLine}), 3},
		{"bundled only", func(s string) string {
			// The transport is that of the first line, and the sound has no port of its own (RFC 9143 section 6).
			session, audio, _ := strings.Cut(s, "m=audio ")
			_, audio, _ = strings.Cut(audio, " ")
			session = strings.Replace(session, "BUNDLE 0", "BUNDLE v 0", 1)
			var transport []string
			for line := range strings.Lines(audio) {
				for _, name := range []string{"ice-", "fingerprint", "setup", "candidate", "rtcp-mux"} {
					if strings.HasPrefix(line, "a="+name) {
						transport = append(transport, line)
						audio = strings.Replace(audio, line, "", 1)
					}
				}
			}
			return session + videoLine + strings.Join(transport, "") + "a=mid:v\r\nm=audio 0 " + audio +
				"a=bundle-only\r\n"
		}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, p *pair) {
				o, err := p.b.Offer(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				offer := c.edit(string(o))
				if _, err := p.a.SetOffer(t.Context(), []byte(offer)); err != nil {
					t.Fatalf("%v in\n%s", err, offer)
				}
				a, err := p.a.Answer(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				got := mustRead(t, string(a))
				if got.audio != c.at || len(got.media) != strings.Count(offer, "\nm=") {
					t.Errorf("line %d of %d is answered:\n%s", got.audio, len(got.media), a)
				}
				if got.media[got.audio].port == 0 {
					t.Error("without a port")
				}
				_, err = p.b.SetAnswer(context.Background(), a)
				if c.at > 0 {
					// It offered one line.
					session, _, _ := strings.Cut(string(a), "m=")
					_, audio, _ := strings.Cut(string(a), fmt.Sprintf("m=audio %d", got.media[got.audio].port))
					audio, _, _ = strings.Cut(audio, "\r\nm=")
					_, err = p.b.SetAnswer(t.Context(), []byte(session+"m=audio 5"+audio))
				}
				heardBoth(t, p, err)
			})
		})
	}
}
