package account

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"calla/netsip/config"
)

// sample returns n accounts with everything in them, told apart by mark.
func sample(t testing.TB, n int, mark string) []Account {
	t.Helper()
	accounts := make([]Account, n)
	for i := range accounts {
		a, err := New(config.Config{
			URI: fmt.Sprintf("sip:alice%d@example.com", i), WSServers: []config.Server{{WSURI: "wss://h", Weight: 2}},
			Password:    "geheim",
			StunServers: []string{}, Register: config.Off, DisplayName: "Älice " + mark,
			TurnServers: []config.TurnServer{{URLs: []string{"turn:t"}, Username: "u", Credential: "geheim"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		a.Label, a.SecretPlace, a.Preferences.EchoTarget = mark, SecretKeyring, "echo"
		accounts[i] = a
	}
	return accounts
}

func open(t testing.TB, dir string) (*Store, Loaded) {
	t.Helper()
	s, found, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, found
}

func save(t testing.TB, s *Store, accounts []Account) {
	t.Helper()
	if err := s.Save(accounts); err != nil {
		t.Fatal(err)
	}
}

func reopen(t testing.TB, s *Store) (*Store, Loaded) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return open(t, s.file.dir)
}

func names(t testing.TB, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, e := range entries {
		if e.Name() != "lock" {
			list = append(list, e.Name())
		}
	}
	return list
}

func write(t testing.TB, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestAccountsComeBackWithoutTheirSecrets(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "calla")
	s, found := open(t, dir)
	if found.FromFile != "" || found.ReadOnly != "" || found.Damaged != "" || len(s.Accounts()) != 0 {
		t.Fatalf("new profile: %+v", found)
	}
	want := sample(t, 3, "one")
	save(t, s, want)
	s, found = reopen(t, s)
	if found.Accounts != 3 || found.FromFile != "accounts.json" || found.Saved.IsZero() || len(found.Problems) != 0 {
		t.Errorf("found %+v", found)
	}
	for i, a := range s.Accounts() {
		w := want[i]
		w.Config, _ = SplitSecret(w.Config)
		if a.ID != w.ID || a.Config.InstanceID != w.Config.InstanceID || !same(w, a) {
			t.Errorf("got %+v, want %+v", a, w)
		}
	}
	for _, name := range names(t, dir) {
		if bytes.Contains(read(t, filepath.Join(dir, name)), []byte("geheim")) {
			t.Errorf("%s holds a secret", name)
		}
	}
	if info, err := os.Stat(filepath.Join(dir, "accounts.json")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v %v", info.Mode(), err)
	}
}

func TestThreeEarlierVersionsAreKept(t *testing.T) {
	dir := t.TempDir()
	s, _ := open(t, dir)
	for n := 1; n <= 6; n++ {
		save(t, s, sample(t, n, "x"))
		save(t, s, s.Accounts()) // nothing new: nothing written
	}
	if got := names(t, dir); !slices.Equal(got,
		[]string{"accounts.json", "accounts.json.1", "accounts.json.2", "accounts.json.3"}) {
		t.Fatalf("files %v", got)
	}
	for n, name := range []string{"accounts.json", "accounts.json.1", "accounts.json.2", "accounts.json.3"} {
		doc, err := readWhole(filepath.Join(dir, name), checkAccounts)
		if err != nil {
			t.Fatal(err)
		}
		if accounts, _, _, _ := readAccounts(doc.document, nil); len(accounts) != 6-n {
			t.Errorf("%s has %d accounts, want %d", name, len(accounts), 6-n)
		}
	}
}

// damages is what can befall a file.
func damages(good []byte) map[string][]byte {
	r := rand.New(rand.NewPCG(1, 2))
	list := map[string][]byte{
		"empty": {}, "null": []byte("null"), "list": []byte("[]"), "object": []byte("{}"), "NULs": make([]byte, 4096),
		"one account": []byte(`{"format":1,"accounts":[]}`), "text": []byte("hello"),
		"twice":    append(bytes.Clone(good), good...),
		"conflict": append([]byte("<<<<<<< HEAD\n"), good...), "huge": bytes.Repeat([]byte(" "), maxFileSize+2),
		"NUL page": append(bytes.Clone(good[:len(good)/2]), make([]byte, 4096)...), "UTF-16": utf16(good),
		"older accounts": bytes.Replace(good, []byte("alice0"), []byte("mallet"), 1),
		"format 0":       signed(map[string]any{"format": 0, "accounts": []any{}}),
		"no accounts":    signed(map[string]any{"format": 1}),
		"accounts null":  signed(map[string]any{"format": 1, "accounts": 5}),
	}
	for percent := 5; percent < 100; percent += 5 {
		list[fmt.Sprintf("cut at %d %%", percent)] = good[:len(good)*percent/100]
	}
	for i := range 150 {
		flipped := bytes.Clone(good)
		at := r.IntN(len(flipped))
		flipped[at] ^= 1 << r.IntN(8)
		list[fmt.Sprintf("flip %d at %d", i, at)] = flipped
	}
	return list
}

func utf16(data []byte) []byte {
	out := []byte{0xff, 0xfe}
	for _, c := range data {
		out = append(out, c, 0)
	}
	return out
}

// signed returns a document with a right checksum.
func signed(members map[string]any) []byte {
	doc := make(document)
	for name, v := range members {
		doc[name], _ = json.Marshal(v)
	}
	doc["checksum"], _ = json.Marshal(doc.checksum())
	data, _ := json.Marshal(doc)
	return data
}

func TestDamagedFileIsReplacedByTheNewestBackup(t *testing.T) {
	dir := t.TempDir()
	s, _ := open(t, dir)
	save(t, s, sample(t, 1, "x"))
	save(t, s, sample(t, 2, "x"))
	save(t, s, sample(t, 3, "x"))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "accounts.json")
	good, backup := read(t, path), read(t, path+".1")
	for name, data := range damages(good) {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "accounts.json")
			write(t, path, data)
			write(t, path+".1", data)
			write(t, path+".2", backup)
			s, found := open(t, dir)
			if harmless(data, good) {
				if found.Damaged != "" || len(s.Accounts()) != 3 {
					t.Fatalf("found %+v", found)
				}
				return
			}
			if len(s.Accounts()) != 2 || found.FromFile != "accounts.json.2" || found.Accounts != 2 ||
				found.Saved.IsZero() ||
				found.Damaged == "" || found.ReadOnly != "" ||
				!strings.HasPrefix(found.MovedTo, "accounts.json.corrupt-") {
				t.Fatalf("%d accounts, found %+v", len(s.Accounts()), found)
			}
			if !bytes.Equal(read(t, filepath.Join(dir, found.MovedTo)), data) {
				t.Error("the damaged file was changed")
			}
			save(t, s, sample(t, 4, "x"))
			s, found = reopen(t, s)
			if len(s.Accounts()) != 4 || found.Damaged != "" {
				t.Errorf("after saving: %d accounts, found %+v", len(s.Accounts()), found)
			}
		})
	}
}

