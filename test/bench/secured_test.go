package bench

import (
	"strings"
	"testing"
	"time"

	"calla/account"
	"calla/audio"
	"calla/audio/opus"
	"calla/netsip/config"
	"calla/netsip/trace"
	"calla/phone"
	"calla/test/peers"
)

// securedCalls is how many calls show how long a call takes from its 200 to its encryption.
const securedCalls = 20

// measureSecured: from the 200 of a call with JsSIP in Chromium, as it reaches or leaves Calla, to the end of the DTLS
// handshake; beside it the same between two pages of one browser, from when the caller has taken the 200.
func measureSecured(t *testing.T, r *row) {
	k, browser := peers.StartKamailio(t), peers.StartChromium(t)
	page := browser.Open(t, "bob")
	page.Do("plain", nil)
	page.Register(k.URL, "bob", k.Domain, k.Password, nil)
	wire := trace.New(1000, 1<<20)
	p := tracedPhone(t, k, wire)
	one := func(begin, answer func()) time.Duration {
		seen := wire.Subscribe(false)
		begin()
		answer()
		for limit := time.Now().Add(startLimit); !encrypted(p); time.Sleep(time.Millisecond) {
			if time.Now().After(limit) {
				t.Fatalf("no encryption: %+v", p.State().Calls)
			}
		}
		took := time.Since(accepted(t, seen))
		p.HangUp(p.State().Calls[0].ID)
		page.Wait("ended", startLimit)
		peers.Until(t, startLimit, "the end of the call", func() bool { return len(p.State().Calls) == 0 })
		return took
	}
	var calling, called times
	for range securedCalls {
		calling = append(calling, one(
			func() { p.Call("", p.ReadDialled("", "bob").To, phone.CallOptions{}) },
			func() { page.Wait("incoming", startLimit); page.Do("answer", map[string]any{"hz": 1000}) }))
		called = append(called, one(
			func() { page.Do("call", map[string]any{"target": "sip:alice@" + k.Domain, "hz": 1000}) },
			func() {
				peers.Until(t, startLimit, "ringing", func() bool { return len(p.State().Calls) == 1 })
				p.Answer(p.State().Calls[0].ID)
			}))
	}
	r.add("calling: %s", calling)
	r.add("called: %s", called)
	r.peer(t, "JsSIP calling JsSIP", func(t *testing.T) string {
		other := browser.Open(t, "carol")
		other.Do("plain", nil)
		other.Register(k.URL, "carol", k.Domain, k.Password, nil)
		var all times
		for range securedCalls {
			other.Do("call", map[string]any{"target": "sip:bob@" + k.Domain, "hz": 440})
			page.Wait("incoming", startLimit)
			page.Do("answer", map[string]any{"hz": 1000})
			begun := other.Wait("accepted", startLimit)
			all = append(all, time.Duration((other.Wait("secured", startLimit).At-begun.At)*float64(time.Millisecond)))
			other.Do("hangup", nil)
			page.Wait("ended", startLimit)
		}
		return all.String()
	})
}

func encrypted(p *phone.Phone) bool {
	calls := p.State().Calls
	return len(calls) == 1 && calls[0].Encrypted
}

// accepted is when the 200 of an INVITE went over the wire.
func accepted(t *testing.T, seen *trace.Subscription) time.Time {
	t.Helper()
	for {
		e, _, ok := seen.Take()
		if !ok {
			t.Fatal("encrypted without a 200")
		}
		if strings.HasPrefix(e.Text, "SIP/2.0 200") && strings.Contains(e.Text, "INVITE\r\n") {
			return e.Time
		}
	}
}

// tracedPhone is a phone of Kamailio's alice in this process.
func tracedPhone(t *testing.T, k *peers.Kamailio, wire *trace.Trace) *phone.Phone {
	t.Helper()
	best, err := opus.Load()
	if err != nil {
		t.Fatal(err)
	}
	a, err := account.New(config.Config{
		URI: "sip:alice@" + k.Domain, Password: config.Secret(k.Password), StunServers: []string{},
		WSServers: []config.Server{{WSURI: k.URL}},
	})
	if err != nil {
		t.Fatal(err)
	}
	p, err := phone.New(phone.Options{Codecs: audio.Codecs(best), Version: "bench", Trace: wire})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	p.SaveAccount(a, account.Secret{}, account.SecretSession, func(err error) {
		if err != nil {
			t.Error(err)
		}
	})
	peers.Until(t, startLimit, "alice to register", func() bool {
		s := p.State()
		return len(s.Accounts) == 1 && s.Accounts[0].Status == phone.StatusRegistered
	})
	return p
}
