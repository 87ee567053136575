package faults

import (
	"fmt"
	"math"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"calla/audio"
	"calla/test/peers"
)

// role is what the phone whose network changes is in the call.
type role string

const (
	caller role = "caller"
	callee role = "callee"
	onHold role = "on hold"
)

// moving is a call between a phone whose network changes, near, and one whose does not, far: each sends a tone and
// records what it hears.
type moving struct {
	t                   *testing.T
	net                 *peers.Network
	server              *peers.Calla
	near, far           *peers.Calla
	nearHears, farHears string // files
	began               time.Time
	users               map[string]any
}

// startMoving has the two talk over link 1.
func startMoving(t *testing.T, as role, nearMore ...string) *moving {
	t.Helper()
	m := &moving{t: t, net: peers.StartNetwork(t)}
	m.net.Link(1)
	m.server = peers.RunAt(t, m.net.Far, nil, "sandbox", "--listen", peers.FarAddress+":5443", "--user", "near,far")
	m.users = m.server.WaitFor("listening", patience)
	dir := t.TempDir()
	m.nearHears, m.farHears = filepath.Join(dir, "near.wav"), filepath.Join(dir, "far.wav")
	nearArgs := append([]string{"--config", m.config("near"), "--tone", "440", "--record", m.nearHears}, nearMore...)
	farArgs := []string{"--config", m.config("far"), "--tone", "1000", "--record", m.farHears}
	if as == onHold {
		nearArgs = append(nearArgs, "--hold-after", "1s", "--hold-for", "10s")
	}
	if as == callee {
		m.near = peers.RunAt(t, m.net.Near, nil, append([]string{"answer"}, nearArgs...)...)
		waitAccount(m.near, "registered")
		m.far = peers.RunAt(t, m.net.Far, nil, append([]string{"call", "near"}, farArgs...)...)
	} else {
		m.far = peers.RunAt(t, m.net.Far, nil, append([]string{"answer"}, farArgs...)...)
		waitAccount(m.far, "registered")
		m.near = peers.RunAt(t, m.net.Near, nil, append([]string{"call", "far"}, nearArgs...)...)
	}
	waitCall(m.near, "established")
	waitCall(m.far, "established")
	m.began = time.Now()
	return m
}

// config writes the configuration of a user of the sandbox in the far namespace.
func (m *moving) config(name string) string {
	for _, u := range m.users["users"].([]any) {
		if u := u.(map[string]any); u["name"] == name {
			return configuration(m.t, name, m.users["domain"].(string), u["password"].(string), m.users["url"].(string),
				nil)
		}
	}
	m.t.Fatalf("no user %s in %v", name, m.users)
	return ""
}

func waitAccount(c *peers.Calla, status string) {
	for c.WaitFor("account", patience)["status"] != status {
	}
}

func waitCall(c *peers.Calla, phase string) {
	for c.WaitFor("call", patience)["phase"] != phase {
	}
}

// hang has the near phone hang up, and returns the longest silence that either end heard before that and after it
// first heard the other. What is concealed counts as heard.
func (m *moving) hang() time.Duration {
	m.t.Helper()
	m.near.Signal(syscall.SIGINT)
	for _, c := range []*peers.Calla{m.near, m.far} {
		if r, code := c.Result(patience); code != 0 && code != 7 {
			m.t.Errorf("ended with %d: %v", code, r)
		}
	}
	atNear, atFar := silence(m.t, m.nearHears, 1000), silence(m.t, m.farHears, 440)
	m.t.Logf("silent for %v at the near end, %v at the far end", atNear, atFar)
	return max(atNear, atFar)
}

// hears tells whether the end of a recording, of a second's length, holds a tone.
func hears(file string, hz float64) bool {
	pcm, err := audio.ReadWAVFile(file)
	if err != nil || len(pcm) < audio.SampleRate {
		return false
	}
	tone := audio.MeasureTone(pcm[len(pcm)-audio.SampleRate:])
	return math.Abs(tone.Frequency-hz) < hz*0.02
}

// silence is the longest time that a recording is silent in after the first sound. At its end there must be some.
func silence(t *testing.T, file string, hz float64) time.Duration {
	t.Helper()
	pcm, err := audio.ReadWAVFile(file)
	if err != nil {
		t.Fatal(err)
	}
	longest, run, frames, loud := 0, 0, 0, 0
	begun := false
	for len(pcm) >= audio.FrameSamples {
		sum := 0.0
		for _, v := range pcm[:audio.FrameSamples] {
			sum += float64(v) * float64(v)
		}
		pcm = pcm[audio.FrameSamples:]
		frames++
		if math.Sqrt(sum/audio.FrameSamples) > 200 { // −44 dBFS
			if begun {
				longest = max(longest, run)
			}
			begun, run = true, 0
			loud++
		} else {
			run++
		}
	}
	if run > 50 { // it did not come back: less than that may be the end itself
		longest = max(longest, run)
		t.Errorf("%s: silent for the last %v", filepath.Base(file), time.Duration(run)*10*time.Millisecond)
	}
	if loud < 100 {
		t.Errorf("%s: %v of %v Hz in %d frames heard", filepath.Base(file), time.Duration(loud)*10*time.Millisecond, hz,
			frames)
	}
	return time.Duration(longest) * 10 * time.Millisecond
}

