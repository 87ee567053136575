package words

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"calla/phone/cause"
)

// named are the constants of a type in package cause, by their values.
func named(t *testing.T, of string) []string {
	t.Helper()
	files, err := filepath.Glob("../cause/*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no sources of causes: %v", err)
	}
	var all []string
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			v, is := n.(*ast.ValueSpec)
			if !is {
				return true
			}
			if name, is := v.Type.(*ast.Ident); !is || name.Name != of {
				return true
			}
			value, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, value)
			return true
		})
	}
	return all
}

// full is a cause with every fact there is.
func full(kind string) cause.Cause {
	return cause.Cause{
		Kind: cause.Kind(kind), Account: "alice@example.com", Party: "Bob", Address: "4711", To: "carol", Text: "hello",
		Server: "wss://sip.example.com/ws", Proxy: "proxy:3128", File: "accounts.json", Folder: "/home/alice",
		Realm:     "pstn",
		Parameter: "uri", Reason: "is missing", Offer: "ws://sip.example.com", Status: 403, Phrase: "Forbidden",
		Code: 1006, Q850: 34,
		Bits: 1024, Count: 8, Of: 9, Decibels: 12, After: 8 * time.Second,
		At:    time.Date(2026, 11, 3, 14, 52, 0, 0, time.UTC),
		Names: []string{"sip.example.com"}, Gone: []string{"Headset"}, Used: []string{"Microphone"},
		System:  cause.SystemDiskFull,
		Because: &cause.Cause{Kind: cause.CallNotAnswered},
	}
}

var entryHead = regexp.MustCompile(`(?m)^\[([a-z0-9-]+)(?:/([a-z0-9-]+))?\]$`)

func TestEveryCauseHasWordsAndEveryEntryACause(t *testing.T) {
	kinds := named(t, "Kind")
	if len(kinds) < 150 {
		t.Fatalf("found only %d causes", len(kinds))
	}
	l := English()
	stable := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	for i, kind := range kinds {
		if !stable.MatchString(kind) || slices.Contains(kinds[:i], kind) {
			t.Errorf("%q is no name of its own in small letters with hyphens", kind)
		}
		if l.entry(kind) == (text{}) {
			t.Errorf("%s: has no words", kind)
		}
		for name, c := range map[string]cause.Cause{"every fact": full(kind), "no fact": {Kind: cause.Kind(kind)}} {
			told := l.Tell(c)
			if all := told.Title + told.Why + told.Do + told.Short; strings.ContainsAny(all, "{}%") ||
				strings.Contains(all, "  ") {
				t.Errorf("%s with %s: %q", kind, name, told)
			}
			if name == "every fact" && told.Short == "" {
				t.Errorf("%s: says nothing in short", kind)
			}
		}
	}
	seen := map[string]bool{}
	for _, written := range l.texts {
		for _, m := range entryHead.FindAllStringSubmatch(written, -1) {
			if m[1] != stoppedEntry && !slices.Contains(kinds, m[1]) || seen[m[0]] {
				t.Errorf("%s: there is no such cause, or it has been told before", m[0])
			}
			seen[m[0]] = true
		}
	}
	for _, system := range named(t, "System") {
		if system != "" && l.System(cause.System(system), 1) == "" {
			t.Errorf("%s: has no words", system)
		}
	}
}

func TestEveryFactInATextIsKnown(t *testing.T) {
	l := English()
	for _, written := range append(slices.Clone(l.texts), l.system) {
		for _, m := range regexp.MustCompile(`\{([^}]*)\}`).FindAllStringSubmatch(written, -1) {
			if _, known := l.fact(l, m[1], full("busy")); !known {
				t.Errorf("{%s} is no fact", m[1])
			}
		}
	}
}

