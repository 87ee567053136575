// Package bench measures Calla's speed and size beside other phones, in one run on one machine, and
// writes the table that the README quotes: `make bench`.
//
// Nothing fails for a figure. What fails is what cannot be measured and should be; a peer that is not
// installed has no figure, and the table says so.
package bench

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"calla/test/peers"
)

// row is one line of the table.
type row struct {
	what, goal string
	ours       []string // Calla's figures
	beside     []string // the same of others, in the same run
}

func (r *row) add(format string, args ...any) { r.ours = append(r.ours, fmt.Sprintf(format, args...)) }

func (r *row) also(format string, args ...any) {
	r.beside = append(r.beside, fmt.Sprintf(format, args...))
}

// peer measures another program in a test of its own, so that one that is missing leaves the rest alone.
func (r *row) peer(t *testing.T, name string, f func(t *testing.T) string) {
	text := "not measured"
	t.Run(name, func(t *testing.T) {
		defer func() {
			if t.Skipped() {
				text = "not installed"
			}
		}()
		text = f(t)
	})
	r.also("%s: %s", name, text)
}

// TestTable measures everything, one thing after the other: it wants the machine for itself.
func TestTable(t *testing.T) {
	if os.Getenv("CALLA_BENCH") != "1" {
		t.Skip("CALLA_BENCH=1 measures speed and size (make bench)")
	}
	parse := &row{what: "parse a 1.6 kB INVITE", goal: "≤ 3 µs, ≤ 10 allocations"}
	write := &row{what: "write it", goal: "≤ 2 µs"}
	worst := &row{what: "the worst message of 64 kB found", goal: "≤ 5 ms"}
	cycle := &row{what: "a call's signalling, both ends: INVITE to the 200 of BYE", goal: "≤ 150 µs, ≤ 400 allocations"}
	start := &row{what: "headless: process start → registered, loopback Kamailio", goal: "≤ 60 ms"}
	window := &row{what: "window shown / registered after start", goal: "≤ 0.9 s / ≤ 0.3 s"}
	click := &row{what: "click → INVITE, no STUN / unreachable STUN", goal: "≤ 30 ms / ≤ 0.5 s"}
	answer := &row{what: "answer → 200 on the wire", goal: "≤ 50 ms p99"}
	secured := &row{what: "200 → DTLS up, with JsSIP in Chromium", goal: "≤ 100 ms"}
	memory := &row{what: "memory in a call, headless / window", goal: "≤ 30 MB / ≤ 180 MB"}
	calls := &row{what: "memory after 400 → 2,000 calls, headless", goal: "within 5 MB"}
	cpu := &row{what: "CPU in an Opus call, headless / window, of one core", goal: "≤ 5 % / ≤ 10 %"}
	allocations := &row{what: "allocations per packet in the steady audio path", goal: "0"}
	accounts := &row{
		what: "registered accounts on one loop: memory of each, CPU of all",
		goal: "≤ 40 kB, growing linearly; ≤ 1 %",
	}
	herd := &row{
		what: "1,000 accounts register again after a server restart",
		goal: "≤ 35 s, no 100 ms above twice the mean",
	}
	before := machine(t)
	for _, m := range []struct {
		name    string
		measure func(t *testing.T)
	}{
		{"Messages", func(t *testing.T) { measureMessages(t, parse, write, worst) }},
		{"Cycle", func(t *testing.T) { measureCycle(t, cycle) }},
		{"Start", func(t *testing.T) { measureStart(t, start) }},
		{"Window", func(t *testing.T) { measureWindow(t, window) }},
		{"Click", func(t *testing.T) { measureClick(t, click) }},
		{"Answer", func(t *testing.T) { measureAnswer(t, answer) }},
		{"Secured", func(t *testing.T) { measureSecured(t, secured) }},
		{"Call", func(t *testing.T) { measureCalls(t, memory, cpu) }},
		{"WindowUse", func(t *testing.T) { measureWindowUse(t, memory, cpu) }},
		{"MemoryOfCalls", func(t *testing.T) { measureMemoryOfCalls(t, calls) }},
		{"Allocations", func(t *testing.T) { measureAllocations(t, allocations) }},
		{"Accounts", func(t *testing.T) { measureAccounts(t, accounts) }},
		{"Herd", func(t *testing.T) { measureHerd(t, herd) }},
	} {
		t.Run(m.name, m.measure)
	}
	text := before + markdown([]*row{
		parse, write, worst, cycle, start, window, click, answer, secured, memory,
		calls, cpu, allocations, accounts, herd,
	})
	fmt.Print("\n" + text + "\n")
	file := filepath.Join(peers.Root(t), "build", "bench.md")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Error(err)
	}
}

func markdown(rows []*row) string {
	var b strings.Builder
	b.WriteString("| what | goal | Calla | beside it |\n|---|---|---|---|\n")
	for _, r := range rows {
		if len(r.ours) == 0 {
			r.ours = []string{"not measured"}
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", r.what, r.goal, strings.Join(r.ours, "<br>"),
			strings.Join(r.beside, "<br>"))
	}
	return b.String()
}
