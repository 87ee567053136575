package history

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	fynetest "fyne.io/fyne/v2/test"

	"calla/phone/cause"
	"calla/phone/journal"
	"calla/ui/widget"
)

// some are calls of every kind.
func some() []journal.Call {
	recorded := called("Carol Jones", "carol@example.com", false, journal.Answered)
	recorded.Recording, recorded.Codec = "/home/a/Calla Recordings/x.wav", "opus"
	recorded.Quality = journal.Quality{LossPercent: 1.2, Jitter: 3 * time.Millisecond}
	hidden := called("", "anonymous", true, journal.Missed)
	hidden.URI = ""
	after := called("Conference", "+49 30 77", false, journal.Answered)
	after.After, after.Note = ",,12#", "pin of Monday"
	return []journal.Call{
		called("Anna", "+49 30 1234567", true, journal.Missed), recorded,
		called("Ben", "ben@elsewhere.example", true, journal.Answered), hidden,
		called("Dora", "+34 91 555", true, journal.Declined), after,
	}
}

// TestCallsAreCalledAgainWithTheirAccount: a click fills the number field, Enter calls; both with the account, the
// whole address and the digits behind it. Who told none is not called.
func TestCallsAreCalledAgainWithTheirAccount(t *testing.T) {
	for _, v := range []struct {
		name string
		do   func(t *testing.T, o *opened)
		want []string
	}{
		{"a click", func(t *testing.T, o *opened) { o.tapRow(t, "Ben") }, []string{
			"dial office ben@elsewhere.example sip:ben@elsewhere.example;transport=ws now=false",
		}},
		{"two clicks on the same", func(t *testing.T, o *opened) {
			o.tapRow(t, "Ben")
			o.took()
			o.tapRow(t, "Ben")
		}, []string{"dial office ben@elsewhere.example sip:ben@elsewhere.example;transport=ws now=false"}},
		{"Enter", func(_ *testing.T, o *opened) { o.key(fyne.KeyReturn) }, []string{
			"dial office +49 30 77 sip:+49 30 77;transport=ws,,12# now=true",
		}},
		{"Space", func(_ *testing.T, o *opened) { o.key(fyne.KeySpace) }, []string{
			"dial office +49 30 77 sip:+49 30 77;transport=ws,,12# now=false",
		}},
		{"down and Enter", func(_ *testing.T, o *opened) { o.key(fyne.KeyDown); o.key(fyne.KeyReturn) }, []string{
			"dial office +34 91 555 sip:+34 91 555;transport=ws now=true",
		}},
		{"the last", func(_ *testing.T, o *opened) { o.key(fyne.KeyEnd); o.key(fyne.KeyReturn) }, []string{
			"dial office +49 30 1234567 sip:+49 30 1234567;transport=ws now=true",
		}},
		{"found by typing over the list", func(_ *testing.T, o *opened) {
			o.typeText("ann")
			o.key(fyne.KeyReturn)
			o.key(fyne.KeyReturn)
		}, []string{"dial office +49 30 1234567 sip:+49 30 1234567;transport=ws now=true"}},
		{"from the details", func(t *testing.T, o *opened) { o.key(fyne.KeyRight); o.press(t, "Call again") }, []string{
			"dial office +49 30 77 sip:+49 30 77;transport=ws,,12# now=true",
		}},
		{"back from the details", func(t *testing.T, o *opened) {
			o.key(fyne.KeyDown)
			o.key(fyne.KeyRight)
			o.press(t, "Call back")
		}, []string{"dial office +34 91 555 sip:+34 91 555;transport=ws now=true"}},
		{"who hides", func(t *testing.T, o *opened) {
			o.tapRow(t, "anonymous")
			if o.page.details == nil {
				t.Error("no details are shown")
			}
		}, nil},
		{"who hides, with Enter", func(_ *testing.T, o *opened) {
			o.key(fyne.KeyDown)
			o.key(fyne.KeyDown)
			o.key(fyne.KeyReturn)
		}, nil},
	} {
		t.Run(v.name, func(t *testing.T) {
			o := open(t, some()...)
			v.do(t, o)
			o.expect(t, v.want...)
		})
	}
}

