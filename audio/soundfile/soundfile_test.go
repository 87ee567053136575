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
	"slices"
	"testing"
	"time"

	"calla/audio"
)

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
		{"WAV in floating point of 64 bits", wav(3, 1, 44100, 64, time.Second)},
		{"WAV of A-law", wav(6, 1, 8000, 8, time.Second)},
		{"WAV of µ-law", wav(7, 2, 8000, 8, time.Second)},
		{"WAV of six channels", wav(1, 6, 44100, 16, time.Second)},
		{"FLAC", flacOf(t, 1, 48000, 16, time.Second)},
		{"FLAC of a CD", flacOf(t, 2, 44100, 16, time.Second)},
		{"FLAC of 24 bits", flacOf(t, 2, 96000, 24, time.Second)},
		{"FLAC of 8 bits", flacOf(t, 1, 16000, 8, time.Second)},
		{"FLAC with tags before it", slices.Concat(id3(2000), flacOf(t, 1, 16000, 16, time.Second))},
		{"Ogg Opus", opusOf(1, time.Second)},
		{"Ogg Opus of two channels", opusOf(2, time.Second)},
	} {
		t.Run(c.name, func(t *testing.T) {
			pcm, err := Ring(put(t, c.file), []audio.Codec{plainOpus{}})
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

// TestCompressedFilesAreReadAsTheEnginePlays: the tone that is in them, as long as it lasts.
func TestCompressedFilesAreReadAsTheEnginePlays(t *testing.T) {
	cover := slices.Concat(oggPage(oggFirst, 0, 5, 0, []byte("\x80theora")), vorbisOf(time.Second))
	for _, c := range []struct {
		name  string
		file  []byte
		hertz float64
	}{
		{"MP3", mp3Of(time.Second), mp3Hertz},
		{"MP3 with tags before it", slices.Concat(id3(2000), mp3Of(time.Second)), mp3Hertz},
		{"MP3 with tags and a gap before it", slices.Concat(id3(10), make([]byte, 70), mp3Of(time.Second)), mp3Hertz},
		{"MP3 with tags behind it", slices.Concat(mp3Of(time.Second), []byte("TAG"), make([]byte, 125)), mp3Hertz},
		{"Ogg Vorbis", vorbisOf(time.Second), vorbisHertz},
		{"Ogg Vorbis beside pictures", cover, vorbisHertz},
	} {
		t.Run(c.name, func(t *testing.T) {
			pcm, err := Ring(put(t, c.file), nil)
			if err != nil {
				t.Fatal(err)
			}
			if d := len(pcm) - audio.SampleRate; d < -audio.SampleRate/20 || d > audio.SampleRate/20 {
				t.Errorf("%d samples of a second", len(pcm))
			}
			heard := audio.MeasureTone(pcm[audio.SampleRate/4 : audio.SampleRate*3/4])
			if math.Abs(heard.Frequency-c.hertz) > 5 || heard.Purity < 0.5 {
				t.Errorf("has %+v, want %.0f Hz", heard, c.hertz)
			}
		})
	}
}

// id3 is what taggers put before the sound, of that many octets beside its head.
func id3(size int) []byte {
	return append([]byte{'I', 'D', '3', 4, 0, 0, 0, 0, byte(size >> 7), byte(size & 127)}, make([]byte, size)...)
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
	if err := os.Truncate(huge, 2<<30); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		file string
		why  Why
	}{
		{"nothing in it", put(t, nil), Unknown},
		{"text", put(t, []byte("Ring, ring.")), Unknown},
		{"UTF-16", put(t, []byte("\xff\xfeR\x00i\x00n\x00g\x00")), Unknown},
		{"AAC", put(t, append([]byte{0xff, 0xf1, 0x50, 0x80}, make([]byte, 1000)...)), Unknown},
		{"Ogg without sound", put(t, oggPage(oggFirst, 0, 5, 0, []byte("\x80theora"))), Damaged},
		{"Ogg of nothing", put(t, append([]byte("OggS"), make([]byte, 1000)...)), Unknown},
		{"tags alone", put(t, id3(100)), Damaged},
		{"tags that are cut short", put(t, id3(100)[:50]), Damaged},
		{"MP3 cut in its first frame", put(t, mp3Of(time.Second)[:100]), Damaged},
		{"Ogg Opus without that codec", put(t, opusOf(1, time.Second)), NeedsOpus},
		{"Ogg Opus of six channels", put(t, opusOf(6, time.Second)), Damaged},
		{"Ogg Vorbis cut in its tables", put(t, vorbisOf(time.Second)[:150]), Empty},
		{"WAV of no channels", put(t, wav(1, 0, 48000, 16, time.Second)), Damaged},
		{"WAV of 1 Hz", put(t, wav(1, 1, 1, 16, 9*time.Second)), Damaged},
		{"three octets", put(t, []byte("RIF")), Unknown},
		{"WAV without sound", put(t, wav(1, 1, 48000, 16, 0)), Empty},
		{"WAV cut in its head", put(t, wav(1, 1, 48000, 16, 0)[:30]), Damaged},
		{"WAV of something else", put(t, wav(2, 1, 8000, 8, time.Second)), Damaged},
		{"FLAC cut in its head", put(t, good[:20]), Damaged},
		{"FLAC that begins with a picture of 4 GB", put(t, append(
			[]byte("fLaC\x06\x00\x10\x00\x00\x00\x00\x03\xff\xff\xff\xff"), good...)), Damaged},
		{"FLAC without sound", put(t, good[:42]), Empty},
		{"FLAC of noise", put(t, append(bytes.Clone(good[:42]), bytes.Repeat([]byte{0xff, 0xf8}, 500)...)), Damaged},
		{"a folder", t.TempDir(), NoFile},
		{"a device", os.DevNull, NoFile},
		{"of 2 GB", huge, TooLarge},
	} {
		t.Run(c.name, func(t *testing.T) {
			pcm, err := Ring(c.file, nil)
			var wrong *Error
			if !errors.As(err, &wrong) || wrong.Why != c.why || wrong.Name != c.file || pcm != nil {
				t.Errorf("%d samples, %v", len(pcm), err)
			}
		})
	}
	if _, err := Ring(filepath.Join(t.TempDir(), "gone"), nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("of what is not there: %v", err)
	}
}

// TestSoundFilesAreBounded: of a long one, its beginning is read.
func TestSoundFilesAreBounded(t *testing.T) {
	most := int(LongestRing.Seconds()) * audio.SampleRate
	for _, c := range []struct {
		name string
		file []byte
	}{
		{"WAV", wav(1, 1, 8000, 16, LongestRing+5*time.Second)},
		{"stereo WAV", wav(1, 2, 8000, 16, LongestRing+5*time.Second)},
		{"FLAC", flacOf(t, 1, 8000, 16, LongestRing+5*time.Second)},
		{"MP3", mp3Of(LongestRing + 5*time.Second)},
		{"Ogg Vorbis", vorbisOf(LongestRing + 5*time.Second)},
		{"WAV that says it has no end", endless(wav(1, 1, 8000, 16, LongestRing+time.Second))},
		{"WAV that says it is longer", lengthened(wav(1, 1, 8000, 16, LongestRing+time.Second))},
	} {
		t.Run(c.name, func(t *testing.T) {
			pcm, err := Ring(put(t, c.file), []audio.Codec{plainOpus{}})
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
		"in MP3":              mp3Of(time.Second)[:9000],
		"in Ogg Vorbis":       vorbisOf(time.Second)[:9000],
		"in tags":             id3(1000)[:100],
		"in the head of WAV":  []byte("RIFF0000"),
	} {
		t.Run(name, func(t *testing.T) {
			s, err := decode(io.MultiReader(bytes.NewReader(file), failing{broken}), LongestRing, nil)
			if !errors.Is(err, broken) {
				t.Errorf("%+v, %v", s, err)
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
	f.Add(mp3Of(100 * time.Millisecond))
	f.Add(vorbisOf(20 * time.Millisecond))
	f.Add(opusOf(1, 20*time.Millisecond))
	f.Fuzz(func(t *testing.T, file []byte) {
		const longest = 3 * time.Second
		s, err := decode(bytes.NewReader(file), longest, []audio.Codec{plainOpus{}})
		switch {
		case err != nil && s != nil, err == nil && len(s.pcm) == 0:
			t.Errorf("%+v, %v", s, err)
		case err == nil && len(s.pcm) > int(longest.Seconds())*audio.SampleRate:
			t.Errorf("%d samples", len(s.pcm))
		}
	})
}
