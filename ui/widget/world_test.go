package widget

import (
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
)

// narrow is the room that the narrowest telephone has between its margins: 360 px and a margin on each side.
const narrow = 360 - 2*Margin

// show puts an object into a window of its own, drawn with the light look.
func show(t *testing.T, o fyne.CanvasObject) fyne.Window { return showIn(t, theme.VariantLight, o) }

// showIn is show in one variant of the look. All tests share one application, since each change of the theme makes Fyne
// read all its fonts.
func showIn(t *testing.T, variant fyne.ThemeVariant, o fyne.CanvasObject) fyne.Window {
	t.Helper()
	app := fyne.CurrentApp()
	if app == nil {
		app = test.NewApp()
	}
	if look := (Look{Fixed: true, Variant: variant}); app.Settings().Theme() != fyne.Theme(look) {
		app.Settings().SetTheme(look)
	}
	w := app.NewWindow("")
	w.SetPadded(false)
	w.SetContent(o)
	w.Resize(fyne.NewSize(300, 200))
	t.Cleanup(w.Close)
	return w
}

// focusable is what takes the keyboard.
type focusable interface {
	fyne.Focusable
	fyne.CanvasObject
}

// pressables is one of each kind that is pressed, by name; each calls pressed.
func pressables(pressed func()) map[string]focusable {
	sw := NewSwitch("Register", "register", false, func(bool) { pressed() })
	row := NewRow("person", pressed)
	row.Set("person", "Bob Marsh", "See you", "10:42", 3)
	pill := NewPill(pressed)
	pill.Set(Disc, "Office", "Registered", "alice@example.com")
	chosen := NewSelect([]string{"one", "two"}, 0, "", nil)
	chosen.OnTapped = pressed
	return map[string]focusable{
		"button": NewButton("Save", "check", Filled, pressed), "icon button": NewButton("", "gear", Quiet,
			pressed).Named("Settings"),
		"switch": sw, "row": row, "pill": pill, "select": chosen,
		"key": NewKey('5', "JKL", func(rune) { pressed() }),
	}
}

// pressedBy is the part of o that has its focus, hover and press.
func pressedBy(t *testing.T, o fyne.CanvasObject) *pressable {
	t.Helper()
	switch o := o.(type) {
	case *Button:
		return &o.pressable
	case *Select:
		return &o.pressable
	case *Switch:
		return &o.pressable
	case *Row:
		return &o.pressable
	case *Pill:
		return &o.pressable
	case *Key:
		return &o.pressable
	}
	t.Fatalf("%T is not pressed", o)
	return nil
}

// boxOf is the ground of what is pressed.
func boxOf(t *testing.T, o fyne.CanvasObject) *box {
	t.Helper()
	switch r := test.WidgetRenderer(o.(fyne.Widget)).(type) {
	case *buttonRenderer:
		return r.box
	case *switchRenderer:
		return r.box
	case *rowRenderer:
		return r.box
	case *pillRenderer:
		return r.box
	case *keyRenderer:
		return r.box
	}
	t.Fatalf("%T has no ground", o)
	return nil
}

// typeKey types a key as the driver does: Space comes as a key and then as a character.
func typeKey(f fyne.Focusable, name fyne.KeyName) {
	f.TypedKey(&fyne.KeyEvent{Name: name})
	if name == fyne.KeySpace {
		f.TypedRune(' ')
	}
}

// column stacks objects in their order.
func column(objects ...fyne.CanvasObject) *fyne.Container { return container.NewVBox(objects...) }

// names are the keys of a map in order, so that a failure is told in the same words each time.
func names[T any](m map[string]T) []string {
	var all []string
	for name := range m {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}