// TestTheListFindsWhatIsAskedFor: by filter, by text, and by both.
func TestTheListFindsWhatIsAskedFor(t *testing.T) {
	for _, v := range []struct {
		name   string
		filter string
		text   string
		want   []string
		says   string
	}{
		{"all", "All", "", []string{"Conference", "Dora", "anonymous", "Ben", "Carol Jones", "Anna"}, ""},
		{"missed", "Missed", "", []string{"anonymous", "Anna"}, ""},
		{"in", "In", "", []string{"Dora", "anonymous", "Ben", "Anna"}, ""},
		{"out", "Out", "", []string{"Conference", "Carol Jones"}, ""},
		{"recorded", "Recorded", "", []string{"Carol Jones"}, ""},
		{"a name", "All", "caro", []string{"Carol Jones"}, ""},
		{"a number in another spelling", "All", "0049301234", []string{"Anna"}, ""},
		{"a note", "All", "monday", []string{"Conference"}, ""},
		{"missed and a number", "Missed", "030 123", []string{"Anna"}, ""},
		{"nobody", "All", "zzz", nil, "No call like this"},
		{"signs", "All", "\"*(", nil, "No call like this"},
		{"an empty choice", "Recorded", "anna", nil, "No call like this"},
	} {
		t.Run(v.name, func(t *testing.T) {
			o := open(t, some()...)
			o.press(t, v.filter)
			o.page.search.SetText(v.text)
			o.finish()
			if got := o.shown(); !slices.Equal(got, v.want) {
				t.Errorf("shows %q, want %q", got, v.want)
			}
			if says := o.says(); !strings.Contains(says, v.says) {
				t.Errorf("says %q", says)
			}
		})
	}
	t.Run("no calls", func(t *testing.T) {
		o := open(t)
		if says := o.says(); !strings.Contains(says, "No calls yet") {
			t.Errorf("says %q", says)
		}
	})
}

