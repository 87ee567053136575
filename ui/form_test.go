package ui

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"calla/account"
	"calla/account/jssip"
	"calla/netsip/config"
	"calla/phone"
	"calla/phone/cause"
	"calla/phone/doctor"
	"calla/ui/tell"
	"calla/ui/widget"
)

// fullConfig has a value of its own for every parameter.
func fullConfig(t *testing.T) config.Config {
	t.Helper()
	c := config.Config{
		URI: "sip:alice@example.com", WSServers: []config.Server{{WSURI: "wss://a.example.com/ws", Weight: 10}, {WSURI: "ws://b.example.com", Weight: -1.5}},
		AuthorizationUser: "al", ConnectionRecoveryMaxInterval: 40, ConnectionRecoveryMinInterval: 3, DisplayName: "Alice ¶€ĸøĸø",
		HackIPInContact: true, HackViaTCP: true, HackViaWS: true, InstanceID: "8f1fa16a-1165-4a96-8341-785b1ef24f12",
		NoAnswerTimeout: 20, Password: "s3cret", Register: config.Off, RegisterExpires: 300, RegistrarServer: "sip:registrar.example.com",
		StunServers: []string{"stun:stun.example.com"}, TraceSIP: true, UsePreloadedRoute: true,
		TurnServers: []config.TurnServer{{URLs: []string{"turn:t.example.com", "turns:t.example.com"}, Username: "u", Credential: "c"}},
	}
	c.Log.BuiltinEnabled, c.Log.Level = config.Off, config.LogDebug
	c.AuthorizationJWT, c.ContactURI, c.ExtraHeaders, c.HA1, c.Realm = "Bearer x.y.z", "sip:alice@host.example.com", []string{"X-Team: blue", "X-Desk: 7"}, "0123456789abcdef0123456789abcdef", "example.com"
	c.SessionTimers, c.SessionTimersForceRefresher, c.SessionTimersRefreshMethod, c.UserAgent = config.Off, true, "INVITE", "Desk 7"
	c.Calla = config.Additions{
		KeepAliveInterval: 20, ICEGatheringTimeout: 800, ICETransportPolicy: config.ICERelay, ForceRport: true, Origin: "https://example.com",
		ClientCertificate: "/etc/calla/client.pem", ClientKey: "/etc/calla/client.key", TLSCA: "/etc/calla/ca.pem", Proxy: "http://alice@proxy.example.com:8080",
		ProxyPassword: "pr0xy", FailBack: config.Off, ReliableProvisional: config.ReliableRequired, LogFile: "/tmp/calla.log", LogCommand: "logger -t calla",
	}
	return c
}

// TestFullConfigIsFull: no member of config.Config is left out of what the tests of the form try, whether it
// has a parameter or not.
func TestFullConfigIsFull(t *testing.T) {
	var look func(name string, v reflect.Value)
	look = func(name string, v reflect.Value) {
		if v.Kind() == reflect.Struct {
			for i := range v.NumField() {
				look(name+"."+v.Type().Field(i).Name, v.Field(i))
			}
			return
		}
		if v.IsZero() && name != "Config.Log.Connector" {
			t.Errorf("%s has no value", name)
		}
	}
	c := fullConfig(t)
	look("Config", reflect.ValueOf(c))
	for _, p := range config.Parameters() {
		if !p.Given(c) && p.Kind != config.KindConnector {
			t.Errorf("%s is not given", p.Name)
		}
	}
	if _, err := c.Normalize(); err != nil {
		t.Error(err)
	}
}

// TestEveryParameterGoesRound: what is exported is imported again unchanged, in the form that has everything
// for every parameter, in those of JsSIP for what JsSIP has.
func TestEveryParameterGoesRound(t *testing.T) {
	c := fullConfig(t)
	for _, format := range []jssip.Format{jssip.FormatJSON, jssip.FormatJsSIP04, jssip.FormatJsSIP3} {
		e := newExporter(config.Config{}, c)
		_, forms := exportForms()
		open(t, Options{}).main.openSheet("Export", e.object)
		e.form.Choose(slices.Index(forms, format))
		test.Tap(e.secrets)
		test.Tap(e.instance)
		i := newImporter(nil, nil)
		i.text.Text = e.text.Text
		i.read(0)
		if i.use.Disabled() {
			t.Fatalf("format %d: what is exported cannot be imported:\n%s", format, e.text.Text)
		}
		for _, p := range config.Parameters() {
			if p.Kind == config.KindConnector || format != jssip.FormatJSON && !p.Given(i.result.Config) {
				continue
			}
			if got, want := p.Value(i.result.Config), p.Value(c); !reflect.DeepEqual(got, want) {
				t.Errorf("format %d: %s comes back as %#v, went out as %#v", format, p.Name, got, want)
			}
		}
		for _, name := range []string{"uri", "ws_servers", "password", "display_name", "register_expires", "stun_servers", "turn_servers"} {
			if p, _ := config.ParameterNamed(name); !p.Given(i.result.Config) {
				t.Errorf("format %d: %s is lost", format, name)
			}
		}
	}
}

