package ui

import (
	"runtime"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver"
	"github.com/go-gl/glfw/v3.4/glfw"
)

// How long Fyne's goroutine sleeps where nothing happens, and how long it stays awake once something has.
const (
	dozeSeen   = 250 * time.Millisecond
	dozeUnseen = 2 * time.Second // each end of one costs more than what is done at it
	awakeTime  = 2 * time.Second
	drawTime   = 25 * time.Millisecond // in which Fyne draws what has changed: it looks 60 times a second
)

// dozer has Fyne's goroutine sleep until something happens. Fyne asks the windowing system 60 times a second whether
// there is news, which is most of what an idle window costs; GLFW can wait for them.
//
//	awake (as Fyne is) ── awakeTime ──▶ dozes ◀──┐ time is over
//	  ▲                                 │ │  └───┘
//	  └─────── a key, the pointer ──────┘ └──▶ do: it is called and drawn, then dozes on
//
// What other goroutines have Fyne do (fyne.Do) waits for the end of a doze, unless it goes by do. What a user does
// ends it at once, and what follows from that is quick for awakeTime.
type dozer struct {
	seen   func() bool // whether something of ours may be seen; on Fyne's goroutine
	native bool        // the windows are GLFW's; set once, before there is anything to do
	costs  paintCosts  // of the main window; of Fyne's goroutine, as the others to mu are
	began  time.Time   // when the paint began that goes on; zero while none does
	next   *time.Timer // until it may doze again, after do

	mu     sync.Mutex
	dozing bool
	called bool // by do, since the last doze began
}

// start begins to doze, from OnStarted on.
func (d *dozer) start(win fyne.Window) {
	if _, d.native = win.(driver.NativeWindow); d.native && runtime.GOOS != "darwin" { // where it was tried
		d.after(awakeTime)
	}
}

func (d *dozer) after(t time.Duration) {
	d.next = time.AfterFunc(t, func() { fyne.Do(d.while(d.doze)) })
}

// do has Fyne's goroutine call a function soon, unless the windows have ended.
func (d *dozer) do(f func()) {
	fyne.Do(d.while(f))
	d.wake()
}

// doAndWait has Fyne's goroutine call a function, unless the windows have ended, and waits for its end.
func (d *dozer) doAndWait(f func()) {
	d.wake()
	fyne.DoAndWait(d.while(f))
}

// while is a function that calls f while there are windows. Once Fyne has ended them, it calls what it is given on the
// goroutine that asks; what touches a window there would have GLFW panic.
func (d *dozer) while(f func()) func() {
	return func() {
		if !d.native || windowsLive() {
			f()
		}
	}
}

// windowsLive tells whether GLFW has begun and not ended, of which there is no other sign than that it panics.
func windowsLive() (live bool) {
	defer func() { live = recover() == nil }()
	glfw.GetTime()
	return
}

func (d *dozer) wake() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.called = true
	if d.dozing {
		glfw.PostEmptyEvent()
	}
}

// mayDoze tells whether nothing was called since it was asked last, and if so, that it dozes now.
func (d *dozer) mayDoze() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.dozing, d.called = !d.called, false
	return d.dozing
}

// awake ends a doze, and tells whether do ended it.
func (d *dozer) awake() (called bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.dozing = false
	called, d.called = d.called, false
	return called
}

func (d *dozer) doze() {
	d.painted()
	if !d.mayDoze() {
		d.after(drawTime)
		return
	}
	most := dozeSeen
	if !d.seen() {
		most = dozeUnseen
	}
	began := time.Now()
	glfw.WaitEventsTimeout(most.Seconds()) // calls what Fyne has the windowing system call
	switch over := time.Since(began) >= most; {
	case d.awake():
		d.after(drawTime)
	case over:
		fyne.Do(d.doze)
	default:
		d.after(awakeTime)
	}
}

// painting is called while the main window's least size is asked for, of which the first thing in a paint is one. It
// returns the window of GLFW that is painted, nil where none is.
func (d *dozer) painting(win fyne.Window) *glfw.Window {
	if _, ok := win.(driver.NativeWindow); !ok || !d.began.IsZero() {
		return nil
	}
	painted := glfw.GetCurrentContext() // there is one during paints alone
	if painted == nil {
		return nil
	}
	d.began = time.Now()
	fyne.Do(d.painted) // comes after the paint
	return painted
}

// painted notes what a paint took, once it is over.
func (d *dozer) painted() {
	if d.began.IsZero() {
		return
	}
	d.costs.add(time.Since(d.began))
	d.began = time.Time{}
}
