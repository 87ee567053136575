package config

import "slices"

// Kind is the form of a parameter's value.
type Kind uint8

// The kinds of parameters, with the Go value that Parameter.Value returns and the JSON they accept.
const (
	KindText         Kind = iota // string
	KindSecret                   // Secret; from a string or number
	KindBoolean                  // bool
	KindSeconds                  // int > 0; numeric strings accepted
	KindMilliseconds             // int > 0; numeric strings accepted
	KindLevel                    // string error|warn|log|debug; 0 to 3 accepted
	KindConnector                // a function of the program; never stored
	KindServers                  // []any of {ws_uri, weight}; from a string, a list of strings and objects
	KindStunServers              // []any of strings; from a string or list
	KindTurnServers              // []any of {urls, username, credential}; from an object or list
	KindChoice                   // string, one of Choices in any case
	KindHeaders                  // []any of strings "Name: value"; from a list
	KindFile                     // string, the path of a file
	KindLines                    // []any of strings, each a line; from a list or from text of several lines
)

// Group is the part of the account form a parameter stands in.
type Group string

// The groups in their order on the form.
const (
	GroupIdentity      Group = "Identity"
	GroupServers       Group = "Servers"
	GroupRegistration  Group = "Registration"
	GroupCalls         Group = "Calls"
	GroupMedia         Group = "Media"
	GroupCompatibility Group = "Compatibility"
	GroupLogging       Group = "Logging"
)

// Parameter describes one parameter of Config. Forms, documentation, import and export are driven
// by the list that Parameters returns.
type Parameter struct {
	Name      string // in JsSIP; a part of an object with a dot: "log.level"
	Kind      Kind
	Group     Group
	Mandatory bool
	Default   string   // as a person reads it; "" for a mandatory parameter
	Choices   []string // of KindChoice, the default first
	Since     string   // the JsSIP version that brought it, where that is later than the page's; else ""
	Added     bool     // Calla's own, not of JsSIP
	About

	Lenient bool // a wrong value is left out and told, not refused
	get     func(*Config) any
	set     func(*Config, any) *Error
	secret  func(*Config) *Secret // of KindSecret: where it is; else nil
	means   func(*Config) bool    // of KindSecret: whether it means anything beside the rest; nil = always
}

// About is what there is to say of a parameter.
type About struct {
	Label   string // what people call it, in a form
	Help    string // one sentence
	Effect  string // what it does on the wire or, where that is nothing, what it does else; in Markdown
	Accepts string // the forms it takes, where its Kind does not tell them; in Markdown
	Change  Change
}

// Change is what becomes of a parameter that changes while a user agent is at work.
type Change uint8

// What a change needs.
const (
	ChangeRenews     Change = iota // it says who we are or where we connect: a new user agent
	ChangeAtUse                    // nothing: it is looked at when it is needed
	ChangeRegisters                // it stands in every request: the registrar is told at once
	ChangeLogsIn                   // what was learnt of realms is forgotten, then as ChangeRegisters
	ChangeMakesMedia               // media of the next calls is made with it
	ChangeAtWork                   // what is at work is told
)

// Needs sorts parameters that have changed, by name, by what the change needs.
func Needs(changed []string) map[Change][]string {
	needs := make(map[Change][]string)
	for _, name := range changed {
		p, _ := ParameterNamed(name)
		needs[p.Change] = append(needs[p.Change], name)
	}
	return needs
}

// Value returns the parameter's value in c in JSON's types, or nil when it is not given. Secrets in it
// are of type Secret.
func (p Parameter) Value(c Config) any { return p.get(&c) }

// Set checks v by the parameter's rule and puts it in canonical form into c; a wrong v leaves c as it
// was and returns a *ConfigError. An empty v (nil, "", [] or NaN) makes the parameter "not given", which
// is an error for a mandatory one; the exception is stun_servers, where [] means none.
func (p Parameter) Set(c *Config, v any) error {
	err := p.set(c, v)
	if err == nil {
		return nil
	}
	err.Parameter = p.Name
	return err
}

// Given tells whether c has a value of its own for the parameter.
func (p Parameter) Given(c Config) bool { return p.Value(c) != nil }

// Secret returns where c has the parameter's value, as it is and unchecked; nil where the parameter's Kind is not
// KindSecret.
func (p Parameter) Secret(c *Config) *Secret {
	if p.secret == nil {
		return nil
	}
	return p.secret(c)
}