// openForm opens the form of an account.
func openForm(t *testing.T, c config.Config) (*opened, *form) {
	t.Helper()
	o := open(t, Options{})
	a := officeAccount(t)
	a.Config = c
	o.phone.accounts["office"] = a
	o.update(idle())
	o.main.editAccount("office")
	return o, o.main.page.(*form)
}

// TestEveryParameterHasAField: each parameter of config.Config has a field with a human label and the
// page's name, and what is written into it is read back unchanged.
func TestEveryParameterHasAField(t *testing.T) {
	c := fullConfig(t)
	o, f := openForm(t, c)
	for _, g := range f.groups {
		g.unfold()
	}
	settle(o.main.win)
	var words []string
	for _, text := range laidOut[*widget.Text](f.scroll.Content) {
		words = append(words, text.Text())
	}
	for _, s := range laidOut[*widget.Switch](f.scroll.Content) {
		words = append(words, s.Page())
	}
	for _, p := range config.Parameters() {
		field := f.fields[p.Name]
		if field == nil {
			t.Errorf("%s has no field", p.Name)
			continue
		}
		if label(p.Name) == p.Name {
			t.Errorf("%s has no human label", p.Name)
		}
		if p.Help == "" {
			t.Errorf("%s has no help", p.Name)
		}
		if !slices.Contains(words, p.Name) {
			t.Errorf("%s: the page's name is not shown", p.Name)
		}
		if !slices.ContainsFunc(words, func(s string) bool { return strings.HasPrefix(s, p.Help) }) {
			t.Errorf("%s: its help is not shown", p.Name)
		}
		var back config.Config
		if err := field.set(&back); err != nil {
			t.Errorf("%s: what was shown is refused: %v", p.Name, err)
		}
		if !reflect.DeepEqual(p.Value(back), p.Value(c)) {
			t.Errorf("%s: read back as %#v, want %#v", p.Name, p.Value(back), p.Value(c))
		}
	}
}

// TestBadFieldIsRed: what is wrong shows in red under the very field while it is typed, and goes when it
// is right.
func TestBadFieldIsRed(t *testing.T) {
	for name, bad := range map[string]string{
		"uri": "sip:", "display_name": "\"Alice\"", "register_expires": "0", "no_answer_timeout": "1.5", "registrar_server": "bob@example.com",
		"instance_id": "urn:uuid:x", "connection_recovery_min_interval": "abc", "calla.ice_gathering_timeout": "-1",
		"contact_uri": "alice", "calla.origin": "example.com", "calla.proxy": "ftp://x", "calla.keep_alive_interval": "0", "realm": "a\x01b",
	} {
		_, f := openForm(t, fullConfig(t))
		field := f.fields[name]
		typeInto(field, bad)
		if field.bad == "" {
			t.Errorf("%s: %q is not refused", name, bad)
			continue
		}
		var shown []string
		for _, text := range laidOut[*widget.Text](field.object) {
			shown = append(shown, text.Text())
		}
		if !slices.ContainsFunc(shown, func(s string) bool { return strings.HasPrefix(s, tell.SentenceOf(field.bad)) }) {
			t.Errorf("%s: %q does not stand under the field: %q", name, field.bad, shown)
		}
		for other, of := range f.fields {
			if other != name && of.bad != "" {
				t.Errorf("%s: %s is red too", name, other)
			}
		}
		typeInto(field, "")
		if field.bad != "" {
			t.Errorf("%s: still red when empty: %s", name, field.bad)
		}
	}
}

