package netsip

import (
	"crypto/tls"
	"log/slog"
	"math/rand/v2"
)

// Options are what a UserAgent is made of.
type Options struct {
	Loop      *Loop        // required; may be shared by many user agents
	Config    Config       // normalised by New
	Media     Media        // nil = every call brings its own, incoming ones are refused with 480
	Dial      DialFunc     // nil = TCP and TLS
	TLS       *tls.Config  // of the default Dial; nil = the system's roots, TLS 1.2 and up
	Logger    *slog.Logger // nil = discard
	Rand      *rand.Rand   // nil = seeded from the system; used on the loop only
	UserAgent string       // User-Agent header, such as "Calla/0.1.0"; "" = none

	Trace    func(TraceEntry) // every message in and out, secrets masked; on the loop
	OnState  func(State)      // after each change; on the loop
	OnInvite func(*Session)   // a call came in; on the loop, see Session
}