// harmless tells whether a change left the meaning of the file as it was, such as in white space.
func harmless(data, good []byte) bool {
	var a, b document
	return json.Unmarshal(data, &a) == nil && json.Unmarshal(good, &b) == nil &&
		string(a["checksum"]) == string(b["checksum"]) && a.checksum() == b.checksum()
}

func TestNothingWholeStartsReadOnly(t *testing.T) {
	for name, data := range damages(signed(map[string]any{"format": 1, "accounts": []any{}})) {
		if len(data) > 0 && harmless(data, signed(map[string]any{"format": 1, "accounts": []any{}})) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "accounts.json")
			write(t, path, data)
			write(t, path+".1", data)
			s, found := open(t, dir)
			if found.ReadOnly == "" || found.Damaged == "" || s.ReadOnly() == nil {
				t.Fatalf("found %+v", found)
			}
			if err := s.Save(sample(t, 1, "x")); !errors.Is(err, ErrReadOnly) {
				t.Fatalf("saved: %v", err)
			}
			if !bytes.Equal(read(t, path), data) {
				t.Fatal("the damaged file was changed")
			}
			moved, err := s.StartEmpty()
			if err != nil || !bytes.Equal(read(t, filepath.Join(dir, moved)), data) {
				t.Fatalf("start empty: %q, %v", moved, err)
			}
			save(t, s, sample(t, 1, "x"))
			if s, found = reopen(t, s); len(s.Accounts()) != 1 || found.Damaged != "" {
				t.Errorf("found %+v", found)
			}
		})
	}
}

