package netsip

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"calla/netsip/loop"
	"calla/netsip/sip"
)

// Back-off of RFC 5626 section 4.5.
const (
	registerRetryBase = 30 * time.Second
	registerRetryMax  = 1800 * time.Second
)

// What a registrar can make us do and keep.
const (
	longestGrant     = 24 * time.Hour   // the binding is renewed as if no more had been granted
	leastRefresh     = 30 * time.Second // between two refreshes, where the registrar grants less than was asked for
	maxBindings      = 32
	maxServiceRoutes = 16
)

// registration keeps the binding of the account's address at the registrar (RFC 3261 section 10,
// RFC 5626, RFC 5627). At most one REGISTER is under way. Its states are those of
// RegistrationState; a failure waits for its retry, except a refusal, which waits for the user.
type registration struct {
	ua       *UserAgent
	state    RegistrationState
	wanted   bool // the register parameter, changed by Register and Unregister
	refused  bool // the registrar said no to who we are: nothing is sent until the user acts
	callID   string
	seq      uint32
	plain    bool          // without outbound: the first hop does not support it
	asked    time.Duration // requested time of the binding; 423 raises it
	granted  time.Duration
	since    time.Time
	took     time.Duration // from the start of dialling to the 200
	failures int           // in a row
	raises   int           // times that a 423 was followed, in a row
	lapsed   bool          // the binding ended before it may be renewed, as too little was granted
	bindings []Binding     // as of the last 200
	// serviceRoutes are values of Route for requests outside dialogs (RFC 3608), as of the last 200.
	serviceRoutes []string
	err           error
	timer         *loop.Timer // refresh or retry
	retryAt       time.Time
	due           time.Time // of the refresh, by the clock on the wall: timers stand still while the computer sleeps
	pending       *exchange
	next          func() // what to do once pending is over
}

func newRegistration(ua *UserAgent) *registration {
	return &registration{
		ua: ua, wanted: ua.config.Register.Enabled(), callID: ua.identity.newToken(22),
		asked: secondsOf(ua.config.RegisterExpires),
	}
}

// register asks for a binding now, whatever was refused before.
func (r *registration) register() {
	r.wanted, r.refused = true, false
	switch {
	case !r.ua.connection.up():
	case r.pending != nil:
		r.next = r.register
	default:
		r.refresh()
	}
}

// flowMade is told of every new flow, which the binding is bound to; false where none is wanted.
func (r *registration) flowMade() (binds bool) {
	if r.wanted && !r.refused {
		r.refresh()
	}
	return r.wanted
}

// disconnected is told when the flow is gone; the binding may stand at the registrar, but leads nowhere.
func (r *registration) disconnected() {
	r.timer.Stop()
	r.retryAt = time.Time{}
	r.since = time.Time{}
	if !r.refused {
		r.set(Unregistered, nil)
	}
}

func (r *registration) set(s RegistrationState, err error) {
	r.state, r.err, r.lapsed = s, err, false
	r.ua.changed()
}

// refresh sends the REGISTER that makes or renews the binding.
func (r *registration) refresh() {
	r.timer.Stop()
	r.retryAt = time.Time{}
	if r.state != Registered {
		r.set(Registering, nil)
	}
	expires := strconv.Itoa(int(r.asked / time.Second))
	r.send(r.contact()+";expires="+expires, expires, r.response, r.failed)
}

// contact is the Contact of REGISTER without expires: always the plain one, never a GRUU.
func (r *registration) contact() string {
	outbound := ";reg-id=1"
	if r.plain {
		outbound = ""
	}
	id := r.ua.identity
	return "<" + id.plainContact().String() + ">;+sip.ice" + outbound + `;+sip.instance="<urn:uuid:` + id.instance +
		`>"`
}

