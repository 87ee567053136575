package bench

import (
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"calla/test/peers"
)

const (
	startRuns    = 15
	windowRuns   = 7
	chromiumRuns = 3
	startLimit   = 20 * time.Second
)

// measureStart: Calla and baresip in turns, so that both meet the same machine.
func measureStart(t *testing.T, r *row) {
	k := peers.StartKamailio(t)
	file := configFile(t, k, "alice")
	var headless, headlessOwn, window, windowOwn, other times
	register := func(name string) (outside, own time.Duration) {
		p := run(t, command(t, nil, built(t, name), "register", "--config", file, "--json"))
		outside = p.until(t, startLimit, "registration", holding(`"event":"account"`, `"status":"registered"`)).at
		own = member(t, p.result(t, startLimit), "registered_ms")
		_ = p.Wait(t, startLimit)
		return outside, own
	}
	for range startRuns {
		outside, own := register("calla-headless")
		headless, headlessOwn = append(headless, outside), append(headlessOwn, own)
		outside, own = register("calla")
		window, windowOwn = append(window, outside), append(windowOwn, own)
		if installed("baresip") {
			p := run(t, baresip(t, k, "bob", baresipRegisters))
			other = append(other, p.until(t, startLimit, "200 OK", holding("200 OK")).at)
			p.Stop()
		}
	}
	r.add("%s; as the program tells it %s", headless, shown(headlessOwn.quantile(0.5)))
	r.add("the program with the window, `register`: %s; tells %s", window, shown(windowOwn.quantile(0.5)))
	if len(other) > 0 {
		r.also("baresip: %s", other)
	} else {
		r.also("baresip: not installed")
	}
	r.peer(t, "JsSIP in Chromium, browser start included", func(t *testing.T) string {
		var all times
		for range chromiumRuns {
			t.Run("start", func(t *testing.T) { // ends the browser
				begun := time.Now()
				page := peers.StartChromium(t).Open(t, "carol")
				page.Register(k.URL, "carol", k.Domain, k.Password, nil)
				all = append(all, time.Since(begun))
			})
		}
		return all.String()
	})
}

// profile stores an account of Kamailio, the password in a file, and returns the folder.
func profile(t *testing.T, k *peers.Kamailio, user string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "profile")
	add := command(t, nil, built(t, "calla"), "--profile", dir, "account", "add", "--config", configFile(t, k, user),
		"--secret", "file")
	if out, err := add.CombinedOutput(); err != nil {
		t.Fatalf("account add: %v: %s", err, out)
	}
	return dir
}

// measureWindow: Calla and Fyne's empty window in turns.
func measureWindow(t *testing.T, r *row) {
	k, d, sound := peers.StartKamailio(t), peers.StartDesktop(t, 1280, 800), peers.StartPulse(t)
	dir := profile(t, k, "alice")
	empty := emptyWindow(t)
	env := append(d.Env, sound.Env...)
	var shownAt, registeredAt, emptyAt times
	for range windowRuns {
		p := run(t, command(t, env, built(t, "calla"), "--profile", dir, "--log", "info"))
		var window, registered time.Duration
		for window == 0 || registered == 0 {
			l := p.until(t, startLimit, "window and registration", func(text string) bool {
				return holding(`msg="window shown"`)(text) || holding("msg=registered")(text)
			})
			if holding("msg=registered")(l.text) {
				registered = l.at
			} else {
				window = l.at
			}
		}
		p.end(t)
		shownAt, registeredAt = append(shownAt, window), append(registeredAt, registered)
		p = run(t, command(t, d.Env, empty))
		emptyAt = append(emptyAt, p.until(t, startLimit, "window", holding("shown")).at)
		p.end(t)
	}
	r.add("shown %s", shownAt)
	r.add("registered %s", registeredAt)
	r.also("Fyne's empty window: %s", emptyAt)
}

// emptyWindow builds the least that a Fyne program can be.
func emptyWindow(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "emptywindow")
	cmd := exec.Command("go", "build", "-trimpath", "-o", file, "./emptywindow")
	cmd.Dir = filepath.Join(peers.Root(t), "test", "compare")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build emptywindow: %v: %s", err, out)
	}
	return file
}
