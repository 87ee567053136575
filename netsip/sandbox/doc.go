// Package sandbox is a SIP server over WebSocket (RFC 7118) that lives in the program: a registrar with digest
// authentication, outbound and GRUU, a forking proxy between its users, and faults on demand. It is the
// other end in tests, in real time on a loopback port or in virtual time over net.Pipe, and the
// server behind "Try it now".
//
//	Listen or Dial → HTTP → WebSocket (connection.go)
//	  frame → fault rules (faults.go) → request or response
//	    REGISTER  → registrar.go → bindings (binding.go), digest.go
//	    others    → proxy.go finds the targets → transaction.go forks, forwards, cancels
//	  responses   → the branch they belong to → best response → back along Via
//
// Ownership: one mutex of the Server guards all state. Each connection has a goroutine that reads and one
// that writes from a queue, so nothing that holds the mutex ever waits for a peer.
//
// What a server may do to a phone:
//
//	fork                      several registrations of a user ring at once; the first 2xx cancels the others
//	challenges                Options.Algorithms (SHA-512-256, SHA-256, MD5 and -sess), ChallengeCalls
//	stale nonce               Faults.ExpireNonces, Faults.StaleNonces, Options.NonceLifetime
//	refusals, Retry-After     Fault.Status and Headers; Faults.Unavailable (503), Faults.Redirect (302)
//	lost, late, changed       Fault.Drop, Delay, Edit; Faults.LoseACK; Faults.Glare
//	cut, close, slow, late    Faults.Cut, CloseWith, SetLine (Line: latency, an octet at a time, cut after any octet),
//	                          Stall
//	no connection             Faults.OnConnect: refused, stalled, HTTP status, wrong subprotocol
//	flood                     Faults.Flood, Server.Send (any frame)
//	Service-Route, Path       Options.ServiceRoute, Options.Path
//	anything inside a dialog  follows Record-Route: re-INVITE, UPDATE, PRACK, INFO, REFER, NOTIFY, BYE
//	MESSAGE, SUBSCRIBE, …     pass between users
//
// The same by name, for who tries a phone out: Scripts and Server.RunScript.
//
// A user who is known or not is a user of the one domain. What a client may cost is limited: size of messages,
// connections, bindings, transactions in progress and unsent messages.
package sandbox
