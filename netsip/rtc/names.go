package rtc

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	lookUpPatience = 400 * time.Millisecond // with a name whose addresses are known from before
	knownFor       = 24 * time.Hour         // they are used, since they were looked up last
	knownNames     = 64
)

// names are the addresses that STUN and TURN servers had when they were looked up last, for when they cannot be: in
// memory alone. Any goroutine may use them; the zero names are ready.
type names struct {
	resolver *net.Resolver // nil = the system's

	mu    sync.Mutex
	known map[string]knownAddresses // by family and name
}

// knownAddresses are those of one name.
type knownAddresses struct {
	addresses []netip.Addr
	at        time.Time
}

// lookUp is net.Resolver.LookupNetIP.
func (n *names) lookUp(ctx context.Context, family, host string) ([]netip.Addr, error) {
	name := family + " " + strings.ToLower(host)
	before := n.before(name)
	if len(before) > 0 {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeout(ctx, lookUpPatience)
		defer stop()
	}
	resolver := n.resolver
	if resolver == nil {
		resolver = net.DefaultResolver
	}
	found, err := resolver.LookupNetIP(ctx, family, host)
	switch {
	case err == nil:
		n.note(name, found)
	case len(before) > 0:
		return before, nil
	}
	return found, err
}

func (n *names) before(name string) []netip.Addr {
	n.mu.Lock()
	defer n.mu.Unlock()
	if k := n.known[name]; time.Since(k.at) <= knownFor {
		return slices.Clone(k.addresses)
	}
	return nil
}

func (n *names) note(name string, found []netip.Addr) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.known == nil {
		n.known = make(map[string]knownAddresses)
	}
	if _, old := n.known[name]; old || len(n.known) < knownNames {
		n.known[name] = knownAddresses{slices.Clone(found), time.Now()}
	}
}
