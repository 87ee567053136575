package ui

import (
	"math"
	"sync"
	"time"

	"fyne.io/fyne/v2"
)

// Fyne paints a window whole, however little of it has changed. Without a graphics card a paint takes the longer the
// larger the window is: what moves by itself moves so often that its paints take no more than a share of the time.
const (
	mostBeats  = 10 // a second; meters are read no better from more
	paintShare = 25 // paints take one 25th of the time at most, but for one a second
)

// tempo is how often what is shown moves by itself.
type tempo struct {
	beats int       // a second; 0 = it stands still
	from  time.Time // a beat is at each whole second since, the others lie evenly between; zero = at those of the clock
}

// since is how long ago the seconds of a tempo began.
func (t tempo) since(now time.Time) time.Duration {
	if t.from.IsZero() {
		return now.Sub(time.Unix(0, 0))
	}
	return now.Sub(t.from)
}

// second counts the seconds of a tempo.
func (t tempo) second(now time.Time) int { return int(math.Floor(t.since(now).Seconds())) }

// wait is how long it is until the next beat.
func (t tempo) wait(now time.Time) time.Duration {
	part, step := t.since(now)%time.Second, time.Second/time.Duration(t.beats)
	if part < 0 {
		part += time.Second
	}
	if k := part/step + 1; k < time.Duration(t.beats) {
		return k*step - part
	}
	return time.Second - part
}

// pace calls a function on Fyne's goroutine as often as a tempo says. While that is none there is no goroutine and no
// timer: a window that stands still, or that nobody sees, costs nothing.
type pace struct {
	beat func(second bool) // on Fyne's goroutine; second: another second has begun since the last
	do   func(func())      // has Fyne's goroutine call a function, and waits for its end

	mu    sync.Mutex
	tempo tempo
	stop  chan struct{} // nil while it stands still
	done  sync.WaitGroup
}

func newPace(beat func(second bool)) *pace { return &pace{beat: beat, do: fyne.DoAndWait} }

// set changes the tempo.
func (p *pace) set(t tempo) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if t.beats == 0 {
		t = tempo{}
	}
	if t == p.tempo {
		return
	}
	if p.stop != nil {
		close(p.stop)
		p.stop = nil
	}
	if p.tempo = t; t.beats > 0 {
		p.stop = make(chan struct{})
		p.done.Add(1)
		go p.run(t, p.stop)
	}
}

func (p *pace) run(t tempo, stop chan struct{}) {
	defer p.done.Done()
	second := t.second(time.Now())
	next := time.NewTimer(t.wait(time.Now()))
	defer next.Stop()
	for {
		select {
		case <-stop:
			return
		case <-next.C:
		}
		p.do(func() {
			select {
			case <-stop:
			default:
				now := t.second(time.Now())
				p.beat(now != second)
				second = now
			}
		})
		next.Reset(t.wait(time.Now()))
	}
}

// paintCosts is what the last paints of a window took.
type paintCosts struct {
	last [5]time.Duration
	n    int // of all
}

func (c *paintCosts) add(d time.Duration) {
	c.last[c.n%len(c.last)] = d
	c.n++
}

// affordable is how many paints a second keep to their share of the time. The quickest of the last paints counts: while
// others took longer, something else had the processor.
func (c *paintCosts) affordable() int {
	quickest := time.Duration(0)
	for _, d := range c.last {
		if d > 0 && (quickest == 0 || d < quickest) {
			quickest = d
		}
	}
	if quickest == 0 {
		return mostBeats
	}
	return max(1, min(mostBeats, int(time.Second/paintShare/quickest)))
}
