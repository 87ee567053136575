package audio

import (
	"sync"
	"sync/atomic"
)

// recorderBuffer is how long, in Frames, a disk may hang before sound is missing in the recording.
const recorderBuffer = 500

// Recorder is a Sink that writes a WAV file. The disk is reached from a goroutine of its own: a slow or
// full one never holds up the sound.
type Recorder struct {
	ring    *Ring
	missing atomic.Uint64 // samples
	stop    chan struct{}
	done    chan struct{}
	once    sync.Once
	err     error // of the goroutine; read after done
}

// NewRecorder creates the file, or empties it, and starts a Recorder. Close ends it.
func NewRecorder(name string) (*Recorder, error) {
	w, err := CreateWAV(name)
	if err != nil {
		return nil, err
	}
	r := &Recorder{ring: NewRing(recorderBuffer), stop: make(chan struct{}), done: make(chan struct{})}
	go r.run(w)
	return r, nil
}

// Add implements Sink.
func (r *Recorder) Add(frame Frame) {
	if n := r.ring.Write(frame); n < len(frame) {
		r.missing.Add(uint64(len(frame) - n))
	}
}

// Missing is the number of samples that are not in the file because the disk was too slow or failed.
func (r *Recorder) Missing() uint64 { return r.missing.Load() }

// Close ends the recording and returns the first error that the disk had. It is safe to call twice.
func (r *Recorder) Close() error {
	r.once.Do(func() { close(r.stop) })
	<-r.done
	return r.err
}

func (r *Recorder) run(w *WAVWriter) {
	defer close(r.done)
	buf := make([]int16, SampleRate/10)
	unflushed := 0
	for open := true; open; {
		select {
		case <-r.ring.Readable():
		case <-r.stop:
			open = false
		}
		for n := r.ring.Read(buf); n > 0; n = r.ring.Read(buf) {
			if r.err != nil {
				r.missing.Add(uint64(n))
				continue
			}
			if r.err = w.Write(buf[:n]); r.err != nil {
				continue
			}
			if unflushed += n; unflushed >= SampleRate {
				unflushed = 0
				r.err = w.Flush()
			}
		}
	}
	if err := w.Close(); r.err == nil {
		r.err = err
	}
}
