package netsip

import (
	crand "crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"time"

	"calla/netsip/config"
	"calla/netsip/event"
	"calla/netsip/loop"
	"calla/netsip/sip"
	"calla/netsip/trace"
	"calla/netsip/ws"
)

// Options are what a UserAgent is made of.
type Options struct {
	Loop      *loop.Loop          // required; may be shared by many user agents
	Config    config.Config       // normalised by New
	Media     Media               // nil = every call brings its own, incoming ones are refused with 480
	Dial      ws.DialFunc         // opens the way to a server; nil = TCP, TLS and the proxy
	TLS       *tls.Config         // of the default Dial; nil = the system's roots, TLS 1.2 and up
	Resolver  *net.Resolver       // of the default Dial; nil = the system's
	Logger    *slog.Logger        // nil = discard
	Rand      *rand.Rand          // nil = seeded from the system; used on the loop only
	UserAgent string              // User-Agent header, such as "Calla/0.1.0"; "" = none
	Realms    []config.KnownRealm // that may ask for the password, as OnRealms told last

	Trace   *trace.Source // gets every message in and out, secrets masked; nil = nobody looks
	OnState func(State)   // after each change; on the loop
	// OnRealms is told which realms may ask for the password, after each change, to be kept with the account; on the
	// loop.
	OnRealms func([]config.KnownRealm)
	// OnInvite is told of a call that came in and whose offer can be answered; on the loop. It may Reject
	// or Answer at once; else the far end is told that it rings when OnInvite returns. nil refuses
	// all calls with 480.
	OnInvite func(*Session)
	// OnReplace is told, instead of OnInvite, of a call that takes the place of one there is (RFC 3891); on the
	// loop. The engine answers it, and hangs old up when it is established. nil refuses such calls with 486.
	OnReplace func(old, new *Session)
	// OnRefer is told that a far end wants us to call somebody else; on the loop. It may Accept or Decline
	// at once or later; after 15 s it is declined. nil refuses with 603.
	OnRefer func(*Referral)
	// OnMessage is told of each text that came in; on the loop. nil refuses with 405.
	OnMessage func(*Message)
	// KeepMessages has a text answered once Message.Kept is called: the far end forgets it then. It is answered without
	// that after 500 ms, when the far end begins to wonder (RFC 3261 section 17.1.2.2: T1). false: it is answered at
	// once.
	KeepMessages bool
	// RefuseMessage returns the status that a MESSAGE is refused with that the user does not want, 0 for one that is
	// taken. nil: all are.
	RefuseMessage func(*Message) int
	// OnSubscribe is told that a far end wants to be told of an event of ours; on the loop. It may Accept or
	// Reject at once; else the far end hears that its wish is pending. nil refuses with 489.
	OnSubscribe func(*Notifier)
	// OnRefusal is told of each message that is refused by a rule, or dropped; m is what could be read of it, and may
	// be nil. On the loop.
	OnRefusal func(m *sip.Message, r Refusal)
	// OnMessageSummary is told of messages that wait, as the account's own server says without having been asked;
	// on the loop. nil refuses with 481.
	OnMessageSummary func(event.MessageSummary)
}

// UserAgent is a SIP user agent (RFC 3261 section 8) with one WebSocket at a time, of one account. Its methods
// are called on the loop, where its callbacks come too. What it is made of are owners: each alone writes what is its.
type UserAgent struct {
	options Options
	config  config.Config // as in force
	loop    *loop.Loop
	rand    *rand.Rand
	log     *logger
	trace   *tracer

	identity     *identity
	capabilities *capabilities
	connection   *connection
	transactions *transactions
	registration *registration
	credentials  *credentials

	calls  *calls
	events *events
	inbox  *inbox

	started  bool
	stopped  bool
	stopping *loop.Timer  // the patience of Stop
	onStop   []func()     // what Stop is to tell when it is over
	told     *loop.Signal // of State, to the program
}

