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
	failed  func(error)   // nil: nobody waits for it
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
	return startRecorder(w, nil), nil
}

// startRecorder writes to w, which is its own from now on.
func startRecorder(w *WAVWriter, failed func(error)) *Recorder {
	r := &Recorder{
		ring: NewRing(recorderBuffer * w.channels), failed: failed,
		stop: make(chan struct{}), done: make(chan struct{}),
	}
	go r.run(w)
	return r
}

// Add implements Sink. A Frame is in the file as a whole, or not at all.
func (r *Recorder) Add(frame Frame) {
	if r.ring.Room() < len(frame) {
		r.missing.Add(uint64(len(frame)))
		return
	}
	r.ring.Write(frame)
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
			err := w.Write(buf[:n])
			if unflushed += n; err == nil && unflushed >= SampleRate {
				unflushed = 0
				err = w.Flush()
			}
			if err != nil {
				r.fail(w, err)
			}
		}
	}
	if r.err == nil {
		r.err = w.Close()
	}
}

// fail closes the file as far as it came, whose head tells so.
func (r *Recorder) fail(w *WAVWriter, err error) {
	r.err = err
	_ = w.f.Close()
	if r.failed != nil {
		r.failed(err)
	}
}
