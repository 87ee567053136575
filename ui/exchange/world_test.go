package exchange

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"calla/account"
	"calla/netsip/config"
	"calla/ui/layout"
	"calla/ui/uitest"
	"calla/ui/widget"
)

// opened is a window that shows the last sheet, chooses the file it was given, and writes down what it is told.
type opened struct {
	win    fyne.Window
	path   string // of the file that is chosen; "" = the user chooses none
	title  string // of the sheet; "" = closed
	copied string
	told   string // by TellError
	asked  []string
}

func open(t *testing.T) *opened {
	t.Helper()
	o := &opened{win: uitest.App(t).NewWindow("")}
	o.win.Resize(fyne.NewSize(360, 560))
	return o
}

func (o *opened) ChooseFile(title, _ string, then func(path string)) { o.choose(title, then) }

func (o *opened) ChooseNewFile(title, name string, then func(path string)) {
	o.choose(title+": "+name, then)
}

func (o *opened) choose(what string, then func(path string)) {
	o.asked = append(o.asked, what)
	if o.path != "" {
		then(o.path)
	}
}

func (o *opened) OpenSheet(title string, content fyne.CanvasObject, buttons ...*widget.Button) func() {
	o.title = title
	all := layout.Column(8, content)
	for _, b := range buttons {
		all.Add(b)
	}
	o.win.SetContent(layout.ScrollPage(all))
	return func() {}
}

func (o *opened) CloseSheet()                     { o.title = "" }
func (o *opened) Focus(f fyne.Focusable)          { o.win.Canvas().Focus(f) }
func (o *opened) Copy(text string)                { o.copied = text }
func (o *opened) TellError(title string, _ error) { o.told = title }

// press presses a button of the sheet.
func (o *opened) press(t *testing.T, label string) {
	t.Helper()
	uitest.Press(t, o.win.Content(), label)
}

// field is the text of the sheet.
func (o *opened) field(t *testing.T) *widget.Entry {
	t.Helper()
	all := uitest.LaidOut[*widget.Entry](o.win.Content())
	if len(all) != 1 {
		t.Fatalf("%d fields", len(all))
	}
	return all[0]
}

// office is a configuration with a password and an identity.
func office(t *testing.T) config.Config {
	t.Helper()
	a, err := account.New(config.Config{
		URI: "sip:alice@example.com", DisplayName: "Alice ¶€ĸøĸø", Password: "s3cret",
		WSServers: []config.Server{{WSURI: "wss://sip-ws-1.example.com", Weight: 10}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return a.Config
}

// turn switches a switch of the sheet over.
func (o *opened) turn(t *testing.T, label string) {
	t.Helper()
	for _, s := range uitest.LaidOut[*widget.Switch](o.win.Content()) {
		if name := s.AccessibilityLabel(); name == label+", off" || name == label+", on" {
			test.Tap(s)
			return
		}
	}
	t.Fatalf("no switch %q", label)
}