// TestSentencesReadAsSentences: a title, a reason and an advice begin with a capital, a fact or a sign, and end.
func TestSentencesReadAsSentences(t *testing.T) {
	l := English()
	begins := regexp.MustCompile(`^([A-Z“]|\{)`)
	for _, written := range append(slices.Clone(l.texts), l.system) {
		for line := range strings.Lines(written) {
			key, value, _ := strings.Cut(strings.TrimSpace(line), " ")
			value = strings.TrimSpace(value)
			ends := strings.HasSuffix(value, ".") || strings.HasSuffix(value, "?") || strings.HasSuffix(value, "}") ||
				strings.HasSuffix(value, "…")
			switch key {
			case "title", "why", "do":
				if !begins.MatchString(value) || !ends || len(line) > 160 {
					t.Errorf("%s", line)
				}
			case "short":
				if strings.HasSuffix(value, ".") || strings.Contains(value, ".}") {
					t.Errorf("%s", line)
				}
			}
		}
	}
}

func TestFactsTakeTheirPlaces(t *testing.T) {
	l := English()
	url := "wss://sip.example.com:8443/ws"
	for _, c := range []struct {
		name  string
		cause cause.Cause
		want  string // of the line, or of Short where there is none
	}{
		{"one fact", cause.Cause{Kind: cause.NotKnownOrOffline, Address: "4711"}, "4711 is not known or not online. " +
			"The phone server finds nobody there: it may not exist, or no phone is signed in. Check what you " +
			"dialled, or call again later."},
		{"nothing to explain", cause.Cause{Kind: cause.Busy}, "Busy"},
		{
			"small numbers",
			cause.Cause{Kind: cause.AccountsTrouble, Count: 2, Of: 999},
			"2 of 999 accounts have trouble",
		},
		{
			"large numbers",
			cause.Cause{Kind: cause.AccountsTrouble, Count: 1000, Of: 1234567},
			"1\u202f000 of 1\u202f234\u202f567 accounts have trouble",
		},
		{
			"parts of an address",
			cause.Cause{Kind: cause.NothingListens, Server: url},
			"sip.example.com answered, but nothing is listening on port 8443. The port may be wrong or the phone " +
				"server is down. Check the port.",
		},
		{
			"a fact that is not there",
			cause.Cause{Kind: cause.TLSFailed, Server: url},
			"The encrypted connection to sip.example.com could not be made. Your password was not sent. Tell your " +
				"provider.",
		},
		{
			"a fact of another kind",
			cause.Cause{Kind: cause.TLSFailed, Server: url, System: cause.SystemCut},
			"The encrypted connection to sip.example.com could not be made. The other end cut the connection. Your " +
				"password was not sent. Tell your provider.",
		},
		{
			"a variant by number",
			cause.Cause{Kind: cause.ConnectionCut, Code: 1013},
			"The connection was cut by the server or a proxy (code 1013). The server is overloaded. We connect " +
				"again by ourselves.",
		},
		{
			"what it comes of",
			cause.Cause{
				Kind: cause.CannotHold, Party: "Bob",
				Because: &cause.Cause{Kind: cause.CallEnding},
			},
			"The call with Bob cannot be put on hold. It is just ending.",
		},
		{
			"in small letters",
			cause.Cause{Kind: cause.ServerFailed, Because: &cause.Cause{Kind: cause.NothingListens}},
			"nothing listens",
		},
		{"nobody tries again", cause.Cause{
			Kind: cause.NoConnection, Server: url, Stopped: true,
			Action: cause.ActionRetry,
		}, "No connection to sip.example.com:8443. Try again. If it lasts, ask your " +
			"provider."},
		{
			"a question keeps its mark",
			cause.Cause{Kind: cause.NotATarget, Text: "x", Reason: "is what?"},
			"“x” cannot be called: it is what? Dial a number or an address such as bob@example.com.",
		},
		{"braces of others are no facts", cause.Cause{
			Kind: cause.NotATarget, Text: "{account}", Reason: "is odd",
			Account: "secret",
		}, "“{account}” cannot be called: it is odd. Dial a number or an address such as " +
			"bob@example.com."},
		{
			"one device",
			cause.Cause{Kind: cause.DeviceStandsIn, Gone: []string{"Headset"}, Used: []string{""}},
			"Headset is gone: the system's default is used.",
		},
		{
			"two devices",
			cause.Cause{Kind: cause.DeviceStandsIn, Gone: []string{"Headset"}, Used: []string{"A", "B"}},
			"Headset is gone: A and B are used.",
		},
		{
			"a date",
			cause.Cause{Kind: cause.CertificateExpired, At: time.Date(2026, 11, 3, 0, 0, 0, 0, time.UTC)},
			"The server's certificate expired on 3 Nov 2026. Your password was not sent. Tell your provider. If it " +
				"is newer, check this computer's date.",
		},
		{"a time", cause.Cause{Kind: cause.ThisDevice, After: 9 * time.Minute}, "this device · for 9 min"},
	} {
		told := l.Tell(c.cause)
		got := told.Line()
		if got == "" {
			got = told.Short
		}
		if got != c.want {
			t.Errorf("%s: says %q, want %q", c.name, got, c.want)
		}
	}
}

