package form

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"calla/account"
	"calla/netsip/config"
	"calla/phone/cause"
	"calla/phone/doctor"
	"calla/ui/tell"
	"calla/ui/uitest"
	"calla/ui/widget"
)

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
	c := uitest.FullConfig(t)
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

// TestEveryParameterHasAField: each parameter of config.Config has a field with a human label and the
// page's name, and what is written into it is read back unchanged.
func TestEveryParameterHasAField(t *testing.T) {
	c := uitest.FullConfig(t)
	o, f := openForm(t, c)
	for _, g := range f.groups {
		g.unfold()
	}
	uitest.Settle(o.win)
	var words []string
	for _, text := range uitest.LaidOut[*widget.Text](f.scroll.Content) {
		words = append(words, text.Text())
	}
	for _, s := range uitest.LaidOut[*widget.Switch](f.scroll.Content) {
		words = append(words, s.Page())
	}
	for _, p := range config.Parameters() {
		field := f.fields[p.Name]
		if field == nil {
			t.Errorf("%s has no field", p.Name)
			continue
		}
		if p.Label == "" {
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
		"uri": "sip:", "display_name": "\"Alice\"", "register_expires": "0", "no_answer_timeout": "1.5",
		"registrar_server": "bob@example.com",
		"instance_id":      "urn:uuid:x", "connection_recovery_min_interval": "abc",
		"calla.ice_gathering_timeout": "-1",
		"contact_uri":                 "alice", "calla.origin": "example.com", "calla.proxy": "ftp://x",
		"calla.keep_alive_interval": "0", "realm": "a\x01b",
	} {
		_, f := openForm(t, uitest.FullConfig(t))
		field := f.fields[name]
		typeInto(field, bad)
		if field.bad == "" {
			t.Errorf("%s: %q is not refused", name, bad)
			continue
		}
		var shown []string
		for _, text := range uitest.LaidOut[*widget.Text](field.object) {
			shown = append(shown, text.Text())
		}
		if !slices.ContainsFunc(shown, func(s string) bool {
			return strings.HasPrefix(s,
				tell.SentenceOf(field.bad))
		}) {
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
	c := uitest.FullConfig(t)
	c.RegisterExpires = 0
	o, f := openForm(t, c)
	typeInto(f.fields["register_expires"], "0")
	f.groups[config.GroupRegistration].fold.fold(false)
	test.Tap(f.save)
	o.expect(t)
	if !f.groups[config.GroupRegistration].open {
		t.Error("the group stays folded")
	}
	if o.win.Canvas().Focused() != f.fields["register_expires"].focus {
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
	o, f := openForm(t, uitest.FullConfig(t))
	o.saveErr = []error{&config.Error{Parameter: "uri", Reason: "is used by another account"}}
	test.Tap(f.save)
	if f.fields["uri"].bad != "is used by another account" || o.left {
		t.Errorf("shown %q", f.fields["uri"].bad)
	}
}

// TestSecretsLeaveTheConfig: password and credentials go to the phone beside the account, never in it.
func TestSecretsLeaveTheConfig(t *testing.T) {
	full := uitest.FullConfig(t)
	_, want := account.SplitSecret(full)
	o, f := openForm(t, full)
	test.Tap(f.save)
	o.expect(t, "save sip:alice@example.com keyring")
	if !maps.Equal(o.secret.Values, want.Values) || want.Of("password") != "s3cret" || len(want.Values) < 6 {
		t.Errorf("%d secrets of %d, password given %t", len(o.secret.Values), len(want.Values),
			o.secret.Of("password") != "")
	}
	if o.saved.Config.Password != "" || o.saved.Config.TurnServers[0].Credential != "" {
		t.Error("the account carries secrets")
	}
	if !o.left {
		t.Error("the form stays open after it was saved")
	}
}

// TestKeptSecretsStay: an account opened without its secrets is saved without any, so that the kept ones
// stay, and is not refused for lacking them.
func TestKeptSecretsStay(t *testing.T) {
	c := uitest.FullConfig(t)
	c, _ = account.SplitSecret(c)
	o, f := openForm(t, c)
	f.label.SetText("Desk")
	test.Tap(f.save)
	o.expect(t, "save sip:alice@example.com keyring")
	if !o.secret.IsEmpty() {
		t.Error("secrets were made up")
	}
	if o.saved.Label != "Desk" || o.saved.Config.TurnServers[0].Credential != "" {
		t.Errorf("saved %q", o.saved.Label)
	}
}

// TestChangedGroupsUnfold: a folded group opens when something in it differs from the default, and says
// how much.
func TestChangedGroupsUnfold(t *testing.T) {
	c := config.Config{
		URI: "sip:alice@example.com", WSServers: []config.Server{{WSURI: "wss://example.com"}},
		RegisterExpires: 600,
	}
	_, f := openForm(t, c)
	for _, name := range []config.Group{
		config.GroupRegistration, config.GroupCalls, config.GroupMedia,
		config.GroupCompatibility, config.GroupLogging,
	} {
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
	_, f := openForm(t, config.Config{
		URI:       "sip:alice@example.com",
		WSServers: []config.Server{{WSURI: "wss://example.com"}},
	})
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
	entry := uitest.LaidOut[*widget.Entry](field.object)[0]
	entry.SetText("stun.example.com")
	if field.bad == "" {
		t.Error("a bare host is not refused")
	}
	var offer *widget.Button
	for _, b := range uitest.LaidOut[*widget.Button](field.object) {
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
	_, f := openForm(t, uitest.FullConfig(t))
	field := f.fields["ws_servers"]
	press := func(name string, n int) {
		t.Helper()
		for _, b := range uitest.LaidOut[*widget.Button](field.object) {
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
	o, f := openForm(t, uitest.FullConfig(t))
	test.Scroll(o.win.Canvas(), fyne.NewPos(180, 300), 0, -200)
	if f.scroll.Offset.Y != 200 {
		t.Errorf("scrolled by %v", f.scroll.Offset.Y)
	}
}

// TestTabScrolls: whoever goes through the form by Tab sees each field that they come to, down and up again.
func TestTabScrolls(t *testing.T) {
	o, f := openForm(t, uitest.FullConfig(t))
	for _, g := range f.groups {
		g.unfold()
	}
	uitest.Settle(o.win)
	c, driver := o.win.Canvas(), fyne.CurrentApp().Driver()
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
			t.Fatalf("press %d: %T stands from %v to %v in a page of %v", i, focused, top, top+focused.Size().Height,
				f.scroll.Size().Height)
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

// TestTestShowsEachStep: the doctor's steps show with their milliseconds and words as they come.
func TestTestShowsEachStep(t *testing.T) {
	o, f := openForm(t, uitest.FullConfig(t))
	o.steps = append([]doctor.Step{{ID: 2, Check: cause.CheckName, Status: doctor.Running}}, someSteps()...)
	test.Tap(f.test)
	o.finish()
	o.expect(t, "test sip:alice@example.com")
	if len(uitest.LaidOut[*widget.Mark](f.checks.Object)) != 4 {
		t.Errorf("%d rows, want 4", len(uitest.LaidOut[*widget.Mark](f.checks.Object)))
	}
	marks, told := uitest.LaidOut[*widget.Mark](f.checks.Object), uitest.Texts(f.checks.Object)
	if marks[1].Shape() != widget.Check || !strings.Contains(told, "4.0 ms") {
		t.Errorf("name: shape %d, %q", marks[1].Shape(), told)
	}
	if marks[3].Shape() != widget.Cross || !strings.Contains(told,
		"The TURN server turns:turn.example.com rejected its user name or credential.") {
		t.Errorf("TURN: shape %d, %q", marks[3].Shape(), told)
	}
	if f.test.Disabled() {
		t.Error("Test stays off after it has ended")
	}
}

// TestFormShowsServerStatus: each server's live status stands in the form.
func TestFormShowsServerStatus(t *testing.T) {
	_, f := openForm(t, uitest.FullConfig(t))
	f.Update(office(), time.Time{})
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
	_, f := openForm(t, uitest.FullConfig(t))
	for name, bad := range map[string]string{
		"ws_servers": "http://x", "stun_servers": "stun.example.com",
		"turn_servers": "turn.example.com", "extra_headers": "Via: x",
	} {
		field := f.fields[name]
		list := field.list
		if len(list.rows) == 1 {
			list.append(list.blank())
		}
		good, wrong := list.rows[0], list.rows[len(list.rows)-1]
		wrong.focus.SetText(bad)
		if field.bad == "" || wrong.focus.Validate() == nil && !wrong.focus.AlwaysShowValidationError ||
			good.focus.AlwaysShowValidationError {
			t.Errorf("%s: %q, the row is red %t, the other one %t", name, field.bad,
				wrong.focus.AlwaysShowValidationError, good.focus.AlwaysShowValidationError)
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
		URI: "sip:alice@example.com", WSServers: []config.Server{{WSURI: "wss://example.com"}},
		InstanceID:      "8f1fa16a-1165-4a96-8341-785b1ef24f12",
		RegisterExpires: 600, SessionTimersRefreshMethod: "UPDATE",
	}
	given.Log.Level = config.LogNormal
	for _, c := range []config.Config{
		uitest.FullConfig(t), given,
		{URI: given.URI, WSServers: given.WSServers, InstanceID: given.InstanceID},
	} {
		bare, _ := account.SplitSecret(c)
		o, f := openForm(t, bare)
		test.Tap(f.save)
		if names := bare.Differences(o.saved.Config); len(names) > 0 {
			t.Errorf("saved with other %q", names)
		}
	}
}

// TestKeptSecretsAreTold: which secrets are kept, and where, without showing one.
func TestKeptSecretsAreTold(t *testing.T) {
	_, f := openKept(t, simple(), account.Secret{}.With("ha1", "0123456789abcdef0123456789abcdef"))
	for name, want := range map[string]string{
		"password": "Unchanged", "ha1": "Unchanged", "authorization_jwt": "None",
		"calla.proxy_password": "None",
	} {
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
		o, f := openKept(t, simple(), account.Secret{}.With("password", "k3pt"))
		field := f.fields["password"]
		test.Tap(field.forget.button)
		if entry := field.focus.(*widget.Entry); entry.PlaceHolder != "Forgotten when saved" {
			t.Errorf("told %q", entry.PlaceHolder)
		}
		typeInto(field, typed)
		test.Tap(f.save)
		given := o.secret.Of("password")
		if given != config.Secret(typed) || slices.Contains(o.secret.Forget, "password") != (typed == "") {
			t.Errorf("typed %q: given %d characters", typed, len(given))
		}
	}
}
