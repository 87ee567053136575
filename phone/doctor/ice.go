package doctor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/pion/logging"
	"github.com/pion/stun/v4"
	"github.com/pion/turn/v5"

	"calla/netsip/config"
	"calla/netsip/rtc"
	"calla/netsip/ws"
	"calla/phone/cause"
)

// stunAgain is when an unanswered request is sent again over UDP (RFC 8489 section 6.2.1).
const stunAgain = 500 * time.Millisecond

// iceCheck is the check of one STUN or TURN server, under way since startICE.
type iceCheck struct {
	check cause.Kind
	uri   string
	done  chan struct{}
	took  time.Duration
	found cause.Cause // what was learned
	err   error
}

// startICE begins to ask all STUN and TURN servers at once.
func (e *examination) startICE(ctx context.Context) []*iceCheck {
	var all []*iceCheck
	start := func(check cause.Kind, uri string, ask func(context.Context) (cause.Cause, error)) {
		c := &iceCheck{check: check, uri: uri, done: make(chan struct{})}
		all = append(all, c)
		go func() {
			defer close(c.done)
			ctx, cancel := context.WithTimeout(ctx, iceTime)
			defer cancel()
			began := time.Now()
			c.found, c.err = ask(ctx)
			c.took = time.Since(began)
		}()
	}
	for _, uri := range e.config.StunServers {
		start(cause.CheckSTUN, uri, func(ctx context.Context) (cause.Cause,
			error,
		) {
			return e.askSTUN(ctx, uri)
		})
	}
	for _, server := range e.config.TurnServers {
		for _, uri := range server.URLs {
			start(cause.CheckTURN, uri, func(ctx context.Context) (cause.Cause,
				error,
			) {
				return e.askTURN(ctx, uri, server)
			})
		}
	}
	return all
}

func (e *examination) finishICE(c *iceCheck) {
	s := e.begin(c.check, c.uri)
	<-c.done
	if c.err == nil {
		e.end(s, OK, c.took, c.found)
		return
	}
	status := Remark // calls may work without it
	if c.check == cause.CheckTURN && e.config.Calla.ICETransportPolicy == config.ICERelay {
		status = Failed
	}
	e.end(s, status, c.took, explainICE(c))
}

// explainICE finds the cause of the failure of a STUN or TURN server.
func explainICE(i *iceCheck) cause.Cause {
	c := ExplainRelay(i.uri, i.err, iceTime)
	if i.check != cause.CheckTURN && c.Parameter == "turn_servers" {
		c.Parameter = "stun_servers"
	}
	return c
}

// askSTUN asks a server under which address it sees us (RFC 8489).
func (e *examination) askSTUN(ctx context.Context, raw string) (cause.Cause, error) {
	uri, err := stun.ParseURI(raw)
	if err != nil {
		return cause.Cause{}, fmt.Errorf("read %s: %w", raw, err)
	}
	conn, err := e.dialICE(ctx, uri)
	if err != nil {
		return cause.Cause{}, err
	}
	defer func() { _ = conn.Close() }()
	request, err := stun.Build(stun.TransactionID, stun.BindingRequest, stun.Fingerprint)
	if err != nil {
		return cause.Cause{}, fmt.Errorf("ask %s: %w", raw, err)
	}
	mapped, err := bind(ctx, conn, request, uri.Proto == stun.ProtoTypeUDP)
	if err != nil {
		return cause.Cause{}, fmt.Errorf("ask %s: %w", raw, err)
	}
	return cause.Cause{Kind: cause.SeenAs, Address: mapped}, nil
}

// maxStray bounds the datagrams and segments that are no answer, so that a flood of them ends the question.
const maxStray = 100

