package audio

import "time"

// tickingSteps is how many steps in a row say what a far end's clock is.
const tickingSteps = 16

// ticking knows by what steps the timestamps of a far end's packets go, and how fast these come. Some far ends count
// another clock than their format has: G.722's samples, which are twice what RFC 3551 section 4.5.2 wants.
type ticking struct {
	step  int64 // ticks
	steps int64
	since time.Time
}

// clock takes a packet that comes now, so many numbers and ticks after the one before, where packets hold so many
// samples. It returns the clock in hertz: rate, unless packets come as fast as what they hold is played, and not as
// fast as their timestamps say.
func (p *ticking) clock(numbers, ticks, samples int64, now time.Time, rate int64) int64 {
	step := ticks / numbers
	if ticks%numbers != 0 || step != p.step || p.since.IsZero() {
		*p = ticking{step: step, since: now}
		return rate
	}
	if p.steps += numbers; p.steps < tickingSteps {
		return rate
	}
	took := now.Sub(p.since)
	holds, says := duration(p.steps*samples), time.Duration(p.steps*step)*time.Second/time.Duration(rate)
	p.steps, p.since = 0, now
	if step <= 0 || (took-holds).Abs() >= (says-holds).Abs()/4 {
		return rate
	}
	return step * SampleRate / samples
}
