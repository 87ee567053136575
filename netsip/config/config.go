// Package config is what is configured: Config, the one list of all parameters with label, help and effect; Secret, a
// string that is not printed; and the reading of dialled texts into addresses. It is pure and knows only netsip/sip.
package config

import (
	"crypto/rand"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Config is the configuration of one user agent: the parameters of the JsSIP 0.4 "UA Configuration
// Parameters" page, in the page's order, after them those of later JsSIP versions, and Calla's own. The zero value of
// an optional field means "not given": Normalize puts the default there. Parameters describes each one.
//
// A Config holds no reference to anything live. Its JSON form carries the page's names, the given
// parameters only, and no secret; Parse reads foreign input, secrets included.
type Config struct {
	URI       string   // uri: the address of record, "sip:alice@example.com"
	WSServers []Server // ws_servers: at least one

	// authorization_user: content of the quoted username of Digest, escapes as given
	AuthorizationUser             string
	ConnectionRecoveryMaxInterval int    // connection_recovery_max_interval, seconds
	ConnectionRecoveryMinInterval int    // connection_recovery_min_interval, seconds
	DisplayName                   string // display_name: plain text, escaped only when written
	HackIPInContact               bool   // hack_ip_in_contact
	HackViaTCP                    bool   // hack_via_tcp
	HackViaWS                     bool   // hack_via_ws
	InstanceID                    string // instance_id: a UUID without any prefix
	Log                           Log
	NoAnswerTimeout               int          // no_answer_timeout, seconds
	Password                      Secret       // password; "" = never authenticate
	Register                      Switch       // register
	RegisterExpires               int          // register_expires, seconds
	RegistrarServer               string       // registrar_server: a SIP URI without user
	StunServers                   []string     // stun_servers: nil = the default, empty and not nil = none
	TraceSIP                      bool         // trace_sip
	TurnServers                   []TurnServer // turn_servers
	UsePreloadedRoute             bool         // use_preloaded_route

	// Of later JsSIP versions.
	AuthorizationJWT            Secret   // authorization_jwt: value of Authorization, scheme included
	ContactURI                  string   // contact_uri: a SIP URI, user optional; its host is Via's, too
	ExtraHeaders                []string // extra_headers: "Name: value"
	HA1                         Secret   // ha1: hash of user:realm:password, in the place of password
	Realm                       string   // realm: the one that HA1 is for; it may ask for the password, too
	SessionTimers               Switch   // session_timers (RFC 4028)
	SessionTimersForceRefresher bool     // session_timers_force_refresher
	SessionTimersRefreshMethod  string   // session_timers_refresh_method: "UPDATE" or "INVITE"
	UserAgent                   string   // user_agent; "" = Options.UserAgent

	Calla Additions // Calla's own
}

// Additions are the parameters that Calla adds to JsSIP's.
type Additions struct {
	KeepAliveInterval   int    // keep_alive_interval, seconds; 0 = 25
	ICEGatheringTimeout int    // ice_gathering_timeout, milliseconds; 0 = 500
	ICETransportPolicy  string // ice_transport_policy: "all" or "relay"
	ForceRport          bool   // force_rport (RFC 3581)
	FailBack            Switch // fail_back
	ReliableProvisional string // reliable_provisional (RFC 3262): "supported", "required" or "off"
	Origin              string // origin: header of the WebSocket handshake
	ClientCertificate   string // client_certificate: path of a PEM file
	ClientKey           string // client_key: path of a PEM file; "" = in ClientCertificate's
	TLSCA               string // tls_ca: path of a PEM file
	Proxy               string // proxy: "", "none" or http://[user@]host:port; never with the password
	ProxyPassword       Secret // proxy_password
	RecordCalls         bool   // record_calls: each call, from its answer on
	LogFile             string // log_file: path
	LogCommand          string // log_command: a command line

	Codecs            []string // codecs: the formats of sound that are offered and taken, the best first; nil = all
	DTX               bool     // dtx: pauses are left out
	DialRules         []string // dial_rules: "FROM -> TO" or "/PATTERN/ -> TO"
	ForwardAlways     string   // forward_always: a number, user or address, as it would be dialled
	ForwardBusy       string   // forward_busy
	ForwardNoAnswer   string   // forward_no_answer
	ForwardAfter      int      // forward_after, seconds; 0 = 20, or half of no_answer_timeout where that is less
	AutoAnswer        int      // auto_answer, seconds that it rings; 0 = off
	AutoAnswerDomains []string // auto_answer_domains: whose callers may wish to be answered by itself
	Ringtone          string   // ringtone: path of a sound file, RingtoneNone or RingtoneOwn; "" = that of all accounts
	HoldMusic         string   // hold_music: path of a sound file, or HoldMusicNone; "" = that of all accounts
}

// Values of ICETransportPolicy.
const (
	ICEAll   = "all"
	ICERelay = "relay" // only what a TURN server relays: the far end never learns our address
)

// Values of ReliableProvisional.
const (
	ReliableSupported = "supported"
	ReliableRequired  = "required"
	ReliableOff       = "off"
)

// Values of Ringtone that are no files.
const (
	RingtoneNone = "none"  // calls do not ring
	RingtoneOwn  = "calla" // Calla's own tone, whatever all accounts have
)

// HoldMusicNone is the HoldMusic of those who hear nothing on hold, whatever all accounts have.
const HoldMusicNone = "none"

// ProxyNone is the Proxy that is none, whatever the environment says.
const ProxyNone = "none"

// LogConfig is the parameter log.
type Log struct {
	BuiltinEnabled Switch   // builtinEnabled: whether lines go to the program's own log
	Level          LogLevel // level
	// Connector, when set, gets every line that Level lets through, whatever BuiltinEnabled says.
	// label is "" where a line has none. It lives in the program only and is never stored.
	Connector func(level LogLevel, category, label, content string)
}

// Switch is a boolean parameter that is on unless it is switched off.
type Switch uint8

// The positions of a Switch.
const (
	On Switch = iota
	Off
)

// Enabled tells whether the switch is on.
func (s Switch) Enabled() bool { return s != Off }

// SwitchOf returns the Switch for a boolean.
func SwitchOf(on bool) Switch {
	if on {
		return On
	}
	return Off
}

// LogLevel is how much is logged; "" means the default, LogNormal.
type LogLevel string

// The levels by their names on the page, least first.
const (
	LogError  LogLevel = "error" // 0
	LogWarn   LogLevel = "warn"  // 1
	LogNormal LogLevel = "log"   // 2
	LogDebug  LogLevel = "debug" // 3
)

// Number returns the level's number on the page, 0 to 3.
func (l LogLevel) Number() int {
	switch l {
	case LogError:
		return 0
	case LogWarn:
		return 1
	case LogDebug:
		return 3
	default:
		return 2
	}
}

// Server is one entry of ws_servers.
type Server struct {
	WSURI  string  // ws_uri: absolute, scheme ws or wss in lower case
	Weight float64 // weight: the heavier is tried first; may be negative or fractional
}

// Scheme returns "WS" or "WSS".
func (s Server) Scheme() string {
	if strings.HasPrefix(strings.ToLower(s.WSURI), "wss:") {
		return "WSS"
	}
	return "WS"
}

// SIPURI returns the server's own address as a route, "<sip:HOST[:PORT];transport=ws;lr>": the host
// in lower case, the port only where WSURI has one. It is "" for a WSURI that Normalize would refuse.
func (s Server) SIPURI() string {
	u, _, reason := parseWebSocketURI(s.WSURI)
	if reason != "" {
		return ""
	}
	return "<sip:" + strings.ToLower(u.Host) + ";transport=ws;lr>"
}

// TurnServer is one entry of turn_servers.
type TurnServer struct {
	URLs       []string // urls: turn:HOST[:PORT][?transport=udp|tcp], or turns:
	Username   string   // username
	Credential Secret   // credential
}

// ConfigError tells which parameter cannot be used and why.
type Error struct {
	Parameter string // its name on the page; of a part of log, "log.level"
	Value     any    // as given, in JSON's types; nil when absent; secrets in it are replaced by "hidden"
	Reason    string // for people: what is wrong and what would be right
}

func (e *Error) Error() string {
	return e.Parameter + ": " + e.Reason
}

// ErrNoRandom is returned when the system's random source fails while an instance_id is made.
var ErrNoRandom = errors.New("no random source")

// Defaults of the page.
const (
	DefaultRecoveryMaxInterval = 30  // seconds
	DefaultRecoveryMinInterval = 2   // seconds
	DefaultNoAnswerTimeout     = 60  // seconds
	DefaultRegisterExpires     = 600 // seconds
	DefaultStunServer          = "stun:stun.l.google.com:19302"
	DefaultICEGathering        = 500 // milliseconds; Calla's own
	DefaultKeepAlive           = 25  // seconds; Calla's own
	DefaultForwardAfter        = 20  // seconds; Calla's own
)

// Normalize returns c checked, in canonical form and with every default filled in, or a *Error
// for the first parameter that cannot be used, mandatory ones first. It does not change c. A missing
// InstanceID is drawn at random: whoever keeps accounts keeps the drawn value with them. A level of
// Log that is not one is replaced by the default, as JsSIP does.
func (c Config) Normalize() (Config, error) {
	for _, p := range Parameters() {
		v := p.Value(c)
		if v == nil && !p.Mandatory {
			continue
		}
		err := p.Set(&c, v)
		if err == nil {
			continue
		}
		if !p.Lenient {
			return Config{}, err
		}
		if err := p.Set(&c, nil); err != nil {
			return Config{}, err
		}
	}
	return c.withDefaults()
}

// withDefaults fills the fields that are not given of a Config whose given ones are right, and checks
// what only shows between two of them.
func (c Config) withDefaults() (Config, error) {
	orInt := func(p *int, def int) {
		if *p == 0 {
			*p = def
		}
	}
	orInt(&c.ConnectionRecoveryMaxInterval, DefaultRecoveryMaxInterval)
	orInt(&c.ConnectionRecoveryMinInterval, DefaultRecoveryMinInterval)
	orInt(&c.NoAnswerTimeout, DefaultNoAnswerTimeout)
	orInt(&c.RegisterExpires, DefaultRegisterExpires)
	orInt(&c.Calla.ICEGatheringTimeout, DefaultICEGathering)
	orInt(&c.Calla.KeepAliveInterval, DefaultKeepAlive)
	orInt(&c.Calla.ForwardAfter, min(DefaultForwardAfter, max(1, c.NoAnswerTimeout/2)))
	orText := func(p *string, def string) {
		if *p == "" {
			*p = def
		}
	}
	orText(&c.SessionTimersRefreshMethod, "UPDATE")
	orText(&c.Calla.ICETransportPolicy, ICEAll)
	orText(&c.Calla.ReliableProvisional, ReliableSupported)
	if err := c.contradiction(); err != nil {
		return Config{}, err
	}
	if c.AuthorizationUser == "" {
		user, err := authorizationUserOf(c.URI)
		if err != nil {
			return Config{}, err
		}
		c.AuthorizationUser = user
	}
	if c.RegistrarServer == "" {
		registrar, err := registrarOf(c.URI)
		if err != nil {
			return Config{}, err
		}
		c.RegistrarServer = registrar
	}
	if c.InstanceID == "" {
		id, err := NewInstanceID()
		if err != nil {
			return Config{}, err
		}
		c.InstanceID = id
	}
	if c.Log.Level == "" {
		c.Log.Level = LogNormal
	}
	if c.StunServers == nil {
		c.StunServers = []string{DefaultStunServer}
	}
	return c, nil
}

// contradiction returns what is wrong between two parameters that are right each by itself.
func (c Config) contradiction() error {
	wrong := func(parameter string, v any, reason string) error {
		return &Error{Parameter: parameter, Value: v, Reason: reason}
	}
	switch {
	case c.ConnectionRecoveryMaxInterval < c.ConnectionRecoveryMinInterval:
		return wrong("connection_recovery_max_interval", c.ConnectionRecoveryMaxInterval, fmt.Sprintf(
			"must not be below connection_recovery_min_interval, which is %d s", c.ConnectionRecoveryMinInterval))
	case c.Calla.ICETransportPolicy == ICERelay && len(c.TurnServers) == 0:
		return wrong("calla.ice_transport_policy", ICERelay, "needs a TURN server in turn_servers to be relay")
	case c.Calla.ClientKey != "" && c.Calla.ClientCertificate == "":
		return wrong("calla.client_key", c.Calla.ClientKey, "is of no use without client_certificate")
	}
	return c.forwardingContradiction()
}

// NewInstanceID draws a random UUID (version 4, lower case), the form of instance_id.
func NewInstanceID() (string, error) {
	var b [16]byte
	if _, err := rand.Read(b[:]); err != nil {
		return "", fmt.Errorf("draw instance_id: %w", errors.Join(ErrNoRandom, err))
	}
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:16]), nil
}

