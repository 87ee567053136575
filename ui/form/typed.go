package form

import (
	"net/url"
	"strings"

	"fyne.io/fyne/v2"

	"calla/account"
	"calla/phone/cause"
	"calla/ui/layout"
	"calla/ui/tell"
	"calla/ui/widget"
)

// Server is what is typed for a server, as the configuration takes it.
func Server(text string) string {
	address, _, _ := account.ServerAddress(text)
	return strings.TrimSpace(address)
}

// OnlySchemeDiffers tells whether two addresses differ in nothing but whether they are encrypted.
func OnlySchemeDiffers(a, b string) bool {
	u, err := url.Parse(a)
	v, other := url.Parse(b)
	if err != nil || other != nil || u.Hostname() != v.Hostname() || u.Path != v.Path {
		return false
	}
	return u.Port() == v.Port() || u.Port() == "" || v.Port() == ""
}

// Typed stands under the field of a server: what an address that is none will be used as, and for one that may be
// meant with encryption or without, a button for each.
type Typed struct {
	entry         *widget.Entry
	Secure, Plain *widget.Button
	words         *widget.Text
	Object        *fyne.Container
}

func NewTyped(entry *widget.Entry) *Typed {
	t := &Typed{entry: entry, words: widget.NewParagraph("").Color(widget.ColorMuted).Sized(widget.SizeCaption)}
	t.Secure = widget.NewButton(tell.Word(cause.FormEncrypted), "", widget.Outlined, nil).High(widget.HeightDense)
	t.Plain = widget.NewButton(tell.Word(cause.FormUnencrypted), "", widget.Outlined, nil).High(widget.HeightDense)
	t.Object = layout.Column(4, t.words, t.Secure, t.Plain)
	t.Update(entry.Text)
	return t
}

func (t *Typed) Update(text string) {
	address, secure, plain := account.ServerAddress(text)
	words := ""
	switch {
	case plain != "":
		words = tell.Of(cause.Cause{Kind: cause.FormWebAddress, Text: "http:"}).Title
	case strings.TrimSpace(text) != "" && address != strings.TrimSpace(text):
		words = tell.Of(cause.Cause{Kind: cause.FormUsedAs, Address: tell.SafeLine(address)}).Short
	}
	t.words.SetText(words)
	t.words.Hidden = words == ""
	t.Secure.Hidden, t.Plain.Hidden = secure == "", plain == ""
	t.Secure.OnTapped = func() { t.entry.SetText(secure) }
	t.Plain.OnTapped = func() { t.entry.SetText(plain) }
	t.Object.Hidden = t.words.Hidden
	t.Object.Refresh()
}
