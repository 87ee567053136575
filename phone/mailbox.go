package phone

import (
	"time"

	"calla/netsip"
	"calla/netsip/event"
)

const (
	mailboxEvent   = "message-summary"                    // RFC 3842
	mailboxType    = "application/simple-message-summary" // of its notifications
	mailboxExpires = time.Hour
)

// watchMailbox asks for the state of the account's mailbox, once it is registered. Many servers have none; then
// nothing is shown and nothing is said.
func (a *agent) watchMailbox() {
	if a.mailbox != nil || a.retired || a.accountID == SandboxID || !a.config.Register.Enabled() ||
		a.state.Registration != netsip.Registered {
		return
	}
	var err error
	a.mailbox, err = a.ua.Subscribe(a.config.URI, netsip.SubscribeOptions{
		Event: mailboxEvent, Accept: []string{mailboxType}, Expires: mailboxExpires,
		OnNotify: func(n *netsip.Notification) {
			if summary, err := event.ParseMessageSummary(n.Body); err == nil && n.ContentType == mailboxType {
				a.mailboxTold(summary)
			}
		},
	})
	if err != nil {
		a.p.log.Debug("mailbox not watched", "account", a.accountID, "error", err)
	}
}

// mailboxTold takes what the server tells of the mailbox, asked or not.
func (a *agent) mailboxTold(s event.MessageSummary) {
	a.voicemail = &Voicemail{New: s.New, Old: s.Old}
	if s.Waiting && s.New == 0 && s.Old == 0 { // some servers say no more than that there is something
		a.voicemail.New = 1
	}
	a.p.changed()
}
