package main

import (
	"bytes"
	"os"
	"slices"
	"testing"
)

func TestConformancePageIsCurrent(t *testing.T) {
	tests, err := readTests("../..")
	if err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	WriteConformance(&want, tests)
	got, err := os.ReadFile("../conformance.md")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want.Bytes()) {
		t.Error("docs/conformance.md is not what `make docs` writes")
	}
}

// TestEveryKindHasFiveVariants: one example holds an example, not a rule. A kind whose tests are awaited may have
// fewer.
func TestEveryKindHasFiveVariants(t *testing.T) {
	tests, err := readTests("../..")
	if err != nil {
		t.Fatal(err)
	}
	var known []string
	for _, set := range kindSets() {
		for _, k := range set.kinds {
			known = append(known, k.slug)
			variants := 0
			for _, test := range tests {
				if slices.Contains(test.holds, k.slug) {
					variants += max(1, len(test.variants))
				}
			}
			if slices.Contains(awaited(), k.slug) {
				continue
			}
			if variants < 5 && k.slug != "dependencies" { // one look into the database holds them all
				t.Errorf("%s: %d variants are tested", k.slug, variants)
			}
		}
	}
	for _, test := range tests {
		for _, slug := range test.holds {
			if !slices.Contains(known, slug) {
				t.Errorf("%s in %s holds %q, which is no kind", test.name, test.file, slug)
			}
		}
	}
}

func TestEveryAttackHasATestOrAReason(t *testing.T) {
	tests, err := readTests("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range attacks() {
		if tested := len(testsAgainst(a, tests)) > 0; tested == (a.without != "") {
			t.Errorf("S%d: tested is %t, and the reason for no test is %q", a.number, tested, a.without)
		}
	}
}

func TestVariantsAreReadFromTheSource(t *testing.T) {
	tests, err := readTests(".")
	if err != nil {
		t.Fatal(err)
	}
	// What is read is this function, in each form that a table may have.
	for _, row := range []struct {
		name string
		used bool
	}{{"a row", true}, {name: "a named field"}} {
		_ = row
	}
	for key := range map[string]int{"a key": 1} {
		_ = key
	}
	for _, word := range []string{"a " + "text"} {
		_ = word
	}
	t.Run("a subtest", func(*testing.T) {})
	at := slices.IndexFunc(tests, func(h heldTest) bool { return h.name == t.Name() })
	if at < 0 {
		t.Fatal("this test was not found")
	}
	if want := []string{"a row", "a named field", "a key", "a text", "a subtest"}; !slices.Equal(tests[at].variants,
		want) {
		t.Errorf("read %q, want %q", tests[at].variants, want)
	}
}
