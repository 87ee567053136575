package jssip

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"calla/netsip/config"
	"calla/netsip/config/configtest"

	"github.com/google/go-cmp/cmp"
)

func TestImportReadsEveryForm(t *testing.T) {
	want := config.Config{
		URI: "sip:alice@example.com", Password: "geheim",
		WSServers: []config.Server{{WSURI: "wss://a.example", Weight: 10}, {WSURI: "wss://b.example"}},
	}
	for name, text := range map[string]string{
		"JSON": `{"uri":"sip:alice@example.com","password":"geheim",` +
			`"ws_servers":[{"ws_uri":"wss://a.example","weight":10},"wss://b.example"]}`,
		"JSON5": `{uri:'sip:alice@example.com', /* mine */ password:"geheim", ` +
			`ws_servers:[{ws_uri:'wss://a.example', weight:+10,},'wss://b.example',],}`,
		"members": "uri: 'sip:alice@example.com',\npassword: 'geheim',\nws_servers: [{ws_uri:'wss://a.example', " +
			"weight:10}, 'wss://b.example'] // two",
		"object with expressions": `{uri: 'sip:' + 'alice' + "@example.com", password: ` + "`geheim`" + `,
			sockets: [{socket: new JsSIP.WebSocketInterface('wss://a.example'), weight: 10}, ` +
			`new JsSIP.WebSocketInterface('wss://b.example')]}`,
		"variable": `var configuration = {uri: 'alice@example.com', password: 'geheim', ` +
			`ws_servers: [{ws_uri: 'wss://a.example', weight: '10'}, {ws_uri: 'wss://b.example'}]};`,
		"assignment": `configuration = {uri: 'alice@example.com', password: 'geheim', ` +
			`ws_servers: [{ws_uri: 'wss://a.example', weight: '10'}, {ws_uri: 'wss://b.example'}]};`,
		"snippet": `import JsSIP from 'jssip';
			// Create our JsSIP instance and run it:
			const user = 'alice', domain = 'example.com';
			var socket = new JsSIP.WebSocketInterface('wss://a.example');
			let spare = new JsSIP.WebSocketInterface("wss://b.example");
			JsSIP.debug.enable('JsSIP:*');
			var configuration = {
				sockets: [ {socket: socket, weight: 10}, spare ],
				uri: ` + "`sip:${user}@${domain}`" + `
			};
			configuration.password = 'geheim';
			var ua = new JsSIP.UA(configuration);
			ua.on('registered', function (e) { document.title = 'up'; });
			ua.start();
			console.log('started');`,
		"required": `const JsSIP = require('jssip');
			export default new JsSIP.UA({uri: 'alice@example.com', password: 'geheim',
			ws_servers: [{ws_uri: 'wss://a.example', weight: 10}, 'wss://b.example']});`,
		"stops after it": `var ua = new JsSIP.UA({uri: 'alice@example.com', password: 'geheim',
			ws_servers: [{ws_uri: 'wss://a.example', weight: 10}, 'wss://b.example']}); ` +
			`document.getElementById('x').onclick = null;`,
	} {
		t.Run(name, func(t *testing.T) {
			in, err := Import([]byte(text), 0)
			if err != nil {
				t.Fatal(err)
			}
			if diff := in.Config.Differences(want); diff != nil {
				t.Errorf("differs in %v: %+v", diff, in.Config)
			}
			if diff := cmp.Diff([]string{"uri", "ws_servers", "password"}, in.Understood); diff != "" {
				t.Errorf("understood: want -, got +:\n%s", diff)
			}
		})
	}
}