func TestMissingFileWithBackupsIsNoNewProfile(t *testing.T) {
	dir := t.TempDir()
	s, _ := open(t, dir)
	save(t, s, sample(t, 1, "x"))
	save(t, s, sample(t, 2, "x"))
	if err := os.Remove(filepath.Join(dir, "accounts.json")); err != nil {
		t.Fatal(err)
	}
	s, found := reopen(t, s)
	if len(s.Accounts()) != 1 || found.Damaged != "accounts.json is gone" || found.FromFile != "accounts.json.1" {
		t.Errorf("found %+v", found)
	}
}

func TestFileDamagedWhileRunningIsKept(t *testing.T) {
	dir := t.TempDir()
	s, _ := open(t, dir)
	save(t, s, sample(t, 1, "x"))
	write(t, filepath.Join(dir, "accounts.json"), []byte("{half"))
	save(t, s, sample(t, 2, "x"))
	var kept bool
	for _, name := range names(t, dir) {
		kept = kept || strings.HasPrefix(name, "accounts.json.corrupt-") &&
			string(read(t, filepath.Join(dir, name))) == "{half"
	}
	if s, _ = reopen(t, s); !kept || len(s.Accounts()) != 2 {
		t.Errorf("files %v", names(t, dir))
	}
}

func TestNewerFormatIsReadOnly(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "accounts.json")
	data := signed(map[string]any{"format": fileFormat + 1, "accounts": []any{map[string]any{"id": "a", "label": "x"}}})
	write(t, path, data)
	s, found := open(t, dir)
	if found.ReadOnly == "" || found.Damaged != "" || len(s.Accounts()) != 1 {
		t.Errorf("found %+v", found)
	}
	if err := s.Save(nil); !errors.Is(err, ErrReadOnly) {
		t.Errorf("saved: %v", err)
	}
	if _, err := s.StartEmpty(); err == nil {
		t.Error("started empty")
	}
	if !bytes.Equal(read(t, path), data) || !slices.Equal(names(t, dir), []string{"accounts.json"}) {
		t.Error("the file was touched")
	}
}

func TestUnknownMembersAreKept(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "accounts.json")
	write(t, path, []byte(`{"format":1,"checksum":"edited","colour":"blue","accounts":[
		{"id":"a","label":5,"shape":{"round":true},
			"config":{"uri":"alice@example.com","register":"yes","extra":[1],"log":{"level":"warn","colour":1}},
			"preferences":{"tune":"x"}},
		{"label":"nameless"}, 7, {"id":"a"}]}`))
	s, found := open(t, dir)
	accounts := s.Accounts()
	if len(accounts) != 1 || accounts[0].Config.URI != "sip:alice@example.com" ||
		accounts[0].Config.Log.Level != config.LogWarn || len(found.Problems) != 5 {
		t.Fatalf("%+v, found %+v", accounts, found)
	}
	accounts[0].Label, accounts[0].Enabled = "Alice", true
	save(t, s, accounts)
	save(t, s, append(s.Accounts(), sample(t, 1, "x")...))
	text := string(read(t, path))
	for _, kept := range []string{
		`"colour": "blue"`, `"shape"`, `"round": true`, `"register": "yes"`, `"extra"`,
		`"colour": 1`, `"tune": "x"`, `"nameless"`, `"Alice"`,
	} {
		if !strings.Contains(text, kept) {
			t.Errorf("%s is lost in %s", kept, text)
		}
	}
	accounts = s.Accounts()
	accounts[0].Config.Register = config.Off
	save(t, s, accounts)
	if text := string(read(t, path)); strings.Contains(text, `"yes"`) || strings.Contains(text, `"label": 5`) {
		t.Errorf("unusable value kept beside a usable one in %s", text)
	}
}

