package form

import (
	"strings"

	"calla/netsip/config"
	"calla/phone"
	"calla/phone/cause"
	"calla/ui/layout"
	"calla/ui/tell"
	"calla/ui/widget"
)

// asLines is a list of lines. Under the dial rules stands a number to try them with.
func (f *formField) asLines(touched func()) {
	if f.param.Name != "calla.dial_rules" {
		f.bound(f.lines(tell.Word(cause.FormAddLine), lineExample(f.param.Name), touched).object)
		return
	}
	number := widget.NewEntry(tell.Word(cause.FormTryNumber)).Named(tell.Word(cause.FormTryRules))
	words := widget.NewParagraph("").Color(widget.ColorMuted).Sized(widget.SizeCaption)
	words.Hide()
	box := layout.Column(8)
	try := func() {
		words.SetText(triedWords(number.Text, f.read()))
		words.Hidden = words.Text() == ""
		box.Refresh()
	}
	list := f.lines(tell.Word(cause.FormAddRule), "+ -> 00", func() {
		touched()
		try()
	})
	number.OnChanged = func(string) { try() }
	box.Add(list.object)
	box.Add(layout.Column(4, number, words))
	f.bound(box)
	write := f.write
	f.write = func(v any) {
		write(v)
		try()
	}
}

// lineExample is what a line of a parameter looks like.
func lineExample(parameter string) string {
	switch parameter {
	case "calla.auto_answer_domains":
		return "example.com"
	case "calla.codecs":
		return config.Codecs()[0]
	}
	return ""
}

// triedWords tells what a number is dialled as with the rules that are typed, "" where none is typed.
func triedWords(number string, rules any) string {
	if strings.TrimSpace(number) == "" {
		return ""
	}
	var c config.Config
	p, _ := config.ParameterNamed("calla.dial_rules")
	if err := p.Set(&c, rules); err != nil {
		return tell.Word(cause.FormRuleNotRight)
	}
	read := phone.ReadDialledByRules(number, "example.com", c.Calla.DialRules)
	switch {
	case read.Problem != nil:
		return tell.Of(*read.Problem).Advice()
	case read.Dials != "":
		return tell.Of(cause.Cause{
			Kind: cause.FormDialledAs, Text: tell.SafeLine(read.Text), To: tell.SafeLine(read.Dials),
			Phrase: tell.SafeLine(read.Rule),
		}).Short
	}
	return tell.Of(cause.Cause{Kind: cause.FormDialledAsIs, Text: tell.SafeLine(read.Text)}).Title
}
