package ui

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2/test"

	"calla/netsip/config"
	"calla/phone"
	"calla/phone/cause"
	"calla/phone/doctor"
	"calla/ui/form"
	"calla/ui/uitest"
	"calla/ui/widget"
)

// lastPage is the wizard's last page with an account that stands so.
func lastPage(t *testing.T, status phone.RegistrationStatus, problem *cause.Cause) (*opened, *wizard) {
	o := open(t, Options{})
	o.main.openWizardWith(officeAccount(t).Config)
	w := o.main.page.(*wizard)
	w.stopChecks()
	w.account.ID = "office"
	w.show(stepDone)
	s := idle()
	s.Accounts[0].Status, s.Accounts[0].Problem = status, problem
	s.Accounts[0].RetryAt = time.Now().Add(8 * time.Second)
	o.update(s)
	return o, w
}

// Holds: problems-and-wizard
func TestTheLastPageSaysHowTheAccountStands(t *testing.T) {
	down := &cause.Cause{
		Kind: cause.NothingListens, Server: "wss://x.example", Action: cause.ActionEditAccount,
		Parameter: "ws_servers",
	}
	wrong := &cause.Cause{
		Kind: cause.WrongPassword, Account: "alice@example.com", Action: cause.ActionEnterPassword,
		Parameter: "password",
	}
	for name, c := range map[string]struct {
		status   phone.RegistrationStatus
		problem  *cause.Cause
		heading  string
		password bool
		button   string
	}{
		"registered":     {phone.StatusRegistered, nil, "Ready", false, ""},
		"connected":      {phone.StatusConnected, nil, "Ready", false, ""},
		"connecting":     {phone.StatusConnecting, nil, "Almost ready", false, ""},
		"retrying":       {phone.StatusRetrying, down, "Not connected yet", false, "Edit account"},
		"wrong password": {phone.StatusFailed, wrong, "Not ready", true, ""},
		"no password":    {phone.StatusNoPassword, wrong, "The password is missing", true, ""},
		"refused":        {phone.StatusFailed, down, "Not ready", false, "Edit account"},
	} {
		t.Run(name, func(t *testing.T) {
			_, w := lastPage(t, c.status, c.problem)
			if got := w.heading.Text(); got != c.heading {
				t.Errorf("headed %q, want %q", got, c.heading)
			}
			if canCall := strings.Contains(w.statusNote.Text(), "You can call now"); canCall != (c.heading == "Ready") {
				t.Errorf("said %q", w.statusNote.Text())
			}
			if w.enteredBox.Visible() != c.password {
				t.Errorf("a field for the password: %t", w.enteredBox.Visible())
			}
			if got := w.fixing.Label(); w.fixing.Visible() != (c.button != "") || c.button != "" && got != c.button {
				t.Errorf("button %q, want %q", got, c.button)
			}
		})
	}
}

// Holds: problems-and-wizard
func TestARejectedPasswordIsEnteredWhereItIsTold(t *testing.T) {
	wrong := &cause.Cause{
		Kind: cause.WrongPassword, Account: "alice@example.com", Action: cause.ActionEnterPassword,
		Parameter: "password",
	}
	o, w := lastPage(t, phone.StatusFailed, wrong)
	w.entered.SetText("better")
	w.enter()
	o.expect(t, "password office better keyring")

	o = open(t, Options{})
	o.phone.steps = []doctor.Step{{ID: 1, Check: cause.CheckRegistration, Status: doctor.Failed, Cause: *wrong}}
	o.main.openWizardWith(config.Config{
		URI: "sip:alice@example.com", Password: "bad",
		WSServers: []config.Server{{WSURI: "wss://x.example"}},
	})
	o.finish()
	w = o.main.page.(*wizard)
	if !w.enteredBox.Visible() || w.next.Label() != "Save anyway" {
		t.Errorf("no field for the password, and %q", w.next.Label())
	}
	o.phone.steps = []doctor.Step{{ID: 1, Check: cause.CheckRegistration, Status: doctor.OK}}
	w.entered.SetText("better")
	w.enter()
	o.finish()
	if w.enteredBox.Visible() || w.next.Label() != "Continue" || w.secret.Of("password") != "better" {
		t.Errorf("after the right one: %q with %q", w.next.Label(), w.secret.Of("password").Reveal())
	}
}