// TestSaveStopsAtABadField: nothing is saved, the group unfolds and the field has the focus.
func TestSaveStopsAtABadField(t *testing.T) {
	c := fullConfig(t)
	c.RegisterExpires = 0
	o, f := openForm(t, c)
	typeInto(f.fields["register_expires"], "0")
	f.groups[config.GroupRegistration].fold.fold(false)
	test.Tap(f.save)
	o.expect(t)
	if !f.groups[config.GroupRegistration].open {
		t.Error("the group stays folded")
	}
	if o.main.win.Canvas().Focused() != f.fields["register_expires"].focus {
		t.Error("the field has no focus")
	}
	// What only shows between two parameters is told under the one that the engine names.
	typeInto(f.fields["register_expires"], "60")
	typeInto(f.fields["connection_recovery_max_interval"], "1")
	test.Tap(f.save)
	o.expect(t)
	if f.fields["connection_recovery_max_interval"].bad == "" {
		t.Error("max below min is not told")
	}
}

// TestSaveTellsThePhonesConfigError: an error that comes back later finds its field.
func TestSaveTellsThePhonesConfigError(t *testing.T) {
	o, f := openForm(t, fullConfig(t))
	o.phone.saveErr = []error{&config.Error{Parameter: "uri", Reason: "is used by another account"}}
	test.Tap(f.save)
	if f.fields["uri"].bad != "is used by another account" || o.main.page == nil {
		t.Errorf("shown %q", f.fields["uri"].bad)
	}
}

// TestSecretsLeaveTheConfig: password and credentials go to the phone beside the account, never in it.
func TestSecretsLeaveTheConfig(t *testing.T) {
	o, f := openForm(t, fullConfig(t))
	test.Tap(f.save)
	o.expect(t, "save sip:alice@example.com keyring")
	if o.phone.secret.Password != "s3cret" || len(o.phone.secret.Turn) != 2 || o.phone.secret.Turn[0].Credential != "c" {
		t.Errorf("secret %d TURN, password given %t", len(o.phone.secret.Turn), o.phone.secret.Password != "")
	}
	if o.phone.saved.Config.Password != "" || o.phone.saved.Config.TurnServers[0].Credential != "" {
		t.Error("the account carries secrets")
	}
	if o.main.page != nil {
		t.Error("the form stays open after it was saved")
	}
}

// TestKeptSecretsStay: an account opened without its secrets is saved without any, so that the kept ones
// stay, and is not refused for lacking them.
func TestKeptSecretsStay(t *testing.T) {
	c := fullConfig(t)
	takeSecrets(&c)
	o, f := openForm(t, c)
	f.label.SetText("Desk")
	test.Tap(f.save)
	o.expect(t, "save sip:alice@example.com keyring")
	if o.phone.secret.Password != "" || len(o.phone.secret.Turn) != 0 {
		t.Error("secrets were made up")
	}
	if o.phone.saved.Label != "Desk" || o.phone.saved.Config.TurnServers[0].Credential != "" {
		t.Errorf("saved %q", o.phone.saved.Label)
	}
}

// TestKeyringUnavailableAsks: nothing is written elsewhere without a choice; the first is this session.
func TestKeyringUnavailableAsks(t *testing.T) {
	for _, err := range []error{account.ErrKeyringAbsent, account.ErrKeyringLocked, account.ErrKeyringStuck} {
		o, f := openForm(t, fullConfig(t))
		o.phone.saveErr = []error{err}
		test.Tap(f.save)
		o.expect(t, "save sip:alice@example.com keyring")
		b, ok := o.main.win.Canvas().Focused().(*widget.Button)
		if !ok || b.Label() != "For this session only" {
			t.Fatalf("%v: the first choice is not this session", err)
		}
		o.key(fyne.KeyReturn)
		o.expect(t, "save sip:alice@example.com session")
	}
}

// TestChangedGroupsUnfold: a folded group opens when something in it differs from the default, and says
// how much.
func TestChangedGroupsUnfold(t *testing.T) {
	c := config.Config{URI: "sip:alice@example.com", WSServers: []config.Server{{WSURI: "wss://example.com"}}, RegisterExpires: 600}
	_, f := openForm(t, c)
	for _, name := range []config.Group{config.GroupRegistration, config.GroupCalls, config.GroupMedia, config.GroupCompatibility, config.GroupLogging} {
		if g := f.groups[name]; g.open || g.badge.Text() != "" {
			t.Errorf("%s: open %t, %q, with nothing changed", name, g.open, g.badge.Text())
		}
	}
	c.HackViaTCP, c.UsePreloadedRoute = true, true
	_, f = openForm(t, c)
	if g := f.groups[config.GroupCompatibility]; !g.open || g.badge.Text() != "2 changed" {
		t.Errorf("open %t, %q", g.open, g.badge.Text())
	}
}