func (r *registration) send(contact, expires string, onResponse func(*sip.Message, error), onError func(error)) {
	nextSeq := func() uint32 { r.seq++; return r.seq }
	msg := r.ua.newRequest(outline{
		method: "REGISTER", uri: r.ua.identity.registrar, routes: r.ua.serverRoute(),
		to: "<" + r.ua.identity.aor.String() + ">", from: r.ua.identity.from(r.ua.identity.newTag()),
		callID: r.callID, seq: nextSeq(),
		headers: []sip.Header{{Name: "Contact", Value: contact}, {Name: "Expires", Value: expires}},
	})
	r.pending = &exchange{ua: r.ua, msg: msg, nextSeq: nextSeq}
	r.pending.onResponse = func(resp *sip.Message, err error) {
		r.over(func() { onResponse(resp, err) })
	}
	r.pending.onError = func(err error) {
		r.over(func() { onError(err) })
	}
	r.pending.start()
}

// over ends the REGISTER under way with what it came to, and does what had to wait for that.
func (r *registration) over(outcome func()) {
	r.pending = nil
	next := r.next
	r.next = nil
	outcome()
	if next != nil && r.pending == nil {
		next()
	}
}

// response takes the final response to a REGISTER that asked for a binding.
func (r *registration) response(resp *sip.Message, err error) {
	switch code := resp.StatusCode; {
	case code < 300:
		r.accepted(resp)
		return
	case code == 423:
		if r.tooBrief(resp) {
			return
		}
	case code == 439 && !r.plain: // RFC 5626 section 11.6
		r.plain = true
		r.refresh()
		return
	case code == 401, code == 407, code == 403, code == 404, code == 604:
		r.refuse(statusError("REGISTER", resp, err))
		return
	}
	r.failed(statusError("REGISTER", resp, err))
}

// accepted takes a 200: it must list our binding.
func (r *registration) accepted(resp *sip.Message) {
	own, ok := r.ownContact(resp)
	granted := r.asked
	if ok {
		if n, given := r.ua.log.number(resp, "Expires"); given {
			granted = time.Duration(n) * time.Second
		}
		if v, given := own.Params.Get("expires"); given {
			if n, err := strconv.ParseUint(v, 10, 32); err == nil {
				granted = time.Duration(n) * time.Second
			} else {
				r.ua.log.passedOver("malformed expires of a Contact")
			}
		}
	}
	if !ok || granted == 0 {
		r.failed(ErrNoBinding)
		return
	}
	r.granted, r.failures, r.raises = granted, 0, 0
	r.ua.identity.learnGRUU(own)
	r.learnRoutes(resp)
	if n, given := r.ua.log.number(resp, "Flow-Timer"); given { // RFC 5626 section 4.4
		r.ua.connection.flow.SetFlowTimer(time.Duration(n) * time.Second)
	}
	if r.lapsed {
		r.since = time.Now()
	}
	if r.state != Registered {
		r.since = time.Now()
		r.took = r.since.Sub(r.ua.connection.dialStart)
	}
	first := r.state != Registered
	r.ua.log.debug(logRegister, "", "registered for "+granted.String())
	r.plan()
	r.set(Registered, nil)
	if first {
		r.ua.connection.bound(bindingMade)
	} else {
		r.ua.connection.bound(bindingRenewed)
	}
}

// refreshDelay is when to renew: JsSIP's window since 3.5.7, and half of a time that the user wants too short for it.
// A registrar that grants less than it was asked for cannot make us its generator of traffic: it gets no more than a
// refresh every 30 s, and if its grant is shorter, the binding is gone in between, which is said.
func (r *registration) refreshDelay() time.Duration {
	e := min(r.granted, longestGrant)
	switch {
	case e > 64*time.Second:
		return e/2 + time.Duration(r.ua.rand.Float64()*float64(e/2-32*time.Second))
	case e < r.asked:
		return max(leastRefresh, e-5*time.Second)
	case e >= 10*time.Second:
		return e - 5*time.Second
	}
	return max(time.Second, e/2)
}

