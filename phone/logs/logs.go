// Package logs writes the log lines of accounts to files and to commands, as JSON, one object a line. It knows nothing
// of telephones. Whoever logs never waits:
//
//	Put ──▶ queue, bounded ──▶ a goroutine ── Write ──▶ file, or the command's standard input
//	          │ full
//	          ▼ counted, and told in the log when there is room again
//
// Accounts that name the same file share it; each account has a command of its own.
package logs

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"calla/phone/safe"
)

const (
	queueLines = 1024    // lines
	queueBytes = 8 << 20 // octets in the lines that wait
	endTime    = time.Second
)

// Line is one line as it is written.
type Line struct {
	Time     time.Time `json:"time"`
	Account  string    `json:"account,omitempty"`
	Level    string    `json:"level"`
	Category string    `json:"category"`
	Label    string    `json:"label,omitempty"`
	Content  string    `json:"content"`
}

// outlet hands lines to a goroutine that writes them.
type outlet struct {
	lines   chan Line
	waiting atomic.Int64 // octets in lines
	dropped atomic.Int64 // lines that found no room, until it is told

	ending chan struct{} // closed: what waits is written, then the goroutine ends
	ended  chan struct{} // the goroutine has ended
	stop   context.CancelFunc
	once   sync.Once
}

// newOutlet starts a goroutine with run, which takes lines by next until there are no more. Its context ends when it
// takes too long over that.
func newOutlet(run func(ctx context.Context, o *outlet)) *outlet {
	ctx, stop := context.WithCancel(context.Background())
	o := &outlet{
		lines: make(chan Line, queueLines), ending: make(chan struct{}), ended: make(chan struct{}),
		stop: stop,
	}
	go func() {
		defer close(o.ended)
		run(ctx, o)
	}()
	return o
}

// put queues a line, or counts it as dropped. It never blocks.
func (o *outlet) put(l Line) {
	size := int64(len(l.Content))
	if o.waiting.Add(size) <= queueBytes {
		select {
		case o.lines <- l:
			return
		default:
		}
	}
	o.waiting.Add(-size)
	o.dropped.Add(1)
}

// next waits for a line and returns what is to be written: the line and, before it, how many have been dropped. It
// returns nil when broken is closed, and when there are no more; more tells these two apart.
func (o *outlet) next(broken <-chan struct{}) (text []byte, more bool) {
	select {
	case l := <-o.lines:
		return o.encode(l), true
	case <-broken:
		return nil, true
	case <-o.ending:
	}
	select {
	case l := <-o.lines:
		return o.encode(l), true
	default:
		return nil, false
	}
}

func (o *outlet) encode(l Line) []byte {
	o.waiting.Add(-int64(len(l.Content)))
	var text []byte
	if n := o.dropped.Swap(0); n > 0 {
		text = encodeLine(Line{
			Time: l.Time, Level: "warn", Category: "calla.log",
			Content: fmt.Sprintf("lines dropped here: %d", n),
		})
	}
	return append(text, encodeLine(l)...)
}

func encodeLine(l Line) []byte {
	text, err := json.Marshal(l)
	if err != nil { // of a year beyond 9999
		return nil
	}
	return append(safe.Visible(nil, text), '\n')
}

// close lets what is queued be written, and blocks for that, for a little more than endTime at most.
func (o *outlet) close() {
	o.once.Do(func() { close(o.ending) })
	select {
	case <-o.ended:
	case <-time.After(endTime):
	}
	o.stop()
	select {
	case <-o.ended:
	case <-time.After(endTime / 2): // a file on a dead server
	}
}

// Destinations say where the lines of one account go. What is told comes on any goroutine: an error when lines cannot
// be written any more, nil when they can again.
type Destinations struct {
	File      string   // its path; "" = none
	Command   []string // a program and its arguments; none = none
	OfFile    func(error)
	OfCommand func(error)
}

// Outlets are those of one account. nil has none. Its methods may be called from any goroutine.
type Outlets struct {
	all     []*outlet
	release []func() // blocks as outlet.close does
	once    sync.Once
}

// Open starts what is asked for; nil where nothing is. The caller closes it.
func (f *Files) Open(to Destinations) *Outlets {
	if to.File == "" && len(to.Command) == 0 {
		return nil
	}
	outlets := &Outlets{}
	if to.File != "" {
		o, release := f.open(to.File, to.OfFile)
		outlets.all, outlets.release = append(outlets.all, o), append(outlets.release, release)
	}
	if len(to.Command) > 0 {
		o := newCommand(to.Command, to.OfCommand)
		outlets.all, outlets.release = append(outlets.all, o), append(outlets.release, o.close)
	}
	return outlets
}

// Put queues a line for each outlet, or counts it as dropped there. It never blocks.
func (l *Outlets) Put(line Line) {
	if l == nil {
		return
	}
	for _, o := range l.all {
		o.put(line)
	}
}

// Close lets what is queued be written and ends the outlets; it blocks for that, a little more than a second at most.
func (l *Outlets) Close() {
	if l == nil {
		return
	}
	l.once.Do(func() {
		var all sync.WaitGroup
		for _, release := range l.release {
			all.Go(release)
		}
		all.Wait()
	})
}
