package logs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"time"
)

// A log command that dies is started again after a wait that doubles, and starts small again once the command has
// run for commandHealthy.
const (
	commandRetryMin = time.Second
	commandRetryMax = time.Minute
	commandHealthy  = 10 * time.Second
)

// newCommand runs a program, by its name and arguments, and writes to its standard input. tell is called with why it
// ended or could not be started, and with nil when it runs again.
func newCommand(words []string, tell func(error)) *outlet {
	return newOutlet(func(ctx context.Context, o *outlet) {
		c := &command{words: words, outlet: o, tell: tell}
		for wait := commandRetryMin; ; wait = min(2*wait, commandRetryMax) {
			began := time.Now()
			err := c.run(ctx)
			if err == nil {
				return
			}
			if time.Since(began) >= commandHealthy {
				wait = commandRetryMin
			}
			c.failed = true
			tell(err)
			select {
			case <-time.After(wait):
			case <-o.ending:
				return
			}
		}
	})
}

// command is a command and what it has not taken yet.
type command struct {
	words   []string
	outlet  *outlet
	tell    func(error)
	pending []byte // taken out of the queue, not written
	failed  bool   // and told
}

// run starts the command and feeds it until there are no more lines, which is nil, or it ends.
func (c *command) run(ctx context.Context) error {
	cmd := exec.CommandContext(ctx, c.words[0], c.words[1:]...)
	cmd.WaitDelay = endTime / 4
	apart(cmd)
	input, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	var exit error
	ended := make(chan struct{})
	go func() {
		exit = cmd.Wait()
		close(ended)
	}()
	err = c.feed(input, ended, time.Now())
	_ = input.Close()
	<-ended
	switch {
	case err == nil:
		return nil
	case exit != nil:
		return fmt.Errorf("%s: %w", c.words[0], exit)
	}
	return fmt.Errorf("%s: %w", c.words[0], err)
}

// errCommandEnded: the command has ended while it was to read on.
var errCommandEnded = errors.New("it has ended")

func (c *command) feed(input io.Writer, ended <-chan struct{}, began time.Time) error {
	for {
		if c.pending == nil {
			text, more := c.outlet.next(ended)
			if !more {
				return nil
			}
			if text == nil {
				return errCommandEnded
			}
			c.pending = text
		}
		if _, err := input.Write(c.pending); err != nil {
			return err
		}
		c.pending = nil
		if c.failed && time.Since(began) >= commandHealthy {
			c.failed = false
			c.tell(nil)
		}
	}
}
