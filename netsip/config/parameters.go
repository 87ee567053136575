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
	Help      string   // one sentence
	Effect    string   // what it does on the wire
	Choices   []string // of KindChoice, the default first
	Since     string   // the JsSIP version that brought it, where that is later than the page's; else ""
	Added     bool     // Calla's own, not of JsSIP

	Lenient bool // a wrong value is left out and told, not refused
	get     func(*Config) any
	set     func(*Config, any) *Error
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
	all := slices.Concat(identityParameters(), pageParameters(), laterParameters(), addedParameters())
	for i := range all {
		all[i].Effect = wireEffect(all[i].Name)
	}
	return all
}

func identityParameters() []Parameter {
	return []Parameter{
		textParameter("uri", GroupIdentity, "Your SIP address, such as alice@example.com.",
			func(c *Config) *string { return &c.URI }, checkURI).mandatory(),
		Parameter{
			Name: "ws_servers", Kind: KindServers, Group: GroupServers,
			Help: "The WebSocket servers, ws:// or wss://, each with a weight: the heavier is tried first.",
			get:  getServers, set: setServers,
		}.mandatory(),
	}
}

func pageParameters() []Parameter {
	return []Parameter{
		textParameter("authorization_user", GroupIdentity, "The user name to authenticate with, where it is not that of the address.",
			func(c *Config) *string { return &c.AuthorizationUser }, checkAuthorizationUser).
			anyScalar().withDefault("the user part of uri"),
		secondsParameter("connection_recovery_max_interval", GroupServers, "30", "The longest wait before all servers are tried anew, in seconds.",
			func(c *Config) *int { return &c.ConnectionRecoveryMaxInterval }),
		secondsParameter("connection_recovery_min_interval", GroupServers, "2", "The unit of the wait before all servers are tried anew, in seconds.",
			func(c *Config) *int { return &c.ConnectionRecoveryMinInterval }),
		textParameter("display_name", GroupIdentity, "The name that people you call see, without quotes.",
			func(c *Config) *string { return &c.DisplayName }, checkDisplayName).anyScalar(),
		flagParameter("hack_ip_in_contact", GroupCompatibility, "Put a random 192.0.2.x address in Contact and Via instead of a name ending in .invalid.",
			func(c *Config) *bool { return &c.HackIPInContact }),
		flagParameter("hack_via_tcp", GroupCompatibility, "Write TCP as the transport in Via, for servers that know no WebSocket.",
			func(c *Config) *bool { return &c.HackViaTCP }),
		flagParameter("hack_via_ws", GroupCompatibility, "Write WS as the transport in Via also when the server is wss://.",
			func(c *Config) *bool { return &c.HackViaWS }),
		textParameter("instance_id", GroupRegistration, "The UUID that names this phone to the registrar; kept once made.",
			func(c *Config) *string { return &c.InstanceID }, checkInstanceID).withDefault("a random UUID"),
		switchParameter("log.builtinEnabled", GroupLogging, "Write log lines to the program's own log.",
			func(c *Config) *Switch { return &c.Log.BuiltinEnabled }).leniently(),
		{
			Name: "log.level", Kind: KindLevel, Group: GroupLogging, Default: "log (2)", Lenient: true,
			Help: "How much is logged: error (0), warn (1), log (2) or debug (3).",
			get:  getLevel, set: setLevel,
		},
		{
			Name: "log.connector", Kind: KindConnector, Group: GroupLogging, Default: "none", Lenient: true,
			Help: "A function of the program that gets every log line; it cannot be written in a file.",
			get:  func(*Config) any { return nil }, set: setConnector,
		},
		secondsParameter("no_answer_timeout", GroupCalls, "60", "How long an incoming call rings before it is refused, in seconds.",
			func(c *Config) *int { return &c.NoAnswerTimeout }),
		secretParameter("password", GroupIdentity, "The password; without one the phone never authenticates.",
			func(c *Config) *Secret { return &c.Password }),
		switchParameter("register", GroupRegistration, "Register at the server whenever the connection is up, so that calls come in.",
			func(c *Config) *Switch { return &c.Register }),
		secondsParameter("register_expires", GroupRegistration, "600", "For how long a registration is asked, in seconds.",
			func(c *Config) *int { return &c.RegisterExpires }),
		textParameter("registrar_server", GroupRegistration, "The address REGISTER goes to, where it is not the domain of the address.",
			func(c *Config) *string { return &c.RegistrarServer }, checkRegistrar).withDefault("the domain of uri"),
		{
			Name: "stun_servers", Kind: KindStunServers, Group: GroupMedia, Default: DefaultStunServer,
			Help: "The STUN servers, stun: or stuns:, that tell the phone its public address; an empty list means none.",
			get:  getStunServers, set: setStunServers,
		},
		flagParameter("trace_sip", GroupLogging, "Log every SIP message sent and received, secrets masked.",
			func(c *Config) *bool { return &c.TraceSIP }),
		{
			Name: "turn_servers", Kind: KindTurnServers, Group: GroupMedia, Default: "none",
			Help: "The TURN servers that relay sound where no direct path exists, with user name and credential.",
			get:  getTurnServers, set: setTurnServers,
		},
		flagParameter("use_preloaded_route", GroupCompatibility, "Add a Route to the connected server to every request outside a dialog.",
			func(c *Config) *bool { return &c.UsePreloadedRoute }),
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
