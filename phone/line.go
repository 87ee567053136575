package phone

import (
	"cmp"
	"context"
	"errors"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"calla/account"
	"calla/netsip"
	"calla/netsip/config"
	"calla/phone/cause"
	"calla/phone/logs"
)

const (
	keyringTime  = 3 * time.Second  // after which the user is told and may enter the password
	keyringAgain = 5 * time.Second  // until a locked or silent keyring is asked again
	saveTime     = 60 * time.Second // for a keyring that asks its user while a password is saved
)

// line is one account as it stands in the phone.
//
//	off ◀──switched off── any
//	waiting for the secret ──joined──▶ agent at work ◀──config changed── agent replaced
//	      │ keyring fails: told, asked again                          (stops with its last call, then the next starts)
type line struct {
	account account.Account // with its secrets once they are joined
	joined  bool            // the secrets are there, or none are kept
	asking  bool            // the keyring is being asked
	problem *cause.Cause    // why there is no agent
	agent   *agent          // nil while there is none
}

// agent is one user agent at work, with what its calls need.
type agent struct {
	p         *Phone
	accountID string
	label     string
	config    config.Config // normalised
	ua        *netsip.UserAgent
	logs      *logs.Outlets // nil = none
	log       config.Log    // config's, with the connector that leads to logs
	engines   []mediaEngine // the last one makes the media of new calls; calls may yet use the others
	state     netsip.State
	retired   bool // replaced: stops with its last call
	again     bool // registers again once it has unregistered everybody
	mailbox   *netsip.Subscription
	voicemail *Voicemail
	stopping  []func()
}

// follow brings a line's agent in step with its account.
func (p *Phone) follow(l *line) {
	p.changed()
	l.problem = nil
	switch {
	case p.closing:
	case !l.account.Enabled:
		p.retire(l)
	case !l.joined && l.account.SecretPlace != account.SecretNone:
		p.askSecret(l)
	case l.agent == nil && p.predecessor(l) == nil:
		p.startAgent(l)
	}
}

// predecessor is the agent that a line had before and that has not stopped yet. The next one waits for it: two
// at once would share one binding (RFC 5626 section 4.2), and the requests of the old one's calls would go
// to the new one, which does not know them.
func (p *Phone) predecessor(l *line) *agent {
	for _, a := range p.agents {
		if a.retired && a.accountID == l.account.ID {
			return a
		}
	}
	return nil
}

// askSecret reads the secrets of an account off the loop and then follows it.
func (p *Phone) askSecret(l *line) {
	if l.asking {
		return
	}
	l.asking = true
	var joined account.Account
	var err error
	stored := l.account
	p.loop.Go(func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, keyringTime)
		defer cancel()
		joined, err = p.o.Keeper.Join(ctx, stored)
	}, func() {
		l.asking = false
		switch {
		case l.joined || p.line(l.account.ID) != l:
			return // entered meanwhile, or deleted
		case l.account.SecretPlace != stored.SecretPlace:
			p.follow(l)
			return
		case err == nil:
			_, secret := account.SplitSecret(joined.Config)
			l.account.Config = account.JoinSecret(l.account.Config, secret)
			l.joined = true
			p.follow(l)
			return
		}
		p.log.Warn("no password", "account", l.account.ID, "error", err)
		l.problem = noSecret(err, l.account)
		p.changed()
		if !errors.Is(err, account.ErrNoSecret) {
			p.loop.AfterFunc(keyringAgain, func() {
				if p.line(l.account.ID) == l && !l.joined {
					p.askSecret(l)
				}
			})
		}
	})
}

// startAgent makes the user agent of a line's account and starts it.
func (p *Phone) startAgent(l *line) {
	cfg, err := l.account.Config.Normalize()
	if err != nil {
		l.problem = configProblem(err, l.account.Address())
		return
	}
	a := &agent{p: p, accountID: l.account.ID, label: l.account.Name(), config: cfg}
	engine, err := p.o.media(p.rtcSettings(cfg, l.account.ID == SandboxID))
	if err != nil {
		l.problem = configProblem(err, l.account.Address())
		return
	}
	a.engines = []mediaEngine{engine}
	a.logs = p.openLogs(&cfg, l.account.Address())
	a.log = cfg.Log
	of := l.account
	options := netsip.Options{
		Loop: p.loop, Config: cfg, Media: engine, Dial: p.o.Dial, Logger: p.log, UserAgent: "Calla/" + p.o.Version,
		OnState:          a.stateChanged,
		OnInvite:         func(s *netsip.Session) { p.incoming(a, s) },
		OnReplace:        func(old, next *netsip.Session) { p.replaced(a, old, next) },
		OnRefer:          func(r *netsip.Referral) { p.referred(a, r) },
		OnMessage:        func(m *netsip.Message) { p.messageCame(a, m) },
		KeepMessages:     p.journal != nil,
		RefuseMessage:    p.refusesMessage,
		OnMessageSummary: a.mailboxTold,
		Realms:           l.account.Realms,
		OnRealms:         func(realms []config.KnownRealm) { p.keepRealms(of, realms) },
	}
	if p.o.Trace != nil {
		options.Trace = p.o.Trace.Source(a.accountID)
	}
	a.ua, err = netsip.New(options)
	if err != nil {
		_ = engine.Close()
		p.loop.Go(func(context.Context) { a.logs.Close() }, nil)
		l.problem = configProblem(err, l.account.Address())
		return
	}
	l.agent = a
	p.agents = append(p.agents, a)
	a.ua.Start()
}

