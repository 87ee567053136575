package rtc

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/transport/v5"
)

// relaySocket is the socket for one TURN server over UDP. It is connected to whom it first writes to: so nobody else
// can write to it, and the system tells when nothing listens there.
type relaySocket struct {
	net     *relayNet
	network string
	local   net.Addr

	mu     sync.Mutex
	conn   transport.UDPConn // bound; from open on connected
	to     net.Addr          // nil before open
	open   chan struct{}     // closed when it is connected, or closed
	closed bool
	talk   relayTalk
}

func newRelaySocket(n *relayNet, network, address string) (*relaySocket, error) {
	local, err := net.ResolveUDPAddr(network, address) // an address of ours: nothing is looked up
	if err != nil {
		return nil, err
	}
	conn, err := n.Net.ListenUDP(network, local)
	if err != nil {
		return nil, err
	}
	return &relaySocket{
		net: n, network: network, local: conn.LocalAddr(), conn: conn, open: make(chan struct{}),
		talk: relayTalk{relays: n.relays},
	}, nil
}

// connect connects the socket, the first time. It keeps its port where it can.
func (s *relaySocket) connect(to net.Addr) (transport.UDPConn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	remote, ok := to.(*net.UDPAddr)
	switch {
	case s.closed:
		return nil, net.ErrClosed
	case s.to != nil:
		return s.conn, nil
	case !ok:
		return nil, errors.New("not an address of UDP")
	}
	s.talk.with(unmapped(remote))
	_ = s.conn.Close()
	local, _ := s.local.(*net.UDPAddr)
	conn, err := s.net.Net.DialUDP(s.network, local, remote)
	if err != nil {
		conn, err = s.net.Net.DialUDP(s.network, &net.UDPAddr{IP: local.IP, Zone: local.Zone}, remote)
	}
	if err != nil {
		s.talk.broke(err)
		s.closed = true
		close(s.open)
		return nil, err
	}
	s.conn, s.to = conn, to
	close(s.open)
	return conn, nil
}

// WriteTo implements net.PacketConn: all goes to the one server.
func (s *relaySocket) WriteTo(b []byte, to net.Addr) (int, error) {
	conn, err := s.connect(to)
	if err != nil {
		return 0, err
	}
	s.talk.sent(b)
	n, err := conn.Write(b)
	if err != nil && noWay(err) { // of the datagram before: this one has not been sent
		s.talk.broke(err)
		n, err = conn.Write(b)
	}
	return n, err
}

// ReadFrom implements net.PacketConn. That a datagram of ours found no way ends nothing.
func (s *relaySocket) ReadFrom(b []byte) (int, net.Addr, error) {
	<-s.open
	s.mu.Lock()
	conn, to := s.conn, s.to
	s.mu.Unlock()
	if to == nil {
		return 0, nil, net.ErrClosed
	}
	for {
		n, err := conn.Read(b)
		if err == nil {
			s.talk.heard(b[:n])
			return n, to, nil
		}
		s.talk.broke(err)
		if !noWay(err) {
			return 0, nil, err
		}
	}
}

// Close implements net.PacketConn.
func (s *relaySocket) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return net.ErrClosed
	}
	s.closed = true
	if s.to == nil {
		close(s.open)
	}
	return s.conn.Close()
}

// LocalAddr implements net.PacketConn.
func (s *relaySocket) LocalAddr() net.Addr { return s.local }

// SetDeadline implements net.PacketConn.
func (s *relaySocket) SetDeadline(t time.Time) error {
	return errors.Join(s.SetReadDeadline(t), s.SetWriteDeadline(t))
}

// SetReadDeadline implements net.PacketConn.
func (s *relaySocket) SetReadDeadline(t time.Time) error { return s.current().SetReadDeadline(t) }

// SetWriteDeadline implements net.PacketConn.
func (s *relaySocket) SetWriteDeadline(t time.Time) error { return s.current().SetWriteDeadline(t) }

func (s *relaySocket) current() transport.UDPConn {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conn
}

// relayStream is the way to one TURN server by TCP, TLS or DTLS.
type relayStream struct {
	net.Conn
	talk   relayTalk
	frames frames // of what comes in; of the goroutine that reads
}

// Read implements net.Conn.
func (s *relayStream) Read(b []byte) (int, error) {
	n, err := s.Conn.Read(b)
	s.frames.feed(b[:n], s.talk.heard)
	if err != nil {
		s.talk.broke(err)
	}
	return n, err
}

