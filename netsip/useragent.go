package netsip

import (
	"context"
	crand "crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"calla/netsip/config"
	"calla/netsip/event"
	"calla/netsip/loop"
	"calla/netsip/sip"
)

// Options are what a UserAgent is made of.
type Options struct {
	Loop      *loop.Loop          // required; may be shared by many user agents
	Config    config.Config       // normalised by New
	Media     Media               // nil = every call brings its own, incoming ones are refused with 480
	Dial      DialFunc            // nil = TCP and TLS
	TLS       *tls.Config         // of the default Dial; nil = the system's roots, TLS 1.2 and up
	Logger    *slog.Logger        // nil = discard
	Rand      *rand.Rand          // nil = seeded from the system; used on the loop only
	UserAgent string              // User-Agent header, such as "Calla/0.1.0"; "" = none
	Realms    []config.KnownRealm // that may ask for the password, as OnRealms told last

	Trace   func(TraceEntry) // every message in and out, secrets masked; on the loop
	OnState func(State)      // after each change; on the loop
	// OnRealms is told which realms may ask for the password, after each change, to be kept with the account; on the loop.
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
	// OnSubscribe is told that a far end wants to be told of an event of ours; on the loop. It may Accept or
	// Reject at once; else the far end hears that its wish is pending. nil refuses with 489.
	OnSubscribe func(*Notifier)
	// OnMessageSummary is told of messages that wait, as the account's own server says without having been asked;
	// on the loop. nil refuses with 481.
	OnMessageSummary func(event.MessageSummary)
}

// load counts the transactions that somebody waits for.
type load struct {
	asking   int // ours without a final response
	serving  int // the far end's without one
	accepted int // INVITEs of the far end that have their 2xx, until no ACK can come any more
}

// UserAgent is a SIP user agent (RFC 3261 section 8) with one WebSocket at a time, of one account. Its methods
// are called on the loop, where its callbacks come too.
type UserAgent struct {
	options   Options
	config    config.Config
	loop      *loop.Loop
	rand      *rand.Rand
	log       *logger
	aor       sip.URI // address of record
	registrar sip.URI // Request-URI of REGISTER

	viaHost      string       // sent-by of Via and host of Contact
	plain        sip.URI      // Contact without GRUU
	loopMark     string       // start of the Call-IDs we make
	name         string       // User-Agent; "" = none
	extraHeaders []sip.Header // of every request and response (extra_headers)
	publicGRUU   *sip.URI
	tempGRUU     *sip.URI

	servers    *servers
	server     int // index of the one in use or being dialled, or the next
	flow       *flow
	flowState  FlowState
	flowErr    error
	dialStart  time.Time
	attempts   int         // State.Attempts
	cancelDial func()      // nil when none is under way
	wait       *loop.Timer // until the next dial
	retryAt    time.Time
	healthy    *loop.Timer // runs while the flow is young
	lastLeft   Left
	failBack   failBack
	poison     poison
	shown      shown

	registration  *registration
	credentials   *credentials
	clientTxs     map[string]*clientTx
	serverTxs     map[string]*serverTx
	merges        map[string]*serverTx // those of requests outside dialogs, by From tag, Call-ID and CSeq
	load          load
	sessions      []*Session
	dialogs       map[string]*Session // early and confirmed, by ID
	unsent        []unsentRequest
	endedDialogs  []string  // dialogs of calls that ended lately, newest last
	referral      *Referral // that the user is asked about; nil for none
	subscriptions []*Subscription
	notifiers     []*Notifier
	publications  []*Publication
	messages      allowance // of MESSAGEs that come in
	recent        []string  // merge keys of MESSAGEs that came in lately, newest last

	started  bool
	stopped  bool
	stopping *loop.Timer
	onStop   []func()
	notified bool // a call of OnState is posted
}

// New returns a user agent that does nothing yet. The error is a *ConfigError, or tells what of Options
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
	aor, err := sip.ParseURI(config.URI)
	if err != nil {
		return nil, fmt.Errorf("new user agent: %w", err)
	}
	registrar, err := sip.ParseURI(config.RegistrarServer)
	if err != nil {
		return nil, fmt.Errorf("new user agent: %w", err)
	}
	if o.Dial == nil {
		o.Dial = newDialFunc(config, o.TLS, &o.Loop.Frames)
	}
	if o.Rand == nil {
		var seed [32]byte
		if _, err := crand.Read(seed[:]); err != nil {
			return nil, fmt.Errorf("new user agent: seed: %w", err)
		}
		o.Rand = rand.New(rand.NewChaCha8(seed))
	}
	ua := &UserAgent{
		options: o, config: config, loop: o.Loop, rand: o.Rand, log: newLogger(o.Logger, config),
		aor: aor.WithoutHeaders(), registrar: registrar.WithoutHeaders(),
		messages:  allowance{burst: messageBurst, interval: messageInterval},
		clientTxs: make(map[string]*clientTx), serverTxs: make(map[string]*serverTx), merges: make(map[string]*serverTx), dialogs: make(map[string]*Session),
	}
	if err := ua.identify(); err != nil {
		return nil, fmt.Errorf("new user agent: %w", err)
	}
	ua.servers = newServers(config, o.Rand)
	ua.failBack.ua = ua
	ua.credentials = newCredentials(ua, readKnown(o.Realms))
	ua.registration = newRegistration(ua)
	ua.logConfig(o.Config)
	return ua, nil
}

