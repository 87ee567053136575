package console

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestContactsOnTheCommandLine: what is kept is listed, found in any spelling, imported only when that is said,
// exported and deleted; each line has what it says and the exit code.
func TestContactsOnTheCommandLine(t *testing.T) {
	profile := t.TempDir()
	out := filepath.Join(t.TempDir(), "all.csv")
	table := inFile(t, "Name;Telefon;Firma\nBob Miller;0049 30 1234567;\nBob Miller;1008;\nCarol;+49 170 "+
		"7654321;Example Ltd\nDave;nothing at all;\n")
	damaged := inFile(t, "BEGIN:VCARD\nFN:Eve\nTEL:1009\nBEGIN:VCARD\nTEL:http://x.example\n")
	words := inFile(t, "Dear all,\nhow are you?\n")
	for _, c := range []struct {
		name string
		args []string
		code int
		has  []string
		not  string
	}{
		{"none", []string{"list"}, ExitOK, nil, ":"},
		{"found none", []string{"search", "bob"}, ExitInvalid, nil, ":"},
		{
			"kept",
			[]string{"add", "Bob Miller", "work=+49 30 1234567", "bob@example.com", "--favourite"},
			ExitOK,
			[]string{"1 ★ Bob Miller: +49 30 1234567 (work), bob@example.com"},
			"",
		},
		{"nobody to call", []string{"add", "Bob", "http://x.example"}, ExitInvalid, []string{"http://x.example"}, ""},
		{"nothing to call", []string{"add", "Bob"}, ExitUsage, nil, "★"},
		{
			"listed",
			[]string{"list", "--json"},
			ExitOK,
			[]string{`"id":1,"name":"Bob Miller"`, `"favourite":true`, `{"label":"work","address":"+49 30 1234567"}`},
			"",
		},
		{"favourites", []string{"list", "--favourites"}, ExitOK, []string{"Bob Miller"}, ""},
		{"found by its name", []string{"search", "mil"}, ExitOK, []string{"Bob Miller"}, ""},
		{"found by a number otherwise written", []string{"search", "0049-30-123"}, ExitOK, []string{"Bob Miller"}, ""},
		{"found by a number at home", []string{"search", "030 1234567"}, ExitOK, []string{"Bob Miller"}, ""},
		{
			"an import is told",
			[]string{"import", table},
			ExitOK,
			[]string{
				"same  Bob Miller", "merge Bob Miller: 1008 → Bob Miller", "new   Carol, Example Ltd",
				"line 5 cannot be called", "1 new, 1 to merge, 1 the same, 2 not read.", "Nothing is changed yet",
			},
			"",
		},
		{"and nothing was changed", []string{"search", "carol"}, ExitInvalid, nil, "Carol"},
		{
			"an import is done",
			[]string{"import", "--yes", "--json", table},
			ExitOK,
			[]string{
				`"verdict":"merge"`, `"event":"unread","line":5,"cause":"contact-address-unusable"`,
				`"event":"result","ok":true,"new":1,"merge":1,"same":1,"unread":2,"changed":2`,
			},
			"",
		},
		{
			"and is there",
			[]string{"list"},
			ExitOK,
			[]string{"Bob Miller: +49 30 1234567 (work), bob@example.com, 1008", "Carol, Example Ltd: +49 170 7654321"},
			"Dave",
		},
		{
			"again it changes nothing",
			[]string{"import", "--yes", table},
			ExitOK,
			[]string{"0 new, 0 to merge, 3 the same", "0 contacts kept."},
			"",
		},
		{
			"a damaged file",
			[]string{"import", "--yes", damaged},
			ExitOK,
			[]string{"new   Eve: 1009", "begins in line 1 has no end", "line 5 cannot be called"},
			"",
		},
		{
			"no file of contacts",
			[]string{"import", words},
			ExitInvalid,
			[]string{"no column with numbers or addresses"},
			"",
		},
		{"no file", []string{"import", filepath.Join(profile, "none.vcf")}, ExitInvalid, []string{"none.vcf"}, ""},
		{
			"an unknown code page",
			[]string{"import", "--code-page", "klingon", table},
			ExitInvalid,
			[]string{"klingon"},
			"",
		},
		{"a delimiter of two signs", []string{"import", "--delimiter", "::", table}, ExitUsage, []string{"::"}, ""},
		{
			"exported",
			[]string{"export"},
			ExitOK,
			[]string{"BEGIN:VCARD", "VERSION:4.0", "FN:Carol", "CATEGORIES:starred"},
			"",
		},
		{"exported as before", []string{"export", "--form", "vcard-3"}, ExitOK, []string{"VERSION:3.0"}, ""},
		{
			"exported as a table",
			[]string{"export", "--form", "csv", out},
			ExitOK,
			[]string{"3 contacts are in " + out},
			"",
		},
		{"deleted", []string{"delete", "carol"}, ExitOK, []string{"Deleted Carol"}, ""},
		{"deleted by its number", []string{"delete", "0049 30 1234567"}, ExitOK, []string{"Deleted Bob Miller"}, ""},
		{"nobody to delete", []string{"delete", "carol"}, ExitInvalid, []string{"there is none"}, ""},
		{
			"what was exported is read",
			[]string{"import", "--yes", out},
			ExitOK,
			[]string{"2 new, 0 to merge, 1 the same"},
			"",
		},
		{
			"and is what it was",
			[]string{"search", "--json", "bob"},
			ExitOK,
			[]string{`"favourite":true`, `{"label":"work","address":"+49 30 1234567"},` +
				`{"label":"","address":"bob@example.com"},{"label":"","address":"1008"}`},
			"",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, errs, code := ran(t, "", append([]string{"--profile", profile, "contacts"}, c.args...)...)
			if code != c.code {
				t.Errorf("exit code %d, want %d: %s%s", code, c.code, out, errs)
			}
			for _, want := range c.has {
				if !strings.Contains(out+errs, want) {
					t.Errorf("told %q %q, want %q", out, errs, want)
				}
			}
			if c.not != "" && strings.Contains(out, c.not) {
				t.Errorf("told %q", out)
			}
		})
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(out), ".calla-export-*")); err != nil || left != nil {
		t.Errorf("left %q, %v", left, err)
	}
	if info, err := os.Stat(out); err != nil || info.Size() == 0 {
		t.Errorf("%v", err)
	}
}
