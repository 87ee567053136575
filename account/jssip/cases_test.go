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
		if r.Parameter != want.Parameter && want.Parameter != "" ||
			!regexp.MustCompile(want.Reason).MatchString(r.Reason) {
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

// TestPastedConfigurationsAreFoundWhereverTheyStand reads what people paste: each text has beside it what must become
// of it.
//
// Holds: pasted-configuration
func TestPastedConfigurationsAreFoundWhereverTheyStand(t *testing.T) {
	kinds := map[string]string{
		"types of TypeScript": "enum-and-generics.ts parameter-properties.ts angle-cast.ts " +
			"namespace.ts enumeration.ts vite.ts namespace-members.ts",
		"components and their elements": "provider.jsx state.tsx single-file.vue setup.vue component.ts " +
			"service.js reducer.js component-data.vue component-methods.vue",
		"stores and global names": "pinia-store.ts window-global.html window-names.html " +
			"getters-of-object.js computed-setup.vue props-default.vue context.jsx this-outside.js this-later.ts",
		"classes": "subclass.js statics.js constructor.js prototype.js methods.js",
		"pages": "untyped-scripts.html module-script.html unclosed-script.html " +
			"json-script.html commented.html attribute.html escaped.html line-breaks.html highlighted.html",
		"templates": "erb.html jinja.html handlebars.html blade.php twig.html razor.html " +
			"encoded.php substituted.json blank-address.js",
		"Markdown, mail and print": "several-fences.md open-fence.md inline.md mail.txt quoted.txt " +
			"change.diff numbered.txt curly-with-content.txt full-width.txt blanks.txt whole-change.diff table.md " +
			"labels.txt prompt.txt printed.txt zero-width.js logged.txt",
		"data": "commented.json nested.json settings.py environment.py array.php " +
			"phone.yaml phone.env phone.toml phone.rb compose.yaml dictionary.swift",
		"wherever it stands": "returned.js default-parameter.js argument.js promise.js try.js " +
			"universal.js stored.js cut-off.js missing-commas.js",
		"functions that make it": "called.js made-by-function.js made-by-others.js in-a-loop.js " +
			"loop-of.js mapped.js declared-later.js promised.ts",
		"put together": "assigned.js spread-of-spread.js destructured.js escapes.js " +
			"dynamic-import.js factory-of-library.js decoded.js",
		"defaults and choices": "environment-read.js chosen-by-constant.js chosen-at-run-time.js " +
			"branches.js switch.js stored-or-default.js",
		"SIP.js": "simple-user.js user-agent.ts web-rtc-simple.js factory-options.js",
		"several": "agents-in-array.json agents-by-name.js same-agent-twice.js " +
			"two-phones.yaml",
		"misspelt names": "misspelt-address.json misspelt-agent.js misspelt-websocket.json " +
			"misspelt-sip-uri.json misspelt-user.json",
		"the address of the page":           "page-protocol.js page-template.js",
		"what is not in the text, and told": "elsewhere.js spread-from-elsewhere.js",
	}
	type one struct {
		text []byte
		want expectation
	}
	texts := map[string]one{}
	corpus(t, "testdata/pasted", func(name string, text []byte, want expectation) { texts[name] = one{text, want} })
	for kind, files := range kinds {
		t.Run(kind, func(t *testing.T) {
			for _, file := range strings.Fields(files) {
				pasted, is := texts[file]
				if !is {
					t.Errorf("%s is not there", file)
				}
				delete(texts, file)
				t.Run(file, func(t *testing.T) { checkExpected(t, pasted.text, pasted.want) })
			}
		})
	}
	for file := range texts {
		t.Errorf("%s is of no kind", file)
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
