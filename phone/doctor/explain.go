package doctor

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"calla/netsip"
	"calla/netsip/config"
	"calla/netsip/ws"
)

// Subject is what an error is about.
type Subject struct {
	Address string    // of the account: alice@example.com
	Server  string    // WebSocket address, where the error names none
	At      time.Time // when it happened; zero = not shown
	Stopped bool      // nobody tries again by itself
}

// domain and user are the parts of the address.
func (s Subject) domain() string { return s.Address[strings.LastIndexByte(s.Address, '@')+1:] }
func (s Subject) user() string   { user, _, _ := strings.Cut(s.Address, "@"); return user }

// at is " at 14:52" where the time is known.
func (s Subject) at() string {
	if s.At.IsZero() {
		return ""
	}
	return " at " + s.At.Format("15:04")
}

// Explain turns an error of connecting or registering into words. err is not nil.
func Explain(err error, s Subject) Problem {
	p := explain(err, s)
	if p.Detail == "" {
		p.Detail = err.Error()
	}
	if s.Stopped && p.Action == ActionRetry { // nothing may be promised
		p.Do = "Try again. If it lasts, ask your provider."
	}
	if p.Parameter == "" && (p.Action == ActionEditAccount || p.Action == ActionEnterPassword) {
		p.Parameter = parameterOf(err, p.Action)
	}
	return p
}

// parameterOf is the parameter of config.Config that has to do with an error.
func parameterOf(err error, action Action) string {
	var dial *ws.DialError
	var status *netsip.StatusError
	var config *config.Error
	var proxy *ws.ProxyError
	var file *ws.FileError
	switch {
	case action == ActionEnterPassword:
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

// Cause words why the system could not do a thing, "" where nobody but a programmer can tell. No error's own text is
// in it: that is small print.
func Cause(err error) string {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, exec.ErrNotFound):
		return "There is no such program."
	case errors.Is(err, fs.ErrNotExist):
		return "It does not exist."
	case errors.Is(err, fs.ErrPermission):
		return "This user may not use it."
	case isErrno(err, syscall.ENOSPC, 112):
		return "The disk is full."
	case isErrno(err, syscall.EROFS, 19):
		return "The disk cannot be written to."
	case isErrno(err, syscall.EISDIR, 0):
		return "It is a folder."
	case isErrno(err, syscall.ENOTDIR, 267):
		return "Its folder is none."
	case isErrno(err, syscall.ECONNREFUSED, 10061):
		return "Nothing is listening there."
	case isErrno(err, syscall.ECONNRESET, 10054), isErrno(err, syscall.EPIPE, 10053), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "The other end cut the connection."
	case isErrno(err, syscall.EHOSTUNREACH, 10065), isErrno(err, syscall.ENETUNREACH, 10051):
		return "There is no way to it."
	case isTimeout(err):
		return "It does not answer."
	}
	var dns *net.DNSError
	var exit *exec.ExitError
	switch {
	case errors.As(err, &dns):
		return "Its name is not known."
	case errors.As(err, &exit) && exit.Exited():
		return fmt.Sprintf("It ended by itself, with the code %d.", exit.ExitCode())
	case errors.As(err, &exit):
		return "It was ended from outside."
	}
	return ""
}

func explain(err error, s Subject) Problem {
	var dial *ws.DialError
	var status *netsip.StatusError
	var timeout *netsip.TimeoutError
	var closed *ws.CloseError
	var config *config.Error
	var brief *netsip.BriefGrantError
	switch {
	case errors.Is(err, netsip.ErrNoPassword):
		return Problem{
			Title: "A password is needed for " + s.Address + ".", Why: "The server asks for one and none is stored.",
			Do: "Enter the password.", Short: "Password needed", Action: ActionEnterPassword,
		}
	case errors.As(err, &config):
		return Problem{
			Title: "The setting " + config.Parameter + " cannot be used: it " + config.Reason + ".",
			Do:    "Correct the account.", Short: "Wrong setting", Action: ActionEditAccount,
		}
	case errors.As(err, &dial):
		return explainDial(dial, s)
	case errors.As(err, &status):
		return explainStatus(status, s)
	case errors.As(err, &timeout):
		return Problem{
			Title:  fmt.Sprintf("Connected, but the server does not answer our registration (%s).", words(timeout.After)),
			Why:    "It may be overloaded, or expect another domain than " + s.domain() + ".",
			Do:     "We keep trying. If it lasts, check the address.",
			Short:  "No answer",
			Action: ActionRetry,
		}
	case errors.As(err, &closed):
		return explainClosed(closed)
	case errors.Is(err, netsip.ErrConnectionLost), errors.Is(err, netsip.ErrNotConnected):
		return Problem{
			Title: "The connection to the server was lost.", Do: "We connect again by ourselves.",
			Short: "Connection lost", Action: ActionRetry,
		}
	case errors.Is(err, netsip.ErrHeavierServer):
		return Problem{Title: "The server that is preferred can be reached again.", Short: "Preferred server is back"}
	case errors.As(err, &brief):
		return Problem{
			Title: "The server keeps the registration for only " + words(brief.Granted) + " at a time.",
			Why:   "It is renewed every 30 s, not more often, so calls may not reach you in between.",
			Do:    "Ask your provider to keep registrations for a minute or longer.", Short: "Kept too briefly", Action: ActionRetry,
		}
	case errors.Is(err, netsip.ErrNoBinding):
		return Problem{
			Title: "The server accepted the registration but did not keep it.",
			Why:   "Your provider may allow only so many phones at once.",
			Do:    "Unregister another phone, or ask your provider.", Short: "Not kept", Action: ActionRetry,
		}
	}
	return explainCredentials(err, s)
}

