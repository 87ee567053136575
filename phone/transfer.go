package phone

// SetHold puts a call on hold, or resumes it; resuming holds the call that has the sound. The far end's consent
// shows as Holding going away.
func (p *Phone) SetHold(callID string, on bool) { p.notYet("Hold") }

// Swap resumes a call and holds all others.
func (p *Phone) Swap(callID string) { p.notYet("Swap") }

// Transfer hands a call over to target without asking there first (RFC 3515). How it goes shows as
// CallState.Transfer; when it fails the call is there as before.
func (p *Phone) Transfer(callID, target string) { p.notYet("Transfer") }

// AskFirst holds a call and calls target with ConsultFor set to it. CompleteTransfer then connects the two;
// hanging up, or a target that does not answer, resumes the first.
func (p *Phone) AskFirst(callID, target string) { p.notYet("Ask first") }

// CompleteTransfer connects the call that consultID was made for with consultID's far end (RFC 5589 section
// 7) and leaves both.
func (p *Phone) CompleteTransfer(consultID string) { p.notYet("Transfer") }

// CancelConsult hangs up a call made by AskFirst and resumes the call it was made for.
func (p *Phone) CancelConsult(consultID string) { p.HangUp(consultID) }

// AcceptReferral calls whom a far end asked us to call.
func (p *Phone) AcceptReferral(id string) { p.notYet("Transfer") }

// DeclineReferral refuses to call whom a far end asked us to call.
func (p *Phone) DeclineReferral(id string) { p.notYet("Transfer") }

// CallRedirect calls a target of State.Ended.Redirect, by its Address.
func (p *Phone) CallRedirect(address string) { p.notYet("Calling the other number") }

// NetworkChanged tells that the network is another one or the computer woke up: connections are proven or made
// anew, and the media of calls looks for a new path.
func (p *Phone) NetworkChanged() { p.notYet("Following the network") }

func (p *Phone) notYet(what string) {
	p.loop.Post(func() { p.notify("not yet", Problem{Title: what + " is not built in yet.", Short: "Not built in"}) })
}