// New returns a user agent that does nothing yet. The error is a *config.Error, or tells what of Options
// is missing.
func New(o Options) (*UserAgent, error) {
	if o.Loop == nil {
		return nil, errors.New("new user agent: no loop")
	}
	if err := sip.CheckText(o.UserAgent); err != nil {
		return nil, fmt.Errorf("new user agent: name: %w", err)
	}
	config, err := o.Config.Normalize()
	if err != nil {
		return nil, fmt.Errorf("new user agent: %w", err)
	}
	if o.Rand == nil {
		var seed [32]byte
		if _, err := crand.Read(seed[:]); err != nil {
			return nil, fmt.Errorf("new user agent: seed: %w", err)
		}
		o.Rand = rand.New(rand.NewChaCha8(seed))
	}
	ua := &UserAgent{
		options: o, config: config, loop: o.Loop, rand: o.Rand, log: &logger{},
		calls: newCalls(), events: &events{}, inbox: newInbox(),
	}
	ua.told = loop.NewSignal(ua.loop.Post, ua.tell)
	ua.log.configure(o.Logger, config)
	ua.trace = &tracer{log: ua.log, source: o.Trace}
	ua.trace.into(config.TraceSIP)
	if ua.identity, err = newIdentity(config, o.UserAgent, o.Rand); err != nil {
		return nil, fmt.Errorf("new user agent: %w", err)
	}
	ua.capabilities = &capabilities{&ua.config, &ua.options, ua.identity}
	ua.connection = newConnection(ua, ua.log, ua.trace, o, config)
	ua.transactions = &transactions{
		loop: o.Loop, log: ua.log, identity: ua.identity, connection: ua.connection,
		changed: ua.loadChanged, onRefusal: o.OnRefusal,
		client: make(map[string]*clientTx), server: make(map[string]*serverTx), merges: make(map[string]*serverTx),
	}
	ua.credentials = newCredentials(ua, readKnown(o.Realms))
	ua.registration = newRegistration(ua)
	ua.log.settings(o.Config, config)
	return ua, nil
}

// Start connects and, unless the configuration says otherwise, registers. After Stop it does nothing.
func (ua *UserAgent) Start() {
	if ua.started || ua.stopped {
		return
	}
	ua.started = true
	ua.log.debug(logUA, "", "starting for "+ua.identity.aor.String())
	ua.connection.start()
}

// Stop ends all calls, removes the binding and closes the connection, within about 3 s whatever the server
// does; then it calls done, which may be nil.
func (ua *UserAgent) Stop(done func()) {
	if done != nil {
		ua.onStop = append(ua.onStop, done)
	}
	if ua.stopped {
		if ua.connection.state == FlowStopped {
			ua.tellStopped()
		}
		return
	}
	ua.stopped = true
	ua.log.info(logUA, "", "stopping")
	ua.connection.stop()
	for _, s := range ua.calls.list() {
		s.HangUp()
	}
	ua.events.stop()
	if !ua.connection.up() {
		ua.ended()
		return
	}
	ua.registration.unregister(ownBinding)
	ua.stopping = ua.loop.AfterFunc(2*time.Second, ua.closeFlow)
	ua.loadChanged()
}

// closeFlow is the last step of Stop before the flow's end.
func (ua *UserAgent) closeFlow() {
	ua.stopping.Stop()
	ua.connection.close()
}

// ended is told when a stopped user agent has no flow.
func (ua *UserAgent) ended() {
	ua.stopping.Stop()
	ua.transactions.end()
	ua.calls.abandon()
	ua.events.drop()
	ua.registration.timer.Stop()
	ua.connection.stopped()
	ua.tellStopped()
}

func (ua *UserAgent) tellStopped() {
	for _, done := range ua.onStop {
		ua.loop.Post(done)
	}
	ua.onStop = nil
}

// Register asks the registrar for a binding now and keeps it from then on, also after the registrar has refused us.
func (ua *UserAgent) Register() {
	if !ua.stopped {
		ua.registration.register()
	}
}

// Unregister removes this program's binding, or all bindings of the address, and keeps none until Register.
func (ua *UserAgent) Unregister(all bool) {
	switch {
	case ua.stopped:
	case all:
		ua.registration.unregister(allBindings)
	default:
		ua.registration.unregister(ownBinding)
	}
}

// SetCredentials takes a new password without a new connection, and registers with it.
func (ua *UserAgent) SetCredentials(password config.Secret) {
	ua.credentials.setPassword(password)
	if !ua.stopped && ua.registration.wanted {
		ua.registration.register()
	}
}

