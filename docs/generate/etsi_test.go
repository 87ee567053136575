package main

import (
	"bytes"
	"os"
	"slices"
	"testing"
)

func TestEtsiPageIsCurrent(t *testing.T) {
	tests, err := readTests("../..")
	if err != nil {
		t.Fatal(err)
	}
	all, err := readEtsi("../..")
	if err != nil {
		t.Fatal(err)
	}
	want, err := etsiPage(all, tests)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../etsi.md")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("docs/etsi.md is not what `make docs` writes")
	}
}

func TestEveryPurposeOfAUserAgentIsInOneRow(t *testing.T) {
	all, err := readEtsi("../..")
	if err != nil {
		t.Fatal(err)
	}
	var catalogue []string
	for _, ids := range all.Catalogue {
		some, err := expand(ids)
		if err != nil {
			t.Fatal(err)
		}
		catalogue = append(catalogue, some...)
	}
	if len(catalogue) != 292 {
		t.Errorf("the catalogue has %d identifiers of user agents, ETSI's 292", len(catalogue))
	}
	rows := map[string]int{}
	for _, table := range all.Tables {
		for _, row := range table.Rows {
			some, err := expand(row.Purposes)
			if err != nil {
				t.Fatal(err)
			}
			for _, id := range some {
				rows[id]++
			}
			if row.Why != etsiVoid && (row.Section == "" || row.Rule == "") || row.Why == "" && len(row.Tests) == 0 {
				t.Errorf("%s: %+v", row.Purposes, row)
			}
		}
	}
	for _, id := range catalogue {
		if rows[id] != 1 {
			t.Errorf("%s is in %d rows", id, rows[id])
		}
		delete(rows, id)
	}
	for id := range rows {
		t.Errorf("%s is no purpose of ETSI's for user agents", id)
	}
}

func TestTestsOfPurposesMustExist(t *testing.T) {
	row := etsiRow{Purposes: "SIP_QC_TE_V_001", Section: "11", Rule: "x", Tests: []string{"TestNobodyWrote"}}
	if _, err := proofCell(row, []heldTest{{name: "TestNobodyWrote", file: "phone/x_test.go"}}); err == nil {
		t.Error("a test that is not below netsip is taken")
	}
	if cell, err := proofCell(row, []heldTest{{name: "TestNobodyWrote", file: "netsip/x_test.go"}}); err != nil ||
		cell != "`TestNobodyWrote` in netsip/x_test.go" {
		t.Errorf("%q, %v", cell, err)
	}
}

func TestIdentifiersAreExpanded(t *testing.T) {
	for text, want := range map[string][]string{
		"A_V_001":               {"A_V_001"},
		"A_V_001–003":           {"A_V_001", "A_V_002", "A_V_003"},
		"A_B_TI_009, 011–012":   {"A_B_TI_009", "A_B_TI_011", "A_B_TI_012"},
		"A_V_3":                 nil,
		"A_V_003–001":           nil,
		"A_V_":                  nil,
		"001":                   nil,
		"A_V_001-003":           nil,
		"A_V_001,002":           nil,
		"A_V_001–003, A_TI_001": nil,
	} {
		if got, err := expand(text); !slices.Equal(got, want) || (err == nil) != (want != nil) {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
}
