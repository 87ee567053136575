package ui

import (
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"

	"calla/phone"
	"calla/ui/tell"
)

// TestPaceIsKept: beats come at a tempo, one of them at each whole second of what is shown, and none once it stands
// still.
func TestPaceIsKept(t *testing.T) {
	for _, c := range []struct {
		name           string
		tempo          func(now time.Time) tempo
		beats, seconds int // in three seconds
	}{
		{"nothing moves", func(time.Time) tempo { return tempo{} }, 0, 0},
		{"once a second", func(now time.Time) tempo { return tempo{1, now} }, 3, 3},
		{"by the clock", func(time.Time) tempo { return tempo{1, time.Time{}} }, 3, 3},
		{"a call that began between two seconds of the clock", func(now time.Time) tempo {
			return tempo{1, now.Add(-12*time.Second - 300*time.Millisecond)}
		}, 3, 3},
		{"meters", func(now time.Time) tempo { return tempo{10, now} }, 30, 3},
		{"a tempo that no second is a multiple of", func(now time.Time) tempo { return tempo{7, now} }, 21, 3},
		{
			"a call that begins soon", func(now time.Time) tempo { return tempo{4, now.Add(700 * time.Millisecond)} },
			12,
			3,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var beats, seconds int
				var asked tempo
				p := newPace(func(second bool) {
					beats++
					if !second {
						return
					}
					seconds++
					if late := asked.since(time.Now()) % time.Second; late < 0 || late > time.Millisecond {
						t.Errorf("a second's beat %v after it", late)
					}
				})
				p.do = func(f func()) { f() }
				asked = c.tempo(time.Now())
				p.set(asked)
				p.set(asked)
				time.Sleep(3*time.Second + 10*time.Millisecond)
				synctest.Wait()
				if beats != c.beats || seconds != c.seconds {
					t.Errorf("%d beats, %d of them seconds, in 3 s", beats, seconds)
				}
				p.set(tempo{})
				p.done.Wait()
				time.Sleep(10 * time.Second)
				if beats != c.beats {
					t.Errorf("%d beats after it was to stand still", beats-c.beats)
				}
			})
		})
	}
}

// TestPaintsKeepToTheirShare: the dearer a paint, the fewer; what disturbed one of them does not count, and once a
// second there is one.
func TestPaintsKeepToTheirShare(t *testing.T) {
	ms := func(all ...time.Duration) (costs []time.Duration) {
		for _, d := range all {
			costs = append(costs, d*time.Millisecond)
		}
		return costs
	}
	for _, c := range []struct {
		name  string
		costs []time.Duration
		beats int
	}{
		{"not known", nil, mostBeats},
		{"a graphics card", ms(1, 1, 1), mostBeats},
		{"small, without one", ms(5, 5, 6), 8},
		{"large, without one", ms(20, 20, 21), 2},
		{"much too dear", ms(100), 1},
		{"another program had the processor once", ms(5, 5, 400, 5), 8},
		{"the window became larger", ms(5, 5, 5, 20, 20, 20, 20, 20), 2},
		{"the window became smaller", ms(20, 20, 20, 5), 8},
	} {
		t.Run(c.name, func(t *testing.T) {
			var costs paintCosts
			for _, d := range c.costs {
				costs.add(d)
			}
			if n := costs.affordable(); n != c.beats {
				t.Errorf("%d paints a second, want %d", n, c.beats)
			}
		})
	}
}

// counting is Fyne with what is drawn again counted.
type counting struct {
	fyne.App
	n int
}

type countingDriver struct {
	fyne.Driver
	app *counting
}

type countingCanvas struct {
	fyne.Canvas
	app *counting
}

func (c *counting) Driver() fyne.Driver { return countingDriver{c.App.Driver(), c} }

func (d countingDriver) CanvasForObject(o fyne.CanvasObject) fyne.Canvas {
	if c := d.Driver.CanvasForObject(o); c != nil {
		return countingCanvas{c, d.app}
	}
	return nil
}

func (c countingCanvas) Refresh(o fyne.CanvasObject) {
	c.app.n++
	c.Canvas.Refresh(o)
}

// drawn counts what is drawn again while f runs.
func drawn(t *testing.T, f func()) int {
	t.Helper()
	before := fyne.CurrentApp()
	c := &counting{App: before}
	fyne.SetCurrentApp(c)
	defer fyne.SetCurrentApp(before)
	f()
	return c.n
}

