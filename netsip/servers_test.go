package netsip

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"calla/netsip/config"
	"calla/netsip/ws"
)

func threeServers() config.Config {
	c := testConfig()
	c.WSServers = []config.Server{
		{WSURI: "ws://a.example.com", Weight: 10},
		{WSURI: "ws://b.example.com", Weight: 5},
		{WSURI: "ws://c.example.com", Weight: 5},
	}
	return c
}

func TestServerChoiceByWeightAndAtRandomAmongEquals(t *testing.T) {
	c := threeServers()
	c.ConnectionRecoveryMinInterval, c.ConnectionRecoveryMaxInterval = 2, 30
	s := newServers(c, rand.New(rand.NewPCG(3, 4)))
	if i, ok := s.choose(time.Now()); !ok || i != 0 {
		t.Errorf("chose %d", i)
	}
	s.failed(0, errors.New("down"), 0)
	count := [3]int{}
	for range 1000 {
		i, _ := s.choose(time.Now())
		count[i]++
	}
	if count[0] != 0 || count[1] < 400 || count[2] < 400 {
		t.Errorf("chose %v", count)
	}
	s.failed(1, nil, 0)
	s.failed(2, nil, 0)
	if _, ok := s.choose(time.Now()); ok {
		t.Error("chose a failed server")
	}
	if i, wait := s.recover(0); i != 0 || wait < 2*time.Second || wait > 3*time.Second || s.list[0].LastError == nil {
		t.Errorf("after all failed chose %d in %v", i, wait)
	}
}

// k·min with k uniform in 1…2^n; beyond max it is min and n starts again; up to 1 s more.
func TestRecoveryDelayFollowsTheFormula(t *testing.T) {
	c := testConfig()
	c.ConnectionRecoveryMinInterval, c.ConnectionRecoveryMaxInterval = 2, 30
	s := newServers(c, rand.New(rand.NewPCG(5, 6)))
	for n := range 6 {
		seen := map[time.Duration]int{}
		for range 4000 {
			s.attempts = n
			whole := s.recoveryDelay() / (2 * time.Second) * (2 * time.Second)
			if reset := s.attempts == 0 && n > 0; reset {
				if n < 4 {
					t.Fatalf("n=%d started again", n)
				}
				whole = 0
			}
			seen[whole]++
		}
		for d, times := range seen {
			most := time.Duration(1<<n) * 2 * time.Second
			if d > min(most, 30*time.Second) || d == 0 && n < 4 {
				t.Errorf("n=%d: %v", n, d)
			}
			want := 4000 / (1 << n)
			if d == 0 { // P(start again): 1/16 at n=4, 17/32 at n=5
				want = map[int]int{4: 250, 5: 2125}[n]
			}
			if times < want*7/10 || times > want*13/10 {
				t.Errorf("n=%d: %v came %d times, want about %d", n, d, times, want)
			}
		}
	}
}

// Whatever is configured, and however long the servers are away, no wait leaves the bounds; and who has lost a server
// asks it at least once in four times the shortest wait for as long as it may be a restart that takes its time.
func TestRecoveryWaitsStayWithinTheirBounds(t *testing.T) {
	for _, c := range []struct {
		name     string
		min, max int
	}{
		{"as by default", 2, 30},
		{"one wait alone", 1, 1},
		{"hardly a choice", 5, 6},
		{"less than twice the shortest", 4, 7},
		{"long ones", 30, 300},
		{"longer than it may be away", 200, 200},
	} {
		for drops, from := range []string{"since the start", "after a loss"} {
			t.Run(c.name+" "+from, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					cfg := testConfig()
					cfg.ConnectionRecoveryMinInterval, cfg.ConnectionRecoveryMaxInterval = c.min, c.max
					most := secondsOf(c.max)
					for seed := range uint64(50) {
						s := newServers(cfg, rand.New(rand.NewPCG(seed, 1)))
						begin := time.Now()
						if drops == 1 {
							s.dropped()
						}
						for time.Since(begin) < time.Hour {
							_, wait := s.recover(0)
							away := time.Since(begin)
							least := secondsOf(c.min)
							if drops == 1 && away < restartTime {
								least = min(least, restartWindow)
							}
							if wait < least || wait > most ||
								drops == 1 && away < awayTime && wait > 4*secondsOf(c.min) {
								t.Fatalf("after %v waits for %v", away, wait)
							}
							time.Sleep(wait)
						}
					}
				})
			})
		}
	}
}

func TestFailoverIsImmediateThenRecovers(t *testing.T) {
	inBench(t, threeServers(), func(b *bench) {
		b.setRefuse(func(string) error { return errors.New("refused") })
		b.start()
		start := time.Now()
		var first []string
		for range 3 {
			first = append(first, <-b.dials)
		}
		if time.Since(start) != 0 || first[0] != "ws://a.example.com" || first[1] == first[2] {
			t.Errorf("dialled %v in %v", first, time.Since(start))
		}
		synctest.Wait()
		s := b.state()
		if s.Flow != FlowWaiting || s.RetryAt.IsZero() || s.Err == nil {
			t.Errorf("state %+v", s)
		}
		if url := <-b.dials; url != "ws://a.example.com" || time.Since(start) < 2*time.Second ||
			time.Since(start) > 3*time.Second {
			t.Errorf("recovery dialled %s after %v", url, time.Since(start))
		}
	})
}