// Means tells whether a value of the parameter means anything beside the rest of c: ha1 does not without realm, nor the
// password of a proxy without user name.
func (p Parameter) Means(c Config) bool { return p.means == nil || p.means(&c) }

// ParameterNamed returns the parameter with this name.
func ParameterNamed(name string) (Parameter, bool) {
	all := Parameters()
	i := slices.IndexFunc(all, func(p Parameter) bool { return p.Name == name })
	if i < 0 {
		return Parameter{}, false
	}
	return all[i], true
}

// Parameters lists every parameter: the mandatory ones, the optional ones of the page in its
// order, those of later JsSIP versions, then Calla's own.
func Parameters() []Parameter {
	return slices.Concat(identityParameters(), pageParameters(), laterParameters(), addedParameters())
}

func identityParameters() []Parameter {
	return []Parameter{
		textParameter("uri", GroupIdentity, About{
			Label: "SIP address",
			Help:  "Your SIP address, such as alice@example.com.",
			Effect: "From and To of REGISTER and From of all else; its domain is the Request-URI of " +
				"REGISTER, its user that of Digest, and calls to it are ours.",
			Accepts: "a SIP address with a user; `sip:` may be missing; not `sips:` or `tel:`; host in lower " +
				"case afterwards, headers dropped",
		}, func(c *Config) *string { return &c.URI }, checkURI).mandatory(),
		Parameter{
			Name: "ws_servers", Kind: KindServers, Group: GroupServers,
			About: About{
				Label: "WebSocket servers",
				Help: "The WebSocket servers, ws:// or wss://, each with a weight: the heavier is tried " +
					"first.",
				Effect: "The WebSocket is dialled to the heaviest that answers, equals by chance; its scheme " +
					"is the transport of Via, WS or WSS; a failed one is passed over at once.",
			},
			get: getServers, set: setServers,
		}.mandatory(),
	}
}

// pageParameters are in the order of the page, which is that of the alphabet.
func pageParameters() []Parameter {
	return slices.Concat(pageParametersAToI(), pageLogParameters(), pageParametersNToR(), pageParametersSToU())
}

func pageParametersAToI() []Parameter {
	return []Parameter{
		textParameter("authorization_user", GroupIdentity, About{
			Label:  "User name to authenticate with",
			Help:   "The user name to authenticate with, where it is not that of the address.",
			Effect: "`username` of Digest; From, To and Contact stay as they are.",
			Accepts: "what can stand between the quotes of a quoted-string: `\\\"` for a quote; a number or " +
				"boolean as its text",
			Change: ChangeLogsIn,
		}, func(c *Config) *string { return &c.AuthorizationUser }, checkAuthorizationUser).
			anyScalar().withDefault("the user part of uri"),
		secondsParameter("connection_recovery_max_interval", GroupServers, "30", About{
			Label: "Longest wait to reconnect, seconds",
			Help:  "The longest wait before all servers are tried anew, in seconds.",
			Effect: "When all servers have failed, no attempt waits for longer than this. One that served us and is " +
				"away for more than 2 min is asked once in this time, in a phase by chance.",
			Change: ChangeAtWork,
		}, func(c *Config) *int { return &c.ConnectionRecoveryMaxInterval }),
		secondsParameter("connection_recovery_min_interval", GroupServers, "2", About{
			Label: "Shortest wait to reconnect, seconds",
			Help:  "The unit of the wait before all servers are tried anew, in seconds.",
			Effect: "When all servers have failed, the next attempt waits for k times this, k by chance from " +
				"1 to 2ⁿ after n attempts, and up to 1 s of jitter within the longest wait. One that served us and " +
				"is away for 5 s to 2 min is asked once in twice this time, in a phase by chance.",
			Change: ChangeAtWork,
		}, func(c *Config) *int { return &c.ConnectionRecoveryMinInterval }),
		textParameter("display_name", GroupIdentity, About{
			Label: "Your name",
			Help:  "The name that people you call see, without quotes.",
			Effect: "Before the address in From, quoted, in UTF-8, with `\"` and `\\` escaped; not in an " +
				"anonymous call.",
			Accepts: "text that is not wrapped in quotes; a number or boolean as its text",
			Change:  ChangeRegisters,
		}, func(c *Config) *string { return &c.DisplayName }, checkDisplayName).anyScalar(),
		flagParameter("hack_ip_in_contact", GroupCompatibility, About{
			Label:  "IP address in Contact",
			Help:   "Put a random 192.0.2.x address in Contact and Via instead of a name ending in .invalid.",
			Effect: "One address 192.0.2.1 to 192.0.2.254, drawn once, in Contact and in Via.",
		}, func(c *Config) *bool { return &c.HackIPInContact }),
		flagParameter("hack_via_tcp", GroupCompatibility, About{
			Label:  "TCP in Via",
			Help:   "Write TCP as the transport in Via, for servers that know no WebSocket.",
			Effect: "`SIP/2.0/TCP` in the Via of our requests; Contact and the WebSocket stay as they are.",
			Change: ChangeRegisters,
		}, func(c *Config) *bool { return &c.HackViaTCP }),
		flagParameter("hack_via_ws", GroupCompatibility, About{
			Label:  "WS in Via",
			Help:   "Write WS as the transport in Via also when the server is wss://.",
			Effect: "`SIP/2.0/WS` in the Via of our requests also over wss; `hack_via_tcp` goes before it.",
			Change: ChangeRegisters,
		}, func(c *Config) *bool { return &c.HackViaWS }),
		textParameter("instance_id", GroupRegistration, About{
			Label:   "Identity of this phone",
			Help:    "The UUID that names this phone to the registrar; kept once made.",
			Effect:  "`+sip.instance=\"<urn:uuid:…>\"` in the Contact of REGISTER.",
			Accepts: "a UUID, with or without `uuid:` before it",
		}, func(c *Config) *string { return &c.InstanceID }, checkInstanceID).withDefault("a random UUID"),
	}
}

