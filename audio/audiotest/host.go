// Package audiotest is sound hardware for tests: a Host whose devices run on timers, in virtual time
// inside a testing/synctest bubble, and signals to play on them.
package audiotest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"calla/audio"
)

// The devices that NewHost makes.
const (
	Microphone  = "microphone"
	Loudspeaker = "loudspeaker"
)

// longestPlayed is how much of what a device played is kept: ten minutes.
const longestPlayed = 600 * audio.SampleRate

// ErrClosed is returned by a closed Host.
var ErrClosed = errors.New("sound: closed")

// Host is an audio.Host without hardware. Its devices are named by their IDs, which capture and
// playback share. All methods may be called concurrently.
type Host struct {
	mu      sync.Mutex
	devices []*device
	streams map[*stream]struct{}
	hang    chan struct{} // not nil: calls block until it is closed
	failure error
	closed  bool
	opened  int
	looks   int
}

type device struct {
	audio.Device
	capture bool
	source  audio.Source
	played  []int16
	empty   int // frames the ring did not have
	refuse  error
	stalled bool
	ppm     float64
	room    *Room // that it is in
}

// NewHost returns a Host with a Microphone, which hears silence, and a Loudspeaker, both the default.
func NewHost() *Host {
	h := &Host{streams: make(map[*stream]struct{})}
	h.AddCapture(Microphone, "Microphone")
	h.AddPlayback(Loudspeaker, "Loudspeaker")
	return h
}

// AddCapture plugs a capture device in. The first one is the default.
func (h *Host) AddCapture(id, name string) { h.add(id, name, true) }

// AddLoopback plugs a capture device in that records what is played; it is never the default.
func (h *Host) AddLoopback(id, name string) {
	h.add(id, name, true)
	h.with(id, func(d *device) { d.Loopback = true })
	h.mu.Lock()
	h.elect()
	h.mu.Unlock()
}

// TakeOutEcho says that the system takes the echo out of a capture device.
func (h *Host) TakeOutEcho(id string) { h.with(id, func(d *device) { d.EchoFree = true }) }

// AddPlayback plugs a playback device in. The first one is the default.
func (h *Host) AddPlayback(id, name string) { h.add(id, name, false) }

func (h *Host) add(id, name string, capture bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	d := &device{Device: audio.Device{ID: id, Name: name}, capture: capture}
	h.devices = append(h.devices, d)
	h.elect()
}

// elect makes the first device of each direction that is no loop-back the default.
func (h *Host) elect() {
	var seen [2]bool
	for _, d := range h.devices {
		i := 0
		if d.capture {
			i = 1
		}
		d.Default = !d.Loopback && !seen[i]
		seen[i] = seen[i] || d.Default
	}
}

// Remove unplugs the device: it is no longer listed, and its streams are lost.
func (h *Host) Remove(id string) {
	h.mu.Lock()
	h.devices = slices.DeleteFunc(h.devices, func(d *device) bool { return d.ID == id })
	h.elect()
	h.mu.Unlock()
	h.Lose(id)
}

// Lose ends the device's streams by themselves, as a dying sound server does. It stays listed.
func (h *Host) Lose(id string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.streams {
		if s.device.ID == id {
			s.lose()
		}
	}
}

// Refuse makes opening the device fail with err, or with nil succeed again.
func (h *Host) Refuse(id string, err error) { h.with(id, func(d *device) { d.refuse = err }) }

// Stall makes the device's open and future streams stand still without being lost, or go on.
func (h *Host) Stall(id string, on bool) { h.with(id, func(d *device) { d.stalled = on }) }

// SetDrift makes the device's clock slow by this many parts in a million (negative: fast).
func (h *Host) SetDrift(id string, ppm float64) { h.with(id, func(d *device) { d.ppm = ppm }) }

// SetSource makes the capture device hear src from now on; nil is silence.
func (h *Host) SetSource(id string, src audio.Source) { h.with(id, func(d *device) { d.source = src }) }

// SetRoom puts a playback and a capture device into one room, from now on; nil takes them out of it. Both are of this
// Host, whose lock keeps them from using the room at once.
func (h *Host) SetRoom(room *Room, ids ...string) {
	for _, id := range ids {
		h.with(id, func(d *device) { d.room = room })
	}
}

// Played returns what the playback device has played since it was plugged in or TakePlayed, at most
// ten minutes: silence where its ring was empty, nothing while it was not open.
func (h *Host) Played(id string) (pcm []int16) {
	h.with(id, func(d *device) { pcm = slices.Clone(d.played) })
	return pcm
}

// TakePlayed returns Played and forgets it.
func (h *Host) TakePlayed(id string) (pcm []int16) {
	h.with(id, func(d *device) { pcm, d.played = d.played, nil })
	return pcm
}

// Underruns is how many Frames the playback device wanted and its ring did not have.
func (h *Host) Underruns(id string) (n int) {
	h.with(id, func(d *device) { n = d.empty })
	return n
}

func (h *Host) with(id string, f func(d *device)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, d := range h.devices {
		if d.ID == id {
			f(d)
		}
	}
}

// Hang makes every call of Devices, OpenCapture and OpenPlayback block until its context ends or
// Hang(false), as a stuck sound server does.
func (h *Host) Hang(on bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case on && h.hang == nil:
		h.hang = make(chan struct{})
	case !on && h.hang != nil:
		close(h.hang)
		h.hang = nil
	}
}

