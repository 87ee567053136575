package netsip

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// FuzzIngress gives a user agent that has a call up any frame: it must not crash, keep its call, and
// answer the OPTIONS that follows.
func FuzzIngress(f *testing.F) {
	for _, seed := range []string{
		"", "\r\n\r\n", "INVITE sip:alice@example.com SIP/2.0\r\n\r\n", "SIP/2.0 200 OK\r\nVia: x\r\n\r\n",
		"OPTIONS sip:alice@example.com SIP/2.0\r\nVia: SIP/2.0/WSS h;branch=z9hG4bK1\r\nFrom: " +
			"<sip:a@b>;tag=1\r\nTo: <sip:alice@example.com>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n\r\n",
		"INVITE sip:alice@example.com SIP/2.0\r\nv: SIP/2.0/UDP h\r\nf: </>;tag=\"\\\"\"\r\nt: \"\\\\\" " +
			"<sip:alice@example.com>\r\ni: 1\r\nCSeq: 1 INVITE\r\nm: <sip:x@y>\r\nc: application/sdp\r\n\r\nv=0\r\n",
		"ACK sip:alice@example.com SIP/2.0\r\nVia: SIP/2.0/WSS h;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\nTo: " +
			"<sip:a@b>;tag=2\r\nCall-ID: 1\r\nCSeq: 1 ACK\r\n\r\n",
	} {
		f.Add([]byte(seed))
	}
	files, _ := filepath.Glob("../../shared/torture/*/*.dat")
	for _, name := range files {
		if data, err := os.ReadFile(name); err == nil {
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 128<<10 {
			return
		}
		ladder(t, testConfig(), func(b *bench, w *wire) {
			s, _, _ := b.established(w)
			w.sendRaw(string(data))
			for range 3 {
				synctest.Wait()
				for len(w.in) > 0 {
					<-w.in
				}
				time.Sleep(time.Second)
			}
			if s.state != SessionEstablished {
				t.Errorf("the call is %v: %+v", s.state, s.end)
			}
			w.send(w.out("OPTIONS"))
			for {
				if m := <-w.in; m.StatusCode == 200 && strings.HasSuffix(m.Get("CSeq"), "OPTIONS") {
					break
				}
			}
		})
	})
}
