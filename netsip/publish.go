package netsip

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"calla/netsip/event"
	"calla/netsip/sip"
)

// PublishOptions tell what is published.
type PublishOptions struct {
	Event       string // package; "" = presence
	ContentType string // "" = application/pidf+xml
	Body        []byte
	Expires     time.Duration      // asked for, whole seconds; 0 = 15 min
	OnChange    func(*Publication) // after a change of Published or Err; on the loop
}

// Publication is a state of ours at the server (RFC 3903), kept up until Stop. It belongs to the loop.
type Publication struct {
	upkeep
	options   PublishOptions
	asked     time.Duration
	tag       string // entity tag of what the server has; "" = nothing that can be named
	stale     bool   // the server does not have the present body
	pending   bool
	published bool
	err       error
	stopped   bool
}

// Publish hands a state to the server, now or as soon as we are connected and, where the account registers,
// registered. The error is ErrStopped or about the options.
func (ua *UserAgent) Publish(o PublishOptions) (*Publication, error) {
	if ua.stopped {
		return nil, ErrStopped
	}
	if o.Event == "" {
		o.Event = "presence"
	}
	if o.ContentType == "" {
		o.ContentType = event.PresenceType
	}
	wrong := strings.ContainsAny(o.Event, " \t;,\r\n\x00") || sip.CheckText(o.ContentType) != nil
	if wrong || len(o.Body) == 0 || len(o.Body) > event.MaxBody/2 {
		return nil, fmt.Errorf("publish: event %q with %d octets of %q", o.Event, len(o.Body), o.ContentType)
	}
	o.Body = slices.Clone(o.Body)
	p := &Publication{upkeep: upkeep{ua: ua}, options: o, asked: o.Expires.Truncate(time.Second), stale: true}
	if p.asked <= 0 {
		p.asked = subscribeExpires
	}
	ua.events.addPublication(p)
	p.send()
	return p, nil
}

// Published tells whether the server has a state of ours.
func (p *Publication) Published() bool { return p.published }

// Err tells why the server does not have the state of ours; nil when all is well.
func (p *Publication) Err() error { return p.err }

// Update publishes another state in the place of the one there is.
func (p *Publication) Update(body []byte) {
	if p.stopped || len(body) == 0 || len(body) > event.MaxBody/2 {
		return
	}
	p.options.Body, p.stale = slices.Clone(body), true
	p.send()
}

// Stop takes the state back.
func (p *Publication) Stop() {
	if p.stopped {
		return
	}
	p.stopped = true
	p.timer.Stop()
	p.set(false, nil)
	if !p.pending {
		p.remove()
	}
}

// remove takes back what the server has (RFC 3903 section 4.5).
func (p *Publication) remove() {
	if p.tag != "" && p.ua.connection.up() {
		p.ua.ask("PUBLISH", p.ua.identity.aor, p.headers(0), nil, func(*sip.Message, error) {}, func(error) {})
	}
	p.forget()
}

func (p *Publication) forget() {
	p.timer.Stop()
	p.ua.events.removePublication(p)
}

func (p *Publication) set(published bool, err error) {
	if p.published == published && p.err == err {
		return
	}
	p.published, p.err = published, err
	if p.options.OnChange != nil {
		p.ua.loop.Post(func() { p.options.OnChange(p) })
	}
}

func (p *Publication) headers(expires time.Duration) []sip.Header {
	headers := []sip.Header{
		{Name: "Event", Value: p.options.Event},
		{Name: "Expires", Value: secondsText(expires)},
	}
	if p.tag != "" {
		headers = append(headers, sip.Header{Name: "SIP-If-Match", Value: p.tag})
	}
	return headers
}

// send publishes, one request at a time: with the body where the server does not have it, else to keep it there.
func (p *Publication) send() {
	if p.pending || p.stopped || !p.ua.settled() {
		return
	}
	p.timer.Stop()
	p.pending = true
	fresh := p.stale || p.tag == ""
	p.stale = false
	var body []byte
	headers := p.headers(p.asked)
	if fresh {
		body = p.options.Body
		headers = append(headers, sip.Header{Name: "Content-Type", Value: p.options.ContentType})
	}
	p.ua.ask("PUBLISH", p.ua.identity.aor, headers, body, func(resp *sip.Message, err error) {
		p.pending = false
		p.response(resp, err, fresh)
	}, func(err error) {
		p.pending = false
		p.stale = p.stale || fresh
		p.failed(fmt.Errorf("publish: %w", err))
	})
}

func (p *Publication) response(resp *sip.Message, err error, fresh bool) {
	code := resp.StatusCode
	if code >= 300 {
		p.stale = p.stale || fresh
	}
	switch {
	case code < 300:
		p.accepted(resp)
	case p.stopped:
		p.remove()
	case code == 412 && p.tag != "": // the server does not know the tag (any more): anew (RFC 3903 section 4.1)
		p.tag, p.stale = "", true
		p.send()
	case code == 423 && p.raise(resp, &p.asked):
		p.send()
	case err != nil, refusesForGood(code):
		p.stopped = true
		p.set(false, statusError("PUBLISH", resp, err))
		p.forget()
	default:
		p.failed(statusError("PUBLISH", resp, err))
	}
}

func (p *Publication) accepted(resp *sip.Message) {
	p.failures, p.raises = 0, 0
	if p.tag = resp.Get("SIP-ETag"); len(p.tag) > maxEntityTag {
		p.tag = ""
	}
	if p.stopped {
		p.remove()
		return
	}
	p.set(true, nil)
	if p.stale {
		p.send()
		return
	}
	granted := p.asked
	if n, given := p.ua.log.number(resp, "Expires"); given {
		granted = min(granted, time.Duration(n)*time.Second)
	}
	p.timer = p.ua.loop.AfterFunc(p.renewalDelay(granted), p.send)
}

// failed waits and tries again; without a flow the next one will do.
func (p *Publication) failed(err error) {
	if p.stopped || errors.Is(err, ErrStopped) {
		p.forget()
		return
	}
	p.set(false, err)
	if !p.ua.connection.up() {
		return
	}
	var refusal *StatusError
	after := time.Duration(0)
	if errors.As(err, &refusal) {
		after = refusal.RetryAfter
	}
	p.retry(after, p.send)
}

// flowRemade publishes what could not be published without a flow, and asks the server, which may have been started
// again, whether it still has the rest.
func (p *Publication) flowRemade() { p.send() }
