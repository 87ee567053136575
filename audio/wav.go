package audio

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"

	"calla/audio/dsp"
)

const (
	wavHeader  = 44
	wavLongest = 64 << 20 // bytes of sound that ReadWAV takes: 11 minutes at SampleRate
	wavPCM     = 1
	wavFloat   = 3
	wavALaw    = 6
	wavMuLaw   = 7
	wavExtra   = 0xfffe // WAVE_FORMAT_EXTENSIBLE: the true format follows
)

// ReadWAV reads a WAV file as WAVReader does, and returns its sound as mono at SampleRate. A file cut short gives the
// sound that is there.
func ReadWAV(r io.Reader) ([]int16, error) {
	w, err := OpenWAV(r)
	if err != nil {
		return nil, err
	}
	var pcm []int16
	block := make([]int16, 4096)
	for err == nil {
		var n int
		n, err = w.Read(block)
		pcm = append(pcm, block[:n]...)
		if len(pcm)*w.format.size() > wavLongest {
			return nil, fmt.Errorf("read wav: more than %d MB of sound", wavLongest>>20)
		}
	}
	switch {
	case !errors.Is(err, io.EOF):
		return nil, err
	case w.Rate() == SampleRate:
		return pcm, nil
	}
	resampler, err := dsp.NewResampler(w.Rate(), SampleRate)
	if err != nil {
		return nil, fmt.Errorf("read wav: %w", err)
	}
	out := make([]int16, 0, int(int64(len(pcm))*SampleRate/int64(w.Rate()))+1)
	return resampler.Process(out, pcm), nil
}

// WAVReader reads the sound of a WAV file piece by piece: PCM of 8 to 32 bits, floating point of 32 and 64, and both
// laws of G.711, with up to eight channels.
type WAVReader struct {
	format wavFormat
	data   io.Reader
	raw    []byte
	ended  error
}

// OpenWAV reads a WAV file up to its sound.
func OpenWAV(r io.Reader) (*WAVReader, error) {
	format, data, err := openWAV(r)
	if err != nil {
		return nil, fmt.Errorf("read wav: %w", err)
	}
	return &WAVReader{format: format, data: data}, nil
}

// Rate is that of the sound, in hertz: from 1 to 768 kHz.
func (w *WAVReader) Rate() int { return w.format.rate }

// Read returns the next samples, all channels mixed down to one. The error is io.EOF at the end, where the file was cut
// short too; samples may come with it.
func (w *WAVReader) Read(mono []int16) (int, error) {
	if w.ended != nil {
		return 0, w.ended
	}
	f := w.format
	size, one := f.size(), f.bits/8
	if need := len(mono) * size; cap(w.raw) < need {
		w.raw = make([]byte, need)
	}
	n, err := io.ReadFull(w.data, w.raw[:len(mono)*size])
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		w.ended = io.EOF
	case err != nil:
		w.ended = fmt.Errorf("read wav: %w", err)
	}
	n /= size
	for i := range n {
		sum := 0
		for c := range f.channels {
			sum += f.sample(w.raw[i*size+c*one:])
		}
		mono[i] = int16(sum / f.channels)
	}
	return n, w.ended
}

// size is how many octets hold a sample of each channel.
func (f wavFormat) size() int { return f.channels * f.bits / 8 }

// sample is the sample that b begins with, at 16 bits.
func (f wavFormat) sample(b []byte) int {
	switch {
	case f.kind == wavALaw:
		return int(decodeALaw(b[0]))
	case f.kind == wavMuLaw:
		return int(decodeMuLaw(b[0]))
	case f.kind == wavFloat && f.bits == 64:
		return whole(math.Float64frombits(binary.LittleEndian.Uint64(b)))
	case f.kind == wavFloat:
		return whole(float64(math.Float32frombits(binary.LittleEndian.Uint32(b))))
	case f.bits == 8: // the only one without a sign
		return (int(b[0]) - 128) << 8
	}
	return int(int16(binary.LittleEndian.Uint16(b[f.bits/8-2:]))) // the two octets that weigh most
}

// whole is a sample from -1 to 1 at 16 bits.
func whole(v float64) int {
	if math.IsNaN(v) {
		v = 0
	}
	return int(math.Round(max(-1, min(v, 1)) * math.MaxInt16))
}

// ReadWAVFile reads the WAV file of this name: see ReadWAV.
func ReadWAVFile(name string) ([]int16, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("read wav: %w", err)
	}
	defer f.Close()
	pcm, err := ReadWAV(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return pcm, nil
}

type wavFormat struct {
	kind                 uint16
	rate, channels, bits int
}

// wavChannels is how many channels are read.
const wavChannels = 8

// openWAV reads up to the sound, which it returns as a reader.
func openWAV(r io.Reader) (wavFormat, io.Reader, error) {
	var head [12]byte
	if _, err := io.ReadFull(r, head[:]); err != nil || string(head[:4]) != "RIFF" || string(head[8:]) != "WAVE" {
		return wavFormat{}, nil, errors.New("not a WAV file")
	}
	var format wavFormat
	for {
		var chunk [8]byte
		if _, err := io.ReadFull(r, chunk[:]); err != nil {
			return wavFormat{}, nil, errors.New("no sound in the file")
		}
		size := int64(binary.LittleEndian.Uint32(chunk[4:]))
		switch string(chunk[:4]) {
		case "fmt ":
			body := make([]byte, min(size, 64))
			if _, err := io.ReadFull(r, body); err != nil {
				return wavFormat{}, nil, errors.New("cut short in its format")
			}
			var err error
			if format, err = parseWAVFormat(body); err != nil {
				return wavFormat{}, nil, err
			}
			size -= int64(len(body))
		case "data":
			if format.rate == 0 {
				return wavFormat{}, nil, errors.New("sound before its format")
			}
			// Programs that write to a pipe, or were killed, leave a size of 0 or of everything.
			if size == 0 || size >= 0xffffff00 {
				return format, r, nil
			}
			return format, io.LimitReader(r, size), nil
		}
		// Chunks are padded to an even length.
		if _, err := io.CopyN(io.Discard, r, size+size&1); err != nil {
			return wavFormat{}, nil, errors.New("no sound in the file")
		}
	}
}

