package history

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"calla/phone"
	"calla/phone/cause"
	"calla/phone/journal"
	"calla/ui/layout"
	"calla/ui/tell"
	"calla/ui/widget"
)

// details are all there is to know of a call, and what can be done about it.
type details struct {
	page    *Page
	call    journal.Call
	gone    bool // it has been deleted
	several bool
	note    *widget.Entry
	kept    string // the note as it was kept last
	writing bool   // a note is being kept
	contact *widget.Button
	// revision of the contacts that it was looked for in
	contacts uint64
	copied   *widget.Button
	block    *widget.Button
	actions  *fyne.Container
	body     fyne.CanvasObject
}

// openDetails shows a call. The rest of it is read aside.
func (h *Page) openDetails(e entry) {
	var call journal.Call
	h.aside(context.Background(), func(ctx context.Context) (err error) {
		call, err = h.journal.Call(ctx, e.id)
		return err
	}, func(err error) {
		switch {
		case errors.Is(err, journal.ErrNoRow):
			told := tell.Of(cause.Cause{Kind: cause.HistoryGone})
			h.window.Tell(told.Headline(), told.Below())
		case err != nil:
			tellFault(h.window, cause.HistoryUnreadable, err)
		default:
			h.show(newDetails(h, call))
		}
	})
}

func (h *Page) show(d *details) {
	h.details = d
	h.body.Objects = []fyne.CanvasObject{d.body}
	h.body.Refresh()
	h.window.Retitle()
	d.findContact()
}

func newDetails(h *Page, c journal.Call) *details {
	d := &details{page: h, call: c, kept: c.Note}
	d.several, d.contacts = len(h.state.Accounts) > 1, h.state.Journal.Contacts
	remove := widget.NewButton("", "trash", widget.Quiet, func() { h.askDelete(c.ID) }).
		Named(tell.Short(cause.HistoryDelete))
	d.actions = layout.Row(0, remove)
	d.note = widget.NewTextArea(tell.Word(cause.HistoryNote), 3).Named(tell.Word(cause.HistoryNote))
	d.note.Put(c.Note)
	d.note.OnChanged = func(string) { d.keepNote() }
	cards := layout.Column(12, widget.NewCard(layout.Column(8, d.who(), d.buttons())),
		card(cause.HistoryMoments, d.moments()))
	if q := d.quality(); len(q.Objects) > 0 {
		cards.Add(card(cause.HistoryQuality, q))
	}
	if c.Recording != "" {
		open := widget.NewButton(tell.Word(cause.HistoryOpen), "play", widget.Outlined, d.openRecording).High(40)
		cards.Add(card(cause.HistoryRecording, layout.Column(6,
			widget.NewParagraph(tell.SafeUpTo(c.Recording, tell.SmallPrint)).Sized(13),
			layout.Border(nil, nil, open, nil))))
	}
	cards.Add(card(cause.HistoryNote, d.note))
	d.body = layout.ScrollPage(cards)
	return d
}

func card(title cause.Kind, content fyne.CanvasObject) fyne.CanvasObject {
	return widget.NewCard(layout.Column(8, widget.NewText(tell.Word(title)).Sized(widget.SizeStrong).Bold(), content))
}

func (d *details) title() string { return tell.Who(d.call.Name, d.call.Address) }

// who says whom the call was with, when, and what became of it.
func (d *details) who() fyne.CanvasObject {
	e := entryOf(d.call)
	icon, color := wayOf(e)
	line := outcomeWords(e.outcome, e.length) + " · " + tell.When(d.call.Began, time.Now())
	if d.several && d.call.Account != "" {
		line += " · " + tell.SafeLine(d.call.Account)
	}
	lines := layout.Column(2, widget.NewParagraph(tell.Who(d.call.Name, d.call.Address)).Bold())
	if full := strings.TrimPrefix(d.call.URI, "sip:"); full != "" && full != tell.Who(d.call.Name, d.call.Address) {
		lines.Add(widget.NewParagraph(tell.SafeUpTo(full, tell.SmallPrint)).Color(widget.ColorMuted).Sized(13))
	} else if full == "" {
		lines.Add(widget.NewParagraph(tell.Of(cause.Cause{Kind: cause.HistoryNoSuchNumber}).Headline()).
			Color(widget.ColorMuted).Sized(13))
	}
	lines.Add(widget.NewParagraph(line).Color(widget.ColorMuted).Sized(13))
	mark := layout.Border(layout.Padded(2, 0, 0, 12, widget.NewIcon(icon, color, 24)), nil, nil, nil)
	return layout.Border(nil, nil, mark,
		nil, lines)
}

// buttons are what can be done about whom it was with.
func (d *details) buttons() fyne.CanvasObject {
	c := d.call
	again := cause.HistoryCallAgain
	if c.Incoming {
		again = cause.HistoryCallBack
	}
	call := widget.NewButton(tell.Word(again), "phone", widget.Call,
		func() { d.page.window.Dial(entryOf(c).number(), true) })
	write := widget.NewButton(tell.Word(cause.HistoryMessage), "message", widget.Outlined, func() {
		d.page.window.Message(c.AccountID, cmp.Or(c.URI, c.Address))
	})
	d.copied = widget.NewButton(tell.Word(cause.HistoryCopy), "copy", widget.Outlined, func() {
		d.page.window.Copy(tell.Address(c.Address))
		d.copied.Set(tell.Word(cause.HistoryCopied), "check")
	})
	d.contact = widget.NewButton(tell.Word(cause.HistoryAddContact), "person", widget.Outlined, d.addContact)
	d.contact.Disable() // until it is known whether it is one
	d.block = widget.NewButton(tell.Short(cause.HistoryBlock), "cross", widget.Danger, d.askBlock)
	if c.URI == "" { // who hides can be blocked, and nothing else
		return layout.Column(8, d.block)
	}
	return layout.Column(8, call, layout.Equal(8, write, d.copied), layout.Equal(8, d.contact, d.block))
}