// AcceptWeakerDigest lets the servers challenge with a weaker digest than before, which is refused with
// ErrWeakerDigest until the user has agreed, and registers again if that was what it failed for.
func (ua *UserAgent) AcceptWeakerDigest() {
	ua.credentials.acceptWeaker()
	if !ua.stopped && ua.registration.wanted && errors.Is(ua.registration.err, ErrWeakerDigest) {
		ua.registration.register()
	}
}

// RetryNow cuts every wait short, as the user wants it: also what the registrar refused is tried again. A flow that
// seems to be up has 2 s to prove it.
func (ua *UserAgent) RetryNow() { ua.retryNow(byUser) }

// retryBy is who wants waits cut short.
type retryBy int

const (
	byNetwork retryBy = iota // it has changed
	byUser                   // who has what was refused tried again as well
)

func (ua *UserAgent) retryNow(who retryBy) {
	switch {
	case ua.stopped || !ua.started:
	case ua.connection.up():
		ua.connection.flow.Probe()
		ua.registration.retryNow(who)
		ua.connection.failBack.now(waitCut)
	default:
		ua.connection.dialNow()
	}
}

// NetworkChanged cuts every wait short: addresses or routes of this computer have changed, or it woke up. A
// connection from an address that is gone is left at once, and media of established calls looks for a new way.
func (ua *UserAgent) NetworkChanged() {
	if !ua.stopped {
		ua.connection.networkChanged()
	}
	ua.retryNow(byNetwork)
	for _, s := range ua.calls.list() {
		if s.state == SessionEstablished {
			s.RestartMedia()
		}
	}
}

// up registers over the flow in use, see connectionUser.
func (ua *UserAgent) up() (binds bool) {
	ua.loadChanged()
	return ua.registration.flowMade()
}

// reachable sends what had to wait, and tells every call our new Contact, since the old one leads to the socket that
// is gone; see connectionUser.
func (ua *UserAgent) reachable() {
	ua.transactions.flowMade()
	for _, s := range ua.calls.list() {
		s.flowRemade()
	}
	ua.events.flowMade()
}

// down ends what cannot outlive the flow, see connectionUser.
func (ua *UserAgent) down(tooLarge string) {
	if ua.stopped {
		ua.ended()
		return
	}
	ua.transactions.flowLost()
	if tooLarge != "" {
		for _, s := range ua.calls.list() {
			if s.dialog != nil && s.dialog.callID == tooLarge {
				s.terminate(End{By: System, Cause: CauseConnection, Err: ErrMessageTooLarge})
			}
		}
	}
	if !ua.connection.up() {
		ua.registration.disconnected()
	}
}

// idle tells whether nothing would be disturbed by another flow.
func (ua *UserAgent) idle() bool {
	t, r := ua.transactions, ua.registration
	return !t.busy() && !ua.calls.any() && r.pending == nil && len(t.unsent) == 0 && !r.refused
}

func (ua *UserAgent) inCall() bool { return ua.calls.any() }

// loadChanged tells the keep-alive whether anything waits for the far end, and Stop whether all is done.
func (ua *UserAgent) loadChanged() {
	if ua.leaveTaken() {
		ua.loop.Post(func() {
			if ua.leaveTaken() {
				ua.closeFlow()
			}
		})
	}
	ua.connection.setBusy(ua.transactions.busy() || ua.calls.any())
}

// leaveTaken tells whether a stopped user agent owes nobody anything: its requests are answered, and so is the last
// NOTIFY of each subscription.
func (ua *UserAgent) leaveTaken() bool {
	return ua.stopped && ua.transactions.asking.n == 0 && len(ua.events.subscriptions) == 0
}

// Sessions returns the calls that have not ended, oldest first.
func (ua *UserAgent) Sessions() []*Session { return ua.calls.list() }

// forget takes an ended call off the list.
func (ua *UserAgent) forget(s *Session) {
	ua.calls.remove(s)
	ua.loadChanged()
}

// State returns the connection and registration as they are now.
func (ua *UserAgent) State() State {
	var s State
	ua.connection.show(&s)
	ua.registration.show(&s)
	ua.identity.show(&s)
	return s
}

// changed tells of the new state, once for all changes of one turn of the loop; see connectionUser.
func (ua *UserAgent) changed() {
	if ua.options.OnState != nil {
		ua.told.Raise()
	}
}

func (ua *UserAgent) tell() {
	ua.log.debug(logEvents, "", "state of the user agent changed")
	ua.options.OnState(ua.State())
}
