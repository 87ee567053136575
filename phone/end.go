package phone

import (
	"errors"
	"fmt"
	"strings"

	"calla/netsip"
	"calla/netsip/config"
	"calla/phone/cause"
	"calla/phone/doctor"
	"calla/phone/safe"
)

// ending is how a call ended, and what the caller hears.
type ending struct {
	cause.Cause
	tone      Progress
	elsewhere bool // another phone of the address took or refused the call
}

// ended is an end that is told by its kind alone.
func ended(k cause.Kind, tone Progress) ending {
	return ending{Cause: cause.Cause{Kind: k}, tone: tone}
}

// explainEnd finds the cause of the end of a call. c is the call as it was shown last.
func explainEnd(end *netsip.End, c CallState) ending {
	switch {
	case end.By == netsip.Local && userEnded(end.Cause):
		return endedHere(end, c)
	case end.By == netsip.Remote && end.Cause == netsip.CauseCanceled:
		return canceled(end)
	case end.By == netsip.Remote:
		if e, ok := endedByNetwork(end, c); ok {
			return e
		}
		if e, ok := endedThere(end, c); ok {
			return e
		}
	}
	return endedByTrouble(end, c)
}

// userEnded tells whether a cause of an end by this phone is what its user, or nobody at it, wanted. By others the
// phone has refused what the far end sent.
func userEnded(why string) bool {
	switch why {
	case netsip.CauseBye, netsip.CauseCanceled, netsip.CauseRejected, netsip.CauseNoAnswer, netsip.CauseRedirected,
		netsip.CauseReplaced,
		netsip.CauseBusy, netsip.CauseUnavailable:
		return true
	}
	return false
}

func endedHere(end *netsip.End, c CallState) ending {
	switch {
	case end.Cause == netsip.CauseNoAnswer:
		return ended(cause.Missed, ProgressNone)
	case !c.Connected.IsZero():
		return ended(cause.HungUpHere, ProgressNone)
	case c.Incoming:
		return ended(cause.DeclinedHere, ProgressNone)
	}
	return ended(cause.CancelledHere, ProgressNone)
}

// canceled finds why a call was taken back before anybody answered here: by the caller, or because another phone of
// the address took or refused it (RFC 3326 section 2: SIP;cause=200; servers that know the telephone network say Q.850
// cause 26, non-selected user clearing; some say it by the text alone).
func canceled(end *netsip.End) ending {
	text := strings.ToLower(end.Reason) // the far end's own
	elsewhere := strings.Contains(text, "elsewhere") || strings.Contains(text, "picked up") ||
		strings.Contains(text, "pickup")
	refused := strings.Contains(text, "declin") || strings.Contains(text, "reject") || strings.Contains(text, "busy")
	switch code := end.StatusCode; {
	case code == 600, code == 603, code == 607, code == 608, code == 486, elsewhere && refused:
		return ending{Cause: cause.Cause{Kind: cause.DeclinedElsewhere}, elsewhere: true}
	case code >= 200 && code < 300, elsewhere, code == 0 && end.Q850 == 26:
		return ending{Cause: cause.Cause{Kind: cause.AnsweredElsewhere}, elsewhere: true}
	}
	return ended(cause.Missed, ProgressNone)
}

// facts are what is known of the end of a call whatever its kind.
func facts(k cause.Kind, end *netsip.End, c CallState) cause.Cause {
	party := c.Address
	if c.Name != "" {
		party = c.Name
	}
	return cause.Cause{
		Kind: k, Party: party, Address: c.Address, Status: end.StatusCode, Phrase: safe.Line(end.Reason, 60),
		Q850:     end.Q850,
		Incoming: c.Incoming, Detail: codeLine(end), Action: cause.ActionCallAgain,
	}
}

// endedByNetwork finds the ends of which the telephone network told more than SIP can (ITU-T Q.850 table 1): a 403
// that is a decline, a 503 that says that no line is free. False: the status says it all. What a gateway makes of our
// password or of a redirection is its own to say.
func endedByNetwork(end *netsip.End, c CallState) (ending, bool) {
	switch end.Cause {
	case netsip.CauseAuthentication, netsip.CauseRedirected, netsip.CauseConnection, netsip.CauseTimeout:
		return ending{}, false
	case netsip.CauseBye:
		if !networkFails(end.Q850) {
			return ending{}, false // whoever hung up did so on purpose
		}
	}
	kind := kindOfQ850(end.Q850)
	switch kind {
	case "":
		return ending{}, false
	case cause.DeclinedThere:
		return declinedThere(end), true
	case cause.Busy, cause.NobodyAnswered:
		return ended(kind, ProgressBusy), true
	}
	found := facts(kind, end, c)
	if end.Cause == netsip.CauseBye {
		because := found
		found.Kind, found.Because = cause.NetworkCut, &because
	}
	return ending{Cause: found, tone: ProgressCongestion}, true
}

