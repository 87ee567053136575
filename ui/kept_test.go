package ui

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2/test"

	"calla/account"
	"calla/netsip/config"
	"calla/netsip/sandbox"
	"calla/phone"
	"calla/phone/cause"
	"calla/ui/form"
	"calla/ui/tell"
	"calla/ui/uitest"
	"calla/ui/widget"
)

// trouble is a keyring that gives and takes nothing, at once or after a while.
type trouble struct {
	err  error
	wait time.Duration // as long as Calla waits for a keyring that hangs, made short
	open bool          // it works after all
	account.Session
}

func (k *trouble) fails(ctx context.Context) error {
	if k.open {
		return nil
	}
	select {
	case <-time.After(k.wait):
	case <-ctx.Done():
	}
	return k.err
}

func (k *trouble) Get(ctx context.Context, id string) (account.Secret, error) {
	if err := k.fails(ctx); err != nil {
		return account.Secret{}, err
	}
	return k.Session.Get(ctx, id)
}

func (k *trouble) Set(ctx context.Context, id string, s account.Secret) error {
	if err := k.fails(ctx); err != nil {
		return err
	}
	return k.Session.Set(ctx, id, s)
}

func (k *trouble) Delete(ctx context.Context, id string) error {
	if err := k.fails(ctx); err != nil {
		return err
	}
	return k.Session.Delete(ctx, id)
}

func (w atWork) EnterPassword(id string, pw config.Secret, p account.SecretPlace, done func(error)) {
	w.Phone.EnterPassword(id, pw, p, func(err error) { w.done <- func() { done(err) } })
}

// keeping is the window over a real phone with a profile on disk and a keyring in trouble.
type keeping struct {
	*app
	w       atWork
	dir     string
	keyring *trouble
}

func openKeeping(t *testing.T, keyring *trouble) *keeping {
	t.Helper()
	dir := t.TempDir()
	store, found, err := account.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	server := sandbox.New(sandbox.Options{})
	server.Close() // nobody is to be reached
	p, err := phone.New(phone.Options{
		Store: store, Loaded: found, Keeper: account.NewKeeper(keyring, new(account.Session),
			account.NewSecretsFile(dir)), Version: "test",
		Dial: server.Dial,
	})
	if err != nil {
		t.Fatal(err)
	}
	w := atWork{p, make(chan func(), 1)}
	a := newApp(test.NewTempApp(t), w, Options{})
	a.pace.do = func(func()) {}
	a.aside = func(func()) {} // no checks
	t.Cleanup(func() {
		a.pace.set(tempo{})
		p.Close()
		_ = store.Close()
	})
	return &keeping{a, w, dir, keyring}
}

// answer waits for the phone's answer and lets the window take it.
func (k *keeping) answer(t *testing.T) {
	t.Helper()
	select {
	case answer := <-k.w.done:
		answer()
	case <-time.After(20 * time.Second):
		t.Fatal("no answer")
	}
}

// choose presses a button of the question where to keep the password.
func (k *keeping) choose(t *testing.T, label string) {
	t.Helper()
	if k.main.sheet == nil {
		t.Fatalf("nothing is asked where %q was to be chosen", label)
	}
	for _, b := range uitest.LaidOut[*widget.Button](k.main.sheet.layer.object) {
		if b.Label() == label {
			test.Tap(b)
			return
		}
	}
	t.Fatalf("%q is not offered", label)
}

// shown is how the only account is shown, once that is so.
func (k *keeping) shown(t *testing.T, is func(phone.AccountState) bool) phone.AccountState {
	t.Helper()
	limit := time.Now().Add(20 * time.Second)
	for {
		s := k.w.State()
		if len(s.Accounts) == 1 && is(s.Accounts[0]) {
			k.update(s)
			return s.Accounts[0]
		}
		if time.Now().After(limit) {
			t.Fatalf("accounts %+v", s.Accounts)
		}
		time.Sleep(time.Millisecond)
	}
}

// clearText lists the files of the profile that hold the password.
func (k *keeping) clearText(t *testing.T) string {
	t.Helper()
	var list []string
	entries, err := os.ReadDir(k.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if data, err := os.ReadFile(filepath.Join(k.dir, e.Name())); err == nil && strings.Contains(string(data),
			"s3crét") {
			list = append(list, e.Name())
		}
	}
	return strings.Join(list, " ")
}