// bind sends a Binding request, over UDP again and again, until it is answered or ctx ends.
func bind(ctx context.Context, conn net.Conn, request *stun.Message, again bool) (string, error) {
	buf := make([]byte, 1500)
	stray := 0
	for ctx.Err() == nil {
		if _, err := conn.Write(request.Raw); err != nil {
			return "", err
		}
		deadline, _ := ctx.Deadline()
		if soon := time.Now().Add(stunAgain); again && soon.Before(deadline) {
			deadline = soon
		}
		if err := conn.SetReadDeadline(deadline); err != nil {
			return "", err
		}
		for ; stray < maxStray; stray++ {
			n, err := conn.Read(buf)
			if cause.IsTimeout(err) {
				break
			}
			if err != nil {
				return "", err
			}
			answer := &stun.Message{Raw: buf[:n]}
			if answer.Decode() != nil || answer.TransactionID != request.TransactionID {
				continue // not the answer to this
			}
			var mapped stun.XORMappedAddress
			if err := mapped.GetFrom(answer); err != nil {
				return "", err
			}
			return mapped.String(), nil
		}
		if stray >= maxStray {
			return "", errors.New("it answers something else")
		}
	}
	return "", ctx.Err()
}

// dialICE connects to a STUN or TURN server by the URI's transport, as calls do.
func (e *examination) dialICE(ctx context.Context, uri *stun.URI) (net.Conn, error) {
	if uri.Proto == stun.ProtoTypeUDP && (uri.Scheme == stun.SchemeTypeSTUN || uri.Scheme == stun.SchemeTypeTURN) {
		var d net.Dialer
		return d.DialContext(ctx, "udp", net.JoinHostPort(uri.Host, fmt.Sprint(uri.Port)))
	}
	return rtc.DialStream(ctx, &ws.Dialer{Config: e.config.Calla, TLS: e.o.TLS}, *uri)
}

// askTURN allocates a relay and gives it back (RFC 8656).
func (e *examination) askTURN(ctx context.Context, raw string, server config.TurnServer) (cause.Cause, error) {
	uri, err := stun.ParseURI(raw)
	if err != nil {
		return cause.Cause{}, fmt.Errorf("read %s: %w", raw, err)
	}
	addr := net.JoinHostPort(uri.Host, fmt.Sprint(uri.Port))
	var packets net.PacketConn
	if uri.Proto == stun.ProtoTypeUDP && uri.Scheme == stun.SchemeTypeTURN {
		packets, addr, err = openUDP(ctx, uri)
	} else {
		var conn net.Conn
		if conn, err = e.dialICE(ctx, uri); err == nil {
			packets = turn.NewSTUNConn(conn)
		}
	}
	if err != nil {
		return cause.Cause{}, err
	}
	defer func() { _ = packets.Close() }()
	client, err := turn.NewClient(&turn.ClientConfig{
		STUNServerAddr: addr, TURNServerAddr: addr, Conn: packets,
		Username: server.Username, Password: server.Credential.Reveal(),
		LoggerFactory: silent{},
	})
	if err != nil {
		return cause.Cause{}, fmt.Errorf("ask %s: %w", raw, err)
	}
	defer client.Close()
	if err := client.Listen(); err != nil {
		return cause.Cause{}, fmt.Errorf("ask %s: %w", raw, err)
	}
	relay, err := client.AllocateWithContext(ctx)
	if err != nil {
		return cause.Cause{}, fmt.Errorf("ask %s: %w", raw, err)
	}
	found := cause.Cause{Kind: cause.RelaysFrom, Address: relay.LocalAddr().String()}
	return found, relay.Close()
}

// openUDP opens a socket of the server's address family: a relay of the socket's is asked for (RFC 8656 section 7.1),
// and a socket of both would ask IPv4 servers for one of IPv6, which few have.
func openUDP(ctx context.Context, uri *stun.URI) (packets net.PacketConn, server string, err error) {
	all, err := net.DefaultResolver.LookupNetIP(ctx, "ip", uri.Host)
	if err != nil {
		return nil, "", err
	}
	chosen, network := all[0].Unmap(), "udp6"
	for _, address := range all {
		if address = address.Unmap(); address.Is4() {
			chosen, network = address, "udp4"
			break
		}
	}
	var l net.ListenConfig
	packets, err = l.ListenPacket(ctx, network, ":0")
	return packets, net.JoinHostPort(chosen.String(), fmt.Sprint(uri.Port)), err
}

// silent is a logger factory of pion's for what is told by errors already.
type silent struct{}

// NewLogger implements logging.LoggerFactory.
func (silent) NewLogger(scope string) logging.LeveledLogger {
	return logging.NewDefaultLeveledLoggerForScope(scope, logging.LogLevelDisabled, nil)
}