// Start connects and, unless the configuration says otherwise, registers. After Stop it does nothing.
func (ua *UserAgent) Start() {
	if ua.started || ua.stopped {
		return
	}
	ua.started = true
	ua.log.debug(logUA, "", "starting for "+ua.aor.String())
	if i, ok := ua.servers.choose(time.Now()); ok {
		ua.connect(i)
	}
}

// Stop ends all calls, removes the binding and closes the connection, within about 3 s whatever the server
// does; then it calls done, which may be nil.
func (ua *UserAgent) Stop(done func()) {
	if done != nil {
		ua.onStop = append(ua.onStop, done)
	}
	if ua.stopped {
		if ua.flowState == FlowStopped {
			ua.tellStopped()
		}
		return
	}
	ua.stopped = true
	ua.log.info(logUA, "", "stopping")
	ua.wait.Stop()
	ua.healthy.Stop()
	ua.retryAt = time.Time{}
	for _, s := range slices.Clone(ua.sessions) {
		s.HangUp()
	}
	ua.letGo()
	if ua.cancelDial != nil {
		ua.cancelDial()
	}
	ua.failBack.stop()
	if ua.flow == nil {
		ua.ended()
		return
	}
	ua.registration.unregister(false)
	ua.stopping = ua.loop.AfterFunc(2*time.Second, ua.closeFlow)
	ua.loadChanged()
}

// closeFlow is the last step of Stop before the flow's end.
func (ua *UserAgent) closeFlow() {
	ua.stopping.Stop()
	if ua.flow != nil {
		ua.flow.close()
	}
}