// TestStunNoneIsNotTheDefault: None, the default and a list of one's own are three things.
func TestStunNoneIsNotTheDefault(t *testing.T) {
	_, f := openForm(t, config.Config{URI: "sip:alice@example.com", WSServers: []config.Server{{WSURI: "wss://example.com"}}})
	field := f.fields["stun_servers"]
	choice := field.focus.(*widget.Select)
	if field.read() != nil {
		t.Errorf("untouched: %#v", field.read())
	}
	choice.Choose(1)
	if v, ok := field.read().([]any); !ok || len(v) != 0 {
		t.Errorf("none: %#v", field.read())
	}
	choice.Choose(2)
	entry := laidOut[*widget.Entry](field.object)[0]
	entry.SetText("stun.example.com")
	if field.bad == "" {
		t.Error("a bare host is not refused")
	}
	var offer *widget.Button
	for _, b := range laidOut[*widget.Button](field.object) {
		if strings.HasPrefix(b.Label(), "Put stun:") {
			offer = b
		}
	}
	if offer == nil {
		t.Fatal("no offer to put stun: in front")
	}
	test.Tap(offer)
	if v, ok := field.read().([]any); !ok || len(v) != 1 || v[0] != "stun:stun.example.com" || field.bad != "" {
		t.Errorf("with stun: %#v, %s", field.read(), field.bad)
	}
}

// TestServersCanBeReordered: rows are added, moved and removed, and read in their order.
func TestServersCanBeReordered(t *testing.T) {
	_, f := openForm(t, fullConfig(t))
	field := f.fields["ws_servers"]
	press := func(name string, n int) {
		t.Helper()
		for _, b := range laidOut[*widget.Button](field.object) {
			if b.AccessibilityLabel() == name {
				if n == 0 {
					test.Tap(b)
					return
				}
				n--
			}
		}
		t.Fatalf("no button %q", name)
	}
	uris := func() (all []string) {
		for _, v := range field.read().([]any) {
			all = append(all, v.(map[string]any)["ws_uri"].(string))
		}
		return all
	}
	press("Move down", 0)
	if got := uris(); !slices.Equal(got, []string{"ws://b.example.com", "wss://a.example.com/ws"}) {
		t.Errorf("moved: %q", got)
	}
	press("Remove", 0)
	press("Add a server", 0)
	if got := uris(); !slices.Equal(got, []string{"wss://a.example.com/ws"}) {
		t.Errorf("removed, and an empty row added: %q", got)
	}
}

// TestWheelScrollsOverFields: the page scrolls wherever the pointer is.
func TestWheelScrollsOverFields(t *testing.T) {
	o, f := openForm(t, fullConfig(t))
	test.Scroll(o.main.win.Canvas(), fyne.NewPos(180, 300), 0, -200)
	if f.scroll.Offset.Y != 200 {
		t.Errorf("scrolled by %v", f.scroll.Offset.Y)
	}
}

// TestTabScrolls: whoever goes through the form by Tab sees each field that they come to, down and up again.
func TestTabScrolls(t *testing.T) {
	o, f := openForm(t, fullConfig(t))
	for _, g := range f.groups {
		g.unfold()
	}
	settle(o.main.win)
	c, driver := o.main.win.Canvas(), fyne.CurrentApp().Driver()
	inside := test.LaidOutObjects(f.scroll.Content)
	met := map[string]bool{}
	for i := range 250 {
		if i < 125 {
			c.FocusNext()
		} else {
			c.FocusPrevious()
		}
		focused, ok := c.Focused().(fyne.CanvasObject)
		if !ok || !slices.Contains(inside, focused) {
			continue
		}
		top := driver.AbsolutePositionForObject(focused).Y - driver.AbsolutePositionForObject(f.scroll).Y
		if top < 0 || top+focused.Size().Height > f.scroll.Size().Height {
			t.Fatalf("press %d: %T stands from %v to %v in a page of %v", i, focused, top, top+focused.Size().Height, f.scroll.Size().Height)
		}
		for name, field := range f.fields {
			if field.focus == c.Focused() {
				met[name] = true
			}
		}
	}
	for _, p := range config.Parameters() {
		if !met[p.Name] && p.Kind != config.KindConnector && f.fields[p.Name].list == nil {
			t.Errorf("%s is never met", p.Name)
		}
	}
}

