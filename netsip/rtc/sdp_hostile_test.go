package rtc

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/pion/ice/v4"

	"calla/netsip"
)

// sound is an offer with nothing wrong, into which the hostile parts are put.
func sound(media string, lines ...string) string {
	return strings.Join(append([]string{
		"v=0", "o=- 1 1 IN IP4 192.0.2.1", "s=-", "c=IN IP4 192.0.2.1", "t=0 0", "a=group:BUNDLE 0", "m=" + media,
		"a=mid:0",
		"a=ice-ufrag:abcd", "a=ice-pwd:abcdabcdabcdabcdabcdabcd", "a=fingerprint:sha-256 " + testPrint,
		"a=setup:actpass", "a=rtcp-mux",
	}, lines...), "\r\n") + "\r\n"
}

const soundAudio = "audio 40000 UDP/TLS/RTP/SAVPF 0"

func repeat(n int, line func(i int) string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(line(i))
		b.WriteString("\r\n")
	}
	return strings.TrimSuffix(b.String(), "\r\n")
}

func without(prefix, sdp string) string {
	var kept []string
	for line := range strings.Lines(sdp) {
		if !strings.HasPrefix(line, prefix) {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "")
}

func TestHostileDescriptions(t *testing.T) {
	good := sound(soundAudio)
	for name, c := range map[string]struct {
		sdp    string
		status int // 0 = taken
	}{
		"sound":                     {good, 0},
		"empty":                     {"", 400},
		"HTML":                      {"<html><body>no</body></html>", 400},
		"binary":                    {"\x00\x01\x02", 400},
		"v=1":                       {"v=1\r\n" + good[5:], 400},
		"line without type":         {good + "hello\r\n", 400},
		"m= with three fields":      {sound("audio 40000 UDP/TLS/RTP/SAVPF"), 400},
		"m= with port 65536":        {sound("audio 65536 UDP/TLS/RTP/SAVPF 0"), 400},
		"m= with port -1":           {sound("audio -1 UDP/TLS/RTP/SAVPF 0"), 400},
		"m= with Unicode":           {sound("audio 4000 UDP/TLS/RTP/SAVPF\u2028 0"), 400},
		"no media":                  {"v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n", 488},
		"video only":                {sound("video 40000 UDP/TLS/RTP/SAVPF 96"), 488},
		"audio refused":             {sound("audio 0 UDP/TLS/RTP/SAVPF 0"), 488},
		"plain RTP":                 {without("a=fingerprint", sound("audio 40000 RTP/AVP 0")), 488},
		"RTP/AVPF with fingerprint": {sound("audio 40000 RTP/AVPF 0"), 0},
		"SDES": {without("a=fingerprint",
			sound("audio 40000 RTP/SAVP 0", "a=crypto:1 AES_CM_128_HMAC_SHA1_80 "+
				"inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz")), 488},
		"no fingerprint": {without("a=fingerprint", good), 488},
		"SHA-1 fingerprint": {
			strings.Replace(good, "sha-256 "+testPrint, "sha-1 "+testPrint[:59], 1),
			0,
		},
		"MD5 fingerprint":                {strings.Replace(good, "sha-256 "+testPrint, "md5 "+testPrint[:47], 1), 488},
		"fingerprint too short":          {strings.Replace(good, testPrint, testPrint[3:], 1), 488},
		"fingerprint too long":           {strings.Replace(good, testPrint, testPrint+":00", 1), 488},
		"fingerprint not hexadecimal":    {strings.Replace(good, testPrint, "ZZ"+testPrint[2:], 1), 488},
		"no ICE":                         {without("a=ice", good), 488},
		"ICE user of 3 characters":       {strings.Replace(good, "ufrag:abcd", "ufrag:abc", 1), 488},
		"ICE password with line break":   {strings.Replace(good, "pwd:abcd", "pwd:ab\x0bcd", 1), 488},
		"ICE password of 300 characters": {strings.Replace(good, "pwd:abcd", "pwd:"+strings.Repeat("a", 300), 1), 488},
		"setup illegal":                  {strings.Replace(good, "setup:actpass", "setup:holdconn", 1), 488},
		"no common codec":                {sound("audio 40000 UDP/TLS/RTP/SAVPF 18"), 488},
		"10^4 media": {
			good + repeat(10000, func(int) string { return "m=audio 0 RTP/AVP 0" }),
			488,
		},
		"32 media": {good + repeat(31, func(int) string { return "m=audio 0 RTP/AVP 0" }), 0},
		"33 media": {good + repeat(32, func(int) string { return "m=audio 0 RTP/AVP 0" }), 488},
		"10^5 attributes": {
			good + repeat(100000, func(i int) string { return fmt.Sprintf("a=x%d", i) }),
			488,
		},
		"10^4 attributes": {good + repeat(10000, func(i int) string { return fmt.Sprintf("a=x%d", i) }), 0},
		"300 payload types": {sound(soundAudio + " " +
			strings.ReplaceAll(repeat(300, func(i int) string { return fmt.Sprint(i % 140) }), "\r\n", " ")), 0},
		"payload types out of range": {sound(soundAudio + " 128 256 2147483648 -1 99999999999999999999 1e3"), 0},
		"payload type of RTCP":       {sound("audio 40000 UDP/TLS/RTP/SAVPF 72", "a=rtpmap:72 PCMU/8000"), 488},
		"same payload type 50 times": {sound(soundAudio + strings.Repeat(" 0", 50)), 0},
		"two rtpmaps of one type":    {sound(soundAudio, "a=rtpmap:0 PCMU/8000", "a=rtpmap:0 opus/48000/2"), 0},
		"rtpmap without clock":       {sound(soundAudio, "a=rtpmap:0 PCMU"), 488},
		"rtpmap with clock 0":        {sound(soundAudio, "a=rtpmap:0 PCMU/0"), 488},
		"RED without rtpmap":         {sound(soundAudio+" 63", "a=fmtp:63 0/0/0"), 0},
		"fmtp with NUL":              {sound(soundAudio, "a=fmtp:0 a=\x00b"), 0},
		"fmtp without value": {sound(soundAudio, "a=fmtp:0", "a=fmtp:", "a=fmtp", "a=rtcp-fb:0", "a=rtpmap:",
			"a=rtpmap"), 0},
		"fmtp of 64 kB": {sound(soundAudio, "a=fmtp:0 "+strings.Repeat("x", 65000)), 0},
		"68 crypto lines": {sound(soundAudio,
			repeat(68, func(i int) string { return fmt.Sprintf("a=crypto:%d X inline:Y", i) })), 0},
		"multicast count": {
			strings.Replace(good, "c=IN IP4 192.0.2.1", "c=IN IP4 224.0.0.1/1/4294967295", 1),
			0,
		},
		"ptime 0, -1 and 2^31":    {sound(soundAudio, "a=ptime:0", "a=maxptime:-1", "a=ptime:2147483648"), 0},
		"BUNDLE to a missing mid": {strings.Replace(good, "BUNDLE 0", "BUNDLE 7", 1), 0},
		"mid twice":               {sound(soundAudio, "a=mid:0") + "m=audio 5 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n", 0},
		"mid of 10 kB":            {strings.Replace(good, "a=mid:0", "a=mid:"+strings.Repeat("m", 10000), 1), 0},
		"10^4 candidates": {sound(soundAudio, repeat(3000, func(i int) string {
			return fmt.Sprintf("a=candidate:1 1 udp %d 192.0.2.1 %d typ host", i+1, 1024+i)
		})), 0},
		"candidates of no use": {sound(soundAudio, "a=candidate:", "a=candidate:1 1 udp 1 0.0.0.0 5 typ host",
			"a=candidate:1 1 udp 1 224.0.0.1 5 typ host",
			"a=candidate:1 1 udp 1 255.255.255.255 5 typ host", "a=candidate:1 1 udp 1 192.0.2.1 0 typ host",
			"a=candidate:1 1 udp 1 192.0.2.1 70000 typ host",
			"a=candidate:1 1 udp 4294967296 192.0.2.1 5 typ host", "a=candidate:1 1 udp 1 evil.example 5 typ host",
			"a=candidate:1 1 udp 1 fe80::1%eth0 5 typ host",
			"a=candidate:1 1 udp 1 192.0.2.1 5 typ evil", "a=candidate:1 1 tcp 1 192.0.2.1 5 typ host tcptype active",
			"a=candidate:1 2 udp 1 192.0.2.1 5 typ host"), 0},
		"300 kB": {good + repeat(3000, func(int) string { return "a=" + strings.Repeat("y", 100) }), 488},
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			d, a, err := readForTest([]byte(c.sdp), nil)
			runtime.ReadMemStats(&after)
			if n := after.TotalAlloc - before.TotalAlloc; n > 4<<20 {
				t.Errorf("took %d bytes", n)
			}
			if took := quickest(func() { _, _, _ = readForTest([]byte(c.sdp), nil) }); took > 500*time.Millisecond {
				t.Errorf("took %v", took)
			}
			var refused *netsip.MediaError
			switch {
			case c.status == 0 && err != nil:
				t.Fatalf("refused: %v", err)
			case c.status == 0:
				checkRead(t, d, a)
			case !errors.As(err, &refused) || refused.StatusCode != c.status:
				t.Errorf("error %v, want status %d", err, c.status)
			}
		})
	}
}

