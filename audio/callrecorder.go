package audio

import (
	"os"
	"sync"
)

// CallRecorder writes both sides of a call to a WAV file of two channels: who is here left, the far end right. It keeps
// the time of the near side, which a Sender always has; what the far end says is fitted into that, with silence where
// nothing came, as on hold.
//
//	the Sender's sink ──▶ Own ────────────────▶ left ┐
//	a Receiver's sink, or a Conference's ──▶ Theirs ──▶ right ┴─▶ Recorder ─▶ disk
type CallRecorder struct {
	recorder *Recorder
	theirs   *elastic

	mu     sync.Mutex
	paused bool
	right  []int16
	both   []int16 // one sample of each side in turn
}

// NewCallRecorder begins a recording in f, which is empty and the recorder's from now on; it is closed where that
// fails. failed, which may be nil, is called at most once, on another goroutine, when the disk takes no more; the file
// has been closed then and holds what came before.
func NewCallRecorder(f *os.File, failed func(error)) (*CallRecorder, error) {
	w, err := newWAVWriter(f, 2)
	if err != nil {
		return nil, err
	}
	return &CallRecorder{
		recorder: startRecorder(w, failed), theirs: newElastic(elasticOfRecorder),
		right: make([]int16, FrameSamples), both: make([]int16, 2*FrameSamples),
	}, nil
}

// Own returns the Sink of the near side.
func (r *CallRecorder) Own() Sink { return ownSide{r} }

// Theirs returns the Sink of the far side, for one Source at a time.
func (r *CallRecorder) Theirs() Sink { return r.theirs }

// SetPaused leaves out what is said from now on, or no more.
func (r *CallRecorder) SetPaused(on bool) {
	r.mu.Lock()
	r.paused = on
	r.mu.Unlock()
}

// Missing is the number of samples of both sides that are not in the file because the disk was too slow or failed.
func (r *CallRecorder) Missing() uint64 { return r.recorder.Missing() / 2 }

// Close ends the recording and returns the first error that the disk had. It waits for the disk, and is safe to call
// twice.
func (r *CallRecorder) Close() error { return r.recorder.Close() }

// ownSide is the Sink of the near side, whose time is the recording's.
type ownSide struct{ *CallRecorder }

// Add implements Sink.
func (o ownSide) Add(frame Frame) {
	r := o.CallRecorder
	r.mu.Lock()
	defer r.mu.Unlock()
	r.theirs.read(r.right)
	if r.paused {
		return
	}
	for i, s := range frame {
		r.both[2*i], r.both[2*i+1] = s, r.right[i]
	}
	r.recorder.Add(r.both)
}
