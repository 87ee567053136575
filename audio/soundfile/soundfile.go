// Package soundfile reads the sound files that a user has chosen: WAV and FLAC. What it reads is bounded, whatever a
// file says of itself.
package soundfile

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/mewkiz/flac"

	"calla/audio"
	"calla/audio/dsp"
)

// Bounds of what is read.
const (
	Longest   = 30 * time.Second // of sound; what comes later is left out
	LargestMB = 64               // of the file
)

// mostSamples of mono sound are kept, at a rate.
func mostSamples(rate int) int { return int(Longest/time.Second) * rate }

// Why is what is wrong with a file that could be opened.
type Why string

// What can be wrong with a file.
const (
	NoFile   Why = "no-file"   // a folder, a device or a pipe
	TooLarge Why = "too-large" // more than LargestMB
	Unknown  Why = "unknown"   // neither WAV nor FLAC
	Damaged  Why = "damaged"   // it says that it is one of them
	Empty    Why = "empty"     // no sound in it
)

// Error tells what is wrong with a file that could be opened.
type Error struct {
	Name string // of the file
	Why  Why
	Err  error // small print; may be nil
}

// Error implements error.
func (e *Error) Error() string {
	s := e.Name + ": " + string(e.Why)
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns the small print.
func (e *Error) Unwrap() error { return e.Err }

// Read returns the first Longest of a file's sound, mono at audio.SampleRate. The error is an *Error, or the system's
// where the file cannot be opened or read. It may block for as long as the disk does.
func Read(name string) ([]int16, error) {
	// A pipe would have to be opened by both ends: what it is, is asked before.
	about, err := os.Stat(name)
	if err != nil {
		return nil, fmt.Errorf("read sound: %w", err)
	}
	switch {
	case !about.Mode().IsRegular():
		return nil, &Error{Name: name, Why: NoFile}
	case about.Size() > LargestMB<<20:
		return nil, &Error{Name: name, Why: TooLarge}
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("read sound: %w", err)
	}
	defer f.Close()
	pcm, err := decode(io.LimitReader(f, LargestMB<<20))
	switch wrong := (*Error)(nil); {
	case errors.As(err, &wrong):
		wrong.Name = name
		return nil, wrong
	case err != nil:
		return nil, fmt.Errorf("read sound: %w", err)
	}
	return pcm, nil
}

// decode reads a file of one of the kinds by how it begins.
func decode(r io.Reader) (pcm []int16, err error) {
	in := bufio.NewReaderSize(watched{r, &err}, 64<<10)
	begins, _ := in.Peek(4)
	var wrong error
	switch {
	case bytes.Equal(begins, []byte("RIFF")):
		pcm, wrong = audio.ReadWAVStart(in, Longest)
	case bytes.Equal(begins, []byte("fLaC")), bytes.HasPrefix(begins, []byte("ID3")):
		pcm, wrong = decodeFLAC(in)
	case err == nil:
		return nil, &Error{Why: Unknown}
	}
	var known *Error
	switch {
	case err != nil: // of the disk: whatever the decoder says comes of it
		return nil, err
	case errors.As(wrong, &known):
		return nil, known
	case wrong != nil:
		return nil, &Error{Why: Damaged, Err: wrong}
	case len(pcm) == 0:
		return nil, &Error{Why: Empty}
	}
	return pcm, nil
}

// watched keeps the first error of a reader that is not its end.
type watched struct {
	r   io.Reader
	err *error
}

// Read implements io.Reader.
func (w watched) Read(b []byte) (int, error) {
	n, err := w.r.Read(b)
	if err != nil && !errors.Is(err, io.EOF) && *w.err == nil {
		*w.err = err
	}
	return n, err
}

// decodeFLAC reads a FLAC file (RFC 9639). One cut short gives the sound that is there.
func decodeFLAC(r io.Reader) (pcm []int16, err error) {
	defer func() { // the library trusts the files that it is given
		if p := recover(); p != nil {
			pcm, err = nil, fmt.Errorf("decode flac: %v", p)
		}
	}()
	stream, err := flac.New(r)
	if err != nil {
		return nil, fmt.Errorf("decode flac: %w", err)
	}
	rate, bits := int(stream.Info.SampleRate), int(stream.Info.BitsPerSample)
	if rate < 1000 || rate > 768000 || bits < 4 || bits > 32 {
		return nil, fmt.Errorf("decode flac: %d Hz, %d bits", rate, bits)
	}
	most := mostSamples(rate)
	for len(pcm) < most {
		frame, err := stream.ParseNext()
		if errors.Is(err, io.EOF) || err != nil && len(pcm) > 0 {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("decode flac: %w", err)
		}
		channels := int64(len(frame.Subframes))
		for i := range frame.Subframes[0].Samples {
			sum := int64(0)
			for _, s := range frame.Subframes {
				sum += int64(s.Samples[i])
			}
			pcm = append(pcm, scaled(sum/channels, bits))
		}
	}
	return resampled(pcm[:min(len(pcm), most)], rate)
}

// scaled brings a sample of so many bits to 16.
func scaled(v int64, bits int) int16 {
	if bits > 16 {
		v >>= bits - 16
	} else {
		v <<= 16 - bits
	}
	return int16(max(-32768, min(32767, v)))
}

// resampled brings sound to audio.SampleRate.
func resampled(pcm []int16, rate int) ([]int16, error) {
	if rate == audio.SampleRate || len(pcm) == 0 {
		return pcm, nil
	}
	resampler, err := dsp.NewResampler(rate, audio.SampleRate)
	if err != nil {
		return nil, fmt.Errorf("resample: %w", err)
	}
	out := make([]int16, 0, int(int64(len(pcm))*audio.SampleRate/int64(rate))+1)
	return resampler.Process(out, pcm), nil
}
