package ui

import (
	"errors"
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"

	"calla/phone"
	"calla/phone/links"
	"calla/ui/widget"
)

// system is a desktop that opens links.
type system struct {
	ours    bool
	others  string // who opens tel: otherwise
	deaf    bool   // it goes on with the others
	failure error
	unread  error
}

func (s *system) Status() (links.Status, error) {
	if s.unread != nil {
		return nil, s.unread
	}
	var all links.Status
	for _, scheme := range links.Schemes() {
		o := links.Opener{Scheme: scheme, Ours: s.ours}
		if s.ours {
			o.Name = "Calla"
		} else if scheme == "tel" {
			o.Name = s.others
		}
		all = append(all, o)
	}
	return all, nil
}

func (s *system) set(on bool) error {
	if s.failure != nil {
		return s.failure
	}
	if s.deaf {
		return &links.ElsewhereError{Scheme: "tel", Name: s.others}
	}
	s.ours = on
	return nil
}

func (s *system) Register() error   { return s.set(true) }
func (s *system) Unregister() error { return s.set(false) }

// TestTheLinksSwitchShowsHowTheSystemHasIt: not what was pressed.
//
// Holds: handed-over
func TestTheLinksSwitchShowsHowTheSystemHasIt(t *testing.T) {
	for _, c := range []struct {
		name    string
		system  system
		shown   bool
		first   bool // before the press
		then    bool // after it
		says    string
		finally string // what it says after the press
	}{
		{"nobody", system{}, true, false, true, "", ""},
		{
			"another phone",
			system{others: "Other Phone"},
			true, false, true, "tel: links are opened by Other Phone.",
			"",
		},
		{
			"ours already",
			system{ours: true, others: "Other Phone"},
			true, true, false, "",
			"tel: links are opened by Other Phone.",
		},
		{
			"a system that goes on with another",
			system{others: "Other", deaf: true},
			true, false, false,
			"opened by Other", "still opened by Other",
		},
		{
			"a file that cannot be written",
			system{failure: errors.New("register for links: mimeapps.list: read-only")},
			true, false, false, "", "Register for links: mimeapps.list: read-only.",
		},
		{"the package's to say", system{unread: links.ErrPackage}, false, false, false, "Calla.app", ""},
		{
			"a system that does not tell",
			system{unread: errors.New("who opens links: no home")},
			false, false, false,
			"Who opens links: no home.", "",
		},
		{"a hostile name", system{others: "x\u202e\x1b[2J\ny"}, true, false, true, "opened by x", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := open(t, Options{Links: &c.system})
			o.update(idle())
			p := newLinksPanel(o.app)
			if p.opens.Visible() {
				t.Error("it shows a state before it is known")
			}
			o.finish()
			if p.opens.Visible() != c.shown || p.opens.On() != c.first || !strings.Contains(p.state.Text(), c.says) ||
				strings.ContainsAny(p.state.Text(), "\n\x1b\u202e") {
				t.Errorf("shown %t, on %t, says %q", p.opens.Visible(), p.opens.On(), p.state.Text())
			}
			if !c.shown {
				return
			}
			test.Tap(p.opens)
			if !p.opens.Disabled() {
				t.Error("it can be pressed again before it is done")
			}
			o.finish()
			if p.opens.Disabled() || p.opens.On() != c.then || !strings.Contains(p.state.Text(), c.finally) {
				t.Errorf("then on %t, says %q", p.opens.On(), p.state.Text())
			}
			if again := newLinksPanel(o.app); again != nil {
				o.finish()
				if again.opens.On() != c.then {
					t.Error("the page opened anew shows another state")
				}
			}
		})
	}
}

// TestWhatCouldBeMeantIsOffered: after a text was refused, by a button and by the Down key; nobody is called by it.
//
// Holds: dialled-text
func TestWhatCouldBeMeantIsOffered(t *testing.T) {
	for _, c := range []struct {
		name, typed string
	}{
		{"a name behind", "030 1234567 Bob"},
		{"an extension", "0301234567x89"},
		{"a pause", "5551234p12"},
		{"a PIN", "+1 405-356-8141 PIN: 123 456 789#"},
		{"a label", "Email: bob@x.com"},
		{"another service", "WhatsApp: +49 171 1234567"},
		{"a long one", "Email: bob.the.builder.of.everything@department.subsidiary.example.com"},
		{"nothing could be", "4.93E+11"},
		{"a sentence", "call me tomorrow"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := open(t, Options{})
			o.update(idle())
			d := o.main.dial
			read := o.phone.ReadDialled("office", c.typed)
			if read.Problem == nil {
				t.Fatal("is called")
			}
			d.fill(c.typed)
			d.dial()
			o.phone.took()
			s := idle()
			s.Refusal = &phone.Refusal{ID: "r1", Command: phone.CommandDial, Cause: *read.Problem}
			o.update(s)
			if d.instead.Visible() != (read.Instead != "") || d.instead.Label() != offerWords(read.Instead) ||
				d.instead.MinSize().Width > minWidth-2*widget.Margin {
				t.Fatalf("offers %q (%t), want %q", d.instead.Label(), d.instead.Visible(), read.Instead)
			}
			if read.Instead == "" {
				return
			}
			for _, take := range []func(){func() { test.Tap(d.instead) }, func() { d.focus(); o.key("Down") }} {
				d.fill(c.typed)
				d.bad = read.Problem
				take()
				if d.number.Text != read.Instead || o.main.win.Canvas().Focused() != d.number {
					t.Errorf("the field has %q", d.number.Text)
				}
				if d.instead.Visible() {
					t.Error("it is still offered")
				}
			}
			o.expect(t)
			d.number.OnSubmitted(d.number.Text)
			o.expect(t, "dial office "+read.Instead)
		})
	}
}