// plan sets the time of the next refresh, and that of the end of a binding which ends before.
func (r *registration) plan() {
	delay := r.refreshDelay()
	r.lapsed, r.retryAt, r.due = false, time.Time{}, time.Now().Round(0).Add(delay)
	if delay <= r.granted {
		r.timer = r.ua.loop.AfterFunc(delay, r.refresh)
		return
	}
	again := time.Now().Add(delay)
	r.timer = r.ua.loop.AfterFunc(r.granted, func() {
		r.lapsed, r.retryAt, r.since = true, again, time.Time{}
		r.err = &BriefGrantError{r.granted}
		r.timer = r.ua.loop.AfterFunc(time.Until(again), r.refresh)
		r.ua.changed()
	})
}

// ownContact finds our binding among all of the account, which are noted.
func (r *registration) ownContact(resp *sip.Message) (sip.Address, bool) {
	contacts, _ := resp.Contacts() // those that cannot be read are others'
	own := r.indexOfOwn(contacts)
	r.learnBindings(contacts, own)
	if own < 0 {
		return sip.Address{}, false
	}
	return contacts[own], true
}

// indexOfOwn finds the Contact that is most like ours, the first of those that are so alike; -1 for none.
func (r *registration) indexOfOwn(contacts []sip.Address) int {
	own, most := -1, 0
	for i, c := range contacts {
		if n := r.ua.identity.likeness(c); n > most {
			own, most = i, n
		}
	}
	return own
}

// learnBindings notes where the account can be reached; contacts[own] is ours, own < 0 if none is.
func (r *registration) learnBindings(contacts []sip.Address, own int) {
	r.bindings = make([]Binding, 0, min(len(contacts), maxBindings))
	for i, c := range contacts {
		if len(r.bindings) == maxBindings {
			break
		}
		b := Binding{Contact: phrase(c.URI.String()), Own: i == own}
		if v, given := c.Params.Get("expires"); given {
			if n, err := strconv.ParseUint(v, 10, 32); err == nil {
				b.Expires = time.Now().Add(time.Duration(n) * time.Second)
			}
		}
		if id, given := c.Params.Get("+sip.instance"); given {
			b.InstanceID = strings.TrimPrefix(strings.Trim(id, "<>"), "urn:uuid:")
		}
		r.bindings = append(r.bindings, b)
	}
}

// learnRoutes keeps the way that the registrar wants requests to take (RFC 3608 section 6.1), the first 16 steps of
// it. What is no loose route is left out.
func (r *registration) learnRoutes(resp *sip.Message) {
	r.serviceRoutes = nil
	total := 0
	for _, v := range resp.Values("Service-Route") {
		route, err := sip.ParseAddress(v)
		if err != nil || route.URI.Scheme != "sip" || route.URI.Host == "" {
			continue
		}
		if _, loose := route.URI.Params.Get("lr"); !loose {
			continue
		}
		hop := "<" + route.URI.WithoutHeaders().String() + ">"
		if total += len(hop); total > maxRoutes || len(r.serviceRoutes) == maxServiceRoutes {
			r.ua.log.warn(logRegister, "", "the Service-Route is longer than is followed")
			return
		}
		r.serviceRoutes = append(r.serviceRoutes, hop)
	}
}

// tooBrief raises the time asked for to Min-Expires and asks again (section 10.3).
func (r *registration) tooBrief(resp *sip.Message) bool {
	longer, ok := minExpires(resp, r.asked)
	if ok = ok && r.raises < maxTries; ok {
		r.asked = longer
		r.raises++
		r.refresh()
	}
	return ok
}

// refuse stops: asking again would lock the account.
func (r *registration) refuse(err error) {
	if r.ua.connection.unbound(err) {
		return
	}
	r.refused = true
	r.since = time.Time{}
	r.ua.log.warn(logRegister, "", "refused for good: "+err.Error())
	r.set(RegistrationFailed, err)
}

