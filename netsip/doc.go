// Package netsip is a SIP user agent over WebSocket (RFC 3261, RFC 7118): what JsSIP is to a browser page,
// for a program. It speaks signalling only and sees media through the interface Media.
//
//	layer         files                                            of the standards
//	connection    ws/                                              RFC 6455, 7118
//	              connection servers failback oversize             JsSIP's recovery
//	messages      sip/                                             RFC 3261 sections 7, 19, 20, 25
//	transactions  transactions clienttx servertx                   RFC 3261 section 17, RFC 6026
//	core          identity capabilities request dispatch refusal   RFC 3261 sections 8 and 11, RFC 5627
//	              useragent reconfigure limits
//	              auth challenge digest realms                     RFC 3261 section 22, RFC 7616, 8760
//	registration  registration                                     RFC 3261 section 10, RFC 5626, 5627
//	dialogs       dialog calls                                     RFC 3261 section 12
//	calls         session negotiation mediasteps media hold        RFC 3264, 6337, 8829
//	              inviteusage invite early                         RFC 3261 section 13.2, RFC 3262, 5057
//	              answer acks prack hangup                         RFC 3261 sections 13.3 and 15, RFC 3262
//	              reinvite reinvited timer path info               RFC 3261 section 14, RFC 3311, 4028, 6086, 6141
//	              reestablish search redirect                      RFC 3891 after an outage; RFC 3261 section 8.1.3.4
//	transfers     transfer referral replaces usages                RFC 3515, 3891, 3892, 4488, 5057, 5589
//	beside calls  message options subscription notify publish      RFC 3428, 6665, 3903, 3842, 4235, 3863
//	              upkeep eventheader event/
//	around        state errors trace echo log                        configuration: config/, the loop: loop/
//
// # Owners
//
// A UserAgent is made of owners, each of which alone writes its state and says in its methods what may be done to it:
//
//	connection    which flow is in use, and when the next is tried; it says up, reachable and down
//	identity      what we are called and where we are reached        capabilities  what we can do
//	transactions  who waits for whom, held and released              registration  the binding at the registrar
//	credentials   who may ask for the password, and how strongly     calls         calls and their dialogs
//	events        subscriptions and publications                     inbox         MESSAGEs that came in
//
// What is refused is told as a value, a Refusal: status, reason, rule.
//
// # Ownership
//
// One goroutine, the loop.Loop, owns all state; one Loop serves any number of user agents. Methods of UserAgent and
// Session are called on it and their callbacks come on it, in order. Only a Loop's Post, Do, Go and Stop are for
// other goroutines.
//
//	reader (one a flow)  ── parsed messages, in order ──▶ ┌──────┐ ── frames ──▶ writer (one a flow)
//	dialler              ── connection or why not ──────▶ │ Loop │ ── Offer, SetAnswer… ──▶ media (one a call at a time)
//	clocks               ── timers ─────────────────────▶ └──────┘ ◀── their results ──────┘
//
// A session may have ended while its media worked: results are looked at again before they are used.
package netsip
