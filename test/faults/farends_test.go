package faults

import (
	"encoding/binary"
	"fmt"
	"math"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"calla/audio"
	"calla/test/peers"
)

// farEnd is whom the phone whose network changes talks with: one call after the other.
type farEnd interface {
	// ready makes it ready for one call with near, which it makes or takes; t is that call's.
	ready(t *testing.T, near string, calls bool)
	call()                                 // calls, or takes the call that comes
	established()                          // waits until the call is up
	hears() bool                           // just now
	silence() (longest, end time.Duration) // in what it heard since the first sound, once near has hung up
}

// listened notes when sound comes, for far ends that record nothing while none does.
type listened struct {
	mu    sync.Mutex
	times []time.Time
}

func (l *listened) begin() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.times = nil
}

func (l *listened) note() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.times = append(l.times, time.Now())
}

func (l *listened) hears() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.times) > 0 && time.Since(l.times[len(l.times)-1]) < 100*time.Millisecond
}

func (l *listened) silence() (longest, end time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.times) == 0 {
		return math.MaxInt64, math.MaxInt64
	}
	before := l.times[0]
	for _, at := range l.times {
		longest, before = max(longest, at.Sub(before)), at
	}
	return longest, time.Since(before)
}

// callaFar is another Calla, at the program's own server.
type callaFar struct {
	s     *scene
	t     *testing.T
	args  []string
	heard string // file
	*peers.Calla
}

func (c *callaFar) ready(t *testing.T, near string, calls bool) {
	c.t, c.heard = t, filepath.Join(t.TempDir(), "far.wav")
	c.args = []string{"--config", c.s.config(t, "far"), "--tone", "1000", "--record", c.heard}
	if calls {
		c.args = append([]string{"call", near}, c.args...)
		return
	}
	c.Calla = peers.RunAt(t, c.s.net.Far, nil, append([]string{"answer"}, c.args...)...)
	waitAccount(c.Calla, "registered")
}

func (c *callaFar) call() {
	if c.args[0] == "call" {
		c.Calla = peers.RunAt(c.t, c.s.net.Far, nil, c.args...)
	}
}

func (c *callaFar) established() { waitCall(c.Calla, "established") }
func (c *callaFar) hears() bool  { return loud(c.heard) }

func (c *callaFar) silence() (longest, end time.Duration) {
	if r, code := c.Result(patience); code != 0 && code != 7 {
		c.t.Errorf("the far end ended with %d: %v", code, r)
	}
	return silenceIn(c.t, c.heard)
}

// pageFar is JsSIP in Chromium.
type pageFar struct {
	s        *scene
	chromium *peers.Chromium
	t        *testing.T
	near     string // "" = near calls
	*peers.Page
}

func (p *pageFar) ready(t *testing.T, near string, calls bool) {
	p.t, p.near = t, ""
	p.Page = p.chromium.Open(t, "far")
	p.Register(p.s.url, "far", p.s.domain, p.s.password("far"), nil)
	if calls {
		p.near = near
	}
}

func (p *pageFar) call() {
	if p.near != "" {
		p.Do("call", map[string]any{"target": "sip:" + p.near + "@" + p.s.domain, "hz": 1000})
		return
	}
	p.Wait("incoming", patience)
	p.Do("answer", map[string]any{"hz": 1000})
}

func (p *pageFar) established() { p.Wait("confirmed", patience) }

func (p *pageFar) hears() bool {
	hz, db := p.Tone(100 * time.Millisecond)
	return db > -60 && math.Abs(hz-440) < 15
}

func (p *pageFar) silence() (longest, end time.Duration) {
	file := filepath.Join(p.t.TempDir(), "page.wav")
	p.Record(file)
	return silenceIn(p.t, file)
}

// baresipFar is a baresip behind rtpengine.
type baresipFar struct {
	*peers.Baresip
	listened
	s    *scene
	near string // "" = near calls
}

func (b *baresipFar) ready(t *testing.T, near string, calls bool) {
	b.begin()
	b.near = ""
	if calls {
		b.near = near
	}
	// Its recordings do not grow after a hold, whatever comes: it is judged by what rtpengine gives it.
	b.s.net.Far.Watch(t, "lo", func(from, to netip.AddrPort, payload []byte) {
		if ofEngine(from) && !ofEngine(to) && len(payload) > 12 && payload[0]>>6 == 2 && payload[1]&127 < 64 {
			b.note()
		}
	})
}

// ofEngine tells whether a port is one that rtpengine has for media.
func ofEngine(a netip.AddrPort) bool { return a.Port() >= 30000 && a.Port() <= 39999 }

func (b *baresipFar) call() {
	if b.near != "" {
		b.Do("dial", "sip:"+b.near+"@"+b.s.domain)
		return
	}
	b.Wait("CALL_INCOMING", patience)
	b.Do("accept", "")
}

