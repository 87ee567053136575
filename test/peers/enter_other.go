//go:build !linux

package peers

import (
	"errors"
	"net/netip"
	"testing"
)

// Enter runs f in the place's network, which is that of this computer: there are no others.
func (p *Place) Enter(f func()) error {
	if p.Alone() {
		return errors.ErrUnsupported
	}
	f()
	return nil
}

// Watch tells of every datagram that comes in by a link of the place; elsewhere than on Linux tests cannot.
func (p *Place) Watch(t testing.TB, _ string, _ func(from, to netip.AddrPort, payload []byte)) {
	Missing(t, "packets can be watched on Linux only")
}