func pageLogParameters() []Parameter {
	return []Parameter{
		switchParameter("log.builtinEnabled", GroupLogging, About{
			Label: "Write to the log",
			Help:  "Write log lines to the program's own log.",
			Effect: "Nothing on the wire: off keeps the account's lines out of the program's log; connector, " +
				"file and command get them still.",
			Change: ChangeAtWork,
		}, func(c *Config) *Switch { return &c.Log.BuiltinEnabled }).leniently(),
		{
			Name: "log.level", Kind: KindLevel, Group: GroupLogging, Default: "log (2)", Lenient: true,
			About: About{
				Label: "How much to log",
				Help:  "How much is logged: error (0), warn (1), log (2) or debug (3).",
				Effect: "Nothing on the wire: lines above the level are not written anywhere, save what " +
					"`trace_sip` asks for; labels come at debug.",
				Change: ChangeAtWork,
			},
			get: getLevel, set: setLevel,
		},
		{
			Name: "log.connector", Kind: KindConnector, Group: GroupLogging, Default: "none", Lenient: true,
			About: About{
				Label: "Log lines to a function",
				Help:  "A function of the program that gets every log line; it cannot be written in a file.",
				Effect: "Nothing on the wire: it gets level, category, label and content of each line that " +
					"the level lets through.",
				Change: ChangeAtWork,
			},
			get: func(*Config) any { return nil }, set: setConnector,
		},
	}
}

func pageParametersNToR() []Parameter {
	return []Parameter{
		secondsParameter("no_answer_timeout", GroupCalls, "60", About{
			Label:  "Ring for, seconds",
			Help:   "How long an incoming call rings before it is refused, in seconds.",
			Effect: "An incoming call that nobody answers for so long is refused with 408.",
			Change: ChangeAtUse,
		}, func(c *Config) *int { return &c.NoAnswerTimeout }),
		secretParameter("password", GroupIdentity, About{
			Label: "Password",
			Help:  "The password; without one the phone never authenticates.",
			Effect: "Challenges of the registrar, and of realms that it asked in or that the user names, are " +
				"answered with a Digest made of it; it is never sent. Without one, and without `ha1` and " +
				"`authorization_jwt`, none is answered.",
			Change: ChangeLogsIn,
		}, func(c *Config) *Secret { return &c.Password }),
		switchParameter("register", GroupRegistration, About{
			Label:  "Register, so that calls come in",
			Help:   "Register at the server whenever the connection is up, so that calls come in.",
			Effect: "off: the WebSocket is connected, but no REGISTER is sent.",
			Change: ChangeAtWork,
		}, func(c *Config) *Switch { return &c.Register }),
		secondsParameter("register_expires", GroupRegistration, "600", About{
			Label:  "Registration lasts, seconds",
			Help:   "For how long a registration is asked, in seconds.",
			Effect: "`expires` in the Contact of REGISTER, and Expires.",
			Change: ChangeRegisters,
		}, func(c *Config) *int { return &c.RegisterExpires }),
		textParameter("registrar_server", GroupRegistration, About{
			Label:   "Registrar",
			Help:    "The address REGISTER goes to, where it is not the domain of the address.",
			Effect:  "Request-URI of REGISTER and `uri` of its Digest; To and From stay the address.",
			Accepts: "a SIP address without user; `sip:` may be missing; not `sips:`",
		}, func(c *Config) *string { return &c.RegistrarServer }, checkRegistrar).withDefault("the domain of uri"),
	}
}

