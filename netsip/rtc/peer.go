package rtc

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/webrtc/v4"
)

// Waits of ICE and DTLS. The far end is called disconnected after 5 s of silence, failed 25 s later;
// pion's own waits before it settles for a worse pair are 2 s for a relay, too long for a call.
const (
	iceDisconnected  = 5 * time.Second
	iceFailed        = 25 * time.Second
	iceKeepalive     = 2 * time.Second
	stunGather       = time.Second // or GatherCap, where that is longer
	srflxWait        = 200 * time.Millisecond
	prflxWait        = 300 * time.Millisecond
	relayWait        = 500 * time.Millisecond
	dtlsRetransmit   = 200 * time.Millisecond
	gatherSettle     = 50 * time.Millisecond // after the first candidate worth waiting for
	closeWait        = 2 * time.Second
	answerTravels    = 200 * time.Millisecond // before a far end that moves can know where we moved to
	moveGrace        = 500 * time.Millisecond // for the new transport to connect before the old is given up
	maxRemoteSources = 256                    // SSRCs of one far end; each costs pion memory
)

// identity is what the far end knows a transport of ours by.
type identity struct {
	ufrag, pwd  string
	certificate webrtc.Certificate
	fingerprint string
}

// newIdentity makes ICE credentials and a certificate. Making a P-256 key takes 0.1 ms, so each
// transport has its own: the fingerprint then also tells the far end of a new DTLS association (RFC
// 8842 section 3.1).
func newIdentity() (identity, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return identity{}, fmt.Errorf("make DTLS key: %w", err)
	}
	certificate, err := webrtc.GenerateCertificate(key)
	if err != nil {
		return identity{}, fmt.Errorf("make DTLS certificate: %w", err)
	}
	prints, err := certificate.GetFingerprints()
	if err != nil {
		return identity{}, fmt.Errorf("make DTLS fingerprint: %w", err)
	}
	text := rand.Text() + rand.Text() // 26 characters of base 32 each
	return identity{
		ufrag: text[:8], pwd: text[8:40], certificate: *certificate,
		fingerprint: strongestFingerprint([]string{prints[0].Algorithm + " " + prints[0].Value}),
	}, nil
}

// peer is one PeerConnection: it gathers from its making on, sees one offer and one answer, and is
// then used until it is closed.
type peer struct {
	identity
	session *Session
	system  *systemNet // nil on another network than the operating system's
	pc      *webrtc.PeerConnection
	formats []Codec // what its MediaEngine knows
	out     *outgoing
	sender  *webrtc.RTPSender
	alive   context.Context // until close
	cancel  context.CancelFunc
	done    chan struct{} // closed when close is done

	passive    bool   // the far end opens DTLS
	answers    bool   // it was the far end that offered
	generation uint32 // how many transports the session had before
	begun      time.Time
	gathered   <-chan struct{}
	enough     chan struct{} // a candidate worth waiting for is there, and its siblings
	enoughOnce sync.Once
	gatherTook atomic.Int64 // nanoseconds; 0 = not done
	agreedAt   atomic.Int64 // UnixNano
	connectsIn atomic.Int64 // nanoseconds from agreement to DTLS connected
	sources    atomic.Int32

	mu        sync.Mutex
	closed    bool
	handshake context.Context // of DTLS; nil until there is a path
	work      sync.WaitGroup  // goroutines of ours that end with the PeerConnection
}

func newPeer(s *Session, formats []Codec, id identity) (*peer, error) {
	alive, cancel := context.WithCancel(context.Background())
	p := &peer{
		identity: id, session: s, formats: formats, alive: alive, cancel: cancel,
		generation: s.generation.Add(1) - 1, begun: time.Now(), enough: make(chan struct{}), done: make(chan struct{}),
	}
	api, err := p.api(&s.engine.config)
	if err != nil {
		cancel()
		return nil, err
	}
	policy := webrtc.ICETransportPolicyAll
	if s.engine.config.RelayOnly {
		policy = webrtc.ICETransportPolicyRelay
	}
	p.pc, err = api.NewPeerConnection(webrtc.Configuration{
		ICEServers:                s.engine.config.iceServers(),
		ICETransportPolicy:        policy,
		BundlePolicy:              webrtc.BundlePolicyMaxBundle,
		RTPHeaderEncryptionPolicy: webrtc.RTPHeaderEncryptionPolicyDisable,
		Certificates:              []webrtc.Certificate{id.certificate},
		ICECandidatePoolSize:      1, // gather at once
	})
	if err != nil {
		cancel()
		return nil, fmt.Errorf("open media transport: %w", err)
	}
	p.watch()
	p.out = newOutgoing(rand.Text())
	both := webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendrecv}
	t, err := p.pc.AddTransceiverFromTrack(p.out, both)
	if err != nil {
		p.close()
		return nil, fmt.Errorf("open media transport: %w", err)
	}
	p.sender = t.Sender()
	p.out.ssrc = uint32(p.sender.GetParameters().Encodings[0].SSRC)
	return p, nil
}