// TestALongHistoryIsNeverHeldAsAWhole: whichever way one goes through it, every call is come by once and in order.
func TestALongHistoryIsNeverHeldAsAWhole(t *testing.T) {
	const many = 700
	var all []journal.Call
	for i := range many {
		all = append(all, called(fmt.Sprintf("n%03d", i), "bob", i%2 == 0, journal.Answered))
	}
	o := open(t, all...)
	number := func() (n int) {
		if _, err := fmt.Sscanf(o.page.rows.all[o.page.list.At()].name, "n%d", &n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	walk := func(key fyne.KeyName, way, to int) {
		t.Helper()
		for step := 0; number() != to; {
			before := number()
			o.key(key)
			moved := (number() - before) * way
			if step == 0 {
				step = moved
			}
			if moved < 1 || moved != step && number() != to {
				t.Fatalf("%s goes from %d to %d, %d at first", key, before, number(), step)
			}
			if len(o.page.rows.all) > mostRows || !slices.Contains(o.shown(), fmt.Sprintf("n%03d", number())) {
				t.Fatalf("%d are held; at %d shows %q", len(o.page.rows.all), number(), o.shown())
			}
			for i, e := range o.page.rows.all[1:] {
				if e.id >= o.page.rows.all[i].id {
					t.Fatalf("%s stands behind %s", e.name, o.page.rows.all[i].name)
				}
			}
		}
	}
	walk(fyne.KeyPageDown, -1, 0)
	walk(fyne.KeyPageUp, 1, many-1)
}

// TestNewCallsComeIntoTheList: on top, and what somebody is looking at stays under his eyes.
func TestNewCallsComeIntoTheList(t *testing.T) {
	var all []journal.Call
	for i := range 40 {
		all = append(all, called(fmt.Sprintf("n%02d", i), "bob", true, journal.Answered))
	}
	for _, down := range []int{0, 1, 12, 25, 39} {
		t.Run(fmt.Sprint(down), func(t *testing.T) {
			o := open(t, all...)
			o.update(1)
			for range down {
				o.key(fyne.KeyDown)
			}
			at, before := o.page.rows.all[o.page.list.At()].name, o.shown()
			c := called("new", "carol", true, journal.Missed)
			c.Began = began().AddDate(0, 1, 0)
			if _, err := o.journal.Record(c); err != nil {
				t.Fatal(err)
			}
			o.settle(t)
			o.update(1)
			if got := o.page.rows.all[o.page.list.At()].name; got != at {
				t.Errorf("the keyboard was at %s and is at %s", at, got)
			}
			if top := before[0] == "n39"; top != (o.shown()[0] == "new") {
				t.Errorf("showed %q, shows %q", before[0], o.shown()[0])
			} else if !top && !slices.Equal(o.shown(), before) {
				t.Errorf("showed %q, shows %q", before, o.shown())
			}
		})
	}
}

// TestHostileNamesStayInTheirRow: in one line, shortened before what became of the call and when it was.
func TestHostileNamesStayInTheirRow(t *testing.T) {
	for name, s := range map[string]string{
		"long":              strings.Repeat("x", 2000),
		"long words":        strings.Repeat("long name ", 200),
		"right to left":     strings.Repeat("\u05d0\u05dc\u05d9\u05e1 ", 80),
		"emoji":             strings.Repeat("\U0001f468\u200d\U0001f469\u200d\U0001f467", 60),
		"turned":            "\u202egnp.evil\u2066",
		"lines":             "a\nb\r\nc\x00d\x1b[31m",
		"combining":         strings.Repeat("e\u0301\u0301\u0301\u0301\u0301", 100),
		"nothing but signs": "\u200b\u200b\ufeff",
	} {
		t.Run(name, func(t *testing.T) {
			c := called(s, s, true, journal.Missed)
			c.Account, c.Note, c.Recording, c.Codec = s, s, "/tmp/"+name, s
			c.Timeline = []journal.Moment{{At: began(), What: journal.Transferring, Who: s}}
			o := open(t, c)
			o.update(2)
			r := found[*row](o)[0]
			if w := r.Size().Width; w > 360 || r.details.Position().X+r.details.Size().Width > w ||
				r.when.Text() == "" {
				t.Errorf("the row is %v wide", w)
			}
			if line := r.line.Text(); !strings.HasPrefix(line, "Missed") ||
				strings.ContainsAny(line, "\n\x00\x1b\u202e") {
				t.Errorf("%q", line)
			}
			if title := r.title.Text(); strings.ContainsAny(title, "\n\x00\x1b\u202e") || len([]rune(title)) > 600 {
				t.Errorf("%q", title)
			}
			o.key(fyne.KeyRight)
			drawn(o.win.Content(), fyne.Position{}, func(obj fyne.CanvasObject, at fyne.Position) {
				if text, ok := obj.(*widget.Text); ok && (at.X+text.Size().Width > 361 ||
					strings.ContainsAny(text.Text(), "\x00\x1b\u202e")) {
					t.Errorf("%q ends at %v", text.Text(), at.X+text.Size().Width)
				}
			})
		})
	}
}

// TestMissedCallsAreSeenWhenSomebodyLooks: at a list that has them, in a window that is before him.
func TestMissedCallsAreSeenWhenSomebodyLooks(t *testing.T) {
	for _, v := range []struct {
		name string
		do   func(t *testing.T, o *opened)
		seen bool
	}{
		{"looked at", func(*testing.T, *opened) {}, true},
		{"in another window", func(_ *testing.T, o *opened) { o.looked = false }, false},
		{"back in this one", func(_ *testing.T, o *opened) {
			o.looked = false
			o.update(1)
			o.looked = true
			o.page.Look()
		}, true},
		{"the missed alone", func(t *testing.T, o *opened) { o.press(t, "Missed") }, true},
		{"those that went out", func(t *testing.T, o *opened) { o.press(t, "Out") }, false},
		{"while searching", func(_ *testing.T, o *opened) { o.page.search.SetText("ben"); o.finish() }, false},
		{"over details", func(_ *testing.T, o *opened) { o.key(fyne.KeyRight) }, false},
	} {
		t.Run(v.name, func(t *testing.T) {
			o := open(t, some()...)
			v.do(t, o)
			o.took()
			o.update(1)
			seen := slices.Contains(o.took(), "seen")
			if o.page.Look(); !seen {
				seen = slices.Contains(o.took(), "seen")
			}
			if seen != v.seen {
				t.Errorf("seen: %t", seen)
			}
		})
	}
}

// TestCallsAreExportedAsTheyAreAskedFor: those of the filter and the search, in a file for its user alone.
func TestCallsAreExportedAsTheyAreAskedFor(t *testing.T) {
	for _, v := range []struct {
		name, filter, text string
		as                 journal.CallFormat
		want               int
	}{
		{"all, a table", "All", "", journal.CallsCSV, 6},
		{"all, JSON", "All", "", journal.CallsJSON, 6},
		{"missed", "Missed", "", journal.CallsCSV, 2},
		{"found", "All", "carol", journal.CallsJSON, 1},
		{"none", "All", "zzz", journal.CallsCSV, 0},
	} {
		t.Run(v.name, func(t *testing.T) {
			o := open(t, some()...)
			o.press(t, v.filter)
			o.page.search.SetText(v.text)
			o.finish()
			o.file = filepath.Join(t.TempDir(), "calls")
			o.page.export(v.as, cause.HistoryExportTable)
			o.finish()
			text, err := os.ReadFile(o.file)
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			if v.as == journal.CallsCSV {
				rows, err := csv.NewReader(strings.NewReader(string(text))).ReadAll()
				if err != nil {
					t.Fatal(err)
				}
				n = len(rows) - 1
			} else {
				var all []struct{ URI string }
				if err := json.Unmarshal(text, &all); err != nil || all[0].URI == "" {
					t.Fatal(err, string(text))
				}
				n = len(all)
			}
			if n != v.want || !strings.Contains(strings.Join(o.took(), " "), fmt.Sprint("tell ", n, " calls")) {
				t.Errorf("%d calls", n)
			}
		})
	}
	t.Run("over a file that others can read", func(t *testing.T) {
		o := open(t, some()...)
		o.file = filepath.Join(t.TempDir(), "calls.csv")
		if err := os.WriteFile(o.file, []byte("before"), 0o644); err != nil {
			t.Fatal(err)
		}
		o.page.export(journal.CallsCSV, cause.HistoryExportTable)
		o.finish()
		info, err := os.Stat(o.file)
		if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v", info.Mode(), err)
		}
	})
	t.Run("not to its end", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "calls.csv")
		if err := os.WriteFile(path, []byte("before"), 0o600); err != nil {
			t.Fatal(err)
		}
		full := errors.New("disk full")
		err := writeFile(path, func(f *os.File) error {
			_, err := f.WriteString("half")
			return errors.Join(err, full)
		})
		left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*"))
		if text, _ := os.ReadFile(path); !errors.Is(err, full) || string(text) != "before" || len(left) != 1 {
			t.Errorf("%v; %q is left, %q", err, text, left)
		}
	})
	t.Run("where nobody may write", func(t *testing.T) {
		o := open(t, some()...)
		o.file = filepath.Join(t.TempDir(), "no folder", "calls.csv")
		o.page.export(journal.CallsCSV, cause.HistoryExportTable)
		o.finish()
		if got := o.took(); len(got) != 2 || !strings.Contains(got[1], "could not be exported") {
			t.Errorf("%q", got)
		}
	})
}