// Fail makes Devices fail with err, as a machine without any sound server does; nil ends it.
func (h *Host) Fail(err error) {
	h.mu.Lock()
	h.failure = err
	h.mu.Unlock()
}

// Streams is how many streams are open, and how many were opened in all.
func (h *Host) Streams() (open, total int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.streams), h.opened
}

// Looks is how often the devices were asked for.
func (h *Host) Looks() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.looks
}

// Open tells whether a stream of the device is open.
func (h *Host) Open(id string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.streams {
		if s.device.ID == id {
			return true
		}
	}
	return false
}

// enter waits while the Host hangs.
func (h *Host) enter(ctx context.Context) error {
	h.mu.Lock()
	hang, closed := h.hang, h.closed
	h.mu.Unlock()
	if closed {
		return ErrClosed
	}
	if hang != nil {
		select {
		case <-hang:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return ctx.Err()
}

// Devices implements audio.Host.
func (h *Host) Devices(ctx context.Context) (audio.Devices, error) {
	if err := h.enter(ctx); err != nil {
		return audio.Devices{}, fmt.Errorf("list sound devices: %w", err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.looks++
	if h.failure != nil {
		return audio.Devices{}, fmt.Errorf("list sound devices: %w", h.failure)
	}
	var list audio.Devices
	for _, d := range h.devices {
		if d.capture {
			list.Capture = append(list.Capture, d.Device)
		} else {
			list.Playback = append(list.Playback, d.Device)
		}
	}
	return list, nil
}

// OpenCapture implements audio.Host.
func (h *Host) OpenCapture(ctx context.Context, id string, ring *audio.Ring) (audio.Stream, error) {
	return h.open(ctx, id, ring, true)
}

// OpenPlayback implements audio.Host.
func (h *Host) OpenPlayback(ctx context.Context, id string, ring *audio.Ring) (audio.Stream, error) {
	return h.open(ctx, id, ring, false)
}

func (h *Host) open(ctx context.Context, id string, ring *audio.Ring, capture bool) (audio.Stream, error) {
	if err := h.enter(ctx); err != nil {
		return nil, fmt.Errorf("open sound device %q: %w", id, err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, d := range h.devices {
		if d.capture != capture || id != d.ID && (id != "" || !d.Default) {
			continue
		}
		if d.refuse != nil {
			return nil, fmt.Errorf("open sound device %q: %w", d.Name, d.refuse)
		}
		s := &stream{
			host: h, device: d, info: d.Device, ring: ring,
			stop: make(chan struct{}), done: make(chan struct{}), lost: make(chan struct{}),
		}
		h.streams[s] = struct{}{}
		h.opened++
		go s.run()
		return s, nil
	}
	return nil, fmt.Errorf("open sound device %q: not found", id)
}

// Close implements audio.Host.
func (h *Host) Close() error {
	h.mu.Lock()
	h.closed = true
	open := make([]*stream, 0, len(h.streams))
	for s := range h.streams {
		open = append(open, s)
	}
	h.mu.Unlock()
	for _, s := range open {
		s.Close()
	}
	return nil
}

// stream is an open device: a goroutine in the place of the device's thread.
type stream struct {
	host   *Host
	device *device
	info   audio.Device
	ring   *audio.Ring
	stop   chan struct{}
	done   chan struct{}
	lost   chan struct{}
	gone   bool // lost is closed
	ended  bool // stop is closed
}

func (s *stream) Device() audio.Device  { return s.info }
func (s *stream) Lost() <-chan struct{} { return s.lost }

// lose is called with the host's lock.
func (s *stream) lose() {
	if !s.gone {
		s.gone = true
		close(s.lost)
	}
	s.end()
}

func (s *stream) end() {
	if !s.ended {
		s.ended = true
		close(s.stop)
	}
}

func (s *stream) Close() error {
	s.host.mu.Lock()
	s.end()
	delete(s.host.streams, s)
	s.host.mu.Unlock()
	<-s.done
	return nil
}

func (s *stream) run() {
	defer close(s.done)
	frame := make(audio.Frame, audio.FrameSamples)
	start := time.Now()
	elapsed := 0.0 // of the device's clock, in nanoseconds of the system's
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
		case <-s.stop:
			return
		}
		s.host.mu.Lock()
		if s.ended {
			s.host.mu.Unlock()
			return
		}
		s.period(frame)
		elapsed += float64(10*time.Millisecond) * (1 + s.device.ppm/1e6)
		s.host.mu.Unlock()
		timer.Reset(time.Until(start.Add(time.Duration(elapsed))))
	}
}

// period is what the device does every 10 ms.
func (s *stream) period(frame audio.Frame) {
	d := s.device
	switch {
	case d.stalled:
	case d.capture:
		clear(frame)
		if d.source != nil && !d.source.Fill(frame) {
			d.source = nil
		}
		if d.room != nil {
			d.room.Record(frame)
		}
		s.ring.Write(frame)
	default:
		n := s.ring.Read(frame)
		clear(frame[n:])
		if n < len(frame) {
			d.empty++
		}
		if d.room != nil {
			d.room.Play(frame)
		}
		if len(d.played) < longestPlayed {
			d.played = append(d.played, frame...)
		}
	}
}