// TestDeleteAsks: an account is deleted only after a question.
func TestDeleteAsks(t *testing.T) {
	o, f := openForm(t, fullConfig(t))
	f.askDelete()
	o.expect(t)
	o.stands()
	for _, b := range laidOut[*widget.Button](o.main.win.Canvas().Overlays().Top()) {
		if b.Label() == "Delete the account" {
			test.Tap(b)
		}
	}
	o.expect(t, "delete office")
}

// TestUnsavedChangesAsk: Back and Esc do not throw away what was typed.
func TestUnsavedChangesAsk(t *testing.T) {
	o, f := openForm(t, fullConfig(t))
	typeInto(f.fields["display_name"], "Al")
	o.main.win.Canvas().Unfocus()
	o.key(fyne.KeyEscape)
	if o.main.page == nil || o.main.sheet == nil {
		t.Fatal("the form went without a question")
	}
	o.key(fyne.KeyEscape)
	if o.main.page == nil {
		t.Error("Esc on the question threw the changes away")
	}
}

// TestTestShowsEachStep: the doctor's steps show with their milliseconds and words as they come.
func TestTestShowsEachStep(t *testing.T) {
	o, f := openForm(t, fullConfig(t))
	o.phone.steps = append([]doctor.Step{{ID: 2, Check: cause.CheckName, Status: doctor.Running}}, someSteps()...)
	test.Tap(f.test)
	o.finish()
	o.expect(t, "test sip:alice@example.com")
	if len(f.checks.rows) != 7 {
		t.Errorf("%d rows, want 7", len(f.checks.rows))
	}
	if r := f.checks.rows[2]; r.mark.Shape() != widget.Check || r.took.Text() != "4.0 ms" {
		t.Errorf("name: shape %d, %q", r.mark.Shape(), r.took.Text())
	}
	if r := f.checks.rows[7]; r.mark.Shape() != widget.Cross || r.words.Text() != "The TURN server turns:turn.example.com rejected its user name or credential." {
		t.Errorf("TURN: shape %d, %q", r.mark.Shape(), r.words.Text())
	}
	if f.test.Disabled() {
		t.Error("Test stays off after it has ended")
	}
}

// TestFormShowsServerStatus: each server's live status stands in the form.
func TestFormShowsServerStatus(t *testing.T) {
	o, f := openForm(t, fullConfig(t))
	o.update(idle())
	rows := f.fields["ws_servers"].list.rows
	rows[0].focus.SetText("wss://sip-ws-1.example.com")
	rows[1].focus.SetText("wss://sip-ws-2.example.com")
	for i, want := range []string{"Connected · 24 ms", "Standby"} {
		if got := rows[i].status; got.words.Text() != want || got.object.Hidden {
			t.Errorf("row %d: shown %q, hidden %t", i, got.words.Text(), got.object.Hidden)
		}
	}
	rows[1].focus.SetText("wss://other.example.com")
	if !rows[1].status.object.Hidden {
		t.Error("a server that was only just typed has a status")
	}
}

// TestBadRowIsRed: of several rows the very one that is wrong is red.
func TestBadRowIsRed(t *testing.T) {
	_, f := openForm(t, fullConfig(t))
	for name, bad := range map[string]string{"ws_servers": "http://x", "stun_servers": "stun.example.com", "turn_servers": "turn.example.com", "extra_headers": "Via: x"} {
		field := f.fields[name]
		list := field.list
		if len(list.rows) == 1 {
			list.append(list.blank())
		}
		good, wrong := list.rows[0], list.rows[len(list.rows)-1]
		wrong.focus.SetText(bad)
		if field.bad == "" || wrong.focus.Validate() == nil && !wrong.focus.AlwaysShowValidationError || good.focus.AlwaysShowValidationError {
			t.Errorf("%s: %q, the row is red %t, the other one %t", name, field.bad, wrong.focus.AlwaysShowValidationError, good.focus.AlwaysShowValidationError)
		}
	}
}

