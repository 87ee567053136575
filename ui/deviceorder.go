package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"calla/account"
	"calla/phone"
	"calla/phone/cause"
	"calla/ui/tell"
	"calla/ui/widget"
)

// deviceOrder tells below the choice of a device which others take its place, in their order, and has them forgotten.
type deviceOrder struct {
	app    *app
	role   account.Role
	order  []account.DeviceChoice
	then   *widget.Text
	forget *widget.Button
	object *fyne.Container
}

func newDeviceOrder(a *app, role account.Role) *deviceOrder {
	o := &deviceOrder{app: a, role: role, then: widget.NewParagraph("").Color(widget.ColorMuted).Sized(13)}
	o.forget = widget.NewButton(tell.Word(cause.SoundForget), "", widget.Quiet,
		func() { widget.ShowMenuUnder(o.menu(), o.forget, true) }).High(widget.HeightDense)
	o.object = container.NewStack(withButtons(o.then, []fyne.CanvasObject{o.forget}))
	o.object.Hide()
	return o
}

func (o *deviceOrder) update(d phone.DeviceState) {
	o.order = d.Settings.Order(o.role)
	o.object.Hidden = len(o.order) < 2
	if o.object.Hidden {
		return
	}
	var names []string
	for _, c := range o.order[1:] {
		names = append(names, tell.SafeLine(c.Name))
	}
	o.then.SetText(tell.Of(cause.Cause{Kind: cause.SoundThen, Names: names}).Short)
}

// menu has each device of the order, to be forgotten.
func (o *deviceOrder) menu() *fyne.Menu {
	m := fyne.NewMenu("")
	for _, c := range o.order {
		words := tell.WordOf(cause.Cause{Kind: cause.SoundForgetOne, Text: tell.SafeLine(c.Name)})
		m.Items = append(m.Items, fyne.NewMenuItem(o.app.menuLine(words, ""),
			func() { o.app.phone.ForgetDevice(o.role, c) }))
	}
	return m
}
