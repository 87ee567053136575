//go:build cgo

// Package malgo is sound hardware by miniaudio: WASAPI, CoreAudio, PulseAudio (also PipeWire's), ALSA and
// others, found when the program runs.
//
// miniaudio tells nothing when devices come and go, and on PulseAudio not even when a stream dies: a
// device that no longer calls is lost (see watch). Its calls cannot be cancelled: one that
// outlives its context is left behind to finish and clean up by itself.
package malgo

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/gen2brain/malgo"

	"calla/audio"
	"calla/audio/pulse"
)

// period is how much sound a device delivers or takes at once, in milliseconds: a packet, for which nothing waits
// longer than it has to anyway, and each call out of C costs Go several wakings. Of PulseAudio miniaudio asks that it
// keeps one period, which it then wants in quarters: with 10 ms it wakes both sides 400 times a second, and one late
// waking is heard.
const period = 20

// How many of them make a device's buffer, where the system keeps that full, and for what a microphone may hold back.
const (
	playbackPeriods = 2
	capturePeriods  = 3
)

// closeTimeout is how long Close waits for a sound server that does not answer.
const closeTimeout = 3 * time.Second

// errClosed is returned by a closed Host.
var errClosed = errors.New("the sound host is closed")

// Config of a Host. The zero value is right for a person's machine.
type Config struct {
	// Backend is one of "wasapi", "dsound", "winmm", "coreaudio", "pulseaudio", "alsa", "jack" and "null" (devices
	// that keep time and hear and play nothing); "" chooses the first that works, but never "null".
	Backend string
	Log     *slog.Logger // nil: discard
}

// Host is the machine's sound hardware.
type Host struct {
	backends []string
	log      *slog.Logger
	// turn is held by the one call that is inside miniaudio; what follows belongs to its holder.
	turn    chan struct{}
	session *session // nil until needed, and after it has failed
	streams []*stream
	closed  bool
}

// session is one miniaudio context, shared by the streams opened with it.
type session struct {
	ctx     *malgo.AllocatedContext
	backend string
	streams int
	retired bool // it has failed: freed with its last stream
}

// New returns the Host. The sound server is reached by its methods, not here.
func New(cfg Config) (*Host, error) {
	h := &Host{log: cfg.Log, turn: make(chan struct{}, 1)}
	if h.log == nil {
		h.log = slog.New(slog.DiscardHandler)
	}
	if cfg.Backend != "" {
		if _, ok := backend(cfg.Backend); !ok {
			return nil, fmt.Errorf("sound backend %q is not known", cfg.Backend)
		}
		h.backends = []string{cfg.Backend}
	} else {
		h.backends = []string{"wasapi", "dsound", "winmm", "coreaudio", "pulseaudio", "alsa", "jack"}
	}
	return h, nil
}

func backend(name string) (malgo.Backend, bool) {
	switch name {
	case "wasapi":
		return malgo.BackendWasapi, true
	case "dsound":
		return malgo.BackendDsound, true
	case "winmm":
		return malgo.BackendWinmm, true
	case "coreaudio":
		return malgo.BackendCoreaudio, true
	case "pulseaudio":
		return malgo.BackendPulseaudio, true
	case "alsa":
		return malgo.BackendAlsa, true
	case "jack":
		return malgo.BackendJack, true
	case "null":
		// malgo.BackendNull is 13, which is miniaudio's custom backend.
		return malgo.Backend(14), true
	}
	return 0, false
}

// await runs work, alone inside miniaudio, and returns its result or, when ctx ends before, the
// context's error; then undo gets what work made nevertheless.
func await[T any](ctx context.Context, h *Host, work func() (T, error), undo func(T)) (T, error) {
	var zero T
	select {
	case h.turn <- struct{}{}:
	case <-ctx.Done():
		return zero, fmt.Errorf("the sound server does not answer: %w", ctx.Err())
	}
	type outcome struct {
		value T
		err   error
	}
	// Unbuffered: the result has one owner, the caller that takes it or the worker that undoes it.
	result := make(chan outcome)
	go func() {
		defer func() { <-h.turn }()
		value, err := work()
		select {
		case result <- outcome{value, err}:
		case <-ctx.Done():
			if err == nil {
				undo(value)
			}
		}
	}()
	select {
	case r := <-result:
		return r.value, r.err
	case <-ctx.Done():
		return zero, fmt.Errorf("the sound server does not answer: %w", ctx.Err())
	}
}

// Devices implements audio.Host.
func (h *Host) Devices(ctx context.Context) (audio.Devices, error) {
	list, err := await(ctx, h, h.list, func(audio.Devices) {})
	if err != nil {
		return audio.Devices{}, fmt.Errorf("list sound devices: %w", err)
	}
	return list, nil
}

// Watch implements audio.Watching: miniaudio tells nothing, but PulseAudio does.
func (h *Host) Watch(ctx context.Context, changed func()) {
	if slices.Contains(h.backends, "pulseaudio") && runtime.GOOS == "linux" {
		pulse.Watch(ctx, changed)
	}
}

// OpenCapture implements audio.Host.
func (h *Host) OpenCapture(ctx context.Context, id string, ring *audio.Ring) (audio.Stream, error) {
	return h.openContext(ctx, id, ring, malgo.Capture)
}

