package rtc

import (
	"context"
	"errors"
	"io"
	"sync"
	"testing"
	"time"
)

func TestMethodsOutOfTurn(t *testing.T) {
	e := newTestEngine(t, Config{IncludeLoopback: true})
	s := newTestSession(t, e)
	if _, err := s.Answer(t.Context()); !errors.Is(err, errOfferOutOfTurn) {
		t.Errorf("Answer without offer: %v", err)
	}
	if _, err := s.SetAnswer(t.Context(), []byte("v=0\r\n")); !errors.Is(err, errAnswerOutOfTurn) {
		t.Errorf("SetAnswer without offer: %v", err)
	}
	if err := s.WriteAudio([]byte("x"), 160); err != nil {
		t.Errorf("WriteAudio before agreement: %v", err)
	}
	if err := s.SendDTMF("1", 0, 0); !errors.Is(err, ErrNotConnected) {
		t.Errorf("SendDTMF before agreement: %v", err)
	}
	s.Close()
	_, offered := s.SetOffer(t.Context(), nil)
	_, answered := s.SetAnswer(t.Context(), nil)
	for name, err := range map[string]error{
		"SetOffer": offered, "SetAnswer": answered,
		"WriteAudio": s.WriteAudio([]byte("x"), 160), "SendDTMF": s.SendDTMF("1", 0, 0),
	} {
		if !errors.Is(err, ErrClosed) {
			t.Errorf("%s after Close: %v", name, err)
		}
	}
	if err := s.ReadAudio(new(Packet)); err != io.EOF {
		t.Errorf("ReadAudio after Close: %v", err)
	}
}

func TestCloseBreaksOffEveryMethod(t *testing.T) {
	stun := func(c *Config) { c.ICEServers = []ICEServer{{URLs: []string{"stun:198.51.100.99:3478"}}} }
	inBubbleOn(t, nil, stun, nil, func(t *testing.T, p *pair) {
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := p.a.Offer(t.Context()); !errors.Is(err, ErrClosed) {
				t.Errorf("Offer: %v", err)
			}
		})
		wg.Go(func() {
			if err := p.a.ReadAudio(new(Packet)); err != io.EOF {
				t.Errorf("ReadAudio: %v", err)
			}
		})
		time.Sleep(100 * time.Millisecond)
		begin := time.Now()
		p.a.Close()
		wg.Wait()
		if took := time.Since(begin); took > 50*time.Millisecond {
			t.Errorf("Close took %v", took)
		}
	})
}

// TestCloseAtEveryInstant closes each end at every millisecond of a call's set-up (CVE-2023-38703:
// end of a call against its DTLS handshake).
func TestCloseAtEveryInstant(t *testing.T) {
	for at := range 200 {
		inBubble(t, func(t *testing.T, p *pair) {
			var wg sync.WaitGroup
			wg.Go(func() {
				o, err := p.a.Offer(t.Context())
				if err != nil {
					return
				}
				if _, err = p.b.SetOffer(t.Context(), o); err != nil {
					return
				}
				a, err := p.b.Answer(t.Context())
				if err != nil {
					return
				}
				if _, err = p.a.SetAnswer(t.Context(), a); err != nil {
					return
				}
				for range 100 {
					if p.a.WriteAudio([]byte("x"), 960) != nil || p.b.WriteAudio([]byte("y"), 960) != nil {
						return
					}
					_ = p.a.SendDTMF("1", 0, 0)
					time.Sleep(time.Millisecond)
				}
			})
			time.Sleep(time.Duration(at) * time.Millisecond)
			first, second := p.a, p.b
			if at%2 == 1 {
				first, second = p.b, p.a
			}
			wg.Go(func() { first.Close() })
			wg.Go(func() { second.Stats(); second.Close() })
			wg.Wait()
		})
	}
}

func TestCloseFromACallback(t *testing.T) {
	inBubble(t, func(t *testing.T, p *pair) {
		closed := make(chan struct{})
		p.a.OnChange(func(m MediaState) {
			if m == Connected {
				p.a.Close()
				close(closed)
			}
		})
		p.offer(p.a, p.b)
		<-closed
	})
}

func TestEngineCloseClosesItsSessions(t *testing.T) {
	inBubble(t, func(t *testing.T, p *pair) {
		p.connect()
		p.a.engine.Close()
		if p.a.State() != Closed {
			t.Errorf("state %v", p.a.State())
		}
		if _, err := p.a.engine.NewSession(); !errors.Is(err, ErrClosed) {
			t.Errorf("NewSession: %v", err)
		}
	})
}

func TestContextEndsAnOffer(t *testing.T) {
	stun := func(c *Config) { c.ICEServers = []ICEServer{{URLs: []string{"stun:198.51.100.99:3478"}}} }
	inBubbleOn(t, nil, stun, nil, func(t *testing.T, p *pair) {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if _, err := p.a.Offer(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Offer: %v", err)
		}
	})
}
