package soundfile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/mewkiz/flac"
	"github.com/mewkiz/flac/frame"
	"github.com/mewkiz/flac/meta"

	"calla/audio"
)

// tone is a sine of half the full scale at a rate, in samples from -1 to 1.
func tone(rate int, length time.Duration) []float64 {
	all := make([]float64, int(length.Seconds()*float64(rate)))
	for i := range all {
		all[i] = 0.5 * math.Sin(2*math.Pi*440*float64(i)/float64(rate))
	}
	return all
}

// wav is a WAV file of a tone.
func wav(kind, channels, rate, bits int, length time.Duration) []byte {
	var data bytes.Buffer
	put := func(v any) { _ = binary.Write(&data, binary.LittleEndian, v) }
	for _, s := range tone(rate, length) {
		for range channels {
			switch {
			case kind == 3:
				put(float32(s))
			case bits == 8:
				put(uint8(128 + s*127))
			case bits == 16:
				put(int16(s * math.MaxInt16))
			case bits == 24:
				v := int32(s * (1<<23 - 1))
				data.Write([]byte{byte(v), byte(v >> 8), byte(v >> 16)})
			default:
				put(int32(s * math.MaxInt32))
			}
		}
	}
	var out bytes.Buffer
	out.WriteString("RIFF")
	for _, v := range []any{
		uint32(36 + data.Len()), []byte("WAVEfmt "), uint32(16), uint16(kind), uint16(channels), uint32(rate),
		uint32(rate * channels * bits / 8), uint16(channels * bits / 8), uint16(bits),
		[]byte("data"), uint32(data.Len()),
	} {
		_ = binary.Write(&out, binary.LittleEndian, v)
	}
	out.Write(data.Bytes())
	return out.Bytes()
}