// explainCredentials words the refusals to authenticate that are ours.
func explainCredentials(err error, s Subject) Problem {
	switch {
	case errors.Is(err, netsip.ErrRefusedCredentials):
		return refusedCredentials(s)
	case errors.Is(err, netsip.ErrForeignRealm):
		return Problem{
			Title: "The server asked for the password of somebody else.", Why: "Your password was not sent: the question came in the name of another service than before.",
			Do: "Ask your provider whether the service has changed.", Short: "Untrusted server", Action: ActionEditAccount,
		}
	case errors.Is(err, netsip.ErrLongChallenge):
		return Problem{
			Title: "The server asks for the password in more words than Calla takes.", Why: "Calls would become too large to be sent. Your password was not sent.",
			Do: "Ask your provider.", Short: "Log-in too long", Action: ActionEditAccount,
		}
	case errors.Is(err, netsip.ErrWeakerDigest):
		return Problem{
			Title: "The server asks for the password in a weaker way than before.", Why: "Somebody may have come between. Your password was not sent.",
			Do: "Allow it only if your provider says that the service has changed.", Short: "Weaker log-in", Action: ActionAcceptLogin,
		}
	case errors.Is(err, netsip.ErrUnsupportedChallenge):
		return Problem{
			Title: "The server wants a kind of log-in that Calla does not have.", Why: "Calla speaks Digest with MD5, SHA-256 and SHA-512-256.",
			Do: "Ask your provider.", Short: "Unknown log-in", Action: ActionEditAccount,
		}
	}
	return Problem{
		Title: "The registration did not succeed.", Why: Cause(err),
		Do: "We keep trying.", Short: "Not registered", Action: ActionRetry,
	}
}

func refusedCredentials(s Subject) Problem {
	return Problem{
		Title:  "The server rejected the user name or password for " + s.Address + s.at() + ".",
		Why:    "We stopped trying, so that your account is not locked.",
		Do:     "Enter the password again.",
		Short:  "Wrong password",
		Action: ActionEnterPassword,
	}
}

func explainStatus(e *netsip.StatusError, s Subject) Problem {
	code := fmt.Sprintf("%d %s", e.StatusCode, e.Reason)
	if e.Err != nil && !errors.Is(e.Err, netsip.ErrRefusedCredentials) {
		p := explainCredentials(e.Err, s)
		p.Detail = e.Error()
		return p
	}
	switch c := e.StatusCode; {
	case c == 401 || c == 407 || c == 403:
		p := refusedCredentials(s)
		p.Detail = e.Error()
		return p
	case c == 404 || c == 604:
		return Problem{
			Title: s.domain() + " does not know the user " + s.user() + ".", Why: "The address may be misspelt, or the user has been removed.",
			Do: "Check the address.", Short: "Unknown user", Action: ActionEditAccount, Detail: e.Error(),
		}
	case c == 480 || c >= 500 && c < 600:
		p := Problem{
			Title: "The phone server has a problem of its own (" + code + ").", Do: "We try again by ourselves.",
			Short: "Server trouble", Action: ActionRetry, Detail: e.Error(),
		}
		if e.RetryAfter > 0 {
			p.Why = "It asks us to wait " + words(e.RetryAfter) + "."
		}
		return p
	case c >= 300 && c < 400:
		return Problem{
			Title: "The server sends us to another server (" + code + ").", Why: "Calla does not take your password to a server that you did not enter.",
			Do: "Ask your provider for the new WebSocket address.", Short: "Moved", Action: ActionEditAccount, Detail: e.Error(),
		}
	}
	return Problem{
		Title: "The server refused the registration (" + code + ").", Why: e.Warning,
		Do: "Check the account, or ask your provider.", Short: "Refused", Action: ActionEditAccount, Detail: e.Error(),
	}
}

func explainClosed(e *ws.CloseError) Problem {
	p := Problem{
		Title:  fmt.Sprintf("The connection was cut by the server or a proxy (code %d).", e.Code),
		Do:     "We connect again by ourselves.",
		Short:  "Connection cut",
		Action: ActionRetry,
	}
	switch e.Code {
	case 1001, 1012:
		p.Title, p.Short = "The server is being restarted.", "Server restarts"
	case 1006:
		p.Why = "Proxies do this after a time of silence, networks when they change."
	case 1008:
		p.Why = "The server says that a rule of its own was broken. It may allow only so many connections."
	case 1013:
		p.Why = "The server is overloaded."
	case 1015:
		p.Why = "The server's certificate is the likely reason."
	}
	if e.Reason != "" {
		p.Detail = fmt.Sprintf("WebSocket close %d %q", e.Code, e.Reason)
	}
	return p
}

// words tells a duration to people.
func words(d time.Duration) string {
	switch {
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < 2*time.Minute:
		return fmt.Sprintf("%d s", int(d.Round(time.Second)/time.Second))
	}
	return fmt.Sprintf("%d min", int(d.Round(time.Minute)/time.Minute))
}
