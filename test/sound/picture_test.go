package sound

import (
	"errors"
	"image"
	"image/color"
	"image/png"
	"math"
	"math/cmplx"
	"os"
	"path/filepath"
	"testing"

	"calla/audio"
	"calla/audio/dsp"
	"calla/test/peers"
)

// A point of a spectrogram is 25 ms by 62.5 Hz, the mean of four looks; what a picture shows is up to 8 kHz, 60 dB.
const (
	pictureSeconds = 15
	pictureColumns = 40 // a second
	pictureRows    = 128
	pictureGap     = 8 // rows between two
	pictureFloor   = -95.0
	pictureShades  = 15
	pictureMost    = 60_000 // octets of a file
)

// spectrogram is the levels of sound in dB below a sine of full scale, by column and by row from 0 Hz on.
func spectrogram(pcm []int16) (levels [][pictureRows]float64) {
	const (
		hop     = audio.SampleRate / pictureColumns / 2
		window  = 1536 // 32 ms: bins of 31.25 Hz
		looks   = 4
		fullSum = 32768 * window / 4.0 // what such a sine has in a bin behind a Hann window
	)
	fft := dsp.NewRealFFT(window)
	block, bins := make([]float32, window), make([]complex64, fft.Bins())
	for at := 0; at+hop+window <= len(pcm); at += 2 * hop {
		var column [pictureRows]float64
		for _, from := range []int{at, at + hop} {
			for i := range block {
				block[i] = float32(float64(pcm[from+i]) * (0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/window)))
			}
			fft.Forward(bins, block)
			for k := range 2 * pictureRows {
				a := cmplx.Abs(complex128(bins[k])) / fullSum
				column[k/2] += a * a / looks
			}
		}
		for k, power := range column {
			column[k] = 10 * math.Log10(power+1e-12)
		}
		levels = append(levels, column)
	}
	return levels
}

// shades are the colours of levels, the weakest first, and last that of what is between two spectrograms.
func shades() (all color.Palette) {
	stops := [][3]float64{{0, 0, 8}, {60, 15, 110}, {180, 50, 110}, {250, 130, 70}, {255, 255, 190}}
	for i := range pictureShades {
		at := float64(i) / (pictureShades - 1) * float64(len(stops)-1)
		n := min(int(at), len(stops)-2)
		mix := func(c int) uint8 { return uint8(stops[n][c] + (at-float64(n))*(stops[n+1][c]-stops[n][c])) }
		all = append(all, color.RGBA{mix(0), mix(1), mix(2), 255})
	}
	return append(all, color.RGBA{128, 128, 128, 255})
}

// draw has the spectrograms of sounds of one length one above the other, the first on top.
func draw(sounds ...[]int16) *image.Paletted {
	var picture *image.Paletted
	for n, pcm := range sounds {
		levels := spectrogram(pcm)
		if picture == nil {
			height := len(sounds)*(pictureRows+pictureGap) - pictureGap
			picture = image.NewPaletted(image.Rect(0, 0, len(levels), height), shades())
			for i := range picture.Pix {
				picture.Pix[i] = pictureShades
			}
		}
		for x, column := range levels {
			for k, level := range column {
				shade := int((level - pictureFloor) / 60 * pictureShades)
				picture.SetColorIndex(x, n*(pictureRows+pictureGap)+pictureRows-1-k,
					uint8(min(max(shade, 0), pictureShades-1)))
			}
		}
	}
	return picture
}

// keep writes the sound before and after, all of it, to build/sound, and a picture of pictureSeconds of it, from a
// second on, to docs/sound.
func keep(t *testing.T, name string, before, after []int16, from int, shown string) Picture {
	t.Helper()
	keepSound(t, name, before, after)
	cut := func(pcm []int16) []int16 { return pcm[from*audio.SampleRate : (from+pictureSeconds)*audio.SampleRate] }
	p := Picture{File: "sound/" + name + ".png", Text: shown + " Left to right: " +
		"15 s, 40 points a second. Each from the bottom to the top: 0 to 8 kHz. From black to yellow: -95 to -35 dB " +
		"of a sine of full scale, in 15 steps."}
	file := filepath.Join(peers.Root(t), "docs", p.File)
	err := os.MkdirAll(filepath.Dir(file), 0o755)
	if err == nil {
		var f *os.File
		if f, err = os.Create(file); err == nil {
			best := png.Encoder{CompressionLevel: png.BestCompression}
			err = errors.Join(best.Encode(f, draw(cut(before), cut(after))), f.Close())
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// keepSound writes sound before and after to build/sound.
func keepSound(t *testing.T, name string, before, after []int16) {
	t.Helper()
	folder := filepath.Join(peers.Root(t), "build", "sound")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	for part, pcm := range map[string][]int16{"before": before, "after": after} {
		save(t, filepath.Join(folder, name+"-"+part+".wav"), pcm)
	}
}

func TestATonesPictureIsALine(t *testing.T) {
	const hz = 2000.0
	pcm := make([]int16, audio.SampleRate)
	for i := range pcm {
		pcm[i] = dsp.Round16(float32(32767 * math.Sin(2*math.Pi*hz*float64(i)/audio.SampleRate)))
	}
	picture := draw(pcm, make([]int16, len(pcm)))
	if w := picture.Bounds().Dx(); w < pictureColumns-2 || w > pictureColumns {
		t.Errorf("%d columns of a second", w)
	}
	const line = pictureRows - 1 - int(hz/62.5)
	for y := range picture.Bounds().Dy() {
		shade := picture.ColorIndexAt(10, y)
		switch {
		case y >= pictureRows && y < pictureRows+pictureGap:
			if shade != pictureShades {
				t.Errorf("row %d, between the two: shade %d", y, shade)
			}
		case y == line && shade != pictureShades-1, (y < line-1 || y > line+1) && shade > 1:
			t.Errorf("row %d: shade %d", y, shade)
		}
	}
}

// TestThePicturesAreThere: those that the page shows, each small, and no others.
func TestThePicturesAreThere(t *testing.T) {
	docs := filepath.Join(peers.Root(t), "docs")
	tables, err := Read(filepath.Join(docs, "sound.json"))
	if err != nil {
		t.Fatal(err)
	}
	shown := 0
	for _, table := range tables {
		for _, p := range table.Pictures {
			shown++
			file := filepath.Join(docs, p.File)
			if info, err := os.Stat(file); err != nil || info.Size() > pictureMost {
				t.Errorf("%s: %v, or more than %d octets", p.File, err, pictureMost)
				continue
			}
			f, err := os.Open(file)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := png.Decode(f); err != nil {
				t.Errorf("%s: %v", p.File, err)
			}
			f.Close()
		}
	}
	files, err := os.ReadDir(filepath.Join(docs, "sound"))
	if err != nil || len(files) != shown || shown == 0 {
		t.Errorf("%d pictures are shown of %d: %v", shown, len(files), err)
	}
}