// quickest is the least time of some runs: other work on the machine does not count.
func quickest(f func()) time.Duration {
	least := time.Hour
	for range 5 {
		begin := time.Now()
		f()
		least = min(least, time.Since(begin))
	}
	return least
}

func readForTest(sdp []byte, offered []Codec) (*description, *agreement, error) {
	d, err := readAny(sdp)
	if err != nil {
		return nil, nil, err
	}
	a, err := agree(d, codecs(), offered)
	return d, a, err
}

// checkRead checks what must hold of every description that is taken.
func checkRead(t *testing.T, d *description, a *agreement) {
	t.Helper()
	if len(d.media) > maxMediaLines || len(d.candidates) > maxCandidates || len(d.formats) > maxFormats ||
		len(a.audio) == 0 || len(a.events) > 4 {
		t.Errorf("limits: %d media, %d candidates, %d formats", len(d.media), len(d.candidates), len(d.formats))
	}
	// What pion is told is what it understands, whatever came in.
	for _, c := range d.bestCandidates(icePairs) {
		if _, err := ice.UnmarshalCandidate(c.String()); err != nil {
			t.Errorf("told pion %s: %v", c, err)
		}
	}
	l := &local{
		sections: d.sections(), rtcpMux: d.rtcpMux, formats: a.audio,
		ufrag: "abcd", pwd: strings.Repeat("p", 24), fingerprint: "sha-256 " + testPrint, setup: "active",
		ssrc: math.MaxUint32,
	}
	body := l.body()
	answer, err := readAny([]byte("v=0\r\n" + body))
	if err != nil && !strings.Contains(err.Error(), "refused") {
		t.Fatalf("our answer is no description: %v\n%s", err, body)
	}
	if err == nil && len(answer.media) != len(d.media) {
		t.Errorf("answer of %d media to %d", len(answer.media), len(d.media))
	}
	if strings.ContainsAny(strings.ReplaceAll(body, "\r\n", ""), "\r\n\x00") {
		t.Errorf("answer with stray line ends: %q", body)
	}
	if len(body) > 8192 && len(d.media) < 8 && !hugeFormats(a) {
		t.Errorf("answer of %d bytes", len(body))
	}
}

