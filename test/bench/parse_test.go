package bench

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"calla/test/peers"
)

// benchmark is what `go test -bench` told of one of them.
type benchmark struct {
	took        []float64 // ns for one operation, of each run
	allocations float64
}

func (b benchmark) String() string {
	sorted := slices.Sorted(slices.Values(b.took))
	return fmt.Sprintf("%s, %.0f allocations", shown(time.Duration(sorted[len(sorted)/2])), b.allocations)
}

// benchmarks runs a package's tests and benchmarks and returns the benchmarks by name, and all that was printed.
func benchmarks(t *testing.T, dir string, args ...string) (map[string]benchmark, string) {
	t.Helper()
	cmd := exec.Command("go", append([]string{"test", "-trimpath", "-count=3", "-benchmem", "-benchtime=500ms", "-v"},
		args...)...)
	cmd.Dir = filepath.Join(peers.Root(t), dir)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("go test in %s: %v:\n%s", dir, err, out)
	}
	all := map[string]benchmark{}
	pattern := regexp.MustCompile(`(?m)^Benchmark(\S+?)(?:-\d+)?\s+\d+\s+([\d.]+) ns/op.*?\s(\d+) allocs/op`)
	for _, m := range pattern.FindAllStringSubmatch(string(out), -1) {
		b := all[m[1]]
		ns, _ := strconv.ParseFloat(m[2], 64)
		n, _ := strconv.ParseFloat(m[3], 64)
		b.took, b.allocations = append(b.took, ns), max(b.allocations, n)
		all[m[1]] = b
	}
	return all, string(out)
}

// measureMessages: Calla and sipgo in one Go program, JsSIP in node.
func measureMessages(t *testing.T, parse, write, worst *row) {
	all, out := benchmarks(t, "test/compare", "-run=^$",
		"-bench=BenchmarkParseInvite|BenchmarkWriteInvite|BenchmarkWorst", ".")
	for _, m := range []struct {
		r    *row
		name string
		op   string // of message.js
	}{{parse, "ParseInvite", "parse"}, {write, "WriteInvite", "write"}} {
		calla, ok := all[m.name+"/calla"]
		sipgo, ok2 := all[m.name+"/sipgo"]
		if !ok || !ok2 {
			t.Fatalf("no figures in:\n%s", out)
		}
		m.r.add("%s", calla)
		m.r.also("sipgo: %s", sipgo)
		m.r.peer(t, "JsSIP in node", func(t *testing.T) string { return jssipMessage(t, m.op) })
	}
	for _, who := range []string{"calla", "sipgo"} {
		name, slowest := slowestOf(all, "Worst/"+who+"/")
		if name == "" {
			t.Fatalf("no figures in:\n%s", out)
		}
		if who == "calla" {
			worst.add("%s (%s)", slowest, name)
		} else {
			worst.also("sipgo, parsing alone: %s (%s)", slowest, name)
		}
	}
}

// slowestOf returns the slowest of the benchmarks whose names begin with prefix.
func slowestOf(all map[string]benchmark, prefix string) (name string, slowest benchmark) {
	for n, b := range all {
		rest, ok := strings.CutPrefix(n, prefix)
		if ok && (name == "" || slices.Min(b.took) > slices.Min(slowest.took)) {
			name, slowest = rest, b
		}
	}
	return name, slowest
}

// jssipMessage times JsSIP reading or writing the INVITE.
func jssipMessage(t *testing.T, op string) string {
	t.Helper()
	peers.Need(t, "node")
	root := peers.Root(t)
	cmd := exec.Command("node", "message.js", op, filepath.Join(root, "test", "bench", "testdata", "invite.sip"))
	cmd.Dir = filepath.Join(root, "test", "jssip")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("node message.js: %v", err)
	}
	ns, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
	if err != nil {
		t.Fatal(err)
	}
	return shown(time.Duration(ns))
}

// measureCycle is a call's signalling alone, both ends: INVITE, 180, 200, ACK, BYE, 200.
func measureCycle(t *testing.T, r *row) {
	calla, out := benchmarks(t, "netsip", "-run=^$", "-bench=BenchmarkCall$", ".")
	if c, ok := calla["Call"]; ok {
		r.add("%s, wire in memory", c)
	} else {
		t.Errorf("no figure in:\n%s", out)
	}
	sipgo, out := benchmarks(t, "test/compare", "-run=^$", "-bench=BenchmarkCall", ".")
	if c, ok := sipgo["Call/sipgo"]; ok {
		r.also("sipgo, TCP on loopback: %s", c)
	} else {
		t.Errorf("no figure in:\n%s", out)
	}
}

// measureAllocations: our own part in the rooms' tests and benchmarks, and a packet's whole way with pion.
func measureAllocations(t *testing.T, r *row) {
	sound, out := benchmarks(t, "audio", "-run=TestSteadyPathAllocatesNothing", "-bench=Sender|Receiver", ".")
	for _, name := range []string{"SenderOpus", "ReceiverOpus"} {
		if _, ok := sound[name]; !ok {
			t.Fatalf("no %s in:\n%s", name, out)
		}
	}
	most := 0.0
	for _, b := range sound {
		most = max(most, b.allocations)
	}
	media, out := benchmarks(t, "netsip/rtc", "-run=TestAudioPathAllocatesNothing", "-bench=BenchmarkPacket", ".")
	packet, ok := media["Packet"]
	if !ok {
		t.Fatalf("no Packet in:\n%s", out)
	}
	own := "more than 0"
	if strings.Contains(out, "--- PASS: TestAudioPathAllocatesNothing") {
		own = "0"
	}
	r.add("microphone to payload, and payload to loudspeaker: %.0f", most)
	r.add("payload to pion, and pion to payload: %s", own)
	r.add("pion's own (SRTP, sockets), out and in: %.0f", packet.allocations)
	r.add("Opus: %s out, %s in", shown(time.Duration(sound["SenderOpus"].took[0])),
		shown(time.Duration(sound["ReceiverOpus"].took[0])))
}