// declinedThere is an end by who did not want the call, with the words in which that was told.
func declinedThere(end *netsip.End) ending {
	e := ended(cause.DeclinedThere, ProgressBusy)
	if s := end.Told; !strings.EqualFold(s, "Call Rejected") && !strings.EqualFold(s, end.Reason) { // names of the code
		e.Phrase = safe.Line(s, longestReason)
	}
	return e
}

// kindOfQ850 tells what a cause of ITU-T Q.850 means to a caller, "" for those that say nothing.
func kindOfQ850(q850 int) cause.Kind {
	switch q850 {
	case 17:
		return cause.Busy
	case 18, 19:
		return cause.NobodyAnswered
	case 21:
		return cause.DeclinedThere
	case 1:
		return cause.NumberNotInUse
	case 2, 3:
		return cause.NoRoute
	case 20:
		return cause.PhoneOff
	case 22:
		return cause.NumberChanged
	case 27:
		return cause.OutOfOrder
	case 28:
		return cause.NumberMisformed
	case 29, 50, 52, 54, 55, 57, 69, 87:
		return cause.NetworkForbids
	case 34, 42, 44, 46, 47, 49, 58, 63:
		return cause.NoLineFree
	case 38, 39, 41, 43, 102, 111, 127:
		return cause.NetworkFault
	case 65, 66, 70, 79, 88:
		return cause.NetworkIncompatible
	}
	return ""
}

// networkFails tells the causes that nobody at either end chose.
func networkFails(q850 int) bool {
	switch q850 {
	case 27, 34, 38, 41, 42, 43, 44, 46, 47, 102, 111, 127:
		return true
	}
	return false
}

// endedThere finds the ends that the other side or a server chose.
func endedThere(end *netsip.End, c CallState) (ending, bool) {
	failed := func(k cause.Kind) (ending, bool) {
		return ending{Cause: facts(k, end, c), tone: ProgressCongestion}, true
	}
	switch end.Cause {
	case netsip.CauseBye:
		return ended(cause.HungUpThere, ProgressNone), true
	case netsip.CauseBusy:
		return ended(cause.Busy, ProgressBusy), true
	case netsip.CauseRejected:
		if end.StatusCode == 403 {
			return failed(cause.CallNotAllowed)
		}
		return declinedThere(end), true
	case netsip.CauseNotFound:
		if end.StatusCode == 604 {
			return failed(cause.NoSuchAddress)
		}
		return failed(cause.NotKnownOrOffline)
	case netsip.CauseUnavailable:
		return unavailable(end, c), true
	case netsip.CauseIncomplete:
		return failed(cause.NumberIncomplete)
	case netsip.CauseIncompatible:
		return failed(cause.PhonesIncompatible)
	case netsip.CauseAuthentication:
		return passwordRefused(end, c), true
	case netsip.CauseRedirected:
		if len(end.Redirect) == 0 {
			return failed(cause.RedirectedNowhere)
		}
		return failed(cause.Redirected)
	case netsip.CauseStatus:
		return endedByStatus(end, c), true
	}
	return ending{}, false
}

// unavailable tells apart why nobody could be reached.
func unavailable(end *netsip.End, c CallState) ending {
	switch end.StatusCode {
	case 408:
		return ended(cause.NobodyAnswered, ProgressBusy)
	case 410:
		return ending{Cause: facts(cause.NoLongerInUse, end, c), tone: ProgressCongestion}
	case 430:
		return ending{Cause: facts(cause.NotReachedJustNow, end, c), tone: ProgressCongestion}
	}
	return ending{Cause: facts(cause.NotAvailable, end, c), tone: ProgressBusy}
}

// passwordRefused tells apart who asked for the password, and how.
func passwordRefused(end *netsip.End, c CallState) ending {
	e := ending{Cause: facts(cause.PasswordRefusedForCall, end, c), tone: ProgressCongestion}
	switch {
	case errors.Is(end.Err, netsip.ErrForeignRealm):
		e.Kind = cause.SomebodyAskedForPassword
	case errors.Is(end.Err, netsip.ErrWeakerDigest), errors.Is(end.Err, netsip.ErrLongChallenge),
		errors.Is(end.Err, netsip.ErrUnsupportedChallenge):
		e.Cause = doctor.Explain(end.Err, doctor.Subject{})
	default:
		e.Action = cause.ActionEnterPassword
	}
	return e
}

// endedByStatus finds the refusals that have no cause of their own.
func endedByStatus(end *netsip.End, c CallState) ending {
	e := ending{Cause: facts(cause.CallRefused, end, c), tone: ProgressCongestion}
	switch code := end.StatusCode; {
	case code == 487:
		return ended(cause.CallCancelled, ProgressNone)
	case code == 402:
		e.Kind = cause.PaymentWanted
	case code == 482 || code == 483:
		e.Kind = cause.CallInCircles
	case code == 413 || code == 513:
		e.Kind = cause.RequestTooLarge
	case code >= 500 && code < 600:
		e.Kind = cause.CallServerTrouble
	case code >= 600:
		e.Kind = cause.RefusedEverywhere
	}
	return e
}

