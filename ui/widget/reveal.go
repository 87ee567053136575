package widget

import (
	"reflect"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	fynewidget "fyne.io/fyne/v2/widget"
)

// Reveal scrolls into view what has got the focus, so that whoever goes by Tab sees where they are, or what has just
// been marked by a key.
func Reveal(o fyne.CanvasObject) {
	c := canvasOf(o)
	if c == nil {
		return
	}
	scroll := scrollAround(c.Content(), o, nil)
	for _, overlay := range c.Overlays().List() {
		if s := scrollAround(contentOf(overlay), o, nil); s != nil {
			scroll = s
		}
	}
	if scroll == nil {
		return
	}
	const margin = 24
	driver := fyne.CurrentApp().Driver()
	top := driver.AbsolutePositionForObject(o).Y - driver.AbsolutePositionForObject(scroll).Y
	bottom := top + o.Size().Height - scroll.Size().Height
	offset := scroll.Offset
	switch {
	case top < margin:
		offset.Y += top - margin
	case bottom > -margin:
		offset.Y += min(bottom+margin, top-margin)
	default:
		return
	}
	offset.Y = max(0, min(offset.Y, scroll.Content.Size().Height-scroll.Size().Height))
	scroll.ScrollToOffset(offset)
}

// scrollAround returns the innermost scroll that contains o, below root; around is the one that root is in.
func scrollAround(root, o fyne.CanvasObject, around *container.Scroll) *container.Scroll {
	if root == o {
		return around
	}
	switch r := root.(type) {
	case *fyne.Container:
		for _, child := range r.Objects {
			if s := scrollAround(child, o, around); s != nil {
				return s
			}
		}
	case *container.Scroll:
		return scrollAround(r.Content, o, r)
	case *Panel:
		if r.content != nil {
			return scrollAround(r.content, o, around)
		}
	case *fynewidget.PopUp:
		return scrollAround(r.Content, o, around)
	}
	return nil
}

// Typed tells whether there is text in a field below root.
func Typed(root fyne.CanvasObject) bool {
	switch r := root.(type) {
	case *Entry:
		return r.Text != "" && !r.Disabled()
	case *fyne.Container:
		return slices.ContainsFunc(r.Objects, Typed)
	case *container.Scroll:
		return Typed(r.Content)
	case *Panel:
		return r.content != nil && Typed(r.content)
	}
	return false
}

// contentOf is what an overlay shows. Fyne puts each pop-up into a widget of a type that cannot be named outside it.
func contentOf(overlay fyne.CanvasObject) fyne.CanvasObject {
	if v := reflect.Indirect(reflect.ValueOf(overlay)); v.Kind() == reflect.Struct {
		if f := v.FieldByName("Content"); f.IsValid() && f.CanInterface() {
			if content, ok := f.Interface().(fyne.CanvasObject); ok {
				return content
			}
		}
	}
	return overlay
}