// api returns pion with the codecs of this call and without interceptors: reports.go does the RTCP
// of an audio call, by the clock rate of the payload type in each packet and without allocating.
func (p *peer) api(c *Config) (*webrtc.API, error) {
	var media webrtc.MediaEngine
	for _, f := range p.formats {
		err := media.RegisterCodec(webrtc.RTPCodecParameters{
			RTPCodecCapability: webrtc.RTPCodecCapability{
				MimeType: "audio/" + f.Name, ClockRate: f.ClockRate, Channels: f.Channels, SDPFmtpLine: f.Fmtp,
			},
			PayloadType: webrtc.PayloadType(f.PayloadType),
		}, webrtc.RTPCodecTypeAudio)
		if err != nil {
			return nil, fmt.Errorf("register codec %s: %w", f.Name, err)
		}
	}
	var setting webrtc.SettingEngine
	n := c.Net
	if n == nil {
		system, err := newSystemNet(p.alive)
		if err != nil {
			return nil, fmt.Errorf("list network interfaces: %w", err)
		}
		p.system, n = system, system
	}
	setting.SetNet(n)
	setting.SetIncludeLoopbackCandidate(c.IncludeLoopback || onlyLoopback(n))
	setting.SetInterfaceFilter(ownInterface)
	setting.SetIPFilter(ownAddress)
	setting.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4, webrtc.NetworkTypeUDP6})
	setting.DisableActiveTCP(true)
	setting.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	setting.SetICECredentials(p.ufrag, p.pwd)
	setting.SetICETimeouts(iceDisconnected, iceFailed, iceKeepalive)
	setting.SetSTUNGatherTimeout(max(stunGather, c.GatherCap))
	setting.SetSrflxAcceptanceMinWait(srflxWait)
	setting.SetPrflxAcceptanceMinWait(prflxWait)
	setting.SetRelayAcceptanceMinWait(relayWait)
	setting.SetDTLSRetransmissionInterval(dtlsRetransmit)
	setting.SetDTLSConnectContextMaker(p.handshakeTime)
	setting.DisableCloseByDTLS(true)
	setting.SetHandleUndeclaredSSRCWithoutAnswer(true)
	setting.SetFireOnTrackBeforeFirstRTP(true) // else a first packet of an unknown format silences its SSRC for good
	setting.LoggerFactory = &pionLog{to: p.session.engine.log}
	return webrtc.NewAPI(webrtc.WithMediaEngine(&media), webrtc.WithSettingEngine(setting),
		webrtc.WithInterceptorRegistry(&interceptor.Registry{})), nil
}

func (p *peer) watch() {
	want := ice.CandidateTypeUnspecified
	switch c := &p.session.engine.config; {
	case c.serves("turn"):
		want = ice.CandidateTypeRelay
	case c.serves("stun"):
		want = ice.CandidateTypeServerReflexive
	}
	p.pc.OnICECandidate(func(c *webrtc.ICECandidate) {
		if c == nil || c.Typ.String() != want.String() {
			return
		}
		p.enoughOnce.Do(func() {
			// Those that came before there was a description are told of late.
			time.AfterFunc(max(0, min(gatherSettle, 2*gatherSettle-time.Since(p.begun))), func() { close(p.enough) })
		})
	})
	p.pc.OnICEGatheringStateChange(func(state webrtc.ICEGatheringState) {
		if state == webrtc.ICEGatheringStateComplete {
			p.gatherTook.CompareAndSwap(0, int64(time.Since(p.begun)))
		}
	})
	p.gathered = webrtc.GatheringCompletePromise(p.pc)
	p.pc.OnICEConnectionStateChange(func(state webrtc.ICEConnectionState) {
		if state == webrtc.ICEConnectionStateConnected {
			p.run(p.drawOver)
		}
	})
	p.pc.OnConnectionStateChange(func(state webrtc.PeerConnectionState) { p.session.peerChanged(p, state) })
	p.pc.OnTrack(func(t *webrtc.TrackRemote, r *webrtc.RTPReceiver) {
		p.run(func() { p.receive(t, r) })
	})
}

