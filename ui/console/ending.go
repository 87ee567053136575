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

// untilTold returns a context that ends when the program is told to end: by ctrl-C or kill, by its terminal or session
// that goes, and by whoever reads its output and has gone. Ctrl-C or kill a second time ends the program at once. What a
// parent has had it ignore, as nohup does, stays ignored.
func untilTold() (ctx context.Context, stop func()) {
	told := []os.Signal{syscall.SIGINT, syscall.SIGTERM}
	var again []os.Signal // may come again, of the same cause, while the calls are ended
	for _, s := range []os.Signal{syscall.SIGHUP, syscall.SIGPIPE} {
		if !signal.Ignored(s) {
			again = append(again, s)
		}
	}
	if len(again) > 0 {
		signal.Notify(make(chan os.Signal, 1), again...)
	}
	ctx, stop = signal.NotifyContext(context.Background(), append(told, again...)...)
	context.AfterFunc(ctx, stop)
	return ctx, stop
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