// TestWhatNobodySeesIsNotDrawn: in a minute of a call, with new figures each second and a far end that is put on hold
// and taken back, nothing is drawn in a window that is hidden or minimised, and nothing moves; when it comes back, it
// shows what is so by then.
func TestWhatNobodySeesIsNotDrawn(t *testing.T) {
	for _, c := range []struct {
		name        string
		wide        bool
		leave, come func(o *opened)
	}{
		{"in the tray", false, func(o *opened) { o.setHidden(true) }, func(o *opened) { o.setHidden(false) }},
		{"in the tray, large", true, func(o *opened) { o.setHidden(true) }, func(o *opened) { o.main.toFront("") }},
		{"minimised", false, func(o *opened) { o.setIconified(true) }, func(o *opened) { o.setIconified(false) }},
		{"minimised, large", true, func(o *opened) { o.setIconified(true) }, func(o *opened) { o.setIconified(false) }},
		{
			"minimised, then into the tray", false,
			func(o *opened) { o.setIconified(true); o.setHidden(true) },
			func(o *opened) { o.setIconified(false); o.showMain() },
		},
		{
			"with a page open", false,
			func(o *opened) { o.main.openSettings(); o.setHidden(true) },
			func(o *opened) { o.main.closePage(); o.setHidden(false) },
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := open(t, Options{})
			if c.wide {
				o.main.win.Resize(fyne.NewSize(1200, 800))
			}
			s := inPhase(phone.PhaseEstablished)
			o.update(s)
			c.leave(o)
			n := drawn(t, func() {
				for second := range 60 {
					s = measured(s, uint64(50*second))
					if second%10 == 5 {
						s.Calls[0].Holding = !s.Calls[0].Holding
					}
					o.update(s)
					if o.pace.stop != nil {
						t.Fatal("something moves")
					}
				}
				for range 600 { // as if it did
					o.beat(true)
				}
			})
			if n > 0 {
				t.Errorf("drawn again %d times", n)
			}
			s = inPhase(phone.PhaseEnding)
			s.Calls[0].Name = "Somebody else"
			o.update(s)
			if c.come(o); o.main.call.name.Text() != "Somebody else" {
				t.Errorf("what is shown then is a call with %q", o.main.call.name.Text())
			}
		})
	}
}

// measured is a State with other figures of its first call.
func measured(s phone.State, packets uint64) phone.State {
	calls := append([]phone.CallState(nil), s.Calls...)
	calls[0].Quality.Known, calls[0].Quality.Packets = true, packets
	s.Serial++
	s.Calls = calls
	return s
}

// TestOnlyWhatChangedIsDrawn: levels that are shown alike, figures between two seconds and a State that says nothing
// new have nothing drawn.
func TestOnlyWhatChangedIsDrawn(t *testing.T) {
	o := open(t, Options{})
	s := inPhase(phone.PhaseEstablished)
	o.update(s)
	o.beat(true)
	for range 60 { // the meters rise to the level at once, and fall to it by steps
		o.beat(false)
	}
	for _, c := range []struct {
		name string
		do   func()
		draw bool
	}{
		{"equal levels", func() {}, false},
		{"levels within a step", func() { o.phone.mic, o.phone.far = -20.3, -30.2 }, false},
		{"another level", func() { o.phone.mic = -5 }, true},
		{"figures between two seconds", func() { s = measured(s, 7); o.update(s) }, false},
		{"figures alone, again and again", func() {
			for n := range 20 {
				s = measured(s, uint64(n))
				o.update(s)
			}
		}, false},
	} {
		if n := drawn(t, func() { c.do(); o.beat(false) }); n > 0 != c.draw {
			t.Errorf("%s: drawn again %d times", c.name, n)
		}
	}
	o.phone.mic, o.phone.far = -120, -120
	for range 60 { // they have fallen
		o.beat(false)
	}
	if n := drawn(t, func() {
		for range 60 {
			o.beat(false)
		}
	}); n > 0 {
		t.Errorf("silence is drawn again %d times", n)
	}
}

// TestFiguresComeWithTheNextSecond: they are not left out.
func TestFiguresComeWithTheNextSecond(t *testing.T) {
	o := open(t, Options{})
	o.main.win.Resize(fyne.NewSize(1200, 800))
	s := inPhase(phone.PhaseEstablished)
	o.update(s)
	o.update(measured(s, 1234))
	want := tell.Grouped(1234)
	received := func() string {
		for i, f := range o.main.details.call.shown {
			if f.what == "Packets received" {
				return o.main.details.call.values[i].Text()
			}
		}
		return ""
	}
	if got := received(); got == want {
		t.Fatal("they are shown already")
	}
	o.beat(true)
	if got := received(); got != want {
		t.Errorf("packets received: %q", got)
	}
}