func pageParametersSToU() []Parameter {
	return []Parameter{
		{
			Name: "stun_servers", Kind: KindStunServers, Group: GroupMedia, Default: DefaultStunServer,
			About: About{
				Label: "STUN servers",
				Help: "The STUN servers, stun: or stuns:, that tell the phone its public address; an empty " +
					"list means none.",
				Effect: "Each is sent Binding requests when a call begins; the address it tells is a " +
					"candidate (`typ srflx`) of the offer.",
				Change: ChangeMakesMedia,
			},
			get: getStunServers, set: setStunServers,
		},
		flagParameter("trace_sip", GroupLogging, About{
			Label: "Log every SIP message",
			Help:  "Log every SIP message sent and received, secrets masked.",
			Effect: "Nothing on the wire: each message sent and received is logged whole, whatever the " +
				"level, secrets masked.",
			Change: ChangeAtUse,
		}, func(c *Config) *bool { return &c.TraceSIP }),
		{
			Name: "turn_servers", Kind: KindTurnServers, Group: GroupMedia, Default: "none",
			About: About{
				Label: "TURN servers",
				Help: "The TURN servers that relay sound where no direct path exists, with user name and " +
					"credential.",
				Effect: "An allocation is made at each when a call begins; the relayed address is a " +
					"candidate (`typ relay`) of the offer.",
				Change: ChangeMakesMedia,
			},
			get: getTurnServers, set: setTurnServers,
		},
		flagParameter("use_preloaded_route", GroupCompatibility, About{
			Label: "Route through the server",
			Help:  "Add a Route to the connected server to every request outside a dialog.",
			Effect: "`Route: <sip:HOST[:PORT];transport=ws;lr>` of the connected server is the first header " +
				"field of every request outside a dialog.",
			Change: ChangeAtUse,
		}, func(c *Config) *bool { return &c.UsePreloadedRoute }),
	}
}

// mandatory makes an empty value an error.
func (p Parameter) mandatory() Parameter {
	set := p.set
	p.Mandatory, p.Default = true, ""
	p.set = func(c *Config, v any) *Error {
		if isEmpty(v) {
			return &Error{Value: v, Reason: "is missing"}
		}
		return set(c, v)
	}
	return p
}

func (p Parameter) withDefault(s string) Parameter { p.Default = s; return p }

func (p Parameter) leniently() Parameter { p.Lenient = true; return p }

func (p Parameter) added() Parameter { p.Added = true; return p }

func (p Parameter) since(version string) Parameter { p.Since = version; return p }

// meaning says with what else the parameter means anything.
func (p Parameter) meaning(with func(*Config) bool) Parameter { p.means = with; return p }

func (p Parameter) file() Parameter { p.Kind = KindFile; return p }

// anyScalar lets a text parameter take numbers and booleans, as their text.
func (p Parameter) anyScalar() Parameter {
	set := p.set
	p.set = func(c *Config, v any) *Error {
		if s, ok := scalarText(v); ok {
			return set(c, s)
		}
		return set(c, v)
	}
	return p
}

// textOnly refuses numbers and booleans where their text would do otherwise.
func (p Parameter) textOnly() Parameter {
	set := p.set
	p.set = func(c *Config, v any) *Error {
		if _, ok := scalarText(v); ok {
			return &Error{Value: "hidden", Reason: "must be text"}
		}
		return set(c, v)
	}
	return p
}
