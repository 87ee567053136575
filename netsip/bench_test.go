//go:build unix

package netsip

import (
	"context"
	"syscall"
	"testing"
	"time"

	"calla/netsip/loop"
)

// stubMedia is media that costs nothing.
type stubMedia struct{}

func (stubMedia) NewMediaSession() (MediaSession, error)  { return stubMedia{}, nil }
func (stubMedia) Offer(context.Context) ([]byte, error)   { return []byte(offerSDP), nil }
func (stubMedia) Answer(context.Context) ([]byte, error)  { return []byte(answerSDP), nil }
func (stubMedia) SetOffer(context.Context, []byte) error  { return nil }
func (stubMedia) SetAnswer(context.Context, []byte) error { return nil }
func (stubMedia) Rollback(context.Context) error          { return nil }
func (stubMedia) SetHold(bool)                            {}
func (stubMedia) RestartICE()                             {}
func (stubMedia) OnPath(func(alive bool))                 {}
func (stubMedia) Close() error                            { return nil }

// memoryFlow gives ua a flow without a socket: what it sends is parsed and posted to far, as a reader would.
func memoryFlow(ua *UserAgent, far func() *flow, quit chan struct{}) *flow {
	f := &flow{
		loop: ua.loop, wake: make(chan struct{}, 1), pending: make(chan struct{}, readBacklog), quit: quit,
		keepalive: &keepalive{}, onMessage: ua.received, onText: ua.traceText,
	}
	f.keepalive.flow = f
	go func() {
		var batch []frame
		for {
			select {
			case <-f.wake:
			case <-quit:
				return
			}
			f.mu.Lock()
			batch, f.outgoing = f.outgoing, batch[:0]
			f.mu.Unlock()
			to := far()
			for i, fr := range batch {
				batch[i] = frame{}
				to.loop.Post(to.parsed(fr.data))
			}
		}
	}()
	return f
}

// BenchmarkCall is INVITE, 100, 180, 200, ACK, BYE and 200 between two user agents, each with a loop of its own,
// over a wire of memory. cpu-µs is the time that both took of all processors.
func BenchmarkCall(b *testing.B) {
	var agents [2]*UserAgent
	var flows [2]*flow
	quit := make(chan struct{})
	defer close(quit)
	for i, name := range []string{"alice", "bob"} {
		c := testConfig()
		c.URI = "sip:" + name + "@example.com"
		loop := loop.New()
		defer loop.Stop()
		ua, err := New(Options{
			Loop: loop, Config: c, Media: stubMedia{}, UserAgent: "Calla/0.0.0", OnInvite: func(s *Session) { s.Answer() },
		})
		if err != nil {
			b.Fatal(err)
		}
		agents[i] = ua
		flows[i] = memoryFlow(ua, func() *flow { return flows[1-i] }, quit)
		loop.Do(func() { ua.flow, ua.flowState, ua.started = flows[i], FlowConnected, true })
	}
	alice := agents[0]
	ended := make(chan string)
	call := func() {
		alice.loop.Post(func() {
			_, err := alice.Call("bob", CallOptions{OnChange: func(s *Session) {
				switch s.State() {
				case SessionEstablished:
					s.HangUp()
				case SessionEnded:
					ended <- s.End().Cause
				}
			}})
			if err != nil {
				ended <- err.Error()
			}
		})
		if cause := <-ended; cause != CauseBye {
			b.Fatal(cause)
		}
	}
	call()
	b.ReportAllocs()
	before := processorTime()
	for b.Loop() {
		call()
	}
	b.ReportMetric(float64(processorTime()-before)/float64(b.N)/1000, "cpu-µs/op")
	for _, ua := range agents { // nothing is left but the BYE under way
		ua.loop.Do(func() {
			if len(ua.sessions) > 1 {
				b.Errorf("%d calls left", len(ua.sessions))
			}
		})
	}
}

// processorTime is what this process has used of all processors.
func processorTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
