package ui

import (
	"net/url"
	"strings"

	"fyne.io/fyne/v2"

	"calla/account"
	"calla/ui/layout"
	"calla/ui/tell"
	"calla/ui/widget"
)

// typedServer is what is typed for a server, as the configuration takes it.
func typedServer(text string) string {
	address, _, _ := account.ServerAddress(text)
	return strings.TrimSpace(address)
}

// onlySchemeDiffers tells whether two addresses differ in nothing but whether they are encrypted.
func onlySchemeDiffers(a, b string) bool {
	u, err := url.Parse(a)
	v, other := url.Parse(b)
	if err != nil || other != nil || u.Hostname() != v.Hostname() || u.Path != v.Path {
		return false
	}
	return u.Port() == v.Port() || u.Port() == "" || v.Port() == ""
}

// serverTyped stands under the field of a server: what an address that is none will be used as, and for one that may be
// meant with encryption or without, a button for each.
type serverTyped struct {
	entry         *widget.Entry
	secure, plain *widget.Button
	words         *widget.Text
	object        *fyne.Container
}

func newServerTyped(entry *widget.Entry) *serverTyped {
	t := &serverTyped{entry: entry, words: widget.NewParagraph("").Color(widget.ColorMuted).Sized(widget.SizeCaption)}
	t.secure = widget.NewButton("Encrypted (wss:)", "", widget.Outlined, nil).High(widget.HeightDense)
	t.plain = widget.NewButton("Unencrypted (ws:)", "", widget.Outlined, nil).High(widget.HeightDense)
	t.object = layout.Column(4, t.words, t.secure, t.plain)
	t.update(entry.Text)
	return t
}

func (t *serverTyped) update(text string) {
	address, secure, plain := account.ServerAddress(text)
	words := ""
	switch {
	case plain != "":
		words = "http: is the address of a web page. Without encryption whoever is on the way can read who calls whom."
	case strings.TrimSpace(text) != "" && address != strings.TrimSpace(text):
		words = "Used as " + tell.SafeLine(address)
	}
	t.words.SetText(words)
	t.words.Hidden = words == ""
	t.secure.Hidden, t.plain.Hidden = secure == "", plain == ""
	t.secure.OnTapped = func() { t.entry.SetText(secure) }
	t.plain.OnTapped = func() { t.entry.SetText(plain) }
	t.object.Hidden = t.words.Hidden
	t.object.Refresh()
}
