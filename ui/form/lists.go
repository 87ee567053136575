package form

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"calla/netsip/config"
	"calla/phone/cause"
	"calla/ui/layout"
	"calla/ui/tell"
	"calla/ui/widget"
)

// bound puts a label over a list and what is wrong under it.
func (f *formField) bound(content fyne.CanvasObject) {
	field := widget.NewField(f.param.Label, f.param.Name, f.param.Help, content)
	f.object, f.setBad, f.help = field.Box, field.SetBad, field.Help
}

// rowsOf makes the field a list of rows.
func (f *formField) rowsOf(add string, touched func()) *rowList {
	f.list = newRowList(add, touched)
	return f.list
}

// entry is the input of a row.
func (f *formField) entry(example string) *widget.Entry {
	return widget.NewEntry(example).Named(f.param.Label)
}

func (f *formField) asServers(touched func()) {
	list := f.rowsOf(tell.Word(cause.FormAddServer), touched)
	make := func(uri, weight string) *listRow {
		entry, w := f.entry("wss://sip.example.com"), widget.NewEntry("0").Named(tell.Word(cause.FormWeight))
		entry.Put(uri)
		w.Put(weight)
		typed := NewTyped(entry)
		entry.OnChanged = func(s string) {
			typed.Update(s)
			list.box.Refresh()
			touched()
		}
		w.OnChanged = func(string) { touched() }
		heavy := layout.Border(nil, nil, container.NewCenter(layout.Padded(0, 0, 2, 8,
			widget.NewText(tell.Word(cause.FormWeight)).Color(widget.ColorMuted).Sized(widget.SizeCaption))), nil,
			container.NewGridWrap(fyne.NewSize(72, w.MinSize().Height), w))
		return &listRow{
			content: layout.Column(2, entry, typed.Object), foot: heavy, offer: entry.SetText,
			status: newRowStatus(), focus: entry, value: func() any {
				uri, weight := Server(entry.Text), strings.TrimSpace(w.Text)
				if uri == "" && weight == "" {
					return nil
				}
				if weight == "" {
					weight = "0"
				}
				return map[string]any{"ws_uri": uri, "weight": weight}
			},
		}
	}
	list.blank = func() *listRow { return make("", "") }
	f.bound(list.object)
	f.offer = func(address string) {
		for _, row := range list.rows {
			if v, ok := row.value().(map[string]any); ok && OnlySchemeDiffers(tell.Value(v["ws_uri"]), address) {
				row.offer(address)
				return
			}
		}
	}
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
				list.append(make(tell.Value(m["ws_uri"]), tell.Value(m["weight"])))
			}
		}
		if len(servers) == 0 {
			list.append(make("", ""))
		}
		f.focus = list.rows[0].focus
	}
}

// asHeaders is a list of lines, each a header field.
func (f *formField) asHeaders(touched func()) {
	f.bound(f.lines(tell.Word(cause.FormAddHeader), "X-Team: blue", touched).object)
}

// lines is a list of lines of text.
func (f *formField) lines(add, example string, touched func()) *rowList {
	list := f.rowsOf(add, touched)
	make := func(line string) *listRow {
		entry := f.entry(example)
		entry.Put(line)
		entry.OnChanged = func(string) { touched() }
		return &listRow{content: entry, flat: true, focus: entry, value: func() any {
			if s := strings.TrimSpace(entry.Text); s != "" {
				return s
			}
			return nil
		}}
	}
	list.blank = func() *listRow { return make("") }
	f.read = func() any {
		if v := list.values(); len(v) > 0 {
			return v
		}
		return nil
	}
	f.write = func(v any) {
		list.clear()
		lines, _ := v.([]any)
		for _, line := range lines {
			list.append(make(tell.Value(line)))
		}
	}
	return list
}

