package sound

import (
	"bytes"
	"encoding/binary"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"calla/test/peers"
)

// libraries builds a program of testdata that has libspeexdsp and libwebrtc-audio-processing do a thing, and returns
// what runs it: named for the library, with samples in, of 16 bits, and samples out.
func libraries(t *testing.T, source string) func(t *testing.T, library string, in ...[]int16) []int16 {
	t.Helper()
	peers.Need(t, "g++", "pkg-config")
	flags, err := exec.Command("pkg-config", "--cflags", "--libs", "webrtc-audio-processing", "speexdsp").Output()
	if err != nil {
		peers.Missing(t, "libspeexdsp-dev, libwebrtc-audio-processing-dev")
	}
	program := filepath.Join(t.TempDir(), "program")
	args := append([]string{"-O2", "-o", program, filepath.Join("testdata", source)}, strings.Fields(string(flags))...)
	if out, err := exec.Command("g++", args...).CombinedOutput(); err != nil {
		t.Fatalf("g++: %v: %s", err, out)
	}
	return func(t *testing.T, library string, in ...[]int16) []int16 {
		t.Helper()
		var raw bytes.Buffer
		for _, part := range in {
			if err := binary.Write(&raw, binary.LittleEndian, part); err != nil {
				t.Fatal(err)
			}
		}
		run := exec.Command(program, library)
		run.Stdin = &raw
		data, err := run.Output()
		if err != nil {
			t.Fatalf("%s: %v", library, err)
		}
		out := make([]int16, len(data)/2)
		if err := binary.Read(bytes.NewReader(data), binary.LittleEndian, out); err != nil {
			t.Fatal(err)
		}
		return out
	}
}
