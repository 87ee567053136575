package console

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"calla/account"
	"calla/netsip/config"
)

// inFile writes a file and returns its path.
func inFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestForeignConfigurationIsLeftOutOnTheCommandLine: what a configuration wants of this computer is left out and told
// by name and value, unless this command line trusts it.
//
// Holds: foreign-configuration
func TestForeignConfigurationIsLeftOutOnTheCommandLine(t *testing.T) {
	for _, c := range []struct {
		name, calla string
		told        []string
	}{
		{"a command", `{log_command: 'logger -t calla'}`, []string{"calla.log_command: left out: it runs a command " +
			"on this computer: logger -t calla (--trust-config lets it)"}},
		{
			"a file to write", `{log_file: '/tmp/x'}`,
			[]string{"calla.log_file: left out: it writes a file on this computer: /tmp/x"},
		},
		{
			"a certificate and its key", `{client_certificate: '/c.pem', client_key: '/k.pem'}`,
			[]string{"calla.client_certificate: left out", "calla.client_key: left out"},
		},
		{"authorities", `{tls_ca: '/ca.pem'}`, []string{"calla.tls_ca: left out"}},
		{
			"all of it",
			`{tls_ca: '/ca.pem', log_file: '/l', log_command: 'x', client_certificate: '/c.pem', client_key: '/k.pem'}`,
			[]string{
				"calla.client_certificate", "calla.client_key", "calla.tls_ca", "calla.log_file",
				"calla.log_command",
			},
		},
		{
			"a command with the terminal's orders in it", "{log_command: 'x \\u202e'}",
			[]string{"calla.log_command: left out"},
		},
	} {
		for _, form := range []string{"script", "json"} {
			t.Run(c.name+", "+form, func(t *testing.T) {
				text := `var c = {uri: 'alice@example.com', ws_servers: 'wss://127.0.0.1:1', register: false, calla: ` +
					c.calla + `}; new JsSIP.UA(c);`
				if form == "json" {
					text = strings.NewReplacer("'", `"`, "{log_command:", `{"log_command":`, "log_command: ",
						`"log_command": `).Replace(
						`{"uri": "alice@example.com", "ws_servers": "wss://127.0.0.1:1", "register": false, "calla": ` +
							c.calla + `}`)
				}
				config, profile := inFile(t, text), t.TempDir()
				_, errs, code := ran(t, "", "--profile", profile, "account", "add", "--config", config, "--secret",
					"session")
				if code != ExitOK {
					t.Fatalf("exit code %d: %s", code, errs)
				}
				for _, want := range c.told {
					if !strings.Contains(errs, want) {
						t.Errorf("told %q, want %q", errs, want)
					}
				}
				accounts, _ := account.Read(profile)
				if left := account.LocalSettings(accounts[0].Config); len(left) != 0 {
					t.Errorf("taken over unasked: %+v", left)
				}
				_, errs, code = ran(t, "", "--profile", profile, "account", "add", "--config", config, "--secret",
					"session", "--trust-config")
				accounts, _ = account.Read(profile)
				if code != ExitOK || strings.Contains(errs, "left out") || len(accounts) != 2 ||
					len(account.LocalSettings(accounts[1].Config)) != len(c.told) {
					t.Errorf("trusted: exit code %d, %s, %d accounts", code, errs, len(accounts))
				}
				if out, _, code := ran(t, "", "--profile", profile, "account", "export",
					accounts[1].ID); code != ExitOK {
					t.Error("cannot be exported")
				} else if _, errs, _ := ran(t, out, "--profile", profile, "account", "add", "--config", "-", "--secret",
					"session"); !strings.Contains(errs, "left out") {
					t.Errorf("exported and imported again, it is not asked about: %s", errs)
				}
			})
		}
	}
}

// TestForeignCommandDoesNotRun: the program that it names is never started, by whatever subcommand.
//
// Holds: foreign-configuration
func TestForeignCommandDoesNotRun(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the command is a shell's")
	}
	for name, args := range map[string][]string{
		"register":  {"register"},
		"call":      {"call", "bob"},
		"message":   {"message", "send", "bob", "hello"},
		"options":   {"options", "bob"},
		"subscribe": {"subscribe", "presence", "bob", "--duration", "1s"},
	} {
		t.Run(name, func(t *testing.T) {
			marker := filepath.Join(t.TempDir(), "ran")
			config := inFile(t, `{"uri": "alice@example.com", "password": "x", "ws_servers": "ws://127.0.0.1:1", `+
				`"calla": {"log_command": "sh -c 'touch `+marker+`; cat >/dev/null'"}}`)
			_, errs, code := ran(t, "", append(args, "--config", config)...)
			if _, err := os.Stat(marker); err == nil || code != ExitConnect ||
				!strings.Contains(errs, "calla.log_command: left out") {
				t.Errorf("exit code %d, it ran: %t, %s", code, err == nil, errs)
			}
			if _, _, code := ran(t, "", append(args, "--config", config, "--trust-config")...); code != ExitConnect {
				t.Errorf("trusted: exit code %d", code)
			}
			if _, err := os.Stat(marker); err != nil {
				t.Error("trusted, and it did not run")
			}
		})
	}
}