// ended is told when a stopped user agent has no flow.
func (ua *UserAgent) ended() {
	ua.stopping.Stop()
	for _, tx := range slices.Collect(maps.Values(ua.clientTxs)) {
		tx.fail(ErrStopped)
	}
	for _, tx := range slices.Collect(maps.Values(ua.serverTxs)) {
		tx.onEnd = nil
		tx.terminate()
	}
	for _, s := range slices.Collect(maps.Values(ua.dialogs)) {
		s.abandon()
	}
	clear(ua.dialogs)
	ua.dropUpkeep()
	ua.unsent = nil
	ua.registration.timer.Stop()
	ua.setFlow(FlowStopped, nil)
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
	if !ua.stopped {
		ua.registration.unregister(all)
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
func (ua *UserAgent) RetryNow() { ua.retryNow(true) }

func (ua *UserAgent) retryNow(user bool) {
	switch {
	case ua.stopped || !ua.started:
	case ua.flow != nil:
		ua.flow.keepalive.probe()
		ua.registration.retryNow(user)
		ua.failBack.now(true)
	case ua.cancelDial == nil:
		ua.connect(ua.server)
	}
}

// NetworkChanged cuts every wait short: addresses or routes of this computer have changed, or it woke up. A
// connection from an address that is gone is left at once, and media of established calls looks for a new way.
func (ua *UserAgent) NetworkChanged() {
	if f := ua.flow; f != nil && !ua.stopped {
		gone := false
		ua.loop.Go(func(context.Context) { gone = f.addressGone() }, func() {
			if gone {
				f.end(errAddressGone)
			}
		})
	}
	if ua.cancelDial != nil && !ua.stopped { // it may wait for a network that is gone
		ua.cancelDial()
		ua.connect(ua.server)
	}
	ua.retryNow(false)
	for _, s := range slices.Clone(ua.sessions) {
		if s.state == SessionEstablished {
			s.RestartMedia()
		}
	}
}

// Sessions returns the calls that have not ended, oldest first.
func (ua *UserAgent) Sessions() []*Session { return slices.Clone(ua.sessions) }

// ringing counts incoming calls that wait for an answer.
func (ua *UserAgent) ringing() int {
	n := 0
	for _, s := range ua.sessions {
		if s.state == SessionIncoming {
			n++
		}
	}
	return n
}

// forget takes an ended call off the list. Its dialog stays known until BYE is done.
func (ua *UserAgent) forget(s *Session) {
	ua.sessions = slices.DeleteFunc(ua.sessions, func(other *Session) bool { return other == s })
	if s.dialog != nil {
		ua.rememberEnded(s.dialog.key())
		if s.in != nil && s.times.Answered.IsZero() {
			ua.dropDialog(s.dialog)
		}
	}
	ua.loadChanged()
}

// State returns the connection and registration as they are now.
func (ua *UserAgent) State() State {
	r := ua.registration
	s := State{
		Flow: ua.flowState, Registration: r.state, Servers: slices.Clone(ua.servers.list),
		RetryAt: ua.retryAt, Err: ua.flowErr, RegisteredAt: r.since, RegisterTime: r.took,
		LastLeft: ua.lastLeft, Attempts: ua.attempts, Bindings: r.bindings, ServiceRoutes: r.serviceRoutes,
	}
	ua.failBack.show(s.Servers)
	if ua.flowState == FlowWaiting {
		s.Servers[ua.server].NextTry = ua.retryAt
	}
	if ua.flowState == FlowConnected || ua.flowState == FlowConnecting {
		s.Server = ua.servers.list[ua.server].URL
	}
	if ua.flowState == FlowConnected {
		s.FlowSince = ua.flow.since
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
	if ua.publicGRUU != nil {
		s.PublicGRUU = ua.publicGRUU.String()
	}
	if ua.tempGRUU != nil {
		s.TempGRUU = ua.tempGRUU.String()
	}
	return s
}

// changed tells of the new state, once for all changes of one turn of the loop.
func (ua *UserAgent) changed() {
	if ua.options.OnState == nil || ua.notified {
		return
	}
	ua.notified = true
	ua.loop.Post(func() {
		ua.notified = false
		ua.log.debug(logEvents, "", "state of the user agent changed")
		ua.options.OnState(ua.State())
	})
}

// identify makes what names this user agent in its messages. Contact, where the registrar is to send our requests,
// has a random user, not our name, at a host that does not exist (RFC 7118 section 5), unless contact_uri says
// another; Via's sent-by is its host.
func (ua *UserAgent) identify() error {
	ua.viaHost = ua.newToken(12) + ".invalid"
	if ua.config.HackIPInContact {
		ua.viaHost = "192.0.2." + itoa(ua.rand.IntN(254)+1)
	}
	ua.plain = sip.URI{Scheme: "sip", User: ua.newToken(8), Host: ua.viaHost, Params: overWebSocket()}
	ua.loopMark = ua.newToken(5)
	if ua.config.ContactURI != "" {
		uri, err := sip.ParseURI(ua.config.ContactURI)
		if err != nil {
			return fmt.Errorf("contact_uri: %w", err)
		}
		ua.plain, ua.viaHost = uri, uri.Host
	}
	return ua.readHeaders()
}

// readHeaders makes what stands in every request of ours.
func (ua *UserAgent) readHeaders() error {
	if ua.name = ua.config.UserAgent; ua.name == "" {
		ua.name = ua.options.UserAgent
	}
	ua.extraHeaders = nil
	for _, text := range ua.config.ExtraHeaders {
		h, reason := config.ParseHeader(text)
		if reason != "" {
			return fmt.Errorf("extra_headers: %s", reason)
		}
		ua.extraHeaders = append(ua.extraHeaders, h)
	}
	return nil
}

func overWebSocket() sip.Params {
	return sip.Params{{Name: "transport", Value: "ws", HasValue: true}}
}

// ownDomain tells whether an address is of our own domain: that of our address, or the registrar's.
func (ua *UserAgent) ownDomain(uri sip.URI) bool {
	return strings.EqualFold(uri.Host, ua.aor.Host) || strings.EqualFold(uri.Host, ua.registrar.Host)
}

// plainContact is Contact where it is no GRUU: what REGISTER binds.
func (ua *UserAgent) plainContact() sip.URI {
	uri := ua.plain
	uri.Params = slices.Clone(uri.Params)
	return uri
}

// contact is the Contact of requests and responses that make dialogs. A GRUU reaches us over any flow;
// outbound asks for the flow of this request (RFC 5626 section 4.3).
func (ua *UserAgent) contact(anonymous, outbound bool) string {
	uri := ua.plainContact()
	switch {
	case anonymous && ua.tempGRUU != nil:
		return "<" + ua.tempGRUU.String() + ">"
	case anonymous:
		uri = sip.URI{Scheme: "sip", User: "anonymous", Host: "anonymous.invalid", Params: overWebSocket()}
	case ua.publicGRUU != nil:
		return "<" + ua.publicGRUU.String() + ">"
	}
	if outbound {
		uri.Params = uri.Params.With("ob", "")
	}
	return "<" + uri.String() + ">"
}

// from is From of our own requests.
func (ua *UserAgent) from(tag string) string {
	return sip.Address{Display: ua.config.DisplayName, URI: ua.aor}.String() + ";tag=" + tag
}

// anonymousFrom hides who calls (RFC 3323 section 4.1).
func anonymousFrom(tag string) string {
	return `"Anonymous" <sip:anonymous@anonymous.invalid>;tag=` + tag
}

// privacy tells our own server who we are, and to keep it to itself (RFC 3323, RFC 3325).
func (ua *UserAgent) privacy() []sip.Header {
	return []sip.Header{{Name: "P-Preferred-Identity", Value: ua.aor.String()}, {Name: "Privacy", Value: "id"}}
}

// anonymous tells whether the far end is not to know who we are.
func (s *Session) anonymous() bool { return s.out != nil && s.out.options.Anonymous }
