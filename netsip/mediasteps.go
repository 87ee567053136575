package netsip

import (
	"context"

	"calla/netsip/loop"
)

// mediaSteps runs the steps of offer and answer of one call's media: one at a time, in order, each on a goroutine of
// its own, as it may block.
type mediaSteps struct {
	loop  *loop.Loop
	log   *logger
	media MediaSession
	ctx   context.Context // ends with the call
	stop  context.CancelFunc
	queue *loop.Queue
}

func newMediaSteps(ua *UserAgent, media MediaSession) mediaSteps {
	m := mediaSteps{loop: ua.loop, log: ua.log, media: media, queue: loop.NewQueue(ua.loop)}
	m.ctx, m.stop = context.WithCancel(context.Background())
	return m
}

// add runs work after all that was added before; then done on the loop, unless the call has ended
// by then.
func (m *mediaSteps) add(work func(context.Context, MediaSession) error, done func(error)) {
	if m.ctx.Err() != nil {
		return
	}
	media := m.media
	var err error
	m.queue.Add(func(ctx context.Context) {
		release := context.AfterFunc(ctx, m.stop)
		defer release()
		if m.ctx.Err() == nil {
			err = work(m.ctx, media)
		}
	}, func() {
		switch {
		case m.ctx.Err() != nil:
			return
		case err == nil:
			m.log.debug(logMedia, "", "step of offer and answer done")
		default:
			m.log.debug(logMedia, "", "step of offer and answer failed: ", err.Error())
		}
		done(err)
	})
}

// after runs done when all that was added before is done.
func (m *mediaSteps) after(done func()) {
	m.add(func(context.Context, MediaSession) error { return nil }, func(error) { done() })
}

// end ends what runs, lets nothing more begin, and closes the media, which is let go: what the far end may yet send has
// the call known for a while, and that is not to hold all that its sound took.
func (m *mediaSteps) end() {
	m.stop()
	media := m.media
	if media == nil {
		return
	}
	m.media = nil
	m.loop.Go(func(context.Context) { _ = media.Close() }, nil)
}
