package console

import (
	"log/slog"
	"testing"
	"time"

	"calla/audio"
	"calla/phone"
	"calla/phone/cause"
	"calla/phone/robots"
	"calla/phone/words"
)

// TestTheSandboxTellsOfItsRobots: the phone's account at it has them all, each with what it does in words, and a call
// with one tells what is to be heard.
func TestTheSandboxTellsOfItsRobots(t *testing.T) {
	silent := slog.New(slog.DiscardHandler)
	p, err := phone.New(phone.Options{Codecs: audio.Codecs(), Sandbox: func() (phone.Sandbox, error) {
		return startSandbox(audio.Codecs(), silent)
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	states := make(chan phone.State, 1000)
	p.Subscribe(func(s phone.State) {
		select {
		case states <- s:
		default: // the test has ended
		}
	})
	until := func(what string, ok func(phone.State) bool) phone.State {
		t.Helper()
		deadline := time.After(30 * time.Second)
		for {
			select {
			case s := <-states:
				if ok(s) {
					return s
				}
			case <-deadline:
				t.Fatalf("never %s; last %+v", what, p.State())
			}
		}
	}
	p.StartSandbox(func(err error) {
		if err != nil {
			t.Error(err)
		}
	})
	s := until("registered", func(s phone.State) bool {
		return len(s.Accounts) == 1 && s.Accounts[0].Status == phone.StatusRegistered
	})
	if got, want := len(s.Accounts[0].Robots), len(robots.Names()); got != want {
		t.Errorf("%d robots, want %d", got, want)
	}
	said := map[string]string{}
	for _, r := range s.Accounts[0].Robots {
		words := words.English().Short(cause.Cause{Kind: r.Does})
		if words == "" || said[words] != "" {
			t.Errorf("%s does %q, as %q does", r.Name, words, said[words])
		}
		said[words] = r.Name
	}
	for robot, want := range map[string]cause.Kind{
		robots.Echo: cause.HearYourself, robots.Tone: cause.HearTone, robots.NoAnswer: "",
		robots.Hold: cause.HearYourself, robots.Message: cause.HearYourself,
	} {
		p.Call(phone.SandboxID, p.ReadDialled(phone.SandboxID, robot).To, phone.CallOptions{})
		s := until("a call with "+robot, func(s phone.State) bool { return len(s.Calls) == 1 })
		if got := s.Calls[0].Sounds; got != want || s.Calls[0].Address != robot {
			t.Errorf("%s at %s sounds as %q, want %q", robot, s.Calls[0].Address, got, want)
		}
		p.HangUp(s.Calls[0].ID)
		until("an end with "+robot, func(s phone.State) bool { return len(s.Calls) == 0 })
	}
}
