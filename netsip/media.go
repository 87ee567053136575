package netsip

import (
	"context"
	"errors"

	"calla/netsip/sip"
)

// Media makes the media side of calls; netsip/rtc implements it with WebRTC. The engine knows
// nothing of sound, ICE or DTLS: it carries descriptions (SDP) between Media and the wire.
type Media interface {
	// NewMediaSession returns the media of one call. It does not block; it is called on the loop.
	NewMediaSession() (MediaSession, error)
}

// MediaSession is the offer/answer state of one call (RFC 3264, RFC 8829). The engine calls its
// methods one at a time, from a goroutine of the session's own, never on the loop; each may block
// until its context ends. An error that is a *MediaError carries the SIP status to refuse with.
type MediaSession interface {
	// Offer returns a local offer, complete with candidates: it waits for gathering, at most the
	// configured cap. A second call makes a new offer (re-INVITE) with the next o= version.
	Offer(ctx context.Context) (sdp []byte, err error)
	// SetAnswer applies the remote answer to the last Offer and tells what it wants. An answer equal to the one
	// already applied (a 200 repeating its 183) changes nothing.
	SetAnswer(ctx context.Context, sdp []byte) (RemoteMedia, error)
	// SetOffer checks and takes a remote offer, tells what it wants, and starts gathering, so that Answer is quick.
	// A refused offer leaves an earlier agreement as it was (RFC 3261 section 14.2).
	SetOffer(ctx context.Context, sdp []byte) (RemoteMedia, error)
	// Answer returns the local answer to the offer last set.
	Answer(ctx context.Context) (sdp []byte, err error)
	// Rollback takes back an Offer or SetOffer that has not been answered: the agreement before it stays
	// (RFC 6141 section 3.1). Without one it does nothing.
	Rollback(ctx context.Context) error
	// SetHold says whether every Offer and Answer from now on puts the far end on hold.
	SetHold(held bool)
	// RestartICE makes the next Offer one for a new transport.
	RestartICE()
	// OnPath sets what is told that nothing is heard from the far end any more (false), and that it is
	// again (true). It is called from any goroutine.
	OnPath(told func(alive bool))
	// OnUntaken sets what is told, again and again, that the far end answers on a path that it does not take, while
	// there is no other: nothing but RestartICE brings it to. It is called from any goroutine.
	OnUntaken(told func())
	// Close ends the media and releases its sockets. It may be called at any time, also while
	// another method blocks (which then returns an error), and more than once.
	Close() error
}

// MediaDirection is which way sound may flow, as the end that states it sees it (RFC 3264 section 5.1).
type MediaDirection int

// The directions of media.
const (
	SendRecv MediaDirection = iota
	SendOnly
	RecvOnly
	Inactive
)

// String returns the SDP attribute.
func (d MediaDirection) String() string {
	return [...]string{"sendrecv", "sendonly", "recvonly", "inactive"}[d]
}

// Sends tells whether the end that stated d sends.
func (d MediaDirection) Sends() bool { return d == SendRecv || d == SendOnly }

// Receives tells whether the end that stated d wants to hear.
func (d MediaDirection) Receives() bool { return d == SendRecv || d == RecvOnly }

// RemoteMedia is what the far end wants of the media by its last offer or answer.
type RemoteMedia struct {
	Direction MediaDirection // of its sound, as it sees it
	// Held says that it holds the call (RFC 3264 section 8.4): each sound and picture of its description is to flow
	// from it alone or not at all. As every offer of ours is to send, each answer says so too.
	Held bool
}

// MediaFault is what is wrong with a description, or with what we have for one of ours.
type MediaFault int

// The faults of descriptions.
const (
	MediaFaultOther           MediaFault = iota
	MediaFaultNotSDP                     // it is none, or cannot be read
	MediaFaultTooLarge                   // larger, or of more media, than is read
	MediaFaultNoAudio                    // nothing to talk by
	MediaFaultAudioRefused               // the sound is switched off: port 0
	MediaFaultNotEncrypted               // RTP without DTLS-SRTP (RFC 8827 section 6.5)
	MediaFaultWeakFingerprint            // the certificate is told by MD2 or MD5 alone (RFC 8122 section 5)
	MediaFaultNoICE                      // no ICE credentials (RFC 8839)
	MediaFaultDTLSRole                   // it does not say who opens DTLS (RFC 8842)
	MediaFaultNoCodec                    // no sound format in common
	MediaFaultRTCPApart                  // it wants RTCP on a port beside RTP's (RFC 5761, RFC 8834 section 4.5)
	MediaFaultNoRelay                    // ours: sound may go over TURN only, and there is no relay
	MediaFaultNoAddress                  // ours: there is no network to reach us by
)

// MediaError refuses a description with a SIP status: 488 where nothing in it can be agreed on,
// 400 where it is not SDP.
type MediaError struct {
	Fault      MediaFault
	StatusCode int    // 400, 415 or 488; 480 where the want is ours
	Reason     string // for people and for the Warning header, lower case
	Err        error  // may be nil
}

func (e *MediaError) Error() string {
	if e.Err != nil {
		return e.Reason + ": " + e.Err.Error()
	}
	return e.Reason
}

// Unwrap returns the underlying cause.
func (e *MediaError) Unwrap() error { return e.Err }

// mediaRefusal is the status and headers for an error of the media; code is for one without its own.
func mediaRefusal(err error, code int, host string) (int, []sip.Header) {
	var refusal *MediaError
	if !errors.As(err, &refusal) {
		return code, nil
	}
	if refusal.StatusCode >= 400 && refusal.StatusCode <= 699 {
		code = refusal.StatusCode
	}
	var extra []sip.Header
	if refusal.Reason != "" && sip.CheckText(refusal.Reason) == nil { // RFC 3261 section 20.43
		extra = append(extra, sip.Header{Name: "Warning", Value: "399 " + host + " " + sip.QuoteString(refusal.Reason)})
	}
	if code == 415 { // RFC 3261 section 21.4.13
		extra = append(extra, sip.Header{Name: "Accept", Value: sdpType})
	}
	return code, extra
}
