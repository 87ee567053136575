//go:build cgo

package malgo

import (
	"fmt"
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
	// look is how often the watch looks whether a device still calls.
	look = 100 * time.Millisecond
	// deadLooks without a call mean that a running device is lost: half a second.
	deadLooks = 5
	// bornLooks is the patience with a device that does not run yet: sleeping hardware wakes slowly, and a PulseAudio
	// sink that was idle first plays the second or two of silence it has prepared.
	bornLooks = 30
	// bornCalls do not tell that a device runs: filling its buffer takes as many.
	bornCalls = 2 * capturePeriods
)

// stream is one open device. Its callback runs on miniaudio's thread and touches the ring and
// atomics only.
type stream struct {
	host    *Host
	session *session
	info    audio.Device
	ring    *audio.Ring
	device  *malgo.Device
	calls   atomic.Uint64
	lost    chan struct{}
	lose    sync.Once
	closing sync.Once
	stop    chan struct{} // closed when the device is told to end
	watched chan struct{} // the watch has ended
	ended   chan struct{} // the device has ended
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
		lost: make(chan struct{}), stop: make(chan struct{}),
		watched: make(chan struct{}), ended: make(chan struct{}),
	}
	cfg := malgo.DefaultDeviceConfig(kind)
	cfg.SampleRate = audio.SampleRate
	cfg.PeriodSizeInMilliseconds = period
	cfg.Periods = playbackPeriods
	cfg.PerformanceProfile = malgo.LowLatency
	part, callback := &cfg.Playback, s.play
	if kind == malgo.Capture {
		part, callback = &cfg.Capture, s.capture
		cfg.Periods = capturePeriods
	}
	part.Format = malgo.FormatS16
	part.Channels = 1
	var pin runtime.Pinner
	defer pin.Unpin()
	// No ID is what the system has for its default, which it may also change by itself: to a monitor of the
	// loudspeaker, when a microphone is unplugged, so that a microphone has its ID.
	if id != "" || kind == malgo.Capture && info.Name != "" {
		raw, err := deviceID(info.ID)
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
	select {
	case <-s.stop:
	default:
		s.lose.Do(func() { close(s.lost) })
	}
}

// watch declares a device lost that no longer calls.
func (s *stream) watch() {
	defer close(s.watched)
	ticker := time.NewTicker(look)
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
		} else if still++; still >= bornLooks || now > bornCalls && still >= deadLooks {
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

// Close implements audio.Stream. A device that does not end within closeTimeout is left behind with
// an error; it holds up no other.
func (s *stream) Close() error {
	s.shut()
	timer := time.NewTimer(closeTimeout)
	defer timer.Stop()
	select {
	case <-s.ended:
		return nil
	case <-timer.C:
		return fmt.Errorf("close sound device %q: the sound server does not answer", s.info.Name)
	}
}

// shut begins to end the device; ended is closed when that is done.
func (s *stream) shut() {
	s.closing.Do(func() {
		close(s.stop)
		go func() {
			defer close(s.ended)
			<-s.watched
			// Not inside miniaudio's turn: devices end apart from each other, and one whose server is dead may
			// take for ever. Uninit alone would wait for a PulseAudio thread that nothing wakes.
			if err := s.device.Stop(); err != nil {
				s.host.log.Debug("stopping a sound device fails", "device", s.info.Name, "error", err)
			}
			s.device.Uninit()
			h := s.host
			h.turn <- struct{}{}
			defer func() { <-h.turn }()
			h.streams = slices.DeleteFunc(h.streams, func(o *stream) bool { return o == s })
			s.session.streams--
			s.session.release(h.log)
		}()
	})
}