func TestReleasedFormatsAreRead(t *testing.T) {
	samples, err := filepath.Glob("testdata/accounts.v*.json")
	if err != nil || len(samples) != fileFormat {
		t.Fatalf("%d samples of %d formats, %v", len(samples), fileFormat, err)
	}
	for _, path := range samples {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "accounts.json"), read(t, path))
		s, found := open(t, dir)
		if found.Damaged != "" || len(found.Problems) != 0 || len(s.Accounts()) != 2 ||
			s.Accounts()[0].Address() != "alice@example.com" {
			t.Errorf("%s: %+v", path, found)
		}
	}
}

func TestAccountsNeedIDsOfTheirOwn(t *testing.T) {
	s, _ := open(t, t.TempDir())
	a := sample(t, 1, "x")[0]
	for _, accounts := range [][]Account{{{}}, {a, a}, {{ID: "a/b"}}} {
		if err := s.Save(accounts); err == nil {
			t.Errorf("saved %v", accounts)
		}
	}
}

func TestProfileFolders(t *testing.T) {
	t.Setenv("XDG_CONFIG_HOME", "/conf")
	t.Setenv("HOME", "/home/u")
	base, err := os.UserConfigDir()
	if err != nil {
		t.Skip("this system has no configuration folder")
	}
	for profile, want := range map[string]string{
		"":     filepath.Join(base, "calla"),
		"work": filepath.Join(base, "calla", "profiles", "work"), "/tmp/p": "/tmp/p", "..": "",
	} {
		if got, err := Dir(profile); got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", profile, got, err)
		}
	}
}

// same tells whether two accounts do the same in everything.
func same(a, b Account) bool {
	return a.Enabled == b.Enabled && a.Label == b.Label && a.Preferences == b.Preferences &&
		a.SecretPlace == b.SecretPlace &&
		len(a.Config.Differences(b.Config)) == 0
}

func FuzzAccountFile(f *testing.F) {
	f.Add([]byte(`[{"id":"a","config":{"uri":"a@b","log":{"level":1,"x":2}},"preferences":{}}]`))
	f.Add([]byte(`[{"id":"a","config":{"ws_servers":"ws://h",` +
		`"turn_servers":{"urls":"x","username":"u"}},"x":null},{}]`))
	f.Fuzz(func(t *testing.T, list []byte) {
		if !json.Valid(list) {
			return
		}
		data := []byte(`{"format":1,"checksum":"edited","accounts":` + string(list) + `}`)
		doc, err := parseDocument(data, checkAccounts)
		if err != nil {
			return
		}
		accounts, unreadable, _, err := readAccounts(doc, nil)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := writeAccounts(accounts, unreadable)
		if err != nil {
			t.Fatal(err)
		}
		again, stillUnreadable, _, err := readAccounts(document{"accounts": raw}, nil)
		if err != nil || len(again) != len(accounts) || len(stillUnreadable) != len(unreadable) {
			t.Fatalf("%d and %d became %d and %d, %v", len(accounts), len(unreadable), len(again), len(stillUnreadable),
				err)
		}
		for i := range again {
			before := accounts[i]
			before.Config, _ = SplitSecret(before.Config)
			if !same(before, again[i]) || before.ID != again[i].ID {
				t.Fatalf("%+v became %+v", before, again[i])
			}
		}
	})
}