// drawOver draws a far end that moved to this transport and is to open DTLS off its old path: a
// controlled Chromium sends its ClientHello on whatever path it last had data on, so it gets some.
func (p *peer) drawOver() {
	if p.generation == 0 || !p.passive || p.system == nil {
		return
	}
	pair, err := p.pc.SCTP().Transport().ICETransport().GetSelectedCandidatePair()
	if err != nil || pair == nil {
		return
	}
	port := int(pair.Local.Port)
	if pair.Local.Typ != webrtc.ICECandidateTypeHost {
		port = int(pair.Local.RelatedPort)
	}
	ip, err := netip.ParseAddr(pair.Remote.Address)
	if err != nil {
		return
	}
	to := net.UDPAddrFromAddrPort(netip.AddrPortFrom(ip, pair.Remote.Port))
	for range 3 {
		if err := p.system.nudge(port, to); err != nil {
			p.session.engine.log.Debug("draw the far end over", "err", err)
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-p.alive.Done():
			return
		}
	}
}

// await waits until there is enough to describe: gathering is complete, or the candidates worth
// waiting for are there, or the cap is reached, counted from the start of gathering.
func (p *peer) await(ctx context.Context) error {
	limit := time.NewTimer(time.Until(p.begun.Add(p.session.engine.config.GatherCap)))
	defer limit.Stop()
	select {
	case <-p.gathered:
	case <-p.enough:
	case <-limit.C:
	case <-ctx.Done():
		return fmt.Errorf("gather candidates: %w", context.Cause(ctx))
	case <-p.session.ended.Done():
		return ErrClosed
	}
	p.gatherTook.CompareAndSwap(0, int64(time.Since(p.begun)))
	return nil
}

// prepared tells whether await would not wait.
func (p *peer) prepared() bool {
	select {
	case <-p.gathered:
		return true
	default:
		return time.Since(p.begun) >= p.session.engine.config.GatherCap
	}
}

func (p *peer) offer() error {
	d, err := p.pc.CreateOffer(nil)
	if err != nil {
		return fmt.Errorf("make offer: %w", err)
	}
	if err := p.pc.SetLocalDescription(d); err != nil {
		return fmt.Errorf("make offer: %w", err)
	}
	return nil
}

// accept gives pion the answer to its offer, and starts connecting.
func (p *peer) accept(answer string) error {
	p.agreedAt.Store(time.Now().UnixNano())
	err := p.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer})
	if err != nil {
		return fmt.Errorf("take answer: %w", err)
	}
	p.started()
	return nil
}

// answer gives pion an offer and answers it, and starts connecting.
func (p *peer) answer(offer string) error {
	p.answers = true
	p.agreedAt.Store(time.Now().UnixNano())
	if err := p.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: offer}); err != nil {
		return fmt.Errorf("take offer: %w", err)
	}
	d, err := p.pc.CreateAnswer(nil)
	if err != nil {
		return fmt.Errorf("make answer: %w", err)
	}
	if err := p.pc.SetLocalDescription(d); err != nil {
		return fmt.Errorf("make answer: %w", err)
	}
	p.started()
	return nil
}

func (p *peer) started() {
	p.run(p.readReports)
	p.run(p.sendReports)
}

// run starts a goroutine that close waits for; none once closing.
func (p *peer) run(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		p.work.Go(f)
	}
}

// candidates returns what has been gathered so far.
func (p *peer) candidates() []candidate {
	d := p.pc.LocalDescription()
	if d == nil {
		return nil
	}
	return localCandidates(d.SDP, p.session.engine.config.RelayOnly, p.generation)
}

// close ends the PeerConnection and all goroutines of it. It must not be called from one of pion's or
// of the peer's. pion is not waited for longer than closeWait.
func (p *peer) close() {
	p.mu.Lock()
	again := p.closed
	p.closed = true
	p.mu.Unlock()
	if again {
		<-p.done
		return
	}
	p.cancel()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := p.pc.GracefulClose(); err != nil {
			p.session.engine.log.Debug("close media transport", "err", err)
		}
		p.work.Wait()
	}()
	late := time.NewTimer(closeWait)
	defer late.Stop()
	select {
	case <-ended:
	case <-late.C:
		p.session.engine.log.Warn("media transport does not close")
	}
	close(p.done)
}
