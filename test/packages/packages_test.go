// Package packages starts the packaged programs, as their users would: unpacked in a clean folder, the Windows one
// under Wine. "make test-packages" makes the packages and runs it.
package packages

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"calla/test/peers"
)

// program is a packaged program and how to run it.
type program struct {
	command []string // what the arguments follow
	env     []string
	profile string // folder of its accounts
}

// run runs a subcommand to its end and returns its JSON lines and exit code.
func (p program) run(t *testing.T, args ...string) (lines []map[string]any, code int) {
	t.Helper()
	args = append(append(p.command[1:len(p.command):len(p.command)], "--profile", p.profile), args...)
	cmd := exec.Command(p.command[0], args...)
	cmd.Env = p.env
	var out bytes.Buffer
	cmd.Stdout = &out
	process := peers.Start(t, cmd)
	_ = process.Wait(t, 2*time.Minute)
	for line := range strings.Lines(out.String()) {
		var object map[string]any
		if err := json.Unmarshal([]byte(line), &object); err != nil {
			t.Fatalf("calla %v printed %q", args, line)
		}
		lines = append(lines, object)
	}
	return lines, cmd.ProcessState.ExitCode()
}

// last runs a subcommand that must succeed and returns its last JSON line.
func (p program) last(t *testing.T, args ...string) map[string]any {
	t.Helper()
	lines, code := p.run(t, args...)
	if code != 0 || len(lines) == 0 {
		t.Fatalf("calla %v: exit code %d, printed %v", args, code, lines)
	}
	return lines[len(lines)-1]
}

// checkVersion: the program says the version of FyneApp.toml.
func (p program) checkVersion(t *testing.T) {
	t.Helper()
	cmd := exec.Command(p.command[0], append(p.command[1:len(p.command):len(p.command)], "--version")...)
	cmd.Env = p.env
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if want := "Calla " + version(t); strings.TrimSpace(string(out)) != want {
		t.Errorf("--version prints %q, want %q", out, want)
	}
}

// checkDemo: it registers at the sandbox inside and hears its echo, over Opus.
func (p program) checkDemo(t *testing.T) {
	t.Helper()
	result := p.last(t, "demo", "--json")
	tone, _ := result["tone_hz"].(float64)
	if result["ok"] != true || result["codec"] != "opus" || math.Abs(tone-440) > 5 {
		t.Errorf("demo: %v", result)
	}
	t.Logf("registered after %v ms, call set up in %v ms, %s, %.1f Hz back at %v dBFS",
		result["registered_ms"], result["setup_ms"], result["codec"], tone, result["level_dbfs"])
}

// checkKeyring: a password given once is kept by the system, in no file of the profile, and registers a later run;
// it is gone after its account is removed.
func (p program) checkKeyring(t *testing.T) {
	t.Helper()
	server := peers.Run(t, nil, "sandbox", "--listen", "127.0.0.1:0").WaitFor("listening", 20*time.Second)
	user := server["users"].([]any)[0].(map[string]any)
	password := user["password"].(string)
	dir := t.TempDir()
	config, secret := filepath.Join(dir, "config.json"), filepath.Join(dir, "password")
	text, err := json.Marshal(map[string]any{
		"uri": user["uri"], "ws_servers": server["url"],
		"stun_servers": []string{},
	})
	if err != nil {
		t.Fatal(err)
	}
	write(t, config, text)
	write(t, secret, []byte(password+"\n"))

	added := p.last(t, "account", "add", "--config", config, "--password-file", secret, "--json")
	if added["secret"] != "keyring" {
		t.Fatalf("the password is kept in %v, not in the keyring", added["secret"])
	}
	if err := os.Remove(secret); err != nil {
		t.Fatal(err)
	}
	if result := p.last(t, "register", "--json"); result["ok"] != true || result["status"] != "registered" {
		t.Errorf("with the stored password: %v", result)
	}
	id := added["id"].(string)
	if listed := p.last(t, "account", "list", "--json"); listed["id"] != id || listed["secret"] != "keyring" {
		t.Errorf("listed as %v", listed)
	}
	files := 0
	err = filepath.WalkDir(p.profile, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		content, err := os.ReadFile(path)
		if bytes.Contains(content, []byte(password)) {
			t.Errorf("%s holds the password", path)
		}
		return err
	})
	if err != nil || files == 0 {
		t.Errorf("%d files in the profile: %v", files, err)
	}

	p.last(t, "account", "remove", id, "--json")
	added = p.last(t, "account", "add", "--config", config, "--secret", "session", "--json")
	if lines, code := p.run(t, "register", "--json"); code == 0 {
		t.Errorf("registered without a password: %v", lines)
	}
	p.last(t, "account", "remove", added["id"].(string), "--json")
}

// checkWindow: the window shows, and is photographed into build.
func (p program) checkWindow(t *testing.T, desktop *peers.Desktop, picture string) {
	t.Helper()
	cmd := exec.Command(p.command[0], append(p.command[1:len(p.command):len(p.command)], "--profile", p.profile)...)
	cmd.Env = append(p.env, desktop.Env...)
	started := time.Now()
	window := peers.Start(t, cmd)
	id := desktop.Window("^Calla", time.Minute)
	shown := time.Since(started)
	// A window is drawn a moment after it is mapped: wait until it is more than one colour.
	file := filepath.Join(peers.Root(t), "build", picture)
	peers.Until(t, 30*time.Second, "the window to be drawn", func() bool {
		desktop.Screenshot(id, file)
		out, err := exec.Command("identify", "-format", "%k", file).Output()
		return err == nil && len(strings.TrimSpace(string(out))) > 1 // ten colours and more
	})
	if window.Exited() {
		t.Error("the program ended")
	}
	t.Logf("window after %v, %s", shown.Round(10*time.Millisecond), file)
	window.Stop()
}

func write(t *testing.T, file string, content []byte) {
	t.Helper()
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// version is FyneApp.toml's.
func version(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(peers.Root(t), "FyneApp.toml"))
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`(?m)^Version = "(.*)"$`).FindSubmatch(content)
	if m == nil {
		t.Fatal("FyneApp.toml has no version")
	}
	return string(m[1])
}

// unpack unpacks a package of build into a clean folder and returns the folder inside it.
func unpack(t *testing.T, system, ending string, command ...string) string {
	t.Helper()
	if os.Getenv("CALLA_PACKAGES") == "" {
		t.Skip("the packages are not asked for: make test-packages")
	}
	name := "Calla-" + version(t) + "-" + system
	archive := filepath.Join(peers.Root(t), "build", name+ending)
	if _, err := os.Stat(archive); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cmd := exec.Command(command[0], append(command[1:], archive)...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v: %s", cmd, err, out)
	}
	return filepath.Join(dir, name)
}
