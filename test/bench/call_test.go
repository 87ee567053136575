package bench

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"calla/account"
	"calla/audio"
	"calla/audio/opus"
	"calla/netsip/config"
	"calla/netsip/sandbox"
	"calla/phone"
	"calla/phone/robots"
	"calla/test/peers"
)

const (
	clicks      = 20
	clicksBlind = 7   // with a STUN server that never answers
	answers     = 120 // enough for a 99th percentile
	password    = "s3cret pass"
)

// server is the sandbox on loopback with its robots, in this process, so that what reaches it is seen here.
type server struct {
	*sandbox.Server
	codecs []audio.Codec
}

func startServer(t *testing.T) *server {
	t.Helper()
	best, err := opus.Load()
	if err != nil {
		t.Fatal(err)
	}
	users := map[string]string{"alice": password, "bob": password}
	for _, name := range robots.Names() {
		users[name] = password
	}
	s := &server{sandbox.New(sandbox.Options{Users: users}), audio.Codecs(best)}
	t.Cleanup(s.Close)
	if _, err := s.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	all, err := robots.Start(robots.Options{
		Account: func(name string) config.Config { return s.account(name) },
		Dial:    s.Dial, Codecs: s.codecs, Formats: phone.Codecs(s.codecs),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(all.Close)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := all.Ready(ctx); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *server) account(name string, stun ...string) config.Config {
	if stun == nil {
		stun = []string{}
	}
	return config.Config{
		URI: "sip:" + name + "@" + s.Domain(), Password: password, WSServers: []config.Server{{WSURI: s.URL()}},
		StunServers: stun,
	}
}

// config writes the same for another process.
func (s *server) config(t *testing.T, name string, stun ...string) string {
	t.Helper()
	return writeConfig(t, map[string]any{
		"uri": "sip:" + name + "@" + s.Domain(), "password": password, "ws_servers": s.URL(),
		"stun_servers": append([]string{}, stun...),
	})
}

// phone is one in this process, registered.
func (s *server) phone(t *testing.T, name string, stun ...string) *phone.Phone {
	t.Helper()
	a, err := account.New(s.account(name, stun...))
	if err != nil {
		t.Fatal(err)
	}
	p, err := phone.New(phone.Options{Codecs: s.codecs, Version: "bench"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	p.SaveAccount(a, account.Secret{}, account.SecretSession, func(err error) {
		if err != nil {
			t.Error(err)
		}
	})
	peers.Until(t, startLimit, name+" to register", func() bool {
		s := p.State()
		return len(s.Accounts) == 1 && s.Accounts[0].Status == phone.StatusRegistered
	})
	return p
}

// silentSTUN is a STUN server that takes requests and never answers, as one behind a firewall.
func silentSTUN(t *testing.T) string {
	t.Helper()
	c, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return "stun:" + c.LocalAddr().String()
}

// measureClick: each time the first call of a new process, with nothing gathered in advance; and with the
// candidates gathered while the user types.
func measureClick(t *testing.T, r *row) {
	s, stun := startServer(t), silentSTUN(t)
	clicked := func(file string) time.Duration {
		p := run(t, command(t, nil, built(t, "calla-headless"), "call", robots.Echo, "--config", file, "--duration",
			"300ms", "--json"))
		took := member(t, p.result(t, startLimit), "invite_ms")
		_ = p.Wait(t, startLimit)
		return took
	}
	var plain, blind, typed times
	for file := s.config(t, "alice"); len(plain) < clicks; {
		plain = append(plain, clicked(file))
	}
	for file := s.config(t, "alice", stun); len(blind) < clicksBlind; {
		blind = append(blind, clicked(file))
	}
	for p := s.phone(t, "bob", stun); len(typed) < clicksBlind; {
		typed = append(typed, afterTyping(t, p))
	}
	r.add("no STUN: %s", plain)
	r.add("unreachable STUN: %s", blind)
	r.add("unreachable STUN, a second after the first key: %s", typed)
	r.peer(t, "JsSIP in Chromium", func(t *testing.T) string { return clickJsSIP(t, stun) })
}

// afterTyping calls a second after Prepare and returns how long the INVITE took.
func afterTyping(t *testing.T, p *phone.Phone) time.Duration {
	t.Helper()
	p.Prepare("")
	time.Sleep(time.Second) // the user typing
	p.Call("", p.ReadDialled("", robots.Echo).To, phone.CallOptions{})
	var call phone.CallState
	peers.Until(t, startLimit, "the call", func() bool {
		s := p.State()
		if len(s.Calls) == 1 {
			call = s.Calls[0]
		}
		return len(s.Calls) == 1 && call.Phase == phone.PhaseEstablished
	})
	p.HangUp(call.ID)
	peers.Until(t, startLimit, "the end of the call", func() bool { return len(p.State().Calls) == 0 })
	return call.Quality.InviteDelay
}

// clickJsSIP measures inside the page: from ua.call to the event that comes just before the INVITE.
func clickJsSIP(t *testing.T, stun string) string {
	k := peers.StartKamailio(t)
	page := peers.StartChromium(t).Open(t, "alice")
	page.Register(k.URL, "alice", k.Domain, k.Password, nil)
	call := func(servers ...any) time.Duration {
		page.Do("call", map[string]any{
			"target": "sip:nobody@" + k.Domain, "hz": 440,
			"iceServers": append([]any{}, servers...),
		})
		begun := page.Wait("calling", startLimit)
		sent := page.Wait("sending", 90*time.Second)
		page.Wait("failed", startLimit) // nobody is there
		return time.Duration((sent.At - begun.At) * float64(time.Millisecond))
	}
	var plain times
	for range 5 {
		plain = append(plain, call())
	}
	blind := times{call(map[string]any{"urls": stun})}
	return fmt.Sprintf("no STUN: %s; unreachable STUN: %s", plain, blind)
}

// measureAnswer: one built program with real sound devices takes call after call. A call is answered the moment it
// rings, by a line on standard input, and over when the 200 has reached the server's end of the WebSocket.
func measureAnswer(t *testing.T, r *row) {
	s, sound := startServer(t), peers.StartPulse(t)
	reached := make(chan time.Time, 16)
	accepted := sandbox.ReceivedStatus("INVITE", 200)
	stop := s.Observe(func(e sandbox.Event) {
		if accepted(e) && e.User == "bob" {
			select {
			case reached <- e.At:
			default:
			}
		}
	})
	defer stop()
	bob := run(t, command(t, sound.Env, built(t, "calla-headless"), "console", "--config", s.config(t, "bob")))
	bob.until(t, startLimit, "registration", holding("●"))
	alice := s.phone(t, "alice")
	var all times
	for range answers {
		for len(reached) > 0 {
			<-reached
		}
		alice.Call("", alice.ReadDialled("", "bob").To, phone.CallOptions{})
		bob.until(t, startLimit, "ringing", holding("← Call from"))
		begun := time.Now()
		if _, err := bob.in.Write([]byte("answer\n")); err != nil {
			t.Fatal(err)
		}
		select {
		case at := <-reached:
			all = append(all, at.Sub(begun))
		case <-time.After(startLimit):
			t.Fatalf("no 200; bob printed:\n%s", strings.Join(bob.said, "\n"))
		}
		bob.until(t, startLimit, "sound", holding("↔", "encrypted"))
		alice.HangUp(alice.State().Calls[0].ID)
		bob.until(t, startLimit, "the end of the call", holding("■"))
		peers.Until(t, startLimit, "the end of the call", func() bool { return len(alice.State().Calls) == 0 })
	}
	r.add("p99 %s, median %s (n = %d)", shown(all.quantile(0.99)), shown(all.quantile(0.5)), len(all))
}
