package phone

import (
	"log/slog"
	"strings"
	"time"

	"calla/audio"
	"calla/netsip"
	"calla/netsip/config"
	"calla/netsip/rtc"
	"calla/netsip/ws"
)

// mediaEngine makes the media of one account's calls: *rtc.Engine.
type mediaEngine interface {
	netsip.Media
	Close() error
}

// mediaSession is what a call uses of *rtc.Session.
type mediaSession interface {
	netsip.MediaSession
	Gather()
	OnChange(func(rtc.MediaState))
	SendCodec() (rtc.Codec, bool)
	Wishes() rtc.Wishes
	ReceiveCodec(payloadType uint8) (rtc.Codec, bool)
	LocalDirection() rtc.Direction
	WriteAudio(payload []byte, samples uint32) error
	WritePause(payload []byte, samples uint32) error
	ReadAudio(*rtc.Packet) error
	SendDTMF(digits string, duration, gap time.Duration) error
	OnDTMF(func(digit rune, duration time.Duration))
	Stats() rtc.Stats
	Tell(rtc.Heard)
	Failure() rtc.Failure // what it lacks, or lacked when it was closed
	RelayFailures() []rtc.RelayFailure
	OnRelayLost(func())
}

var _ mediaSession = (*rtc.Session)(nil)

// rtcSettings are what an engine is made for.
type rtcSettings struct {
	config   config.Config // normalised
	codecs   []audio.Codec
	loopback bool
	logger   *slog.Logger
}

// newRTCEngine makes the WebRTC engine of an account.
func newRTCEngine(s rtcSettings) (mediaEngine, error) {
	c := rtc.Config{
		GatherCap:       time.Duration(s.config.Calla.ICEGatheringTimeout) * time.Millisecond,
		Codecs:          sentAndTaken(s.codecs, s.config.Calla),
		RelayOnly:       s.config.Calla.ICETransportPolicy == config.ICERelay,
		IncludeLoopback: s.loopback,
		Logger:          s.logger,
		Way:             &ws.Dialer{Config: s.config.Calla, Addresses: new(ws.Addresses)},
	}
	for _, uri := range s.config.StunServers {
		c.ICEServers = append(c.ICEServers, rtc.ICEServer{URLs: []string{uri}})
	}
	for _, t := range s.config.TurnServers {
		c.ICEServers = append(c.ICEServers, rtc.ICEServer{
			URLs: t.URLs, Username: t.Username, Credential: t.Credential.Reveal(),
		})
	}
	if len(c.Codecs) == 0 {
		return nil, &config.Error{
			Parameter: "calla.codecs", Value: strings.Join(s.config.Calla.Codecs, ", "),
			Reason: "names no format that this computer has",
		}
	}
	return rtc.NewEngine(c)
}

// sentAndTaken are the formats of an account, of those that there are codecs for.
func sentAndTaken(codecs []audio.Codec, c config.Additions) []rtc.Codec {
	list := Codecs(chosen(codecs, c.Codecs))
	if !c.DTX {
		return list
	}
	narrow := false
	for i := range list {
		if list[i].Name == "opus" {
			list[i].Fmtp += ";usedtx=1" // RFC 7587 section 6.1
		}
		narrow = narrow || list[i].ClockRate == 8000
	}
	if narrow { // RFC 3389 section 5
		list = append(list, rtc.Codec{Name: rtc.ComfortNoise, PayloadType: 13, ClockRate: 8000})
	}
	return list
}

// chosen are those of codecs that an account names, in its order; all where it names none.
func chosen(codecs []audio.Codec, names []string) []audio.Codec {
	if len(names) == 0 {
		return codecs
	}
	var list []audio.Codec
	for _, name := range names {
		if c, ok := codecNamed(codecs, name); ok {
			list = append(list, c)
		}
	}
	return list
}

// Codecs returns the SDP formats of codecs, in their order. Unknown names are left out.
func Codecs(codecs []audio.Codec) []rtc.Codec {
	var list []rtc.Codec
	for _, c := range codecs {
		switch strings.ToLower(c.Name()) {
		case "opus": // RFC 7587
			list = append(list, rtc.Codec{
				Name: "opus", PayloadType: 111, ClockRate: 48000, Channels: 2,
				Fmtp: "minptime=10;useinbandfec=1",
			}, rtc.Codec{ // RFC 2198, as browsers number it
				Name: "red", PayloadType: 63, ClockRate: 48000, Channels: 2, Fmtp: "111/111",
			})
		case "g722": // RFC 3551
			list = append(list, rtc.Codec{Name: "G722", PayloadType: 9, ClockRate: 8000, Channels: 1})
		case "pcmu":
			list = append(list, rtc.Codec{Name: "PCMU", PayloadType: 0, ClockRate: 8000, Channels: 1})
		case "pcma":
			list = append(list, rtc.Codec{Name: "PCMA", PayloadType: 8, ClockRate: 8000, Channels: 1})
		}
	}
	return list
}

// codecNamed finds a codec by its encoding name.
func codecNamed(codecs []audio.Codec, name string) (audio.Codec, bool) {
	for _, c := range codecs {
		if strings.EqualFold(c.Name(), name) {
			return c, true
		}
	}
	return nil, false
}