// TestAdvancedIsFolded: what few need is folded away, and unfolds with a count when it differs.
func TestAdvancedIsFolded(t *testing.T) {
	c := config.Config{URI: "sip:alice@example.com", WSServers: []config.Server{{WSURI: "wss://example.com"}}}
	_, f := openForm(t, c)
	for _, name := range []config.Group{config.GroupIdentity, config.GroupServers} {
		if g := f.groups[name]; !g.open || g.more == nil || g.more.open || g.more.badge.Text() != "" {
			t.Errorf("%s: open %t, %v", name, g.open, g.more)
		}
	}
	c.Calla.Proxy, c.Realm = "none", "example.com"
	_, f = openForm(t, c)
	for _, name := range []config.Group{config.GroupIdentity, config.GroupServers} {
		if g := f.groups[name]; !g.more.open || g.more.badge.Text() != "1 changed" {
			t.Errorf("%s: more is open %t, %q", name, g.more.open, g.more.badge.Text())
		}
	}
}

// TestUntouchedFormChangesNothing: an account that is opened and saved as it is stays as it was, given
// defaults and all.
func TestUntouchedFormChangesNothing(t *testing.T) {
	given := config.Config{
		URI: "sip:alice@example.com", WSServers: []config.Server{{WSURI: "wss://example.com"}}, InstanceID: "8f1fa16a-1165-4a96-8341-785b1ef24f12",
		RegisterExpires: 600, SessionTimersRefreshMethod: "UPDATE",
	}
	given.Log.Level = config.LogNormal
	for _, c := range []config.Config{fullConfig(t), given, {URI: given.URI, WSServers: given.WSServers, InstanceID: given.InstanceID}} {
		bare, _ := account.SplitSecret(c)
		o, f := openForm(t, bare)
		test.Tap(f.save)
		if names := bare.Differences(o.phone.saved.Config); len(names) > 0 {
			t.Errorf("saved with other %q", names)
		}
	}
}

// TestKeptSecretsAreTold: which secrets are kept, and where, without showing one.
func TestKeptSecretsAreTold(t *testing.T) {
	o := open(t, Options{})
	o.phone.kept = account.Secret{HA1: "0123456789abcdef0123456789abcdef"}
	o.update(idle())
	o.main.editAccount("office")
	f := o.main.page.(*form)
	for name, want := range map[string]string{"password": "Unchanged", "ha1": "Unchanged", "authorization_jwt": "None", "calla.proxy_password": "None"} {
		entry := f.fields[name].focus.(*widget.Entry)
		if entry.PlaceHolder != want || entry.Text != "" {
			t.Errorf("%s: %q, %d characters", name, entry.PlaceHolder, len(entry.Text))
		}
	}
	if f.fields["password"].forget.box.Visible() || !f.fields["ha1"].forget.box.Visible() {
		t.Error("what is not kept can be forgotten, or what is cannot")
	}
}

// TestKeptSecretIsForgotten: by its button, unless another one is typed.
func TestKeptSecretIsForgotten(t *testing.T) {
	for _, typed := range []string{"", "n3w"} {
		o := open(t, Options{})
		o.phone.kept = account.Secret{Password: "k3pt"}
		o.update(idle())
		o.main.editAccount("office")
		f := o.main.page.(*form)
		field := f.fields["password"]
		test.Tap(field.forget.button)
		if entry := field.focus.(*widget.Entry); entry.PlaceHolder != "Forgotten when saved" {
			t.Errorf("told %q", entry.PlaceHolder)
		}
		typeInto(field, typed)
		test.Tap(f.save)
		want := config.Secret(typed)
		if typed == "" {
			want = phone.Forgotten
		}
		if o.phone.secret.Password != want {
			t.Errorf("typed %q: given %d characters", typed, len(o.phone.secret.Password))
		}
	}
}

// TestImportTellsWhatItDid: understood, changed and ignored parameters are named; nonsense is told in red.
func TestImportTellsWhatItDid(t *testing.T) {
	var got config.Config
	i := newImporter(nil, func(c config.Config) { got = c })
	open(t, Options{}).main.openSheet("Paste", i.object, i.use)
	i.text.SetText("not a configuration {")
	if !i.use.Disabled() {
		t.Error("nonsense can be used")
	}
	i.text.SetText(`new JsSIP.UA({uri: 'alice@example.com', ws_servers: 'wss://sip.example.com', password: 'x', lalala: 1})`)
	if i.use.Disabled() {
		t.Fatal("a good configuration cannot be used")
	}
	var words []string
	for _, text := range laidOut[*widget.Text](i.found) {
		words = append(words, text.Text())
	}
	if all := strings.Join(words, "\n"); !strings.Contains(all, "Ignored: lalala") || !strings.Contains(all, "ws_servers") {
		t.Errorf("told: %s", all)
	}
	i.use.OnTapped()
	if got.URI != "sip:alice@example.com" || len(got.WSServers) != 1 {
		t.Errorf("taken over: %q, %d servers", got.URI, len(got.WSServers))
	}
}

