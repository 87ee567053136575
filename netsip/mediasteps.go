package netsip

import (
	"context"

	"calla/netsip/loop"
)

// mediaSteps runs the steps of offer and answer of one call's media: one at a time, in order, each on a goroutine of its
// own, as it may block.
type mediaSteps struct {
	loop  *loop.Loop
	log   *logger
	media MediaSession
	ctx   context.Context // ends with the call
	stop  context.CancelFunc
	queue []mediaStep // the first one runs
}

// mediaStep is what one step does, and what follows from it on the loop.
type mediaStep struct {
	work func(context.Context, MediaSession) error
	done func(error)
}

func newMediaSteps(ua *UserAgent, media MediaSession) mediaSteps {
	m := mediaSteps{loop: ua.loop, log: ua.log, media: media}
	m.ctx, m.stop = context.WithCancel(context.Background())
	return m
}

// add runs work after all that was added before; then done on the loop, unless the call has ended
// by then.
func (m *mediaSteps) add(work func(context.Context, MediaSession) error, done func(error)) {
	if m.ctx.Err() != nil {
		return
	}
	m.queue = append(m.queue, mediaStep{work, done})
	if len(m.queue) == 1 {
		m.run()
	}
}

// after runs done when all that was added before is done.
func (m *mediaSteps) after(done func()) {
	m.add(func(context.Context, MediaSession) error { return nil }, func(error) { done() })
}

func (m *mediaSteps) run() {
	step := m.queue[0]
	var err error
	m.loop.Go(func(ctx context.Context) {
		release := context.AfterFunc(ctx, m.stop)
		defer release()
		err = step.work(m.ctx, m.media)
	}, func() {
		if m.ctx.Err() != nil {
			return
		}
		if err == nil {
			m.log.debug(logMedia, "", "step of offer and answer done")
		} else {
			m.log.debug(logMedia, "", "step of offer and answer failed: ", err.Error())
		}
		// The step leaves the queue only when it is done with: what done adds waits its turn.
		step.done(err)
		if m.ctx.Err() != nil {
			return
		}
		m.queue = m.queue[1:]
		if len(m.queue) > 0 {
			m.run()
		}
	})
}

// end ends what runs, drops what waits and closes the media.
func (m *mediaSteps) end() {
	m.stop()
	m.queue = nil
	media := m.media
	m.loop.Go(func(context.Context) { _ = media.Close() }, nil)
}
