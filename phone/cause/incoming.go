package cause

// What becomes of a call that comes in, where nobody answers it.
const (
	BusyHere      Kind = "busy-here"      // the user said busy (486)
	ForwardedHere Kind = "forwarded-here" // the caller was sent to To (302)
	Blocked       Kind = "blocked"        // the user's list has the caller: nothing rang
)

// What an account does with calls by itself.
const (
	ForwardAlways   Kind = "forward-always"    // to To
	ForwardBusy     Kind = "forward-busy"      // to To, while there is another call
	ForwardNoAnswer Kind = "forward-no-answer" // to To, after After
	AnswersItself   Kind = "answers-itself"    // after After
)

// Why a call that came in did not ring though nobody refused it: what a Missed one comes of.
const (
	DoNotDisturb Kind = "do-not-disturb" // it is on; At: until when, zero = until it is switched off
	NoLineHere   Kind = "no-line-here"   // as many calls as there can be
)

// Why an entry does not go on a list of callers.
const (
	CallerUnusable Kind = "caller-unusable"
	CallersTooMany Kind = "callers-too-many"
)

// Why a call cannot be forwarded.
const (
	ForwardNowhere  Kind = "forward-nowhere"   // no SIP address
	ForwardToItself Kind = "forward-to-itself" // calls to it come here
	ForwardToCaller Kind = "forward-to-caller"
)
