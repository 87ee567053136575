// Package instance lets a second start of the program hand what it was given to the one that runs already.
//
//	second start                          the one that runs, which holds the profile's lock
//	HandOver ── Request, one line ─────▶ Listener ── Request ──▶ take, on a goroutine of its own
//	         ◀── Answer, one line ──────            ◀── Answer ──┘
//
// They meet at a socket of the profile's in the user's run-time folder (Unix) or at a named pipe (Windows), and each
// makes sure that the other belongs to the same user. What comes in is bounded in size and time, and is a text to be
// shown, nothing else.
package instance

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"time"
)

// Bounds of what is handed over.
const (
	longestLine = 8 << 10         // of a Request or an Answer, in bytes
	answerTime  = 3 * time.Second // that each side waits for the other
	atOnce      = 4               // hand-overs that are dealt with at once
)

// Errors of HandOver that callers tell apart.
var (
	ErrNobody    = errors.New("nobody listens")                              // it has ended, or is not yet there
	ErrNoAnswer  = errors.New("the Calla that runs already does not answer") // it hangs
	ErrForeigner = errors.New("belongs to another user")
)

// Request is what a second start was given.
type Request struct {
	// number, address or link to put into the number field; "" only shows the window
	Dial  string `json:"dial,omitempty"`
	Token string `json:"token,omitempty"` // of the desktop, which says that the user wants the window now
	// nobody wants to see the window now, unless there is something to dial: it was started at log-in, a second time
	Hidden bool `json:"hidden,omitempty"`
}

// Answer is what became of a Request.
type Answer struct {
	Shown bool   `json:"shown"`
	Why   string `json:"why,omitempty"` // why it is not shown
}

// key names a profile in the names of sockets and pipes: its folder, whatever way led there.
func key(profile string) string {
	if real, err := filepath.EvalSymlinks(profile); err == nil {
		profile = real
	}
	sum := sha256.Sum256([]byte(profile))
	return hex.EncodeToString(sum[:8])
}

// Listener takes what second starts hand over, until Close.
type Listener struct {
	net  net.Listener
	log  *slog.Logger
	take func(Request) Answer
	slot chan struct{}
}

// Listen makes a profile's Listener. Only who holds the profile's lock may call it: what is left of a listener before
// is replaced. take is called on goroutines of its own and may block for as long as a user would wait.
func Listen(profile string, log *slog.Logger, take func(Request) Answer) (*Listener, error) {
	n, err := listen(profile)
	if err != nil {
		return nil, fmt.Errorf("listen for second starts: %w", err)
	}
	l := &Listener{net: n, log: log, take: take, slot: make(chan struct{}, atOnce)}
	go l.accept()
	return l, nil
}

// Close ends the listening.
func (l *Listener) Close() {
	if err := l.net.Close(); err != nil {
		l.log.Warn("not closed for second starts", "error", err)
	}
}

func (l *Listener) accept() {
	for {
		conn, err := l.net.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			l.log.Warn("a second start is not heard", "error", err)
			time.Sleep(100 * time.Millisecond) // out of descriptors, which passes
			continue
		}
		select {
		case l.slot <- struct{}{}:
			go func() {
				defer func() { <-l.slot }()
				l.serve(conn)
			}()
		default:
			_ = conn.Close()
		}
	}
}

// serve answers one second start.
func (l *Listener) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(answerTime))
	if err := checkPeer(conn); err != nil {
		l.log.Warn("a second start is refused", "error", err)
		return
	}
	var r Request
	if err := readLine(conn, &r); err != nil {
		l.log.Warn("a second start is not understood", "error", err)
		return
	}
	if err := writeLine(conn, l.take(r)); err != nil {
		l.log.Info("a second start has not waited", "error", err)
	}
}

// HandOver gives a Request to the instance that has the profile.
func HandOver(ctx context.Context, profile string, r Request) (Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	conn, err := dial(ctx, profile)
	if err != nil {
		return Answer{}, fmt.Errorf("hand over: %w", err)
	}
	defer func() { _ = conn.Close() }()
	deadline, _ := ctx.Deadline()
	_ = conn.SetDeadline(deadline)
	if err := checkPeer(conn); err != nil {
		return Answer{}, fmt.Errorf("hand over: the one who listens: %w", err)
	}
	letForward(conn)
	if err := writeLine(conn, r); err != nil {
		return Answer{}, fmt.Errorf("hand over: %w", ErrNoAnswer)
	}
	var a Answer
	if err := readLine(conn, &a); err != nil {
		return Answer{}, fmt.Errorf("hand over: %w", ErrNoAnswer)
	}
	return a, nil
}

func writeLine(w io.Writer, v any) error {
	line, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if len(line) >= longestLine {
		return errors.New("is too long")
	}
	_, err = w.Write(append(line, '\n'))
	return err
}

// readLine reads one line of JSON, and no more than longestLine bytes.
func readLine(r io.Reader, v any) error {
	line, err := bufio.NewReaderSize(io.LimitReader(r, longestLine), 1024).ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("no line of at most %d bytes: %w", longestLine, err)
	}
	return json.Unmarshal(line, v)
}
