package rtc

import (
	"context"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"
	"github.com/pion/transport/v5/packetio"
)

const (
	dtlsWait         = 30 * time.Second // for a handshake, from when there is a path
	dtlsRetransmit   = 200 * time.Millisecond
	maxRecords       = 64 // DTLS records that wait to be read
	maxPacket        = 1500
	maxRemoteSources = 256 // SSRCs of one far end; each costs memory
)

// errNoMatchingCertificate refuses the handshake with a certificate that no description has announced.
var errNoMatchingCertificate = errors.New("certificate is not the one of the description")

// association is DTLS-SRTP with one far end (RFC 5764): one handshake, whose keys protect all RTP and RTCP. It knows
// nothing of the paths below: they come and go, and it stays (RFC 8842 section 4).
type association struct {
	certificate certificate
	announced   []string // fingerprints of the far end's description, of which it shows one (RFC 8122 section 5)
	client      bool     // we open DTLS (RFC 5763 section 5)
	send        func([]byte)
	heard       func(*rtp.Header, []byte, time.Time)
	reported    func([]rtcp.Packet)
	records     *packetio.Buffer // of DTLS that have come

	out outbound
	in  inbound
}

// outbound is the half of the keys that protects what we send.
type outbound struct {
	mu            sync.Mutex
	keys          *srtp.Context // nil before the handshake is over
	header        rtp.Header
	plain, sealed []byte
}

// inbound is the half of the keys that opens what comes in.
type inbound struct {
	mu      sync.Mutex
	keys    *srtp.Context
	sources map[uint32]struct{}
	header  rtp.Header
	plain   []byte
}

func newAssociation(c certificate, announced []string, client bool) *association {
	a := &association{certificate: c, announced: announced, client: client, records: packetio.NewBuffer()}
	a.records.SetLimitCount(maxRecords)
	a.out.plain, a.out.sealed = make([]byte, maxPacket), make([]byte, 0, 2*maxPacket)
	a.in.plain, a.in.sources = make([]byte, 0, maxPacket), map[uint32]struct{}{}
	return a
}

// handshake makes the keys. It returns when they are in use, with an error when there will be none, or when ctx ends.
func (a *association) handshake(ctx context.Context, log *pionLog) (*dtls.Conn, error) {
	conn, err := a.open(log)
	if err != nil {
		return nil, fmt.Errorf("begin DTLS: %w", err)
	}
	if err = conn.HandshakeContext(ctx); err == nil {
		err = a.takeKeys(conn)
	}
	if err != nil {
		_ = conn.Close() // nobody listens
		return nil, fmt.Errorf("DTLS: %w", err)
	}
	return conn, nil
}

func (a *association) open(log *pionLog) (*dtls.Conn, error) {
	shared := []dtls.Option{
		dtls.WithCertificates(a.certificate.tls),
		dtls.WithSRTPProtectionProfiles(
			dtls.SRTP_AEAD_AES_256_GCM, dtls.SRTP_AEAD_AES_128_GCM, dtls.SRTP_AES128_CM_HMAC_SHA1_80),
		dtls.WithExtendedMasterSecret(dtls.RequestExtendedMasterSecret),
		dtls.WithInsecureSkipVerify(true), // no authority signs it: the description vouches (RFC 8827 section 6.5)
		dtls.WithVerifyPeerCertificate(a.verify),
		dtls.WithFlightInterval(dtlsRetransmit),
		dtls.WithLoggerFactory(log),
	}
	if a.client {
		var options []dtls.ClientOption
		for _, o := range shared {
			options = append(options, o)
		}
		return dtls.ClientWithOptions(wire{a}, farEnd{}, options...)
	}
	options := []dtls.ServerOption{
		dtls.WithClientAuth(dtls.RequireAnyClientCert),
		// The cookie is to show that the client can be reached where it says it is (RFC 6347 section 4.2.1). ICE has
		// shown that: we answer by the path that the far end's password has checked, wherever the record is from.
		dtls.WithInsecureSkipVerifyHello(true),
	}
	for _, o := range shared {
		options = append(options, o)
	}
	return dtls.ServerWithOptions(wire{a}, farEnd{}, options...)
}

func (a *association) verify(certificates [][]byte, _ [][]*x509.Certificate) error {
	if len(certificates) == 0 ||
		!slices.ContainsFunc(a.announced, func(f string) bool { return shows(f, certificates[0]) }) {
		return errNoMatchingCertificate
	}
	return nil
}

// takeKeys has SRTP protect by what the handshake agreed on (RFC 5764 section 4.2).
func (a *association) takeKeys(conn *dtls.Conn) error {
	agreed, ok := conn.SelectedSRTPProtectionProfile()
	if !ok {
		return errors.New("far end agreed to no protection of RTP")
	}
	state, ok := conn.ConnectionState()
	if !ok {
		return errors.New("handshake has no state")
	}
	c := srtp.Config{Profile: srtp.ProtectionProfile(agreed)} // the numbers are IANA's in both
	if err := c.ExtractSessionKeysFromDTLS(&state, a.client); err != nil {
		return fmt.Errorf("export keys: %w", err)
	}
	out, err := srtp.CreateContext(c.Keys.LocalMasterKey, c.Keys.LocalMasterSalt, c.Profile)
	if err != nil {
		return fmt.Errorf("protect RTP: %w", err)
	}
	in, err := srtp.CreateContext(c.Keys.RemoteMasterKey, c.Keys.RemoteMasterSalt, c.Profile,
		srtp.SRTPReplayProtection(64), srtp.SRTCPReplayProtection(64)) // RFC 3711 section 3.3.2
	if err != nil {
		return fmt.Errorf("protect RTP: %w", err)
	}
	a.out.mu.Lock()
	a.out.keys = out
	a.out.mu.Unlock()
	a.in.mu.Lock()
	a.in.keys = in
	a.in.mu.Unlock()
	return nil
}

