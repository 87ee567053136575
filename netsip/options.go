package netsip

import (
	"time"

	"calla/netsip/config"
	"calla/netsip/sip"
)

// Abilities are what a user agent or server says it can do (RFC 3261 section 11.2).
type Abilities struct {
	Allow     []string // methods
	Supported []string // option tags
	Accept    []string // media types
	UserAgent string   // User-Agent or Server; the far end's text
	RTT       time.Duration
}

// QueryOptions asks target, which is read by DialTarget, for its abilities. done is called on the loop: with them
// after a 2xx, else with a *StatusError, *TimeoutError or *DialError. The error returned is ErrStopped,
// ErrNotConnected or a *TargetError.
func (ua *UserAgent) QueryOptions(target string, done func(*Abilities, error)) error {
	uri, err := config.DialTarget(target, ua.config.Domain())
	switch {
	case err != nil:
		return err
	case ua.stopped:
		return ErrStopped
	case !ua.connection.up():
		return ErrNotConnected
	}
	var e *exchange
	headers := []sip.Header{
		{Name: "Contact", Value: ua.identity.contact(contactFor{})},
		{Name: "Accept", Value: sdpType},
	}
	e = ua.ask("OPTIONS", uri, headers, nil,
		func(resp *sip.Message, err error) {
			if resp.StatusCode >= 300 {
				done(nil, statusError("OPTIONS", resp, err))
				return
			}
			a := &Abilities{
				Allow: resp.Values("Allow"), Supported: resp.Values("Supported"), Accept: resp.Values("Accept"),
				UserAgent: resp.Get("User-Agent"), RTT: time.Since(e.tx.sentAt),
			}
			if a.UserAgent == "" {
				a.UserAgent = resp.Get("Server")
			}
			done(a, nil)
		}, func(err error) { done(nil, err) })
	return nil
}

func (ua *UserAgent) options200(tx *serverTx) {
	resp := tx.response(200, "")
	ua.capabilities.addTo(resp, "INVITE")
	accepted := accept
	if ua.options.OnMessage != nil {
		accepted += ", " + textType
	}
	resp.Add("Accept", accepted)
	// RFC 3261 section 11.2: these two as well, though "identity" and no preference is what their absence means.
	resp.Add("Accept-Encoding", "identity")
	resp.Add("Accept-Language", "en") // of reason phrases and Warning
	resp.Headers = append(resp.Headers, ua.capabilities.allowEvents())
	tx.respond(resp)
}
