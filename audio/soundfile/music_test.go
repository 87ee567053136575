package soundfile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"calla/audio"
)

// wavOf is a WAV file of samples, mono at audio.SampleRate.
func wavOf(pcm []int16) []byte {
	file := wav(1, 1, audio.SampleRate, 16, 0)
	for _, s := range pcm {
		file = binary.LittleEndian.AppendUint16(file, uint16(s))
	}
	binary.LittleEndian.PutUint32(file[40:], uint32(2*len(pcm)))
	return file
}

// sine is so many seconds of one at a level in dBFS.
func sine(seconds, dbfs float64) []int16 {
	pcm := make([]int16, int(seconds*audio.SampleRate))
	for i := range pcm {
		pcm[i] = int16(math.Round(amplitude(dbfs) * math.Sin(2*math.Pi*440*float64(i)/audio.SampleRate)))
	}
	return pcm
}

// loudness is the mean and the peak of sound in dBFS.
func loudness(pcm []int16) (mean, peak float64) {
	sum, top := 0.0, 0.0
	for _, s := range pcm {
		sum += float64(s) * float64(s)
		top = max(top, math.Abs(float64(s)))
	}
	return 20 * math.Log10(math.Sqrt(sum/float64(len(pcm)))/32768), 20 * math.Log10(top/32768)
}

// TestMusicIsAsLoudAsSpeech: whatever a file is like, what is heard of it is of -20 dBFS, pauses left aside, unless its
// peaks would be cut off then, or it would be made louder by more than 20 dB.
func TestMusicIsAsLoudAsSpeech(t *testing.T) {
	click := sine(2, -40)
	click[audio.SampleRate] = 32767
	for _, c := range []struct {
		name       string
		pcm        []int16
		from, to   int // what is listened to, in samples
		mean, peak float64
	}{
		{"loud", sine(2, 0), 0, 0, -20, -17},
		{"soft", sine(2, -35), 0, 0, -20, -17},
		{"as it is to be", sine(2, -17), 0, 0, -20, -17},
		{"hardly there", sine(2, -57), 0, 0, -40, -37},
		{
			"half of it silent", append(sine(2, -5), make([]int16, 2*audio.SampleRate)...), 0, 2 * audio.SampleRate,
			-20, -17,
		},
		{"half of it noise", append(sine(2, -5), sine(2, -50)...), 0, 2 * audio.SampleRate, -20, -17},
		{"soft, with a click", click, 0, 0, -43.2, -1},
	} {
		t.Run(c.name, func(t *testing.T) {
			pcm, err := Music(put(t, wavOf(c.pcm)), nil)
			if err != nil || len(pcm) != len(c.pcm) {
				t.Fatalf("%d samples of %d, %v", len(pcm), len(c.pcm), err)
			}
			if c.to == 0 {
				c.to = len(pcm)
			}
			mean, peak := loudness(pcm[c.from:c.to])
			if math.Abs(mean-c.mean) > 0.5 || math.Abs(peak-c.peak) > 0.5 {
				t.Errorf("has %.1f and at most %.1f dBFS, want %.1f and %.1f", mean, peak, c.mean, c.peak)
			}
		})
	}
}

// TestMusicGoesRoundWithoutAClick: neither where it begins, nor from its end to its beginning, is there a step that is
// none of its own.
func TestMusicGoesRoundWithoutAClick(t *testing.T) {
	steps := func(pcm []int16) (most int) {
		for i := 1; i < len(pcm); i++ {
			d := int(pcm[i]) - int(pcm[i-1])
			most = max(most, d, -d)
		}
		return most
	}
	for name, c := range map[string][]int16{
		"cut in its middle": sine(1.0004, -3)[10:],
		"of direct current": slices.Repeat([]int16{9000}, audio.SampleRate),
		"of five samples":   {9000, 9000, 9000, 9000, 9000},
	} {
		t.Run(name, func(t *testing.T) {
			pcm, err := Music(put(t, wavOf(c)), nil)
			if err != nil {
				t.Fatal(err)
			}
			round := slices.Concat([]int16{0}, pcm, pcm)
			if own, most := steps(pcm), steps(round); most > max(own, 100) && len(pcm) > 100 {
				t.Errorf("a step of %d, its own are of %d", most, own)
			}
			if round[1] != 0 {
				t.Errorf("begins with %d", round[1])
			}
		})
	}
}

// TestMusicIsKeptWholeOrNotAtAll: what is longer is refused, and what is as long as may be is not.
func TestMusicIsKeptWholeOrNotAtAll(t *testing.T) {
	const longest = 3 * time.Second
	for _, c := range []struct {
		name string
		file []byte
		fits bool
	}{
		{"WAV as long as may be", wav(1, 1, audio.SampleRate, 16, longest), true},
		{"WAV that is longer", wavOf(sine(3.1, -20)), false},
		{"MP3 that is short", mp3Of(2 * time.Second), true},
		{"MP3 that is longer", mp3Of(4 * time.Second), false},
		{"Ogg Vorbis that is longer", vorbisOf(4 * time.Second), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			name := put(t, c.file)
			pcm, err := music(name, longest, nil)
			var wrong *Error
			refused := errors.As(err, &wrong) && wrong.Why == TooLong && wrong.Name == name && pcm == nil
			if c.fits && (err != nil || len(pcm) == 0) || !c.fits && !refused {
				t.Errorf("%d samples, %v", len(pcm), err)
			}
		})
	}
}

