package account

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// lined is a whole account file whose lines are known: the accounts stand in lines 6 and 10.
func lined(t *testing.T) []byte {
	t.Helper()
	return []byte(`{
  "format": 1,
  "saved": "2026-03-04T05:06:07Z",
  "checksum": "edited",
  "accounts": [
    {
      "id": "a", "enabled": true, "secret": "keyring",
      "config": {"uri": "sip:alice@example.com", "ws_servers": "wss://h"}
    },
    {
      "id": "b", "enabled": true,
      "config": {"uri": "sip:bob@example.com", "ws_servers": "wss://h"}
    }
  ]
}
`)
}

// changed returns the lined file with one text in the place of another.
func changedFile(t *testing.T, from, to string) []byte {
	t.Helper()
	data := lined(t)
	if !bytes.Contains(data, []byte(from)) {
		t.Fatalf("%q is not in the file", from)
	}
	return bytes.Replace(data, []byte(from), []byte(to), 1)
}

// TestDamageIsToldWithFileLineAndReason: what is wrong with the account file is said so that it can be put right,
// nothing is written over it, and there is a way out that keeps it.
//
// Holds: account-file
func TestDamageIsToldWithFileLineAndReason(t *testing.T) {
	cut := func(n int) []byte { return lined(t)[:n] }
	for _, test := range []struct {
		name string
		data []byte
		told string
	}{
		{"empty", nil, "accounts.json is empty"},
		{
			"cut in the middle", cut(bytes.Index(lined(t), []byte(`"b"`))),
			"accounts.json, line 11, is not whole: the text ends there",
		},
		{"cut at the end", cut(len(lined(t)) - 3), "accounts.json, line 14, is not whole: the text ends there"},
		{"a comma too many", changedFile(t, `"wss://h"}`, `"wss://h",}`), "accounts.json, line 8, is not whole"},
		{"a name without quotes", changedFile(t, `"id": "b"`, `id: "b"`), "accounts.json, line 11, is not whole"},
		{
			"accounts null", signed(map[string]any{"format": 1, "accounts": nil}),
			"accounts.json, line 1, has no list of accounts: there stands null",
		},
		{
			"accounts an object", []byte("{\"format\": 1, \"checksum\": \"edited\",\n\n\"accounts\": {\"a\": 1}}"),
			`accounts.json, line 3, has no list of accounts: there stands {"a": 1}`,
		},
		{"accounts a text", signed(map[string]any{"format": 1, "accounts": "none"}), "has no list of accounts"},
		{"accounts missing", signed(map[string]any{"format": 1}), "accounts.json has no list of accounts"},
		{"format missing", signed(map[string]any{"accounts": []any{}}), "accounts.json has no format version"},
		{"null", []byte("null"), "accounts.json, line 1, has null"},
		{"a list", []byte("[]"), "accounts.json, line 1, has a list where an object belongs"},
		{"trailing garbage", append(lined(t), "} trailing"...), "accounts.json, line 16, has something behind its end"},
		{"twice", append(lined(t), lined(t)...), "accounts.json, line 16, has something behind its end"},
		{
			"merge conflict", changedFile(t, "    {\n      \"id\": \"b\"", "<<<<<<< HEAD\n    {\n      \"id\": \"b\""),
			"accounts.json, line 10, has the marks of two versions that were not merged (<<<<<<<)",
		},
		{
			"merge conflict from the start", append([]byte("<<<<<<< HEAD\n"), lined(t)...),
			"accounts.json, line 1, has the marks",
		},
		{"UTF-16, little end first", utf16(lined(t)), "accounts.json is written in UTF-16"},
		{"UTF-16 without a mark", utf16(lined(t))[2:], "accounts.json is written in UTF-16"},
		{"Latin 1", changedFile(t, "alice@", "al\xefce@"), "accounts.json, line 8, is not UTF-8 text"},
		{"zeros alone", make([]byte, 4096), "accounts.json holds nothing but zeros"},
		{"zeros at the end", append(cut(200), make([]byte, 512)...), "holds zeros where text belongs"},
		{"100 MB", bytes.Repeat([]byte(" "), 100<<20), "accounts.json is larger than 4 MB"},
		{"changed without its checksum", bytes.Replace(signed(map[string]any{"format": 1, "accounts": []any{}}),
			[]byte("[]"), []byte("[1]"), 1), "accounts.json does not match its checksum"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "accounts.json")
			write(t, path, test.data)
			if _, found := Read(dir); !strings.Contains(found.Damaged, test.told) || found.MovedTo != "" {
				t.Errorf("looked at: %q, want %q", found.Damaged, test.told)
			}
			s, found := open(t, dir)
			if !strings.Contains(found.Damaged, test.told) {
				t.Errorf("told %q, want %q", found.Damaged, test.told)
			}
			if found.ReadOnly == "" || !found.CanStartEmpty || !errors.Is(s.Save(sample(t, 1, "x")), ErrReadOnly) {
				t.Errorf("not read only: %+v", found)
			}
			if !bytes.Equal(read(t, path), test.data) {
				t.Error("the damaged file was changed")
			}
			moved, err := s.StartEmpty()
			if err != nil || !bytes.Equal(read(t, filepath.Join(dir, moved)), test.data) {
				t.Fatalf("start empty: %q, %v", moved, err)
			}
			save(t, s, sample(t, 1, "x"))
			if s, found = reopen(t, s); len(s.Accounts()) != 1 || found.Damaged != "" {
				t.Errorf("afterwards: %+v", found)
			}
		})
	}
}

