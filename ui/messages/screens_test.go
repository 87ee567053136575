package messages

import (
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/software"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"calla/icons"
	"calla/phone"
	"calla/phone/cause"
	"calla/ui/uitest"
	"calla/ui/widget"
)

// pictured are messages of all kinds, hostile ones too.
func pictured() []phone.Message {
	named := func(m *phone.Message) { m.Name = "Bob Marsh" }
	all := []phone.Message{
		said(1, "Can you call me back when you have a minute? It is about Thursday's delivery.", came, named),
		said(2, "In ten minutes.", named, func(m *phone.Message) {
			m.Status, m.Cause = phone.MessageFailed, &cause.Cause{Kind: cause.MessageNotReached, To: "bob"}
		}),
		said(3, "שלום, מה שלומך?", came, named),
		said(4, "Thank you!\nI am coming down.", named),
		said(5, "On my way 🚲", named, func(m *phone.Message) { m.Status = phone.MessageUnknown }),
		said(6, "Calling now.", named, func(m *phone.Message) { m.Status, m.Kept = phone.MessageSending, false }),
	}
	for i, party := range []string{
		"+49 30 1234567", strings.Repeat("longest-user-", 9) + "@example.com", "x\u202ey\n@\x1b",
	} {
		all = append(all, said(int64(7+i), strings.Repeat("W", 300*i+4)+"\nmore", came, func(m *phone.Message) {
			m.Party, m.Address, m.Claims = party, party, strings.Repeat("The Bank ", 20*i+1)
		}))
	}
	for i := range all {
		all[i].At = time.Now().Add(time.Duration(i-len(all)) * 7 * time.Hour)
	}
	return all
}

// TestScreens draws the pages, light and dark, narrow and wide: nothing is blank, what takes the keyboard has a name,
// and nothing is wider than the window. With CALLA_SCREENS set to a folder the pictures are kept there.
func TestScreens(t *testing.T) {
	dir := os.Getenv("CALLA_SCREENS")
	screens := map[string]func(d *desk) fyne.CanvasObject{
		"list": func(d *desk) fyne.CanvasObject { return d.list().Object() },
		"none": func(d *desk) fyne.CanvasObject {
			d.MessageMemory = phone.NewMessageMemory()
			return d.list().Object()
		},
		"talk":    func(d *desk) fyne.CanvasObject { return d.talk("bob@x").Object() },
		"hostile": func(d *desk) fyne.CanvasObject { return d.talk("x\u202ey\n@\x1b").Object() },
	}
	for look, drawn := range map[string]struct {
		variant fyne.ThemeVariant
		size    fyne.Size
	}{
		"narrow-light": {theme.VariantLight, fyne.NewSize(360, 560)},
		"wide-dark":    {theme.VariantDark, fyne.NewSize(900, 700)},
	} {
		for name, draw := range screens {
			t.Run(name+"-"+look, func(t *testing.T) {
				d := newDeskIn(t, widget.Look{Fixed: true, Variant: drawn.variant}, pictured()...)
				object := draw(d)
				if width := object.MinSize().Width; width > 360 {
					t.Errorf("it is %g wide at least", width)
				}
				d.win.Resize(drawn.size)
				uitest.Settle(d.win)
				if c, ok := d.win.Canvas().(software.WindowlessCanvas); ok && dir == "" {
					c.SetScale(0.5)
				}
				img := d.win.Canvas().Capture()
				if uitest.Blank(img) {
					t.Fatal("nothing is drawn")
				}
				if dir != "" {
					f, err := os.Create(filepath.Join(dir, "messages-"+name+"-"+look+".png"))
					if err != nil {
						t.Fatal(err)
					}
					defer f.Close()
					if err := png.Encode(f, img); err != nil {
						t.Fatal(err)
					}
				}
				objects := test.LaidOutObjects(d.win.Content())
				for _, obj := range uitest.Nameless(objects) {
					t.Errorf("%T has no name", obj)
				}
				for _, obj := range objects {
					if icon, ok := obj.(*widget.Icon); ok && icon.Name() != "" && icons.SVG(icon.Name()) == nil {
						t.Errorf("no icon %q", icon.Name())
					}
				}
			})
		}
	}
}