func TestDroppedServerIsTriedOnceThenTheNext(t *testing.T) {
	ladder(t, threeServers(), func(b *bench, w *wire) {
		<-b.dials
		dropped := time.Now()
		b.setRefuse(func(url string) error {
			if strings.Contains(url, "a.example") {
				return errors.New("refused")
			}
			return nil
		})
		w.close()
		if url := <-b.dials; url != w.url || time.Since(dropped) > 2*time.Second {
			t.Errorf("dialled %s after %v", url, time.Since(dropped))
		}
		before := time.Now()
		if url := <-b.dials; url == w.url || time.Since(before) != 0 {
			t.Errorf("then %s after %v", url, time.Since(before))
		}
		b.next()
		s := b.state()
		if s.Flow != FlowConnected || s.Servers[0].Status != ServerFailed || s.Servers[0].LastError == nil ||
			s.Err != nil {
			t.Errorf("state %+v", s)
		}
	})
}

func TestAcceptAndDropIsNotHammered(t *testing.T) {
	unconnected(t, testConfig(), func(b *bench) {
		go func() {
			for w := range b.accepted {
				w.close()
			}
		}()
		time.Sleep(time.Minute)
		for len(b.dials) > 0 {
			<-b.dials
		}
		time.Sleep(10 * time.Minute)
		if n := len(b.dials); n > 60 || n < 10 {
			t.Errorf("%d attempts in 10 min", n)
		}
		b.do(func() { b.ua.Stop(nil) })
		time.Sleep(time.Minute)
		close(b.accepted)
		synctest.Wait()
		b.accepted = nil
	})
}

func TestHealthyFlowStartsTheWaitsAgain(t *testing.T) {
	unconnected(t, testConfig(), func(b *bench) {
		for range 5 {
			w := b.next()
			time.Sleep(2 * time.Minute)
			dropped := time.Now()
			w.close()
			b.until("connected", func() bool { return b.ua.connection.state == FlowConnected })
			if time.Since(dropped) > 2100*time.Millisecond {
				t.Errorf("back after %v", time.Since(dropped))
			}
		}
	})
}

func TestServiceRestartWaitsLonger(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		<-b.dials
		w.closeWith(1012)
		start := time.Now()
		<-b.dials
		if d := time.Since(start); d < 5*time.Second || d > 31*time.Second {
			t.Errorf("dialled after %v", d)
		}
		w = b.next()
		b.established(w)
		w.closeWith(1012)
		start = time.Now()
		<-b.dials
		if d := time.Since(start); d > 2100*time.Millisecond {
			t.Errorf("in a call dialled after %v", d)
		}
	})
}

func TestRetryNowCutsTheWait(t *testing.T) {
	inBench(t, testConfig(), func(b *bench) {
		b.setRefuse(func(string) error { return errors.New("refused") })
		b.start()
		<-b.dials
		synctest.Wait()
		b.setRefuse(nil)
		start := time.Now()
		b.do(b.ua.RetryNow)
		b.next()
		if time.Since(start) != 0 {
			t.Errorf("connected after %v", time.Since(start))
		}
	})
}

func TestStopCancelsEveryTimer(t *testing.T) {
	inBench(t, testConfig(), func(b *bench) {
		b.setRefuse(func(string) error { return errors.New("refused") })
		b.start()
		<-b.dials
		synctest.Wait()
		stopped := make(chan struct{})
		b.do(func() { b.ua.Stop(func() { close(stopped) }) })
		<-stopped
		time.Sleep(time.Hour)
		synctest.Wait()
		if len(b.dials) != 0 {
			t.Error("dials after Stop")
		}
		if s := b.state(); s.Flow != FlowStopped {
			t.Errorf("state %+v", s)
		}
	})
}

func TestStopUnregistersAndHangsUpWithinTwoSeconds(t *testing.T) {
	for _, answers := range []bool{true, false} {
		ladder(t, registering(), func(b *bench, w *wire) {
			b.registered(w, 600)
			b.established(w)
			start := time.Now()
			stopped := make(chan struct{})
			b.do(func() { b.ua.Stop(func() { close(stopped) }) })
			bye, unregister := w.expect("BYE"), w.expect("REGISTER")
			if unregister.Get("Expires") != "0" {
				t.Error("did not unregister")
			}
			if answers {
				w.reply(bye, 200)
				w.reply(unregister, 200)
			}
			<-stopped
			took := time.Since(start)
			if answers && took > time.Second || took > 3*time.Second {
				t.Errorf("stopped after %v", took)
			}
			<-w.gone
			if answers && w.closing != 1000 {
				t.Errorf("closed with %d", w.closing)
			}
		})
	}
}

