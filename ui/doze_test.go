package ui

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestNothingIsDoneToWindowsThatHaveEnded: once GLFW has ended, Fyne calls what it is given on whatever goroutine asks.
// In tests GLFW has never begun, which is the same to it.
func TestNothingIsDoneToWindowsThatHaveEnded(t *testing.T) {
	open(t, Options{}) // for Fyne's driver of tests
	for name, native := range map[string]bool{"GLFW's windows": true, "a test's windows": false} {
		t.Run(name, func(t *testing.T) {
			d := &dozer{seen: func() bool { return true }, native: native}
			n := 0
			d.do(func() { n++ })
			d.doAndWait(func() { n++ })
			if want := map[bool]int{true: 0, false: 2}[native]; n != want {
				t.Errorf("of two functions %d were called, want %d", n, want)
			}
		})
	}
	t.Run("a doze is due", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			d := &dozer{seen: func() bool { t.Error("it dozes"); return true }, native: true}
			d.after(awakeTime)
			time.Sleep(awakeTime)
			synctest.Wait()
		})
	})
}

// TestAWindowThatOpensMayBePressedSoon: Fyne's goroutine does not doze between opening a window of a call and beginning
// its dead time.
func TestAWindowThatOpensMayBePressedSoon(t *testing.T) {
	o := open(t, Options{})
	o.doze.awake()
	o.update(ringingCalls("c1"))
	if o.doze.mayDoze() {
		t.Error("it dozes before the dead time begins")
	}
}