// TestF09MakeBeforeBreak: a second network is there before the first one goes.
//
// Holds: faults
func TestF09MakeBeforeBreak(t *testing.T) {
	for _, v := range []struct {
		name string
		as   role
	}{
		{"as the caller", caller}, {"as the callee", callee},
	} {
		fault{
			name: "F09", done: "another network, and 2 s later the first one goes, " + v.name,
			required: "silent for at most 0.3 s", figure: "the longest silence that either end heard",
			limit: 300 * time.Millisecond, quick: 1,
		}.try(t, func(t *testing.T) time.Duration {
			m := startMoving(t, v.as)
			time.Sleep(2 * time.Second)
			m.net.Link(2)
			time.Sleep(2 * time.Second)
			m.net.Unlink(1)
			time.Sleep(8 * time.Second)
			return m.hang()
		})
	}
}

// TestF10BreakBeforeMake: the network goes, and is back another.
//
// Holds: faults
// Holds: sound-returns
func TestF10BreakBeforeMake(t *testing.T) {
	const second = time.Second
	for _, v := range []struct {
		name  string
		as    role
		away  time.Duration
		do    func(m *moving)
		limit time.Duration
	}{
		{"the first network goes, another is there 1 s later, as the caller", caller, second, func(m *moving) {
			m.net.Unlink(1)
			time.Sleep(second)
			m.net.Link(2)
		}, 2 * second},
		{"the first network goes, another is there 1 s later, as the callee", callee, second, func(m *moving) {
			m.net.Unlink(1)
			time.Sleep(second)
			m.net.Link(2)
		}, 2 * second},
		{"another address, as the caller", caller, 0, func(m *moving) { m.net.Readdress(1, 77) }, 2 * second},
		{"another address, as the callee", callee, 0, func(m *moving) { m.net.Readdress(1, 77) }, 2 * second},
		{"the link down for 2 s, its address kept, as the caller", caller, 2 * second, func(m *moving) {
			m.net.Down(1)
			time.Sleep(2 * second)
			m.net.Up(1)
		}, 2500 * time.Millisecond},
		{"the link down for 2 s, its address kept, as the callee", callee, 2 * second, func(m *moving) {
			m.net.Down(1)
			time.Sleep(2 * second)
			m.net.Up(1)
		}, 2500 * time.Millisecond},
	} {
		fault{
			name: "F10", done: v.name, required: fmt.Sprintf("heard both ways %v after it is back", v.limit),
			figure: "the longest silence that either end heard, without the network's own", limit: v.limit, quick: 1,
		}.try(t, func(t *testing.T) time.Duration {
			m := startMoving(t, v.as)
			time.Sleep(2 * time.Second)
			v.do(m)
			time.Sleep(10 * time.Second)
			return m.hang() - v.away
		})
	}
	fault{
		name: "F10", done: "another address while the call is on hold",
		required: "heard both ways 2 s after the resuming",
		figure:   "from the resuming to the sound at both ends", limit: 2 * second, quick: 1,
	}.try(t, func(t *testing.T) time.Duration {
		m := startMoving(t, onHold) // from 1 s to 11 s
		time.Sleep(3 * time.Second)
		m.net.Readdress(1, 77)
		resumed := m.began.Add(11 * time.Second)
		time.Sleep(time.Until(resumed.Add(-500 * time.Millisecond)))
		var at time.Time
		peers.Until(t, patience, "both to hear", func() bool {
			at = time.Now()
			return hears(m.farHears, 440) && hears(m.nearHears, 1000)
		})
		m.hang()
		return max(0, at.Sub(resumed)-time.Second) // a second of it was heard
	})
}

// TestF11TheMediaPathDies while signalling goes on.
//
// Holds: faults
// Holds: sound-returns
func TestF11TheMediaPathDies(t *testing.T) {
	for _, v := range []struct {
		name string
		as   role
		away time.Duration
		long bool
	}{
		{"for 1 s, as the caller", caller, time.Second, false},
		{"for 12 s, as the caller", caller, 12 * time.Second, false},
		{"for 12 s, as the callee", callee, 12 * time.Second, false},
		{"for 5 s", caller, 5 * time.Second, true},
		{"for 20 s", caller, 20 * time.Second, true},
		{"for 40 s", caller, 40 * time.Second, true},
	} {
		fault{
			name: "F11", done: "no UDP " + v.name, required: "heard both ways within 1 s of its return; the call stays",
			figure: "the longest silence that either end heard, without the network's own", limit: time.Second,
			quick: 1, long: v.long, soak: map[bool]int{true: 5}[v.away > 12*time.Second],
		}.try(t, func(t *testing.T) time.Duration {
			m := startMoving(t, v.as)
			time.Sleep(2 * time.Second)
			m.net.Drop("meta l4proto udp")
			time.Sleep(v.away)
			m.net.Heal()
			time.Sleep(6 * time.Second)
			return m.hang() - v.away
		})
	}
}

// TestF23ThePeerVanishes: its program dies, and says nothing.
//
// Holds: faults
// Holds: ends-on-its-own
func TestF23ThePeerVanishes(t *testing.T) {
	for _, v := range []struct {
		name string
		do   func(m *moving)
	}{
		{"killed", func(m *moving) { m.far.Signal(syscall.SIGKILL) }},
		{"its network is gone for good", func(m *moving) { m.net.Drop("ip saddr " + peers.FarAddress) }},
	} {
		fault{
			name: "F23", done: "the far end vanishes: " + v.name,
			required: "the call ends after 30 to 65 s, with a BYE",
			figure:   "until the call ends", limit: 65 * time.Second, long: true, soak: 3,
		}.try(t, func(t *testing.T) time.Duration {
			m := startMoving(t, caller)
			time.Sleep(2 * time.Second)
			began := time.Now()
			v.do(m)
			m.near.WaitFor("ended", 2*time.Minute)
			took := time.Since(began)
			if took < 15*time.Second {
				t.Errorf("given up after %v", took)
			}
			return took
		})
	}
}