// A server that names a time is left alone until then, at most a tenth longer; the others are used meanwhile.
func TestRetryAfterOfOneServerHoldsForThatServer(t *testing.T) {
	c := threeServers()
	inBench(t, c, func(b *bench) {
		b.setRefuse(func(url string) error {
			if strings.Contains(url, "a.example") {
				return &httpAnswer{503, "100"}
			}
			return errors.New("refused")
		})
		b.start()
		start := time.Now()
		var last time.Duration
		for time.Since(start) < 300*time.Second {
			url := <-b.dials
			at := time.Since(start)
			if !strings.Contains(url, "a.example") || at == 0 {
				continue
			}
			if at-last < 100*time.Second {
				t.Errorf("dialled %v after the 503", at-last)
			}
			last = at
		}
		if last == 0 {
			t.Error("never dialled again")
		}
	})
}

func TestRetryAfterOfTheOnlyServerIsMinded(t *testing.T) {
	inBench(t, testConfig(), func(b *bench) {
		b.setRefuse(func(string) error { return &httpAnswer{503, "60"} })
		b.start()
		<-b.dials
		for range 5 {
			start := time.Now()
			synctest.Wait()
			s := b.state()
			if left := time.Until(s.RetryAt); left < 60*time.Second || left > 66*time.Second ||
				!s.Servers[0].NextTry.Equal(s.RetryAt) {
				t.Errorf("retry in %v: %+v", left, s)
			}
			<-b.dials
			if d := time.Since(start); d < 60*time.Second || d > 66*time.Second {
				t.Errorf("dialled after %v", d)
			}
		}
	})
}

// RFC 6455's registry: 1013 means that the server has no room; another may.
func TestTryAgainLaterGoesToAnotherServer(t *testing.T) {
	ladder(t, threeServers(), func(b *bench, w *wire) {
		for len(b.dials) > 0 {
			<-b.dials
		}
		w.closeWith(1013)
		start := time.Now()
		if url := <-b.dials; url == w.url || time.Since(start) != 0 {
			t.Errorf("dialled %s after %v", url, time.Since(start))
		}
		b.next()
	})
	ladder(t, testConfig(), func(b *bench, w *wire) {
		<-b.dials
		w.closeWith(1013)
		start := time.Now()
		<-b.dials
		if d := time.Since(start); d < 10*time.Second || d > 33*time.Second {
			t.Errorf("dialled the only one after %v", d)
		}
	})
}

// State says which server, since when, why the one before was left, what is tried next and how often it was.
func TestStateTellsOfEveryChangeOfServer(t *testing.T) {
	ladder(t, threeServers(), func(b *bench, w *wire) {
		s := b.state()
		if s.Server != w.url || s.FlowSince.IsZero() || s.LastLeft.URL != "" || s.Attempts != 0 {
			t.Errorf("connected: %+v", s)
		}
		time.Sleep(2 * time.Minute)
		b.setRefuse(func(string) error { return errors.New("refused") })
		lost := time.Now()
		w.close()
		synctest.Wait()
		s = b.state()
		if s.Flow != FlowWaiting || s.LastLeft.URL != w.url || !s.LastLeft.At.Equal(lost) || s.LastLeft.Err == nil ||
			!s.FlowSince.IsZero() {
			t.Errorf("lost: %+v", s)
		}
		if s.RetryAt.Sub(lost) > restartWindow || !s.Servers[0].NextTry.Equal(s.RetryAt) ||
			s.Servers[0].Failures != 1 || s.Attempts != 0 {
			t.Errorf("lost: %+v", s)
		}
		time.Sleep(time.Until(s.RetryAt))
		synctest.Wait()
		s = b.state()
		if s.Attempts != 3 || s.Flow != FlowWaiting || !s.Servers[1].LastErrorAt.Equal(time.Now()) ||
			s.Servers[2].Failures != 1 {
			t.Errorf("all failed: %+v", s)
		}
		b.setRefuse(nil)
		w = b.next()
		s = b.state()
		if s.Attempts != 0 || s.LastLeft.URL != w.url || s.Err != nil || s.Servers[0].LastError == nil {
			t.Errorf("back: %+v", s)
		}
	})
}

// A frozen server takes the connection and says nothing: 5 s, then the next one.
func TestHandshakeHasADeadline(t *testing.T) {
	inBench(t, threeServers(), func(b *bench) {
		b.frozen = "a.example"
		b.start()
		<-b.dials
		start := time.Now()
		<-b.dials
		if d := time.Since(start); d != 5*time.Second {
			t.Errorf("next server after %v", d)
		}
		b.next()
		var dial *ws.DialError
		if s := b.state(); !errors.As(s.Servers[0].LastError, &dial) || !dial.Timeout {
			t.Errorf("state %+v", s)
		}
	})
}

// The network has changed while a dial hangs on the old one: it begins anew.
func TestNetworkChangedBeginsAHangingDialAnew(t *testing.T) {
	inBench(t, testConfig(), func(b *bench) {
		b.frozen = "a.example"
		b.start()
		<-b.dials
		time.Sleep(time.Second)
		b.mu.Lock()
		b.frozen = ""
		b.mu.Unlock()
		start := time.Now()
		b.do(b.ua.NetworkChanged)
		b.next()
		if time.Since(start) != 0 {
			t.Errorf("connected after %v", time.Since(start))
		}
	})
}
