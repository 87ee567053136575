package ui

import (
	"slices"

	"fyne.io/fyne/v2"

	"calla/phone"
	"calla/ui/layout"
	"calla/ui/tell"
	"calla/ui/widget"
)

// robotList is who can be called at the try-out server, where its account is the one to call with: names, which no
// telephone's keys can type, in the place of those keys.
type robotList struct {
	call   func(name string)
	shown  []phone.Robot
	rows   *fyne.Container
	inside *fyne.Container // of what scrolls
	object *fyne.Container
}

// robotGap is between two rows, robotMargin around them: the ring around what has the keyboard has its room there, and
// at the right the scroll bar.
const robotGap, robotMargin = 6, 3

func newRobotList(call func(name string)) *robotList {
	r := &robotList{call: call, rows: layout.Column(robotGap)}
	r.inside = layout.Padded(robotMargin, robotMargin, robotMargin, 3*robotMargin, r.rows)
	r.object = layout.Limited(layout.Unlimited, r.inside)
	r.object.Hide()
	return r
}

// set shows the robots of an account, if it has any.
func (r *robotList) set(all []phone.Robot) {
	r.object.Hidden = len(all) == 0
	if slices.Equal(r.shown, all) {
		return
	}
	r.shown = all
	r.rows.RemoveAll()
	for _, robot := range all {
		row := widget.NewRow("phone", func() { r.call(robot.Name) })
		row.Set("phone", tell.SafeLine(robot.Name), tell.Word(robot.Does), "", 0)
		r.rows.Add(row)
	}
}

// height is what all of them take.
func (r *robotList) height() float32 { return r.inside.MinSize().Height }

// callRobot calls one of them.
func (d *dialPane) callRobot(name string) {
	if d.app.meant(&d.dead, "call "+name) {
		d.fill(name)
		d.dial()
	}
}

// updateHears tells what there is to hear in a call with a robot, while there is.
func (p *callPane) updateHears() {
	c, words := p.call, ""
	if c.Sounds != "" && c.Phase == phone.PhaseEstablished && !c.Held && !c.RemoteHeld && !p.keys &&
		len(p.members) == 0 {
		words = tell.Word(c.Sounds)
	}
	p.hears.show(widget.Disc, words)
}
