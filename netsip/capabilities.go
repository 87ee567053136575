package netsip

import (
	"strings"

	"calla/netsip/config"
	"calla/netsip/sip"
)

// capabilities are what we can do: the methods, extensions and events that a far end may use with us, as the
// configuration in force and the listeners there are allow (RFC 3261 sections 8.2.1, 11 and 20.37).
type capabilities struct {
	config   *config.Config
	options  *Options
	identity *identity
}

// allow lists the methods we take: with the configuration, and the listeners there are.
func (c *capabilities) allow() string {
	methods := "INVITE,ACK,CANCEL,BYE,UPDATE,OPTIONS,INFO,NOTIFY"
	if c.reliable() {
		methods += ",PRACK"
	}
	if c.options.OnMessage != nil {
		methods += ",MESSAGE"
	}
	if c.options.OnRefer != nil {
		methods += ",REFER"
	}
	if c.options.OnSubscribe != nil {
		methods += ",SUBSCRIBE"
	}
	return methods
}

// supported lists the extensions that matter to requests and responses of a method.
func (c *capabilities) supported(method string) string {
	switch method {
	case "REGISTER":
		return "path,gruu,outbound"
	case "INVITE", "UPDATE":
		tags := make([]string, 0, 5)
		if c.sessionTimers() {
			tags = append(tags, "timer")
		}
		if method == "INVITE" {
			tags = append(tags, "replaces")
		}
		if method == "INVITE" && c.reliable() {
			tags = append(tags, reliable)
		}
		if c.identity.publicGRUU != nil {
			tags = append(tags, "gruu")
		}
		return strings.Join(append(tags, "outbound"), ",")
	default:
		return "outbound"
	}
}

// understands tells whether an option tag is one we have (RFC 3261 section 8.2.2.3).
func (c *capabilities) understands(tag string) bool {
	switch tag {
	case "gruu", "outbound", "path", "replaces", "norefersub":
		return true
	case "timer":
		return c.sessionTimers()
	case reliable:
		return c.reliable()
	}
	return false
}

// addTo tells the far end what it may send, in a request or response of a method.
func (c *capabilities) addTo(m *sip.Message, method string) {
	m.Add("Allow", c.allow())
	m.Add("Supported", c.supported(method))
}

// allowEvents names the event packages we can be told of (RFC 6665 section 8.2.2).
func (c *capabilities) allowEvents() sip.Header {
	return sip.Header{Name: "Allow-Events", Value: "refer,message-summary,dialog,presence"}
}

// reliability tells what reliable_provisional says.
func (c *capabilities) reliability() string { return c.config.Calla.ReliableProvisional }

// reliable tells whether provisional responses may be reliable (RFC 3262).
func (c *capabilities) reliable() bool { return c.reliability() != config.ReliableOff }

// wantsReliable tells whether our provisional responses to an INVITE are to be reliable.
func (c *capabilities) wantsReliable(invite *sip.Message) bool {
	switch c.reliability() {
	case config.ReliableOff:
		return false
	case config.ReliableRequired:
		return listed(invite.Values("Require"), reliable) || listed(invite.Values("Supported"), reliable)
	default:
		return listed(invite.Values("Require"), reliable)
	}
}

// sessionTimers tells whether session_timers is on.
func (c *capabilities) sessionTimers() bool { return c.config.SessionTimers.Enabled() }

// forcesRefresher tells whether session_timers_force_refresher is on: it is us who refresh, wherever we may say.
func (c *capabilities) forcesRefresher() bool { return c.config.SessionTimersForceRefresher }

// refreshesByUpdate tells whether a refresh without an offer goes by UPDATE where the far end has it.
func (c *capabilities) refreshesByUpdate() bool {
	return !strings.EqualFold(c.config.SessionTimersRefreshMethod, "INVITE")
}
