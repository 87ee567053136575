package ui

import (
	"fmt"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"calla/netsip"
	"calla/ui/widget"
)

// formField is the input of one parameter of netsip.Config.
type formField struct {
	param  netsip.Parameter
	object fyne.CanvasObject
	focus  fyne.Focusable
	read   func() any // what is typed, in the types that Parameter.Set takes; nil = nothing
	write  func(v any)
	setBad func(reason string)
	bad    string
}

// label is what a parameter is called among people.
func label(name string) string {
	switch name {
	case "uri":
		return "SIP address"
	case "ws_servers":
		return "WebSocket servers"
	case "authorization_user":
		return "User name to authenticate with"
	case "connection_recovery_max_interval":
		return "Longest wait to reconnect, seconds"
	case "connection_recovery_min_interval":
		return "Shortest wait to reconnect, seconds"
	case "display_name":
		return "Your name"
	case "hack_ip_in_contact":
		return "IP address in Contact"
	case "hack_via_tcp":
		return "TCP in Via"
	case "hack_via_ws":
		return "WS in Via"
	case "instance_id":
		return "Identity of this phone"
	case "log.builtinEnabled":
		return "Write to the log"
	case "log.level":
		return "How much to log"
	case "log.connector":
		return "Log lines to another program"
	case "no_answer_timeout":
		return "Ring for, seconds"
	case "password":
		return "Password"
	case "register":
		return "Register, so that calls come in"
	case "register_expires":
		return "Registration lasts, seconds"
	case "registrar_server":
		return "Registrar"
	case "stun_servers":
		return "STUN servers"
	case "trace_sip":
		return "Log every SIP message"
	case "turn_servers":
		return "TURN servers"
	case "use_preloaded_route":
		return "Route through the server"
	case "calla.ice_gathering_timeout":
		return "Wait for STUN and TURN, milliseconds"
	}
	return name
}

// newFormField makes the input for a parameter. changed is called when something is typed.
func newFormField(p netsip.Parameter, changed func(*formField)) *formField {
	f := &formField{param: p, setBad: func(string) {}}
	touched := func() { changed(f) }
	switch p.Kind {
	case netsip.KindBoolean:
		f.asSwitch(touched)
	case netsip.KindLevel:
		f.asLevel(touched)
	case netsip.KindConnector:
		f.asConnector()
	case netsip.KindServers:
		f.asServers(touched)
	case netsip.KindStunServers:
		f.asStun(touched)
	case netsip.KindTurnServers:
		f.asTurn(touched)
	default:
		f.asText(touched)
	}
	return f
}

// set validates what is typed and puts it into c.
func (f *formField) set(c *netsip.Config) error { return f.param.Set(c, f.read()) }

// tellBad shows what is wrong under the field, or with "" takes it away.
func (f *formField) tellBad(reason string) {
	f.bad = reason
	f.setBad(sentenceOf(reason))
}

func (f *formField) asText(touched func()) {
	p := f.param
	placeholder := ""
	switch {
	case p.Name == "uri":
		placeholder = "alice@example.com"
	case p.Kind == netsip.KindSecret:
		placeholder = "Password"
	case p.Default != "":
		placeholder = "Default: " + p.Default
	}
	entry := widget.NewEntry(placeholder)
	if p.Kind == netsip.KindSecret {
		entry = widget.NewPasswordEntry(placeholder)
	}
	entry.OnChanged = func(string) { touched() }
	field := widget.NewField(label(p.Name), p.Name, p.Help, entry)
	f.object, f.focus, f.setBad = field.Box, entry, field.SetBad
	f.read = func() any {
		if text := strings.TrimSpace(entry.Text); text != "" && p.Kind != netsip.KindSecret {
			return text
		}
		if p.Kind == netsip.KindSecret && entry.Text != "" {
			return entry.Text
		}
		return nil
	}
	f.write = func(v any) {
		if s, ok := v.(netsip.Secret); ok {
			entry.Put(s.Reveal())
			return
		}
		entry.Put(textOf(v))
	}
}

