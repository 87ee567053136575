package robots_test

import (
	"context"
	"math"
	"testing"
	"time"

	"calla/account"
	"calla/audio"
	"calla/netsip/config"
	"calla/netsip/sandbox"
	"calla/phone"
	"calla/phone/cause"
	"calla/phone/robots"
)

// limit bounds every wait: these calls go over real sockets.
const limit = time.Minute

// caller is a phone at a sandbox with robots.
type caller struct {
	*phone.Phone
	t      *testing.T
	states chan phone.State
	tone   *audio.ToneMeter
}

func newCaller(t *testing.T, speak audio.Source) *caller {
	t.Helper()
	users := map[string]string{"you": "secret"}
	for _, name := range robots.Names() {
		users[name] = "robot " + name
	}
	server := sandbox.New(sandbox.Options{Users: users})
	t.Cleanup(server.Close)
	if _, err := server.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	config := func(name string) config.Config {
		return config.Config{
			URI: "sip:" + name + "@" + server.Domain(), Password: config.Secret(users[name]),
			WSServers: []config.Server{{WSURI: server.URL()}}, StunServers: []string{},
		}
	}
	codecs := audio.Codecs()
	r, err := robots.Start(robots.Options{
		Account: config, Dial: server.Dial, Codecs: codecs,
		Formats: phone.Codecs(codecs),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	if err := r.Ready(ctx); err != nil {
		t.Fatal(err)
	}
	c := &caller{t: t, states: make(chan phone.State, 1000), tone: audio.NewToneMeter()}
	c.Phone, err = phone.New(phone.Options{Codecs: codecs, Speak: speak, Heard: []audio.Sink{c.tone}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	c.Subscribe(func(s phone.State) {
		select {
		case c.states <- s:
		default: // the test has ended
		}
	})
	a, err := account.New(config("you"))
	if err != nil {
		t.Fatal(err)
	}
	c.SaveAccount(a, account.Secret{}, account.SecretSession, func(err error) {
		if err != nil {
			t.Error(err)
		}
	})
	c.until("registered", func(s phone.State) bool {
		return len(s.Accounts) > 0 &&
			s.Accounts[0].Status == phone.StatusRegistered
	})
	return c
}

func (c *caller) until(what string, ok func(phone.State) bool) phone.State {
	c.t.Helper()
	deadline := time.After(limit)
	for {
		select {
		case s := <-c.states:
			if ok(s) {
				return s
			}
		case <-deadline:
			c.t.Fatalf("never %s; last %+v", what, c.State())
		}
	}
}

// talk calls a robot until it has answered. What it does then may come before the sound does.
func (c *caller) talk(robot string) phone.CallState {
	c.t.Helper()
	c.Call("", c.ReadDialled("", robot).To, phone.CallOptions{})
	s := c.until("connected with "+robot, func(s phone.State) bool {
		return len(s.Calls) > 0 && s.Calls[0].Phase == phone.PhaseEstablished
	})
	return s.Calls[0]
}

// hears waits until a tone of about this frequency has been heard for a while.
func (c *caller) hears(hz float64) {
	c.t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(limit); ; <-tick.C {
		got := c.tone.Reading()
		if math.Abs(got.Frequency-hz) < 5 && got.Seconds >= 0.75 {
			return
		}
		if time.Now().After(deadline) {
			c.t.Fatalf("hears %v, want %g Hz", got, hz)
		}
	}
}

func TestEchoSendsBackSoundAndDigits(t *testing.T) {
	c := newCaller(t, audio.NewToneSource(audio.Sine(600, -12)))
	call := c.talk(robots.Echo)
	c.hears(600)
	c.SendDTMF(call.ID, "5#")
	c.until("the digits' echo", func(s phone.State) bool { return len(s.Calls) > 0 && s.Calls[0].Heard == "5#" })
	c.HangUp(call.ID)
	c.until("ended", func(s phone.State) bool { return s.Ended != nil })
}

func TestToneSends440Hz(t *testing.T) {
	c := newCaller(t, nil)
	c.talk(robots.Tone)
	c.hears(robots.ToneHertz)
}

func TestBusyAndNoAnswer(t *testing.T) {
	c := newCaller(t, nil)
	c.Call("", c.ReadDialled("", robots.Busy).To, phone.CallOptions{})
	if e := c.until("ended", func(s phone.State) bool { return s.Ended != nil }).Ended; e.Cause.Kind != cause.Busy ||
		e.Code != 486 {
		t.Errorf("%+v", e)
	}
	c.Call("", c.ReadDialled("", robots.NoAnswer).To, phone.CallOptions{})
	s := c.until("ringing", func(s phone.State) bool {
		return len(s.Calls) > 0 &&
			s.Calls[0].Phase == phone.PhaseRinging
	})
	c.HangUp(s.Calls[0].ID)
	if e := c.until("cancelled", func(s phone.State) bool {
		return s.Ended != nil &&
			len(s.Calls) == 0
	}).Ended; e.Cause.Kind != cause.CancelledHere {
		t.Errorf("%+v", e)
	}
}

func TestHoldRobotHoldsAndResumes(t *testing.T) {
	c := newCaller(t, audio.NewToneSource(audio.Sine(600, -12)))
	call := c.talk(robots.Hold)
	c.until("held", func(s phone.State) bool { return len(s.Calls) > 0 && s.Calls[0].RemoteHeld })
	c.until("resumed", func(s phone.State) bool { return len(s.Calls) > 0 && !s.Calls[0].RemoteHeld })
	c.hears(600)
	c.HangUp(call.ID)
	c.until("ended", func(s phone.State) bool { return s.Ended != nil })
}

func TestTransferRobotHandsOverToEcho(t *testing.T) {
	c := newCaller(t, audio.NewToneSource(audio.Sine(600, -12)))
	c.talk(robots.Transfer)
	s := c.until("asked", func(s phone.State) bool { return len(s.Referrals) > 0 })
	c.AcceptReferral(s.Referrals[0].ID)
	c.until("with echo alone", func(s phone.State) bool {
		return len(s.Calls) == 1 && s.Calls[0].Address == robots.Echo && s.Calls[0].Active &&
			s.Calls[0].Phase == phone.PhaseEstablished
	})
	c.hears(600)
}

func TestForwardRobotNamesEcho(t *testing.T) {
	c := newCaller(t, nil)
	c.Call("", c.ReadDialled("", robots.Forward).To, phone.CallOptions{})
	e := c.until("redirected", func(s phone.State) bool { return s.Ended != nil }).Ended
	if e.Code != 302 || len(e.Redirect) != 1 || e.Redirect[0].Address != robots.Echo {
		t.Fatalf("%+v", e)
	}
	c.CallRedirect(e.Redirect[0].Address, false)
	c.until("with echo", func(s phone.State) bool {
		return len(s.Calls) == 1 && s.Calls[0].Address == robots.Echo && s.Calls[0].Phase == phone.PhaseEstablished
	})
}

func TestMessageRobotWritesBack(t *testing.T) {
	c := newCaller(t, nil)
	c.SendMessage("", robots.Message, "hello\nthere")
	c.until("answered", func(s phone.State) bool { return s.Messages.Unread == 1 })
	if m := c.Recent()[len(c.Recent())-1]; m.Text != "You wrote: hello\nthere" ||
		m.Address != robots.Message {
		t.Errorf("%+v", m)
	}
}
