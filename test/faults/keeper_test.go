package faults

import (
	"context"
	"errors"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/pion/logging"
	"github.com/pion/rtp"
	"github.com/pion/transport/v5"
	"github.com/pion/transport/v5/stdnet"
	"github.com/pion/webrtc/v4"

	"calla/netsip"
	"calla/netsip/config"
	"calla/netsip/loop"
	"calla/netsip/sip"
	"calla/test/peers"
)

// keeper is a far end like Asterisk: it keeps one PeerConnection for a call, restarts ICE within it when it is asked
// to, and never makes a second DTLS handshake.
type keeper struct {
	listened
	s    *scene
	t    *testing.T
	api  *webrtc.API
	loop *loop.Loop
	ua   *netsip.UserAgent

	near string // "" = near calls
	mu   sync.Mutex
	in   *netsip.Session // that rings
	now  *netsip.Session // the call
}

// startKeeper has it registered until the test ends.
func startKeeper(t *testing.T, s *scene) *keeper {
	t.Helper()
	k := &keeper{s: s, t: t, loop: loop.New()}
	var setting webrtc.SettingEngine
	setting.SetNet(newFarNet(t, s.net.Far))
	setting.SetHandleUndeclaredSSRCWithoutAnswer(true)
	setting.LoggerFactory = &logging.DefaultLoggerFactory{DefaultLogLevel: logging.LogLevelDisabled}
	var media webrtc.MediaEngine
	if err := media.RegisterDefaultCodecs(); err != nil {
		t.Fatal(err)
	}
	k.api = webrtc.NewAPI(webrtc.WithSettingEngine(setting), webrtc.WithMediaEngine(&media))
	var err error
	k.ua, err = netsip.New(netsip.Options{
		Loop: k.loop, Media: k,
		Dial: func(ctx context.Context, url string) (net.Conn, error) {
			return s.net.Far.Dial("tcp", peers.FarAddress+":5443")
		},
		Config: config.Config{
			URI: "sip:far@" + s.domain, WSServers: []config.Server{{WSURI: s.url}},
			Password: config.Secret(s.password("far")),
		},
		OnInvite: func(c *netsip.Session) {
			k.mu.Lock()
			defer k.mu.Unlock()
			k.in = c
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	k.loop.Do(k.ua.Start)
	t.Cleanup(func() {
		stopped := make(chan struct{})
		k.loop.Do(func() { k.ua.Stop(func() { close(stopped) }) })
		<-stopped
		k.loop.Stop()
	})
	k.until("to be registered", func() bool { return k.ua.State().Registration == netsip.Registered })
	return k
}

func (k *keeper) until(what string, met func() bool) {
	k.t.Helper()
	peers.Until(k.t, patience, "the far end "+what, func() (ok bool) {
		k.loop.Do(func() { ok = met() })
		return ok
	})
}

func (k *keeper) ready(t *testing.T, near string, calls bool) {
	k.t, k.near, k.in, k.now = t, "", nil, nil
	k.begin()
	if calls {
		k.near = near
	}
}

func (k *keeper) call() {
	if k.near == "" {
		k.until("to be called", func() bool {
			k.mu.Lock()
			defer k.mu.Unlock()
			k.now = k.in
			return k.now != nil
		})
		k.loop.Do(k.now.Answer)
		return
	}
	k.loop.Do(func() {
		to := sip.Address{URI: sip.URI{Scheme: "sip", User: k.near, Host: k.s.domain}}
		var err error
		if k.now, err = k.ua.Call(to, netsip.CallOptions{}); err != nil {
			k.t.Error(err)
		}
	})
}

func (k *keeper) established() {
	k.until("to talk", func() bool { return k.now.State() == netsip.SessionEstablished })
}

// NewMediaSession implements netsip.Media.
func (k *keeper) NewMediaSession() (netsip.MediaSession, error) {
	pc, err := k.api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return nil, err
	}
	m := &keptMedia{pc: pc, stop: make(chan struct{})}
	track, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{
		MimeType: webrtc.MimeTypePCMU, ClockRate: 8000,
	}, "sound", "far")
	if err == nil {
		_, err = pc.AddTrack(track)
	}
	if err != nil {
		return nil, errors.Join(err, pc.Close())
	}
	pc.OnTrack(func(t *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		for {
			if _, _, err := t.ReadRTP(); err != nil {
				return
			}
			k.note()
		}
	})
	m.work.Go(func() { m.speak(track) })
	return m, nil
}

// keptMedia is its end of a call's media.
type keptMedia struct {
	pc   *webrtc.PeerConnection
	once sync.Once
	stop chan struct{}
	work sync.WaitGroup
}

// A square wave of 1,000 Hz (G.711): a tick is loud, and all else an eighth of that.
const (
	tickEvery = 25 // packets
	quietUp   = 0xaf
	loudUp    = 0x80
	down      = 0x7f // of either: the sign turned
)

// speak sends a packet every 20 ms. One in half a second is a tick, which can be counted at the other end.
func (m *keptMedia) speak(track *webrtc.TrackLocalStaticRTP) {
	quiet, loud := wave(quietUp), wave(loudUp)
	h := rtp.Header{Version: 2, SSRC: 77}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		h.SequenceNumber++
		h.Timestamp += 160
		payload := quiet
		if h.SequenceNumber%tickEvery == 0 {
			payload = loud
		}
		_ = track.WriteRTP(&rtp.Packet{Header: h, Payload: payload}) // without a path nothing is sent
		select {
		case <-tick.C:
		case <-m.stop:
			return
		}
	}
}

