// Package doctor finds out why an account does not connect, and says so in words.
//
// Run walks the way a registration takes, one Step after the other: name, TCP, TLS, WebSocket,
// sub-protocol, REGISTER, and beside it STUN and TURN. It uses sockets and a user agent of its own, so that a
// live registration of the same account is not disturbed. Explain turns one error of the engine
// into a Problem; the phone uses it for what it shows of a live account.
package doctor

import "time"

// Status is how a Step stands.
type Status int

// The statuses of a Step.
const (
	Running Status = iota
	OK
	Failed
	Remark  // it failed, and the account works without it: Problem is set
	Skipped // not needed (TLS of a ws: address), or an earlier step failed
)

// Names of the steps, in the order in which they are taken.
const (
	StepConfig      = "Settings"     // the configuration is complete and right
	StepDNS         = "Name"         // the server's name has an address
	StepTCP         = "Connection"   // the port is open
	StepTLS         = "Encryption"   // the certificate is good
	StepWebSocket   = "WebSocket"    // the server switches to WebSocket (101)
	StepSubprotocol = "SIP"          // it agrees on the sub-protocol "sip"
	StepRegister    = "Registration" // it accepts address and password
	StepSTUN        = "STUN"         // one for each server
	StepTURN        = "TURN"         // one for each server
)

// Step is one check. Each is reported twice, as Running and with its end, save the skipped ones,
// which are reported once.
type Step struct {
	ID      int           // the same for both reports of one check; grows in order
	Name    string        // one of the names above
	Server  string        // what is checked: a WebSocket address, a STUN or TURN URI; "" for StepConfig
	Status  Status        //
	Took    time.Duration // 0 while Running and for Skipped
	Words   string        // one line: "203.0.113.9", "TLS 1.3, certificate valid until 3 Nov 2026"
	Problem *Problem      // set when Failed, and with Remark
}

// Problem is a failure in words: what happened, most likely why, what to do.
type Problem struct {
	Title  string // one sentence, ends with a full stop
	Why    string // may be ""
	Do     string // may be ""
	Short  string // for one line: "Wrong password", "Server not found"
	Detail string // small print: layer, code, time, next retry
	Action Action // the one primary button

	Parameter string // of config.Config: the field that ActionEditAccount opens; "" = none
	Offer     string // what would do in its place, for a button of its own; "" = nothing is known
}

// Action is what a Problem's button does.
type Action int

// The actions a Problem can offer.
const (
	ActionNone Action = iota
	ActionRetry
	ActionEditAccount
	ActionEnterPassword
	ActionChooseDevice
	ActionCallAgain
	ActionAllowRealm  // let a realm ask for the password that is not the server's
	ActionAcceptLogin // let the server ask for the password in a weaker way than before
	ActionStartEmpty  // keep the damaged account file under another name and begin without accounts
)
