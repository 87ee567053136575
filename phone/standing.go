package phone

import (
	"errors"

	"calla/account"
	"calla/netsip"
	"calla/phone/cause"
	"calla/phone/doctor"
)

// status tells how an account stands from what its user agent says, and what is wrong; nil = nothing. address is the
// account's.
func status(s netsip.State, registers bool, address string) (RegistrationStatus, cause.Cause, *cause.Cause) {
	var problem *cause.Cause
	stopped := s.Flow == netsip.FlowConnected && s.Registration == netsip.RegistrationFailed && s.RetryAt.IsZero()
	if s.Err != nil {
		c := doctor.Explain(s.Err, doctor.Subject{Address: address, Server: s.Server, Stopped: stopped})
		problem = &c
	}
	failed := cause.Cause{Kind: cause.NotRegistered}
	if problem != nil {
		failed = *problem
	}
	standing := func(k cause.Kind) cause.Cause { return cause.Cause{Kind: k, Account: address} }
	switch {
	case s.Flow == netsip.FlowStopped:
		return StatusOff, standing(cause.Off), nil
	case errors.Is(s.Err, netsip.ErrNoPassword):
		return StatusNoPassword, *problem, problem
	case s.Flow == netsip.FlowWaiting:
		return StatusRetrying, failed, problem
	case s.Flow != netsip.FlowConnected:
		return StatusConnecting, standing(cause.Connecting), problem
	case !registers && s.Registration == netsip.Unregistered:
		return StatusConnected, standing(cause.Connected), nil
	}
	switch s.Registration {
	case netsip.Registered:
		return StatusRegistered, standing(cause.Registered), nil
	case netsip.RegistrationFailed:
		if s.RetryAt.IsZero() {
			return StatusFailed, failed, problem
		}
		return StatusRetrying, failed, problem
	case netsip.Unregistering:
		return StatusOff, standing(cause.SigningOff), nil
	}
	return StatusRegistering, standing(cause.Registering), problem
}

// serverCause tells how one server stands.
func serverCause(s netsip.ServerState, address string) cause.Cause {
	c := cause.Cause{Kind: cause.ServerStandby}
	switch s.Status {
	case netsip.ServerConnected:
		c.Kind, c.After = cause.ServerConnected, s.RTT
		return c
	case netsip.ServerFailed:
		c.Kind = cause.ServerFailed
	}
	if s.LastError != nil {
		because := doctor.Explain(s.LastError, doctor.Subject{Address: address, Server: s.URL})
		c.Because = &because
	}
	return c
}

// noSecret tells why the password of an account cannot be read from where it is kept.
func noSecret(err error, a account.Account) *cause.Cause {
	c := &cause.Cause{Account: a.Address(), Detail: err.Error(), Action: cause.ActionEnterPassword}
	gone := errors.Is(err, account.ErrNoSecret)
	switch {
	case a.SecretPlace == account.SecretSession:
		c.Kind = cause.PasswordForgotten
	case a.SecretPlace == account.SecretKeyring && gone:
		c.Kind = cause.PasswordLeftKeyring
	case gone:
		c.Kind = cause.PasswordLeftFile
	case errors.Is(err, account.ErrKeyringLocked):
		c.Kind = cause.KeyringLocked
	case errors.Is(err, account.ErrKeyringStuck):
		c.Kind = cause.KeyringSilent
	case errors.Is(err, account.ErrKeyringAbsent):
		c.Kind = cause.KeyringAbsent
	default:
		c.Kind = cause.PasswordUnreadable
		c.System, c.Exit = SystemOf(err)
	}
	return c
}

// copyLeft tells that a password which has another place now, or none, is still at its former one.
func copyLeft(address string, at account.SecretPlace, err error) cause.Cause {
	c := cause.Cause{Kind: cause.CopyLeftInKeyring, Account: address, Detail: err.Error()}
	if at == account.SecretFile {
		c.Kind = cause.CopyLeftInFile
	}
	c.System, c.Exit = SystemOf(err)
	return c
}

// SystemOf is cause.OfSystem, for what accounts and passwords are kept in too.
func SystemOf(err error) (why cause.System, exitCode int) {
	for _, known := range []struct {
		err error
		why cause.System
	}{
		{account.ErrSecretsDamaged, cause.SystemKeysDamaged},
		{account.ErrKeyringLocked, cause.SystemKeyLocked},
		{account.ErrKeyringStuck, cause.SystemKeyStuck},
		{account.ErrKeyringAbsent, cause.SystemKeyAbsent},
		{account.ErrTooLarge, cause.SystemKeyTooLarge},
		{account.ErrReadOnly, cause.SystemNothingKept},
		{account.ErrNotKept, cause.SystemKeyNotKept},
	} {
		if errors.Is(err, known.err) {
			return known.why, 0
		}
	}
	return cause.OfSystem(err)
}

// accountsReadOnly tells that accounts cannot be changed.
func accountsReadOnly(found account.Loaded, dir string) cause.Cause {
	c := cause.Cause{Kind: cause.AccountsReadOnly, Reason: found.ReadOnly, Folder: dir, Detail: found.ReadOnly}
	switch {
	case found.Newer:
		c.Kind = cause.AccountsNewer
	case found.Damaged != "":
		c.Kind = cause.AccountsDamaged
	}
	if found.CanStartEmpty {
		c.Action = cause.ActionStartEmpty
	}
	return c
}

// earlierAccounts tells that the account file was damaged and which version of it is used.
func earlierAccounts(found account.Loaded, dir string) cause.Cause {
	return cause.Cause{
		Kind: cause.AccountsEarlier, Reason: found.Damaged, File: found.MovedTo, Folder: dir, At: found.Saved,
		Detail: "read from " + found.FromFile,
	}
}