// TestWhatIsNoDamage: what editors and people do to a text file without changing what it says.
//
// Holds: account-file
func TestWhatIsNoDamage(t *testing.T) {
	mark := []byte(byteOrderMark)
	for _, test := range []struct {
		name string
		data []byte
	}{
		{"as it is", lined(t)},
		{"a byte order mark", append(bytes.Clone(mark), lined(t)...)},
		{"lines that end as on Windows", bytes.ReplaceAll(lined(t), []byte("\n"), []byte("\r\n"))},
		{
			"a mark and lines as on Windows",
			append(bytes.Clone(mark), bytes.ReplaceAll(lined(t), []byte("\n"), []byte("\r\n"))...),
		},
		{"blank lines behind", append(lined(t), "\n\n \t\n"...)},
		{"no line end", bytes.TrimSpace(lined(t))},
		{"all on one line", bytes.ReplaceAll(lined(t), []byte("\n"), nil)},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, filepath.Join(dir, "accounts.json"), test.data)
			s, found := open(t, dir)
			if found.Damaged != "" || found.ReadOnly != "" || len(found.Problems) != 0 || len(s.Accounts()) != 2 {
				t.Fatalf("%+v", found)
			}
			save(t, s, append(s.Accounts(), sample(t, 1, "x")...))
			if s, found = reopen(t, s); len(s.Accounts()) != 3 || found.Damaged != "" {
				t.Errorf("after saving: %+v", found)
			}
		})
	}
	t.Run("settings with a byte order mark", func(t *testing.T) {
		dir := t.TempDir()
		data := signed(map[string]any{"format": 1, "ringtone_volume": 7})
		write(t, filepath.Join(dir, "settings.json"), append(bytes.Clone(mark), data...))
		s, _ := open(t, dir)
		if v, found := s.Settings(); v.RingtoneVolume != 7 || found.Damaged != "" {
			t.Errorf("%+v %+v", v, found)
		}
	})
	t.Run("passwords with a byte order mark", func(t *testing.T) {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "secrets.json"), append(bytes.Clone(mark), `{"a":{"password":"p"}}`...))
		if s, err := NewSecretsFile(dir).Get(t.Context(), "a"); err != nil || s.Of("password") != "p" {
			t.Error(err)
		}
	})
}

// TestWrongPartsAreToldWithTheirLine: a single account or value that cannot be used is told, the others work, and
// nothing of it is lost when the file is written again.
//
// Holds: account-file
func TestWrongPartsAreToldWithTheirLine(t *testing.T) {
	for _, test := range []struct {
		name     string
		from, to string
		told     string
		accounts int
		after    int // remarks once it was saved: a switch is on or off then
	}{
		{"the same id twice", `"id": "b"`, `"id": "a"`, "line 10, account 2: has the id of another account", 1, 1},
		{"no id", `"id": "b"`, `"name": "b"`, "line 10, account 2: has no id", 1, 1},
		{"an id that is a number", `"id": "b"`, `"id": 7`, "line 10, account 2: has no id", 1, 1},
		{"an id that leads out", `"id": "b"`, `"id": "../b"`, "line 10, account 2: has no id", 1, 1},
		{
			"null for an account", "    {\n      \"id\": \"a\"", "null,\n    {\n      \"id\": \"a\"",
			"line 6, account 1: is not an object", 2, 1,
		},
		{
			"a switch that is a text", `"id": "b", "enabled": true`, `"id": "b", "enabled": "yes"`,
			"line 11, account bob@example.com: enabled: has a value of the wrong kind", 2, 0,
		},
		{
			"a server that is none", `"uri": "sip:bob@example.com", "ws_servers": "wss://h"`,
			`"uri": "sip:bob@example.com", "ws_servers": "http://h"`, "line 12, account bob@example.com: ws_servers", 2,
			1,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "accounts.json")
			write(t, path, changedFile(t, test.from, test.to))
			s, found := open(t, dir)
			if len(s.Accounts()) != test.accounts || len(found.Problems) != 1 ||
				!strings.Contains(found.Problems[0], test.told) {
				t.Fatalf("%d accounts, %q", len(s.Accounts()), found.Problems)
			}
			if found.Unreadable != 0 != (test.told == "" || strings.Contains(test.told, "account 1:") ||
				strings.Contains(test.told, "account 2:")) {
				t.Errorf("%d unreadable", found.Unreadable)
			}
			save(t, s, append(s.Accounts(), sample(t, 1, "x")...))
			if s, found = reopen(t, s); len(s.Accounts()) != test.accounts+1 || len(found.Problems) != test.after {
				t.Errorf("after saving: %d accounts, %q", len(s.Accounts()), found.Problems)
			}
		})
	}
}

