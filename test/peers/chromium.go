package peers

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"
)

// Chromium is a headless browser whose pages are phones: JsSIP or SIP.js.
type Chromium struct {
	Version string
	process *Process
	in      io.WriteCloser

	mu      sync.Mutex
	next    int
	waiting map[int]chan reply
	pages   map[string]*Page
	opening chan reply // the first line: ready or fatal
}

type reply struct {
	result json.RawMessage
	err    error
}

// Page is one phone of these.
type Page struct {
	t      testing.TB
	c      *Chromium
	name   string
	mu     sync.Mutex
	events []Event
	seen   int // events before this were waited for
	more   chan struct{}
}

// Event is what a page reports: "registered", "incoming", "accepted", "ended", …
type Event struct {
	Event      string  `json:"event"`
	At         float64 `json:"at"` // milliseconds since the epoch
	Cause      string  `json:"cause"`
	Originator string  `json:"originator"`
	Status     int     `json:"status"`
	From       string  `json:"from"`
	Name       string  `json:"name"`
	Tone       string  `json:"tone"`
	Target     string  `json:"target"` // of a transfer
	Text       string  `json:"text"`   // of a message
	Type       string  `json:"type"`   // its Content-Type
	Error      string  `json:"error"`
}

// StartChromium starts the browser with JsSIP's page; its bundle is made by `make jssip`.
func StartChromium(t testing.TB) *Chromium {
	t.Helper()
	return StartChromiumAt(t, Loopback(), "jssip")
}

// StartChromiumAt starts the browser at a place, with the page of a library: "jssip" or "sipjs".
func StartChromiumAt(t testing.TB, at *Place, library string) *Chromium {
	t.Helper()
	return startChromium(t, at, library)
}

// StartChromiumOn starts the browser on a sound server: JsSIP's page may have its devices.
func StartChromiumOn(t testing.TB, p *Pulse) *Chromium {
	t.Helper()
	return startChromium(t, Loopback(), "jssip", append([]string{"PEER_DEVICES=1"}, p.Env...)...)
}

func startChromium(t testing.TB, at *Place, library string, env ...string) *Chromium {
	t.Helper()
	Need(t, "node", "chromium")
	root := Root(t)
	bundle := filepath.Join(root, "build", library+".bundle.js")
	if _, err := os.Stat(bundle); err != nil {
		Missing(t, bundle+" is missing (make jssip)")
	}
	cmd := at.Command("node", filepath.Join(root, "test", "jssip", "driver.js"), bundle)
	cmd.Env = append(os.Environ(), env...)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	r, w := io.Pipe()
	cmd.Stdout = w
	c := &Chromium{in: in, waiting: map[int]chan reply{}, pages: map[string]*Page{}, opening: make(chan reply, 1)}
	c.process = Start(t, cmd)
	go func() { <-c.process.Done(); w.Close() }()
	go c.read(r)
	t.Cleanup(func() { in.Close() })
	select {
	case got := <-c.opening:
		if got.err != nil {
			t.Fatalf("chromium: %v", got.err)
		}
	case <-c.process.Done():
		t.Fatalf("chromium did not start: %s", c.process.Output)
	case <-time.After(60 * time.Second):
		t.Fatalf("chromium did not start: %s", c.process.Output)
	}
	return c
}

// Usage is what all processes of the browser hold and have used, without the driver.
func (c *Chromium) Usage() Usage {
	driver := c.process.Cmd.Process.Pid
	all, own := UsageOf(driver), usageOfOne(driver)
	return Usage{RSS: all.RSS - own.RSS, PSS: all.PSS - own.PSS, CPU: all.CPU - own.CPU}
}

func (c *Chromium) read(r io.Reader) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var m struct {
			ID      int             `json:"id"`
			Result  json.RawMessage `json:"result"`
			Page    string          `json:"page"`
			Version string          `json:"version"`
			Event
		}
		if json.Unmarshal(lines.Bytes(), &m) != nil {
			continue
		}
		c.mu.Lock()
		page, waiting := c.pages[m.Page], c.waiting[m.ID]
		delete(c.waiting, m.ID)
		c.mu.Unlock()
		switch {
		case m.Event.Event == "ready":
			c.Version = m.Version
			c.opening <- reply{}
		case m.Event.Event == "fatal":
			c.opening <- reply{err: errors.New(m.Error)}
		case waiting != nil && m.Error != "":
			waiting <- reply{err: errors.New(m.Error)}
		case waiting != nil:
			waiting <- reply{result: m.Result}
		case page != nil:
			page.add(m.Event)
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, w := range c.waiting {
		w <- reply{err: errors.New("chromium ended")}
	}
	clear(c.waiting)
}

