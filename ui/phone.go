package ui

import (
	"context"

	"calla/account"
	"calla/netsip/config"
	"calla/phone"
	"calla/phone/cause"
	"calla/phone/doctor"
	"calla/phone/journal"
)

// Phone is what the window needs of the call controller. *phone.Phone is the real one; tests use a
// recorder. Every method returns at once, save TestAccount, and may be called from any goroutine; what
// comes of a command shows in the next State.
type Phone interface {
	// Subscribe calls f with the present State and then with each new one, until cancelled. f is called
	// on the controller's goroutine and must not block.
	Subscribe(f func(phone.State)) (cancel func())

	// Journal is where calls and contacts are kept; nil where nothing is. Its methods block.
	Journal() *journal.Journal

	// ReadDialled tells what a text means; nobody is called. It is where a typed text is read.
	ReadDialled(accountID, text string) phone.Reading
	// NameOf finds who an address is: the name of the contact that has it, or else the one that its last call showed;
	// "" where there is neither. It may block until ctx ends.
	NameOf(ctx context.Context, accountID string, to phone.Address) (name string, contact bool)
	Call(accountID string, to phone.Address, o phone.CallOptions)
	// Redial calls the far end of an earlier call or message, with its account; after: what is sent after the answer.
	Redial(accountID, uri, after string)
	Prepare(accountID string) // somebody is typing a number: gather candidates
	Answer(callID string)
	Decline(callID string)
	DeclineBusy(callID string)               // at this phone alone
	DeclineWithText(callID, text string)     // and tell why
	Forward(callID string, to phone.Address) // have the caller call somebody else
	Ignore(callID string)                    // stop ringing here, let it ring elsewhere
	HangUp(callID string)
	SetMuted(callID string, muted bool)
	SetHold(callID string, on bool)
	Swap(callID string)                                            // resume this one, hold all others
	Transfer(callID string, to phone.Address)                      // hand over at once
	AskFirst(callID string, to phone.Address, o phone.CallOptions) // hold it, call somebody
	CompleteTransfer(consultID string)                             // connect those two and leave
	Connect(oneID, otherID string)                                 // any two that are up, and leave
	Confer(callIDs ...string)                                      // bring them together in the conference
	Split(callID string)                                           // out of it, to talk with it alone
	HoldConference(on bool)                                        // all of it
	LeaveConference()                                              // its last two to each other
	Record(callID string, on bool)                                 // in a file
	PauseRecording(callID string, on bool)
	CancelConsult(consultID string) // hang up, back to the first
	AcceptReferral(id string)       // call whom the far end wants called
	DeclineReferral(id string)
	CallRedirect(address string, withAfter bool) // one of State.Ended.Redirect; with the digits behind the number?
	SendMessage(accountID, address, text string)
	Reply(accountID, uri, text string) // to the far end of an earlier message or call
	Resend(m phone.Message)
	// Correspondent is whose conversation an address means, and how it is shown
	Correspondent(accountID, address string) (party, shown string)
	phone.MessageReader // of what State only counts; it may wait for the disk
	MarkRead(accountID, party string, upTo int64)
	DeleteConversation(ctx context.Context, accountID, party string) error // it waits for the disk, as the next does
	DeleteMessages(ctx context.Context) error
	UnregisterAll(accountID string) // every device of the address
	SendDTMF(callID, digits string)
	ContinuePostDial(callID string)          // past a ";"
	CancelPostDial(callID string)            // what is left of the digits behind the number
	Levels(callID string) (mic, far float64) // dBFS

	UseAccount(accountID string)
	SetDoNotDisturb(d account.DoNotDisturb)
	Retry(accountID string)
	AcceptLogin(accountID string) // a weaker log-in than before is fine
	AllowRealm(accountID, realm string)
	MarkMissedSeen() // the user has looked at the missed calls
	DismissNotice(id string)
	DismissEnded()

	// Account returns an account for the form, without its secrets.
	Account(id string) (account.Account, bool)
	// Secret returns the secrets of an account, as far as they are at hand.
	Secret(id string) account.Secret
	// SaveAccount adds or replaces an account. Empty secrets keep those that are kept already.
	SaveAccount(a account.Account, secret account.Secret, place account.SecretPlace, done func(error))
	DeleteAccount(id string, done func(error))
	// StartEmpty keeps the damaged account file under another name and begins without accounts.
	StartEmpty(done func(error))
	EnterPassword(accountID string, password config.Secret, place account.SecretPlace, done func(error))
	// TestAccount checks an account step by step and returns when all is checked or ctx ends. step is
	// called on any goroutine.
	TestAccount(ctx context.Context, a account.Account, secret account.Secret, step func(doctor.Step))
	StartSandbox(done func(error))

	// Settings returns what all accounts share; SaveSettings stores and follows it.
	Settings() account.Settings
	SaveSettings(s account.Settings, done func(error))
	SetDevice(role account.Role, choice account.DeviceChoice)
	SetCleaning(c account.Cleaning)                              // of the microphone's sound, with the devices in use
	ForgetDevice(role account.Role, choice account.DeviceChoice) // that was chosen once

	StartSoundCheck()
	StopSoundCheck()
	SoundLevels() (mic, speaker float64) // dBFS, while the check runs
	PlayTestTone()
	PlayTone(t phone.Tone)
	// CheckRingtone tells why a ringtone could not be played; nil where it could. It waits for the disk.
	CheckRingtone(name string) *cause.Cause
	// RecordAndPlay records 3 s and plays them. progress is told "recording", "playing" and "" at the
	// end, with what was wrong with the recording.
	RecordAndPlay(progress func(phase string, problem *cause.Cause))
	// MeasureLatency tells how late the microphone hears the loudspeaker, or why that is not known.
	MeasureLatency(done func(l phone.Latency, problem *cause.Cause))
}
