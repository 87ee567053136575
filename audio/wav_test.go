package audio

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func wavFile(format uint16, channels uint16, rate uint32, bits uint16, size uint32, data []byte) []byte {
	var b bytes.Buffer
	put := func(v any) { _ = binary.Write(&b, binary.LittleEndian, v) }
	b.WriteString("RIFF")
	put(uint32(36 + len(data)))
	b.WriteString("WAVELIST")
	put(uint32(3)) // odd: padded
	b.Write([]byte{1, 2, 3, 0})
	b.WriteString("fmt ")
	put(uint32(16))
	put(format)
	put(channels)
	put(rate)
	put(rate * uint32(channels) * uint32(bits) / 8)
	put(channels * bits / 8)
	put(bits)
	b.WriteString("data")
	put(size)
	b.Write(data)
	return b.Bytes()
}

func TestWAVOfAnyRateBecomesMonoAt48kHz(t *testing.T) {
	for _, rate := range []int{8000, 16000, 22050, 44100, 48000, 96000} {
		for _, channels := range []int{1, 2} {
			var data []byte
			for i := range rate {
				s := uint16(int16(8000 * math.Sin(2*math.Pi*440*float64(i)/float64(rate))))
				for range channels {
					data = binary.LittleEndian.AppendUint16(data, s)
				}
			}
			for _, size := range []uint32{uint32(len(data)), 0, 0xffffffff, uint32(len(data)) + 1000} {
				pcm, err := ReadWAV(bytes.NewReader(wavFile(1, uint16(channels), uint32(rate), 16, size, data)))
				if err != nil {
					t.Fatalf("%d Hz, %d channels, size %d: %v", rate, channels, size, err)
				}
				if n := len(pcm); n < SampleRate-2 || n > SampleRate+2 {
					t.Errorf("%d Hz, %d channels: %d samples", rate, channels, n)
				}
				if size == 0 {
					if m := MeasureTone(pcm); math.Abs(m.Frequency-440) > 0.2 || m.Purity < 0.99 {
						t.Errorf("%d Hz, %d channels: heard %v", rate, channels, m)
					}
				}
			}
		}
	}
}

func TestWAVThatCannotBeReadSaysWhy(t *testing.T) {
	data := make([]byte, 100)
	for want, file := range map[string][]byte{
		"not a WAV file":  []byte("RIFX"),
		"12-bit samples":  wavFile(1, 1, 48000, 12, 100, data),
		"16-bit samples":  wavFile(6, 1, 8000, 16, 100, data),
		"is not PCM":      wavFile(2, 1, 8000, 4, 100, data),
		"9 channels":      wavFile(1, 9, 48000, 16, 100, data),
		"0 channels":      wavFile(1, 0, 48000, 16, 100, data),
		"rate of 1 Hz":    wavFile(1, 1, 1, 16, 100, data),
		"rate of 0 Hz":    wavFile(1, 1, 0, 16, 100, data),
		"no sound in the": wavFile(1, 1, 48000, 16, 100, data)[:50],
	} {
		if _, err := ReadWAV(bytes.NewReader(file)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
	if _, err := ReadWAVFile(filepath.Join(t.TempDir(), "none.wav")); err == nil ||
		!strings.Contains(err.Error(), "none.wav") {
		t.Errorf("a missing file: %v", err)
	}
}

func FuzzReadWAV(f *testing.F) {
	f.Add(wavFile(1, 2, 44100, 16, 8, make([]byte, 8)))
	f.Add(wavFile(0xfffe, 1, 8000, 16, 8, make([]byte, 8)))
	f.Fuzz(func(t *testing.T, b []byte) {
		if pcm, err := ReadWAV(bytes.NewReader(b)); err == nil && len(pcm) > (len(b)+64)*48 {
			t.Errorf("%d bytes became %d samples", len(b), len(pcm))
		}
	})
}

func TestRecorderWritesWhatItHeard(t *testing.T) {
	name := filepath.Join(t.TempDir(), "call.wav")
	r, err := NewRecorder(name)
	if err != nil {
		t.Fatal(err)
	}
	want := pull(NewToneSource(Sine(440, -12)), 3*time.Second)
	for i := 0; i < len(want); i += FrameSamples {
		r.Add(want[i : i+FrameSamples])
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := ReadWAVFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, want) || r.Missing() != 0 {
		t.Errorf("%d samples of %d, %d missing", len(got), len(want), r.Missing())
	}
	if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if err := r.Close(); err != nil {
		t.Errorf("closed twice: %v", err)
	}
	if _, err := NewRecorder(filepath.Join(t.TempDir(), "no", "such.wav")); err == nil {
		t.Error("a file in no folder was created")
	}
}

func TestWAVWriterLeavesAValidFileWhenKilled(t *testing.T) {
	name := filepath.Join(t.TempDir(), "call.wav")
	w, err := CreateWAV(name)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if pcm, err := ReadWAVFile(name); err != nil || len(pcm) != 0 {
		t.Errorf("at once: %d samples, %v", len(pcm), err)
	}
	if err := w.Write(make([]int16, 3*SampleRate/2)); err != nil {
		t.Fatal(err)
	}
	if pcm, err := ReadWAVFile(name); err != nil || len(pcm) != SampleRate {
		t.Errorf("after 1.5 s: %d samples, %v", len(pcm), err)
	}
}