// Write implements net.Conn. TURN is written a message at a time.
func (s *relayStream) Write(b []byte) (int, error) {
	s.talk.sent(b)
	n, err := s.Conn.Write(b)
	if err != nil {
		s.talk.broke(err)
	}
	return n, err
}

// LocalAddr is none: through a proxy it is nothing that matters to ICE, and a relay of IPv4 is asked for.
func (s *relayStream) LocalAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4zero} }

// dialDTLS opens the way to a TURN server by DTLS over UDP (RFC 7350), as a stream.
func dialDTLS(ctx context.Context, way Way, host, address string) (net.Conn, error) {
	config, err := way.Trust(host)
	if err != nil {
		return nil, err
	}
	var d net.Dialer
	udp, err := d.DialContext(ctx, "udp", address)
	if err != nil {
		return nil, err
	}
	conn, err := dtls.ClientWithOptions(packets{udp}, udp.RemoteAddr(),
		dtls.WithServerName(config.ServerName), dtls.WithRootCAs(config.RootCAs),
		dtls.WithVerifyPeerCertificate(strongChain(config)))
	if err == nil {
		if err = conn.HandshakeContext(ctx); err == nil {
			return &datagrams{Conn: conn}, nil
		}
		_ = conn.Close()
	}
	_ = udp.Close()
	return nil, err
}

// packets is a connected socket as DTLS wants it.
type packets struct{ net.Conn }

func (p packets) ReadFrom(b []byte) (int, net.Addr, error) {
	n, err := p.Read(b)
	return n, p.RemoteAddr(), err
}

func (p packets) WriteTo(b []byte, _ net.Addr) (int, error) { return p.Write(b) }

// strongChain holds what a server shows by DTLS against what TLS would ask of it.
func strongChain(config *tls.Config) func([][]byte, [][]*x509.Certificate) error {
	return func(_ [][]byte, chains [][]*x509.Certificate) error {
		if config.VerifyConnection == nil {
			return nil
		}
		return config.VerifyConnection(tls.ConnectionState{VerifiedChains: chains})
	}
}

// datagrams makes the stream that TURN over TCP is of a connection of datagrams: a message each, which a stream pads
// (RFC 8656 section 12.5). One goroutine reads.
type datagrams struct {
	net.Conn
	room [maxDatagram + 3]byte
	rest []byte // of the last one
}

// maxDatagram is what a datagram of TURN brings at most: one of sound is far shorter.
const maxDatagram = 16 << 10

// Read implements net.Conn.
func (d *datagrams) Read(b []byte) (int, error) {
	if len(d.rest) == 0 {
		n, err := d.Conn.Read(d.room[:maxDatagram])
		if err != nil {
			return 0, err
		}
		for ; n%4 != 0; n++ {
			d.room[n] = 0
		}
		d.rest = d.room[:n]
	}
	n := copy(b, d.rest)
	d.rest = d.rest[n:]
	return n, nil
}

// frames finds the messages in a stream of TURN: STUN, which says how long it is, and sound in ChannelData (RFC 8656
// section 12.4), which is skipped.
type frames struct {
	kept []byte // of the message under way
	want int    // its length; 0 = not known yet
	skip int    // to the next one
	lost bool   // what comes is neither
}

func (f *frames) feed(b []byte, message func([]byte)) {
	for len(b) > 0 && !f.lost {
		if f.skip > 0 {
			n := min(f.skip, len(b))
			f.skip, b = f.skip-n, b[n:]
			continue
		}
		n := min(max(4, f.want)-len(f.kept), len(b))
		f.kept, b = append(f.kept, b[:n]...), b[n:]
		switch {
		case f.want == 0 && len(f.kept) == 4:
			f.begin()
		case f.want != 0 && len(f.kept) == f.want:
			message(f.kept)
			f.kept, f.want = f.kept[:0], 0
		}
	}
}

// begin reads the head of what comes next.
func (f *frames) begin() {
	length := int(binary.BigEndian.Uint16(f.kept[2:]))
	switch {
	case f.kept[0]&0xC0 == 0x40:
		f.skip, f.kept = (length+3)&^3, f.kept[:0]
	case f.kept[0]&0xC0 != 0:
		f.lost = true
	case length > maxReason*16:
		f.skip, f.kept = 16+length, f.kept[:0] // none that matters is as long
	default:
		f.want = 20 + length
	}
}
