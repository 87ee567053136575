// Package sip reads and writes SIP messages (RFC 3261 section 7 and 25) as pure functions: no
// sockets, no clocks, no state, no imports but the standard library.
//
// A Message keeps its header fields as they came, in order and spelt as received (only folded lines
// are joined), so that what is parsed and written again is the same message. Typed values (Address,
// Via, CSeq, …) are read from the text when asked for.
package sip
