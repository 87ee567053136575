package rtc

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/netip"
	"slices"
	"syscall"

	"github.com/pion/stun/v4"
)

// relayTalk follows what is said with a TURN server over one socket (RFC 8656). Sound passes it by. Its fields are
// guarded by relays.mu.
type relayTalk struct {
	relays  *relays
	servers []*relayServer // one; several that share an address, until the user is known
	signed  bool           // we have told who we are
	relayed netip.AddrPort // the relay it has given; not valid before
	over    bool           // and taken back
}

// with notes whom it is with: the servers over UDP at an address.
func (t *relayTalk) with(address netip.AddrPort) {
	t.relays.mu.Lock()
	defer t.relays.mu.Unlock()
	for _, s := range t.relays.servers {
		if slices.Contains(s.addresses, address) {
			t.servers = append(t.servers, s)
		}
	}
}

// Types of messages, of method and class (RFC 8489 section 5).
const (
	allocateRequest  = 0x0003
	allocateSuccess  = 0x0103
	allocateError    = 0x0113
	refreshError     = 0x0114
	permissionError  = 0x0118
	channelBindError = 0x0119
)

func typeOf(message []byte) uint16 {
	if len(message) < 20 {
		return 0
	}
	return binary.BigEndian.Uint16(message)
}

// read decodes a message; false: it is none.
func readSTUN(message []byte) (*stun.Message, bool) {
	m := &stun.Message{Raw: slices.Clone(message)}
	return m, m.Decode() == nil
}

// sent looks at what goes to the server.
func (t *relayTalk) sent(message []byte) {
	if typeOf(message) != allocateRequest {
		return
	}
	m, ok := readSTUN(message)
	if !ok {
		return
	}
	var username stun.Username
	if username.GetFrom(m) != nil {
		return
	}
	t.relays.mu.Lock()
	defer t.relays.mu.Unlock()
	t.signed = true
	t.servers = slices.DeleteFunc(t.servers, func(s *relayServer) bool { return s.username != string(username) })
}

// heard looks at what comes from the server.
func (t *relayTalk) heard(message []byte) {
	kind := typeOf(message)
	switch kind {
	case allocateSuccess, allocateError, refreshError, permissionError, channelBindError:
	default:
		return
	}
	m, ok := readSTUN(message)
	if !ok {
		return
	}
	var refused stun.ErrorCodeAttribute
	if kind != allocateSuccess && refused.GetFrom(m) != nil {
		return
	}
	switch kind {
	case allocateSuccess:
		t.given(m)
	case allocateError:
		t.refused(m.Type, refused)
	default:
		// The server knows the allocation no more (RFC 8656 section 7.3), or will not keep it.
		if refused.Code == stun.CodeAllocMismatch || kind == refreshError && refused.Code != stun.CodeStaleNonce {
			t.takenBack()
		}
	}
}

// given: it has a relay for us.
func (t *relayTalk) given(m *stun.Message) {
	var relayed stun.XORMappedAddress
	if relayed.GetFromAs(m, stun.AttrXORRelayedAddress) != nil {
		return
	}
	ip, _ := netip.AddrFromSlice(relayed.IP)
	t.relays.mu.Lock()
	defer t.relays.mu.Unlock()
	t.relayed = netip.AddrPortFrom(ip.Unmap(), uint16(relayed.Port))
	for _, s := range t.servers {
		s.answered, s.relayed, s.err = true, true, nil
	}
}

// refused: it has none. The first 401 only asks who we are.
func (t *relayTalk) refused(kind stun.MessageType, code stun.ErrorCodeAttribute) {
	code.Reason = slices.Clone(code.Reason[:min(len(code.Reason), maxReason)])
	t.relays.mu.Lock()
	defer t.relays.mu.Unlock()
	asks := !t.signed && code.Code == stun.CodeUnauthorized
	for _, s := range t.servers {
		s.answered = true
		if !asks && !s.relayed {
			s.err = &stun.TurnError{StunMessageType: kind, ErrorCodeAttr: code}
		}
	}
}

// maxReason bounds what is kept of a server's words.
const maxReason = 128

// broke: the socket cannot be used. Before there is a relay that is why there is none; afterwards the server has lost
// it, where it is the server that says so and not a network of ours on its way to another.
func (t *relayTalk) broke(err error) {
	if errors.Is(err, net.ErrClosed) || t.relays.alive.Err() != nil {
		return
	}
	t.relays.mu.Lock()
	given := t.relayed.IsValid()
	for _, s := range t.servers {
		if !given && !s.relayed && s.err == nil { // what it has said says more
			s.err = err
		}
	}
	t.relays.mu.Unlock()
	if given && (refusedByFar(err) || errors.Is(err, io.EOF)) {
		t.takenBack()
	}
}

// takenBack tells of the loss of the relay, once.
func (t *relayTalk) takenBack() {
	t.relays.mu.Lock()
	tell := t.relayed.IsValid() && !t.over
	t.over = t.over || tell
	relayed := t.relayed
	t.relays.mu.Unlock()
	if tell {
		t.relays.lost(relayed)
	}
}

// refusedByFar tells that nothing listens at the far end any more. Over UDP an ICMP message says so, and the system
// tells it of the datagram before.
func refusedByFar(err error) bool {
	return errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ECONNRESET) ||
		errors.Is(err, syscall.EPIPE) ||
		errors.Is(err, syscall.Errno(10061)) || errors.Is(err, syscall.Errno(10054)) // as Windows numbers them
}

// noWay tells that a datagram found no way: the next one may.
func noWay(err error) bool {
	return refusedByFar(err) || errors.Is(err, syscall.EHOSTUNREACH) || errors.Is(err, syscall.ENETUNREACH) ||
		errors.Is(err, syscall.Errno(10065)) || errors.Is(err, syscall.Errno(10051))
}

// unmapped is an address of UDP without its zone.
func unmapped(a *net.UDPAddr) netip.AddrPort {
	at := a.AddrPort()
	return netip.AddrPortFrom(at.Addr().Unmap().WithZone(""), at.Port())
}