func TestImportTellsWhatBecameOfEachParameter(t *testing.T) {
	in, err := Import([]byte(`
		var socket = new JsSIP.WebSocketInterface('wss://a.example');
		socket.via_transport = 'tcp';
		var ua = new JsSIP.UA({
			sockets: socket, uri: 'Alice@EXAMPLE.com', register_expires: '300', display_name: '', lalala: 1,
			contact_uri: 'sip:alice@10.0.0.1', log: {level: 9, connector: function () {}},
		});
		ua.call('bob', {pcConfig: {rtcpMuxPolicy: 'negotiate', iceServers: [
			{urls: ['stun:s.example', 'turn:t.example']  , username: 'u', credential: 'geheim'},
			{url: 'turns:v.example', username: 'w'}]}});
	`), 0)
	if err != nil {
		t.Fatal(err)
	}
	tells := func(list []Finding, name string) {
		t.Helper()
		if !slices.ContainsFunc(list, func(f Finding) bool { return f.Name == name && f.Reason != "" }) {
			t.Errorf("%s is not told in %v", name, list)
		}
	}
	for _, name := range []string{"lalala", "log.connector", "display_name", "pcConfig.rtcpMuxPolicy"} {
		tells(in.Ignored, name)
	}
	for _, name := range []string{
		"sockets", "via_transport", "uri", "register_expires", "pcConfig.iceServers",
		"turn_servers",
	} {
		tells(in.Changed, name)
	}
	c := in.Config
	if !c.HackViaTCP || c.RegisterExpires != 300 || c.Log.Level != config.LogDebug ||
		!slices.Equal(c.StunServers, []string{"stun:s.example"}) ||
		len(c.TurnServers) != 2 || c.TurnServers[0].Credential.Reveal() != "geheim" ||
		c.TurnServers[1].URLs[0] != "turns:v.example" {
		t.Errorf("got %+v", c)
	}
	for _, f := range append(in.Changed, in.Ignored...) {
		if strings.Contains(f.Reason, "geheim") {
			t.Errorf("secret told: %+v", f)
		}
	}
}

func TestImportOffersRemedies(t *testing.T) {
	for _, test := range []struct{ text, parameter, want string }{
		{`{uri:'a@b', ws_servers:{ws_uri:'ws://h', weight:3}}`, "ws_servers", "ws://h"},
		{`{uri:'a@b', ws_server:'ws://h'}`, "ws_servers", "ws://h"},
		{`{uir:'a@b', ws_servers:'ws://h'}`, "uri", "ws://h"},
		{`{uri:'a@b', sokets:[{socket: 'ws://h'}]}`, "ws_servers", "ws://h"},
	} {
		_, err := Import([]byte(test.text), 0)
		var fixable *FixableError
		if !errors.As(err, &fixable) || fixable.Err.Parameter != test.parameter || fixable.Offer == "" {
			t.Fatalf("%s: %v", test.text, err)
		}
		if c := fixable.Fixed.Config; c.URI != "sip:a@b" || c.WSServers[0].WSURI != test.want {
			t.Errorf("%s: fixed to %+v", test.text, c)
		}
		if r := Check([]byte(test.text), 0); r.OK || r.Parameter != test.parameter {
			t.Errorf("%s: checked %+v", test.text, r)
		}
	}
	var fixable *FixableError
	if _, err := Import([]byte(`{uri:'a@b', ws_servers:{ws_uri:'http://h'}}`), 0); errors.As(err, &fixable) ||
		err == nil {
		t.Errorf("got %v, want no remedy", err)
	}
}