// textOf writes a parameter's value as one types it.
func textOf(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}

func (f *formField) asSwitch(touched func()) {
	def := f.param.Default == "true" || f.param.Default == "on"
	s := widget.NewSwitch(label(f.param.Name), f.param.Name, def, func(bool) { touched() })
	help := widget.NewParagraph(f.param.Help).Color(widget.ColorMuted).Sized(widget.SizeCaption)
	f.object, f.focus = column(0, s, help), s
	f.read = func() any { return s.On() }
	f.write = func(v any) {
		on, ok := v.(bool)
		s.SetOn(on || !ok && def)
	}
}

func (f *formField) asLevel(touched func()) {
	levels := []netsip.LogLevel{netsip.LogError, netsip.LogWarn, netsip.LogNormal, netsip.LogDebug}
	words := []string{"error (0)", "warn (1)", "log (2), the default", "debug (3)"}
	s := widget.NewSelect(words, 2, "", func(int) { touched() })
	s.Name = label(f.param.Name)
	f.object, f.focus = widget.NewField(label(f.param.Name), f.param.Name, f.param.Help, s).Box, s
	f.read = func() any { return string(levels[s.Chosen()]) }
	f.write = func(v any) {
		chosen := 2
		for i, l := range levels {
			if textOf(v) == string(l) {
				chosen = i
			}
		}
		s.SetChoices(words, chosen)
	}
}

// asConnector tells where this parameter went: a function cannot be typed into a form.
func (f *formField) asConnector() {
	f.object = widget.NewField(label(f.param.Name), f.param.Name, "",
		widget.NewParagraph("On a web page this is a JavaScript function that gets each log line. A program has none to give: "+
			"the lines are in Calla's own log, at the level chosen above.").Color(widget.ColorMuted).Sized(widget.SizeCaption)).Box
	f.read = func() any { return nil }
	f.write = func(any) {}
}

// bound puts a label over a list and what is wrong under it.
func (f *formField) bound(content fyne.CanvasObject) {
	field := widget.NewField(label(f.param.Name), f.param.Name, f.param.Help, content)
	f.object, f.setBad = field.Box, field.SetBad
}

func (f *formField) asServers(touched func()) {
	list := newRowList("Add a server", touched)
	make := func(uri, weight string) *listRow {
		entry, w := widget.NewEntry("wss://sip.example.com"), widget.NewEntry("0")
		entry.Put(uri)
		w.Put(weight)
		entry.OnChanged, w.OnChanged = func(string) { touched() }, func(string) { touched() }
		heavy := border(nil, nil, container.NewCenter(padded(0, 0, 2, 8,
			widget.NewText("Weight").Color(widget.ColorMuted).Sized(widget.SizeCaption))), nil,
			container.NewGridWrap(fyne.NewSize(72, w.MinSize().Height), w))
		return &listRow{content: entry, foot: heavy, focus: entry, value: func() any {
			uri, weight := strings.TrimSpace(entry.Text), strings.TrimSpace(w.Text)
			if uri == "" && weight == "" {
				return nil
			}
			if weight == "" {
				weight = "0"
			}
			return map[string]any{"ws_uri": uri, "weight": weight}
		}}
	}
	list.blank = func() *listRow { return make("", "") }
	f.bound(list.object)
	f.read = func() any {
		if v := list.values(); len(v) > 0 {
			return v
		}
		return nil
	}
	f.write = func(v any) {
		list.clear()
		servers, _ := v.([]any)
		for _, s := range servers {
			if m, ok := s.(map[string]any); ok {
				list.append(make(textOf(m["ws_uri"]), textOf(m["weight"])))
			}
		}
		if len(servers) == 0 {
			list.append(make("", ""))
		}
		f.focus = list.rows[0].focus
	}
}