// OpenPlayback implements audio.Host.
func (h *Host) OpenPlayback(ctx context.Context, id string, ring *audio.Ring) (audio.Stream, error) {
	return h.openContext(ctx, id, ring, malgo.Playback)
}

func (h *Host) openContext(ctx context.Context, id string, ring *audio.Ring, kind malgo.DeviceType) (audio.Stream,
	error,
) {
	s, err := await(ctx, h,
		func() (*stream, error) { return h.open(id, ring, kind) },
		func(s *stream) { s.shut() })
	if err != nil {
		return nil, fmt.Errorf("open %s device: %w", word(kind), err)
	}
	return s, nil
}

func word(kind malgo.DeviceType) string {
	if kind == malgo.Capture {
		return "capture"
	}
	return "playback"
}

// Close implements audio.Host.
func (h *Host) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	open, err := await(ctx, h, func() ([]*stream, error) {
		h.closed = true
		h.retire()
		return slices.Clone(h.streams), nil
	}, func([]*stream) {})
	if err != nil {
		return fmt.Errorf("close sound: %w", err)
	}
	var failed []error
	for _, s := range open {
		failed = append(failed, s.Close())
	}
	return errors.Join(failed...)
}

// The methods below are called by the holder of the turn.

// connect returns the session, reaching the sound server if need be. A backend that was there once, or comes late, is
// taken up as soon as it is there: what works in its place, such as bare ALSA while PulseAudio is away, is left for it.
func (h *Host) connect() (*session, error) {
	if h.closed {
		return nil, errClosed
	}
	var failed error
	for _, name := range h.backends {
		if h.session != nil && h.session.backend == name {
			break
		}
		ctx, err := reach(name)
		if err == nil {
			h.log.Info("sound system reached", "backend", name)
			h.retire()
			h.session = &session{ctx: ctx, backend: name}
			break
		}
		failed = err
	}
	if h.session == nil {
		return nil, fmt.Errorf("no sound server or hardware: %w", failed)
	}
	return h.session, nil
}

// reach makes a context of one backend.
func reach(backendName string) (*malgo.AllocatedContext, error) {
	var cfg malgo.ContextConfig
	// miniaudio copies the names; until then they must not move.
	var pin runtime.Pinner
	defer pin.Unpin()
	name := []byte("Calla\x00")
	pin.Pin(&name[0])
	cfg.Pulse.PApplicationName = &name[0]
	cfg.Jack.PClientName = &name[0]
	b, _ := backend(backendName)
	return malgo.InitContext([]malgo.Backend{b}, cfg, nil)
}

// retire gives the session up: it is freed now or with its last stream.
func (h *Host) retire() {
	s := h.session
	h.session = nil
	if s != nil {
		s.retired = true
		s.release(h.log)
	}
}

// release frees a retired session that nothing uses any more.
func (s *session) release(log *slog.Logger) {
	if !s.retired || s.streams > 0 || s.ctx == nil {
		return
	}
	if err := s.ctx.Uninit(); err != nil {
		log.Warn("closing the sound server fails", "error", err)
	}
	s.ctx.Free()
	s.ctx = nil
}

// list asks for the devices; where the sound server has died, once more with a new one.
func (h *Host) list() (audio.Devices, error) {
	var list audio.Devices
	var err error
	for range 2 {
		var s *session
		if s, err = h.connect(); err != nil {
			return audio.Devices{}, err
		}
		if list.Capture, err = s.devices(malgo.Capture); err == nil {
			list.Playback, err = s.devices(malgo.Playback)
		}
		if err == nil {
			return list, nil
		}
		h.log.Info("listing sound devices fails: reaching the sound server anew", "error", err)
		h.retire()
	}
	return audio.Devices{}, err
}

func (s *session) devices(kind malgo.DeviceType) ([]audio.Device, error) {
	infos, err := s.ctx.Devices(kind)
	if err != nil {
		return nil, err
	}
	all := make([]listed, 0, len(infos))
	for i := range infos {
		raw, _, _ := strings.Cut(string(infos[i].ID[:]), "\x00")
		all = append(all, listed{
			raw: raw, id: infos[i].ID.String(), name: infos[i].Name(),
			isDefault: infos[i].IsDefault != 0,
		})
	}
	return offer(s.backend, kind == malgo.Capture, all), nil
}

// deviceID is the inverse of malgo.DeviceID.String, which leaves out trailing zeros.
func deviceID(id string) (malgo.DeviceID, error) {
	var d malgo.DeviceID
	b, err := hex.DecodeString(id)
	if err != nil || len(b) > len(d) {
		return d, fmt.Errorf("device ID %.20q is not one", id)
	}
	copy(d[:], b)
	return d, nil
}

// choose finds the device to open.
func (h *Host) choose(id string, kind malgo.DeviceType) (audio.Device, error) {
	all, err := h.list()
	if err != nil {
		return audio.Device{}, err
	}
	list := all.Playback
	if kind == malgo.Capture {
		list = all.Capture
	}
	if id == "" {
		d, ok := audio.DefaultDevice(list)
		switch {
		case ok:
			return d, nil
		case len(list) > 0:
			return audio.Device{}, errors.New("this machine has none but those that record what is played")
		}
		return audio.Device{}, errors.New("this machine has none")
	}
	if d, ok := audio.FindDevice(list, id, ""); ok {
		return d, nil
	}
	return audio.Device{}, errors.New("the chosen device is not present")
}
