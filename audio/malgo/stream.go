//go:build cgo

package malgo

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/gen2brain/malgo"

	"calla/audio"
)

const (
	// deadAfter is how long a running device may not call before it is taken for lost.
	deadAfter = 1200 * time.Millisecond
	// looks is how often that is looked at within deadAfter.
	looks = 4
)

// stream is one open device. Its callback runs on miniaudio's thread and touches the ring and
// atomics only.
type stream struct {
	host    *Host
	session *session
	info    audio.Device
	ring    *audio.Ring
	device  *malgo.Device // nil once shut; for the holder of the host's turn
	calls   atomic.Uint64
	closing atomic.Bool // what stops now has been told to
	lost    chan struct{}
	lose    sync.Once
	stop    chan struct{} // ends the watch
	watched chan struct{} // the watch has ended
}

// open starts a device. The caller has the turn.
func (h *Host) open(id string, ring *audio.Ring, kind malgo.DeviceType) (*stream, error) {
	info, err := h.choose(id, kind)
	if err != nil {
		return nil, err
	}
	session := h.session
	s := &stream{
		host: h, session: session, info: info, ring: ring,
		lost: make(chan struct{}), stop: make(chan struct{}), watched: make(chan struct{}),
	}
	cfg := malgo.DefaultDeviceConfig(kind)
	cfg.SampleRate = audio.SampleRate
	cfg.PeriodSizeInMilliseconds = period
	cfg.Periods = periods
	cfg.PerformanceProfile = malgo.LowLatency
	part, callback := &cfg.Playback, s.play
	if kind == malgo.Capture {
		part, callback = &cfg.Capture, s.capture
	}
	part.Format = malgo.FormatS16
	part.Channels = 1
	var pin runtime.Pinner
	defer pin.Unpin()
	if id != "" { // else nil: what the system has for its default, which it may also change by itself
		raw, err := deviceID(id)
		if err != nil {
			return nil, err
		}
		where := &raw
		pin.Pin(where)
		part.DeviceID = unsafe.Pointer(where)
	}
	device, err := malgo.InitDevice(session.ctx.Context, cfg, malgo.DeviceCallbacks{Data: callback, Stop: s.stopped})
	if err != nil {
		return nil, fmt.Errorf("%q: %w", info.Name, err)
	}
	s.device = device
	if err := device.Start(); err != nil {
		s.closing.Store(true)
		device.Uninit()
		return nil, fmt.Errorf("%q: start: %w", info.Name, err)
	}
	session.streams++
	h.streams = append(h.streams, s)
	go s.watch()
	return s, nil
}

// capture is called on the device's thread.
func (s *stream) capture(_, in []byte, _ uint32) {
	s.calls.Add(1)
	if pcm := samples(in); s.ring.Room() >= len(pcm) {
		s.ring.Write(pcm)
	}
}

// play is called on the device's thread, with out full of silence.
func (s *stream) play(out, _ []byte, _ uint32) {
	s.calls.Add(1)
	s.ring.Read(samples(out))
}

// samples sees miniaudio's bytes, which are aligned for their format, as what they are.
func samples(b []byte) []int16 {
	return unsafe.Slice((*int16)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/2)
}

// stopped is called on the device's thread.
func (s *stream) stopped() {
	if !s.closing.Load() {
		s.lose.Do(func() { close(s.lost) })
	}
}

// watch declares a device lost that no longer calls.
func (s *stream) watch() {
	defer close(s.watched)
	ticker := time.NewTicker(deadAfter / looks)
	defer ticker.Stop()
	last, still := s.calls.Load(), 0
	for {
		select {
		case <-ticker.C:
		case <-s.lost:
			return
		case <-s.stop:
			return
		}
		if now := s.calls.Load(); now != last {
			last, still = now, 0
		} else if still++; still >= looks {
			s.host.log.Info("sound device no longer answers", "device", s.info.Name)
			s.lose.Do(func() { close(s.lost) })
			return
		}
	}
}

// Device implements audio.Stream.
func (s *stream) Device() audio.Device { return s.info }

// Lost implements audio.Stream.
func (s *stream) Lost() <-chan struct{} { return s.lost }

// Close implements audio.Stream. A sound server that does not answer is left behind with an error.
func (s *stream) Close() error {
	s.closing.Store(true)
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	_, err := await(ctx, s.host, func() (struct{}, error) {
		s.shut()
		return struct{}{}, nil
	}, func(struct{}) {})
	if err != nil {
		return fmt.Errorf("close sound device %q: %w", s.info.Name, err)
	}
	return nil
}

// shut ends the device. The caller has the turn.
func (s *stream) shut() {
	if s.device == nil {
		return
	}
	s.closing.Store(true)
	close(s.stop)
	<-s.watched
	s.device.Uninit() // stops it and waits for its thread
	s.device = nil
	h := s.host
	h.streams = slices.DeleteFunc(h.streams, func(o *stream) bool { return o == s })
	s.session.streams--
	s.session.release(h.log)
	h.log.LogAttrs(context.Background(), slog.LevelDebug, "sound device closed", slog.String("device", s.info.Name))
}
