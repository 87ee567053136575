package rtc

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"
)

// ErrNoTelephoneEvent says that the far end did not agree to telephone-event; SIP INFO may do.
var ErrNoTelephoneEvent = errors.New("far end takes no telephone-event")

// ErrNotConnected says that there is no media path yet.
var ErrNotConnected = errors.New("media is not connected")

const (
	keys          = "0123456789*#ABCD" // by event code (RFC 4733 section 3.2)
	eventInterval = 20 * time.Millisecond
	eventVolume   = 10 // -10 dBm0
	dialPause     = 2 * time.Second
)

// press is one key to be sent, or a pause.
type press struct {
	pause         bool
	code          uint8
	duration, gap time.Duration
}

// SendDTMF queues digits (0-9 * # A-D; a comma pauses for 2 s) to be sent as telephone-events (RFC
// 4733), each of that duration with that gap after it; 0 = 100 ms and 70 ms. It returns at once. The
// error is ErrNoTelephoneEvent, ErrNotConnected, ErrClosed, or names a character that is no key.
func (s *Session) SendDTMF(digits string, duration, gap time.Duration) error {
	a := s.agreed.Load()
	switch {
	case s.ended.Err() != nil:
		return ErrClosed
	case a == nil || s.State() != Connected:
		return ErrNotConnected
	}
	if _, ok := a.event(); !ok {
		return ErrNoTelephoneEvent
	}
	if duration <= 0 {
		duration = 100 * time.Millisecond
	}
	if gap <= 0 {
		gap = 70 * time.Millisecond
	}
	var presses []press
	for _, r := range strings.ToUpper(digits) {
		code := strings.IndexRune(keys, r)
		switch {
		case r == ',':
			presses = append(presses, press{pause: true})
		case code < 0:
			return fmt.Errorf("send DTMF: %q is no key", r)
		default:
			presses = append(presses, press{
				code: uint8(code), duration: max(duration, 2*eventInterval), gap: max(gap, eventInterval),
			})
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state == Closed {
		return ErrClosed
	}
	idle := len(s.presses) == 0
	s.presses = append(s.presses, presses...)
	if idle && len(presses) > 0 {
		s.work.Go(s.dial)
	}
	return nil
}

// dial sends what is queued, and ends when the queue is empty or the session ends.
func (s *Session) dial() {
	for {
		s.mu.Lock()
		k := s.presses[0]
		s.mu.Unlock()
		if k.pause {
			s.sleep(dialPause)
		} else if err := s.sendKey(k); err != nil {
			s.engine.log.Debug("send telephone-event", "err", err)
		}
		s.mu.Lock()
		if s.presses = s.presses[1:]; len(s.presses) == 0 || s.ended.Err() != nil {
			s.presses = nil
			s.mu.Unlock()
			return
		}
		s.mu.Unlock()
	}
}

// sendKey sends one event: updates every 20 ms from its beginning on, then its end three times (RFC
// 4733 section 2.5.1), all with the timestamp of the beginning.
func (s *Session) sendKey(k press) error {
	a := s.agreed.Load()
	c, ok := a.event()
	if !ok {
		return ErrNoTelephoneEvent
	}
	step := uint32(eventInterval.Seconds() * float64(c.ClockRate))
	steps := min(uint32(k.duration/eventInterval), 0xFFFF/step) // the duration has 16 bits
	clock := a.audio[0].ClockRate
	timestamp := s.out.beginEvent(clock)
	defer func() {
		s.out.endEvent(timestamp, uint32((time.Duration(steps)*eventInterval).Seconds()*float64(clock)))
	}()
	payload := make([]byte, 4)
	payload[0], payload[1] = k.code, eventVolume
	for i := range steps {
		binary.BigEndian.PutUint16(payload[2:], uint16((i+1)*step))
		if err := s.out.sendEvent(c.PayloadType, timestamp, i == 0, payload); err != nil {
			return err
		}
		if !s.sleep(eventInterval) {
			return ErrClosed
		}
	}
	payload[1] |= 0x80
	for range 3 {
		if err := s.out.sendEvent(c.PayloadType, timestamp, false, payload); err != nil {
			return err
		}
		if !s.sleep(eventInterval / 2) {
			return ErrClosed
		}
	}
	s.sleep(max(0, k.gap-3*eventInterval/2))
	return nil
}

// sleep returns false when the session ends before the time is over.
func (s *Session) sleep(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-s.ended.Done():
		return false
	}
}
