package suggest

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"calla/phone/journal"
	"calla/ui/widget"
)

// TestWhoIsMarkedStaysMarked: an answer that comes late takes the mark from nobody who is in it.
func TestWhoIsMarkedStaysMarked(t *testing.T) {
	carol := journal.Suggestion{Name: "Carol Bo", Address: "7"}
	for _, v := range []struct {
		name   string
		answer []journal.Suggestion
		want   string // address that Enter takes
	}{
		{"the same", people(), "0171 99"},
		{"one more before", append([]journal.Suggestion{carol}, people()...), "0171 99"},
		{"in another order", []journal.Suggestion{people()[1], people()[0]}, "0171 99"},
		{"he is not in it", []journal.Suggestion{carol}, ""},
	} {
		t.Run(v.name, func(t *testing.T) {
			a := open(t)
			a.typed("bo")
			a.say = func(context.Context, string) ([]journal.Suggestion, error) { return v.answer, nil }
			a.field.SetText("bob")
			a.key(fyne.KeyDown)
			a.key(fyne.KeyDown)
			a.finish()
			a.key(fyne.KeyReturn)
			got := ""
			for _, s := range a.taken {
				got += s.Address
			}
			if got != v.want {
				t.Errorf("took %q, want %q", got, v.want)
			}
		})
	}
	t.Run("what is typed on marks nobody", func(t *testing.T) {
		a := open(t)
		a.typed("bo")
		a.key(fyne.KeyDown)
		a.typed("bob")
		a.key(fyne.KeyReturn)
		if len(a.taken) > 0 || !slices.Equal(a.went, []string{"bob"}) {
			t.Errorf("took %v, submitted %q", a.taken, a.went)
		}
	})
}

// TestAPressTakesWhoStoodThere: an answer puts others under the pointer.
func TestAPressTakesWhoStoodThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := open(t)
		a.typed("bo")
		time.Sleep(time.Hour)
		a.say = func(context.Context, string) ([]journal.Suggestion, error) {
			return []journal.Suggestion{people()[1], people()[0]}, nil
		}
		a.typed("bob")
		a.list.rows[0].MouseIn(nil)
		test.Tap(a.list.rows[0])
		time.Sleep(widget.DeadTime - time.Millisecond)
		test.Tap(a.list.rows[0])
		if len(a.taken) > 0 {
			t.Fatalf("took %v", a.taken)
		}
		time.Sleep(time.Millisecond)
		test.Tap(a.list.rows[0])
		if len(a.taken) != 1 || a.taken[0].Address != "0171 99" {
			t.Errorf("took %v", a.taken)
		}
	})
}
