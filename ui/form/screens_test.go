package form

import (
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/software"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"calla/account"
	"calla/icons"
	"calla/netsip/config"
	"calla/ui/uitest"
	"calla/ui/widget"
)

// TestScreens draws the form, light and dark, narrow and wide: nothing is blank, and what takes the keyboard says what
// it is to a screen reader. With CALLA_SCREENS set to a folder the pictures are kept there.
func TestScreens(t *testing.T) {
	dir := os.Getenv("CALLA_SCREENS")
	screens := map[string]func(t *testing.T, o *opened, f *Page){
		"form": func(*testing.T, *opened, *Page) {},
		"form-bad": func(t *testing.T, _ *opened, f *Page) {
			f.groups[config.GroupRegistration].unfold()
			typeInto(f.fields["register_expires"], "0")
			f.scroll.ScrollToOffset(fyne.NewPos(0, 620))
		},
		"form-media": func(_ *testing.T, _ *opened, f *Page) {
			c := simple()
			c.StunServers, c.TurnServers = []string{"stun:stun.example.com"},
				[]config.TurnServer{{URLs: []string{"turn:turn.example.com"}, Username: "alice"}}
			c.HackViaTCP, c.UsePreloadedRoute = true, true
			f.adopt(c)
			f.scroll.ScrollToOffset(fyne.NewPos(0, 900))
		},
		"form-end": func(_ *testing.T, _ *opened, f *Page) {
			f.ShowAll()
			f.scroll.ScrollToBottom()
		},
		"form-search": func(_ *testing.T, _ *opened, f *Page) { f.find.text.SetText("turn") },
		"form-changed": func(_ *testing.T, _ *opened, f *Page) {
			c := simple()
			c.HackViaTCP, c.UsePreloadedRoute = true, true
			f.adopt(c)
			f.find.changed.Tapped(nil)
		},
		"form-nothing": func(_ *testing.T, _ *opened, f *Page) { f.find.text.SetText("no such thing") },
		"test": func(_ *testing.T, _ *opened, f *Page) {
			f.checkBox.Show()
			for _, s := range someSteps() {
				f.checks.Step(s)
			}
		},
	}
	for look, drawn := range map[string]struct {
		variant fyne.ThemeVariant
		size    fyne.Size
	}{
		"narrow-light": {theme.VariantLight, fyne.NewSize(360, 560)},
		"wide-dark":    {theme.VariantDark, fyne.NewSize(640, 680)},
	} {
		for name, draw := range screens {
			t.Run(name+"-"+look, func(t *testing.T) {
				o, f := openIn(t, simple(), account.Secret{}, widget.Look{Fixed: true, Variant: drawn.variant},
					drawn.size)
				draw(t, o, f)
				uitest.Settle(o.win)
				if c, ok := o.win.Canvas().(software.WindowlessCanvas); ok && dir == "" {
					c.SetScale(0.5) // a fourth of the dots tells as well whether all can be drawn
				}
				img := o.win.Canvas().Capture()
				if uitest.Blank(img) {
					t.Fatal("nothing is drawn")
				}
				objects := test.LaidOutObjects(o.win.Content())
				for _, obj := range uitest.Nameless(objects) {
					t.Errorf("%T has no name", obj)
				}
				for _, obj := range objects {
					if icon, ok := obj.(*widget.Icon); ok && icon.Name() != "" && icons.SVG(icon.Name()) == nil {
						t.Errorf("no icon %q", icon.Name())
					}
				}
				if dir == "" {
					return
				}
				file, err := os.Create(filepath.Join(dir, name+"-"+look+".png"))
				if err != nil {
					t.Fatal(err)
				}
				defer file.Close()
				if err := png.Encode(file, img); err != nil {
					t.Fatal(err)
				}
			})
		}
	}
}
