package netsip

import (
	"fmt"
	"slices"

	"calla/netsip/config"
)

// Reconfigure takes a new configuration over without a new connection and without touching calls. What cannot be
// changed at work (who we are, where we connect) is returned by parameter; then nothing has changed, and a new
// user agent is needed. The error is a *config.Error.
func (ua *UserAgent) Reconfigure(c config.Config) (cannot []string, err error) {
	normal, err := c.Normalize()
	if err != nil {
		return nil, fmt.Errorf("reconfigure: %w", err)
	}
	changed := ua.config.Differences(normal)
	needs := config.Needs(changed)
	if cannot = needs[config.ChangeRenews]; len(cannot) > 0 || ua.stopped {
		return cannot, nil
	}
	if err := ua.identity.configure(normal, ua.options.UserAgent); err != nil {
		return nil, fmt.Errorf("reconfigure: %w", err)
	}
	ua.config = normal
	ua.log.configure(ua.options.Logger, normal)
	ua.trace.into(normal.TraceSIP)
	ua.connection.configure(normal)
	if needs[config.ChangeLogsIn] != nil {
		ua.credentials = ua.credentials.reconfigured()
	}
	r := ua.registration
	r.asked = secondsOf(normal.RegisterExpires)
	switch {
	case slices.Contains(changed, "register") && !normal.Register.Enabled():
		r.unregister(ownBinding)
	case slices.Contains(changed, "register"),
		r.wanted && (needs[config.ChangeRegisters] != nil || needs[config.ChangeLogsIn] != nil):
		r.register()
	}
	return nil, nil
}

// SetMedia makes the media of the calls from now on with m.
func (ua *UserAgent) SetMedia(m Media) { ua.options.Media = m }