// Ignored is a parameter that Parse left out, and why.
type Ignored struct {
	Parameter string
	Reason    string
}

// Parse reads a configuration in the page's names, as decoded from JSON or evaluated from
// JavaScript: values are nil, bool, string, json.Number or a Go number, []any, map[string]any. An
// optional parameter that is nil, "", [] or NaN counts as absent (stun_servers: [] means none).
// Each given parameter is checked by itself and put in canonical form; defaults are not filled in:
// that is Normalize. What is not a parameter, and a log setting that is not one, is left out and
// told in ignored. Parameters that are still missing, because the user is to give them, may be absent, mandatory ones
// too. The error is a *Error, mandatory parameters first.
func Parse(values map[string]any, missing []string) (c Config, ignored []Ignored, err error) {
	known := map[string]bool{"log": true, "calla": true}
	for _, p := range Parameters() {
		name, part, nested := strings.Cut(p.Name, ".")
		var v any
		if !nested {
			known[name] = true
			v = values[name]
		} else if group, ok := values[name].(map[string]any); ok {
			v = group[part]
		}
		if isEmpty(v) && slices.Contains(missing, p.Name) {
			continue
		}
		if err := p.Set(&c, v); err != nil {
			if !p.Lenient {
				return Config{}, ignored, err
			}
			ignored = append(ignored, Ignored{p.Name, reasonOf(err)})
		}
	}
	for name := range values {
		if !known[name] {
			ignored = append(ignored, Ignored{name, "is not a parameter"})
		}
	}
	ignored = append(ignored, ignoredParts(values, "log")...)
	ignored = append(ignored, ignoredParts(values, "calla")...)
	slices.SortStableFunc(ignored, func(a, b Ignored) int { return strings.Compare(a.Parameter, b.Parameter) })
	return c, ignored, nil
}

// ignoredParts lists what of the parameter group ("log" or "calla") is not read.
func ignoredParts(values map[string]any, group string) []Ignored {
	v, given := values[group]
	if !given || isEmpty(v) {
		return nil
	}
	parts, ok := v.(map[string]any)
	if !ok {
		return []Ignored{{group, "must be an object"}}
	}
	var ignored []Ignored
	for part := range parts {
		if _, ok := ParameterNamed(group + "." + part); !ok {
			ignored = append(ignored, Ignored{group + "." + part, "is not a parameter"})
		}
	}
	return ignored
}

func reasonOf(err error) string {
	var ce *Error
	if errors.As(err, &ce) {
		return ce.Reason
	}
	return err.Error()
}

// Differences returns the names of the parameters whose values differ between c and d, in the page's
// order. Both should be normalised, or neither: a default and its absence differ.
func (c Config) Differences(d Config) []string {
	var names []string
	for _, p := range Parameters() {
		if !reflect.DeepEqual(p.Value(c), p.Value(d)) {
			names = append(names, p.Name)
		}
	}
	return names
}
