package audio

import "time"

// pace keeps the time of a stream that a device drives while it runs and the system's clock while it
// does not. The clock's deadlines follow each other at exactly one step, however late each is
// served, so that no error adds up. One goroutine uses it.
type pace struct {
	step  time.Duration
	grid  time.Duration // of the clock, on which it wakes where no device does
	due   time.Time     // when the clock would take the next step
	stall bool          // the device is late: the clock has taken over
	timer *time.Timer
}

func (p *pace) start(step, grid time.Duration) {
	p.step, p.grid = step, grid
	p.due = time.Now().Add(step)
	p.timer = time.NewTimer(step)
}

// change has the next step last as long as it is to, from the end of the last one on.
func (p *pace) change(step, grid time.Duration) {
	p.due = p.due.Add(step - p.step)
	p.step, p.grid = step, grid
}

func (p *pace) stop() { p.timer.Stop() }

// device says that the device has driven a step.
func (p *pace) device() {
	p.due = time.Now().Add(p.step)
	p.stall = false
}

// tick says that the clock has driven a step. After a long sleep it does not catch up step by step.
func (p *pace) tick() {
	p.due = p.due.Add(p.step)
	if late := time.Since(p.due); late > time.Second {
		p.due = p.due.Add(late)
	}
}

// deadline is when the clock takes a step: one that follows a device leaves it stallTime to be late. Without a device
// it is at the next line of the grid: nobody hears the difference, and all streams of the machine cost one waking for
// two steps, together.
func (p *pace) deadline(device bool) time.Time {
	switch past := time.Duration(p.due.UnixNano()) % p.grid; {
	case device && !p.stall:
		return p.due.Add(stallTime)
	case !device && past > 0:
		return p.due.Add(p.grid - past)
	}
	return p.due
}

// expired says whether the clock's step is due now.
func (p *pace) expired(device bool) bool {
	if time.Now().Before(p.deadline(device)) {
		return false
	}
	p.stall = device
	return true
}

// wait returns a channel that receives at the deadline.
func (p *pace) wait(device bool) <-chan time.Time {
	p.timer.Reset(time.Until(p.deadline(device)))
	return p.timer.C
}
