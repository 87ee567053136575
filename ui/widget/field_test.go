package widget

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
)

// TestFieldIsNamedByItsLabel: whoever does not see it hears what it is for, and what is in it, but for a password; the
// example in it is no name.
func TestFieldIsNamedByItsLabel(t *testing.T) {
	named := NewEntry("5060").Named("Weight")
	for _, c := range []struct {
		name        string
		entry       *Entry
		label, text string
		want        string
	}{
		{"empty", NewEntry("alice@example.com"), "SIP address", "", "SIP address"},
		{"typed into", NewEntry("alice@example.com"), "SIP address", "bob", "SIP address, bob"},
		{"a password", NewPasswordEntry("Unchanged"), "Password", "s3cret", "Password"},
		{"several lines", NewTextArea("{ uri: … }", 3), "Configuration", "", "Configuration"},
		{"with a name of its own", named, "Server", "7", "Weight, 7"},
		{"in no form", NewEntry("Name or number"), "", "", "Name or number"},
		{"in no form, typed into", NewEntry("Name or number"), "", "bob", "bob"},
	} {
		if c.label != "" {
			NewField(c.label, "parameter", "", c.entry)
		}
		c.entry.Put(c.text)
		if got := c.entry.AccessibilityLabel(); got != c.want {
			t.Errorf("%s says %q, want %q", c.name, got, c.want)
		}
	}
}

// TestFieldTellsWhatIsWrongInThePlaceOfItsHelp: in red and with a mark, and the help is back once it is right.
func TestFieldTellsWhatIsWrongInThePlaceOfItsHelp(t *testing.T) {
	for name, input := range map[string]fyne.CanvasObject{
		"entry": NewEntry(""), "choice": NewSelect([]string{"one"}, 0, "", nil), "column": column(NewEntry("")),
	} {
		for _, help := range []string{"", "As your provider wrote it."} {
			f := NewField("SIP address", "uri", help, input)
			show(t, f.Box)
			told := func() string {
				var words []string
				for _, text := range written(f.Box) {
					words = append(words, text.Text)
				}
				return strings.Join(words, "|")
			}
			if !strings.Contains(told(), "SIP address|uri") && !strings.Contains(told(), "uri|SIP address") {
				t.Errorf("%s: the field says %q", name, told())
			}
			if f.Help.Visible() != (help != "") || f.Bad() != "" {
				t.Errorf("%s: help %q shows: %t", name, help, f.Help.Visible())
			}
			high := f.Box.MinSize().Height
			f.SetBad("This is no address.")
			if !strings.Contains(told(), "This is no address.") || f.Help.Visible() ||
				f.Bad() != "This is no address." {
				t.Errorf("%s: bad, it says %q", name, told())
			}
			if help == "" && f.Box.MinSize().Height <= high {
				t.Errorf("%s: no room for what is wrong", name)
			}
			f.SetBad("")
			if strings.Contains(told(), "This is no address.") || f.Help.Visible() != (help != "") {
				t.Errorf("%s: right again, it says %q", name, told())
			}
		}
	}
}

// TestBadEntryHasARedBorder: until it is right again.
func TestBadEntryHasARedBorder(t *testing.T) {
	e := NewEntry("")
	show(t, e)
	if e.SetBad("no address"); e.Validate() != nil || !e.AlwaysShowValidationError {
		t.Error("not shown as bad")
	}
	if e.SetBad(""); e.AlwaysShowValidationError {
		t.Error("still shown as bad")
	}
}

// TestOnlyShortcutsOfTextAreTheFields: the others leave text and cursor as they are; they are the window's.
func TestOnlyShortcutsOfTextAreTheFields(t *testing.T) {
	for _, c := range []struct {
		name  string
		key   fyne.KeyName
		moves bool // the cursor
	}{
		{"Ctrl+M", fyne.KeyM, false},
		{"Ctrl+1", fyne.Key1, false},
		{"Ctrl+Q", fyne.KeyQ, false},
		{"Ctrl+Left", fyne.KeyLeft, true},
		{"Ctrl+Home", fyne.KeyHome, true},
		{"Ctrl+End", fyne.KeyEnd, true},
	} {
		for kind, e := range map[string]*Entry{"line": NewEntry(""), "area": NewTextArea("", 3)} {
			show(t, e).Canvas().Focus(e)
			e.SetText("one two")
			e.CursorColumn = 7
			shortcut := &desktop.CustomShortcut{KeyName: c.key, Modifier: fyne.KeyModifierControl}
			if isTextShortcut(shortcut) != c.moves {
				t.Errorf("%s is the field's: %t", c.name, !c.moves)
			}
			if e.TypedShortcut(shortcut); e.Text != "one two" || !c.moves && e.CursorColumn != 7 {
				t.Errorf("%s in a %s: %q with the cursor at %d", c.name, kind, e.Text, e.CursorColumn)
			}
		}
	}
}

