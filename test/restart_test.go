package test

import (
	"os"
	"strconv"
	"testing"
	"time"

	"calla/test/peers"
)

// TestCallsOutliveTheServer kills Kamailio with a call up and starts it again: the call goes on, and when the far
// end hangs up after that, we are told. CALLA_RESTARTS is how often each kind is tried.
func TestCallsOutliveTheServer(t *testing.T) {
	times := 3
	if v := os.Getenv("CALLA_RESTARTS"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil {
			t.Fatalf("CALLA_RESTARTS: %v", err)
		}
		times = n
	}
	chromium := peers.StartChromium(t)
	for _, c := range []struct {
		name  string
		start func(testing.TB) *peers.Kamailio
		far   func(*testing.T, *rig, int) farEnd
	}{
		{"CallaByGRUU", peers.StartKamailio, farCalla},
		{"CallaWithoutGRUU", peers.StartPlainKamailio, farCalla},
		{"JsSIPByGRUU", peers.StartKamailio, farJsSIP},
		{"JsSIPWithoutGRUU", peers.StartPlainKamailio, farJsSIP},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &rig{Kamailio: c.start(t), chromium: chromium}
			for i := range times {
				if !t.Run(strconv.Itoa(i+1), func(t *testing.T) { outlive(t, r, c.far(t, r, i)) }) {
					return
				}
			}
		})
	}
}

// farEnd is who is called: by name; what it takes to be back, and to hang up.
type farEnd struct {
	name       string
	answer     func()
	registered func()
	hangUp     func()
}

func outlive(t *testing.T, r *rig, far farEnd) {
	calla := peers.Run(t, nil, "call", far.name, "--config", r.config(t, "alice", nil), "--tone", "440")
	far.answer()
	for calla.WaitFor("call", 30*time.Second)["phase"] != "established" {
	}
	r.Kill(t)
	for calla.WaitFor("account", 30*time.Second)["status"] != "retrying" {
	}
	r.Restart(t)
	waitRegistered(t, calla)
	far.registered()
	far.hangUp()
	if e := calla.WaitFor("ended", 30*time.Second); e["code"] != nil && e["code"] != 0.0 {
		t.Errorf("the call ended with %v", e)
	}
	wantResult(t, calla, 0, map[string]any{"ok": true, "lost": 0.0})
}

func farCalla(t *testing.T, r *rig, i int) farEnd {
	name := "carol" + strconv.Itoa(i)
	phone := peers.StartConsole(t, r.config(t, name, nil))
	phone.WaitText("Registered", 1, 30*time.Second)
	return farEnd{
		name: name,
		answer: func() {
			phone.WaitText("Call from", 1, 30*time.Second)
			phone.Say("answer")
		},
		registered: func() { phone.WaitText("Registered", 2, 40*time.Second) },
		hangUp:     func() { phone.Say("hangup") },
	}
}

func farJsSIP(t *testing.T, r *rig, i int) farEnd {
	name := "bob" + strconv.Itoa(i)
	page := r.chromium.Open(t, name)
	page.Register(r.URL, name, r.Domain, r.Password, nil)
	return farEnd{
		name: name,
		answer: func() {
			page.Wait("incoming", 30*time.Second)
			page.Do("answer", map[string]any{"hz": 1000})
			page.Wait("confirmed", 30*time.Second)
		},
		registered: func() { page.Wait("registered", 40*time.Second) },
		hangUp:     func() { page.Do("hangup", nil) },
	}
}