// flacOf is a FLAC file of a tone.
func flacOf(t testing.TB, channels, rate, bits int, length time.Duration) []byte {
	var out bytes.Buffer
	const block = 4096
	all := tone(rate, length)
	e, err := flac.NewEncoder(&out, &meta.StreamInfo{
		BlockSizeMin: block, BlockSizeMax: block, SampleRate: uint32(rate), NChannels: uint8(channels),
		BitsPerSample: uint8(bits), NSamples: uint64(len(all)),
	})
	if err != nil {
		t.Fatal(err)
	}
	layout := map[int]frame.Channels{1: frame.ChannelsMono, 2: frame.ChannelsLR}[channels]
	for n := 0; len(all) > 0; n++ {
		part := all[:min(block, len(all))]
		all = all[len(part):]
		f := &frame.Frame{Header: frame.Header{
			BlockSize: uint16(len(part)), SampleRate: uint32(rate), Channels: layout, BitsPerSample: uint8(bits),
			Num: uint64(n), HasFixedBlockSize: true,
		}}
		samples := make([]int32, len(part))
		for i, s := range part {
			samples[i] = int32(s * float64(int64(1)<<(bits-1)-1))
		}
		for range channels {
			f.Subframes = append(f.Subframes, &frame.Subframe{
				SubHeader: frame.SubHeader{Pred: frame.PredVerbatim}, Samples: samples, NSamples: len(samples),
			})
		}
		if err := e.WriteFrame(f); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestSoundFilesAreReadAsTheEnginePlays: each kind, rate and depth has the same sound in the end.
func TestSoundFilesAreReadAsTheEnginePlays(t *testing.T) {
	for _, c := range []struct {
		name string
		file []byte
	}{
		{"WAV", wav(1, 1, 48000, 16, time.Second)},
		{"WAV of a CD", wav(1, 2, 44100, 16, time.Second)},
		{"WAV of 8 bits", wav(1, 1, 8000, 8, time.Second)},
		{"WAV of 24 bits", wav(1, 2, 96000, 24, time.Second)},
		{"WAV of 32 bits", wav(1, 1, 22050, 32, time.Second)},
		{"WAV in floating point", wav(3, 2, 48000, 32, time.Second)},
		{"FLAC", flacOf(t, 1, 48000, 16, time.Second)},
		{"FLAC of a CD", flacOf(t, 2, 44100, 16, time.Second)},
		{"FLAC of 24 bits", flacOf(t, 2, 96000, 24, time.Second)},
		{"FLAC of 8 bits", flacOf(t, 1, 16000, 8, time.Second)},
	} {
		t.Run(c.name, func(t *testing.T) {
			pcm, err := Read(put(t, c.file))
			if err != nil {
				t.Fatal(err)
			}
			if d := len(pcm) - audio.SampleRate; d < -100 || d > 100 {
				t.Errorf("%d samples of a second", len(pcm))
			}
			square, crossings, below := 0.0, 0, false
			for _, s := range pcm {
				square += float64(s) * float64(s)
				if below && s > 1000 {
					crossings++
				}
				below = s < -1000 || below && s <= 1000
			}
			rms := math.Sqrt(square / float64(len(pcm)))
			if want := 0.5 * 32767 / math.Sqrt2; rms < want*0.95 || rms > want*1.05 {
				t.Errorf("is of %.0f, want %.0f", rms, want)
			}
			if crossings < 437 || crossings > 443 {
				t.Errorf("has %d periods in a second", crossings)
			}
		})
	}
}

func put(t *testing.T, file []byte) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "ring")
	if err := os.WriteFile(name, file, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// TestSoundFilesThatWillNotDoSayWhy: each by what is wrong with it, and by its name.
func TestSoundFilesThatWillNotDoSayWhy(t *testing.T) {
	good := flacOf(t, 1, 48000, 16, time.Second)
	huge := put(t, nil)
	if err := os.Truncate(huge, LargestMB<<20+1); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		file string
		why  Why
	}{
		{"nothing in it", put(t, nil), Unknown},
		{"text", put(t, []byte("Ring, ring.")), Unknown},
		{"MP3", put(t, append([]byte{0xff, 0xfb, 0x90, 0}, make([]byte, 1000)...)), Unknown},
		{"Ogg", put(t, append([]byte("OggS"), make([]byte, 1000)...)), Unknown},
		{"three octets", put(t, []byte("RIF")), Unknown},
		{"WAV without sound", put(t, wav(1, 1, 48000, 16, 0)), Empty},
		{"WAV cut in its head", put(t, wav(1, 1, 48000, 16, 0)[:30]), Damaged},
		{"WAV of another law", put(t, wav(6, 1, 8000, 8, time.Second)), Damaged},
		{"FLAC cut in its head", put(t, good[:20]), Damaged},
		{"FLAC without sound", put(t, good[:42]), Empty},
		{"FLAC of noise", put(t, append(bytes.Clone(good[:42]), bytes.Repeat([]byte{0xff, 0xf8}, 500)...)), Damaged},
		{"a folder", t.TempDir(), NoFile},
		{"a device", os.DevNull, NoFile},
		{"too large", huge, TooLarge},
	} {
		t.Run(c.name, func(t *testing.T) {
			pcm, err := Read(c.file)
			var wrong *Error
			if !errors.As(err, &wrong) || wrong.Why != c.why || wrong.Name != c.file || pcm != nil {
				t.Errorf("%d samples, %v", len(pcm), err)
			}
		})
	}
	if _, err := Read(filepath.Join(t.TempDir(), "gone")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("of what is not there: %v", err)
	}
}

// TestSoundFilesAreBounded: of a long one, its beginning is read.
func TestSoundFilesAreBounded(t *testing.T) {
	most := int(Longest.Seconds()) * audio.SampleRate
	for _, c := range []struct {
		name string
		file []byte
	}{
		{"WAV", wav(1, 1, 8000, 16, Longest+5*time.Second)},
		{"stereo WAV", wav(1, 2, 8000, 16, Longest+5*time.Second)},
		{"FLAC", flacOf(t, 1, 8000, 16, Longest+5*time.Second)},
		{"WAV that says it has no end", endless(wav(1, 1, 8000, 16, Longest+time.Second))},
		{"WAV that says it is longer", lengthened(wav(1, 1, 8000, 16, Longest+time.Second))},
	} {
		t.Run(c.name, func(t *testing.T) {
			pcm, err := Read(put(t, c.file))
			if err != nil || len(pcm) < most-100 || len(pcm) > most {
				t.Errorf("%d samples of %d: %v", len(pcm), most, err)
			}
		})
	}
}

func endless(w []byte) []byte { binary.LittleEndian.PutUint32(w[40:], 0xffffffff); return w }

func lengthened(w []byte) []byte {
	binary.LittleEndian.PutUint32(w[40:], uint32(10*len(w)))
	return w
}

// TestADiskThatFailsIsNotTheFilesFault: its own error is returned, not that the file is damaged.
func TestADiskThatFailsIsNotTheFilesFault(t *testing.T) {
	broken := errors.New("input/output error")
	for name, file := range map[string][]byte{
		"at once": {}, "in WAV": wav(1, 1, 48000, 16, time.Second)[:1000],
		"in the head of FLAC": flacOf(t, 1, 48000, 16, time.Second)[:20],
		"in FLAC":             flacOf(t, 1, 48000, 16, time.Second)[:9000],
		"in the head of WAV":  []byte("RIFF0000"),
	} {
		t.Run(name, func(t *testing.T) {
			if pcm, err := decode(io.MultiReader(bytes.NewReader(file), failing{broken})); !errors.Is(err, broken) {
				t.Errorf("%d samples, %v", len(pcm), err)
			}
		})
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// FuzzSoundFile: whatever is in a file, reading it ends, within its bounds.
func FuzzSoundFile(f *testing.F) {
	f.Add(wav(1, 2, 8000, 24, 50*time.Millisecond))
	f.Add(flacOf(f, 2, 8000, 16, 50*time.Millisecond))
	f.Add([]byte("fLaC"))
	f.Fuzz(func(t *testing.T, file []byte) {
		pcm, err := decode(bytes.NewReader(file))
		if len(pcm) > mostSamples(audio.SampleRate)+1000 || err == nil && len(pcm) == 0 {
			t.Errorf("%d samples, %v", len(pcm), err)
		}
	})
}