// wave is 20 ms of 1,000 Hz.
func wave(up byte) []byte {
	payload := make([]byte, 160)
	for i := range payload {
		payload[i] = []byte{up, up & down}[i/4%2]
	}
	return payload
}

// describe waits until the description is complete.
func (m *keptMedia) describe(ctx context.Context, d webrtc.SessionDescription, err error) ([]byte, error) {
	complete := webrtc.GatheringCompletePromise(m.pc)
	if err == nil {
		err = m.pc.SetLocalDescription(d)
	}
	if err != nil {
		return nil, err
	}
	select {
	case <-complete:
		return []byte(m.pc.LocalDescription().SDP), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (m *keptMedia) Offer(ctx context.Context) ([]byte, error) {
	d, err := m.pc.CreateOffer(nil)
	return m.describe(ctx, d, err)
}

func (m *keptMedia) Answer(ctx context.Context) ([]byte, error) {
	d, err := m.pc.CreateAnswer(nil)
	return m.describe(ctx, d, err)
}

func (m *keptMedia) SetOffer(_ context.Context, sdp []byte) (netsip.RemoteMedia, error) {
	return netsip.RemoteMedia{}, m.take(webrtc.SDPTypeOffer, sdp)
}

func (m *keptMedia) SetAnswer(_ context.Context, sdp []byte) (netsip.RemoteMedia, error) {
	return netsip.RemoteMedia{}, m.take(webrtc.SDPTypeAnswer, sdp)
}

func (m *keptMedia) take(kind webrtc.SDPType, sdp []byte) error {
	return m.pc.SetRemoteDescription(webrtc.SessionDescription{Type: kind, SDP: string(sdp)})
}

func (m *keptMedia) Close() error {
	m.once.Do(func() { close(m.stop) })
	m.work.Wait()
	return m.pc.Close()
}

// Rollback takes an offer back that was not answered in time, by an answer that nobody is sent: pion knows no other way
// to be ready for the next one.
func (m *keptMedia) Rollback(context.Context) error {
	if m.pc.SignalingState() != webrtc.SignalingStateHaveRemoteOffer {
		return nil
	}
	d, err := m.pc.CreateAnswer(nil)
	return errors.Join(err, m.pc.SetLocalDescription(d))
}

func (*keptMedia) SetHold(bool)            {}
func (*keptMedia) RestartICE()             {} // it leaves that to the other end
func (*keptMedia) OnPath(func(alive bool)) {}
func (*keptMedia) OnUntaken(func())        {}

// farNet is the network of a place: sockets are made there, and interfaces looked for.
type farNet struct {
	*stdnet.Net
	at *peers.Place
}

func newFarNet(t *testing.T, at *peers.Place) transport.Net {
	t.Helper()
	n := &farNet{at: at}
	err := at.Enter(func() {
		var err error
		if n.Net, err = stdnet.NewNet(); err != nil {
			t.Error(err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func (n *farNet) ListenUDP(network string, a *net.UDPAddr) (conn transport.UDPConn, err error) {
	entered := n.at.Enter(func() { conn, err = n.Net.ListenUDP(network, a) })
	return conn, errors.Join(entered, err)
}

func (n *farNet) ListenPacket(network, a string) (conn net.PacketConn, err error) {
	entered := n.at.Enter(func() { conn, err = n.Net.ListenPacket(network, a) })
	return conn, errors.Join(entered, err)
}