// Holds: problems-and-wizard
func TestARemarkIsNoFailure(t *testing.T) {
	problem := &cause.Cause{
		Kind: cause.ICENoAnswer, Server: "stun:stun.example.com", Action: cause.ActionEditAccount,
		Parameter: "stun_servers",
	}
	for name, c := range map[string]struct {
		steps []doctor.Step
		next  string
	}{
		"all well": {[]doctor.Step{{ID: 1, Check: cause.CheckRegistration, Status: doctor.OK}}, "Continue"},
		"no STUN": {[]doctor.Step{
			{ID: 1, Status: doctor.OK},
			{ID: 2, Check: cause.CheckSTUN, Status: doctor.Remark, Cause: *problem},
		}, "Continue"},
		"no TURN": {[]doctor.Step{
			{ID: 1, Status: doctor.OK},
			{ID: 2, Check: cause.CheckTURN, Status: doctor.Remark, Cause: *problem},
		}, "Continue"},
		"neither": {[]doctor.Step{
			{ID: 1, Check: cause.CheckSTUN, Status: doctor.Remark, Cause: *problem},
			{ID: 2, Check: cause.CheckTURN, Status: doctor.Remark, Cause: *problem},
		}, "Continue"},
		"TURN alone": {
			[]doctor.Step{{ID: 1, Check: cause.CheckTURN, Status: doctor.Failed, Cause: *problem}},
			"Save anyway",
		},
		"no registration": {[]doctor.Step{{
			ID: 1, Check: cause.CheckRegistration, Status: doctor.Failed,
			Cause: *problem,
		}, {ID: 2, Check: cause.CheckSTUN, Status: doctor.Remark, Cause: *problem}}, "Save anyway"},
	} {
		t.Run(name, func(t *testing.T) {
			o := open(t, Options{})
			o.phone.steps = c.steps
			o.main.openWizardWith(config.Config{
				URI: "sip:alice@example.com", Password: "p",
				WSServers: []config.Server{{WSURI: "wss://x.example"}},
			})
			o.finish()
			w := o.main.page.(*wizard)
			if w.next.Label() != c.next {
				t.Errorf("offers %q, want %q", w.next.Label(), c.next)
			}
			marks := uitest.LaidOut[*widget.Mark](w.checks.Object)
			for i, s := range c.steps {
				if mark := marks[i].Shape(); s.Status == doctor.Remark && mark != widget.Triangle {
					t.Errorf("step %d is marked %v", s.ID, mark)
				}
			}
		})
	}
}

// Holds: problems-and-wizard
func TestTypedServersBecomeWebSocketAddresses(t *testing.T) {
	for name, c := range map[string]struct{ typed, want string }{
		"a web page":         {"https://sip.example.com/ws", "wss://sip.example.com/ws"},
		"host, port, path":   {"sip.example.com:8089/ws", "wss://sip.example.com:8089/ws"},
		"host":               {"sip.example.com", "wss://sip.example.com"},
		"upper case":         {"HTTPS://SIP.example.com", "wss://sip.example.com"},
		"IPv6":               {"[2001:db8::1]:8089/ws", "wss://[2001:db8::1]:8089/ws"},
		"this computer":      {"http://localhost:8088/ws", "ws://localhost:8088/ws"},
		"web page elsewhere": {"http://sip.example.com:8088/ws", ""},
	} {
		t.Run(name, func(t *testing.T) {
			o := open(t, Options{})
			o.main.openWizardDetails()
			w := o.main.page.(*wizard)
			w.uri.SetText("alice@example.com")
			w.takeWho()
			w.server.SetText(c.typed)
			w.takeServer()
			if c.want == "" {
				if w.step != stepServer || !w.typed.Plain.Visible() || !w.typed.Secure.Visible() {
					t.Fatal("is taken without asking")
				}
				test.Tap(w.typed.Plain)
				w.takeServer()
				if got := w.account.Config.WSServers[0].WSURI; got != "ws://sip.example.com:8088/ws" {
					t.Errorf("asked for, it became %q", got)
				}
				return
			}
			if w.step != stepCheck || w.account.Config.WSServers[0].WSURI != c.want {
				t.Errorf("step %d with %v, said %q", w.step, w.account.Config.WSServers, w.serverField.Bad())
			}
		})
	}
}

// Holds: problems-and-wizard
func TestProblemsOpenTheFieldTheyMean(t *testing.T) {
	for name, c := range map[string]struct {
		parameter, offer string
	}{
		"server":             {"ws_servers", ""},
		"address":            {"uri", ""},
		"TURN":               {"turn_servers", ""},
		"STUN":               {"stun_servers", ""},
		"client certificate": {"calla.client_certificate", ""},
		"origin":             {"calla.origin", ""},
		"server without TLS": {"ws_servers", "ws://sip-ws-1.example.com"},
	} {
		t.Run(name, func(t *testing.T) {
			o := open(t, Options{})
			s := idle()
			s.Accounts[0].Status = phone.StatusFailed
			s.Accounts[0].Problem = &cause.Cause{
				Kind: cause.AccountUnusable, Action: cause.ActionEditAccount,
				Parameter: c.parameter, Offer: c.offer,
			}
			o.update(s)
			o.stands()
			test.Tap(o.main.banner.action)
			f, ok := o.main.page.(*form.Page)
			if !ok {
				t.Fatal("the form is not open")
			}
			field := uitest.Input(t, f.Object(), c.parameter)
			if _, none := field.(*widget.Button); !none && o.main.win.Canvas().Focused() != field {
				t.Errorf("the keyboard is in %v", o.main.win.Canvas().Focused())
			}
			if c.offer != "" {
				if got := field.(*widget.Entry).Text; got != c.offer {
					t.Errorf("the field holds %v", got)
				}
			}
		})
	}
}