// TestPastedTextFitsIntoTheField: what is pasted goes through the field's own hands; without any, line ends are blanks.
func TestPastedTextFitsIntoTheField(t *testing.T) {
	for _, c := range []struct {
		name, pasted, want string
		fit                func(string) string
	}{
		{"digits alone", "+49 (30) 12-34", "49301234", func(s string) string {
			return strings.Map(func(r rune) rune {
				if r < '0' || r > '9' {
					return -1
				}
				return r
			}, s)
		}},
		{"nothing left", "junk", "", func(string) string { return "" }},
		{"as it is", "bob@example.com", "bob@example.com", nil},
		{"two lines", "one\ntwo", "one two", nil},
	} {
		e := NewEntry("")
		e.OnPaste = c.fit
		show(t, e)
		board := test.NewClipboard()
		board.SetContent(c.pasted)
		if e.TypedShortcut(&fyne.ShortcutPaste{Clipboard: board}); e.Text != c.want {
			t.Errorf("%s: %q, want %q", c.name, e.Text, c.want)
		}
		if board.Content() != c.pasted {
			t.Errorf("%s: the clipboard has become %q", c.name, board.Content())
		}
	}
}

// TestFieldTellsOfTheKeyboard: when it comes and goes, and of each key before the field has it.
func TestFieldTellsOfTheKeyboard(t *testing.T) {
	var focus []bool
	e := NewEntry("")
	e.OnFocus = func(on bool) { focus = append(focus, on) }
	w := show(t, e)
	w.Canvas().Focus(e)
	w.Canvas().Unfocus()
	if len(focus) != 2 || !focus[0] || focus[1] {
		t.Errorf("told %v", focus)
	}
	e.SetText("abc")
	var seen []fyne.KeyName
	e.OnKey = func(ev *fyne.KeyEvent) bool { seen = append(seen, ev.Name); return ev.Name == fyne.KeyBackspace }
	e.CursorColumn = 3
	for _, key := range []fyne.KeyName{fyne.KeyBackspace, fyne.KeyLeft} {
		e.TypedKey(&fyne.KeyEvent{Name: key})
	}
	if len(seen) != 2 || e.Text != "abc" || e.CursorColumn != 2 {
		t.Errorf("saw %v; %q with the cursor at %d", seen, e.Text, e.CursorColumn)
	}
}

// TestHeadOfAFieldIsOneLineWhereThereIsRoom: and two where there is none; nothing is wider than a telephone.
func TestHeadOfAFieldIsOneLineWhereThereIsRoom(t *testing.T) {
	for _, c := range []struct {
		label, page string
		lines       int
	}{
		{"SIP address", "uri", 1},
		{"Authorities", "calla.tls_ca", 1},
		{"Shortest wait between two attempts to connect", "connection_recovery_min_interval", 2},
	} {
		head := fieldHead(c.label, c.page)
		show(t, column(head)).Resize(fyne.NewSize(narrow, 200))
		one := fyne.MeasureText(c.label, 13, fyne.TextStyle{}).Height
		if got := head.MinSize().Height; (got > 1.5*one) != (c.lines == 2) {
			t.Errorf("%q and %q stand in %v", c.label, c.page, got)
		}
		if head.MinSize().Width > narrow {
			t.Errorf("%q asks for %v", c.label, head.MinSize().Width)
		}
	}
}

// TestTheMiddleButtonPastes: what was selected goes where the cursor is, in the shape that the field wants, and nowhere
// where nothing may be typed.
func TestTheMiddleButtonPastes(t *testing.T) {
	upper := func(s string) string { return strings.ToUpper(s) }
	for _, c := range []struct {
		name     string
		before   string
		cursor   int
		fit      func(string) string
		disabled bool
		text     string
		want     string
	}{
		{"into nothing", "", 0, nil, false, "4711", "4711"},
		{"at the beginning", "11", 0, nil, false, "47", "4711"},
		{"in the middle", "41", 1, nil, false, "71", "4711"},
		{"at the end", "47", 2, nil, false, "11", "4711"},
		{"made to fit", "", 0, upper, false, "abc", "ABC"},
		{"two lines", "", 0, nil, false, "a\nb", "a b"},
		{"nothing", "47", 2, nil, false, "", "47"},
		{"a field that is off", "47", 2, nil, true, "11", "47"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := NewEntry("")
			e.OnPaste = c.fit
			show(t, e)
			e.SetText(c.before)
			e.CursorColumn = c.cursor
			if c.disabled {
				e.Disable()
			}
			e.Paste(c.text)
			if e.Text != c.want {
				t.Errorf("has %q", e.Text)
			}
		})
	}
}