// TestPasswordThatTheKeyringDoesNotTakeIsAskedAbout: in the wizard, in the form and where the password is entered,
// whatever is wrong with the keyring. Until the user has chosen, it is nowhere; then it is where was chosen, and the
// pages say so.
//
// Holds: kept-secrets
func TestPasswordThatTheKeyringDoesNotTakeIsAskedAbout(t *testing.T) {
	oneGoroutine(t)
	const password = "s3crét"
	config := config.Config{
		URI: "sip:alice@example.com", WSServers: []config.Server{{WSURI: "wss://sip.example.com"}},
		StunServers: []string{},
	}
	ways := map[string]func(t *testing.T, k *keeping){
		"wizard": func(_ *testing.T, k *keeping) {
			k.main.openWizardDetails()
			w := k.main.page.(*wizard)
			w.uri.SetText("alice@example.com")
			w.password.SetText(password)
			w.goOn()
			w.server.SetText("wss://sip.example.com")
			w.goOn()
			w.goOn() // on from the checks
		},
		"form": func(t *testing.T, k *keeping) {
			a, err := account.New(config)
			if err != nil {
				t.Fatal(err)
			}
			k.main.open(k.main.newForm(a, true))
			f := k.main.page.(*form.Page)
			uitest.Type(t, f.Object(), "password", password)
			f.Save()
		},
		"enter password": func(t *testing.T, k *keeping) {
			a, err := account.New(config)
			if err != nil {
				t.Fatal(err)
			}
			k.w.SaveAccount(a, account.Secret{}, account.SecretKeyring, func(err error) {
				if err != nil {
					t.Fatal(err)
				}
			})
			k.answer(t)
			shown := k.shown(t, func(phone.AccountState) bool { return true })
			if words := tell.Password(shown); words != "None is kept." {
				t.Errorf("before: %q", words)
			}
			k.main.askPassword(shown.ID)
			entry := k.main.win.Canvas().Focused().(*widget.Entry)
			entry.SetText(password)
			entry.OnSubmitted(password)
		},
	}
	keyrings := []struct {
		name string
		err  error
		told string
	}{
		{"absent", account.ErrKeyringAbsent, "This system has no keyring that can be used."},
		{"locked", account.ErrKeyringLocked, "The keyring is locked and waits to be unlocked."},
		{"hanging", account.ErrKeyringStuck, "The keyring does not answer."},
		{"refusing", errors.New("org.freedesktop.Secret.Error.NoSession"), "NoSession"},
		{"too small", account.ErrTooLarge, "too long for a keyring"},
		{"failing in the middle", context.DeadlineExceeded, "deadline exceeded"},
	}
	for _, keyring := range keyrings {
		for name, way := range ways {
			t.Run(keyring.name+", "+name, func(t *testing.T) {
				k := openKeeping(t, &trouble{err: keyring.err, wait: 20 * time.Millisecond})
				way(t, k)
				k.answer(t)
				if k.main.sheet == nil {
					t.Fatal("nothing is asked")
				}
				text := ""
				for _, p := range uitest.LaidOut[*widget.Text](k.main.sheet.layer.object) {
					text += p.Text() + " "
				}
				if !strings.Contains(text, keyring.told) {
					t.Errorf("told %q, want %q", text, keyring.told)
				}
				if b, ok := k.main.win.Canvas().Focused().(*widget.Button); !ok ||
					b.Label() != "For this session only" {
					t.Error("keeping it nowhere is not the first choice")
				}
				if files := k.clearText(t); files != "" {
					t.Errorf("written to %s before anything was chosen", files)
				}
				if s := k.w.State(); len(s.Accounts) > 0 && s.Accounts[0].SecretAtHand {
					t.Error("said to be kept before anything was chosen")
				}
				k.choose(t, "For this session only")
				k.answer(t)
				shown := k.shown(t, func(a phone.AccountState) bool { return a.SecretAtHand })
				if words := tell.Password(shown); words != "Kept until Calla is closed." {
					t.Errorf("for this session: %q", words)
				}
				if files := k.clearText(t); files != "" {
					t.Errorf("for this session, and written to %s", files)
				}
				page := newAccountPage(k.app, shown.ID)
				page.Update(k.state, time.Now())
				if facts := page.facts.shown; !strings.Contains(figureNamed(facts, "Password"),
					"until Calla is closed") {
					t.Errorf("the account's page says %q", figureNamed(facts, "Password"))
				}
				k.moveFrom(t, shown.ID)
			})
		}
	}
}

