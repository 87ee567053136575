// Package cause has what happened, why something stands as it does and why it could not be done: as facts, with their
// arguments and without a sentence. The phone and its checks make causes and put them into State; package words tells
// them to people at the edge, in a language. A program reads the Kind and the facts, never what people are told.
package cause

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/url"
	"os/exec"
	"syscall"
	"time"
)

// Kind is the stable name of a cause, in small letters with hyphens.
type Kind string

// Cause is one cause with the facts that belong to its kind; the others are zero. It is a value that nobody changes.
// Its JSON form is the facts alone.
type Cause struct {
	Kind   Kind   `json:"-"`
	Action Action `json:"-"` // the one thing that would help
	Detail string `json:"-"` // small print: codes, and what an error of the system or a library said, as it is

	Account   string        `json:"account,omitempty"`   // address or label of the account
	Party     string        `json:"party,omitempty"`     // the far end in one line: its name, or its address
	Address   string        `json:"address,omitempty"`   // number or address of the far end
	To        string        `json:"to,omitempty"`        // who is to be called instead, or transferred to
	Text      string        `json:"text,omitempty"`      // as the user entered it, one safe line
	Server    string        `json:"server,omitempty"`    // WebSocket address, or that of a STUN or TURN server
	Proxy     string        `json:"proxy,omitempty"`     // host and port
	File      string        `json:"file,omitempty"`      // name or path
	Folder    string        `json:"folder,omitempty"`    // that File is in
	Realm     string        `json:"realm,omitempty"`     // that asked for a password
	Parameter string        `json:"parameter,omitempty"` // the field of the account that it is about
	Reason    string        `json:"reason,omitempty"`    // what netsip/config or account finds wrong, in their words
	Offer     string        `json:"offer,omitempty"`     // what would do in the place of what is there
	Status    int           `json:"status,omitempty"`    // of SIP or HTTP
	Phrase    string        `json:"phrase,omitempty"`    // reason phrase or warning, as the far end wrote it
	Code      int           `json:"code,omitempty"`      // of a closed WebSocket (RFC 6455 section 7.4)
	Q850      int           `json:"q850,omitempty"`      // cause of the telephone network (ITU-T Q.850)
	Bits      int           `json:"bits,omitempty"`      // of a key
	Count     int           `json:"count,omitempty"`     // how many
	Of        int           `json:"of,omitempty"`        // of how many
	Decibels  int           `json:"decibels,omitempty"`  // by how much less
	After     time.Duration `json:"after_ns,omitempty"`  // how long it took, or takes
	At        time.Time     `json:"at,omitzero"`         // when it happened, or what date it is about
	Names     []string      `json:"names,omitempty"`     // whom a certificate is for, or addresses
	Gone      []string      `json:"gone,omitempty"`      // names of devices that are not there
	Used      []string      `json:"used,omitempty"`      // names of those in their place
	Incoming  bool          `json:"incoming,omitempty"`  // the far end called
	Stopped   bool          `json:"stopped,omitempty"`   // nobody tries again by itself
	System    System        `json:"system,omitempty"`    // why the system could not do it
	Exit      int           `json:"exit_code,omitempty"` // with SystemExited
	Because   *Cause        `json:"because,omitempty"`   // what it comes of
}

// Action is what would help, and what the button of a cause does.
type Action int

// The actions a cause can offer.
const (
	ActionNone Action = iota
	ActionRetry
	ActionEditAccount // at Parameter; with Offer in its place
	ActionEnterPassword
	ActionChooseDevice
	ActionCallAgain
	ActionAllowRealm  // let a realm ask for the password that is not the server's
	ActionAcceptLogin // let the server ask for the password in a weaker way than before
	ActionStartEmpty  // keep the damaged account file under another name and begin without accounts
)

// System is why the operating system, or what it runs, could not do a thing.
type System string