// TestPagesWithKeysHaveNoBareWords reads the sources of pages of the window all of whose words have a key: no text in
// them begins with a capital, or goes on from word to word, but in an error or a log, as a pattern of dates or in a
// picture.
func TestPagesWithKeysHaveNoBareWords(t *testing.T) {
	// Dates, figures, what draws a picture, and names: of a codec, and of the systems'.
	noWords := []string{"2006", "%.1f", "=\"", "Opus", "Xft.", "Monitor", "Cursor"}
	// Errors and logs are for programs.
	forPrograms := []string{"New", "Errorf", "FieldByName", "Format", "Debug", "Info", "Warn", "Error"}
	bare := regexp.MustCompile(`^[…“]? ?[A-Z][a-z]|[a-z] [a-z]`)
	for text, want := range map[string]bool{
		"Delete": true, "Delete this contact…": true, "… and ": false, " is kept": true, "no label": true,
		"chevron-left": false, "": false, ", ": false, "contacts.vcf": false, "%s: %d": false, "WAV": false,
	} {
		if bare.MatchString(text) != want {
			t.Errorf("%q: bare %v", text, !want)
		}
	}
	for _, page := range []string{
		"*", "contacts/*", "history/*", "display/*", "messages/*", "form/*", "exchange/*", "checks/*", "widget/*",
		"tell/*", "suggest/*",
	} {
		files, err := filepath.Glob("../../ui/" + page + ".go")
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files: %v", page, len(files), err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(parsed, func(n ast.Node) bool {
				if call, is := n.(*ast.CallExpr); is {
					f, _ := call.Fun.(*ast.SelectorExpr)
					return f == nil || !slices.Contains(forPrograms, f.Sel.Name)
				}
				literal, is := n.(*ast.BasicLit)
				if !is || literal.Kind != token.STRING {
					return true
				}
				text, err := strconv.Unquote(literal.Value)
				if err == nil && text != "Calla" && bare.MatchString(text) &&
					!slices.ContainsFunc(noWords, func(part string) bool { return strings.Contains(text, part) }) {
					t.Errorf("%s says %q without a key", file, text)
				}
				return true
			})
		}
	}
}

// TestNothingElseInThePhoneMakesASentence reads the sources of the phone and its checks: no text in them begins as a
// sentence does and goes on in words.
func TestNothingElseInThePhoneMakesASentence(t *testing.T) {
	sentence := regexp.MustCompile(`^[A-Z“][a-z’']* [a-z]|^[A-Z“].* .*[.?…]$`)
	read := 0
	for _, room := range []string{"..", "../cause", "../contacts", "../doctor", "../logs", "../safe", "../system"} {
		files, err := filepath.Glob(room + "/*.go")
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			read++
			parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(parsed, func(n ast.Node) bool {
				literal, is := n.(*ast.BasicLit)
				if !is || literal.Kind != token.STRING {
					return true
				}
				if text, err := strconv.Unquote(literal.Value); err == nil && sentence.MatchString(text) {
					t.Errorf("%s says %q", file, text)
				}
				return true
			})
		}
	}
	if read < 30 {
		t.Fatalf("read only %d sources", read)
	}
}