func (b *baresipFar) established()                          { b.Wait("CALL_ESTABLISHED", patience) }
func (b *baresipFar) hears() bool                           { return b.listened.hears() }
func (b *baresipFar) silence() (longest, end time.Duration) { return b.listened.silence() }

// level is the root of the mean square of a frame from which on it is sound: -44 dBFS.
const level = 200

func rms(frame []int16) float64 {
	sum := 0.0
	for _, v := range frame {
		sum += float64(v) * float64(v)
	}
	return math.Sqrt(sum / float64(len(frame)))
}

// loud tells whether the last tenth of a second of a recording is sound. It grows by the second.
func loud(file string) bool {
	data, err := os.ReadFile(file)
	const last = 2 * audio.SampleRate / 10
	if err != nil || len(data) < 44+last {
		return false
	}
	var pcm []int16
	for data = data[len(data)&^1-last:]; len(data) > 1; data = data[2:] {
		pcm = append(pcm, int16(binary.LittleEndian.Uint16(data)))
	}
	return !slices.ContainsFunc(slices.Collect(slices.Chunk(pcm, audio.FrameSamples)),
		func(frame []int16) bool { return rms(frame) < level })
}

// silenceIn is the longest time that a recording is silent in after the first sound, and how long it is at its end.
func silenceIn(t *testing.T, file string) (longest, end time.Duration) {
	t.Helper()
	pcm, err := audio.ReadWAVFile(file)
	if err != nil {
		t.Fatal(err)
	}
	longestRun, run, loud := 0, 0, 0
	for frame := range slices.Chunk(pcm, audio.FrameSamples) {
		if rms(frame) < level {
			run++
			continue
		}
		if loud > 0 {
			longestRun = max(longestRun, run)
		}
		loud++
		run = 0
	}
	if loud < 100 {
		t.Errorf("%s: sound in %d of %d frames", filepath.Base(file), loud, len(pcm)/audio.FrameSamples)
	}
	frames := func(n int) time.Duration { return time.Duration(n) * 10 * time.Millisecond }
	return frames(longestRun), frames(run)
}

// scene is what the runs of a row share: a network, a server in its far part, and who is there.
type scene struct {
	net         *peers.Network
	url, domain string
	password    func(user string) string
	far         farEnd
	calls       int
}

// The far ends that there are.
const (
	withCalla   = "Calla"
	withKeeper  = "a far end that makes one DTLS handshake"
	withEngine  = "rtpengine"
	withBrowser = "Chromium"
)

// startScene makes one with a far end.
func startScene(t *testing.T, far string) *scene {
	t.Helper()
	return startSceneIn(t, peers.StartNetwork(t), far)
}

// startSceneIn makes one in a network.
func startSceneIn(t *testing.T, n *peers.Network, far string) *scene {
	t.Helper()
	s := &scene{net: n}
	atKamailio := func(k *peers.Kamailio) *peers.Kamailio {
		s.url, s.domain, s.password = k.URL, k.Domain, func(string) string { return k.Password }
		return k
	}
	switch far {
	case withEngine:
		k := atKamailio(peers.StartRTPEngineAt(t, s.net.Far))
		s.far = &baresipFar{s: s, Baresip: peers.StartBaresipAt(t, s.net.Far, k, "far", 1000)}
	case withBrowser:
		atKamailio(peers.StartKamailioAt(t, s.net.Far))
		s.far = &pageFar{s: s, chromium: peers.StartChromiumAt(t, s.net.Far, "jssip")}
	case withKeeper:
		s.sandbox(t)
		s.far = startKeeper(t, s)
	default:
		s.sandbox(t)
		s.far = &callaFar{s: s}
	}
	return s
}

// sandbox starts the program's own server.
func (s *scene) sandbox(t *testing.T) {
	t.Helper()
	users := "far"
	for i := range nears {
		users += "," + near(i)
	}
	server := peers.RunAt(t, s.net.Far, nil, "sandbox", "--listen", peers.FarAddress+":5443", "--user", users)
	told := server.WaitFor("listening", patience)
	passwords := map[string]string{}
	for _, u := range told["users"].([]any) {
		u := u.(map[string]any)
		passwords[u["name"].(string)] = u["password"].(string)
	}
	s.url, s.domain = told["url"].(string), told["domain"].(string)
	s.password = func(user string) string { return passwords[user] }
}

// nears is how many users there are on the near side, who take turns: what a server remembers of one run is not in
// the way of the next.
const nears = 20

func near(i int) string { return fmt.Sprintf("near%d", i%nears) }

// config writes the configuration of a user.
func (s *scene) config(t *testing.T, user string) string {
	t.Helper()
	return configuration(t, user, s.domain, s.password(user), s.url, nil)
}
