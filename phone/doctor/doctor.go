package doctor

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strings"
	"time"

	"calla/netsip"
	"calla/netsip/config"
	"calla/netsip/loop"
	"calla/netsip/ws"
	"calla/phone/cause"
)

// Bounds of the checks, so that a silent network does not hold them for ever.
const (
	registerTime = 10 * time.Second
	iceTime      = 3 * time.Second
)

// Options are what Run checks, and with what.
type Options struct {
	Config    config.Config       // with the secrets in it
	Realms    []config.KnownRealm // that may ask for the password; nil = none is known
	Dial      ws.DialFunc         // opens the way to a server; nil = TCP, TLS and the proxy
	TLS       *tls.Config         // of the default Dial and of turns:; nil = the system's roots
	UserAgent string
}

// examination is one run of the checks.
type examination struct {
	o       Options
	config  config.Config // normalised
	subject Subject
	report  func(Step)
	lastID  int
}

// Run takes all steps and reports each by step, on the calling goroutine, one after the other. It
// returns when all are done or soon after ctx has ended.
func Run(ctx context.Context, o Options, step func(Step)) {
	e := &examination{o: o, report: step}
	e.subject = Subject{Address: strings.TrimPrefix(o.Config.URI, "sip:"), At: time.Now(), Stopped: true}
	if !e.settings() {
		return
	}
	waiting := e.startICE(ctx)
	servers := slices.Clone(e.config.WSServers)
	slices.SortStableFunc(servers, func(a, b config.Server) int { return cmp.Compare(b.Weight, a.Weight) })
	var reached []config.Server
	for _, server := range servers {
		if e.connect(ctx, server) {
			reached = append(reached, server)
		}
	}
	e.register(ctx, reached)
	for _, check := range waiting {
		e.finishICE(check)
	}
}

// begin reports a step as Running and returns it.
func (e *examination) begin(check cause.Kind, server string) Step {
	e.lastID++
	s := Step{ID: e.lastID, Check: check, Server: server, Status: Running}
	e.report(s)
	return s
}

func (e *examination) end(s Step, status Status, took time.Duration, found cause.Cause) {
	s.Status, s.Took, s.Cause = status, took, found
	e.report(s)
}

func (e *examination) fail(s Step, took time.Duration, err error) {
	e.end(s, Failed, took, Explain(err, e.subject))
}

func (e *examination) skip(check cause.Kind, server string, why cause.Kind) {
	e.lastID++
	e.report(Step{ID: e.lastID, Check: check, Server: server, Status: Skipped, Cause: cause.Cause{Kind: why}})
}

// settings checks the configuration itself.
func (e *examination) settings() bool {
	s := e.begin(cause.CheckSettings, "")
	config, err := e.o.Config.Normalize()
	if err != nil {
		e.fail(s, 0, err)
		return false
	}
	e.config = config
	e.subject.Address = strings.TrimPrefix(config.URI, "sip:")
	e.end(s, OK, 0, cause.Cause{Kind: cause.Complete})
	return true
}

// stage is what a dial reports of one of its steps.
type stage struct {
	check cause.Kind // "" = the dial has ended
	found cause.Cause
	at    time.Time
}

// connect dials one server, with a step for each stage of the dial.
func (e *examination) connect(ctx context.Context, server config.Server) bool {
	u, err := url.Parse(server.WSURI)
	if err != nil {
		return false // Normalize has seen to it
	}
	checks := []cause.Kind{
		cause.CheckName, cause.CheckConnection, cause.CheckEncryption, cause.CheckWebSocket,
		cause.CheckSIP,
	}
	skipped := map[cause.Kind]cause.Kind{}
	if net.ParseIP(u.Hostname()) != nil {
		skipped[cause.CheckName] = cause.NoNameToLookUp
	}
	if u.Scheme == "ws" {
		skipped[cause.CheckEncryption] = cause.WithoutEncryption
	}
	done := make(chan stage, 32) // what happens in the dial
	var dialErr error
	go func() {
		defer func() { done <- stage{} }() // not closed: a trace may report late
		dialer := ws.Dialer{Config: e.config.Calla, TLS: e.o.TLS, Way: e.o.Dial}
		conn, _, err := dialer.Dial(httptrace.WithClientTrace(ctx, trace(done)), server.WSURI)
		var dial *ws.DialError
		if dialErr = err; err != nil && (!errors.As(err, &dial) || dial.Stage != ws.StageSubprotocol) {
			return
		}
		done <- stage{cause.CheckWebSocket, cause.Cause{Kind: cause.SwitchedProtocols}, time.Now()}
		if err == nil {
			done <- stage{cause.CheckSIP, cause.Cause{Kind: cause.AgreedOnSIP}, time.Now()}
			conn.Close()
		}
	}()
	passed := map[cause.Kind]stage{}
	began := time.Now()
	for i, check := range checks {
		if why, ok := skipped[check]; ok {
			e.skip(check, server.WSURI, why)
			continue
		}
		s := e.begin(check, server.WSURI)
		got, ok := awaitStage(check, checks[i+1:], passed, done)
		if !ok {
			e.fail(s, time.Since(began), dialErr)
			for _, rest := range checks[i+1:] {
				e.skip(rest, server.WSURI, "")
			}
			return false
		}
		e.end(s, OK, max(got.at.Sub(began), 0), got.found)
		began = got.at
	}
	return true
}

