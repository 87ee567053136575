package loop

import "context"

// Queue runs work that blocks beside a loop: one piece after the other, in the order in which they were added. It
// belongs to the loop.
type Queue struct {
	loop   *Loop
	pieces []piece // the first one runs
}

// piece is work and what follows from it on the loop.
type piece struct {
	work func(context.Context)
	done func()
}

// NewQueue returns an empty Queue beside l.
func NewQueue(l *Loop) *Queue { return &Queue{loop: l} }

// Add runs work after all that was added before, on a goroutine of its own, and then done on the loop. The context of
// work ends with Stop of the loop. The next piece begins when done has returned: what done adds waits its turn.
func (q *Queue) Add(work func(ctx context.Context), done func()) {
	q.pieces = append(q.pieces, piece{work, done})
	if len(q.pieces) == 1 {
		q.run()
	}
}

func (q *Queue) run() {
	p := q.pieces[0]
	q.loop.Go(p.work, func() {
		p.done()
		q.pieces[0] = piece{} // the array keeps nothing of it alive
		q.pieces = q.pieces[1:]
		if len(q.pieces) > 0 {
			q.run()
		}
	})
}
