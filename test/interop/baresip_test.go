package interop

import (
	"encoding/binary"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"calla/audio"
	"calla/test/peers"
)

// baresip is a phone that Kamailio and rtpengine stand before.
type baresip struct {
	*peers.Baresip
	t      *testing.T
	domain string
}

// rtpengine has baresip behind it.
func rtpengine(t *testing.T, at *peers.Place) *ground {
	peers.Need(t, "baresip")
	k := peers.StartRTPEngineAt(t, at)
	g := &ground{
		at: at, url: k.URL, domain: k.Domain, password: k.Password, users: []string{"alice", "bob", "carol"},
		halfHeard: "at Calla's end; baresip 1.0 records nothing more after a hold",
		version:   fmt.Sprintf("%s, %s", version(t, "rtpengine", "--version"), version(t, "baresip", "-v")),
	}
	g.phone = func(t *testing.T, user string, hz float64) far {
		return &baresip{peers.StartBaresipAt(t, at, k, user, hz), t, k.Domain}
	}
	return g
}

func (b *baresip) call(user string) { b.Do("dial", "sip:"+user+"@"+b.domain) }

func (b *baresip) answer() {
	b.t.Helper()
	b.Wait("CALL_INCOMING", patience)
	b.Do("accept", "")
}

func (b *baresip) established() {
	b.t.Helper()
	b.Wait("CALL_ESTABLISHED", patience)
}

func (b *baresip) hangUp() { b.Do("hangup", "") }

func (b *baresip) ended() {
	b.t.Helper()
	b.Wait("CALL_CLOSED", patience)
}

func (b *baresip) hears(hz float64) {
	b.t.Helper()
	b.hearsWithin(patience, hz)
}

func (b *baresip) hearsWithin(limit time.Duration, hz float64) {
	b.t.Helper()
	recording{b.Heard, 8000}.wait(b.t, limit, hz)
}

// recording is a file that grows, of samples of 16 bits behind a head of 44 octets.
type recording struct {
	file func() string
	rate int
}

// wait waits until what is added to it has a tone; 0 is that its end has none, or that it does not grow.
func (r recording) wait(t *testing.T, limit time.Duration, hz float64) {
	t.Helper()
	const head = 44
	last := 2 * lately * r.rate / audio.SampleRate
	grew, size := time.Now(), int64(-1)
	from, name := head, r.file()
	if data, err := os.ReadFile(name); err == nil && hz != 0 {
		from = max(head, len(data))
	}
	peers.Until(t, limit, fmt.Sprintf("%v Hz in a recording", hz), func() bool {
		if now := r.file(); now != name {
			from, name = head, now
		}
		data, err := os.ReadFile(name)
		if n := int64(len(data)); err == nil && n != size {
			if size >= 0 {
				grew = time.Now()
			}
			size = n
		}
		if err != nil || len(data) < from+last || time.Since(grew) > 500*time.Millisecond {
			return hz == 0
		}
		got := audio.MeasureTone(r.samples(data[len(data)&^1-last:]))
		if got.Level < -60 || got.Seconds < 0.3 {
			return hz == 0
		}
		return near(got.Frequency, hz)
	})
}

// samples are those of the file, each as often as makes them 48,000 a second.
func (r recording) samples(data []byte) []int16 {
	var pcm []int16
	for ; len(data) > 1; data = data[2:] {
		for range audio.SampleRate / r.rate {
			pcm = append(pcm, int16(binary.LittleEndian.Uint16(data)))
		}
	}
	return pcm
}

func (b *baresip) hold(on bool) {
	if on {
		b.Do("hold", "")
	} else {
		b.Do("resume", "")
	}
}

func (b *baresip) send(digits string) { b.Press(digits) }

func (b *baresip) listen() func(digits string) string {
	return func(digits string) string {
		b.t.Helper()
		var heard strings.Builder
		for range digits {
			heard.WriteString(b.Wait("CALL_DTMF_START", patience).Param)
		}
		return heard.String()
	}
}

func (b *baresip) transfer(user string) { b.Do("transfer", "sip:"+user+"@"+b.domain) }

func (b *baresip) consult(string) { b.t.Fatal("baresip has no attended transfer") }
func (b *baresip) connect()       { b.t.Fatal("baresip has no attended transfer") }

func (b *baresip) handed() {
	b.t.Helper()
	b.ended()
}

func (b *baresip) offerAgain(bool) { b.Do("reinvite", "") }

var _ far = (*baresip)(nil)
