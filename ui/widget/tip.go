package widget

import (
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	fynewidget "fyne.io/fyne/v2/widget"
)

// tipTime is how long the pointer rests on a button without words, until it is told what the button does.
const tipTime = 600 * time.Millisecond

// Tips lies above all of a window, or of what has opened in it, and tells what the button under the pointer does where
// no words stand on that. Nothing is pressed or typed in it: what is below stays within reach.
type Tips struct {
	fynewidget.BaseWidget
	words string
	at    fyne.Position // of the button's middle, and just below it
	above float32       // the height of the button, for words that go above it
}

// NewTips returns the layer of tips for a window, to be laid over its content in the whole of its size.
func NewTips() *Tips {
	t := &Tips{}
	t.ExtendBaseWidget(t)
	return t
}

// Words returns what is told now; "" = nothing.
func (t *Tips) Words() string { return t.words }

func (t *Tips) show(words string, over fyne.CanvasObject) {
	driver := fyne.CurrentApp().Driver()
	at := driver.AbsolutePositionForObject(over).Subtract(driver.AbsolutePositionForObject(t))
	t.words, t.above = words, over.Size().Height
	t.at = at.AddXY(over.Size().Width/2, over.Size().Height)
	t.Refresh()
}

func (t *Tips) hide() {
	if t.words != "" {
		t.words = ""
		t.Refresh()
	}
}

// CreateRenderer implements fyne.Widget.
func (t *Tips) CreateRenderer() fyne.WidgetRenderer {
	r := &tipsRenderer{t: t, ground: canvas.NewRectangle(theme.Color(ColorText)), text: canvas.NewText("", nil)}
	r.ground.CornerRadius = Step
	r.Refresh()
	return r
}

type tipsRenderer struct {
	t      *Tips
	ground *canvas.Rectangle
	text   *canvas.Text
}

func (r *tipsRenderer) Destroy()           {}
func (r *tipsRenderer) MinSize() fyne.Size { return fyne.Size{} }

func (r *tipsRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.ground, r.text}
}

// Layout sets the words below their button, above it where there is no room, and within the window.
func (r *tipsRenderer) Layout(size fyne.Size) {
	const padX, padY, gap = 8, 3, 4
	r.text.Text = ellipsis(r.t.words, size.Width-4*gap-2*padX, func(s string) fyne.Size {
		return fyne.MeasureText(s, r.text.TextSize, r.text.TextStyle)
	})
	words := r.text.MinSize()
	box := words.AddWidthHeight(2*padX, 2*padY)
	at := r.t.at.AddXY(-box.Width/2, gap)
	at.X = max(gap, min(at.X, size.Width-box.Width-gap))
	if at.Y+box.Height > size.Height-gap {
		at.Y -= r.t.above + 2*gap + box.Height
	}
	r.ground.Move(at)
	r.ground.Resize(box)
	r.text.Move(at.AddXY(padX, padY))
	r.text.Resize(words)
}

func (r *tipsRenderer) Refresh() {
	r.ground.FillColor, r.text.Color = theme.Color(ColorText), theme.Color(theme.ColorNameBackground)
	r.text.TextSize = Scaled(SizeCaption)
	r.ground.Hidden, r.text.Hidden = r.t.words == "", r.t.words == ""
	if r.t.words != "" {
		r.Layout(r.t.BaseWidget.Size())
	}
	r.ground.Refresh()
	r.text.Refresh()
}

// tip is what a button has to do with tips.
type tip struct {
	timer *time.Timer      // until they are shown
	waits *struct{ _ int } // for this timer; nil = for none
	layer *Tips            // that they are shown in
}

// rest begins to wait for the pointer to stay on a button that is called so.
func (t *tip) rest(words string, over fyne.CanvasObject) {
	t.leave()
	if words = strings.TrimSpace(words); words == "" {
		return
	}
	mine := new(struct{ _ int })
	t.waits = mine
	t.timer = time.AfterFunc(tipTime, func() {
		fyne.Do(func() {
			if t.waits == mine && over.Visible() {
				t.tell(words, over)
			}
		})
	})
}

// tell shows the words now.
func (t *tip) tell(words string, over fyne.CanvasObject) {
	if t.layer = tipsOver(over); t.layer != nil {
		t.layer.show(words, over)
	}
}

// leave takes the words away.
func (t *tip) leave() {
	if t.timer != nil {
		t.timer.Stop()
		t.timer, t.waits = nil, nil
	}
	if t.layer != nil {
		t.layer.hide()
		t.layer = nil
	}
}

// tipsOver is the layer of tips of what an object is in: what has opened last in its window, or the window itself.
func tipsOver(o fyne.CanvasObject) *Tips {
	c := canvasOf(o)
	if c == nil {
		return nil
	}
	if top := c.Overlays().Top(); top != nil {
		return TipsIn(contentOf(top))
	}
	return TipsIn(c.Content())
}

// TipsIn finds the layer of tips among the outermost objects of what a window shows, or of what has opened in it; nil
// where there is none.
func TipsIn(o fyne.CanvasObject) *Tips {
	switch o := o.(type) {
	case *Tips:
		return o
	case *container.ThemeOverride:
		return TipsIn(o.Content)
	case *fyne.Container:
		for _, child := range o.Objects {
			if t, is := child.(*Tips); is {
				return t
			}
		}
		for _, child := range o.Objects {
			if inner, is := child.(*fyne.Container); is {
				if t := TipsIn(inner); t != nil {
					return t
				}
			}
		}
	case *fynewidget.PopUp:
		return TipsIn(o.Content)
	}
	return nil
}
