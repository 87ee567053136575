package doctor

import (
	"errors"
	"fmt"
	"time"

	"calla/netsip"
	"calla/netsip/config"
	"calla/netsip/ws"
	"calla/phone/cause"
)

// Subject is what an error is about.
type Subject struct {
	Address string    // of the account: alice@example.com
	Server  string    // WebSocket address, where the error names none
	At      time.Time // when it happened; zero = not shown
	Stopped bool      // nobody tries again by itself
}

// Explain finds the cause of an error of connecting or registering. err is not nil.
func Explain(err error, s Subject) cause.Cause {
	c := explain(err, s)
	c.Stopped = s.Stopped
	if c.Detail == "" {
		c.Detail = err.Error()
	}
	if c.Parameter == "" && (c.Action == cause.ActionEditAccount || c.Action == cause.ActionEnterPassword) {
		c.Parameter = parameterOf(err, c.Action)
	}
	return c
}

// parameterOf is the parameter of config.Config that has to do with an error.
func parameterOf(err error, action cause.Action) string {
	var dial *ws.DialError
	var status *netsip.StatusError
	var config *config.Error
	var proxy *ws.ProxyError
	var file *ws.FileError
	switch {
	case action == cause.ActionEnterPassword:
		return "password"
	case errors.As(err, &config):
		return config.Parameter
	case errors.As(err, &file):
		return file.Parameter
	case errors.As(err, &proxy):
		return "calla.proxy"
	case errors.As(err, &dial):
		return "ws_servers"
	case errors.As(err, &status) && status.StatusCode >= 300 && status.StatusCode < 400:
		return "ws_servers"
	case errors.As(err, &status) && status.Err == nil:
		return "uri"
	}
	return "password"
}

func explain(err error, s Subject) cause.Cause {
	var dial *ws.DialError
	var status *netsip.StatusError
	var timeout *netsip.TimeoutError
	var closed *ws.CloseError
	var config *config.Error
	var brief *netsip.BriefGrantError
	switch {
	case errors.Is(err, netsip.ErrNoPassword):
		return cause.Cause{Kind: cause.PasswordNeeded, Account: s.Address, Action: cause.ActionEnterPassword}
	case errors.As(err, &config):
		return cause.Cause{
			Kind: cause.WrongSetting, Account: s.Address, Parameter: config.Parameter, Reason: config.Reason,
			Action: cause.ActionEditAccount,
		}
	case errors.As(err, &dial):
		return explainDial(dial, s)
	case errors.As(err, &status):
		return explainStatus(status, s)
	case errors.As(err, &timeout):
		return cause.Cause{
			Kind: cause.RegisterNoAnswer, Account: s.Address, After: timeout.After,
			Action: cause.ActionRetry,
		}
	case errors.As(err, &closed):
		return explainClosed(closed)
	case errors.Is(err, netsip.ErrConnectionLost), errors.Is(err, netsip.ErrNotConnected):
		return cause.Cause{Kind: cause.ConnectionLost, Action: cause.ActionRetry}
	case errors.Is(err, netsip.ErrHeavierServer):
		return cause.Cause{Kind: cause.PreferredServerBack}
	case errors.As(err, &brief):
		return cause.Cause{Kind: cause.RegistrationTooBrief, After: brief.Granted, Action: cause.ActionRetry}
	case errors.Is(err, netsip.ErrNoBinding):
		return cause.Cause{Kind: cause.RegistrationNotKept, Action: cause.ActionRetry}
	}
	return explainCredentials(err, s)
}

// explainCredentials finds the refusals to authenticate that are ours.
func explainCredentials(err error, s Subject) cause.Cause {
	switch {
	case errors.Is(err, netsip.ErrRefusedCredentials):
		return refusedCredentials(s)
	case errors.Is(err, netsip.ErrForeignRealm):
		return cause.Cause{Kind: cause.ForeignRealm, Action: cause.ActionEditAccount}
	case errors.Is(err, netsip.ErrLongChallenge):
		return cause.Cause{Kind: cause.ChallengeTooLong, Action: cause.ActionEditAccount}
	case errors.Is(err, netsip.ErrWeakerDigest):
		return cause.Cause{Kind: cause.WeakerLogin, Action: cause.ActionAcceptLogin}
	case errors.Is(err, netsip.ErrUnsupportedChallenge):
		return cause.Cause{Kind: cause.UnknownLogin, Action: cause.ActionEditAccount}
	}
	return cause.Cause{Kind: cause.NotRegistered, Action: cause.ActionRetry}.BySystem(err)
}

func refusedCredentials(s Subject) cause.Cause {
	return cause.Cause{Kind: cause.WrongPassword, Account: s.Address, At: s.At, Action: cause.ActionEnterPassword}
}

func explainStatus(e *netsip.StatusError, s Subject) cause.Cause {
	c := cause.Cause{Action: cause.ActionEditAccount}
	switch code := e.StatusCode; {
	case e.Err != nil && !errors.Is(e.Err, netsip.ErrRefusedCredentials):
		c = explainCredentials(e.Err, s)
	case code == 401 || code == 407 || code == 403:
		c = refusedCredentials(s)
	case code == 404 || code == 604:
		c.Kind = cause.UnknownUser
	case code == 480 || code >= 500 && code < 600:
		c.Kind, c.Action, c.After = cause.ServerTrouble, cause.ActionRetry, max(e.RetryAfter, 0)
	case code >= 300 && code < 400:
		c.Kind = cause.ServerMoved
	default:
		c.Kind, c.Text = cause.RegistrationRefused, e.Warning
	}
	c.Account, c.Status, c.Phrase, c.Detail = s.Address, e.StatusCode, e.Reason, e.Error()
	return c
}

func explainClosed(e *ws.CloseError) cause.Cause {
	c := cause.Cause{Kind: cause.ConnectionCut, Code: e.Code, Phrase: e.Reason, Action: cause.ActionRetry}
	if e.Reason != "" {
		c.Detail = fmt.Sprintf("WebSocket close %d %q", e.Code, e.Reason)
	}
	return c
}
