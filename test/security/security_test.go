// Package security attacks the built program over a real WebSocket: a test of its own for each class of past
// vulnerabilities that softphones had, and for what a stranger might try.
package security

import (
	"encoding/binary"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"calla/netsip/sip"
	"calla/test/peers"
)

// The descriptions of a browser: what an offer and an answer of WebRTC have.
const (
	fingerprint = "a=fingerprint:sha-256 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:" +
		"00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF\r\n"
	session   = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
	mline     = "m=audio 9 UDP/TLS/RTP/SAVPF 0 8 101\r\n"
	transport = "c=IN IP4 127.0.0.1\r\na=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuvwx\r\n"
	codecs    = "a=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
	candidate = "a=candidate:1 1 udp 2130706431 127.0.0.1 9 typ host\r\n"
	offer     = session + mline + transport + fingerprint +
		"a=setup:actpass\r\na=mid:0\r\na=sendrecv\r\na=rtcp-mux\r\n" + codecs + candidate
	answer = session + mline + transport + fingerprint + "a=setup:active\r\na=mid:0\r\na=sendrecv\r\na=rtcp-mux\r\n" +
		codecs + candidate
)

// target is the built program as a phone in text, registered at a hostile server.
type target struct {
	*peers.Wire
	*peers.Console
	t      testing.TB
	server *peers.Hostile
}

// attack starts the program against a server of its own, with more parameters of the configuration.
func attack(t testing.TB, more map[string]any) *target {
	t.Helper()
	return attackFrom(t, peers.StartHostile(t), more)
}

// attackFrom is attack by a server that has been prepared.
func attackFrom(t testing.TB, h *peers.Hostile, more map[string]any) *target {
	t.Helper()
	c := peers.StartConsole(t, h.Config("alice", more))
	t.Cleanup(func() { c.Signal(syscall.SIGKILL) }) // nobody waits until it has taken leave of a hostile server
	g := &target{Console: c, t: t, server: h, Wire: h.Next(20 * time.Second)}
	g.WaitText("Registered", 1, 20*time.Second)
	g.Alive("the start")
	return g
}

// memory is the program's resident memory, in octets.
func (g *target) memory() int64 { return peers.UsageOf(g.Cmd.Process.Pid).RSS }

// bounded runs what an attacker does, and holds that the program still answers and has grown by no more than limit.
func (g *target) bounded(what string, limit int64, run func()) {
	g.t.Helper()
	var grown int64
	for range 3 { // where the machine has no time to collect garbage, more lies about for once
		before := g.memory()
		run()
		g.Wire.Alive(what)
		if grown = g.memory() - before; grown <= limit || grown > 4*limit || g.t.Failed() {
			break
		}
	}
	if grown > limit {
		g.t.Errorf("%s: memory grew by %.1f MB, at most %.1f", what, float64(grown)/(1<<20), float64(limit)/(1<<20))
	}
}

// again takes the phone's next connection, after the last one was closed.
func (g *target) again() {
	g.t.Helper()
	select {
	case <-g.Gone():
	case <-time.After(60 * time.Second):
		g.t.Fatal("the connection is not closed")
	}
	g.Wire = g.server.Next(60 * time.Second)
	g.Expect("REGISTER")
}

// closedWith waits until the phone has closed the connection with a code, and takes its next one.
func (g *target) closedWith(code int) {
	g.t.Helper()
	was := g.Wire
	g.again()
	if got := was.CloseCode(); got != code {
		g.t.Errorf("closed with %d, want %d", got, code)
	}
}

// has tells whether what was printed so far contains text.
func (g *target) has(text string) bool { return strings.Contains(g.Output.String(), text) }

// settled waits until the phone has no call left.
func (g *target) settled() {
	g.t.Helper()
	was := strings.Count(g.Output.String(), "There is no call")
	peers.Until(g.t, 20*time.Second, "no call left", func() bool {
		g.Say("hangup")
		time.Sleep(30 * time.Millisecond)
		return strings.Count(g.Output.String(), "There is no call") > was
	})
}

// call dials and returns the phone's INVITE.
func (g *target) call(who string) *sip.Message {
	g.t.Helper()
	g.Say("call " + who)
	return g.Expect("INVITE")
}

// far is the Contact of whom the phone calls, and what that phone takes.
func far() []string {
	return []string{
		"Contact: <sip:bob@edge.hostile.test;transport=ws>",
		"Allow: INVITE, ACK, BYE, CANCEL, UPDATE, INFO, REFER, NOTIFY",
	}
}

// printed runs f and waits until the program has printed text once more than before.
func (g *target) printed(text string, f func()) {
	g.t.Helper()
	n := strings.Count(g.Output.String(), text)
	f()
	g.WaitText(text, n+1, 20*time.Second)
}

