package console

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// windowTime is how long a window may take to go once the phone has hung up and unregistered.
const windowTime = 500 * time.Millisecond

// untilTold returns a context that ends when the program is told to end: by ctrl-C or kill, or by its terminal or
// session that goes. Ctrl-C or kill a second time ends the program at once. What a parent has had it ignore, as nohup
// does, stays ignored. tell ends the context as a signal does.
func untilTold() (ctx context.Context, tell func()) {
	told := []os.Signal{syscall.SIGINT, syscall.SIGTERM}
	kept := []os.Signal{syscall.SIGPIPE} // comes of connections too: what fails then is the writing
	if !signal.Ignored(syscall.SIGHUP) {
		told = append(told, syscall.SIGHUP)
		kept = append(kept, syscall.SIGHUP) // may come twice
	}
	signal.Notify(make(chan os.Signal, 1), kept...)
	ctx, tell = signal.NotifyContext(context.Background(), told...)
	context.AfterFunc(ctx, tell)
	return ctx, tell
}

// endWithout ends the program where its window does not: it hangs, or its display is gone. end hangs up, unregisters
// and closes the profile; returned is closed when the window has ended after all.
func (s *session) endWithout(end func(), returned <-chan struct{}) {
	end()
	select {
	case <-returned:
		return // and so does the program
	case <-time.After(windowTime):
	}
	s.log.Warn("ended without the window")
	s.wire.close()
	os.Exit(ExitInterrupted)
}