func (f *formField) asStun(touched func()) {
	const byDefault, none, own = 0, 1, 2
	list := f.rowsOf(tell.Word(cause.FormAddSTUN), touched)
	make := func(uri string) *listRow {
		entry := f.entry("stun:stun.example.com")
		entry.Put(uri)
		scheme := widget.NewButton(tell.Word(cause.FormPutSTUN), "", widget.Quiet, nil).High(32)
		scheme.Hide()
		entry.OnChanged = func(s string) {
			s = strings.TrimSpace(s)
			lacks := s != "" && !strings.HasPrefix(s, "stun:") && !strings.HasPrefix(s, "stuns:") &&
				!strings.Contains(s, "/")
			scheme.Hidden = !lacks
			list.box.Refresh()
			touched()
		}
		scheme.OnTapped = func() { entry.SetText("stun:" + strings.TrimSpace(entry.Text)) }
		return &listRow{content: layout.Column(2, entry, scheme), flat: true, focus: entry, value: func() any {
			if s := strings.TrimSpace(entry.Text); s != "" {
				return s
			}
			return nil
		}}
	}
	list.blank = func() *listRow { return make("") }
	choices := []string{
		tell.Of(cause.Cause{
			Kind: cause.FormTheDefault, Server: strings.TrimPrefix(config.DefaultStunServer, "stun:"),
		}).Short, tell.Word(cause.FormNoValue), tell.Word(cause.FormThese),
	}
	choice := widget.NewSelect(choices, byDefault, "", nil)
	choice.Name = f.param.Label
	show := func() { list.object.Hidden = choice.Chosen() != own }
	choice.OnChosen = func(i int) {
		if i == own && len(list.rows) == 0 {
			list.append(make(""))
		}
		show()
		touched()
	}
	f.bound(layout.Column(8, choice, list.object))
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
			list.append(make(tell.Value(s)))
		}
		choice.SetChoices(choices, chosen)
		show()
	}
}

func (f *formField) asTurn(touched func()) {
	list := f.rowsOf(tell.Word(cause.FormAddTURN), touched)
	make := func(urls, user string, secret config.Secret, kept bool) *listRow {
		entry := f.entry("turn:turn.example.com")
		name := widget.NewEntry(tell.Word(cause.FormUserName)).Named(tell.Word(cause.FormUserName))
		credential := widget.NewPasswordEntry(tell.Word(cause.FormCredential)).Named(tell.Word(cause.FormCredential))
		if kept {
			credential.SetPlaceHolder(tell.Word(cause.FormUnchanged))
		}
		entry.Put(urls)
		name.Put(user)
		credential.Put(secret.Reveal())
		for _, e := range []*widget.Entry{entry, name, credential} {
			e.OnChanged = func(string) { touched() }
		}
		content := layout.Column(6, entry, layout.Equal(6, name, credential))
		return &listRow{content: content, focus: entry, value: func() any {
			list := []any{}
			for _, u := range strings.FieldsFunc(entry.Text, func(r rune) bool { return r == ',' || r == ' ' }) {
				list = append(list, u)
			}
			if len(list) == 0 && name.Text == "" && credential.Text == "" {
				return nil
			}
			server := map[string]any{"urls": list, "username": strings.TrimSpace(name.Text)}
			if credential.Text != "" || !kept {
				server["credential"] = credential.Text
			}
			return server
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
	f.put = f.putTurn
	f.write = func(v any) {
		list.clear()
		servers, _ := v.([]any)
		for _, s := range servers {
			m, _ := s.(map[string]any)
			urls := []string{}
			if l, ok := m["urls"].([]any); ok {
				for _, u := range l {
					urls = append(urls, tell.Value(u))
				}
			}
			secret, _ := m["credential"].(config.Secret)
			list.append(make(strings.Join(urls, ", "), tell.Value(m["username"]), secret, secret == ""))
		}
	}
}

// putTurn checks and sets TURN servers as the rows tell them. One without the member credential has it kept elsewhere.
func (f *formField) putTurn(c *config.Config, v any) error {
	servers, _ := v.([]any)
	for _, s := range servers {
		check := f.param.Set
		if server, _ := s.(map[string]any); server != nil {
			if _, typed := server["credential"]; !typed {
				check = f.param.SetStored
			}
		}
		if err := check(new(config.Config), s); err != nil {
			return err
		}
	}
	return f.param.SetStored(c, v)
}
