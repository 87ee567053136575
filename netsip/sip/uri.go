package sip

// URI is a SIP URI, or any other absolute URI kept opaque (RFC 3261 section 19.1).
type URI struct {
	Scheme  string // lower case: "sip", "sips", "tel", …; "*" for Contact: *
	User    string // as written, escaped; "" = none. A password stays in it: "alice:pw"
	Host    string // lower case; IPv6 in brackets
	Port    int    // 0 = none
	Params  Params
	Headers string // what follows "?", raw; "" = none
	Opaque  string // what follows "scheme:" for schemes other than sip and sips
}
