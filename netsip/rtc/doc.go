// Package rtc is netsip's Media with WebRTC: ICE, DTLS-SRTP and RTP by pion, behind our own
// offer/answer.
//
// A peer is the transport to one far end: one DTLS association, whose keys protect all RTP, and the ICE paths below
// it. What the far end sends is read by sdp_in.go; what goes on the wire is written by sdp_out.go from our own state.
// So hold, resume, session refresh and a change of codecs touch neither. An ICE restart, by either end, is another path
// of the same association, which is used once it is connected; until then, and where the restart is refused, the old
// one carries the sound. Only a far end with another certificate or tls-id (RFC 8842 section 4) gets another peer, to
// which the audio is switched when it is connected.
//
// pion's PeerConnection does not part the two: its restart closes the old path before the far end has agreed to another
// (ice.Agent.Restart), it stops to check a pair after a number of requests and not after a time, it nominates what has
// answered up to 200 ms later, and it knows one fingerprint. So its parts are used by themselves: ice, dtls and srtp.
//
//	engine.go       Config, Engine: what all calls share
//	session.go      Session: one call; its states, its end
//	callbacks.go    who is told what becomes of it
//	negotiate.go    offer and answer (RFC 3264, RFC 8829), hold
//	transports.go   which transport a session uses, and which path that: restarts, the moved far end
//	peer.go         one far end: an association over paths
//	association.go  DTLS-SRTP (RFC 5764): the handshake, and what its keys protect
//	certificate.go  what far ends know our DTLS by
//	path.go         one ICE session: gathering, checking
//	gathering.go    what it can be reached by, and what not
//	relays.go       TURN servers: how they are reached, what became of each
//	relaytalk.go    what is said with one (RFC 8656)
//	relaysocket.go  the sockets for that: UDP, TCP, TLS, DTLS
//	network.go      which interfaces and addresses are offered
//	failure.go      what media lacks
//	sdp_in.go       reading SDP (RFC 8866, 8839, 8842)
//	rtcpmux.go      where RTCP goes: with RTP, or not at all (RFC 5761)
//	sdp_match.go    which formats both ends have, and whether the far end is where it was
//	wishes.go       how the far end would like our sound: packet times, parameters of formats
//	sdp_out.go      writing SDP
//	direction.go    who sends and who listens
//	audio_out.go    RTP we send: sequence numbers, timestamps, marker
//	audio_in.go     RTP we receive: the packet queue
//	red.go          frames sent once more (RFC 2198), and when
//	dtmf_out.go     telephone-event sent (RFC 4733)
//	dtmf_in.go      telephone-event received
//	xr.go           reports on how speech is heard (RFC 3611)
//	reports.go      RTCP reports and statistics (RFC 3550 section 6)
//
// Ownership: a Session's methods may be called from any goroutine. Those of netsip.MediaSession take
// turns on Session.turn and own the fields of exchange; which transport and path are used is guarded by Session.mu,
// under which pion is never called. Audio goes through atomics and small locks of its own. Callbacks run on one
// goroutine of the session, in order.
package rtc