// endedByTrouble finds the ends that nobody chose.
func endedByTrouble(end *netsip.End, c CallState) ending {
	if end.Cause == netsip.CauseExpires {
		return ended(cause.Missed, ProgressNone)
	}
	e := ending{Cause: facts(kindOfTrouble(end), end, c), tone: ProgressCongestion}
	if e.Kind == cause.MediaNoRelay {
		e.Cause = noRelay(end, e.Cause)
	}
	if end.By == netsip.Remote && c.Incoming && c.Connected.IsZero() {
		e.tone = ProgressNone
	}
	return e
}

// kindOfTrouble tells apart the ends by time, network, server and what the phones sent each other about the sound.
func kindOfTrouble(end *netsip.End) cause.Kind {
	var media *netsip.MediaError
	switch {
	case errors.As(end.Err, &media) && media.Fault != netsip.MediaFaultOther:
		return kindOfFault(media.Fault)
	case errors.Is(end.Err, netsip.ErrMissingSDP):
		return cause.MediaNoAudio
	}
	switch end.Cause {
	case netsip.CauseConnection:
		if errors.Is(end.Err, netsip.ErrLostWhileRinging) {
			return cause.LostWhileRinging
		}
		return cause.CallConnectionLost
	case netsip.CauseTimeout:
		return cause.CallNoAnswer
	case netsip.CauseMedia:
		return cause.NoPath
	case netsip.CauseBadDescription, netsip.CauseMissingSDP, netsip.CauseIncompatible:
		return cause.DescriptionUnusable
	case netsip.CauseRTPTimeout:
		return cause.NothingHeard
	case netsip.CauseDialog:
		return cause.CallLostByServer
	case netsip.CauseSessionTimer:
		return cause.OtherSideSilent
	case netsip.CauseNoACK:
		return cause.NotConfirmed
	}
	return cause.CallNotKept
}

// kindOfFault tells apart what was wrong with what the far end's phone sent about the sound, or with what we have
// for it.
func kindOfFault(fault netsip.MediaFault) cause.Kind {
	switch fault {
	case netsip.MediaFaultNoRelay:
		return cause.MediaNoRelay
	case netsip.MediaFaultNoAddress:
		return cause.MediaNoAddress
	case netsip.MediaFaultNotEncrypted:
		return cause.MediaNotEncrypted
	case netsip.MediaFaultWeakFingerprint:
		return cause.MediaWeakFingerprint
	case netsip.MediaFaultNoCodec:
		return cause.MediaNoCodec
	case netsip.MediaFaultAudioRefused:
		return cause.MediaAudioRefused
	case netsip.MediaFaultNoAudio:
		return cause.MediaNoAudio
	case netsip.MediaFaultNoICE:
		return cause.MediaNoICE
	case netsip.MediaFaultRTCPApart:
		return cause.MediaRTCPApart
	case netsip.MediaFaultDTLSRole:
		return cause.MediaDTLSRole
	}
	return cause.MediaUnreadable
}

// codeLine is the small print of an ended call: its codes, JsSIP's name of the cause, an error's own text.
func codeLine(end *netsip.End) string {
	var parts []string
	if end.StatusCode != 0 {
		parts = append(parts, strings.TrimSpace(fmt.Sprintf("%d %s", end.StatusCode, safe.Line(end.Reason, 60))))
	}
	parts = append(parts, end.Cause)
	if end.Q850 != 0 {
		parts = append(parts, fmt.Sprintf("Q.850 %d", end.Q850))
	}
	if end.Err != nil {
		parts = append(parts, end.Err.Error())
	}
	return safe.Line(strings.Join(parts, " · "), 200)
}

// refusal tells why a call to an address, as it was entered, cannot even be tried.
func refusal(err error, to string) cause.Cause {
	c := cause.Cause{
		Kind: cause.CallNotStarted, To: safe.Line(to, shownText), Detail: err.Error(),
		Action: cause.ActionRetry,
	}
	var bad *config.TargetError
	switch {
	case errors.As(err, &bad):
		c = notATarget(bad)
	case errors.Is(err, netsip.ErrRedirectLoop):
		c.Kind = cause.RedirectLoop
	case errors.Is(err, netsip.ErrNotConnected), errors.Is(err, netsip.ErrStopped):
		c.Kind = cause.NotConnected
	}
	return c
}

// notATarget tells why a dialled text cannot be called.
func notATarget(bad *config.TargetError) cause.Cause {
	return cause.Cause{
		Kind: cause.NotATarget, Text: safe.Line(bad.Text, 60), Reason: bad.Reason,
		To:     safe.Line(bad.Instead, longestDialled),
		Detail: bad.Error(),
	}
}