func (c *Chromium) do(page, op string, args map[string]any, limit time.Duration) (json.RawMessage, error) {
	m := map[string]any{"page": page, "op": op}
	for k, v := range args {
		m[k] = v
	}
	got := make(chan reply, 1)
	c.mu.Lock()
	c.next++
	m["id"] = c.next
	c.waiting[c.next] = got
	line, err := json.Marshal(m)
	if err == nil {
		_, err = c.in.Write(append(line, '\n'))
	}
	c.mu.Unlock()
	if err != nil {
		return nil, err
	}
	select {
	case r := <-got:
		return r.result, r.err
	case <-time.After(limit):
		return nil, fmt.Errorf("chromium: no answer to %s in %v", op, limit)
	}
}

// Open makes a new page; it is closed with the test.
func (c *Chromium) Open(t testing.TB, name string) *Page {
	t.Helper()
	p := &Page{t: t, c: c, name: fmt.Sprintf("%s/%s", t.Name(), name), more: make(chan struct{}, 1)}
	c.mu.Lock()
	c.pages[p.name] = p
	c.mu.Unlock()
	p.Do("open", nil)
	t.Cleanup(func() {
		_, _ = c.do(p.name, "stop", nil, 5*time.Second)
		_, _ = c.do(p.name, "close", nil, 5*time.Second)
		if t.Failed() {
			t.Logf("%s saw %+v", p.name, p.Events())
		}
	})
	return p
}

// Do calls one of the page's functions and returns its result.
func (p *Page) Do(op string, args map[string]any) json.RawMessage {
	p.t.Helper()
	got, err := p.c.do(p.name, op, args, 2*time.Minute)
	if err != nil {
		p.t.Fatalf("%s: %s: %v", p.name, op, err)
	}
	return got
}

// Register registers the page's phone and waits until it is registered.
func (p *Page) Register(url, user, domain, password string, options map[string]any) {
	p.t.Helper()
	p.Do("register", map[string]any{
		"urls": []string{url}, "uri": "sip:" + user + "@" + domain, "password": password, "options": options,
	})
	p.Wait("registered", 30*time.Second)
}

// Wait returns the next event of this name, looking only at events not yet waited for; other events
// before it are passed over.
func (p *Page) Wait(event string, limit time.Duration) Event {
	p.t.Helper()
	deadline := time.After(limit)
	for {
		p.mu.Lock()
		for i := p.seen; i < len(p.events); i++ {
			if p.events[i].Event == event {
				p.seen = i + 1
				e := p.events[i]
				p.mu.Unlock()
				return e
			}
		}
		p.mu.Unlock()
		select {
		case <-p.more:
		case <-deadline:
			p.t.Fatalf("%s: no %q in %v; saw %+v", p.name, event, limit, p.Events())
		}
	}
}

// Tone returns the strongest frequency heard in the last moments of listening for d, and its level.
func (p *Page) Tone(d time.Duration) (hz, db float64) {
	p.t.Helper()
	var got struct{ Hz, DB float64 }
	if err := json.Unmarshal(p.Do("tone", map[string]any{"ms": d.Milliseconds()}), &got); err != nil {
		p.t.Fatal(err)
	}
	return got.Hz, got.DB
}

// WaitTone waits until a tone within 2 % of hz is heard above -60 dB; hz 0 waits for silence.
func (p *Page) WaitTone(hz float64, limit time.Duration) {
	p.t.Helper()
	var f, db float64
	Until(p.t, limit, fmt.Sprintf("the page to hear %v Hz", hz), func() bool {
		f, db = p.Tone(200 * time.Millisecond)
		if hz == 0 {
			return db < -75
		}
		return db > -60 && f > hz*0.98 && f < hz*1.02
	})
}

// WaitTones waits until some tones are heard at once, above -60 dB, and others, which are at least 25 dB below them,
// are not.
func (p *Page) WaitTones(limit time.Duration, heard []float64, unheard ...float64) {
	p.t.Helper()
	all := append(slices.Clone(heard), unheard...)
	var levels []float64
	ok := func() bool {
		err := json.Unmarshal(p.Do("levels", map[string]any{"hz": all}), &levels)
		if err != nil || len(levels) != len(all) {
			p.t.Fatalf("%s: levels %v: %v", p.name, levels, err)
		}
		least := slices.Min(levels[:len(heard)])
		for _, level := range levels[len(heard):] {
			if level > least-25 {
				return false
			}
		}
		return least > -60
	}
	for end := time.Now().Add(limit); !ok(); {
		if time.Now().After(end) {
			p.t.Fatalf("%s hears %v Hz at %.0f dB, not the first %d alone", p.name, all, levels, len(heard))
		}
	}
}

// Record writes what was heard so far to a WAV file.
func (p *Page) Record(file string) {
	p.t.Helper()
	p.Do("record", map[string]any{"file": file})
}

// Events returns all events so far.
func (p *Page) Events() []Event {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]Event(nil), p.events...)
}

func (p *Page) add(e Event) {
	p.mu.Lock()
	p.events = append(p.events, e)
	p.mu.Unlock()
	select {
	case p.more <- struct{}{}:
	default:
	}
}
