package phone

import (
	"errors"

	"calla/netsip"
)

// What engineers do with a phone beyond telephoning: the console's subcommands use it.

// errNoAgent is returned where an account is not at work.
var errNoAgent = errors.New("account is not at work")

// withAgent runs f on the loop with the user agent of an account; "" is the one that dials. What f returns, and the
// want of a user agent, goes to failed.
func (p *Phone) withAgent(accountID string, f func(*netsip.UserAgent) error, failed func(error)) {
	p.loop.Post(func() {
		l := p.line(accountID)
		if l == nil || l.agent == nil || p.closing {
			failed(errNoAgent)
			return
		}
		if err := f(l.agent.ua); err != nil {
			failed(err)
		}
	})
}

// QueryOptions asks target, as typed, what it can do (RFC 3261 section 11). done is called once, on the phone's loop.
func (p *Phone) QueryOptions(accountID, target string, done func(*netsip.Abilities, error)) {
	p.withAgent(accountID, func(ua *netsip.UserAgent) error { return ua.QueryOptions(target, done) },
		func(err error) { done(nil, err) })
}

// Watch asks target, as typed, to be told of an event (RFC 6665), until the account is replaced or the phone closed, or
// stop is called. The callbacks of o are called on the phone's loop; so is failed, when the wish itself is wrong.
func (p *Phone) Watch(accountID, target string, o netsip.SubscribeOptions, failed func(error)) (stop func()) {
	var subscription *netsip.Subscription
	p.withAgent(accountID, func(ua *netsip.UserAgent) (err error) {
		subscription, err = ua.Subscribe(target, o)
		return err
	}, failed)
	return func() {
		p.loop.Do(func() {
			if subscription != nil {
				subscription.Stop()
			}
		})
	}
}

// Publish hands a state of ours to the server (RFC 3903), until stop is called; update puts another in its place.
// Otherwise as Watch.
func (p *Phone) Publish(accountID string, o netsip.PublishOptions, failed func(error)) (update func(body []byte),
	stop func(),
) {
	var publication *netsip.Publication
	p.withAgent(accountID, func(ua *netsip.UserAgent) (err error) {
		publication, err = ua.Publish(o)
		return err
	}, failed)
	do := func(f func(*netsip.Publication)) {
		p.loop.Do(func() {
			if publication != nil {
				f(publication)
			}
		})
	}
	return func(body []byte) { do(func(publication *netsip.Publication) { publication.Update(body) }) },
		func() { do((*netsip.Publication).Stop) }
}