func (f *formField) asStun(touched func()) {
	const byDefault, none, own = 0, 1, 2
	list := newRowList("Add a STUN server", touched)
	make := func(uri string) *listRow {
		entry := widget.NewEntry("stun:stun.example.com")
		entry.Put(uri)
		scheme := widget.NewButton("Put stun: in front", "", widget.Quiet, nil).High(32)
		scheme.Hide()
		entry.OnChanged = func(s string) {
			s = strings.TrimSpace(s)
			lacks := s != "" && !strings.HasPrefix(s, "stun:") && !strings.HasPrefix(s, "stuns:") && !strings.Contains(s, "/")
			scheme.Hidden = !lacks
			list.box.Refresh()
			touched()
		}
		scheme.OnTapped = func() { entry.SetText("stun:" + strings.TrimSpace(entry.Text)) }
		return &listRow{content: column(2, entry, scheme), focus: entry, value: func() any {
			if s := strings.TrimSpace(entry.Text); s != "" {
				return s
			}
			return nil
		}}
	}
	list.blank = func() *listRow { return make("") }
	choices := []string{"The default, " + strings.TrimPrefix(netsip.DefaultStunServer, "stun:"), "None", "These:"}
	choice := widget.NewSelect(choices, byDefault, "", nil)
	choice.Name = label(f.param.Name)
	show := func() { list.object.(*fyne.Container).Hidden = choice.Chosen() != own }
	choice.OnChosen = func(i int) {
		if i == own && len(list.rows) == 0 {
			list.append(make(""))
		}
		show()
		touched()
	}
	f.bound(column(8, choice, list.object))
	f.focus = choice
	f.read = func() any {
		switch v := list.values(); {
		case choice.Chosen() == none:
			return []any{}
		case choice.Chosen() == own && len(v) > 0:
			return v
		}
		return nil
	}
	f.write = func(v any) {
		list.clear()
		servers, given := v.([]any)
		chosen := byDefault
		switch {
		case given && len(servers) == 0:
			chosen = none
		case given:
			chosen = own
		}
		for _, s := range servers {
			list.append(make(textOf(s)))
		}
		choice.SetChoices(choices, chosen)
		show()
	}
}

// keptCredential stands in a TURN server's credential that is kept elsewhere, while the rest is checked.
const keptCredential = "\x01kept"

func (f *formField) asTurn(touched func()) {
	list := newRowList("Add a TURN server", touched)
	make := func(urls, user string, secret netsip.Secret, kept bool) *listRow {
		entry, name := widget.NewEntry("turn:turn.example.com"), widget.NewEntry("User name")
		word := widget.NewPasswordEntry("Credential")
		if kept {
			word.SetPlaceHolder("Credential: unchanged")
		}
		entry.Put(urls)
		name.Put(user)
		word.Put(secret.Reveal())
		for _, e := range []*widget.Entry{entry, name, word} {
			e.OnChanged = func(string) { touched() }
		}
		return &listRow{content: column(6, entry, equal(6, name, word)), focus: entry, value: func() any {
			list := []any{}
			for _, u := range strings.FieldsFunc(entry.Text, func(r rune) bool { return r == ',' || r == ' ' }) {
				list = append(list, u)
			}
			credential := word.Text
			if credential == "" && kept {
				credential = keptCredential
			}
			if len(list) == 0 && name.Text == "" && word.Text == "" {
				return nil
			}
			return map[string]any{"urls": list, "username": strings.TrimSpace(name.Text), "credential": credential}
		}}
	}
	list.blank = func() *listRow { return make("", "", "", false) }
	f.bound(list.object)
	f.read = func() any {
		if v := list.values(); len(v) > 0 {
			return v
		}
		return nil
	}
	f.write = func(v any) {
		list.clear()
		servers, _ := v.([]any)
		for _, s := range servers {
			m, _ := s.(map[string]any)
			urls := []string{}
			if l, ok := m["urls"].([]any); ok {
				for _, u := range l {
					urls = append(urls, textOf(u))
				}
			}
			secret, _ := m["credential"].(netsip.Secret)
			list.append(make(strings.Join(urls, ", "), textOf(m["username"]), secret, secret == ""))
		}
	}
}
