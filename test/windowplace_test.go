package test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"calla/test/peers"
)

// TestTheWindowStandsWhereItWasLeft: the built program is moved, ended and started again, under window managers that
// place a window's frame each in its own way; it does not creep over the screen from start to start either.
func TestTheWindowStandsWhereItWasLeft(t *testing.T) {
	t.Parallel()
	for _, manager := range []string{"openbox", "metacity", "xfwm4"} {
		t.Run(manager, func(t *testing.T) {
			t.Parallel()
			d := peers.StartDesktop(t, 1280, 1000)
			d.StartWindowManager(t, manager)
			profile := filepath.Join(t.TempDir(), "profile")
			start := func() (*peers.Process, string) {
				cmd := exec.Command(peers.Binary(t), "--profile", profile)
				cmd.Env = append(append(os.Environ(), d.Env...), "DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent")
				program := peers.Start(t, cmd)
				return program, d.Window("Calla$", 60*time.Second)
			}
			end := func(program *peers.Process, window string) {
				t.Helper()
				d.Activate(window)
				d.Press("ctrl+q")
				_ = program.Wait(t, 30*time.Second)
			}
			program, window := start()
			resting(d, window)
			d.Move(window, 620, 210)
			x, y := resting(d, window)
			for n := range 2 {
				end(program, window)
				program, window = start()
				var nx, ny int
				peers.Until(t, 30*time.Second, "the window at its place", func() bool {
					nx, ny, _, _ = d.Geometry(window)
					return nx == x && ny == y
				})
				t.Logf("start %d: at %d, %d", n+2, nx, ny)
			}
			end(program, window)
		})
	}
}

// resting waits until a window has stood still for a second, and returns where.
func resting(d *peers.Desktop, window string) (x, y int) {
	x, y, _, _ = d.Geometry(window)
	for since := time.Now(); time.Since(since) < time.Second; time.Sleep(50 * time.Millisecond) {
		if nx, ny, _, _ := d.Geometry(window); nx != x || ny != y {
			x, y, since = nx, ny, time.Now()
		}
	}
	return x, y
}
