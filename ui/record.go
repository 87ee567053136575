package ui

import (
	"strings"

	"fyne.io/fyne/v2"

	"calla/phone"
	"calla/phone/cause"
	"calla/ui/layout"
	"calla/ui/tell"
	"calla/ui/widget"
)

// updateRecord draws the button that records.
func (p *callPane) updateRecord(c phone.CallState) {
	p.record.SetEnabled(c.Phase == phone.PhaseEstablished)
	p.record.SetOn(c.Recording != nil)
	switch {
	case c.Recording == nil:
		p.record.Set(tell.Word(cause.RecordBegin), "record")
	case c.Recording.Paused:
		p.record.Set(tell.Word(cause.RecordPaused), "pause")
	default:
		p.record.Set(tell.Word(cause.RecordGoesOn), "record")
	}
}

// pressRecord begins a recording, or asks what is to become of the one that goes on.
func (p *callPane) pressRecord() {
	if p.call.Phase != phone.PhaseEstablished {
		return
	}
	if p.call.Recording == nil {
		p.app.phone.Record(p.call.ID, true)
		return
	}
	p.app.menuAbout(p.call, p.recordMenu(), p.record)
}

// recordMenu is what can be done with the recording that goes on.
func (p *callPane) recordMenu() *fyne.Menu {
	id, paused := p.call.ID, p.call.Recording.Paused
	pause := tell.Word(cause.RecordPause)
	if paused {
		pause = tell.Word(cause.RecordResume)
	}
	return fyne.NewMenu("", fyne.NewMenuItem(pause, func() { p.app.phone.PauseRecording(id, !paused) }),
		fyne.NewMenuItem(tell.Word(cause.RecordEnd), func() { p.app.phone.Record(id, false) }))
}

// toggleRecord is what the key does: begin a recording, or end the one that goes on.
func (p *callPane) toggleRecord() {
	if p.app.main.inCall() && p.call.Phase == phone.PhaseEstablished {
		p.app.phone.Record(p.call.ID, p.call.Recording == nil)
	}
}

// recordingsPanel asks for the folder of recordings.
type recordingsPanel struct {
	folder *widget.Entry
	object fyne.CanvasObject
}

func newRecordingsPanel(a *app) *recordingsPanel {
	p := &recordingsPanel{folder: widget.NewEntry(tell.Word(cause.RecordFolderExample))}
	p.folder.Text = a.phone.Settings().Recordings
	save := func() {
		s, folder := a.phone.Settings(), strings.TrimSpace(p.folder.Text)
		if s.Recordings != folder {
			s.Recordings = folder
			a.phone.SaveSettings(s, a.tellError(tell.Word(cause.RecordFolderNotSaved)))
		}
	}
	p.folder.OnSubmitted = func(string) { save() }
	p.folder.OnFocus = func(on bool) {
		if !on {
			save()
		}
	}
	told := tell.Of(cause.Cause{Kind: cause.RecordFolder})
	field := widget.NewField(told.Short, "", told.Below(), p.folder)
	p.object = widget.NewCard(layout.Column(8, sectionTitle(tell.Word(cause.RecordTitle)), field.Box))
	return p
}