// stateChanged follows the user agent.
func (a *agent) stateChanged(s netsip.State) {
	a.state = s
	if a.again && s.Registration == netsip.Unregistered {
		a.again = false
		a.ua.Register()
	}
	a.watchMailbox()
	a.p.changed()
}

// retire takes the agent from its line. It stops when its calls have ended.
func (p *Phone) retire(l *line) {
	a := l.agent
	if a == nil {
		return
	}
	l.agent = nil
	a.retired = true
	if p.prepared != nil && p.prepared.agent == a {
		p.dropPrepared()
	}
	p.stopIdle(a)
}

// stopIdle stops a retired agent that has no call.
func (p *Phone) stopIdle(a *agent) {
	if !a.retired || slices.ContainsFunc(p.calls, func(c *call) bool { return c.agent == a }) {
		return
	}
	p.stopAgent(a, func() {
		if l := p.line(a.accountID); l != nil {
			p.follow(l)
		}
	})
}

// stopAgent unregisters an agent and closes it; done is called on the loop.
func (p *Phone) stopAgent(a *agent, done func()) {
	a.stopping = append(a.stopping, done)
	if len(a.stopping) > 1 {
		return
	}
	a.ua.Stop(func() {
		p.agents = slices.DeleteFunc(p.agents, func(b *agent) bool { return a == b })
		p.loop.Go(func(context.Context) { a.logs.Close() }, nil)
		for _, e := range a.engines {
			_ = e.Close()
		}
		for _, f := range a.stopping {
			f()
		}
		p.changed()
	})
}

// state is the account as shown.
func (l *line) state(p *Phone) AccountState {
	s := AccountState{
		ID: l.account.ID, Label: l.account.Name(), Address: l.account.Address(),
		DisplayName: l.account.Config.DisplayName,
		Sandbox:     l.account.ID == SandboxID, SecretKept: l.account.SecretPlace,
		SecretAtHand: l.joined && isKept(l.account.Config),
	}
	if s.Sandbox && p.sandbox != nil {
		s.Robots = p.sandbox.Robots
	}
	before := p.predecessor(l)
	switch {
	case l.agent != nil:
		l.agent.show(&s)
		l.agent.showCallsGoOn(&s)
	case before != nil:
		before.show(&s)
	case !l.account.Enabled:
		s.Status, s.Standing = StatusOff, cause.Cause{Kind: cause.Off, Account: s.Address}
	case l.problem != nil && l.problem.Action == cause.ActionEnterPassword:
		s.Status, s.Standing, s.Problem = StatusNoPassword, *l.problem, l.problem
	case l.problem != nil:
		s.Status, s.Standing, s.Problem = StatusFailed, *l.problem, l.problem
	default:
		s.Status, s.Standing = StatusConnecting, cause.Cause{Kind: cause.WaitingForPassword, Account: s.Address}
	}
	return s
}

// show fills in what the user agent knows.
func (a *agent) show(s *AccountState) {
	s.Status, s.Standing, s.Problem = status(a.state, a.config.Register.Enabled(), s.Address)
	if s.Status == StatusRetrying {
		s.RetryAt = a.state.RetryAt
	}
	s.Server, s.RegisterTime, s.Expires = a.state.Server, a.state.RegisterTime, a.state.Expires
	for _, server := range a.state.Servers {
		s.Servers = append(s.Servers, ServerState{
			URL: server.URL, Weight: server.Weight, Cause: serverCause(server, s.Address),
			Connected: server.Status == netsip.ServerConnected, Failed: server.Status == netsip.ServerFailed,
			Failures: server.Failures, LastErrorAt: server.LastErrorAt, NextTry: server.NextTry,
		})
	}
	s.Voicemail, s.Bindings, s.Does = a.voicemail, bindingsOf(a.state.Bindings), a.does()
	s.Connection = connectionOf(a.state, s.Address)
	slices.SortStableFunc(s.Servers, func(a, b ServerState) int { return cmp.Compare(b.Weight, a.Weight) })
}

// showCallsGoOn tells of a lost connection what it means for who is talking: nothing, the sound has a way of its own.
func (a *agent) showCallsGoOn(s *AccountState) {
	talks := slices.ContainsFunc(a.p.calls, func(c *call) bool { return c.agent == a && c.phase() == PhaseEstablished })
	if !talks || s.Problem == nil || s.Status != StatusRetrying && s.Status != StatusConnecting &&
		s.Status != StatusRegistering {
		return
	}
	s.Problem = &cause.Cause{
		Kind: cause.CallGoesOn, Account: s.Address, Because: s.Problem, Detail: s.Problem.Detail,
		Action: cause.ActionRetry,
	}
	if s.Status == StatusConnecting {
		s.Standing = cause.Cause{Kind: cause.ReconnectingAccount, Account: s.Address}
	}
}

// secure tells whether signalling goes over TLS now.
func (a *agent) secure() bool { return strings.HasPrefix(a.state.Server, "wss:") }

// rtcSettings are what the media of an account's calls need.
func (p *Phone) rtcSettings(c config.Config, sandbox bool) rtcSettings {
	return rtcSettings{config: c, codecs: p.o.Codecs, loopback: sandbox || onThisMachine(c), logger: p.log}
}

// onThisMachine tells whether a server of the account is reached over loopback; calls may then be too.
func onThisMachine(c config.Config) bool {
	return slices.ContainsFunc(c.WSServers, func(s config.Server) bool {
		u, err := url.Parse(s.WSURI)
		if err != nil {
			return false
		}
		ip, err := netip.ParseAddr(u.Hostname())
		return err == nil && ip.IsLoopback() || u.Hostname() == "localhost"
	})
}
