package ui

import (
	"calla/phone/cause"
	"calla/ui/layout"
	"calla/ui/tell"
	"calla/ui/widget"
)

// tellError shows what could not be done: why in our words, where we have any, and what the system or a library said in
// small print.
func (m *mainWindow) tellError(title string, err error) {
	content := layout.Column(8)
	if words := tell.Cause(err); words != "" {
		content.Add(widget.NewParagraph(words))
	}
	content.Add(widget.NewParagraph(tell.SafeUpTo(err.Error(), tell.SmallPrint)).Color(widget.ColorMuted).Sized(13))
	m.tellOnce(title+"\n"+err.Error(), func() {
		m.openSheet(title, content, widget.NewButton(tell.Word(cause.SheetOK), "", widget.Filled, m.closeSheet))
	})
}