// TestImportTellsWhatIsToBeFilledIn: with its place, and what is missing is the field that is asked for.
//
// Holds: pasted-configuration
func TestImportTellsWhatIsToBeFilledIn(t *testing.T) {
	for _, test := range []struct {
		name, text, told string
		focus            func(*wizard) fyne.Focusable
	}{
		{
			"a password of the environment",
			"new JsSIP.UA({ uri: 'alice@example.com', ws_servers: 'wss://h.example',\n password: process.env.SIP_PASSWORD })",
			"password is to be filled in (it comes from SIP_PASSWORD). Line 2, column 2.", func(w *wizard) fyne.Focusable { return w.password },
		},
		{
			"a password of a template", "({ uri: 'alice@example.com', ws_servers: 'wss://h.example', password: '{{ secret }}' })",
			"password is to be filled in (a template puts secret there)", func(w *wizard) fyne.Focusable { return w.password },
		},
		{
			"a field", "class A { b() { return new UA({ uri: 'alice@example.com', ws_servers: 'wss://h.example', password: this.secret }) } }",
			"(it comes from this.secret)", func(w *wizard) fyne.Focusable { return w.password },
		},
		{
			"the page's address", "new JsSIP.UA({ uri: 'sip:1@' + location.host, ws_servers: 'wss://' + location.host, password: 'x' })",
			"uri is to be filled in (it is made of the address of the page)", func(w *wizard) fyne.Focusable { return w.uri },
		},
		{
			"an address of a component", "new JsSIP.UA({ ...props, ws_servers: 'wss://h.example', password: 'x' })",
			"uri is to be filled in (it comes from props)", func(w *wizard) fyne.Focusable { return w.uri },
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := open(t, Options{})
			i := newImporter(o.app, func(c config.Config) {
				o.main.closeSheet()
				o.main.openWizardWith(c)
			})
			o.main.openSheet("Paste", i.object, i.use)
			i.text.SetText(test.text)
			if all := textsIn(i.found); i.use.Disabled() || !strings.Contains(all, test.told) {
				t.Fatalf("told: %s", all)
			}
			i.use.OnTapped()
			w, is := o.main.page.(*wizard)
			if !is || w.step != stepWho || o.main.win.Canvas().Focused() != test.focus(w) {
				t.Errorf("the missing field is not asked for: %T", o.main.win.Canvas().Focused())
			}
		})
	}
}

func textsIn(o fyne.CanvasObject) string {
	var words []string
	for _, text := range laidOut[*widget.Text](o) {
		words = append(words, text.Text())
	}
	return strings.Join(words, "\n")
}

// TestImportOffersEachOfSeveralConfigurations: nothing is used before one is chosen, and another text is another choice.
//
// Holds: pasted-configuration
func TestImportOffersEachOfSeveralConfigurations(t *testing.T) {
	var got config.Config
	i := newImporter(nil, func(c config.Config) { got = c })
	open(t, Options{}).main.openSheet("Paste", i.object, i.use)
	i.text.SetText("new JsSIP.UA({ uri: 'alice@a', ws_servers: 'ws://a' });\nnew JsSIP.UA({ uri: 'bob@b', ws_servers: 'ws://b' });")
	if !i.use.Disabled() || len(i.which.Options) != 2 || !strings.Contains(i.which.Options[1], "bob@b, line 2") || !strings.Contains(textsIn(i.choice), "Which one?") {
		t.Fatalf("offered %q", i.which.Options)
	}
	for n, uri := range []string{"sip:alice@a", "sip:bob@b"} {
		i.which.Choose(n)
		if i.use.Disabled() {
			t.Fatal("the one chosen cannot be used")
		}
		i.use.OnTapped()
		if got.URI != uri {
			t.Errorf("taken over: %s", got.URI)
		}
	}
	i.text.SetText("new JsSIP.UA({ uri: 'eve@e', ws_servers: 'ws://e' });")
	if i.use.Disabled() || len(i.choice.Objects) != 0 {
		t.Error("one configuration is a choice")
	}
}