// sendRTP protects a packet and sends it; before there are keys it is dropped.
func (a *association) sendRTP(h *rtp.Header, payload []byte) error {
	o := &a.out
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.keys == nil {
		return nil
	}
	if h.MarshalSize()+len(payload) > len(o.plain) {
		return fmt.Errorf("send RTP: packet of %d bytes", len(payload))
	}
	n, err := h.MarshalTo(o.plain)
	if err != nil {
		return fmt.Errorf("send RTP: %w", err)
	}
	n += copy(o.plain[n:], payload)
	sealed, err := o.keys.EncryptRTP(o.sealed[:0], o.plain[:n], &o.header)
	if err != nil {
		return fmt.Errorf("protect RTP: %w", err)
	}
	a.send(sealed)
	return nil
}

// sendRTCP protects a compound packet and sends it; before there are keys it is dropped.
func (a *association) sendRTCP(packets []rtcp.Packet) error {
	plain, err := rtcp.Marshal(packets)
	if err != nil {
		return fmt.Errorf("send RTCP: %w", err)
	}
	o := &a.out
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.keys == nil {
		return nil
	}
	sealed, err := o.keys.EncryptRTCP(o.sealed[:0], plain, nil)
	if err != nil {
		return fmt.Errorf("protect RTCP: %w", err)
	}
	a.send(sealed)
	return nil
}

// isRecord tells DTLS from what else comes over a path.
func isRecord(data []byte) bool { return len(data) > 0 && data[0] >= 20 && data[0] <= 63 }

// isMedia tells RTP and RTCP from what else comes over a path (RFC 7983 section 7), and RTP from RTCP (RFC 5761 section
// 4).
func isMedia(data []byte) (media, rtp bool) {
	if len(data) < 12 || data[0] < 128 || data[0] > 191 {
		return false, false
	}
	return true, data[1] < 192 || data[1] > 223
}

// take sorts what came over a path (RFC 7983 section 7) and opens it. What no key opens is dropped. The error is
// FailureSources.
func (a *association) take(data []byte, arrival time.Time) error {
	if isRecord(data) {
		_, _ = a.records.Write(data, nil) // full: DTLS sends it again
	} else if media, rtp := isMedia(data); media {
		return a.in.open(a, data, rtp, arrival)
	}
	return nil
}

// open opens RTP and RTCP, which share the port (RFC 5761 section 4).
func (i *inbound) open(a *association, data []byte, isRTP bool, arrival time.Time) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	switch {
	case i.keys == nil:
	case len(i.sources) > maxRemoteSources:
		return FailureSources
	case !isRTP:
		plain, err := i.keys.DecryptRTCP(i.plain[:0], data, nil)
		if err != nil {
			return nil
		}
		if packets, err := rtcp.Unmarshal(plain); err == nil {
			a.reported(packets)
		}
		i.sources[binary.BigEndian.Uint32(data[4:])] = struct{}{}
	default:
		plain, err := i.keys.DecryptRTP(i.plain[:0], data, &i.header)
		if err != nil {
			return nil
		}
		size, err := i.header.Unmarshal(plain)
		if err != nil {
			return nil
		}
		i.sources[i.header.SSRC] = struct{}{}
		payload := plain[size:]
		if i.header.Padding {
			if len(payload) == 0 || int(payload[len(payload)-1]) > len(payload) {
				return nil
			}
			payload = payload[:len(payload)-int(payload[len(payload)-1])]
		}
		a.heard(&i.header, payload, arrival)
	}
	return nil
}

// wire is what DTLS reads from and writes to.
type wire struct{ *association }

var _ net.PacketConn = wire{}

func (w wire) ReadFrom(b []byte) (int, net.Addr, error) {
	n, _, err := w.records.Read(b, nil)
	return n, farEnd{}, err
}

// WriteTo sends a record; one that no path takes is lost, and sent again.
func (w wire) WriteTo(b []byte, _ net.Addr) (int, error) {
	w.send(b)
	return len(b), nil
}

func (w wire) Close() error                      { return w.records.Close() }
func (w wire) LocalAddr() net.Addr               { return farEnd{} }
func (w wire) SetDeadline(t time.Time) error     { return w.records.SetReadDeadline(t) }
func (w wire) SetReadDeadline(t time.Time) error { return w.records.SetReadDeadline(t) }
func (w wire) SetWriteDeadline(time.Time) error  { return nil } // it never waits

// farEnd is the address of whoever is at the other end, wherever that is.
type farEnd struct{}

func (farEnd) Network() string { return "ice" }
func (farEnd) String() string  { return "far end" }

// drain reads what the far end sends over DTLS itself, as data channels would, until it is closed.
func drain(conn *dtls.Conn) { _, _ = io.Copy(io.Discard, conn) }
