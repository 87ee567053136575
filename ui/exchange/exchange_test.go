package exchange

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"

	"calla/account"
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
		open(t).OpenSheet("Export", e.object)
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
	open(t).OpenSheet("Paste", i.object, i.use)
	i.text.SetText("not a configuration {")
	if !i.use.Disabled() {
		t.Error("nonsense can be used")
	}
	i.text.SetText(`new JsSIP.UA({uri: 'alice@example.com', ws_servers: 'wss://sip.example.com', ` +
		`password: 'x', lalala: 1})`)
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

// TestImportOffersEachOfSeveralConfigurations: nothing is used before one is chosen, and another text is another
// choice.
//
// Holds: pasted-configuration
func TestImportOffersEachOfSeveralConfigurations(t *testing.T) {
	var got config.Config
	i := newImporter(nil, func(c config.Config) { got = c })
	open(t).OpenSheet("Paste", i.object, i.use)
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

// TestForeignConfigurationAsksInTheWindow: what a pasted configuration wants of this computer is shown in full and left
// out unless the user switches it on, each by itself, and asked again with the next one.
//
// Holds: foreign-configuration
func TestForeignConfigurationAsksInTheWindow(t *testing.T) {
	for _, c := range []struct {
		name, text string
		asked      []string // parameters
		shown      string
	}{
		{
			"a command", `{uri:'a@b.example', ws_servers:'wss://h', calla:{log_command:'sh -c "curl x | sh"'}}`,
			[]string{"calla.log_command"},
			`sh -c "curl x | sh"`,
		},
		{
			"a command in JSON", `{"uri":"a@b.example","ws_servers":"wss://h","calla":{"log_command":"rm -rf /home"}}`,
			[]string{"calla.log_command"},
			"rm -rf /home",
		},
		{
			"a file to write", `{uri:'a@b.example', ws_servers:'wss://h', calla:{log_file:'/home/a/.bashrc'}}`,
			[]string{"calla.log_file"},
			"/home/a/.bashrc",
		},
		{
			"certificate and key",
			`{uri:'a@b.example', ws_servers:'wss://h', calla:{client_certificate:'/c.pem', client_key:'/k.pem'}}`,
			[]string{"calla.client_certificate", "calla.client_key"},
			"/k.pem",
		},
		{
			"authorities", `{uri:'a@b.example', ws_servers:'wss://h', calla:{tls_ca:'/ca.pem'}}`,
			[]string{"calla.tls_ca"},
			"/ca.pem",
		},
		{
			"all of it in a script",
			`var c = {uri:'a@b.example', ws_servers:'wss://h', calla:{log_command:'a', log_file:'/b', ` +
				`client_certificate:'/c', client_key:'/d', tls_ca:'/e'}}; new JsSIP.UA(c)`,
			[]string{
				"calla.client_certificate", "calla.client_key", "calla.tls_ca", "calla.log_file",
				"calla.log_command",
			},
			"/d",
		},
		{"nothing", `{uri:'a@b.example', ws_servers:'wss://h'}`, nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got config.Config
			i := newImporter(nil, func(c config.Config) { got = c })
			open(t).OpenSheet("Import", i.object, i.use)
			for range 2 { // the answer holds for one text
				i.text.SetText("")
				i.text.SetText(c.text)
				switches := uitest.LaidOut[*widget.Switch](i.object)
				if len(switches) != len(c.asked) {
					t.Fatalf("%d questions, want %q", len(switches), c.asked)
				}
				text := ""
				for _, p := range uitest.LaidOut[*widget.Text](i.found) {
					text += p.Text() + "\n"
				}
				if !strings.Contains(text, c.shown) {
					t.Errorf("%q is not shown in %q", c.shown, text)
				}
				test.Tap(i.use)
				if left := account.LocalSettings(got); len(left) != 0 || got.URI == "" {
					t.Fatalf("taken over unasked: %+v", left)
				}
				for n, s := range switches {
					if s.On() {
						t.Error("on before the user said so")
					}
					test.Tap(s)
					test.Tap(i.use)
					if taken := account.LocalSettings(got); len(taken) != n+1 && c.name != "nothing" {
						t.Errorf("after %d yes: %+v", n+1, taken)
					}
				}
			}
		})
	}
}

// TestExportFromTheWindowCarriesNoIdentity: nor passwords, unless each is asked for.
//
// Holds: export
func TestExportFromTheWindowCarriesNoIdentity(t *testing.T) {
	for _, c := range []struct {
		name               string
		secrets, instance  bool
		password, identity bool
	}{
		{"as it opens", false, false, false, false},
		{"with passwords", true, false, true, false},
		{"with the identity", false, true, false, true},
		{"with both", true, true, true, true},
		{"asked for and taken back", false, false, false, false},
	} {
		names, _ := exportForms()
		for form, name := range names {
			t.Run(c.name+", "+name, func(t *testing.T) {
				full := office(t)
				bare, _ := account.SplitSecret(full)
				e := newExporter(bare, full)
				open(t).OpenSheet("Export", e.object)
				e.form.Choose(form)
				taps := 1
				if strings.Contains(c.name, "back") {
					taps = 2
				}
				for range taps {
					if c.secrets || taps == 2 {
						test.Tap(e.secrets)
					}
					if c.instance || taps == 2 {
						test.Tap(e.instance)
					}
				}
				text := e.text.Text
				if strings.Contains(text, "s3cret") != c.password ||
					strings.Contains(text, full.InstanceID) != c.identity || strings.Contains(text, "office") {
					t.Error(text)
				}
				if in, err := jssip.Import([]byte(text), 0); err != nil || in.Config.URI != full.URI {
					t.Errorf("it cannot be imported again: %v", err)
				}
			})
		}
	}
}
