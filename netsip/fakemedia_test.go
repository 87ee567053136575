package netsip

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"
)

// Media that a test scripts.

// fakeMedia makes media sessions that agree to everything unless told otherwise.
type fakeMedia struct {
	mu       sync.Mutex
	sessions []*fakeSession
	next     fakeSession // what new ones are like
	err      error
}

func (m *fakeMedia) NewMediaSession() (MediaSession, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.err != nil {
		return nil, m.err
	}
	s := &fakeSession{
		offerErr: m.next.offerErr, answerErr: m.next.answerErr, setOfferErr: m.next.setOfferErr,
		setAnswerErr: m.next.setAnswerErr, delay: m.next.delay, padding: m.next.padding,
	}
	m.sessions = append(m.sessions, s)
	return s, nil
}

func (m *fakeMedia) last() *fakeSession {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.sessions[len(m.sessions)-1]
}

// fakeSession notes the steps of the offer/answer exchange.
type fakeSession struct {
	offerErr, answerErr, setOfferErr, setAnswerErr error
	delay                                          time.Duration // of every step
	padding                                        int           // octets by which descriptions are longer

	mu      sync.Mutex
	steps   []string // "offer", "answer", "set offer", "set answer", "close"
	busy    bool
	version int
	held    bool
	restart bool
	remote  string // the far end's last description
	path    func(bool)
	untaken func()
}

func (s *fakeSession) step(ctx context.Context, name string, err error) error {
	s.mu.Lock()
	if s.busy {
		s.mu.Unlock()
		panic("two steps of one media session at a time")
	}
	s.busy = true
	s.steps = append(s.steps, name)
	s.mu.Unlock()
	if s.delay > 0 {
		select {
		case <-time.After(s.delay):
		case <-ctx.Done():
			err = ctx.Err()
		}
	}
	s.mu.Lock()
	s.busy = false
	s.mu.Unlock()
	return err
}

func (s *fakeSession) description() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.version++
	direction, transport := "sendrecv", "1"
	if s.held {
		direction = "sendonly"
	}
	if s.restart {
		transport = "2"
	}
	s.restart = false
	return fmt.Appendf(nil, "v=0\r\no=- 7 %d IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF "+
		"0\r\na=%s\r\na=ice-ufrag:%s\r\n",
		s.version, direction, transport)
}

func (s *fakeSession) Rollback(ctx context.Context) error { return s.step(ctx, "rollback", nil) }

func (s *fakeSession) SetHold(held bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held = held
}

func (s *fakeSession) RestartICE() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.restart = true
}

func (s *fakeSession) OnUntaken(told func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.untaken = told
}

func (s *fakeSession) OnPath(told func(bool)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.path = told
}

func (s *fakeSession) Offer(ctx context.Context) ([]byte, error) {
	if err := s.step(ctx, "offer", s.offerErr); err != nil {
		return nil, err
	}
	return s.padded(), nil
}

func (s *fakeSession) padded() []byte {
	d := s.description()
	if s.padding > 0 {
		d = append(d, "a=x:"+strings.Repeat("x", s.padding)+"\r\n"...)
	}
	return d
}

func (s *fakeSession) Answer(ctx context.Context) ([]byte, error) {
	if err := s.step(ctx, "answer", s.answerErr); err != nil {
		return nil, err
	}
	return s.padded(), nil
}

func (s *fakeSession) SetOffer(ctx context.Context, sdp []byte) (RemoteMedia, error) {
	s.hear(sdp)
	return remoteMedia(sdp), s.step(ctx, "set offer", s.setOfferErr)
}

func (s *fakeSession) SetAnswer(ctx context.Context, sdp []byte) (RemoteMedia, error) {
	s.hear(sdp)
	return remoteMedia(sdp), s.step(ctx, "set answer", s.setAnswerErr)
}

func (s *fakeSession) hear(sdp []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remote = string(sdp)
}

func (s *fakeSession) heard() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.remote
}

// remoteMedia is what a description with one stream wants.
func remoteMedia(sdp []byte) RemoteMedia {
	for _, d := range []MediaDirection{SendOnly, RecvOnly, Inactive} {
		if strings.Contains(string(sdp), "a="+d.String()) {
			return RemoteMedia{Direction: d, Held: !d.Receives()}
		}
	}
	return RemoteMedia{}
}

func (s *fakeSession) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.steps = append(s.steps, "close")
	return nil
}

func (s *fakeSession) history() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.steps, ", ")
}