// TestReadTouchesNothing: a look at the accounts while another has them open, or where they are damaged.
//
// Holds: account-file
func TestReadTouchesNothing(t *testing.T) {
	t.Run("while the phone runs", func(t *testing.T) {
		s, _ := open(t, t.TempDir())
		save(t, s, sample(t, 2, "x"))
		write(t, filepath.Join(s.file.dir, ".accounts.json123"), []byte("being written"))
		before := names(t, s.file.dir)
		accounts, found := Read(s.file.dir)
		if len(accounts) != 2 || found.Damaged != "" || found.ReadOnly != "" {
			t.Errorf("%d accounts, %+v", len(accounts), found)
		}
		if after := names(t, s.file.dir); strings.Join(before, " ") != strings.Join(after, " ") {
			t.Errorf("%v became %v", before, after)
		}
		save(t, s, sample(t, 3, "y"))
	})
	t.Run("a damaged file with a backup", func(t *testing.T) {
		s, _ := open(t, t.TempDir())
		dir := s.file.dir
		save(t, s, sample(t, 1, "x"))
		save(t, s, sample(t, 2, "x"))
		write(t, filepath.Join(dir, "accounts.json"), []byte("{half"))
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			accounts, found := Read(dir)
			if len(accounts) != 1 || found.FromFile != "accounts.json.1" || found.Damaged == "" || found.MovedTo != "" {
				t.Errorf("%d accounts, %+v", len(accounts), found)
			}
		}
		if string(read(t, filepath.Join(dir, "accounts.json"))) != "{half" {
			t.Error("the damaged file was changed")
		}
	})
	t.Run("no profile", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "none")
		if accounts, found := Read(dir); len(accounts) != 0 || found.Damaged != "" {
			t.Errorf("%+v", found)
		}
		if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
			t.Error("the folder was made")
		}
	})
	t.Run("a newer format", func(t *testing.T) {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "accounts.json"),
			signed(map[string]any{"format": fileFormat + 1, "accounts": []any{map[string]any{"id": "a"}}}))
		if accounts, found := Read(dir); len(accounts) != 1 || found.Damaged != "" ||
			!strings.Contains(found.ReadOnly, "newer Calla") {
			t.Errorf("%d accounts, %+v", len(accounts), found)
		}
	})
	t.Run("then it is opened", func(t *testing.T) {
		dir := t.TempDir()
		for range 20 {
			Read(dir)
			s, _ := open(t, dir)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// TestRelativeConfigurationFoldersArePassedOver: "All paths set in these environment variables must be absolute. If an
// implementation encounters a relative path … it should consider the path invalid and ignore it."
//
// Holds: account-file
func TestRelativeConfigurationFoldersArePassedOver(t *testing.T) {
	if filepath.Separator != '/' {
		t.Skip("XDG is for Unix")
	}
	t.Setenv("HOME", "/home/u")
	for _, test := range []struct{ name, given, want string }{
		{"absolute", "/conf", "/conf/calla"},
		{"not set", "", "/home/u/.config/calla"},
		{"a name", "conf", "/home/u/.config/calla"},
		{"a dot", ".", "/home/u/.config/calla"},
		{"upwards", "../../conf", "/home/u/.config/calla"},
		{"a tilde", "~/.config", "/home/u/.config/calla"},
		{"not expanded", "$HOME/.config", "/home/u/.config/calla"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv("XDG_CONFIG_HOME", test.given)
			if got, err := Dir(""); err != nil || got != test.want {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}

// TestBackupsHoldNoPasswordThatWasWrittenByHand: nor does the file itself, once it is saved.
//
// Holds: no-clear-text
func TestBackupsHoldNoPasswordThatWasWrittenByHand(t *testing.T) {
	for _, test := range []struct{ name, config string }{
		{"a password", `"password": "geheim"`},
		{"an HA1", `"realm": "r", "ha1": "geheim"`},
		{"a token", `"authorization_jwt": "geheim"`},
		{"a TURN credential", `"turn_servers": {"urls": "turn:t", "username": "u", "credential": "geheim"}`},
		{"a proxy's", `"calla": {"proxy": "http://u@p:1", "proxy_password": "geheim"}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, filepath.Join(dir, "accounts.json"), changedFile(t, `"config": {`, `"config": {`+test.config+`, `))
			s, found := open(t, dir)
			if found.Damaged != "" || len(found.Problems) != 0 {
				t.Fatalf("%+v", found)
			}
			for i := range 5 {
				save(t, s, append(s.Accounts()[:2], sample(t, 1+i, "x")...))
				for _, name := range names(t, dir) {
					if bytes.Contains(read(t, filepath.Join(dir, name)), []byte("geheim")) {
						t.Errorf("save %d: %s holds it", i+1, name)
					}
				}
			}
			var doc document
			if err := json.Unmarshal(read(t, filepath.Join(dir, "accounts.json.3")), &doc); err != nil {
				t.Error(err)
			}
		})
	}
}
