//go:build unix

package netsip

import (
	"context"
	"sync"
	"syscall"
	"testing"
	"time"

	"calla/netsip/loop"
	"calla/netsip/sip"
)

// stubMedia is media that costs nothing.
type stubMedia struct{}

func (stubMedia) NewMediaSession() (MediaSession, error) { return stubMedia{}, nil }
func (stubMedia) Offer(context.Context) ([]byte, error)  { return []byte(offerSDP), nil }

func (stubMedia) Answer(context.Context) ([]byte, error) { return []byte(answerSDP), nil }

func (stubMedia) SetOffer(context.Context, []byte) (RemoteMedia, error) { return RemoteMedia{}, nil }

func (stubMedia) SetAnswer(context.Context, []byte) (RemoteMedia, error) { return RemoteMedia{}, nil }
func (stubMedia) Rollback(context.Context) error                         { return nil }
func (stubMedia) SetHold(bool)                                           {}
func (stubMedia) RestartICE()                                            {}
func (stubMedia) OnPath(func(alive bool))                                {}
func (stubMedia) OnUntaken(func())                                       {}
func (stubMedia) Close() error                                           { return nil }

// memoryFlow is a flow without a socket: what is sent over it is parsed and posted to the far end, as a reader would.
type memoryFlow struct {
	flow // nil: nothing else is asked of it in a call
	wake chan struct{}
	mu   sync.Mutex
	out  [][]byte
}

func (f *memoryFlow) URL() string      { return "wss://memory.invalid" }
func (f *memoryFlow) Close()           {}
func (f *memoryFlow) SetBusy(bool)     {}
func (f *memoryFlow) Since() time.Time { return time.Time{} }

func (f *memoryFlow) Send(data []byte) bool {
	f.mu.Lock()
	f.out = append(f.out, data)
	f.mu.Unlock()
	select {
	case f.wake <- struct{}{}:
	default:
	}
	return true
}

// deliver gives far what was sent, until quit.
func (f *memoryFlow) deliver(far func() *UserAgent, quit chan struct{}) {
	var batch [][]byte
	for {
		select {
		case <-f.wake:
		case <-quit:
			return
		}
		f.mu.Lock()
		batch, f.out = f.out, batch[:0]
		f.mu.Unlock()
		to := far()
		for _, data := range batch {
			m, err := sip.Parse(data)
			if err != nil {
				panic(err)
			}
			to.loop.Post(func() { to.received(data, m, nil) })
		}
	}
}

// BenchmarkCall is INVITE, 100, 180, 200, ACK, BYE and 200 between two user agents, each with a loop of its own,
// over a wire of memory. cpu-µs is the time that both took of all processors.
func BenchmarkCall(b *testing.B) {
	var agents [2]*UserAgent
	quit := make(chan struct{})
	defer close(quit)
	for i, name := range []string{"alice", "bob"} {
		c := testConfig()
		c.URI = "sip:" + name + "@example.com"
		loop := loop.New()
		defer loop.Stop()
		ua, err := New(Options{
			Loop: loop, Config: c, Media: stubMedia{}, UserAgent: "Calla/0.0.0",
			OnInvite: func(s *Session) { s.Answer() },
		})
		if err != nil {
			b.Fatal(err)
		}
		agents[i] = ua
		f := &memoryFlow{wake: make(chan struct{}, 1)}
		go f.deliver(func() *UserAgent { return agents[1-i] }, quit)
		loop.Do(func() { ua.connection.flow, ua.connection.state, ua.started = f, FlowConnected, true })
	}
	alice := agents[0]
	ended := make(chan string)
	call := func() {
		alice.loop.Post(func() {
			_, err := callText(alice, "bob", CallOptions{OnChange: func(s *Session) {
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
			if len(ua.calls.sessions) > 1 {
				b.Errorf("%d calls left", len(ua.calls.sessions))
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
