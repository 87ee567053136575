package netsip

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"calla/netsip/config"
)

// light brings a registered user agent onto b, which is lighter than a.
func (b *bench) light() *wire {
	b.Helper()
	b.setRefuse(func(url string) error {
		if strings.Contains(url, "a.example") {
			return errors.New("refused")
		}
		return nil
	})
	b.start()
	w := b.next()
	b.registered(w, 36000)
	if s := b.state(); !strings.Contains(s.Server, "b.example") {
		b.Fatalf("on %s", s.Server)
	}
	for len(b.dials) > 0 {
		<-b.dials
	}
	return w
}

func twoServers() config.Config {
	c := registering()
	c.WSServers = []config.Server{{WSURI: "ws://a.example.com", Weight: 10}, {WSURI: "ws://b.example.com", Weight: 5}}
	return c
}

// moving brings the user agent to where the new flow is up and its REGISTER unanswered.
func (b *bench) moving() (old, w *wire) {
	b.Helper()
	old = b.light()
	b.setRefuse(nil)
	w = b.next()
	return old, w
}

func open(w *wire) bool {
	synctest.Wait()
	select {
	case <-w.gone:
		return false
	default:
		return true
	}
}

func TestFailBackRegistersBeforeTheOldFlowIsLeft(t *testing.T) {
	inBench(t, twoServers(), func(b *bench) {
		old := b.light()
		since := b.state().FlowSince
		if s := b.state(); s.Servers[0].NextTry.Before(time.Now()) || s.Servers[0].Failures != 1 {
			t.Errorf("heavier server: %+v", s.Servers[0])
		}
		b.setRefuse(nil)
		start := time.Now()
		w := b.next()
		if d := time.Since(start); d < failBackBase/2-time.Second || d > failBackBase {
			t.Errorf("back after %v", d)
		}
		m := w.expect("REGISTER")
		time.Sleep(time.Second)
		if s := b.state(); s.Registration != Registered || !open(old) {
			t.Errorf("left the old flow before the registrar answered: %+v", s)
		}
		w.register(m, 36000)
		<-old.gone
		s := b.state()
		if old.closing != 1000 || s.Server != "ws://a.example.com" || s.Registration != Registered ||
			!s.FlowSince.After(since) {
			t.Errorf("closed with %d, state %+v", old.closing, s)
		}
		if s.LastLeft.URL != old.url || !errors.Is(s.LastLeft.Err, ErrHeavierServer) ||
			s.Servers[1].Status != ServerReady || !s.Servers[0].NextTry.IsZero() {
			t.Errorf("state %+v", s)
		}
		w.quiet(time.Hour)
		if len(b.dials) != 1 {
			t.Errorf("%d dials", len(b.dials))
		}
	})
}

// Neither a call nor a request without an answer is disturbed; the move comes right after.
func TestFailBackWaitsForTheEndOfACall(t *testing.T) {
	inBench(t, twoServers(), func(b *bench) {
		old := b.light()
		b.setRefuse(nil)
		s, _, _ := b.established(old)
		time.Sleep(20 * time.Minute)
		synctest.Wait()
		if len(b.dials) != 0 || !open(old) {
			t.Fatal("moved during a call")
		}
		b.do(s.HangUp)
		bye := old.expect("BYE")
		time.Sleep(time.Second)
		if len(b.dials) != 0 {
			t.Fatal("moved before BYE was answered")
		}
		ended := time.Now()
		old.reply(bye, 200)
		w := b.next()
		if d := time.Since(ended); d > time.Second {
			t.Errorf("moved %v after the call", d)
		}
		w.register(w.expect("REGISTER"), 36000)
		<-old.gone
	})
}

func TestFailBackBacksOffWhileTheHeavierServerFails(t *testing.T) {
	inBench(t, twoServers(), func(b *bench) {
		old := b.light()
		last := time.Now()
		limit := failBackBase
		for i := range 6 {
			if url := <-b.dials; url != "ws://a.example.com" {
				t.Fatalf("dialled %s", url)
			}
			if wait := time.Since(last); wait < limit/2-time.Second || wait > limit {
				t.Errorf("attempt %d after %v, want %v to %v", i, wait, limit/2, limit)
			}
			last = time.Now()
			limit = min(2*limit, failBackMax)
			synctest.Wait()
			if s := b.state(); s.Flow != FlowConnected || s.Err != nil || s.Servers[0].Failures != i+2 ||
				s.Servers[0].NextTry.IsZero() {
				t.Errorf("state %+v", s)
			}
		}
		if !open(old) {
			t.Error("the flow in use was lost")
		}
	})
}

