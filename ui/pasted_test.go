package ui

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"calla/account/jssip"
	"calla/netsip/config"
	"calla/ui/uitest"
	"calla/ui/widget"
)

// TestEveryParameterGoesRound: what is exported is imported again unchanged, in the form that has everything
// for every parameter, in those of JsSIP for what JsSIP has.
func TestEveryParameterGoesRound(t *testing.T) {
	c := uitest.FullConfig(t)
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
		for _, name := range []string{
			"uri", "ws_servers", "password", "display_name", "register_expires",
			"stun_servers", "turn_servers",
		} {
			if p, _ := config.ParameterNamed(name); !p.Given(i.result.Config) {
				t.Errorf("format %d: %s is lost", format, name)
			}
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
	for _, text := range uitest.LaidOut[*widget.Text](i.found) {
		words = append(words, text.Text())
	}
	if all := strings.Join(words, "\n"); !strings.Contains(all, "Ignored: lalala") ||
		!strings.Contains(all, "ws_servers") {
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
			"new JsSIP.UA({ uri: 'alice@example.com', ws_servers: 'wss://h.example',\n password: " +
				"process.env.SIP_PASSWORD })",
			"password is to be filled in (it comes from SIP_PASSWORD). Line 2, column 2.",
			func(w *wizard) fyne.Focusable { return w.password },
		},
		{
			"a password of a template", "({ uri: 'alice@example.com', ws_servers: 'wss://h.example', password: '{{ " +
				"secret }}' })",
			"password is to be filled in (a template puts secret there)",
			func(w *wizard) fyne.Focusable { return w.password },
		},
		{
			"a field", "class A { b() { return new UA({ uri: 'alice@example.com', ws_servers: 'wss://h.example', " +
				"password: this.secret }) } }",
			"(it comes from this.secret)", func(w *wizard) fyne.Focusable { return w.password },
		},
		{
			"the page's address", "new JsSIP.UA({ uri: 'sip:1@' + location.host, ws_servers: 'wss://' + " +
				"location.host, password: 'x' })",
			"uri is to be filled in (it is made of the address of the page)",
			func(w *wizard) fyne.Focusable { return w.uri },
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
			if all := uitest.Texts(i.found); i.use.Disabled() || !strings.Contains(all, test.told) {
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

// TestImportOffersEachOfSeveralConfigurations: nothing is used before one is chosen, and another text is another
// choice.
//
// Holds: pasted-configuration
func TestImportOffersEachOfSeveralConfigurations(t *testing.T) {
	var got config.Config
	i := newImporter(nil, func(c config.Config) { got = c })
	open(t, Options{}).main.openSheet("Paste", i.object, i.use)
	i.text.SetText("new JsSIP.UA({ uri: 'alice@a', ws_servers: 'ws://a' });\nnew JsSIP.UA({ uri: 'bob@b', " +
		"ws_servers: 'ws://b' });")
	if !i.use.Disabled() || len(i.which.Options) != 2 || !strings.Contains(i.which.Options[1], "bob@b, line 2") ||
		!strings.Contains(uitest.Texts(i.choice), "Which one?") {
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
