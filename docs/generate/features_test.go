package main

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// featureRow is a row of docs/features.md.
type featureRow struct{ feature, there, where, tests, missing string }

// featureRows reads the page; a table whose rows have not five cells is an error of the page.
func featureRows(t *testing.T) []featureRow {
	t.Helper()
	page, err := os.ReadFile("../features.md")
	if err != nil {
		t.Fatal(err)
	}
	var rows []featureRow
	for line := range strings.Lines(string(page)) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "|") || strings.HasPrefix(line, "|---") || strings.HasPrefix(line, "| feature |") {
			continue
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		if len(cells) != 5 {
			t.Fatalf("%d cells: %s", len(cells), line)
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		rows = append(rows, featureRow{cells[0], cells[1], cells[2], cells[3], cells[4]})
	}
	return rows
}

// TestEveryFeatureHasATestOrAReason: what is there is held by tests that exist, what is not says why, and nothing
// stands twice.
func TestEveryFeatureHasATestOrAReason(t *testing.T) {
	tests, err := readTests("../..")
	if err != nil {
		t.Fatal(err)
	}
	exists := map[string]bool{}
	for _, test := range tests {
		exists["`"+test.name+"` in "+test.file] = true
	}
	rows := featureRows(t)
	if len(rows) == 0 {
		t.Fatal("no rows were read")
	}
	var features []string
	for _, row := range rows {
		if slices.Contains(features, row.feature) {
			t.Errorf("%s stands twice", row.feature)
		}
		features = append(features, row.feature)
		var held []string
		if row.tests != "" {
			held = strings.Split(row.tests, "<br>")
		}
		for _, test := range held {
			if !exists[test] {
				t.Errorf("%s: there is no test %s", row.feature, test)
			}
		}
		where, tested, reason := row.where != "", len(held) > 0, row.missing != ""
		switch row.there {
		case "yes":
			if !where || !tested || reason {
				t.Errorf("%s: yes needs a place and a test, and nothing is missing", row.feature)
			}
		case "partly":
			if !where || !tested || !reason {
				t.Errorf("%s: partly needs a place, a test, and what is missing", row.feature)
			}
		case "no":
			if where || tested || !reason {
				t.Errorf("%s: no needs a reason alone", row.feature)
			}
		default:
			t.Errorf("%s: there is %q, which is not yes, partly or no", row.feature, row.there)
		}
	}
}

// TestFeaturesAreWhereTheirRowsSay: what a row names as a command, a link or a parameter stands in the pages that
// are made of the program's own lists.
func TestFeaturesAreWhereTheirRowsSay(t *testing.T) {
	var known string
	for _, page := range []string{"../commands.md", "../parameters.md"} {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		known += string(text)
	}
	for _, row := range featureRows(t) {
		for _, span := range regexp.MustCompile("`[^`]+`").FindAllString(row.where, -1) {
			// A command may have more behind it there: `call TARGET`.
			word := strings.TrimSuffix(span, "`")
			if !strings.Contains(known, span) && !strings.Contains(known, word+" ") {
				t.Errorf("%s: %s is no command, link or parameter", row.feature, span)
			}
		}
	}
}
