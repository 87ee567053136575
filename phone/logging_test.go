package phone

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"calla/account"
	"calla/netsip/config"
	"calla/phone/logs"
)

// logged reads the lines of a file.
func logged(t *testing.T, path string) []logs.Line {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	var lines []logs.Line
	for s := bufio.NewScanner(bytes.NewReader(data)); s.Scan(); {
		var l logs.Line
		if err := json.Unmarshal(s.Bytes(), &l); err != nil {
			t.Fatalf("%s: %v", s.Bytes(), err)
		}
		lines = append(lines, l)
	}
	return lines
}

func unixOnly(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("runs programs that Windows does not have")
	}
}

func TestLogFileAndCommandGetTheLinesOfTheAccount(t *testing.T) {
	unixOnly(t)
	w := newWorld(t)
	dir := t.TempDir()
	file, copied := filepath.Join(dir, "new", "calla.log"), filepath.Join(dir, "copy of \"it\"")
	p := w.bare("alice")
	a := w.account("alice")
	a.Config.TraceSIP = true
	a.Config.Log = config.Log{Level: config.LogDebug, BuiltinEnabled: config.Off}
	a.Config.Calla.LogFile = file
	a.Config.Calla.LogCommand = `tee '` + copied + `'`
	p.save(a, account.SecretSession)
	p.until("registered", func(s State) bool { return len(s.Accounts) > 0 && s.Accounts[0].Status == StatusRegistered })
	// At the end the command is given a second, in which a busy machine may do nothing for it.
	for limit := time.Now().Add(time.Minute); time.Now().Before(limit); time.Sleep(5 * time.Millisecond) {
		if text, _ := os.ReadFile(copied); bytes.Contains(text, []byte("jssip.registrator")) {
			break
		}
	}
	p.Close()
	for _, path := range []string{file, copied} {
		var categories []string
		for _, l := range logged(t, path) {
			categories = append(categories, l.Category)
			if l.Account != a.Address() || l.Time.IsZero() || l.Level == "" || l.Content == "" ||
				strings.Contains(l.Content, password) {
				t.Fatalf("%s: %+v", path, l)
			}
		}
		all := strings.Join(categories, " ")
		for _, want := range []string{"jssip.ua", "jssip.transport", "jssip.registrator", "jssip.transaction.nict"} {
			if !strings.Contains(all, want) {
				t.Errorf("%s has no line of %s", path, want)
			}
		}
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
}

func TestLogCommandThatIsNotThereIsTold(t *testing.T) {
	w := newWorld(t)
	p := w.bare("alice")
	a := w.account("alice")
	a.Config.Calla.LogCommand = "no-such-program --at-all"
	p.save(a, account.SecretSession)
	s := p.until("notice", func(s State) bool { return len(s.Notices) > 0 })
	if n := s.Notices[0]; !strings.Contains(tell(n.Cause).Title, a.Address()) ||
		tell(n.Cause).Why != "There is no such program." || !strings.Contains(n.Cause.Detail, "no-such-program") {
		t.Errorf("%+v", n)
	}
	p.until("registered", func(s State) bool { return s.Accounts[0].Status == StatusRegistered })
}
