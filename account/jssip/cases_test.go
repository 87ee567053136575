package jssip

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// expectation is what stands beside a pasted text in a corpus.
type expectation struct {
	OK        bool           `json:"ok"`
	Config    map[string]any `json:"config"`
	WS        []string       `json:"ws"`
	Parameter string         `json:"parameter"`
	Reason    string         `json:"reason_re"`
	Told      string         `json:"told"`
}

// checkExpected checks one pasted text against what is expected of it.
func checkExpected(t *testing.T, text []byte, want expectation) {
	t.Helper()
	r := Check(text, 0)
	var told []string
	for _, f := range r.ToFill {
		told = append(told, f.Parameter+": "+f.String())
		if f.Line < 1 || f.Column < 1 {
			t.Errorf("%v has no place", f)
		}
	}
	if r.OK != want.OK {
		t.Fatalf("ok %v, %s: %s, told %q", r.OK, r.Parameter, r.Reason, told)
	}
	if !want.OK {
		if r.Parameter != want.Parameter && want.Parameter != "" || !regexp.MustCompile(want.Reason).MatchString(r.Reason) {
			t.Errorf("refused for %s: %s; want %s: %s", r.Parameter, r.Reason, want.Parameter, want.Reason)
		}
		return
	}
	if !strings.Contains(strings.Join(told, "\n"), want.Told) {
		t.Errorf("told %q, want %q", told, want.Told)
	}
	data, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var printed struct{ Config map[string]any }
	if err := json.Unmarshal(data, &printed); err != nil {
		t.Fatal(err)
	}
	for name, v := range want.Config {
		if printed.Config[name] != v {
			t.Errorf("%s is %v, want %v", name, printed.Config[name], v)
		}
	}
	var ws []string
	for _, s := range r.Config.WSServers {
		ws = append(ws, s.WSURI)
	}
	if want.WS != nil && strings.Join(ws, " ") != strings.Join(want.WS, " ") {
		t.Errorf("servers %q, want %q", ws, want.WS)
	}
}

// corpus calls with every text of a folder that has an .expect beside it.
func corpus(t *testing.T, folder string, with func(name string, text []byte, want expectation)) int {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.expect"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var want expectation
		if err := json.Unmarshal(data, &want); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		texts, err := filepath.Glob(strings.TrimSuffix(file, "expect") + "*")
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range texts {
			if name == file {
				continue
			}
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			with(filepath.Base(name), text, want)
		}
	}
	return len(files)
}

func TestPastedCasesAreRead(t *testing.T) {
	n := corpus(t, "../../../shared/cases/config", func(name string, text []byte, want expectation) {
		t.Run(name, func(t *testing.T) { checkExpected(t, text, want) })
	})
	if n == 0 {
		t.Skip("the cases of pasted configurations do not stand beside this checkout")
	}
}

// TestPastedConfigurationsAreFoundWhereverTheyStand reads what people paste: each text has beside it what must become of it.
//
// Holds: pasted-configuration
func TestPastedConfigurationsAreFoundWhereverTheyStand(t *testing.T) {
	n := corpus(t, "testdata/pasted", func(name string, text []byte, want expectation) {
		t.Run(name, func(t *testing.T) { checkExpected(t, text, want) })
	})
	if n < 40 {
		t.Errorf("only %d texts", n)
	}
}

// BenchmarkPasted reads each text of the corpus once an operation; the figure for the slowest is worst-ms.
func BenchmarkPasted(b *testing.B) {
	var texts [][]byte
	files, err := filepath.Glob("testdata/pasted/*")
	if err != nil {
		b.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			b.Fatal(err)
		}
		texts = append(texts, text)
	}
	var worst time.Duration
	for b.Loop() {
		for _, text := range texts {
			start := time.Now()
			Check(text, 0)
			worst = max(worst, time.Since(start))
		}
	}
	b.ReportMetric(float64(worst.Microseconds())/1000, "worst-ms")
}
