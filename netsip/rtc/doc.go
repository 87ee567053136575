// Package rtc is netsip's Media with WebRTC: ICE, DTLS-SRTP and RTP by pion, behind our own
// offer/answer.
//
// Each PeerConnection sees exactly one offer and one answer. What the far end sends is read by
// sdp_in.go and told to pion in words pion understands; what goes on the wire is written by
// sdp_out.go from our own state. So hold, resume, session refresh and a change of codecs never touch
// pion, and a far end that moves (new ICE credentials or a new fingerprint) gets a new
// PeerConnection, to which the audio is switched when it is connected.
//
//	engine.go     Config, Engine: what all calls share
//	session.go    Session: one call; its states, its end
//	negotiate.go  offer and answer (RFC 3264, RFC 8829), hold, the moved far end
//	peer.go       one PeerConnection: gathering, connecting
//	network.go    which interfaces and addresses are offered
//	sdp_in.go     reading SDP (RFC 8866, 8839, 8842)
//	rtcpmux.go    where RTCP goes: with RTP, or not at all (RFC 5761)
//	sdp_match.go  which formats both ends have, and what pion is told
//	sdp_out.go    writing SDP
//	audio_out.go  RTP we send: sequence numbers, timestamps, marker
//	audio_in.go   RTP we receive: the packet queue
//	dtmf_out.go   telephone-event sent (RFC 4733)
//	dtmf_in.go    telephone-event received
//	reports.go    RTCP reports and statistics (RFC 3550 section 6)
//
// Ownership: a Session's methods may be called from any goroutine. Those of netsip.MediaSession take
// turns on Session.turn; the fields they change are guarded by Session.mu, which is never held while
// pion is called. Audio goes through atomics and small locks of its own. Callbacks run on one
// goroutine of the session, in order.
package rtc
