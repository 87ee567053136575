package console

import (
	"os"
	"path/filepath"
	"slices"
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
	tone := filepath.Join(t.TempDir(), "ring.wav")
	if err := os.WriteFile(tone, slices.Concat([]byte("RIFF"+"\xc8\x00\x00\x00"+"WAVEfmt "+"\x10\x00\x00\x00"+
		"\x01\x00\x01\x00"+"\x40\x1f\x00\x00"+"\x80\x3e\x00\x00"+"\x02\x00\x10\x00"+"data"+
		"\xa4\x00\x00\x00"), make([]byte, 164)), 0o600); err != nil {
		t.Fatal(err)
	}
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
		{
			"its own for its calls",
			[]string{"change", "bob miller", "--ringtone", tone, "--answer", "7", "--record", "yes"},
			ExitOK,
			[]string{"bob@example.com [ringtone " + tone + "; answer 7; record yes]"},
			"",
		},
		{
			"its own for its calls, changed in part",
			[]string{"change", "1", "--answer", "Never", "--json"},
			ExitOK,
			[]string{`"ringtone":"` + tone + `","answer":"never","record":"yes"`},
			"",
		},
		{
			"its own ringtone is none",
			[]string{"change", "1", "--ringtone", "None"},
			ExitOK,
			[]string{"[ringtone none;"},
			"",
		},
		{
			"a ringtone that is not there",
			[]string{"change", "1", "--ringtone", tone + "2"},
			ExitInvalid,
			[]string{tone + "2"},
			"★",
		},
		{
			"a ringtone that is no sound",
			[]string{"change", "1", "--ringtone", words},
			ExitInvalid,
			[]string{words},
			"★",
		},
		{"an answer at no time", []string{"change", "1", "--answer", "soon"}, ExitInvalid, []string{`"soon"`}, "★"},
		{"an answer much later", []string{"change", "1", "--answer", "601"}, ExitInvalid, []string{"600"}, "★"},
		{"a record of some", []string{"change", "1", "--record", "some"}, ExitInvalid, []string{`"some"`}, "★"},
		{"nothing to change", []string{"change", "1"}, ExitUsage, []string{"--ringtone"}, "★"},
		{
			"nobody to change",
			[]string{"change", "carol", "--record", "no"},
			ExitInvalid,
			[]string{"there is none"},
			"★",
		},
		{
			"nothing was changed by what was refused",
			[]string{"list"},
			ExitOK,
			[]string{"[ringtone none; answer never; record yes]"},
			"",
		},
		{
			"as the account again",
			[]string{"change", "1", "--ringtone", "account", "--answer", "account", "--record", "account"},
			ExitOK,
			[]string{"1 ★ Bob Miller: +49 30 1234567 (work), bob@example.com\n"},
			"[",
		},
		{
			"new, with its own",
			[]string{"add", "Gate", "4712", "--answer", "0", "--record", "no", "--ringtone", "calla"},
			ExitOK,
			[]string{"Gate: 4712 [ringtone calla; answer 0; record no]"},
			"",
		},
		{"deleted with its own", []string{"delete", "gate"}, ExitOK, []string{"Deleted Gate"}, ""},
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
