package form

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"calla/account"
	"calla/netsip/config"
	"calla/phone"
	"calla/phone/cause"
	"calla/phone/doctor"
	"calla/phone/journal"
	"calla/ui/suggest"
	"calla/ui/uitest"
	"calla/ui/widget"
)

// opened is a form in a window of its own. It is the form's Window and Phone at once, and writes down what it is told.
type opened struct {
	win     fyne.Window
	calls   []string
	kept    account.Secret // what the phone has already
	saveErr []error        // for each SaveAccount in turn; nil when used up
	saved   account.Account
	secret  account.Secret
	steps   []doctor.Step
	left    bool
	slow    bool     // it is saved when finish says so
	told    string   // by TellError
	work    []func() // what waits to be done aside
	known   []journal.Suggestion
}

// Suggest answers whom a text may mean.
func (o *opened) Suggest(_ context.Context, text string, _ int) ([]journal.Suggestion, error) {
	o.note("suggest %s", text)
	return o.known, nil
}

func (o *opened) Suggestions(take func(journal.Suggestion)) *suggest.List {
	l := suggest.New(o, o.Aside)
	l.OnTaken = take
	return l
}

func (o *opened) Ask(title, _, _ string, _ bool, do func()) { o.note("ask %s", title); do() }

func (o *opened) AskPlace(err error, then func(account.SecretPlace)) {
	o.note("ask place %v", err)
	then(account.SecretSession)
}
func (o *opened) TellError(title string, _ error) { o.told = title }
func (o *opened) ChooseFile(_, near string, then func(string)) {
	o.note("choose %s", near)
	then("/chosen.pem")
}

func (o *opened) Import(use func(config.Config)) {
	use(config.Config{URI: "sip:bob@example.com", WSServers: []config.Server{{WSURI: "wss://b.example"}}})
}

func (o *opened) Export(bare, full config.Config) {
	o.note("export %q %q", bare.Password.Reveal(), full.Password.Reveal())
}
func (o *opened) ShowConnection(id string) { o.note("connection %s", id) }
func (o *opened) Copy(text string)         { o.note("copy %q", text) }
func (o *opened) Leave(any)                { o.left = true }
func (o *opened) Saved(*Page)              { o.left = true }
func (o *opened) Aside(work func())        { o.work = append(o.work, work) }

func (o *opened) Secret(string) account.Secret { return o.kept }

func (o *opened) SaveAccount(a account.Account, s account.Secret, p account.SecretPlace, done func(error)) {
	o.note("save %s %s", a.Config.URI, p)
	o.saved, o.secret = a, s
	var err error
	if len(o.saveErr) > 0 {
		err, o.saveErr = o.saveErr[0], o.saveErr[1:]
	}
	if o.slow {
		o.work = append(o.work, func() { done(err) })
		return
	}
	done(err)
}

func (o *opened) DeleteAccount(id string, done func(error)) { o.note("delete %s", id); done(nil) }

func (o *opened) TestAccount(_ context.Context, a account.Account, _ account.Secret, step func(doctor.Step)) {
	o.note("test %s", a.Config.URI)
	for _, s := range o.steps {
		step(s)
	}
}

func (o *opened) note(format string, args ...any) {
	o.calls = append(o.calls, fmt.Sprintf(format, args...))
}

// expect fails unless exactly this was asked of the window and the phone since the last time.
func (o *opened) expect(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(o.calls, want) {
		t.Errorf("told %q, want %q", o.calls, want)
	}
	o.calls = nil
}

func (o *opened) finish() {
	for len(o.work) > 0 {
		work := o.work[0]
		o.work = o.work[1:]
		work()
	}
}

// openForm opens the form of an account with this configuration.
func openForm(t *testing.T, c config.Config) (*opened, *Page) {
	t.Helper()
	return openKept(t, c, account.Secret{})
}

// openKept opens the form of an account whose secrets are kept already.
func openKept(t *testing.T, c config.Config, kept account.Secret) (*opened, *Page) {
	t.Helper()
	return openIn(t, c, kept, widget.Look{}, fyne.NewSize(360, 560))
}

func openIn(t *testing.T, c config.Config, kept account.Secret, look widget.Look, size fyne.Size) (*opened, *Page) {
	t.Helper()
	app := uitest.App(t)
	app.Settings().SetTheme(look)
	o := &opened{kept: kept}
	a, err := account.New(c)
	if err != nil {
		t.Fatal(err)
	}
	a.ID, a.Label, a.SecretPlace, a.Config = "office", "Office", account.SecretKeyring, c
	f := New(o, o, a, false)
	o.win = app.NewWindow("form")
	o.win.SetPadded(false)
	o.win.SetContent(f.Object())
	o.win.Resize(size)
	uitest.Settle(o.win)
	return o, f
}

// office is the State of an account that is registered.
func office() phone.State {
	return phone.State{Accounts: []phone.AccountState{{ID: "office", Servers: []phone.ServerState{
		{
			URL: "wss://sip-ws-1.example.com", Weight: 10, Connected: true,
			Cause: cause.Cause{Kind: cause.ServerConnected, After: 24 * time.Millisecond},
		},
		{URL: "wss://sip-ws-2.example.com", Weight: 1, Cause: cause.Cause{Kind: cause.ServerStandby}},
	}}}}
}

// simple is a configuration of what everybody is asked for.
func simple() config.Config {
	return config.Config{
		URI:       "sip:alice@example.com",
		WSServers: []config.Server{{WSURI: "wss://example.com", Weight: 10}},
	}
}

func someSteps() []doctor.Step {
	return []doctor.Step{
		{
			ID: 1, Check: cause.CheckSettings, Status: doctor.OK, Took: time.Millisecond,
			Cause: cause.Cause{Kind: cause.Complete},
		},
		{
			ID: 2, Check: cause.CheckName, Server: "wss://sip-ws-1.example.com", Status: doctor.OK,
			Took:  4 * time.Millisecond,
			Cause: cause.Cause{Kind: cause.Addresses, Names: []string{"203.0.113.9"}},
		},
		{ID: 6, Check: cause.CheckRegistration, Status: doctor.Running},
		{
			ID: 7, Check: cause.CheckTURN, Server: "turns:turn.example.com", Status: doctor.Failed,
			Cause: cause.Cause{Kind: cause.TURNRefused, Server: "turns:turn.example.com"},
		},
	}
}

// typeInto types into a text parameter as a person would.
func typeInto(f *formField, text string) {
	f.focus.(interface{ SetText(string) }).SetText(text)
}