// moments are what happened in it, with how it ended.
func (d *details) moments() fyne.CanvasObject {
	c := d.call
	all := layout.Column(4)
	add := func(at time.Time, what cause.Cause) {
		when := container.NewGridWrap(fyne.NewSize(72, 17),
			widget.NewText(at.Local().Format("15:04:05")).Color(widget.ColorMuted).Sized(13))
		all.Add(layout.Border(nil, nil, layout.Border(when, nil, nil, nil), nil,
			widget.NewParagraph(tell.Of(what).Short).Sized(13)))
	}
	all.Add(widget.NewText(c.Began.Local().Format("Monday, 2 January 2006")).Sized(13))
	if !c.Incoming {
		add(c.Began, cause.Cause{Kind: cause.MomentBegan})
	}
	for _, m := range c.Timeline {
		if k := momentKind(m.What); k != "" {
			add(m.At, cause.Cause{Kind: k, To: tell.SafeLine(m.Who)})
		}
	}
	told := tell.Of(c.Cause)
	if !c.Ended.IsZero() {
		add(c.Ended, cause.Cause{Kind: cause.MomentEnded})
	}
	if words := strings.TrimSpace(told.Headline()); words != "" {
		all.Add(widget.NewParagraph(sentence(words, told.Below())).Sized(13))
	}
	if c.Code >= 300 {
		all.Add(widget.NewText(fmt.Sprintf("SIP %d", c.Code)).Color(widget.ColorMuted).Sized(widget.SizeCaption))
	}
	return all
}

// sentence is a headline with what stands below it.
func sentence(headline, below string) string {
	if below == "" {
		return headline
	}
	return strings.TrimSuffix(headline, ".") + ". " + below
}

// momentKind is how a moment is told, "" for one that a newer version has written.
func momentKind(w journal.What) cause.Kind {
	return map[journal.What]cause.Kind{
		journal.Rang: cause.MomentRang, journal.WasAnswered: cause.MomentAnswered, journal.Held: cause.MomentHeld,
		journal.Resumed: cause.MomentResumed, journal.HeldThere: cause.MomentHeldThere,
		journal.ResumedThere: cause.MomentResumedThere, journal.Transferring: cause.MomentTransferring,
		journal.Transferred: cause.MomentTransferred, journal.NotHandedOn: cause.MomentNotHandedOn,
		journal.Joined: cause.MomentJoined, journal.RecordingOn: cause.MomentRecording,
		journal.RecordingOff: cause.MomentRecorded,
	}[w]
}

// quality is the figures of its sound, as far as there are any.
func (d *details) quality() *fyne.Container {
	c := d.call
	all := layout.Column(4)
	add := func(what, value string) {
		name := container.NewGridWrap(fyne.NewSize(132, 20), widget.NewText(what).Color(widget.ColorMuted).Sized(13))
		all.Add(layout.Border(nil, nil, name, nil, widget.NewText(value).Sized(13).Shrink(80)))
	}
	if c.Codec != "" {
		add(tell.Word(cause.HistoryCodec), tell.Codec(c.Codec))
	}
	if c.Answered.IsZero() || c.Quality == (journal.Quality{}) {
		return all
	}
	add(tell.Word(cause.HistoryLost), fmt.Sprintf("%.1f %%", c.Quality.LossPercent))
	add(tell.Word(cause.HistoryMadeUp), fmt.Sprintf("%.1f %%", c.Quality.Concealed*100))
	add(tell.Word(cause.HistoryJitter), tell.Milliseconds(c.Quality.Jitter))
	if c.Quality.RoundTrip > 0 {
		add(tell.Word(cause.HistoryRoundTrip), tell.Milliseconds(c.Quality.RoundTrip))
	}
	return all
}

func (d *details) openRecording() {
	path := d.call.Recording
	d.page.window.OpenFile(path, func(err error) {
		told := tell.Of(cause.Cause{Kind: cause.HistoryNotOpened, File: tell.SafeUpTo(path, tell.SmallPrint)})
		d.page.window.Tell(told.Headline(), strings.TrimSpace(tell.Cause(err)+" "+told.Below()))
	})
}

// keepNote keeps the note as it is typed. One write at a time is on its way; what was typed meanwhile comes after it.
func (d *details) keepNote() {
	text := d.note.Text
	if d.writing || d.gone || text == d.kept {
		return
	}
	d.writing = true
	d.page.aside(context.Background(), func(ctx context.Context) error {
		return d.page.journal.SetNote(ctx, d.call.ID, text)
	}, func(err error) {
		d.writing = false
		switch {
		case errors.Is(err, journal.ErrNoRow): // it was deleted meanwhile
			if !d.gone {
				d.gone = true
				told := tell.Of(cause.Cause{Kind: cause.HistoryGone})
				d.page.window.Tell(told.Headline(), told.Below())
			}
		case err != nil:
			tellFault(d.page.window, cause.HistoryNoteNotKept, err)
		default:
			d.kept = text
			d.keepNote()
		}
	})
}

// update follows what of the State concerns it.
func (d *details) update(s phone.State) {
	d.several = len(s.Accounts) > 1
	if s.Journal.Contacts != d.contacts {
		d.contacts = s.Journal.Contacts
		d.findContact()
	}
}
