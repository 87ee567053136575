package phone

import (
	"strings"

	"calla/netsip"
)

// canceled words the end of a call that was taken back before anybody answered here: by the caller, or because another
// phone of the address took or refused it (RFC 3326 section 2: SIP;cause=200; servers that know the telephone network
// say Q.850 cause 26, non-selected user clearing; some say it by the text alone).
func canceled(end *netsip.End) ending {
	text := strings.ToLower(end.Reason)
	elsewhere := strings.Contains(text, "elsewhere") || strings.Contains(text, "picked up") || strings.Contains(text, "pickup")
	refused := strings.Contains(text, "declin") || strings.Contains(text, "reject") || strings.Contains(text, "busy")
	switch code := end.StatusCode; {
	case code == 600, code == 603, code == 607, code == 608, code == 486, elsewhere && refused:
		return ending{words: "Declined elsewhere", elsewhere: true}
	case code >= 200 && code < 300, elsewhere, code == 0 && end.Q850 == 26:
		return ending{words: "Answered elsewhere", elsewhere: true}
	}
	return ending{words: "Missed call"}
}

// endedByNetwork words the ends of which the telephone network told more than SIP can (ITU-T Q.850 table 1): a 403
// that is a decline, a 503 that says that no line is free. False: the status says it all. What a gateway makes of our
// password or of a redirection is its own to say.
func endedByNetwork(end *netsip.End, c CallState, who string) (ending, bool) {
	switch end.Cause {
	case netsip.CauseAuthentication, netsip.CauseRedirected, netsip.CauseConnection, netsip.CauseTimeout:
		return ending{}, false
	case netsip.CauseBye:
		if !networkFails(end.Q850) {
			return ending{}, false // whoever hung up did so on purpose
		}
	}
	var title, why, do string
	switch end.Q850 {
	case 17:
		return ending{words: "Busy", tone: ProgressBusy}, true
	case 18, 19:
		return ending{words: "No answer", tone: ProgressBusy}, true
	case 21:
		return ending{words: "Declined by the other side", tone: ProgressBusy}, true
	case 1:
		title, why, do = c.Address+" does not exist", "The number is not in use.", "Check what you dialled."
	case 2, 3:
		title, why, do = c.Address+" cannot be reached from here", "The telephone network knows no way there.", "Check what you dialled, or ask your provider."
	case 20:
		title, why, do = who+" is not reachable now", "The other side's phone is off, or has no network.", "Call again later."
	case 22:
		title, why, do = who+" has another number now", "The number was changed.", "Find out the new number."
	case 27:
		title, why, do = who+" is out of order", "The line or phone of the other side does not work.", "Call again later, or use another number."
	case 28:
		title, why, do = "The number is not complete", "Digits are missing, or it is not written as the telephone network wants it.", "Dial the whole number, with the country code."
	case 29, 50, 52, 54, 55, 57, 69, 87:
		title, why, do = "This call is not allowed", "The telephone network or your provider does not let it through.", "Ask your provider."
	case 34, 42, 44, 46, 47, 49, 58, 63:
		title, why, do = "No line is free", "The telephone network is busy, not the other side.", "Call again in a moment."
	case 38, 39, 41, 43, 102, 111, 127:
		title, why, do = "The telephone network has a fault", "The call broke on its way to the other side.", "Call again in a moment."
	case 65, 66, 70, 79, 88:
		title, why, do = "The other side cannot talk with this phone", "The line there takes another kind of call.", "Ask your provider."
	default:
		return ending{}, false
	}
	if end.Cause == netsip.CauseBye {
		title = "The telephone network cut the call"
	}
	return ending{words: title, tone: ProgressCongestion, problem: &Problem{
		Title: title + ".", Why: why, Do: do, Short: title, Detail: codeLine(end), Action: ActionCallAgain,
	}}, true
}

// networkFails tells the causes that nobody at either end chose.
func networkFails(q850 int) bool {
	switch q850 {
	case 27, 34, 38, 41, 42, 43, 44, 46, 47, 102, 111, 127:
		return true
	}
	return false
}

// faultOfMedia words what was wrong with what the far end's phone sent about the sound, or with what we have for it.
func faultOfMedia(p *Problem, fault netsip.MediaFault, incoming bool) {
	sent := "answered"
	if incoming {
		sent = "offered"
	}
	const webRTC = "Ask your provider for WebRTC (ICE and DTLS-SRTP) for this number."
	p.Do = webRTC
	switch fault {
	case netsip.MediaFaultNoRelay:
		p.Title, p.Why = "The sound has no way out.", "This account sends it over TURN only, and no TURN server gave one."
		p.Do, p.Action, p.Parameter = "Check the TURN servers of the account, or allow all paths.", ActionEditAccount, "turn_servers"
	case netsip.MediaFaultNotEncrypted:
		p.Title, p.Why = "The other side's phone "+sent+" without encryption.", "Calla talks over DTLS-SRTP only."
	case netsip.MediaFaultWeakFingerprint:
		p.Title = "The other side's phone " + sent + " with an encryption that is not safe."
		p.Why, p.Do = "It tells its certificate by a hash that can be forged (SHA-1 or MD5).", "Ask your provider for SHA-256."
	case netsip.MediaFaultNoCodec:
		p.Title, p.Why = "The two phones have no sound format in common.", "The other side's phone "+sent+" none that Calla has."
		p.Do = "Ask your provider for Opus or G.711 (PCMU, PCMA)."
	case netsip.MediaFaultAudioRefused:
		p.Title, p.Why, p.Do = "The other side's phone refused the sound.", "It took the call, but nothing to talk by.", "Call again, or ask the other side."
	case netsip.MediaFaultNoAudio:
		p.Title, p.Why, p.Do = "The other side's phone "+sent+" no sound.", "What it sent names nothing to talk by.", "Ask your provider."
	case netsip.MediaFaultNoICE:
		p.Title, p.Why = "The other side's phone does not tell how to reach it.", "It "+sent+" without ICE."
	case netsip.MediaFaultRTCPApart:
		p.Title = "The other side's phone " + sent + " with two ports for the sound."
		p.Why, p.Do = "Calla sends sound (RTP) and its reports (RTCP) over one port.", "Ask your provider for rtcp-mux (RFC 5761) for this number."
	case netsip.MediaFaultDTLSRole:
		p.Title, p.Why = "The other side's phone does not say who begins the encryption.", "What it "+sent+" leaves the DTLS role open."
	default:
		p.Title, p.Why = "What the other side's phone "+sent+" cannot be read.", "It is no description of a call."
	}
}