// TestExportHasNoPassword: what is copied has no secret in it.
func TestExportHasNoPassword(t *testing.T) {
	o, f := openForm(t, fullConfig(t))
	f.export()
	for _, b := range laidOut[*widget.Button](o.main.win.Canvas().Overlays().Top()) {
		if b.Label() == "Copy" {
			test.Tap(b)
		}
	}
	text := o.fyne.Clipboard().Content()
	if !strings.Contains(text, "alice@example.com") || strings.Contains(text, "s3cret") {
		t.Errorf("copied %d characters; names the address %t", len(text), strings.Contains(text, "alice@example.com"))
	}
	// Who asks for them gets them, the kept ones too.
	bare := fullConfig(t)
	takeSecrets(&bare)
	o, f = openForm(t, bare)
	o.phone.kept = account.Secret{Password: "k3pt"}
	f.export()
	test.Tap(laidOut[*widget.Switch](o.main.win.Canvas().Overlays().Top())[0])
	press(t, o.main.win.Canvas().Overlays().Top(), "Copy")
	if !strings.Contains(o.fyne.Clipboard().Content(), "k3pt") {
		t.Error("the password is not in what was asked for")
	}
}

// TestWizard: address and password, server, check, sound, done; the account is saved after the check.
func TestWizard(t *testing.T) {
	o := open(t, Options{})
	o.update(phone.State{Devices: devices()})
	o.main.openWizardDetails()
	w := o.main.page.(*wizard)
	w.uri.SetText("alice")
	test.Tap(w.next)
	if w.step != stepWho || w.uriField.Bad() == "" {
		t.Fatal("an address without a domain is taken")
	}
	w.uri.SetText("alice@example.com:5060;transport=ws")
	w.password.SetText("s3cret")
	test.Tap(w.next)
	if w.step != stepServer || w.server.Text != "wss://example.com/" {
		t.Fatalf("step %d, server %q", w.step, w.server.Text)
	}
	w.server.SetText("http://example.com")
	test.Tap(w.next)
	if w.step != stepServer || w.serverField.Bad() == "" {
		t.Fatal("a server that is none is taken")
	}
	w.server.SetText("wss://sip.example.com/ws")
	o.phone.steps = someSteps()[:3]
	test.Tap(w.next)
	o.finish()
	if w.step != stepCheck || len(w.checks.rows) != 3 || w.next.Label() != "Continue" {
		t.Fatalf("step %d, %d rows, %q", w.step, len(w.checks.rows), w.next.Label())
	}
	o.phone.saveErr = []error{errors.Join(errors.New("save"), account.ErrKeyringAbsent)}
	test.Tap(w.next)
	if b, ok := o.main.win.Canvas().Focused().(*widget.Button); !ok || b.Label() != "For this session only" {
		t.Fatal("the keyring's absence is not asked about")
	}
	o.key(fyne.KeyReturn)
	if w.step != stepSound || o.phone.secret.Password != "s3cret" || o.phone.place != account.SecretSession {
		t.Fatalf("step %d, place %q", w.step, o.phone.place)
	}
	test.Tap(w.next)
	s := idle()
	s.Accounts[0].ID = w.account.ID
	o.update(s)
	if w.status.Text() != "Registered in 118 ms" {
		t.Errorf("status %q", w.status.Text())
	}
	test.Tap(w.next)
	if o.main.page != nil {
		t.Error("the wizard stays open")
	}
}

// TestWizardFailureGoesOn: a failed check does not lock the user out.
func TestWizardFailureGoesOn(t *testing.T) {
	o := open(t, Options{})
	o.phone.steps = someSteps()
	o.main.openWizardWith(fullConfig(t))
	w := o.main.page.(*wizard)
	o.finish()
	if w.step != stepCheck || w.next.Label() != "Save anyway" || w.next.Disabled() {
		t.Errorf("step %d, %q", w.step, w.next.Label())
	}
	test.Tap(w.back)
	if w.step != stepServer {
		t.Errorf("back leads to %d", w.step)
	}
	test.Tap(w.next)
	if len(w.account.Config.WSServers) != 2 {
		t.Error("an imported list of servers was cut to one")
	}
	w.close()
	o.finish()
}
