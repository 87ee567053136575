package form

import (
	"strings"
	"testing"

	"calla/netsip/config"
	"calla/ui/uitest"
	"calla/ui/widget"
)

// shown are the parameters whose fields are to be seen, by their names.
func shown(f *Page) (all []string) {
	for _, p := range formOrder() {
		g := f.groups[p.Group]
		if !f.fields[p.Name].object.Visible() || g.card.Hidden || !g.open {
			continue
		}
		if g.more != nil && !isFirst(p.Name) && (g.more.body.Hidden || !g.more.open) {
			continue
		}
		all = append(all, p.Name)
	}
	return all
}

// TestParametersAreFoundByWhatIsSaidOfThem: by label, by the parameter's name, by words of the help, in any case and
// order; what is folded away unfolds, and folds again afterwards.
func TestParametersAreFoundByWhatIsSaidOfThem(t *testing.T) {
	o, f := openForm(t, simple())
	uitest.Settle(o.win)
	before := strings.Join(shown(f), " ")
	for _, v := range []struct{ name, text, find string }{
		{"by its name", "register_expires", "register_expires"},
		{"by a part of it", "expires", "register_expires"},
		{"in capitals", "REGISTER_EXPIRES", "register_expires"},
		{"by two words", "turn servers", "turn_servers"},
		{"in another order", "servers turn", "turn_servers"},
		{"with blanks", "   session_timers  ", "session_timers"},
		{"one of those asked of everybody", "display_name", "display_name"},
	} {
		t.Run(v.name, func(t *testing.T) {
			f.find.text.SetText(v.text)
			got := shown(f)
			found := false
			for _, name := range got {
				found = found || name == v.find
			}
			if !found || len(got) > len(config.Parameters())/2 || f.first.Visible() || f.find.nothing.Visible() {
				t.Errorf("%q shows %q", v.text, got)
			}
			f.find.text.SetText("")
			if after := strings.Join(shown(f), " "); after != before || !f.first.Visible() {
				t.Errorf("afterwards %q, before %q", after, before)
			}
		})
	}
	for _, hostile := range []string{"no such thing", "\x00", strings.Repeat("x", 10000), "(?i)", "\u202euri"} {
		f.find.text.SetText(hostile)
		if got := shown(f); len(got) > 0 || f.find.nothing.Hidden {
			t.Errorf("%.20q shows %q", hostile, got)
		}
	}
	if f.touched {
		t.Error("searching is taken for a change")
	}
}

// TestChangedOnlyShowsWhatDiffers from the defaults, and what cannot be saved; a field that something is wrong with is
// shown whatever is looked for.
func TestChangedOnlyShowsWhatDiffers(t *testing.T) {
	c := simple()
	c.HackViaTCP, c.UsePreloadedRoute = true, true
	o, f := openForm(t, c)
	uitest.Settle(o.win)
	f.find.changed.Tapped(nil)
	if got := strings.Join(shown(f), " "); !strings.Contains(got, "hack_via_tcp") ||
		!strings.Contains(got, "use_preloaded_route") || strings.Contains(got, "register_expires") {
		t.Errorf("%q", got)
	}
	f.find.text.SetText("via")
	if got := strings.Join(shown(f), " "); got != "hack_via_tcp" {
		t.Errorf("with a word: %q", got)
	}
	f.Open("register_expires", "")
	if got := strings.Join(shown(f), " "); !strings.Contains(got, "register_expires") || f.find.changed.On() {
		t.Errorf("a field that is to be seen is not among %q", got)
	}
}

// TestWhatATestTellsStandsBesideItsButton, where nothing has to be scrolled for it, and can be copied and closed.
func TestWhatATestTellsStandsBesideItsButton(t *testing.T) {
	o, f := openForm(t, simple())
	f.checkBox.Show()
	for _, s := range someSteps() {
		f.checks.Step(s)
	}
	uitest.Settle(o.win)
	if room := f.scroll.Size().Height; room < 100 {
		t.Errorf("the form has but %.0f", room)
	}
	text := f.checks.Text()
	if n := strings.Count(text, "\n"); n != len(someSteps()) || strings.Contains(text, "s3cret") {
		t.Errorf("%d lines: %q", n, text)
	}
	pressed := map[string]*widget.Button{}
	for _, b := range uitest.LaidOut[*widget.Button](f.checkBox) {
		pressed[b.AccessibilityLabel()] = b
	}
	pressed["Copy"].Tapped(nil)
	if got := strings.Join(o.calls, " "); !strings.Contains(got, "copy") {
		t.Errorf("copied: %q", got)
	}
	pressed["Close"].Tapped(nil)
	if f.checkBox.Visible() {
		t.Error("it stays")
	}
}
