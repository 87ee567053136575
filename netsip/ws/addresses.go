package ws

import (
	"context"
	"errors"
	"net"
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

const (
	lookUpPatience   = 2 * time.Second        // with names, while the address that was good last waits
	questionPatience = 500 * time.Millisecond // with one question, and before the next, while the first waits
	goodFor          = 24 * time.Hour         // an address, since it was reached last
	goodAddresses    = 32                     // that are remembered
)

// Addresses are where servers were reached last, for when their names cannot be looked up. They are in memory alone.
// Any goroutine may use them; the zero Addresses is ready.
type Addresses struct {
	mu   sync.Mutex
	last map[string]goodAddress // by name and port
}

// goodAddress is where a server was reached.
type goodAddress struct {
	address string // IP and port
	own     net.IP // of this computer, from which that was
	at      time.Time
	proven  bool // who is there had the name in its certificate, and will have to have it again
}

// note remembers where name, with its port, has just been reached.
func (a *Addresses) note(name string, conn net.Conn, proven bool) {
	host, _, err := net.SplitHostPort(name)
	own, ok := conn.LocalAddr().(*net.TCPAddr)
	if a == nil || err != nil || !ok || net.ParseIP(host) != nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.last == nil {
		a.last = make(map[string]goodAddress)
	}
	if _, known := a.last[name]; !known && len(a.last) >= goodAddresses {
		return
	}
	a.last[name] = goodAddress{conn.RemoteAddr().String(), own.IP, time.Now(), proven}
}

// of is where name was reached last; false where that is not known, too long ago, or, where no certificate shows who
// is there, seen from another network: the address may be somebody else's in this one.
func (a *Addresses) of(name string) (string, bool) {
	if a == nil {
		return "", false
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	good, ok := a.last[name]
	if !ok || time.Since(good.at) > goodFor {
		return "", false
	}
	if own, _ := isOwn(good.own); !own && !good.proven {
		return "", false
	}
	return good.address, true
}

// isOwn tells whether an address is one of this computer's, where that is known.
func isOwn(ip net.IP) (own, known bool) {
	addrs, err := net.InterfaceAddrs()
	return slices.ContainsFunc(addrs, func(a net.Addr) bool {
		n, ok := a.(*net.IPNet)
		return ok && n.IP.Equal(ip)
	}), err == nil
}

// reach opens a TCP connection to name, with its port: to one of the addresses that it has now (RFC 8305), and where it
// cannot be looked up, to the one that was good last.
func (d *Dialer) reach(ctx context.Context, network, name string) (net.Conn, error) {
	dialer := net.Dialer{Resolver: d.Resolver}
	good, known := d.Addresses.of(name)
	if !known {
		return d.first(ctx, &dialer, network, name)
	}
	var found atomic.Bool
	looking, stop := context.WithCancel(ctx)
	defer stop()
	patience := time.AfterFunc(lookUpPatience, func() {
		if !found.Load() {
			stop()
		}
	})
	defer patience.Stop()
	conn, err := dialer.DialContext(httptrace.WithClientTrace(looking, &httptrace.ClientTrace{
		DNSDone: func(done httptrace.DNSDoneInfo) { found.Store(done.Err == nil) },
	}), network, name)
	if err == nil || found.Load() || ctx.Err() != nil {
		return conn, err
	}
	if trace := httptrace.ContextClientTrace(ctx); trace != nil && trace.DNSDone != nil {
		trace.DNSDone(httptrace.DNSDoneInfo{}) // it took until now
	}
	conn, lost := dialer.DialContext(ctx, network, good)
	if lost != nil {
		if looking.Err() != nil {
			host, _, _ := net.SplitHostPort(name)
			err = &net.DNSError{Err: "no answer", Name: host, IsTimeout: true}
		}
		return nil, err // the name is what is wrong
	}
	return conn, nil
}

// first opens a connection to a name of which no address is known. Where the name server has not answered for 2 s, and
// answers another question by then, the first one was lost: it is asked again, where Go's resolver would wait on.
func (d *Dialer) first(ctx context.Context, dialer *net.Dialer, network, name string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(name)
	if _, numeric := netip.ParseAddr(host); err != nil || numeric == nil {
		return dialer.DialContext(ctx, network, name)
	}
	for {
		conn, lost, err := d.asked(ctx, dialer, network, name, host)
		if err == nil || !lost || ctx.Err() != nil {
			return conn, err
		}
	}
}

// asked dials a name. lost says that it was given up because a question to the name server was lost.
func (d *Dialer) asked(
	ctx context.Context, dialer *net.Dialer, network, name, host string,
) (conn net.Conn, lost bool, err error) {
	looking, stop := context.WithCancel(ctx)
	var found, again atomic.Bool
	done := make(chan struct{})
	go func() {
		defer close(done)
		for wait := lookUpPatience; ; wait = questionPatience {
			select {
			case <-looking.Done():
				return
			case <-time.After(wait):
			}
			if found.Load() {
				return
			}
			var none *net.DNSError
			if err := d.lookUp(looking, host, questionPatience); err == nil || errors.As(err, &none) &&
				none.IsNotFound {
				again.Store(true)
				stop()
			}
		}
	}()
	conn, err = dialer.DialContext(httptrace.WithClientTrace(looking, &httptrace.ClientTrace{
		DNSDone: func(info httptrace.DNSDoneInfo) { found.Store(info.Err == nil) },
	}), network, name)
	stop()
	<-done
	return conn, again.Load(), err
}

// lookUp asks which addresses a name has now, and waits so long for the answer.
func (d *Dialer) lookUp(ctx context.Context, host string, patience time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	resolver := d.Resolver
	if resolver == nil {
		resolver = net.DefaultResolver
	}
	_, err := resolver.LookupHost(ctx, host)
	return err
}

// Resolves tells whether the name by which address, a URL, is reached can be looked up now: that of the server, or of
// the proxy on the way. It takes 2 s at most.
func (d *Dialer) Resolves(ctx context.Context, address string) bool {
	server, err := url.Parse(address)
	if err != nil || d.Way != nil {
		return false
	}
	proxy, err := proxyOfWay(address, d.Config)
	if err != nil {
		return false
	}
	host := server.Hostname()
	if proxy != nil {
		host = proxy.Hostname()
	}
	return d.lookUp(ctx, host, lookUpPatience) == nil
}
