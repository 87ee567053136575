package netsip

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"calla/netsip/sip"
)

// Hostile frames over a live WebSocket, in memory and in virtual time: after each lot the user agent still answers, and
// in the end nothing of it is left.

// target is a user agent that is shot at. Who calls it is told that it is busy.
type target struct {
	*bench
	w      *wire
	frames int
	serial int
	lost   int // connections
}

func shoot(t *testing.T, script func(g *target)) {
	t.Helper()
	c := testConfig()
	c.URI = "sip:user@example.com"
	listening(t, c, func(_ *bench, o *Options) {
		o.Trace = nil
		o.OnMessage = func(*Message) {}
		o.OnRefer = func(r *Referral) { r.Decline() }
		o.OnReplace = func(*Session, *Session) {}
		o.OnSubscribe = func(n *Notifier) { n.Reject(403) }
		o.OnInvite = func(s *Session) { s.Reject(486, "") }
	}, func(b *bench, w *wire) {
		g := &target{bench: b, w: w}
		script(g)
		g.clean()
		t.Logf("%d frames, %d connections lost", g.frames, g.lost)
	})
}

// frame sends one; the user agent may end the connection over one that is too long.
func (g *target) frame(data []byte) {
	g.frames++
	_ = g.w.conn.WriteMessage(websocket.BinaryMessage, data)
}

// alive holds that OPTIONS is answered. What came before it is passed over.
func (g *target) alive(after string) {
	g.Helper()
	synctest.Wait()
	select {
	case <-g.w.gone: // a frame was longer than what is read: 1009
		g.lost++
		g.w = g.next()
		g.until("connected", func() bool { return g.ua.connection.state == FlowConnected })
	default:
	}
	g.serial++
	f := g.w.caller()
	f.callID, f.branch, f.target = fmt.Sprint("alive-", g.serial), 1_000_000+g.serial, "sip:user@example.com"
	g.w.send(f.request("OPTIONS"))
	synctest.Wait()
	for len(g.w.in) > 0 {
		if m := <-g.w.in; m.CallID() == f.callID {
			if m.StatusCode != 200 {
				g.Fatalf("after %s OPTIONS is answered with %d", after, m.StatusCode)
			}
			return
		}
	}
	g.Fatalf("after %s OPTIONS is not answered", after)
}

// breathe lets transactions that wait for an ACK end.
func (g *target) breathe() {
	time.Sleep(timeout + time.Second)
	for len(g.w.pings) > 0 {
		<-g.w.pings
	}
}

// tortureFrames are the messages of RFC 4475, of RFC 5118 where they are at hand, and of the project's own corpus.
func tortureFrames(t *testing.T, sets ...string) map[string][]byte {
	t.Helper()
	frames := map[string][]byte{}
	for _, set := range sets {
		files, _ := filepath.Glob("../../shared/torture/" + set + "/*.dat")
		for _, name := range files {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			frames[set+" "+filepath.Base(name)] = data
		}
	}
	text, err := os.ReadFile("sip/testdata/corpus.txt")
	if err != nil {
		t.Fatal(err)
	}
	notation := strings.NewReplacer("␀", "\x00", "␍", "\r", "→", "\t", "\n", "\r\n")
	for _, section := range strings.Split(string(text), "\n== ")[1:] {
		head, message, _ := strings.Cut(section, "\n")
		frames["own "+head] = []byte(notation.Replace(strings.TrimSuffix(strings.TrimSuffix(message, "\n"), ".")))
	}
	return frames
}

