package widget

import "time"

// DeadTime is how long what has just come under the pointer takes no press: that was meant for what was there before.
const DeadTime = 300 * time.Millisecond

// Still tells whether what can be pressed has stood still for long enough to be seen where it is.
type Still struct{ moved time.Time }

// Moved says that it has not: something else stands there now.
func (s *Still) Moved() { s.moved = time.Now() }

// Is tells whether a press is meant for what stands there.
func (s *Still) Is() bool { return time.Since(s.moved) >= DeadTime }