// TestAccountListTellsADamagedFile: what is wrong, where, with exit code 1, again and again; and it works while the
// phone runs.
//
// Holds: account-file
func TestAccountListTellsADamagedFile(t *testing.T) {
	for _, c := range []struct {
		name   string
		spoil  func(t *testing.T, path string)
		code   int
		listed int
		told   string
	}{
		{"whole", func(*testing.T, string) {}, ExitOK, 2, ""},
		{
			"cut, with a backup", func(t *testing.T, path string) { cutFile(t, path) }, ExitInvalid, 1,
			"accounts.json, line",
		},
		{
			"cut, without one", func(t *testing.T, path string) { cutFile(t, path); _ = os.Remove(path + ".1") },
			ExitInvalid, 0, "is not whole",
		},
		{
			"empty", func(t *testing.T, path string) { _ = os.Truncate(path, 0); _ = os.Remove(path + ".1") },
			ExitInvalid,
			0, "accounts.json is empty",
		},
		{
			"gone, with a backup", func(t *testing.T, path string) { _ = os.Remove(path) }, ExitInvalid, 1,
			"accounts.json is gone",
		},
		{
			"a folder", func(t *testing.T, path string) { _ = os.Remove(path); _ = os.Mkdir(path, 0o700) }, ExitInvalid,
			1,
			"is a folder",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			profile := t.TempDir()
			store, _, err := account.Open(profile)
			if err != nil {
				t.Fatal(err)
			}
			var all []account.Account
			for _, uri := range []string{"sip:alice@example.com", "sip:bob@example.com"} {
				a, err := account.New(config.Config{URI: uri, WSServers: []config.Server{{WSURI: "wss://h"}}})
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, a)
				if err := store.Save(all); err != nil {
					t.Fatal(err)
				}
			}
			c.spoil(t, filepath.Join(profile, "accounts.json"))
			for _, running := range []bool{true, true, false} {
				if !running {
					_ = store.Close()
				}
				out, errs, code := ran(t, "", "--profile", profile, "account", "list", "--json")
				if code != c.code || strings.Count(out, "\n") != c.listed || !strings.Contains(errs, c.told) ||
					c.told == "" && errs != "" {
					t.Errorf("running %t: exit code %d, %s%s", running, code, out, errs)
				}
			}
		})
	}
}

func cutFile(t *testing.T, path string) {
	t.Helper()
	if err := os.Truncate(path, 200); err != nil {
		t.Fatal(err)
	}
}

// TestAccountExportCarriesNoIdentity: nor a password, unless each is asked for by name.
//
// Holds: export
func TestAccountExportCarriesNoIdentity(t *testing.T) {
	profile := t.TempDir()
	config := inFile(t, `{"uri": "alice@example.com", "password": "geheim", "ws_servers": "wss://h", `+
		`"display_name": "Älice", "turn_servers": {"urls": "turn:t", "username": "u", "credential": "geheim"}}`)
	if _, errs, code := ran(t, "", "--profile", profile, "account", "add", "--config", config, "--secret", "file",
		"--label", "Office"); code != ExitOK {
		t.Fatal(errs)
	}
	accounts, _ := account.Read(profile)
	for _, c := range []struct {
		name              string
		args              []string
		secrets, identity bool
	}{
		{"as it is", nil, false, false},
		{"json", []string{"--form", "json"}, false, false},
		{"jssip-0.4", []string{"--form", "jssip-0.4"}, false, false},
		{"jssip-3", []string{"--form", "jssip-3"}, false, false},
		{"jssip-3-json", []string{"--form", "jssip-3-json"}, false, false},
		{"with passwords", []string{"--with-passwords"}, true, false},
		{"with the identity", []string{"--with-instance-id", "--form", "jssip-3"}, false, true},
		{"with both", []string{"--with-passwords", "--with-instance-id"}, true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, errs, code := ran(t, "", append([]string{"--profile", profile, "account", "export", "Office"},
				c.args...)...)
			if code != ExitOK || strings.Contains(out, "geheim") != c.secrets ||
				strings.Contains(out, accounts[0].Config.InstanceID) != c.identity ||
				strings.Contains(out, accounts[0].ID) || !strings.Contains(out, "Älice") {
				t.Errorf("exit code %d, %s%s", code, out, errs)
			}
			var checked struct{ OK bool }
			if answer, _, _ := ran(t, out, "config", "check", "-"); json.Unmarshal([]byte(answer), &checked) != nil ||
				!checked.OK && c.secrets {
				t.Errorf("it cannot be read again: %s", answer)
			}
		})
	}
}
