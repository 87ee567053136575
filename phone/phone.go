// Package phone is the telephone itself, without a window: accounts, calls, sound and devices, and the
// one State that everything shown is drawn from.
//
//	          commands (any goroutine)              State (published on the loop)
//	ui, console ────────────────▶ Phone ──────────────────────────────▶ ui, console
//	                                │ netsip.Loop: every field of Phone, line, call, sound
//	            ┌───────────────────┼───────────────────┐
//	       line: one account   call: one call      port: one sound device
//	       netsip.UserAgent    netsip.Session      audio.Stream
//	                                └── bridge: rtc.Session ↔ audio.Sender, Receiver
//
// Every field without a note belongs to the loop; there are no mutexes here.
package phone

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"

	"calla/account"
	"calla/audio"
	"calla/netsip"
	"calla/phone/doctor"
)

// SandboxID is the account ID of the built-in sandbox (see StartSandbox).
const SandboxID = "sandbox"

// ErrNoAccount is reported for an account ID that is not (or no longer) there.
var ErrNoAccount = errors.New("no such account")

// Options are what a Phone is made of.
type Options struct {
	Store   *account.Store // nil: accounts and settings live in memory only
	Host    audio.Host     // the sound devices; nil: there are none
	Codecs  []audio.Codec  // in order of preference; nil: PCMU and PCMA
	Version string         // of the program, for the User-Agent header
	Logger  *slog.Logger   // nil: none

	// Sandbox starts the in-process server for StartSandbox; nil: there is none.
	Sandbox func() (Sandbox, error)
	// Speak, when set, is sent in the place of the microphone once a call is established.
	Speak audio.Source
	// Heard, when set, gets every frame of a call's far end as it is played.
	Heard audio.Sink
}

// Sandbox is a running in-process server with an account for this phone.
type Sandbox struct {
	Account account.Account // with its password joined in Config
	Close   func()
}

// Phone is the call controller. Its methods may be called from any goroutine and return at once unless
// they say otherwise; what they bring about shows in State. done functions are called once, on any
// goroutine.
type Phone struct {
	loop  *netsip.Loop
	state atomic.Pointer[State]
}

// New loads the accounts and starts registering at once.
func New(o Options) (*Phone, error) { return nil, errors.New("not written yet") }

// Subscribe calls f on the phone's loop with each new State, first at once with the present one. f must
// return quickly. After cancel has returned, at most the call of f that is running ends.
func (p *Phone) Subscribe(f func(State)) (cancel func()) { return func() {} }

// State returns the latest State.
func (p *Phone) State() State { return *p.state.Load() }

// Close hangs up, unregisters and releases the devices; it blocks for at most two seconds.
func (p *Phone) Close() {}

// Dial calls target (a number, a user or an address, as typed) with an account; "" is the one that dials.
// What cannot be called is told by State.Ended with a Problem, or, during a call, by a Notice.
func (p *Phone) Dial(accountID, target string) {}

// Prepare gathers the candidates for a call in advance: the user is typing. It may be called for each
// key; what is not used within a minute is discarded.
func (p *Phone) Prepare(accountID string) {}

// Answer takes an incoming call.
func (p *Phone) Answer(callID string) {}

// Decline refuses an incoming call, so that the caller hears that nobody wants to talk (603).
func (p *Phone) Decline(callID string) {}

// Ignore stops the ringing here; the caller hears it go on.
func (p *Phone) Ignore(callID string) {}

// HangUp ends a call in whatever phase it is.
func (p *Phone) HangUp(callID string) {}

// SetMuted silences the microphone of a call.
func (p *Phone) SetMuted(callID string, muted bool) {}

// SendDTMF sends digits (0-9 A-D * # and ',' for a pause of 2 s; blanks and separators are dropped).
func (p *Phone) SendDTMF(callID, digits string) {}

// UseAccount says which account dials, and keeps the choice.
func (p *Phone) UseAccount(accountID string) {}

// Retry connects and registers now instead of at the time set for it.
func (p *Phone) Retry(accountID string) {}

// DismissNotice takes a notice away.
func (p *Phone) DismissNotice(id string) {}

// DismissEnded takes the card of the ended call away.
func (p *Phone) DismissEnded() {}

// SaveAccount puts a in the place of the account with its ID, or adds it, stores it and follows it. A
// password or TURN credential that is empty in secret stays as it is kept. The error is a
// *netsip.ConfigError where a field is wrong; account.ErrKeyringAbsent, ErrKeyringLocked or ErrKeyringStuck
// where place cannot be used (nothing is saved then: ask for another place).
func (p *Phone) SaveAccount(a account.Account, secret account.Secret, place account.SecretPlace, done func(error)) {
}

// DeleteAccount hangs up the account's calls, unregisters it and forgets it with its secret.
func (p *Phone) DeleteAccount(id string, done func(error)) {}

// Account returns an account as stored, without secrets, for its form.
func (p *Phone) Account(id string) (account.Account, bool) { return account.Account{}, false }

// EnterPassword keeps a new password for an account in place and registers with it.
func (p *Phone) EnterPassword(accountID string, pw netsip.Secret, place account.SecretPlace, done func(error)) {
}

// TestAccount checks an account step by step without disturbing its live registration. It blocks until
// all steps are done or ctx ends; step is called on the calling goroutine. Empty secrets are
// taken from what is kept for the account's ID.
func (p *Phone) TestAccount(ctx context.Context, a account.Account, secret account.Secret, step func(doctor.Step)) {
}

// StartSandbox starts the built-in server and adds its account (SandboxID, not stored): done comes when
// it is started; Registered shows in State. Then Dial(SandboxID, "echo") works.
func (p *Phone) StartSandbox(done func(error)) {}

// Settings returns what all accounts share.
func (p *Phone) Settings() account.Settings { return account.Settings{} }

// SaveSettings stores s and follows it; devices and volume change at once, in a call too.
func (p *Phone) SaveSettings(s account.Settings, done func(error)) {}

// SetDevice chooses the device of a role; the zero choice follows the system.
func (p *Phone) SetDevice(role account.Role, choice account.DeviceChoice) {}

// Levels returns how loud a call's microphone and far end are, in dBFS; -120 is silence. It is cheap
// and may be polled.
func (p *Phone) Levels(callID string) (mic, far float64) { return -120, -120 }

// StartSoundCheck opens microphone and speaker for SoundLevels until StopSoundCheck.
func (p *Phone) StartSoundCheck() {}

// StopSoundCheck closes what StartSoundCheck opened.
func (p *Phone) StopSoundCheck() {}

// SoundLevels returns how loud microphone and speaker are during a sound check, in dBFS; -120 is silence.
func (p *Phone) SoundLevels() (mic, speaker float64) { return -120, -120 }

// PlayTestTone plays a short tone on the device of a role: the ringtone once on the ringer.
func (p *Phone) PlayTestTone(role account.Role) {}

// RecordAndPlay records three seconds from the microphone and plays them on the speaker. progress is told
// "recording", "playing" and "" at the end; problem says what was wrong with the recording (silent, too
// quiet, clipped), nil when it was good.
func (p *Phone) RecordAndPlay(progress func(phase string, problem *Problem)) {}
