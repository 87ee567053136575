package rtc

import (
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/stun/v4"
	"github.com/pion/transport/v5/vnet"
)

// nominates tells a check that nominates its pair (RFC 8445 section 7.1.2).
func nominates(c vnet.Chunk) bool {
	m := &stun.Message{Raw: c.UserData()}
	return isSTUN(c) && m.Decode() == nil && m.Type.Class == stun.ClassRequest && m.Contains(stun.AttrUseCandidate)
}

// answersCheck tells the answer to a check.
func answersCheck(c vnet.Chunk) bool {
	m := &stun.Message{Raw: c.UserData()}
	return isSTUN(c) && m.Decode() == nil && m.Type.Class == stun.ClassSuccessResponse
}

// handshakes notes the types of DTLS handshake messages that go each way (RFC 6347 section 4.3.2).
type handshakes struct {
	mu   sync.Mutex
	seen map[byte]int
}

const (
	clientHello        = 1
	helloVerifyRequest = 3
)

func (h *handshakes) note(c vnet.Chunk) {
	if d := c.UserData(); isDTLS(c) && len(d) > 13 && d[0] == 22 && d[3] == 0 && d[4] == 0 {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.seen[d[13]]++
	}
}

func (h *handshakes) count(kind byte) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.seen[kind]
}

// early has a session open DTLS as soon as a pair works, nominated or not, as Chromium does.
func early(s *Session) {
	s.work.Go(func() {
		for ; ; time.Sleep(time.Millisecond) {
			if p := s.inUse(); p != nil && p.used.Load().answered() {
				p.secure()
				return
			}
		}
	})
}

// TestEncryptionWaitsForNoNomination: where the far end opens DTLS, as a browser that is called does, the keys are made
// over the first pair that works: neither the nomination is waited for, nor a cookie asked of who has shown by ICE
// where it is. What comes before a pair works is kept, so that nobody has to say it again.
func TestEncryptionWaitsForNoNomination(t *testing.T) {
	const from = "198.51.100.1" // our address
	for _, c := range []struct {
		name      string
		nominated time.Duration // as long no nomination gets through
		answered  time.Duration // as long none of our checks is answered
		record    int           // so many of the far end's datagrams of DTLS are lost
		hellos    int           // that it has to send
		within    time.Duration
	}{
		{name: "nominated at once", hellos: 1, within: 200 * time.Millisecond},
		{name: "nominated after 300 ms", nominated: 300 * time.Millisecond, hellos: 1, within: 200 * time.Millisecond},
		{name: "nominated after 3 s", nominated: 3 * time.Second, hellos: 1, within: 200 * time.Millisecond},
		{
			name: "opened before a pair works", answered: 150 * time.Millisecond, hellos: 1,
			within: 350 * time.Millisecond,
		},
		{
			name: "opened before a pair works, nominated after 2 s", nominated: 2 * time.Second,
			answered: 150 * time.Millisecond, hellos: 1, within: 350 * time.Millisecond,
		},
		{
			name: "the first record is lost", nominated: 2 * time.Second, record: 1, hellos: 2,
			within: 400 * time.Millisecond,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			said := &handshakes{seen: map[byte]int{}}
			var lost atomic.Int64
			synctest.Test(t, func(t *testing.T) {
				begun := time.Now()
				l := newLAN(t, 20*time.Millisecond)
				l.router.AddChunkFilter(func(chunk vnet.Chunk) bool {
					said.note(chunk)
					ours := chunk.SourceAddr().String()[:len(from)] == from
					switch {
					case nominates(chunk):
						return time.Since(begun) >= c.nominated
					case answersCheck(chunk) && !ours:
						return time.Since(begun) >= c.answered
					case isDTLS(chunk) && !ours:
						return lost.Add(1) > int64(c.record)
					}
					return true
				})
				a, b := l.engine(from, nil), l.engine("198.51.100.2", nil)
				l.start()
				p := &pair{T: t, a: newTestSession(t, a), b: newTestSession(t, b)}
				defer p.a.Close()
				defer p.b.Close()
				p.offer(p.a, p.b)
				early(p.b)
				for peer := p.a.inUse(); !peer.secured.Load(); time.Sleep(time.Millisecond) {
					if time.Since(begun) > time.Minute {
						t.Fatal("no encryption")
					}
				}
				if took := time.Since(begun); took > c.within {
					t.Errorf("encrypted after %v", took)
				}
				waitState(t, p.a, Connected)
				waitState(t, p.b, Connected)
				talk(t, p.a, p.b, "a", 5)
				talk(t, p.b, p.a, "b", 5)
			})
			if n := said.count(clientHello); n != c.hellos {
				t.Errorf("%d ClientHellos, want %d", n, c.hellos)
			}
			if n := said.count(helloVerifyRequest); n != 0 {
				t.Errorf("%d cookies were asked for", n)
			}
		})
	}
}