func parseWAVFormat(b []byte) (wavFormat, error) {
	if len(b) < 16 {
		return wavFormat{}, errors.New("format of impossible length")
	}
	kind := binary.LittleEndian.Uint16(b)
	if kind == wavExtra && len(b) >= 26 {
		kind = binary.LittleEndian.Uint16(b[24:])
	}
	channels := int(binary.LittleEndian.Uint16(b[2:]))
	rate := int64(binary.LittleEndian.Uint32(b[4:]))
	bits := binary.LittleEndian.Uint16(b[14:])
	fits := false
	switch kind {
	case wavPCM:
		fits = bits == 8 || bits == 16 || bits == 24 || bits == 32
	case wavFloat:
		fits = bits == 32 || bits == 64
	case wavALaw, wavMuLaw:
		fits = bits == 8
	default:
		return wavFormat{}, fmt.Errorf("format %#x is not PCM", kind)
	}
	switch {
	case !fits:
		return wavFormat{}, fmt.Errorf("%d-bit samples of format %#x are not read", bits, kind)
	case channels < 1 || channels > wavChannels:
		return wavFormat{}, fmt.Errorf("%d channels, only one to %d are read", channels, wavChannels)
	case rate < 1000 || rate > 768000:
		return wavFormat{}, fmt.Errorf("rate of %d Hz is out of range", rate)
	}
	return wavFormat{kind: kind, rate: int(rate), channels: channels, bits: int(bits)}, nil
}

// ErrWAVFull is returned where a WAV file would become longer than its head can tell: 4 GB, six hours of both sides of
// a call.
var ErrWAVFull = errors.New("a WAV file cannot be longer")

// wavMost is how many bytes of sound a file holds.
const wavMost = 0xffffffff - wavHeader - 4*SampleRate

// WAVWriter writes 16-bit sound at SampleRate to a WAV file. The file is valid after every Flush, also when the program
// is killed then, and where a Flush has failed. One goroutine at a time uses it.
type WAVWriter struct {
	f        *os.File
	channels int
	buf      []byte
	written  int64 // whole samples of all channels
}

// CreateWAV creates the file, or empties it, readable by its owner alone: it will hold conversation.
func CreateWAV(name string) (*WAVWriter, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("record: %w", err)
	}
	return newWAVWriter(f, 1)
}

// newWAVWriter begins a WAV file of one or two channels in f, which is empty and the writer's from now on.
func newWAVWriter(f *os.File, channels int) (*WAVWriter, error) {
	w := &WAVWriter{f: f, channels: channels, buf: make([]byte, 0, 2*SampleRate)}
	if err := w.head(); err != nil {
		f.Close()
		return nil, err
	}
	return w, nil
}

// Write appends pcm, of two channels one sample of each in turn.
func (w *WAVWriter) Write(pcm []int16) error {
	for _, s := range pcm {
		if len(w.buf) == cap(w.buf) {
			if err := w.Flush(); err != nil {
				return err
			}
		}
		w.buf = binary.LittleEndian.AppendUint16(w.buf, uint16(s))
	}
	return nil
}

// Flush brings everything written into the file, and the file's head up to date.
func (w *WAVWriter) Flush() error {
	if w.written+int64(len(w.buf)) > wavMost {
		w.buf = w.buf[:0]
		return fmt.Errorf("record: %w", ErrWAVFull)
	}
	n, err := w.f.WriteAt(w.buf, wavHeader+w.written)
	w.written += int64(n - n%(2*w.channels))
	w.buf = w.buf[:0]
	if err != nil {
		_ = w.head() // of what is there
		return fmt.Errorf("record: %w", err)
	}
	return w.head()
}

// Close flushes and closes the file.
func (w *WAVWriter) Close() error {
	err := w.Flush()
	if cerr := w.f.Close(); err == nil && cerr != nil {
		err = fmt.Errorf("record: %w", cerr)
	}
	return err
}

func (w *WAVWriter) head() error {
	size := uint32(min(w.written, 0xffffffff-wavHeader))
	h := make([]byte, 0, wavHeader)
	h = append(h, "RIFF"...)
	h = binary.LittleEndian.AppendUint32(h, size+wavHeader-8)
	h = append(h, "WAVEfmt "...)
	h = binary.LittleEndian.AppendUint32(h, 16)
	h = binary.LittleEndian.AppendUint16(h, wavPCM)
	h = binary.LittleEndian.AppendUint16(h, uint16(w.channels))
	h = binary.LittleEndian.AppendUint32(h, SampleRate)
	h = binary.LittleEndian.AppendUint32(h, uint32(2*w.channels*SampleRate))
	h = binary.LittleEndian.AppendUint16(h, uint16(2*w.channels))
	h = binary.LittleEndian.AppendUint16(h, 16)
	h = append(h, "data"...)
	h = binary.LittleEndian.AppendUint32(h, size)
	if _, err := w.f.WriteAt(h, 0); err != nil {
		return fmt.Errorf("record: %w", err)
	}
	return nil
}