// moveFrom moves a password that is kept for this session into the file and then, when that works, into the keyring.
func (k *keeping) moveFrom(t *testing.T, id string) {
	t.Helper()
	move := func(label string) {
		if k.main.page != nil {
			k.main.dropPage()
		}
		k.main.editAccount(id)
		f := k.main.page.(*form.Page)
		f.ChoosePlace()
		k.choose(t, label)
		f.Save()
		k.answer(t)
	}
	help := func() string {
		k.main.editAccount(id)
		f := k.main.page.(*form.Page)
		defer k.main.dropPage()
		return uitest.Texts(f.Object())
	}
	move("In this computer's keyring")
	if k.main.sheet == nil || k.clearText(t) != "" {
		t.Error("a keyring that does not take it is not told")
	}
	k.main.closeSheet()
	move("Store in a file readable by this user")
	k.shown(t, func(a phone.AccountState) bool { return a.SecretKept == account.SecretFile })
	if k.clearText(t) != "secrets.json" || !strings.Contains(help(), "Kept in a file that only you can read.") {
		t.Errorf("in a file: %q, told %q", k.clearText(t), help())
	}
	k.keyring.open = true
	move("In this computer's keyring")
	k.shown(t, func(a phone.AccountState) bool { return a.SecretKept == account.SecretKeyring })
	if k.clearText(t) != "" || !strings.Contains(help(), "Kept in this computer's keyring.") {
		t.Errorf("in the keyring: %q, told %q", k.clearText(t), help())
	}
}

func figureNamed(all []figure, what string) string {
	for _, f := range all {
		if f.what == what {
			return f.value
		}
	}
	return ""
}

// TestAllNoticesCanBeRead: the banner shows one thing at a time, and each in its turn.
//
// Holds: account-file
func TestAllNoticesCanBeRead(t *testing.T) {
	notice := func(id string, a cause.Action) phone.Notice {
		return phone.Notice{ID: id, Cause: cause.Cause{Kind: cause.FileMadePrivate, File: id, Action: a}}
	}
	for _, c := range []struct {
		name    string
		notices []phone.Notice
		account bool // has a problem too
	}{
		{"one", []phone.Notice{notice("a", 0)}, false},
		{"two", []phone.Notice{notice("a", 0), notice("b", 0)}, false},
		{"a damaged file and another", []phone.Notice{notice("a", cause.ActionStartEmpty), notice("b", 0)}, false},
		{"two and the account's", []phone.Notice{notice("a", 0), notice("b", 0)}, true},
		{"five", []phone.Notice{
			notice("a", 0), notice("b", 0), notice("c", 0), notice("d", 0),
			notice("e", cause.ActionStartEmpty),
		}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := open(t, Options{})
			s := idle()
			s.Notices = c.notices
			want := map[string]bool{}
			for _, n := range c.notices {
				want[tell.Of(n.Cause).Title] = true
			}
			if c.account {
				s.Accounts[0].Problem = &cause.Cause{Kind: cause.ConnectionLost, Action: cause.ActionRetry}
				want[tell.Of(*s.Accounts[0].Problem).Title] = true
			}
			o.update(s)
			b := o.main.banner
			for range len(want) {
				delete(want, b.title.Text())
				o.update(s) // a new State does not turn the page
				test.Tap(b.next)
			}
			if len(want) != 0 {
				t.Errorf("never shown: %v", want)
			}
			if b.next.Visible() != (len(c.notices) > 1 || c.account) {
				t.Error("the way to the next one is not there, or leads nowhere")
			}
		})
	}
}

// TestStartEmptyIsAskedAndDone: the way out of a damaged account file.
func TestStartEmptyIsAskedAndDone(t *testing.T) {
	o := open(t, Options{})
	s := phone.State{Notices: []phone.Notice{{
		ID:    "read only",
		Cause: cause.Cause{Kind: cause.AccountsDamaged, Action: cause.ActionStartEmpty},
	}}}
	o.update(s)
	b := o.main.banner
	if b.action.Label() != "Start empty…" || b.dismiss.Visible() {
		t.Errorf("%q", b.action.Label())
	}
	o.stands()
	test.Tap(b.action)
	o.expect(t)
	o.stands()
	for _, button := range uitest.LaidOut[*widget.Button](o.main.sheet.layer.object) {
		if button.Label() == "Start empty" {
			test.Tap(button)
		}
	}
	o.expect(t, "start empty")
}