// TestImportRunsNothing: what a program would do is not done; nothing of it is taken for an address.
func TestImportRunsNothing(t *testing.T) {
	for name, text := range map[string]string{
		"empty":            " \n ",
		"too long":         "{uri:'" + strings.Repeat("a", maxText) + "'}",
		"brackets":         strings.Repeat("[", 30000),
		"nested functions": strings.Repeat("(function(){", 200),
		"loop":             "for(;;){}",
		"hidden loop":      "var a = {uri: (function(){ while(true){} })(), ws_servers: 'ws://h'}",
		"recursion":        "function f(){ return f() } var a = {uri: f(), ws_servers: 'ws://h'}",
		"exponential": "function f(n){ return n < 1 ? 1 : f(n-1) + f(n-1) } var a = {uri: f(40), ws_servers: " +
			"'ws://h'}",
		"growing text": "var s = 'x'; function f(n){ s += s; return n < 1 ? s : f(n-1) } var a = {uri: f(50), " +
			"ws_servers: f(50)}",
		"repeated text":     "var a = {uri: 'x'.repeat(1e9), ws_servers: 'ws://h'}",
		"long array":        "var a = []; a.length = 4294967295; var c = {uri: a.join('x'), ws_servers: 'ws://h'}",
		"long array, plus":  "var a = []; a.length = 4294967295; var c = {uri: '' + a, ws_servers: 'ws://h'}",
		"array constructor": "var c = {uri: new Array(4294967295).join('x'), ws_servers: 'ws://h'}",
		"spread":            "var c = {uri: [...'abc'], ws_servers: 'ws://h'}",
		"regular": "var c = {uri: /(a+)+$/.test('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab'), ws_servers: " +
			"'ws://h'}",
		"getter": "({get uri(){ return arguments.callee() }, ws_servers: 'ws://h'})",
		"endless getter": "({get uri(){ function f(n){ return n < 1 ? 1 : f(n-1) + f(n-1) } return f(60) }, " +
			"ws_servers: 'ws://h'})",
		"throwing getter":  "({get uri(){ throw 'x' }, ws_servers: 'ws://h'})",
		"constructor":      "({uri: (function(){}).constructor('for(;;){}')(), ws_servers: 'ws://h'})",
		"eval":             "({uri: eval('for(;;){}'), ws_servers: 'ws://h'})",
		"prototype":        "({__proto__: null, uri: this, ws_servers: 'ws://h'})",
		"no configuration": "var a = 5;",
		"not JavaScript":   "uri = sip:alice@example.com",
		"control":          "\x00\x01\xff",
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			if in, err := Import([]byte(text), 0); err == nil && (in.Config.URI != "" || len(in.ToFill) == 0) {
				t.Errorf("read as %+v", in.Config)
			}
			if took := time.Since(start); took > 30*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

func TestSnippetSeesNothingOfTheProgram(t *testing.T) {
	for _, name := range []string{
		"process", "global", "globalThis", "window", "document", "Object", "Function", "Date",
		"Math", "Proxy", "Reflect", "Promise", "setTimeout", "fetch", "eval",
	} {
		in, err := Import([]byte("({uri: typeof "+name+" + '@example.com', ws_servers: 'ws://h'})"), 0)
		if err != nil || in.Config.URI != "sip:undefined@example.com" {
			t.Errorf("%s: %s, %v", name, in.Config.URI, err)
		}
	}
}

func TestExportIsImportedAgain(t *testing.T) {
	in, err := Import([]byte(`{
			uri: 'alice@example.com', ws_servers: [{ws_uri: 'wss://a/', weight: 2.5}, 'ws://b'],
			password: 'ge"heim\\', authorization_user: 'al',
			connection_recovery_max_interval: 40, connection_recovery_min_interval: 4,
			display_name: 'Älice "A" \u2028',
			hack_ip_in_contact: true, hack_via_tcp: true, hack_via_ws: true,
			instance_id: '8f1fa16a-1165-4a96-8341-785b1ef24f12',
			log: {builtinEnabled: false, level: 'error'}, no_answer_timeout: 20,
			register: false, register_expires: 100, registrar_server: 'r.example',
			stun_servers: ['stun:s'], trace_sip: true,
			turn_servers: [{urls: ['turn:a', 'turns:b'], username: 'u', credential: 'ge\'heim'}],
			use_preloaded_route: true, authorization_jwt: 'Bearer heim',
			contact_uri: 'sip:al@10.0.0.1:5070;transport=ws', extra_headers: ['X-A: "b"'],
			ha1: '7b33heim', realm: 'r"\\', session_timers: false,
			session_timers_force_refresher: true, session_timers_refresh_method: 'INVITE',
			user_agent: 'Pbx "1"', calla: {
			ice_gathering_timeout: 700, keep_alive_interval: 9, fail_back: false, origin: 'https://o.example',
			client_certificate: '/c.pem', client_key: '/k.pem', tls_ca: '/ca.pem',
			proxy: 'http://u:heim@p.example:8080', ice_transport_policy: 'relay',
			reliable_provisional: 'off', force_rport: true, log_file: '/tmp/l', log_command: 'cat "a"',
			dial_rules: ['+ -> 00', '/(\\d+)/ -> 0$1'], forward_always: 'carol',
			forward_busy: '4711', forward_no_answer: 'x@y.example', forward_after: 7, auto_answer: 9,
			auto_answer_domains: ['*.Example.com']}}`), 0)
	if err != nil {
		t.Fatal(err)
	}
	full := in.Config
	configtest.Fill(t, &full)
	for _, p := range config.Parameters() {
		if p.Kind != config.KindConnector && !p.Given(full) {
			t.Errorf("%s is not tried", p.Name)
		}
	}
	var lost04, calla []string // what the older page, and JsSIP at all, have no name for
	for _, p := range config.Parameters() {
		if p.Since != "" || p.Added {
			lost04 = append(lost04, p.Name)
		}
		if p.Added {
			calla = append(calla, p.Name)
		}
	}
	lost3 := append([]string{"hack_ip_in_contact", "hack_via_ws", "log.builtinEnabled", "log.level", "trace_sip"},
		slices.DeleteFunc(calla, func(name string) bool { return name == "calla.ice_transport_policy" })...)
	bare := withoutSecrets(t, full)
	for _, secrets := range []bool{false, true} {
		want := bare
		if secrets {
			want = full
		}
		for format, lost := range map[Format][]string{
			FormatJSON:       nil,
			FormatJsSIP04:    lost04,
			FormatJsSIP3:     lost3,
			FormatJsSIP3JSON: lost3,
		} {
			lost = slices.DeleteFunc(slices.Clone(lost), func(name string) bool {
				p, _ := config.ParameterNamed(name)
				return !secrets && p.Kind == config.KindSecret
			})
			text, err := Export(full, format, With{Secrets: secrets, InstanceID: true})
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(text, "heim") != secrets {
				t.Errorf("secrets %v: %s", secrets, text)
			}
			back, err := Import([]byte(text), 0)
			if err != nil {
				t.Fatalf("%s\n%v", text, err)
			}
			if diff := want.Differences(back.Config); !slices.Equal(diff, lost) {
				t.Errorf("format %d, secrets %v: differs in %v\n%s", format, secrets, diff, text)
			}
		}
	}
}

// withoutSecrets is a configuration as an account file has it.
func withoutSecrets(t *testing.T, c config.Config) (bare config.Config) {
	t.Helper()
	data, err := json.Marshal(c)
	if err == nil {
		err = json.Unmarshal(data, &bare)
	}
	if err != nil {
		t.Fatal(err)
	}
	return bare
}

func FuzzImport(f *testing.F) {
	f.Add(`{uri:'a@b', ws_servers:[{ws_uri:'ws://h', weight:'5'}], ` +
		`turn_servers:{urls:'x',username:'u',credential:'p'}}`)
	f.Add(`var s = new JsSIP.WebSocketInterface('ws://h'); ` +
		`new JsSIP.UA({sockets:[s], uri:'a@b', pcConfig:{iceServers:[{url:'stun:x'}]}})`)
	f.Add(`uri: 'a@b', ws_servers: 'ws://h'`)
	files, err := filepath.Glob("testdata/pasted/*")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Fuzz(func(t *testing.T, text string) {
		in, err := Import([]byte(text), 0)
		r := Check([]byte(text), 0)
		if !r.OK && r.Reason == "" {
			t.Fatalf("%q refused without a reason", text)
		}
		if r.OK && err != nil {
			t.Fatalf("%q is checked but not imported: %v", text, err)
		}
		for _, fill := range append(in.ToFill, r.ToFill...) {
			if fill.Line < 1 || fill.Column < 1 || fill.Parameter == "" {
				t.Fatalf("%q: %+v has no place", text, fill)
			}
		}
	})
}

func TestWhatIsNotThereIsNotTold(t *testing.T) {
	in, err := Import([]byte(`{"uri": "alice@example.com", "ws_servers": "wss://sip.example.com", "password": "x"}`), 0)
	if err != nil {
		t.Fatal(err)
	}
	if len(in.Ignored) != 0 {
		t.Errorf("ignored: %v", in.Ignored)
	}
}

func TestImportReadsWhatLaterVersionsAndForksWrite(t *testing.T) {
	base := config.Config{
		URI:       "sip:alice@example.com",
		WSServers: []config.Server{{WSURI: "wss://a.example", Weight: 3}},
	}
	for name, test := range map[string]struct {
		text string
		want func(*config.Config)
	}{
		"origin of a connection": {
			`{uri:'alice@example.com', ws_servers:[{ws_uri:'wss://a.example', weight:3}], ` +
				`node_websocket_options:{origin:'https://o.example', headers:{}}}`,
			func(c *config.Config) { c.Calla.Origin = "https://o.example" },
		},
		"socket of Node": {
			`const NodeWebSocket = require('jssip-node-websocket'); const JsSIP = require('jssip');
			const socket = new NodeWebSocket('wss://a.example', {origin: 'https://o.example'});
			new JsSIP.UA({sockets: [{socket, weight: 3}], uri: 'alice@example.com'})`,
			func(c *config.Config) { c.Calla.Origin = "https://o.example" },
		},
		"later parameters": {
			`{uri:'alice@example.com', sockets:[{socket:'wss://a.example', weight:'3'}],
				session_timers:false, session_timers_refresh_method:'invite',
				contact_uri:'sip:a@b', user_agent:'x', extra_headers:['X-A: 1'], realm:'r', ha1:'h'}`,
			func(c *config.Config) {
				c.SessionTimers, c.SessionTimersRefreshMethod, c.ContactURI, c.UserAgent = config.Off, "INVITE",
					"sip:a@b", "x"
				c.ExtraHeaders, c.Realm, c.HA1 = []string{"X-A: 1"}, "r", "h"
			},
		},
		"named imports": {
			`import { UA, WebSocketInterface as Socket } from 'jssip';
			const ua = new UA({uri: 'alice@example.com',
				sockets: {socket: new Socket('wss://a.example'), weight: 3}});`,
			nil,
		},
		"another name": {
			`import * as Phone from "jssip"
			let ua = new Phone.UA({uri: 'alice@example.com',
				sockets: [{socket: new Phone.WebSocketInterface('wss://a.example'), weight: 3}]})`,
			nil,
		},
		"page": {
			`<html><script src="jssip.js"></script><p>{</p><SCRIPT type="text/javascript">
			var ua = new JsSIP.UA({uri: 'alice@example.com',
				ws_servers: [{ws_uri: 'wss://a.example', weight: 3}]});</SCRIPT></html>`,
			nil,
		},
		"SIP.js": {
			`var ua = new SIP.UA({uri: 'alice@example.com', wsServers: [{wsUri: 'wss://a.example', weight: 3}],
				authorizationUser: 'al', displayName: 'Alice', stunServers: ['stun:s'],
				turnServers: {urls: 'turn:t', username: 'u', password: 'p'},
				hackIpInContact: true, traceSip: true, userAgentString: 'x', keepAliveInterval: 20,
				forceRport: true, rel100: 'none', iceCheckingTimeout: 900, noAnswerTimeout: 30});`,
			func(c *config.Config) {
				c.AuthorizationUser, c.DisplayName, c.StunServers, c.HackIPInContact, c.TraceSIP = "al", "Alice",
					[]string{"stun:s"}, true, true
				c.TurnServers = []config.TurnServer{{URLs: []string{"turn:t"}, Username: "u", Credential: "p"}}
				c.UserAgent, c.NoAnswerTimeout = "x", 30
				c.Calla.KeepAliveInterval, c.Calla.ForceRport, c.Calla.ReliableProvisional,
					c.Calla.ICEGatheringTimeout = 20, true, "off", 900
			},
		},
		"later SIP.js": {
			`const userAgent = new SIP.UserAgent({uri: SIP.UserAgent.makeURI('sip:alice@example.com'),
				authorizationUsername: 'al', authorizationPassword: 'pw',
				transportOptions: {wsServers: [{ws_uri: 'wss://a.example', weight: 3}],
				traceSip: false, maxReconnectionAttempts: 3}})`,
			func(c *config.Config) { c.AuthorizationUser, c.Password = "al", "pw" },
		},
		"ways of sound": {
			`var ua = new JsSIP.UA({uri: 'alice@example.com', ws_servers: [{ws_uri: 'wss://a.example', weight: 3}]});
			ua.call('bob', {pcConfig: {iceTransportPolicy: 'relay',
				iceServers: [{urls: 'turn:t', username: 'u', credential: 'p'}]}});`,
			func(c *config.Config) {
				c.Calla.ICETransportPolicy, c.StunServers = "relay", []string{}
				c.TurnServers = []config.TurnServer{{URLs: []string{"turn:t"}, Username: "u", Credential: "p"}}
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			want := base
			if test.want != nil {
				test.want(&want)
			}
			in, err := Import([]byte(test.text), 0)
			if err != nil {
				t.Fatal(err)
			}
			if diff := in.Config.Differences(want); diff != nil {
				t.Errorf("differs in %v: %+v", diff, in.Config)
			}
		})
	}
}

func TestImportTellsWhatRunsOnThisComputer(t *testing.T) {
	in, err := Import([]byte(`{uri:'a@b', ws_servers:'ws://h', calla:{
		log_command:'rm -rf x', log_file:'/tmp/x', proxy:'http://u:geheim@p:8080'}}`), 0)
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]string{}
	for _, f := range in.Changed {
		told[f.Name] = f.Reason
	}
	if !strings.Contains(told["calla.log_command"], "rm -rf x") || !strings.Contains(told["calla.log_file"], "/tmp/x") {
		t.Errorf("%v", told)
	}
	if strings.Contains(told["calla.proxy"], "geheim") || in.Config.Calla.ProxyPassword.Reveal() != "geheim" {
		t.Errorf("%v", told)
	}
}

func TestImportOffersAllRemediesAtOnce(t *testing.T) {
	_, err := Import([]byte(`{uir:'a@b', lalala: 1, ws_servers:{ws_uri:'ws://h'}, stun_servers:'s.example'}`), 0)
	var fixable *FixableError
	if !errors.As(err, &fixable) || !strings.Contains(fixable.Offer, "ws_servers") ||
		!strings.Contains(fixable.Offer, "uir") {
		t.Fatalf("%v", err)
	}
	if c := fixable.Fixed.Config; c.URI != "sip:a@b" || c.WSServers[0].WSURI != "ws://h" ||
		c.StunServers[0] != "stun:s.example" {
		t.Errorf("%+v", c)
	}
	for _, name := range []string{"ws_servers", "uri", "stun_servers"} {
		if !slices.ContainsFunc(fixable.Fixed.Changed, func(f Finding) bool { return f.Name == name }) {
			t.Errorf("%s is not told in %v", name, fixable.Fixed.Changed)
		}
	}
}