// What systems fail for.
const (
	SystemUnknown     System = "" // nobody but a programmer can tell
	SystemNoProgram   System = "no-program"
	SystemNotThere    System = "not-there"
	SystemNotAllowed  System = "not-allowed"
	SystemDiskFull    System = "disk-full"
	SystemReadOnly    System = "read-only"
	SystemIsFolder    System = "is-a-folder"
	SystemNoFolder    System = "its-folder-is-none"
	SystemNoListener  System = "nothing-listens"
	SystemCut         System = "cut"
	SystemNoWay       System = "no-way"
	SystemNoAnswer    System = "no-answer"
	SystemNoName      System = "no-name"
	SystemExited      System = "exited" // with Cause.Exit
	SystemKilled      System = "killed"
	SystemSlowSound   System = "slow-sound"   // the sound system does not answer
	SystemOnlyChosen  System = "only-chosen"  // what records the loudspeaker is used only where it was chosen
	SystemKeyLocked   System = "key-locked"   // the keyring is
	SystemKeyStuck    System = "key-stuck"    // the keyring is
	SystemKeyAbsent   System = "key-absent"   // the keyring is
	SystemKeysDamaged System = "keys-damaged" // the file of passwords is
	SystemKeyTooLarge System = "key-too-large"
	SystemKeyNotKept  System = "key-not-kept"
	SystemNothingKept System = "nothing-kept" // accounts are read only
)

// OfSystem finds why the system could not do a thing, and the code with which a program ended.
func OfSystem(err error) (why System, exitCode int) {
	switch {
	case err == nil:
		return SystemUnknown, 0
	case errors.Is(err, exec.ErrNotFound):
		return SystemNoProgram, 0
	case errors.Is(err, fs.ErrNotExist):
		return SystemNotThere, 0
	case errors.Is(err, fs.ErrPermission):
		return SystemNotAllowed, 0
	case IsErrno(err, syscall.ENOSPC, 112):
		return SystemDiskFull, 0
	case IsErrno(err, syscall.EROFS, 19):
		return SystemReadOnly, 0
	case IsErrno(err, syscall.EISDIR, 0):
		return SystemIsFolder, 0
	case IsErrno(err, syscall.ENOTDIR, 267):
		return SystemNoFolder, 0
	case IsErrno(err, syscall.ECONNREFUSED, 10061):
		return SystemNoListener, 0
	case IsErrno(err, syscall.ECONNRESET, 10054), IsErrno(err, syscall.EPIPE, 10053), errors.Is(err, io.EOF),
		errors.Is(err, io.ErrUnexpectedEOF):
		return SystemCut, 0
	case IsErrno(err, syscall.EHOSTUNREACH, 10065), IsErrno(err, syscall.ENETUNREACH, 10051):
		return SystemNoWay, 0
	case IsTimeout(err):
		return SystemNoAnswer, 0
	}
	var dns *net.DNSError
	var exit *exec.ExitError
	switch {
	case errors.As(err, &dns):
		return SystemNoName, 0
	case errors.As(err, &exit) && exit.Exited():
		return SystemExited, exit.ExitCode()
	case errors.As(err, &exit):
		return SystemKilled, 0
	}
	return SystemUnknown, 0
}

// BySystem returns c with why the system could not do it, and with the error's own text as small print where it has
// none.
func (c Cause) BySystem(err error) Cause {
	c.System, c.Exit = OfSystem(err)
	if c.Detail == "" && err != nil {
		c.Detail = err.Error()
	}
	return c
}

// IsErrno tells whether err is the system's error unix, or windows, its number on Windows.
func IsErrno(err error, unix syscall.Errno, windows syscall.Errno) bool {
	return errors.Is(err, unix) || errors.Is(err, windows)
}

// IsTimeout tells whether err is that something took too long.
func IsTimeout(err error) bool {
	var t interface{ Timeout() bool }
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &t) && t.Timeout()
}

// PortOf is the port of a WebSocket address: the one that it names, or that of its scheme (RFC 6455 section 3).
func PortOf(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "ws":
		return "80"
	}
	return "443"
}
