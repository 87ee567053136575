package netsip

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"calla/netsip/config"
	"calla/netsip/ws"

	"github.com/gorilla/websocket"
)

// pingInterval is what keep_alive_interval is where it is not given.
const pingInterval = config.DefaultKeepAlive * time.Second

// closeWith sends a Close frame and ends the connection.
func (w *wire) closeWith(code int) {
	_ = w.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, "bye"),
		time.Now().Add(time.Second))
	<-w.gone
}

func TestMissingSubprotocolIsAFailure(t *testing.T) {
	inBench(t, testConfig(), func(b *bench) {
		b.protocol = "chat"
		b.start()
		<-b.dials
		b.until("failed", func() bool { return b.ua.connection.state == FlowWaiting })
		var dial *ws.DialError
		if err := b.state().Err; !errors.As(err, &dial) || dial.Stage != ws.StageSubprotocol {
			t.Errorf("error %v", err)
		}
		b.mu.Lock()
		b.protocol = "sip"
		b.mu.Unlock()
		b.next()
	})
}

func TestPingKeepsTheFlowAndFindsItDead(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		start := time.Now()
		for i := range 3 {
			at := <-w.pings
			if d := at.Sub(start); d != time.Duration(i+1)*pingInterval {
				t.Errorf("ping after %v", d)
			}
		}
		synctest.Wait()
		if s := b.state(); s.Flow != FlowConnected {
			t.Fatalf("state %+v", s)
		}
		w.setDeaf()
		start = time.Now()
		<-w.gone
		if d := time.Since(start); d != pingInterval+10*time.Second {
			t.Errorf("dead flow found after %v", d)
		}
		synctest.Wait()
		var dial *ws.DialError
		if err := b.state().Err; !errors.As(err, &dial) || dial.Stage != ws.StageClosed ||
			!errors.Is(err, ws.ErrSilent) {
			t.Errorf("error %v", err)
		}
	})
}

func (w *wire) setDeaf() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.deaf = true
}

func TestDeadFlowInACallIsFoundSoon(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, _, _ := b.established(w)
		w.setDeaf()
		start := time.Now()
		<-w.gone
		if d := time.Since(start); d > 8*time.Second {
			t.Errorf("dead flow found after %v", d)
		}
		synctest.Wait()
		b.do(func() {
			if s.state != SessionEstablished {
				t.Error("the call was lost with the flow")
			}
		})
	})
}

func TestRetryNowProbesTheFlow(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		w.setDeaf()
		start := time.Now()
		b.do(b.ua.RetryNow)
		<-w.gone
		if d := time.Since(start); d != 2*time.Second {
			t.Errorf("found after %v", d)
		}
	})
}

func TestAnythingReceivedIsASignOfLife(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		w.setDeaf()
		for range 20 {
			<-w.pings
			time.Sleep(9 * time.Second)
			w.sendRaw("\r\n")
		}
		synctest.Wait()
		if s := b.state(); s.Flow != FlowConnected {
			t.Errorf("state %+v", s)
		}
	})
}

func TestRTTIsMeasured(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		w.conn.SetPingHandler(func(data string) error {
			time.Sleep(30 * time.Millisecond)
			return w.conn.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(time.Second))
		})
		w.sendRaw("\r\n\r\n")
		time.Sleep(pingInterval + time.Second)
		synctest.Wait()
		if s := b.state(); s.Servers[0].RTT != 30*time.Millisecond {
			t.Errorf("RTT %v", s.Servers[0].RTT)
		}
	})
}

func TestCRLFPingIsAnswered(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		w.sendRaw("\r\n\r\n")
		if m := w.expect("UNREADABLE"); string(m.Body) != "\r\n" {
			t.Errorf("answered %q", m.Body)
		}
		w.sendRaw("\r\n")
		w.quiet(time.Second)
	})
}

func TestBinaryFramesAreMessagesToo(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		m := w.caller().request("OPTIONS")
		if err := w.conn.WriteMessage(websocket.BinaryMessage, m.Bytes()); err != nil {
			t.Fatal(err)
		}
		w.expect("200 OPTIONS")
	})
}