// What goes wrong while there are two flows leaves the one that works.
func TestFailBackGoesBackToTheOldFlow(t *testing.T) {
	for name, wrong := range map[string]func(b *bench, w *wire){
		"refused": func(b *bench, w *wire) { w.reply(w.expect("REGISTER"), 403) },
		"failed":  func(b *bench, w *wire) { w.reply(w.expect("REGISTER"), 503, "Retry-After: 100") },
		"lost":    func(b *bench, w *wire) { w.expect("REGISTER"); w.close() },
		"silent":  func(b *bench, w *wire) { w.expect("REGISTER"); w.setDeaf() },
	} {
		t.Run(name, func(t *testing.T) {
			inBench(t, twoServers(), func(b *bench) {
				old, w := b.moving()
				wrong(b, w)
				old.register(old.expect("REGISTER"), 36000)
				s := b.state()
				if s.Server != old.url || s.Registration != Registered || s.Err != nil ||
					s.Servers[1].Status != ServerConnected || s.Servers[0].Status != ServerFailed {
					t.Errorf("state %+v", s)
				}
				b.until("new flow closed", func() bool { return !openNow(w) })
				w = b.next() // tried again later
				w.register(w.expect("REGISTER"), 36000)
				<-old.gone
			})
		})
	}
}

func openNow(w *wire) bool {
	select {
	case <-w.gone:
		return false
	default:
		return true
	}
}

func TestFailBackGoesOnWhenTheOldFlowIsLostFirst(t *testing.T) {
	inBench(t, twoServers(), func(b *bench) {
		old, w := b.moving()
		m := w.expect("REGISTER")
		old.close()
		w.register(m, 36000)
		b.until("registered", func() bool { return b.ua.registration.pending == nil })
		if s := b.state(); s.Server != w.url || s.Registration != Registered || s.Servers[1].Status != ServerReady {
			t.Errorf("state %+v", s)
		}
	})
}

func TestFailBackOffStaysWhereItIs(t *testing.T) {
	c := twoServers()
	c.Calla.FailBack = config.Off
	inBench(t, c, func(b *bench) {
		old := b.light()
		b.setRefuse(nil)
		old.quiet(5 * time.Hour)
		if len(b.dials) != 0 {
			t.Error("dialled")
		}
	})
}

func TestFailBackIsTriedAtOnceOnRetryNow(t *testing.T) {
	inBench(t, twoServers(), func(b *bench) {
		old := b.light()
		b.setRefuse(nil)
		start := time.Now()
		b.do(b.ua.RetryNow)
		w := b.next()
		if time.Since(start) != 0 {
			t.Errorf("after %v", time.Since(start))
		}
		w.register(w.expect("REGISTER"), 36000)
		<-old.gone
	})
}

func TestStopWhileMovingClosesBothFlows(t *testing.T) {
	inBench(t, twoServers(), func(b *bench) {
		old, w := b.moving()
		w.expect("REGISTER")
		start := time.Now()
		done := make(chan struct{})
		b.do(func() { b.ua.Stop(func() { close(done) }) })
		<-done
		<-old.gone
		<-w.gone
		if d := time.Since(start); d > 4*time.Second {
			t.Errorf("stopped after %v", d)
		}
	})
}

// A lighter server whose registrar is down is no reason to stay.
func TestFailBackLeavesAServerThatCannotRegister(t *testing.T) {
	inBench(t, twoServers(), func(b *bench) {
		old := b.light()
		b.do(b.ua.Register)
		old.reply(old.expect("REGISTER"), 503, "Retry-After: 1800")
		b.until("failed", func() bool { return b.ua.registration.state == RegistrationFailed })
		b.setRefuse(nil)
		w := b.next()
		w.register(w.expect("REGISTER"), 36000)
		<-old.gone
		if s := b.state(); s.Registration != Registered || s.Server != w.url {
			t.Errorf("state %+v", s)
		}
	})
}

// A heavier server that names a time is left alone until then, unless the user wants it tried.
func TestFailBackMindsRetryAfter(t *testing.T) {
	inBench(t, twoServers(), func(b *bench) {
		old := b.light()
		b.setRefuse(func(url string) error {
			if strings.Contains(url, "a.example") {
				return &httpAnswer{503, "1200"}
			}
			return nil
		})
		<-b.dials
		start := time.Now()
		<-b.dials
		if d := time.Since(start); d < 1200*time.Second || d > 1320*time.Second+failBackMax {
			t.Errorf("tried again after %v", d)
		}
		synctest.Wait()
		start = time.Now()
		b.do(b.ua.RetryNow)
		if <-b.dials; time.Since(start) != 0 {
			t.Errorf("the user's wish was minded after %v", time.Since(start))
		}
		if !open(old) {
			t.Error("the flow in use was lost")
		}
	})
}

// The wait before the way back is none for a user agent that has lost the lighter server.
func TestHeavierServerIsTriedWhenTheLighterIsLost(t *testing.T) {
	inBench(t, twoServers(), func(b *bench) {
		old := b.light()
		for range 4 { // the wait is long by now
			<-b.dials
		}
		synctest.Wait()
		b.setRefuse(func(url string) error {
			if strings.Contains(url, "b.example") {
				return errors.New("refused")
			}
			return nil
		})
		start := time.Now()
		old.close()
		w := b.next()
		if d := time.Since(start); w.url != "ws://a.example.com" || d > 5*time.Second {
			t.Errorf("on %s after %v", w.url, d)
		}
		w.register(w.expect("REGISTER"), 600)
	})
}
