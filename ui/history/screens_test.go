package history

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
	"calla/phone/cause"
	"calla/phone/journal"
	"calla/ui/uitest"
	"calla/ui/widget"
)

// TestScreens draws the list and the details, light and dark, narrow and wide: nothing is blank, and what takes the
// keyboard says what it is to a screen reader. With CALLA_SCREENS set to a folder the pictures are kept there.
func TestScreens(t *testing.T) {
	dir := os.Getenv("CALLA_SCREENS")
	screens := map[string]func(o *opened){
		"history": func(*opened) {},
		"history-none": func(o *opened) {
			o.page.search.SetText("nobody of this name")
			o.finish()
		},
		"history-details": func(o *opened) {
			o.key(fyne.KeyDown)
			o.key(fyne.KeyRight)
		},
	}
	for look, drawn := range map[string]struct {
		variant fyne.ThemeVariant
		size    fyne.Size
	}{
		"narrow-light": {theme.VariantLight, fyne.NewSize(360, 560)},
		"wide-dark":    {theme.VariantDark, fyne.NewSize(800, 800)},
	} {
		for name, draw := range screens {
			t.Run(name+"-"+look, func(t *testing.T) {
				o := openIn(t, widget.Look{Fixed: true, Variant: drawn.variant}, drawn.size, pictured()...)
				o.update(2)
				draw(o)
				uitest.Settle(o.win)
				if c, ok := o.win.Canvas().(software.WindowlessCanvas); ok && dir == "" {
					c.SetScale(0.5) // a fourth of the dots tells as well whether all can be drawn
				}
				img := o.win.Canvas().Capture()
				if uitest.Blank(img) {
					t.Fatal("nothing is drawn")
				}
				if dir != "" {
					keep(t, filepath.Join(dir, name+"-"+look+".png"),
						func(f *os.File) error { return png.Encode(f, img) })
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
			})
		}
	}
}

func keep(t *testing.T, path string, write func(*os.File) error) {
	t.Helper()
	if err := writeFile(path, write); err != nil {
		t.Fatal(err)
	}
}

// pictured are calls as an office has them, and some that nobody should have.
func pictured() []journal.Call {
	talked := called("Carol Jones", "carol@example.com", false, journal.Answered)
	talked.Recording, talked.Codec = "/home/anna/Calla Recordings/2026-11-02 Carol.wav", "opus"
	talked.Note = "wants an offer until Friday"
	talked.Quality = journal.Quality{
		LossPercent: 0.4, Concealed: 0.002, Jitter: 4 * time.Millisecond, RoundTrip: 38 * time.Millisecond,
	}
	talked.Code = 200
	talked.Timeline = []journal.Moment{
		{At: began().Add(2 * time.Second), What: journal.Rang},
		{At: began().Add(9 * time.Second), What: journal.WasAnswered},
		{At: began().Add(30 * time.Second), What: journal.Held},
		{At: began().Add(40 * time.Second), What: journal.Resumed},
		{At: began().Add(50 * time.Second), What: journal.Transferred, Who: "Maria Ortiz"},
	}
	talked.Cause = cause.Cause{Kind: cause.HungUpThere}
	hidden := called("", "anonymous", true, journal.Missed)
	hidden.URI = ""
	private := called("Ben Marsh", "ben@elsewhere.example", true, journal.Elsewhere)
	private.Account = "Private"
	return []journal.Call{
		called("Dora", "+34 91 555 0142", true, journal.Declined), called("", "4711", false, journal.Refused), private,
		hidden,
		called(strings.Repeat("A very long name ", 40), "long@example.com", true, journal.Answered),
		called("\u05d0\u05dc\u05d9\u05e1 \u05db\u05d4\u05df", "+972 3 555", true, journal.Missed),
		called("\U0001f468\u200d\U0001f469\u200d\U0001f467 Family", "home@example.com", false, journal.Unanswered),
		called("Anna Berg", "+49 30 1234567", true, journal.Missed), talked,
		called("Maria Ortiz", "+34 91 555 0199", true, journal.Missed),
	}
}

// TestRowsHaveRoomForTextOfEverySize: nothing stands on what is above or below it, also where the size is changed while
// the list is there.
func TestRowsHaveRoomForTextOfEverySize(t *testing.T) {
	for name, sizes := range map[string][]float32{
		"smallest": {0.8}, "usual": {1}, "larger": {1.25}, "large": {1.5}, "largest": {2},
		"made largest": {1, 2}, "made smallest": {2, 0.8},
	} {
		t.Run(name, func(t *testing.T) {
			look := widget.Look{Fixed: true, Text: sizes[0]}
			o := openIn(t, look, fyne.NewSize(360, 640), pictured()...)
			o.update(2)
			for _, size := range sizes[1:] {
				look.Text = size
				fyne.CurrentApp().Settings().SetTheme(look)
				o.win.Content().Refresh()
				uitest.Settle(o.win)
				o.finish()
			}
			rows := found[*row](o)
			if len(rows) < 4 {
				t.Fatalf("%d rows", len(rows))
			}
			for _, r := range rows {
				title, line := r.title.Position().Y+r.title.MinSize().Height, r.line.Position().Y
				if over := title - line; over > 3 {
					t.Errorf("%q stands %.0f into what is below it", r.title.Text(), over)
				}
				if end := line + r.line.MinSize().Height; end > r.Size().Height+1 {
					t.Errorf("%q: its lines end at %.0f of %.0f", r.title.Text(), end, r.Size().Height)
				}
				if !r.when.Hidden && r.title.Size().Width < 120 {
					t.Errorf("%q has %.0f beside the time", r.title.Text(), r.title.Size().Width)
				}
			}
		})
	}
}
