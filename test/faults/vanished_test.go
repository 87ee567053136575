package faults

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"calla/netsip"
	"calla/phone/cause"
	"calla/test/peers"
)

// vanishing is one way in which a far end is gone, and says nothing.
type vanishing struct {
	name string
	far  string
	do   func(s *scene)
	deaf bool // nobody can be told anything any more
	ci   bool // not for soaking only, as the callee
	// left looks whether the far end has the call still, once near has not.
	left func(t *testing.T, s *scene)
}

// How long a far end is silent before the user is told, and how long the call is kept from then on.
const (
	toldWithin = 5 * time.Second
	keptFor    = time.Minute
)

// until waits until near tells that the far end is not heard, and then that the call is over, and why; it returns when
// it did so.
func (v vanishing) until(t *testing.T, m *moving) (told, ended time.Time) {
	t.Helper()
	for m.near.WaitFor("problem", patience)["cause"] != string(cause.Reconnecting) {
	}
	told = time.Now()
	e := m.near.WaitFor("ended", 2*keptFor)
	ended = time.Now()
	why, _ := e["problem"].(map[string]any)
	if e["cause"] != string(cause.NothingHeard) || !strings.Contains(fmt.Sprint(why["title"]), "no sound connection") {
		t.Errorf("ended for %v: %v", e["cause"], why)
	}
	return told, ended
}

// gone looks that nothing of the call is left: there was a BYE, the program ends, and the far end knows.
func (v vanishing) gone(t *testing.T, s *scene, m *moving) {
	t.Helper()
	r, code := m.near.Result(patience)
	if calls := fmt.Sprint(r["established"]); calls != "true" || code != 0 && code != 7 {
		t.Errorf("ended with %d: %v", code, r)
	}
	if ladder := m.near.Output.String(); !v.deaf && !strings.Contains(ladder, "BYE") {
		t.Errorf("no BYE was sent:\n%s", ladder)
	}
	if v.left != nil {
		v.left(t, s)
	}
}

// TestF23TheFarEndVanishes: it says nothing any more, and the server does not tell.
//
// Holds: faults
// Holds: ends-on-its-own
func TestF23TheFarEndVanishes(t *testing.T) {
	t.Parallel()
	for _, v := range []vanishing{
		{
			name: "it is killed", far: withCalla,
			do: func(s *scene) { s.far.(*callaFar).Signal(syscall.SIGKILL) },
		},
		{
			name: "it is frozen, and thawed when the call is over", far: withCalla, ci: true,
			do: func(s *scene) { s.far.(*callaFar).Signal(syscall.SIGSTOP) },
			left: func(t *testing.T, s *scene) {
				far := s.far.(*callaFar)
				far.Signal(syscall.SIGCONT)
				far.WaitFor("ended", patience)
			},
		},
		{
			name: "nothing of its sound arrives, for good", far: withKeeper,
			do: func(s *scene) { s.net.Drop("meta l4proto udp") },
			left: func(t *testing.T, s *scene) {
				far := s.far.(*keeper)
				far.until("to be told", func() bool { return far.now.State() == netsip.SessionEnded })
			},
		},
		{
			name: "its network is gone for good, and the server's", far: withCalla, deaf: true,
			do: func(s *scene) { s.net.Drop("ip saddr " + peers.FarAddress) },
		},
	} {
		for _, as := range []role{caller, callee} {
			var s *scene
			required := "it is told within 7 s that nothing is heard, and the call kept for a minute; then it ends " +
				"with a BYE, which is told and why, and nothing is left of it"
			if v.deaf {
				required = strings.Replace(required, "with a BYE", "all the same", 1)
			}
			fault{
				name: "F23", done: fmt.Sprintf("the far end vanishes: %s; %s, with %s", v.name, as, v.far),
				required: required, figure: "until the call ends",
				limit: keptFor + toldWithin + 3*time.Second, quick: 1, long: !v.ci || as == caller, beside: true,
				prepare: func(t *testing.T) { s = startScene(t, v.far) },
			}.try(t, func(t *testing.T) time.Duration {
				m := s.talk(t, as, 0)
				time.Sleep(time.Until(m.began.Add(before)))
				began := time.Now()
				v.do(s)
				told, ended := v.until(t, m)
				if took := told.Sub(began); took > toldWithin+2*time.Second && soaking() {
					t.Errorf("told after %v", took)
				}
				if kept := ended.Sub(told); kept < keptFor-5*time.Second {
					t.Errorf("kept for %v", kept)
				}
				v.gone(t, s, m)
				return ended.Sub(began)
			})
		}
	}
}
