package rtc

import (
	"errors"
	"log/slog"
	"time"

	"github.com/pion/transport/v5"

	"calla/netsip"
)

// Config is what all media sessions of an Engine share. The zero value of each field is a default.
type Config struct {
	ICEServers      []ICEServer   // STUN and TURN servers; none: host candidates only
	GatherCap       time.Duration // longest wait of Offer and Answer for candidates; 0 = 500 ms
	RelayOnly       bool          // offer and use only relayed candidates, and show no local address
	Codecs          []Codec       // in order of preference; telephone-event is added
	IncludeLoopback bool          // offer 127.0.0.1 and ::1 too; done by itself where there is no other address
	Net             transport.Net // nil = the operating system's
	Logger          *slog.Logger  // nil = none
}

// ICEServer is a STUN or TURN server (RFC 7064, RFC 7065).
type ICEServer struct {
	URLs       []string // "stun:host:port", "turn:host:port?transport=udp", "turns:…"
	Username   string
	Credential string
}

// Codec is one audio format as SDP names it (RFC 8866 section 6.6).
type Codec struct {
	Name        string // encoding name: "opus", "PCMU", "PCMA", "G722"; compared without case
	PayloadType uint8  // in our offers; in an agreement, the number that goes on the wire
	ClockRate   uint32 // RTP ticks per second
	Channels    uint16 // as in rtpmap: 2 for Opus, 0 or 1 otherwise
	Fmtp        string // format parameters, e.g. "minptime=10;useinbandfec=1"; may be empty
}

// Engine makes the media of calls. It is safe for concurrent use.
type Engine struct{ config Config }

var _ netsip.Media = (*Engine)(nil)

// NewEngine returns an engine, or an error naming the setting that cannot be used.
func NewEngine(c Config) (*Engine, error) { return &Engine{config: c}, nil }

// NewSession returns the media of one call. It does not block and opens nothing yet.
func (e *Engine) NewSession() (*Session, error) { return nil, errors.New("not written yet") }

// NewMediaSession is NewSession for netsip.
func (e *Engine) NewMediaSession() (netsip.MediaSession, error) { return e.NewSession() }

// Close closes every session that is still open.
func (e *Engine) Close() error { return nil }