// TestDeletedCallsAreGone: one, or all, after a question.
func TestDeletedCallsAreGone(t *testing.T) {
	left := func(o *opened) int {
		page, _, err := o.journal.Calls(t.Context(), journal.CallQuery{})
		if err != nil {
			t.Fatal(err)
		}
		return len(page)
	}
	for _, v := range []struct {
		name string
		do   func(t *testing.T, o *opened)
		asks string
		left int
	}{
		{"the one at the keyboard", func(_ *testing.T, o *opened) { o.key(fyne.KeyDelete) }, "Delete this call?", 5},
		{"the one in detail", func(_ *testing.T, o *opened) {
			o.key(fyne.KeyRight)
			fynetest.Tap(o.page.details.actions.Objects[0].(fyne.Tappable))
			o.finish()
			if o.page.details != nil {
				t.Error("it is still shown")
			}
		}, "Delete this call?", 5},
		{"all", func(_ *testing.T, o *opened) {
			menu := o.page.moreMenu()
			menu.Items[len(menu.Items)-1].Action()
			o.finish()
		}, "Delete all calls?", 0},
		{"one that is gone already", func(_ *testing.T, o *opened) {
			if err := o.journal.DeleteCall(t.Context(), o.page.rows.all[0].id); err != nil {
				t.Fatal(err)
			}
			o.key(fyne.KeyDelete)
		}, "Delete this call?", 5},
		{"none of an empty list", func(_ *testing.T, o *opened) {
			o.page.search.SetText("zzz")
			o.finish()
			o.key(fyne.KeyDelete)
		}, "", 6},
	} {
		t.Run(v.name, func(t *testing.T) {
			o := open(t, some()...)
			v.do(t, o)
			if got := strings.Join(o.took(), "; "); v.asks != "" && got != "ask "+v.asks || v.asks == "" && got != "" {
				t.Errorf("told %q", got)
			}
			o.update(1)
			if n := left(o); n != v.left || v.asks != "" && len(o.page.rows.all) != v.left {
				t.Errorf("%d are left, %d are listed", n, len(o.page.rows.all))
			}
		})
	}
}
