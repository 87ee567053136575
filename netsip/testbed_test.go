package netsip

import (
	"log/slog"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"calla/netsip/config"
	"calla/netsip/loop"
	"calla/netsip/trace"
)

// The bench: one user agent on a loop in virtual time, and what a test asks of it.

// bench is one user agent and the servers it dials, in virtual time.
type bench struct {
	*testing.T
	loop   *loop.Loop
	ua     *UserAgent
	media  *fakeMedia
	config config.Config

	accepted chan *wire // connections as they are made
	dials    chan string
	refuse   func(url string) error // set before a dial; nil accepts
	protocol string
	frozen   string     // a server whose URL has this accepts the connection and says nothing
	mu       sync.Mutex // of refuse, protocol, frozen
	invites  []*Session // as OnInvite told
	onInvite func(*Session)
	wiretap  *trace.Trace
	read     *trace.Subscription // of wiretap
	seen     []trace.Entry       // that were read
	untraced bool
	logger   *slog.Logger
	tune     func(*Options)   // before New; nil = nothing
	acks     map[string]*wire // on which each came first
	repeated int              // ACKs that came again over another wire
}

// testConfig is an account that does not register, to keep ladders short.
func testConfig() config.Config {
	return config.Config{
		URI: "sip:alice@example.com", WSServers: []config.Server{{WSURI: "wss://a.example.com/ws"}},
		Password: "secret", Register: config.Off, InstanceID: "8f1fa16a-1165-4a96-8341-785b1ef24f12",
	}
}

// ladder runs a test in virtual time with a started user agent, over the first connection that it makes.
func ladder(t *testing.T, config config.Config, script func(b *bench, w *wire)) {
	t.Helper()
	ladderWith(t, config, func(*bench) {}, script)
}

// unconnected is ladder for a script that takes every connection itself.
func unconnected(t *testing.T, config config.Config, script func(b *bench)) {
	t.Helper()
	inBench(t, config, func(b *bench) {
		b.start()
		script(b)
	})
}

// inBench is ladder for a script that starts the user agent itself.
func inBench(t *testing.T, config config.Config, script func(b *bench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { script(newBench(t, config)) })
}

// ladderWith prepares the bench before the user agent starts.
func ladderWith(t *testing.T, config config.Config, prepare func(b *bench), script func(b *bench, w *wire)) {
	t.Helper()
	inBench(t, config, func(b *bench) {
		prepare(b)
		b.start()
		script(b, b.next())
	})
}

// listening is ladder with other listeners.
func listening(t *testing.T, config config.Config, tune func(b *bench, o *Options),
	script func(b *bench, w *wire),
) {
	t.Helper()
	ladderWith(t, config, func(b *bench) { b.tune = func(o *Options) { tune(b, o) } }, script)
}

// knowing is listening's tune for a user agent that knows these realms.
func knowing(realms []config.KnownRealm) func(*bench, *Options) {
	return func(_ *bench, o *Options) { o.Realms = realms }
}

func newBench(t *testing.T, config config.Config) *bench {
	b := &bench{
		T: t, loop: loop.New(), media: &fakeMedia{}, config: config, protocol: "sip",
		accepted: make(chan *wire, 100), dials: make(chan string, 10000), wiretap: trace.New(tapEntries, tapOctets),
	}
	b.read = b.wiretap.Subscribe(true)
	t.Cleanup(b.end)
	return b
}

func (b *bench) start() {
	b.Helper()
	var err error
	o := Options{
		Loop: b.loop, Config: b.config, Media: b.media, Dial: b.dial, UserAgent: "Calla/0.0.0", Logger: b.logger,
		Rand: rand.New(rand.NewPCG(1, 2)),
		OnInvite: func(s *Session) {
			b.invites = append(b.invites, s)
			if b.onInvite != nil {
				b.onInvite(s)
			}
		},
	}
	if !b.untraced {
		o.Trace = b.wiretap.Source("alice")
	}
	if b.tune != nil {
		b.tune(&o)
	}
	b.ua, err = New(o)
	if err != nil {
		b.Fatal(err)
	}
	b.loop.Do(b.ua.Start)
}

// What a bench keeps of its wire until somebody reads it.
const (
	tapEntries = 100_000
	tapOctets  = 256 << 20
)

// traced is what has gone over the wire so far.
func (b *bench) traced() []trace.Entry {
	for {
		e, missed, ok := b.read.Take()
		if missed > 0 {
			b.Errorf("%d entries of the trace were missed", missed)
		}
		if !ok {
			return b.seen
		}
		b.seen = append(b.seen, e)
	}
}

// end stops everything and waits for it, so that the bubble can end.
func (b *bench) end() {
	if b.ua != nil {
		done := make(chan struct{})
		b.loop.Do(func() { b.ua.Stop(func() { close(done) }) })
		<-done
	}
	b.loop.Stop()
	for len(b.accepted) > 0 {
		(<-b.accepted).close()
	}
}

// do runs f on the loop.
func (b *bench) do(f func()) { b.loop.Do(f) }

// until waits, in virtual time, for a condition on the loop's state.
func (b *bench) until(what string, ok func() bool) {
	b.Helper()
	for range 4000 {
		synctest.Wait()
		met := false
		b.loop.Do(func() { met = ok() })
		if met {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	b.Fatalf("never happened: %s", what)
}

func (b *bench) setRefuse(f func(url string) error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refuse = f
}

func (b *bench) state() State {
	var s State
	b.do(func() { s = b.ua.State() })
	return s
}
