package phone

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"calla/netsip/config"
	"calla/phone/doctor"
)

// An account's log lines go to a file (calla.log_file) and to a command (calla.log_command), as JSON, one object
// a line. The loop never waits for either:
//
//	loop ── put ──▶ queue, bounded ──▶ a goroutine ── Write ──▶ file, or the command's standard input
//	                  │ full
//	                  ▼ counted, and told in the log when there is room again
//
// Accounts that name the same file share it; each account has a command of its own.
const (
	logQueue      = 1024    // lines
	logQueueBytes = 8 << 20 // octets in the lines that wait
	logEnd        = time.Second
)

// logLine is one line as it is written.
type logLine struct {
	Time     time.Time `json:"time"`
	Account  string    `json:"account,omitempty"`
	Level    string    `json:"level"`
	Category string    `json:"category"`
	Label    string    `json:"label,omitempty"`
	Content  string    `json:"content"`
}

// logOutlet hands lines to a goroutine that writes them.
type logOutlet struct {
	lines   chan logLine
	waiting atomic.Int64 // octets in lines
	dropped atomic.Int64 // lines that found no room, until it is told

	ending chan struct{} // closed: what waits is written, then the goroutine ends
	ended  chan struct{} // the goroutine has ended
	stop   context.CancelFunc
	once   sync.Once
}

// newLogOutlet starts a goroutine with run, which takes lines by next until there are no more. Its context ends when it
// takes too long over that.
func newLogOutlet(run func(ctx context.Context, o *logOutlet)) *logOutlet {
	ctx, stop := context.WithCancel(context.Background())
	o := &logOutlet{lines: make(chan logLine, logQueue), ending: make(chan struct{}), ended: make(chan struct{}), stop: stop}
	go func() {
		defer close(o.ended)
		run(ctx, o)
	}()
	return o
}

// put queues a line, or counts it as dropped. It never blocks.
func (o *logOutlet) put(l logLine) {
	size := int64(len(l.Content))
	if o.waiting.Add(size) <= logQueueBytes {
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
func (o *logOutlet) next(broken <-chan struct{}) (text []byte, more bool) {
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

func (o *logOutlet) encode(l logLine) []byte {
	o.waiting.Add(-int64(len(l.Content)))
	var text []byte
	if n := o.dropped.Swap(0); n > 0 {
		text = encodeLine(logLine{Time: l.Time, Level: string(config.LogWarn), Category: "calla.log", Content: fmt.Sprintf("lines dropped here: %d", n)})
	}
	return append(text, encodeLine(l)...)
}

func encodeLine(l logLine) []byte {
	text, err := json.Marshal(l)
	if err != nil { // of a year beyond 9999
		return nil
	}
	return append(Visible(nil, text), '\n')
}

// close lets what is queued be written, and blocks for that, for a little more than logEnd at most.
func (o *logOutlet) close() {
	o.once.Do(func() { close(o.ending) })
	select {
	case <-o.ended:
	case <-time.After(logEnd):
	}
	o.stop()
	select {
	case <-o.ended:
	case <-time.After(logEnd / 2): // a file on a dead server
	}
}

// logOutlets are those of one agent. nil has none.
type logOutlets struct {
	all     []*logOutlet
	release []func() // blocks as logOutlet.close does
	once    sync.Once
}

// openLogs starts what an account's log settings ask for and sets the connector in c.
func (p *Phone) openLogs(c *config.Config, address string) *logOutlets {
	if c.Calla.LogFile == "" && c.Calla.LogCommand == "" {
		return nil
	}
	outlets := &logOutlets{}
	if path := c.Calla.LogFile; path != "" {
		o, release := p.logFiles.open(path, func(err error) {
			p.tellLog(path, "The log file "+path+" cannot be written.", err)
		})
		outlets.all, outlets.release = append(outlets.all, o), append(outlets.release, release)
	}
	if command := c.Calla.LogCommand; command != "" {
		o := newLogCommand(command, func(err error) {
			p.tellLog(command, "The log command of "+address+" has ended or cannot be run.", err)
		})
		outlets.all, outlets.release = append(outlets.all, o), append(outlets.release, o.close)
	}
	also := c.Log.Connector
	c.Log.Connector = func(level config.LogLevel, category, label, content string) {
		l := logLine{time.Now(), address, string(level), category, label, content}
		for _, o := range outlets.all {
			o.put(l)
		}
		if also != nil {
			also(level, category, label, content)
		}
	}
	return outlets
}

// close ends the outlets of an agent that has stopped; it blocks, for a little more than logEnd at most.
func (l *logOutlets) close() {
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

// tellLog shows a notice that a log cannot be written or, with nil, takes it away. It is called from any goroutine.
func (p *Phone) tellLog(what, title string, err error) {
	p.loop.Post(func() {
		id := "log " + what
		if err == nil {
			p.withdraw(id)
			return
		}
		p.log.Warn("log lines are not written", "to", what, "error", err)
		p.notify(id, Problem{
			Title: title, Why: doctor.Cause(err), Do: "Check it in the account's settings; calls work without.",
			Short: "Log not written", Detail: safeLine(err.Error(), 200),
		})
	})
}
