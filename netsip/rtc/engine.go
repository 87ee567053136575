package rtc

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pion/stun/v4"
	"github.com/pion/transport/v5"

	"calla/netsip"
)

// Config is what all media sessions of an Engine share. The zero value of each field is a default.
type Config struct {
	ICEServers      []ICEServer   // STUN and TURN servers; none: host candidates only
	GatherCap       time.Duration // longest wait of Offer and Answer for candidates; 0 = 500 ms
	RelayOnly       bool          // offer and use only relayed candidates, and show no local address
	Codecs          []Codec       // best first, RED behind what it carries, CN last; none: PCMU, PCMA. Events are added
	IncludeLoopback bool          // offer 127.0.0.1 and ::1 too; done by itself where there is no other address
	Net             transport.Net // nil = the operating system's
	Way             Way           // to TURN servers over TCP and TLS; nil = directly, trusting whom the system trusts
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
type Engine struct {
	config  Config
	formats []Codec // what an offer lists
	log     *slog.Logger
	names   names // of STUN and TURN servers

	mu       sync.Mutex
	closed   bool
	sessions map[*Session]struct{}
}

var _ netsip.Media = (*Engine)(nil)

// ErrClosed is returned by what is called after, or broken off by, Close.
var ErrClosed = errors.New("media session is closed")

// NewEngine returns an engine, or an error naming the setting that cannot be used. It opens nothing.
func NewEngine(c Config) (*Engine, error) {
	if c.GatherCap <= 0 {
		c.GatherCap = 500 * time.Millisecond
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if len(c.Codecs) == 0 {
		c.Codecs = []Codec{
			{Name: "PCMU", PayloadType: 0, ClockRate: 8000},
			{Name: "PCMA", PayloadType: 8, ClockRate: 8000},
		}
	}
	c.Codecs = slices.Clone(c.Codecs)
	if err := checkCodecs(c.Codecs); err != nil {
		return nil, err
	}
	if err := c.checkServers(); err != nil {
		return nil, fmt.Errorf("ICE servers: %w", err)
	}
	if c.RelayOnly && !c.serves("turn") {
		return nil, errors.New("relay only: no TURN server among the ICE servers")
	}
	return &Engine{
		config: c, formats: withEvents(c.Codecs), log: c.Logger, sessions: map[*Session]struct{}{},
	}, nil
}

func checkCodecs(codecs []Codec) error {
	var used [128]bool
	for _, c := range codecs {
		switch {
		case c.Name == "" || strings.ContainsAny(c.Name, " /\r\n") || strings.ContainsAny(c.Fmtp, "\r\n"):
			return fmt.Errorf("codec %q: not an encoding name", c.Name)
		case c.ClockRate == 0:
			return fmt.Errorf("codec %s: no clock rate", c.Name)
		case c.PayloadType > 127 || c.PayloadType >= 64 && c.PayloadType <= 95 || used[c.PayloadType]:
			return fmt.Errorf("codec %s: payload type %d is taken or not for RTP", c.Name, c.PayloadType)
		}
		used[c.PayloadType] = true
	}
	return nil
}

// serves tells whether a server of that scheme, or its TLS kin, is configured.
func (c *Config) serves(scheme string) bool {
	for _, s := range c.ICEServers {
		if slices.ContainsFunc(s.URLs, func(u string) bool { return strings.HasPrefix(strings.ToLower(u), scheme) }) {
			return true
		}
	}
	return false
}

// NewSession returns the media of one call. It does not block and opens nothing yet.
func (e *Engine) NewSession() (*Session, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil, ErrClosed
	}
	s := newSession(e)
	e.sessions[s] = struct{}{}
	return s, nil
}

// NewMediaSession is NewSession for netsip.
func (e *Engine) NewMediaSession() (netsip.MediaSession, error) {
	return e.NewSession()
}

// Close closes every session that is still open and waits for them.
func (e *Engine) Close() error {
	e.mu.Lock()
	e.closed = true
	var open []*Session
	for s := range e.sessions {
		open = append(open, s)
	}
	e.mu.Unlock()
	var all sync.WaitGroup
	for _, s := range open {
		all.Go(func() { s.Close() })
	}
	all.Wait()
	return nil
}

func (e *Engine) forget(s *Session) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.sessions, s)
}

// checkServers reads the STUN and TURN servers.
func (c *Config) checkServers() error {
	for _, s := range c.ICEServers {
		for _, written := range s.URLs {
			uri, err := stun.ParseURI(written)
			switch {
			case err != nil:
				return fmt.Errorf("%q: %w", written, err)
			case isTURN(uri) && (s.Username == "" || s.Credential == ""):
				return fmt.Errorf("%q: no name or no password", written)
			}
		}
	}
	return nil
}
