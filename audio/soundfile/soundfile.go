// Package soundfile reads the sound files that a user has chosen: WAV, FLAC, MP3, Ogg Vorbis and Ogg Opus. What a file
// is, it tells by how it begins, whatever its name. What is read is bounded, whatever a file says of itself.
package soundfile

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"calla/audio"
	"calla/audio/dsp"
)

// Bounds of what is read.
const (
	LongestRing  = 30 * time.Second // of sound that is to ring; what comes later is left out
	LongestMusic = 10 * time.Minute // of music on hold, which is kept whole: 58 MB
	LargestMB    = 400              // of the file: as long, stereo, and of 24 bits at 96 kHz
)

// Why is what is wrong with a file that could be opened.
type Why string

// What can be wrong with a file.
const (
	NoFile    Why = "no-file"    // a folder, a device or a pipe
	TooLarge  Why = "too-large"  // more than LargestMB
	TooLong   Why = "too-long"   // more than LongestMusic, where all of it is wanted
	Unknown   Why = "unknown"    // none of the kinds that are read
	Damaged   Why = "damaged"    // it says that it is one of them
	NeedsOpus Why = "needs-opus" // it is Opus, and there is no such codec
	Empty     Why = "empty"      // no sound in it
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

// Ring returns the first LongestRing of a file's sound, mono at audio.SampleRate. An Opus file is decoded by the codec
// of that name among codecs. The error is an *Error, or the system's where the file cannot be opened or read. It may
// block for as long as the disk does.
func Ring(name string, codecs []audio.Codec) ([]int16, error) {
	s, err := read(name, LongestRing, codecs)
	if err != nil {
		return nil, err
	}
	return s.pcm, nil
}

// Music is Ring for music on hold: all of a file, no louder than speech, made to be played round and round.
func Music(name string, codecs []audio.Codec) ([]int16, error) {
	return music(name, LongestMusic, codecs)
}

func music(name string, longest time.Duration, codecs []audio.Codec) ([]int16, error) {
	s, err := read(name, longest, codecs)
	switch {
	case err != nil:
		return nil, err
	case s.more:
		return nil, &Error{Name: name, Why: TooLong}
	}
	pcm := levelled(s.pcm)
	soften(pcm)
	return pcm, nil
}

// read reads as much of a file's sound as is wanted.
func read(name string, longest time.Duration, codecs []audio.Codec) (*sound, error) {
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
	s, err := decode(io.LimitReader(f, LargestMB<<20), longest, codecs)
	switch wrong := (*Error)(nil); {
	case errors.As(err, &wrong):
		wrong.Name = name
		return nil, wrong
	case err != nil:
		return nil, fmt.Errorf("read sound: %w", err)
	}
	return s, nil
}

// decode reads a file of one of the kinds by how it begins.
func decode(r io.Reader, longest time.Duration, codecs []audio.Codec) (s *sound, err error) {
	in := bufio.NewReaderSize(watched{r, &err}, 64<<10)
	s = &sound{longest: longest}
	wrong := s.take(in, codecs)
	var known *Error
	switch {
	case err != nil: // of the disk: whatever the decoder says comes of it
		return nil, err
	case errors.As(wrong, &known):
		return nil, known
	case wrong != nil && len(s.pcm) == 0:
		return nil, &Error{Why: Damaged, Err: wrong}
	case len(s.pcm) == 0:
		return nil, &Error{Why: Empty}
	}
	return s, nil // what there is of one that is cut short, or damaged further on
}

// take has the file's sound read. The decoders of others trust the files that they are given: MP3's and Vorbis' are
// known to panic, so all of them may.
func (s *sound) take(in *bufio.Reader, codecs []audio.Codec) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("decode: %v", p)
		}
	}()
	tagged, err := skipID3(in)
	if err != nil {
		return err
	}
	begins, _ := in.Peek(4)
	switch {
	case bytes.Equal(begins, []byte("RIFF")):
		return s.wav(in)
	case bytes.Equal(begins, []byte("fLaC")):
		return s.flac(in)
	case bytes.Equal(begins, []byte("OggS")):
		return s.ogg(in, codecs)
	case isMP3(begins), tagged: // there may be something between the tags and the first frame
		return s.mp3(in)
	}
	return &Error{Why: Unknown}
}

// skipID3 leaves out what taggers put before the sound: FLAC and MP3 are found behind it. It tells whether there was
// any.
func skipID3(in *bufio.Reader) (tagged bool, err error) {
	for {
		head, _ := in.Peek(10)
		if len(head) < 10 || !bytes.HasPrefix(head, []byte("ID3")) {
			return tagged, nil
		}
		size := 10
		for i, b := range head[6:] {
			size += int(b&0x7f) << (7 * (3 - i))
		}
		if head[5]&0x10 != 0 { // a footer as long as the head
			size += 10
		}
		if _, err := in.Discard(size); err != nil {
			return true, fmt.Errorf("cut short in its tags: %w", err)
		}
		tagged = true
	}
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

// sound is what has been read of a file: mono at audio.SampleRate.
type sound struct {
	longest   time.Duration
	pcm       []int16
	more      bool // there is more than was wanted
	resampler *dsp.Resampler
}

// most is how many samples are wanted.
func (s *sound) most() int { return int(s.longest/time.Second) * audio.SampleRate }

// at says at what rate the sound comes that is added, in hertz.
func (s *sound) at(rate int) (err error) {
	if rate == audio.SampleRate {
		return nil
	}
	s.resampler, err = dsp.NewResampler(rate, audio.SampleRate)
	return err
}

// add takes the next samples, mono at the file's rate. It tells whether more are wanted.
func (s *sound) add(mono []int16) bool {
	if s.resampler != nil {
		s.pcm = s.resampler.Process(s.pcm, mono)
	} else {
		s.pcm = append(s.pcm, mono...)
	}
	if len(s.pcm) <= s.most() {
		return true
	}
	s.pcm, s.more = s.pcm[:s.most()], true
	return false
}

// wav reads a WAV file. One cut short gives the sound that is there, as with all kinds.
func (s *sound) wav(in io.Reader) error {
	w, err := audio.OpenWAV(in)
	if err != nil {
		return err
	}
	if err := s.at(w.Rate()); err != nil {
		return err
	}
	mono := make([]int16, 4096)
	for {
		n, err := w.Read(mono)
		switch more := s.add(mono[:n]); {
		case errors.Is(err, io.EOF), err == nil && !more:
			return nil
		case err != nil:
			return err
		}
	}
}
