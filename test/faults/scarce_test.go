package faults

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"calla/test/peers"
)

// under is a call of 4 s to bob by the built program, started by a line of the shell that has it as "$@". Less than
// mostMadeUp % of the sound may be made up, on a machine that does nothing else.
func under(t *testing.T, line string, mostMadeUp float64) {
	t.Helper()
	s := startServer(t, "127.0.0.1:0")
	s.answering(t, "bob", "--tone", "1000")
	home := t.TempDir()
	args := []string{"-c", line, "sh", peers.Binary(t), "call", "bob", "--tone", "440", "--duration", "4s", "--json"}
	args = append(args, "--config", s.config(t, "alice", nil))
	cmd := exec.Command("sh", args...)
	cmd.Env = append(os.Environ(), "HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_RUNTIME_DIR="+home, "DISPLAY=",
		"DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent")
	p := peers.Start(t, cmd)
	_ = p.Wait(t, 3*patience) // others have the processor when they want it
	said := p.Output.String()
	if p.ExitCode() != 0 || !strings.Contains(said, `"ok":true`) {
		t.Errorf("ended with %d: %s", p.ExitCode(), said)
	}
	lasted := regexp.MustCompile(`"duration_ms":([0-9.]+)`).FindStringSubmatch(said)
	if lasted == nil {
		t.Fatalf("no duration: %s", said)
	}
	if ms, _ := strconv.ParseFloat(lasted[1], 64); ms < 3900 || ms > 7000 && soaking() {
		t.Errorf("a call of %v ms", ms)
	}
	madeUp := regexp.MustCompile(`"concealed_percent":([0-9.]+)`).FindStringSubmatch(said)
	if madeUp == nil {
		t.Fatalf("nothing of the sound: %s", said)
	}
	if percent, _ := strconv.ParseFloat(madeUp[1], 64); soaking() && percent >= mostMadeUp {
		t.Errorf("%v %% of the sound is made up", percent)
	}
}

// full is a call of the program in text whose profile is on a disk that has no room left.
func full(t *testing.T) {
	t.Helper()
	s := startServer(t, "127.0.0.1:0")
	s.answering(t, "bob", "--tone", "1000")
	profile := small(t)
	add := peers.RunPlain(t, nil, "account", "add", "--profile", profile, "--secret", "file", "--config",
		s.config(t, "alice", nil))
	if err := add.Wait(t, patience); err != nil {
		t.Fatalf("account add: %v: %s", err, add.Output)
	}
	kept := fill(t, profile)
	alice := peers.StartConsoleOf(t, profile)
	alice.WaitText("Registered", 1, patience)
	alice.Say("call bob")
	alice.WaitText("encrypted", 1, patience)
	time.Sleep(3 * time.Second)
	alice.Say("hangup")
	alice.WaitText("You hung up after", 1, patience)
	said := alice.Output.String()
	if n := strings.Count(said, "The disk is full"); n != 1 ||
		strings.Contains(strings.ToLower(said), "no space left") {
		t.Errorf("warned %d times: %s", n, said)
	}
	now, err := os.ReadFile(filepath.Join(profile, "accounts.json"))
	if err != nil || !bytes.Equal(now, kept) {
		t.Errorf("%v: the accounts were\n%s\nand are\n%s", err, kept, now)
	}
}

// fill leaves no room where a profile is, and returns its accounts.
func fill(t *testing.T, profile string) []byte {
	t.Helper()
	f, err := os.Create(filepath.Join(profile, "filler"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, size := range []int{4096, 1} {
		for err = nil; err == nil; {
			_, err = f.Write(make([]byte, size))
		}
	}
	accounts, err := os.ReadFile(filepath.Join(profile, "accounts.json"))
	if err != nil {
		t.Fatal(err)
	}
	return accounts
}

// TestF20WhatACallNeedsIsScarce: processor, files and room on the disk.
//
// Holds: faults
func TestF20WhatACallNeedsIsScarce(t *testing.T) {
	for _, v := range []struct {
		name string
		line string
		busy bool // another process has the same processor
	}{
		{"64 open files at most", `ulimit -n 64; exec "$@"`, false},
		{"32 open files at most", `ulimit -n 32; exec "$@"`, false},
		{"a processor shared with a busy process", `exec taskset -c 0 "$@"`, true},
		{"the lowest priority", `exec nice -n 19 "$@"`, false},
	} {
		fault{
			name: "F20", done: "in a call: " + v.name,
			required: "the call goes on and its duration is right, and with half a processor less than 1 % of its " +
				"sound is made up; nothing of the configuration is lost",
			quick: 1, beside: true,
		}.try(t, func(t *testing.T) time.Duration {
			if v.busy {
				peers.Need(t, "taskset")
				peers.Start(t, exec.Command("taskset", "-c", "0", "sh", "-c", "while :; do :; done"))
			}
			under(t, v.line, map[bool]float64{true: 1, false: 100}[v.busy])
			return 0
		})
	}
	fault{
		name: "F20", done: "in a call: the disk is full",
		required: "the call goes on, one warning tells of it, and nothing of the configuration is lost", quick: 1,
		beside: true,
	}.try(t, func(t *testing.T) time.Duration {
		full(t)
		return 0
	})
}

// small is a folder with room for 256 KiB, until the test ends.
func small(t *testing.T) string {
	t.Helper()
	if os.Geteuid() != 0 {
		peers.Missing(t, "a small file system needs root")
	}
	dir := filepath.Join(t.TempDir(), "profile")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	mount := exec.Command("mount", "-t", "tmpfs", "-o", "size=256k,mode=700", "none", dir)
	if out, err := mount.CombinedOutput(); err != nil {
		peers.Missing(t, "a small file system: "+string(out))
	}
	t.Cleanup(func() { _ = exec.Command("umount", dir).Run() })
	return dir
}