// talk makes a call that is answered with a description, and returns the dialog.
func (g *target) talk(who string) *peers.Dialog {
	g.t.Helper()
	var d *peers.Dialog
	g.printed("↔ Connected", func() {
		invite := g.call(who)
		g.Reply(invite, 200, append(far(), answer)...)
		g.Expect("ACK")
		d = g.Called(invite)
	})
	return d
}

// ring calls the phone and returns our INVITE once it rings.
func (g *target) ring(lines ...string) *sip.Message {
	g.t.Helper()
	invite := g.Request("INVITE", append([]string{offer}, lines...)...)
	g.Send(invite.Bytes())
	g.Expect("180 INVITE")
	return invite
}

// cancel takes our INVITE back.
func (g *target) cancel(invite *sip.Message) {
	g.t.Helper()
	m := invite.Clone()
	m.Method, m.Body = "CANCEL", nil
	m.Set("CSeq", "1 CANCEL")
	m.Del("Content-Type")
	g.Send(m.Bytes())
	refused := g.Expect("487 INVITE")
	g.ack(invite, refused)
}

// ack acknowledges a refusal.
func (g *target) ack(invite, refused *sip.Message) {
	m := invite.Clone()
	m.Method, m.Body = "ACK", nil
	m.Set("CSeq", "1 ACK")
	m.Set("To", refused.Get("To"))
	m.Del("Content-Type")
	g.Send(m.Bytes())
}

// answered tells with what status a request of ours is refused or taken, 0 for not at all.
func (g *target) status(req *sip.Message) int {
	g.t.Helper()
	m := g.Wire.Answer(req, 20*time.Second)
	if m == nil {
		return 0
	}
	if req.Method == "INVITE" && m.StatusCode >= 300 {
		g.ack(req, m)
	}
	return m.StatusCode
}

// wantStatus holds that a request is answered with one of these statuses.
func (g *target) wantStatus(what string, req *sip.Message, want ...int) {
	g.t.Helper()
	if got := g.status(req); !slices.Contains(want, got) {
		g.t.Errorf("%s: answered with %d, want %v", what, got, want)
	}
}

// try calls the phone, and takes the call back when it rings; it returns the status that came, 0 for none: what is
// taken up at all is answered before the OPTIONS that follows it.
func (g *target) try(invite *sip.Message) int {
	g.t.Helper()
	probe := g.Request("OPTIONS")
	if !g.Send(invite.Bytes()) || !g.Send(probe.Bytes()) {
		return 0
	}
	of := func(req *sip.Message) func(*sip.Message) bool {
		return func(m *sip.Message) bool { return !m.IsRequest() && m.CallID() == req.CallID() }
	}
	m := g.Find(30*time.Second, func(m *sip.Message) bool { return of(invite)(m) || of(probe)(m) })
	if m == nil || m.CallID() == probe.CallID() {
		return 0
	}
	for m != nil && m.StatusCode == 100 {
		m = g.Find(30*time.Second, of(invite))
	}
	switch {
	case m == nil:
		return 100
	case m.StatusCode < 200:
		g.cancel(invite)
	default:
		g.ack(invite, m)
	}
	return m.StatusCode
}

// frame is a frame of a WebSocket as a server sends it, unmasked.
func frame(final bool, opcode byte, payload []byte) []byte {
	if final {
		opcode |= 0x80
	}
	switch n := len(payload); {
	case n < 126:
		return append([]byte{opcode, byte(n)}, payload...)
	case n < 1<<16:
		return append(binary.BigEndian.AppendUint16([]byte{opcode, 126}, uint16(n)), payload...)
	default:
		return append(binary.BigEndian.AppendUint64([]byte{opcode, 127}, uint64(n)), payload...)
	}
}

// ourRealm is the challenge of the account's registrar.
const ourRealm = `Digest realm="hostile.test", nonce="n0", algorithm=SHA-256, qop="auth"`

// registrar is a server that challenges REGISTER with one challenge, once.
func registrar(t testing.TB, challenge string) *peers.Hostile {
	h := peers.StartHostile(t)
	h.Register = func(w *peers.Wire, m *sip.Message) bool {
		if m.Has("Authorization") {
			return false
		}
		w.Reply(m, 401, "WWW-Authenticate: "+challenge)
		return true
	}
	return h
}

// credentials are what a message shows of the password.
func credentials(m *sip.Message) string {
	return m.Get("Authorization") + m.Get("Proxy-Authorization")
}

// leak returns the first message since the mark, besides REGISTER, that shows credentials.
func (g *target) leak(mark int) *sip.Message {
	for _, m := range g.Messages()[mark:] {
		if m.Method != "REGISTER" && credentials(m) != "" {
			return m
		}
	}
	return nil
}
