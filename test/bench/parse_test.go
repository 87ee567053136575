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
	cmd := exec.Command("go", append([]string{"test", "-trimpath", "-count=3", "-benchmem", "-benchtime=500ms", "-v"}, args...)...)
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

// measureParse: Calla and sipgo in one Go program, JsSIP in node.
func measureParse(t *testing.T, r *row) {
	all, out := benchmarks(t, "test/compare", "-run=^$", "-bench=BenchmarkParseInvite", ".")
	calla, ok := all["ParseInvite/calla"]
	sipgo, ok2 := all["ParseInvite/sipgo"]
	if !ok || !ok2 {
		t.Fatalf("no figures in:\n%s", out)
	}
	r.add("%s", calla)
	r.also("sipgo: %s", sipgo)
	r.peer(t, "JsSIP in node", func(t *testing.T) string {
		peers.Need(t, "node")
		root := peers.Root(t)
		cmd := exec.Command("node", "parse.js", filepath.Join(root, "test", "bench", "testdata", "invite.sip"))
		cmd.Dir = filepath.Join(root, "test", "jssip")
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("node parse.js: %v", err)
		}
		ns, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
		if err != nil {
			t.Fatal(err)
		}
		return shown(time.Duration(ns))
	})
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
	r.add("Opus: %s out, %s in", shown(time.Duration(sound["SenderOpus"].took[0])), shown(time.Duration(sound["ReceiverOpus"].took[0])))
}
