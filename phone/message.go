package phone

// SendMessage sends text (of several lines, if it has them) to an address, as typed, with an account; "" is
// the one that dials. It shows as State.Messages at once, and there whether it has arrived.
func (p *Phone) SendMessage(accountID, address, text string) { p.notYet("Sending messages") }

// MarkRead says that the user has seen a conversation.
func (p *Phone) MarkRead(accountID, address string) {}

// UnregisterAll removes the bindings of all devices of an account's address; this one registers again.
func (p *Phone) UnregisterAll(accountID string) { p.notYet("Signing off everywhere") }
