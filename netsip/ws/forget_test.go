package ws

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"calla/netsip/loop"
	"calla/netsip/sip"
)

// narrow is a listener whose connections take little that nobody reads.
type narrow struct{ net.Listener }

func (n narrow) Accept() (net.Conn, error) {
	conn, err := n.Listener.Accept()
	if err == nil {
		err = conn.(*net.TCPConn).SetReadBuffer(128 << 10)
	}
	return conn, err
}

// TestWhatADeadFlowHadToSayIsNotSaidLater: what was told as lost with a flow does not arrive when the far end is back,
// as the system would have it for minutes; what a flow said before it was closed does.
func TestWhatADeadFlowHadToSayIsNotSaidLater(t *testing.T) {
	const messages, size = 24, 50 << 10 // more than the far end's system takes, less than ours does
	for _, c := range []struct {
		name    string
		tls     bool
		why     error // nil: closed
		arrives bool
	}{
		{name: "silent", why: ErrSilent},
		{name: "silent, over TLS", tls: true, why: ErrSilent},
		{name: "unproven", why: ErrUnproven},
		{name: "unproven, over TLS", tls: true, why: ErrUnproven},
		{name: "the address is gone", why: ErrAddressGone},
		{name: "stalled", why: ErrStalled},
		{name: "stalled, over TLS", tls: true, why: ErrStalled},
		{name: "closed", arrives: true},
		{name: "closed, over TLS", tls: true, arrives: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			back, heard := make(chan struct{}), make(chan string, 1)
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				conn, err := (&websocket.Upgrader{Subprotocols: []string{"sip"}}).Upgrade(w, r, nil)
				if err != nil {
					return
				}
				defer conn.Close()
				<-back
				for last := ""; ; {
					_, data, err := conn.ReadMessage()
					if err != nil {
						heard <- last
						return
					}
					last, _, _ = strings.Cut(string(data), " ")
				}
			}))
			server.Listener = narrow{server.Listener}
			defer server.Close()
			scheme, dialer := "ws", &Dialer{}
			if c.tls {
				server.StartTLS()
				scheme, dialer.TLS = "wss", &tls.Config{RootCAs: x509.NewCertPool()}
				dialer.TLS.RootCAs.AddCert(server.Certificate())
			} else {
				server.Start()
			}
			conn, _, err := dialer.Dial(t.Context(), scheme+"://"+server.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			l := loop.New()
			defer l.Stop()
			ended := make(chan struct{})
			var f *Flow
			l.Do(func() {
				f = NewFlow(l, conn, time.Hour, Events{
					OnMessage: func([]byte, *sip.Message, *sip.ParseError) {}, OnText: func(string, bool) {},
					OnRTT: func(time.Duration) {}, OnEnd: func(error) { close(ended) },
				})
			})
			waiting := func() int {
				f.mu.Lock()
				defer f.mu.Unlock()
				return len(f.outgoing)
			}
			// Each is with the system when the writer has taken the next one.
			for n := range messages {
				l.Do(func() { f.Send([]byte(strconv.Itoa(n) + " " + strings.Repeat("x", size))) })
				for waiting() > 0 {
					time.Sleep(time.Millisecond)
				}
			}
			l.Do(func() {
				if c.why == nil {
					f.Close()
				} else {
					f.end(c.why)
				}
			})
			if c.arrives {
				close(back)
				<-ended
			} else {
				<-ended
				l.Stop() // and with it the writer, which closes the socket
				close(back)
			}
			if last := <-heard; (last == strconv.Itoa(messages-1)) != c.arrives {
				t.Errorf("the last that arrived is number %s of %d", last, messages)
			}
		})
	}
}
