package phone

import (
	"errors"
	"time"

	"calla/netsip"
	"calla/netsip/rtc"
	"calla/phone/cause"
	"calla/phone/doctor"
)

// remarks are the causes of the TURN servers that give a call no relay.
func (c *call) remarks() []cause.Cause {
	var all []cause.Cause
	for _, f := range c.media.RelayFailures() {
		all = append(all, explainRelay(f))
	}
	return all
}

// explainRelay finds why a TURN server gives no relay.
func explainRelay(f rtc.RelayFailure) cause.Cause { return doctor.ExplainRelay(f.URI, f.Err, f.After) }

// noRelay is the end of a call that sound cannot go out of. Of several servers the first that says why is named; all
// stand in the small print.
func noRelay(end *netsip.End, c cause.Cause) cause.Cause {
	c.Action, c.Parameter = cause.ActionEditAccount, "turn_servers"
	var relay *rtc.RelayError
	if !errors.As(end.Err, &relay) {
		return c
	}
	for _, f := range relay.Failures {
		because := explainRelay(f)
		if c.Because == nil || c.Because.Kind == cause.ICENoAnswer && because.Kind != cause.ICENoAnswer {
			c.Because, c.Server = &because, f.URI
			if because.Parameter != "" {
				c.Parameter = because.Parameter
			}
		}
	}
	return c
}

// relayLost follows the loss of the relay that the sound of a call goes over: nothing will come over it again, and
// another one, or another way, is looked for at once.
func (c *call) relayLost() {
	if c.p.call(c.id) != c || c.phase() != PhaseEstablished {
		return
	}
	c.listenAgain(time.Now())
	c.session.RestartMedia()
}
