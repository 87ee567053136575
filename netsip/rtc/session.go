package rtc

import (
	"context"
	"time"

	"calla/netsip"
)

// MediaState says how far the media of a call has come.
type MediaState int

const (
	New          MediaState = iota
	Gathering               // candidates are looked for
	Negotiated              // offer and answer are agreed
	Connecting              // ICE checks or the DTLS handshake run
	Connected               // encrypted audio flows
	Disconnected            // nothing is heard from the far end; may return by itself
	Failed                  // no connection; a new offer (RestartICE) may bring it back
	Closed
)

// Direction is which way audio may flow, seen from this end (RFC 3264 section 5.1).
type Direction int

const (
	SendRecv Direction = iota
	SendOnly
	RecvOnly
	Inactive
)

// Packet is one RTP packet of audio as it came in.
type Packet struct {
	PayloadType    uint8
	SequenceNumber uint16
	Timestamp      uint32
	SSRC           uint32
	Marker         bool
	Payload        []byte
	Arrival        time.Time
}

// Stats are the figures of a session since its start.
type Stats struct {
	PacketsSent, BytesSent         uint64 // audio and telephone-event payloads
	PacketsReceived, BytesReceived uint64
	PacketsLost                    int64         // on the way to us (RFC 3550 section 6.4.1)
	Jitter                         time.Duration // interarrival jitter of what we receive
	RoundTrip                      time.Duration // from RTCP; 0 = not known
	RemoteLost                     int64         // packets of ours the far end misses
	RemoteLossFraction             float64       // 0…1 in the far end's last report
	RemoteJitter                   time.Duration
	GatherTime                     time.Duration // from the start of gathering to its end or cap
	ConnectTime                    time.Duration // from agreement to DTLS connected; 0 = not yet
	LocalCandidate                 string        // type of the selected pair's local end: host, srflx, prflx, relay
	RemoteCandidate                string
	Codec                          Codec
}

// Session is the media of one call. It is safe for concurrent use.
type Session struct{}

var _ netsip.MediaSession = (*Session)(nil)

func (s *Session) Gather()                                                   {}
func (s *Session) Prepared() bool                                            { return false }
func (s *Session) Offer(ctx context.Context) ([]byte, error)                 { return nil, nil }
func (s *Session) SetAnswer(ctx context.Context, sdp []byte) error           { return nil }
func (s *Session) SetOffer(ctx context.Context, sdp []byte) error            { return nil }
func (s *Session) Answer(ctx context.Context) ([]byte, error)                { return nil, nil }
func (s *Session) Close() error                                              { return nil }
func (s *Session) OnChange(f func(MediaState))                               {}
func (s *Session) State() MediaState                                         { return New }
func (s *Session) Err() error                                                { return nil } // why Failed
func (s *Session) SendCodec() (Codec, bool)                                  { return Codec{}, false }
func (s *Session) ReceiveCodec(pt uint8) (Codec, bool)                       { return Codec{}, false }
func (s *Session) WriteAudio(payload []byte, samples uint32) error           { return nil }
func (s *Session) ReadAudio(p *Packet) error                                 { return nil }
func (s *Session) SendDTMF(digits string, duration, gap time.Duration) error { return nil }
func (s *Session) OnDTMF(f func(digit rune, duration time.Duration))         {} // at its end
func (s *Session) LocalDirection() Direction                                 { return SendRecv }
func (s *Session) RemoteDirection() Direction                                { return SendRecv }
func (s *Session) SetHold(held bool)                                         {} // for the next Offer or Answer
func (s *Session) RestartICE()                                               {} // the next Offer is for a new transport
func (s *Session) Stats() Stats                                              { return Stats{} }
