package netsip

import (
	"fmt"
	"slices"

	"calla/netsip/config"
)

// effect is what becomes of a parameter that changes while a user agent is at work.
type effect int

const (
	effectNone     effect = iota // it says who we are or where we connect: it needs a new user agent
	effectAtUse                  // it is looked at when it is needed
	effectRegister               // it stands in every request: the registrar is told at once
	effectLogin                  // what was learnt of realms is forgotten, then as effectRegister
	effectMedia                  // the program makes media with it, see SetMedia
	effectAtWork                 // what is at work has to be told, see Reconfigure
)

func effectOf(parameter string) effect {
	switch parameter {
	case "no_answer_timeout", "session_timers", "session_timers_refresh_method", "session_timers_force_refresher",
		"calla.reliable_provisional", "use_preloaded_route", "trace_sip":
		return effectAtUse
	case "display_name", "user_agent", "extra_headers", "register_expires", "hack_via_tcp", "hack_via_ws", "calla.force_rport":
		return effectRegister
	case "authorization_user", "password", "ha1", "realm", "authorization_jwt":
		return effectLogin
	case "stun_servers", "turn_servers", "calla.ice_gathering_timeout", "calla.ice_transport_policy":
		return effectMedia
	case "register", "connection_recovery_min_interval", "connection_recovery_max_interval", "calla.keep_alive_interval",
		"calla.fail_back", "log.builtinEnabled", "log.level", "log.connector", "calla.log_file", "calla.log_command":
		return effectAtWork
	}
	return effectNone
}

// Reconfigure takes a new configuration over without a new connection and without touching calls. What cannot be
// changed at work (who we are, where we connect) is returned by parameter; then nothing has changed, and a new
// user agent is needed. The error is a *ConfigError.
func (ua *UserAgent) Reconfigure(c config.Config) (cannot []string, err error) {
	config, err := c.Normalize()
	if err != nil {
		return nil, fmt.Errorf("reconfigure: %w", err)
	}
	changed := ua.config.Differences(config)
	has := make(map[effect]bool)
	for _, name := range changed {
		if effectOf(name) == effectNone {
			cannot = append(cannot, name)
		}
		has[effectOf(name)] = true
	}
	if len(cannot) > 0 || ua.stopped {
		return cannot, nil
	}
	if err := ua.identity.configure(config, ua.options.UserAgent); err != nil {
		return nil, fmt.Errorf("reconfigure: %w", err)
	}
	ua.config = config
	ua.log.configure(ua.options.Logger, config)
	ua.trace.into(config.TraceSIP)
	ua.connection.configure(config)
	if has[effectLogin] {
		ua.credentials = ua.credentials.reconfigured()
	}
	r := ua.registration
	r.asked = secondsOf(config.RegisterExpires)
	switch {
	case slices.Contains(changed, "register") && !config.Register.Enabled():
		r.unregister(false)
	case slices.Contains(changed, "register"), r.wanted && (has[effectRegister] || has[effectLogin]):
		r.register()
	}
	return nil, nil
}

// NeedsNewUserAgent tells whether a parameter is one that Reconfigure cannot follow.
func NeedsNewUserAgent(parameter string) bool { return effectOf(parameter) == effectNone }

// ConcernsMedia tells whether a parameter is one that media is made with: after Reconfigure with another value of it,
// SetMedia is due.
func ConcernsMedia(parameter string) bool { return effectOf(parameter) == effectMedia }

// SetMedia makes the media of the calls from now on with m.
func (ua *UserAgent) SetMedia(m Media) { ua.options.Media = m }
