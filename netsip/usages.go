package netsip

import "slices"

// usages are what keeps the dialog of a call alive beside its INVITE (RFC 5057 section 4): the subscriptions that
// REFERs have made in it, of ours and of the far end. Requests of a dialog find their call until all usages are over.
type usages struct {
	session   *Session
	over      bool        // the call and its BYE
	transfers []*Transfer // whose outcome is to be told yet
	referrals []*Referral // whose outcome we are to tell yet
}

func (u *usages) addTransfer(t *Transfer) { u.transfers = append(u.transfers, t) }
func (u *usages) addReferral(r *Referral) { u.referrals = append(u.referrals, r) }

// endTransfer ends the subscription of a transfer.
func (u *usages) endTransfer(t *Transfer) {
	u.transfers = slices.DeleteFunc(u.transfers, func(other *Transfer) bool { return other == t })
	u.release()
}

// endReferral ends the subscription of a referral.
func (u *usages) endReferral(r *Referral) {
	u.referrals = slices.DeleteFunc(u.referrals, func(other *Referral) bool { return other == r })
	u.release()
}

// endCall: the call and its BYE are over.
func (u *usages) endCall() {
	u.over = true
	u.release()
}

// release forgets the dialog, once no usage is left.
func (u *usages) release() {
	if u.over && len(u.transfers) == 0 && len(u.referrals) == 0 {
		u.session.ua.calls.exit(u.session.dialog, u.session)
	}
}

// sessionEnded tells transfers and referrals that the call is over.
func (u *usages) sessionEnded(by Party) {
	for _, t := range slices.Clone(u.transfers) {
		t.sessionEnded()
	}
	for _, r := range slices.Clone(u.referrals) {
		if by == Local {
			r.Decline()
		}
	}
}