// TestVorbisTablesThatLieAreRefused: the decoder would never end with them, or take all memory that there is.
func TestVorbisTablesThatLieAreRefused(t *testing.T) {
	file := func(head, setup []byte) []byte {
		packets := [][]byte{head, []byte("\x03vorbis")}
		packets = append(packets, setup)
		for range 50 {
			packets = append(packets, []byte{0xfe, 0xff, 0xff, 0xff, 0xff})
		}
		return oggOf(packets, 4, 128, 5000)
	}
	good := vorbisHead(1, vorbisRate)
	tables := func(books func(w *bitWriter)) []byte { return file(good, vorbisSetup(books)) }
	for name, c := range map[string][]byte{
		"no entries": tables(func(w *bitWriter) { book(w, 1, 0) }),
		"one entry": tables(func(w *bitWriter) {
			book(w, 1, 1)
			w.put(2+5+4, 0)
		}),
		"as many entries as can be": tables(func(w *bitWriter) { book(w, 1, 1<<24-1) }),
		"as many values as can be":  tables(func(w *bitWriter) { book(w, 1<<16-1, 1<<16) }),
		"no dimensions":             tables(func(w *bitWriter) { book(w, 0, 2) }),
		"a code without words": tables(func(w *bitWriter) {
			book(w, 1, 2)
			w.put(1, 0)
			w.put(1, 1)
			w.put(2, 0)
			w.put(4, 0)
		}),
		"a code that is not complete": tables(func(w *bitWriter) {
			book(w, 1, 2)
			w.put(2, 0)
			w.put(5, 1)
			w.put(5, 1)
			w.put(4, 0)
		}),
		"a code that has more words than can be": tables(func(w *bitWriter) {
			book(w, 1, 3)
			w.put(2, 0)
			w.put(15, 0)
			w.put(4, 0)
		}),
		"lengths without end": tables(func(w *bitWriter) {
			book(w, 1, 2)
			w.put(1, 1)
			w.put(5, 0)
			for range 40 {
				w.put(2, 0)
			}
		}),
		"many books": tables(func(w *bitWriter) {
			w.bits = w.bits[:0]
			w.put(8, 255)
			for range 256 {
				book(w, 64, 1<<12)
				w.put(1, 1)
				w.put(5, 11)
				w.put(13, 1<<12)
				w.put(4, 0)
			}
		}),
		"a book of a kind that is not": tables(func(w *bitWriter) {
			book(w, 1, 2)
			w.put(2+5+5, 0)
			w.put(4, 3)
		}),
		"no channels":        file(vorbisHead(0, vorbisRate), vorbisSetup(nil)),
		"255 channels":       file(vorbisHead(255, vorbisRate), vorbisSetup(nil)),
		"1 Hz":               file(vorbisHead(1, 1), vorbisSetup(nil)),
		"4 GHz":              file(vorbisHead(1, 1<<32-1), vorbisSetup(nil)),
		"blocks too large":   file(append(good[:28:28], 0xff, 1), vorbisSetup(nil)),
		"a head cut short":   file(good[:20], vorbisSetup(nil)),
		"no tables":          file(good, []byte("\x05vorbis")),
		"tables of all ones": file(good, append([]byte("\x05vorbis"), bytes.Repeat([]byte{0xff}, 5000)...)),
		"something else":     file(good, []byte("\x01vorbis")),
	} {
		t.Run(name, func(t *testing.T) {
			pcm, err := Ring(put(t, c), nil)
			var wrong *Error
			if !errors.As(err, &wrong) || wrong.Why != Damaged && wrong.Why != Empty || pcm != nil {
				t.Errorf("%d samples, %v", len(pcm), err)
			}
		})
	}
}

// TestOggPacketsAreBounded: one that never ends is cut, and what comes after it is heard.
func TestOggPacketsAreBounded(t *testing.T) {
	opus := opusOf(1, time.Second)
	second := bytes.Index(opus[1:], []byte("OggS")) + 1
	file := slices.Clone(opus[:second])
	for i := range 100 { // comments of 6 MB
		page := oggPage(0, 0, 7, 1+i, nil)
		page[5] = oggContinued * byte(min(i, 1))
		page[26] = 255
		page = append(page[:27], bytes.Repeat([]byte{255}, 255)...)
		file = append(append(file, page...), make([]byte, 255*255)...)
	}
	end := oggPage(oggContinued, 0, 7, 101, []byte("end"))
	third := second + 1 + bytes.Index(opus[second+1:], []byte("OggS"))
	file = append(append(file, end...), opus[third:]...)
	pcm, err := Ring(put(t, file), []audio.Codec{plainOpus{}})
	if err != nil || len(pcm) != audio.SampleRate {
		t.Errorf("%d samples, %v", len(pcm), err)
	}
}