// Every message cut off at every octet, and with every octet set to NUL, CR and 0xff. With the race detector every
// eleventh.
func TestTortureTruncatedAndFlippedOverAWebSocket(t *testing.T) {
	frames := tortureFrames(t, "rfc4475", "rfc5118")
	if len(frames) < 110 {
		t.Logf("the messages of RFC 4475 and 5118 are not at hand: only the own corpus")
	}
	stride := 1
	if raceDetector || testing.Short() {
		stride = 11
	}
	start := time.Now()
	shoot(t, func(g *target) {
		names := []string{}
		for name := range frames {
			names = append(names, name)
		}
		slices.Sort(names)
		n := 0
		fire := func(name string, data []byte) {
			if n++; n%stride != 0 {
				return
			}
			g.frame(data)
			switch {
			case g.frames%1500 == 0:
				g.breathe()
				g.alive(name)
			case g.frames%50 == 0:
				g.alive(name)
			}
		}
		for _, name := range names {
			data := frames[name]
			for i := range data {
				fire(name, data[:i])
			}
			for i := range data {
				for _, c := range []byte{0, '\r', 0xff} {
					flipped := slices.Clone(data)
					flipped[i] = c
					fire(name, flipped)
				}
			}
			g.alive(name)
		}
		g.breathe()
		g.alive("all")
	})
	t.Logf("%d messages in %v", len(frames), time.Since(start).Round(time.Millisecond))
}

// protos generates malformed INVITEs by the classes of the PROTOS test suite: each field of a message in turn holds
// each of the anomalies. The list is always the same.
func protos() []string {
	fields := []string{
		"{method} ", " {uri} ", "sip:{uri user}@", "@{uri host}:", ":{uri port};", ";{uri param} ", " {version}\r\n",
		"Via: {via}\r\n", " {via version}/WSS", "/{via transport} ", " {via host};", ";branch={branch}\r\n",
		"Max-Forwards: {hops}\r\n", "From: {from}\r\n", "\"{from name}\"", "<{from uri}>", "sip:{from user}@",
		"@{from host}>", ";tag={from tag}\r\n",
		"To: {to}\r\n", "<{to uri}>", "Call-ID: {call id}\r\n", "CSeq: {cseq}\r\n", "CSeq: {cseq number} INVITE",
		" {cseq method}\r\n",
		"Contact: {contact}\r\n", "<{contact uri}>", ";{contact param}\r\n", "Expires: {expires}\r\n",
		"Content-Type: {type}\r\n", "/{subtype}\r\n",
		"Content-Length: {length}\r\n", "Require: {require}\r\n", "Session-Expires: {interval}\r\n",
		"Replaces: {replaces}\r\n", "Authorization: {credentials}\r\n",
		"Route: {route}\r\n", "Record-Route: {record}\r\n", "{header name}: x\r\n", "X: {header value}\r\n",
		"v={sdp version}\r\n", "o={origin}\r\n", "IN IP4 {address}\r\n", "t={time}\r\n", "m={media}\r\n",
		"audio {port} UDP", "SAVPF {payload}\r\n", "a={attribute}\r\n",
	}
	var list []string
	for _, field := range fields {
		for _, anomaly := range anomalies() {
			list = append(list, anomalous(field, anomaly))
		}
		line := lineOf(field)
		whole := anomalous("", "")
		list = append(list, strings.Replace(whole, line, "", 1), strings.Replace(whole, line, line+line, 1),
			strings.Replace(whole, line, strings.Repeat(line, 300), 1),
			strings.Replace(whole, line, strings.TrimSuffix(line, "\r\n")+"\n", 1),
			strings.Replace(whole, line, strings.Replace(line, ":", "", 1), 1),
			strings.Replace(whole, line, " "+line, 1))
	}
	return list
}