func TestServerPingIsAnsweredWithItsPayload(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		got := make(chan string, 1)
		w.conn.SetPongHandler(func(data string) error { got <- data; return nil })
		if err := w.conn.WriteControl(websocket.PingMessage, []byte("Kamailio"),
			time.Now().Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		if data := <-got; data != "Kamailio" {
			t.Errorf("pong %q", data)
		}
	})
}

func TestTooLargeFrameEndsTheFlow(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		go func() { _ = w.conn.WriteMessage(websocket.TextMessage, make([]byte, 128<<10+1)) }()
		<-w.gone
		if s := b.state(); s.Servers[0].LastError == nil {
			t.Errorf("state %+v", s)
		}
	})
}

func TestStalledSocketEndsTheFlow(t *testing.T) {
	inBench(t, testConfig(), func(b *bench) {
		b.start()
		w := b.next()
		release := make(chan struct{})
		w.conn.SetPingHandler(func(string) error { <-release; return nil }) // nothing is read any more
		w.sendRaw("\r\n\r\n")
		start := time.Now()
		b.until("lost", func() bool { return !b.ua.connection.up() || b.ua.connection.url() != w.url })
		if d := time.Since(start); d > pingInterval+11*time.Second {
			t.Errorf("lost after %v", d)
		}
		close(release)
	})
}

// A message that began is there within 30 s or the connection ends, whatever comes meanwhile.
//
// Holds: bounded-reads
func TestSlowMessageEndsTheFlow(t *testing.T) {
	for name, every := range map[string][]byte{
		"an octet a second":          []byte("x"),
		"a fragment a second":        {0, 1, 'x'},
		"an empty fragment a second": {0, 0},
		"pongs between":              {0x8a, 0},
		"nothing more":               nil,
	} {
		c := testConfig()
		c.Calla.KeepAliveInterval = 90
		ladder(t, c, func(b *bench, w *wire) {
			conn := w.conn.NetConn()
			start := []byte{1, 1, 'x'}
			if name == "an octet a second" {
				start = []byte{0x81, 126, 0x40, 0}
			}
			began := time.Now()
			_, _ = conn.Write(start)
			ended := make(chan struct{})
			defer func() { <-ended }()
			go func() {
				defer close(ended)
				for err := error(nil); err == nil && every != nil; _, err = conn.Write(every) {
					time.Sleep(time.Second)
				}
			}()
			<-w.gone
			if d := time.Since(began); d > 31*time.Second {
				t.Errorf("%s: ended after %v", name, d)
			}
			synctest.Wait()
			var dial *ws.DialError
			if err := b.state().Servers[0].LastError; !errors.As(err, &dial) || !errors.Is(err, ws.ErrSlowMessage) {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
}

// calla.keep_alive_interval is the time between Pings, but in a call, where a dead flow must be found soon.
func TestKeepAliveIntervalIsTheTimeBetweenPings(t *testing.T) {
	c := testConfig()
	c.Calla.KeepAliveInterval = 90
	ladder(t, c, func(b *bench, w *wire) {
		start := time.Now()
		for i := range 3 {
			if d := (<-w.pings).Sub(start); d != time.Duration(i+1)*90*time.Second {
				t.Errorf("ping after %v", d)
			}
		}
		b.established(w)
		start = time.Now()
		if d := (<-w.pings).Sub(start); d > 5*time.Second {
			t.Errorf("in a call after %v", d)
		}
	})
}

// RFC 5626 section 4.4: a server that gives a Flow-Timer hears from us before it runs out.
func TestFlowTimerShortensTheKeepAlive(t *testing.T) {
	for given, want := range map[string]time.Duration{
		"20": 16 * time.Second, "600": pingInterval, "1": pingInterval,
		"x": pingInterval, "4294967295": pingInterval,
	} {
		ladder(t, registering(), func(b *bench, w *wire) {
			m := w.expect("REGISTER")
			w.reply(m, 200, "Contact: "+m.Get("Contact"), "Flow-Timer: "+given)
			start := time.Now()
			if d := (<-w.pings).Sub(start); d != want {
				t.Errorf("Flow-Timer %s: ping after %v", given, d)
			}
		})
	}
}