// failed waits and tries again, RFC 5626 section 4.5; Retry-After is minded. Without a flow the next
// one will do.
func (r *registration) failed(err error) {
	if r.ua.connection.unbound(err) {
		return
	}
	r.since = time.Time{}
	if !r.ua.connection.up() || r.ua.stopped {
		r.set(Unregistered, nil)
		return
	}
	r.failures++
	wait := r.backOff()
	var status *StatusError
	if errors.As(err, &status) && status.RetryAfter > 0 {
		wait = min(status.RetryAfter+time.Duration(r.ua.rand.Float64()*float64(status.RetryAfter)/10), maxRetryAfter)
	}
	r.retryAt = time.Now().Add(wait)
	r.ua.log.warn(logRegister, "", err.Error()+"; again in "+wait.Round(time.Second).String())
	r.timer = r.ua.loop.AfterFunc(wait, r.refresh)
	r.set(RegistrationFailed, err)
}

func (r *registration) backOff() time.Duration {
	limit := math.Min(registerRetryMax.Seconds(), registerRetryBase.Seconds()*math.Exp2(float64(r.failures)))
	return time.Duration(limit * (0.5 + r.ua.rand.Float64()/2) * float64(time.Second))
}

// bindings says which bindings of the address go (RFC 3261 section 10.2.2).
type bindings int

const (
	ownBinding bindings = iota
	allBindings
)

// unregister removes our binding, or all bindings of the address. Any answer will do.
func (r *registration) unregister(which bindings) {
	r.wanted = false
	r.timer.Stop()
	r.retryAt = time.Time{}
	switch {
	case r.pending != nil:
		r.next = func() { r.unregister(which) }
		return
	case !r.ua.connection.up() || r.state != Registered && which == ownBinding:
		r.refused = false
		r.set(Unregistered, nil)
		return
	}
	r.since = time.Time{}
	r.set(Unregistering, nil)
	contact := r.contact() + ";expires=0"
	if which == allBindings {
		contact = "*"
	}
	r.send(contact, "0",
		func(resp *sip.Message, err error) {
			if resp.StatusCode >= 300 {
				r.set(Unregistered, fmt.Errorf("unregister: %w", statusError("REGISTER", resp, err)))
				return
			}
			r.forget(which)
			r.set(Unregistered, nil)
		},
		func(err error) { r.set(Unregistered, fmt.Errorf("unregister: %w", err)) })
}

// forget drops what was learnt from a binding that is no more.
func (r *registration) forget(which bindings) {
	r.ua.identity.forgetGRUU()
	r.serviceRoutes = nil
	others := slices.DeleteFunc(slices.Clone(r.bindings), func(b Binding) bool { return which == allBindings || b.Own })
	r.bindings = others
}

// retryNow cuts a wait short. Only the user has what was refused tried again.
func (r *registration) retryNow(who retryBy) {
	overslept := r.state == Registered && !time.Now().Round(0).Before(r.due)
	waits := r.state == RegistrationFailed || r.lapsed || overslept
	if r.wanted && waits && r.pending == nil && r.ua.connection.up() && (who == byUser || !r.refused) {
		r.register()
	}
}

// show puts the registration into a State that has the connection.
func (r *registration) show(s *State) {
	s.Registration, s.RegisteredAt, s.RegisterTime = r.state, r.since, r.took
	s.Bindings, s.ServiceRoutes = r.bindings, r.serviceRoutes
	if s.Flow == FlowConnected {
		s.Err, s.RetryAt = r.err, r.retryAt
	}
	if s.Err == nil || r.refused {
		s.Err = r.err
	}
	switch {
	case r.lapsed && r.pending != nil:
		s.Registration = Registering
	case r.lapsed: // the next refresh waits for its time
		s.Registration = RegistrationFailed
	case r.state == Registered:
		s.Expires = r.granted
	}
}