func hugeFormats(a *agreement) bool {
	n := 0
	for _, c := range a.audio {
		n += len(c.Fmtp) + len(c.Name)
	}
	return n > 2000
}

func fuzzSeeds(f *testing.F) {
	for _, p := range peers {
		f.Add([]byte(strings.Join(p.sdp, "\r\n") + "\r\n"))
	}
	f.Add([]byte(sound(soundAudio, "a=candidate:1 1 udp 1 192.0.2.1 5 typ srflx raddr :: rport 0")))
}

func FuzzRemoteOffer(f *testing.F) {
	fuzzSeeds(f)
	f.Fuzz(func(t *testing.T, sdp []byte) { fuzzRead(t, sdp, nil) })
}

func FuzzRemoteAnswer(f *testing.F) {
	fuzzSeeds(f)
	f.Fuzz(func(t *testing.T, sdp []byte) { fuzzRead(t, sdp, withEvents(codecs())) })
}

func fuzzRead(t *testing.T, sdp []byte, offered []Codec) {
	d, a, err := readForTest(sdp, offered)
	if err != nil {
		var refused *netsip.MediaError
		if !errors.As(err, &refused) || refused.StatusCode != 400 && refused.StatusCode != 488 || refused.Reason == "" {
			t.Fatalf("error %#v", err)
		}
		return
	}
	checkRead(t, d, a)
}

func FuzzHold(f *testing.F) {
	fuzzSeeds(f)
	for _, seed := range []string{
		"v=0\nm=audio 9 x 0\nc=IN IP4 0.0.0.0",
		"v=0\na=inactive\r\nm=video 1 x 0\r\nm=audio 0 x 0", "v=0\nm=", "v=0\nm=audio",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, sdp []byte) {
		if session, media, err := splitDescription(string(sdp)); err == nil && holds(session, media) &&
			len(media) == 0 {
			t.Error("held without a line of media")
		}
	})
}