// anomalies are what a field may hold that it should not.
func anomalies() []string {
	list := []string{
		"", " ", "\t", "\r", "\n", "\r\n", "\r\n\r\n", "\x00", "\x7f", "\x80", "\xff\xfe", "\xc0\xaf",
		"\xe0\x80\xaf", "\xf8\x88\x80\x80\xaf", "\xed\xa0\x80", "\u202e", "😀",
	}
	list = append(list, "-1", "0", "00", "+1", "1.5", "0x10", "1e9", "127", "128", "255", "256", "32767", "65535",
		"65536", "2147483647", "2147483648", "4294967295", "4294967296", "9223372036854775807", "9223372036854775808",
		"18446744073709551616", strings.Repeat("9", 100))
	list = append(list, "256.256.256.256", "1.2.3", "1.2.3.4.5", "[::1", "::1]", "[::::]", "[fe80::1%lo]", "%s%s%s%n",
		"%n%x%d", "%00", "%", "%zz", "../../etc/passwd", "$(id)", "`id`", "<script>")
	for _, unit := range []string{
		"a", "A:", "%s", "\x00", "\xff", "<", ">", "\"", "\\", ";", ",", "=", "@", "(", ")",
		"\r\n ", "/", ".", "sip:", "€",
	} {
		for _, n := range []int{2, 64, 1100} {
			list = append(list, strings.Repeat(unit, n))
		}
	}
	return append(list, strings.Repeat("a", 16_000), strings.Repeat("a", 70_000), strings.Repeat("a", 128<<10), `"`,
		`\"`, "<<>>", ";;", ",,", "==", "SIP/2.0", "SIP/1.0", "SIP/2.0 200 OK", "*")
}

const protosInvite = "INVITE sip:user@example.com:5060;x=y SIP/2.0\r\n" +
	"Via: SIP/2.0/WSS proxy.example.com;branch=z9hG4bKprotos\r\nMax-Forwards: 70\r\n" +
	"From: \"Fuzz\" <sip:fuzz@example.com>;tag=protos\r\nTo: <sip:user@example.com>\r\nCall-ID: protos\r\nCSeq: 1 " +
	"INVITE\r\n" +
	"Contact: <sip:fuzz@192.0.2.1>;q=1\r\nExpires: 60\r\nContent-Type: application/sdp\r\nX: y\r\n\r\n" +
	"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=sendrecv\r\n"

// lineOf is the line of protosInvite a field is in; one that is not in it is put in.
func lineOf(field string) string {
	name, _, header := strings.Cut(field, ": ")
	for line := range strings.Lines(protosInvite) {
		if header && strings.HasPrefix(line, name+": ") || strings.HasPrefix(field, line[:2]) && line[1] == '=' {
			return line
		}
	}
	return "X: y\r\n"
}

// anomalous is the INVITE with an anomaly in the place that a field names by what stands around it.
func anomalous(field, anomaly string) string {
	before, rest, ok := strings.Cut(field, "{")
	_, after, _ := strings.Cut(rest, "}")
	if !ok {
		return protosInvite
	}
	at := strings.Index(protosInvite, before)
	if before == "" {
		at = 0
	}
	if at < 0 { // a header field of its own
		return strings.Replace(protosInvite, "X: y\r\n", before+anomaly+after, 1)
	}
	at += len(before)
	end := strings.Index(protosInvite[at:], after)
	if end < 0 {
		end = 0
	}
	return protosInvite[:at] + anomaly + protosInvite[at+end:]
}

func TestFiveThousandMalformedInvitesOverAWebSocket(t *testing.T) {
	all := protos()
	distinct := map[string]bool{}
	for _, text := range all {
		distinct[text] = true
	}
	if len(distinct) < 5000 {
		t.Fatalf("only %d different messages", len(distinct))
	}
	shoot(t, func(g *target) {
		rang, malformed := 0, 0
		for i, text := range all {
			text = strings.Replace(text, "z9hG4bKprotos", fmt.Sprint("z9hG4bKprotos", i), 1)
			text = strings.Replace(text, "Call-ID: protos", fmt.Sprint("Call-ID: protos", i), 1)
			if _, err := sip.Parse([]byte(text)); err != nil {
				malformed++
			}
			g.frame([]byte(text))
			g.alive(fmt.Sprintf("%.300q", text))
			if i%100 == 99 {
				g.breathe()
			}
		}
		g.do(func() { rang = len(g.media.sessions) })
		t.Logf("%d malformed, %d taken for calls", malformed, rang)
		if malformed < len(all)/3 || rang == 0 {
			t.Errorf("%d of %d malformed, %d calls: not what was meant", malformed, len(all), rang)
		}
	})
}