// awaitStage waits until the dial has passed a check, or a later one, or has ended; passed keeps what came early.
func awaitStage(check cause.Kind, later []cause.Kind, passed map[cause.Kind]stage, done <-chan stage) (stage, bool) {
	for {
		if s, ok := passed[check]; ok {
			return s, true
		}
		for _, l := range later {
			if s, ok := passed[l]; ok { // a dial that does not report each stage
				return stage{check: check, at: s.at}, true
			}
		}
		s := <-done
		if s.check == "" {
			return stage{}, false
		}
		passed[s.check] = s
	}
}

// trace reports the stages of a dial; a full channel drops what nobody waits for.
func trace(done chan<- stage) *httptrace.ClientTrace {
	report := func(check cause.Kind, found cause.Cause) {
		select {
		case done <- stage{check, found, time.Now()}:
		default:
		}
	}
	return &httptrace.ClientTrace{
		DNSDone: func(info httptrace.DNSDoneInfo) {
			if info.Err == nil {
				report(cause.CheckName, addresses(info.Addrs))
			}
		},
		ConnectDone: func(_, addr string, err error) {
			if err == nil {
				report(cause.CheckConnection, cause.Cause{Kind: cause.Addresses, Names: []string{addr}})
			}
		},
		TLSHandshakeDone: func(state tls.ConnectionState, err error) {
			if err == nil {
				report(cause.CheckEncryption, certificate(state))
			}
		},
	}
}

func addresses(all []net.IPAddr) cause.Cause {
	c := cause.Cause{Kind: cause.Addresses}
	for _, a := range all {
		c.Names = append(c.Names, a.String())
	}
	return c
}

func certificate(state tls.ConnectionState) cause.Cause {
	c := cause.Cause{Kind: cause.CertificateGood, Text: tls.VersionName(state.Version)}
	if len(state.PeerCertificates) > 0 {
		c.At = state.PeerCertificates[0].NotAfter
	}
	return c
}

// register registers with a user agent and an instance of its own, so that the binding of a live
// phone stays, and takes that binding away again.
func (e *examination) register(ctx context.Context, reached []config.Server) {
	switch {
	case !e.config.Register.Enabled():
		e.skip(cause.CheckRegistration, "", cause.DoesNotRegister)
		return
	case len(reached) == 0:
		e.skip(cause.CheckRegistration, "", "")
		return
	}
	server := reached[0]
	s := e.begin(cause.CheckRegistration, server.WSURI)
	began := time.Now()
	state, err := e.tryRegister(ctx, server)
	took := time.Since(began)
	if err != nil {
		e.fail(s, took, err)
		return
	}
	e.end(s, OK, took, cause.Cause{Kind: cause.RegisteredFor, After: state.Expires})
}

func (e *examination) tryRegister(ctx context.Context, server config.Server) (netsip.State, error) {
	ctx, cancel := context.WithTimeout(ctx, registerTime)
	defer cancel()
	cfg := e.config
	cfg.WSServers = []config.Server{server}
	id, err := config.NewInstanceID()
	if err != nil {
		return netsip.State{}, err
	}
	cfg.InstanceID = id
	cfg.TraceSIP, cfg.Log.Connector = false, nil

	loop := loop.New()
	defer loop.Stop()
	outcome := make(chan netsip.State, 1)
	var ua *netsip.UserAgent
	loop.Do(func() {
		ua, err = netsip.New(netsip.Options{
			Loop: loop, Config: cfg, Realms: e.o.Realms, Dial: e.o.Dial, TLS: e.o.TLS, UserAgent: e.o.UserAgent,
			OnState: func(s netsip.State) {
				if s.Registration == netsip.Registered || s.Err != nil {
					select {
					case outcome <- s:
					default:
					}
				}
			},
		})
		if err == nil {
			ua.Start()
		}
	})
	if err != nil {
		return netsip.State{}, err
	}
	var state netsip.State
	select {
	case state = <-outcome:
		err = state.Err
	case <-ctx.Done():
		err = &netsip.TimeoutError{Method: "REGISTER", After: registerTime}
	}
	stopped := make(chan struct{})
	loop.Post(func() { ua.Stop(func() { close(stopped) }) })
	<-stopped
	if errors.Is(err, context.Canceled) {
		err = netsip.ErrStopped
	}
	return state, err
}
