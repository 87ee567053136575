// Package console is Calla without a display: the subcommands that engineers and scripts use, and a
// text phone. It runs the same engine as the window and reads the same State.
//
// Every subcommand ends with one of the Exit codes. With --json, events and the result are JSON objects,
// one a line, on standard output, each with a member "event"; the last one is "result". Without it the
// same is told in words. Passwords come from a file, a prompt, the keyring or the configuration itself,
// never from the command line, which other users of the machine can read.
package console

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"time"

	"calla/account"
	"calla/audio"
	"calla/netsip"
	"calla/phone"
	"calla/phone/autostart"
	"calla/phone/cause"
	"calla/phone/instance"
	"calla/phone/links"
	"calla/phone/system"
	"calla/phone/words"
)

// Exit codes of the program.
const (
	ExitOK          = 0
	ExitInvalid     = 1 // a configuration, account or file that cannot be used
	ExitUsage       = 2 // a command line that cannot be understood
	ExitConnect     = 3 // no connection to a server
	ExitRefused     = 4 // the server refused the registration
	ExitCall        = 5 // the call, transfer, message or request did not come about: busy, declined, not found, …
	ExitMedia       = 6 // the call was answered, but nothing was heard
	ExitInterrupted = 7 // ended by a signal before it had succeeded
)

// Program is what main hands over: the world that the subcommands live in.
type Program struct {
	Version string
	Started time.Time // when the process started
	Args    []string  // without the program's name
	Stdin   io.Reader
	Stdout  io.Writer
	Stderr  io.Writer

	// Codecs and Host open codecs and sound hardware; they are called when needed.
	Codecs func(*slog.Logger) []audio.Codec
	Host   func(*slog.Logger) (audio.Host, error)
	// Window opens the window over a running phone and returns when it is closed; nil in a program
	// without one. It returns a NoWindow where none can be opened.
	Window func(p *phone.Phone, w Window) error
}

// Window is how the window is to be opened.
type Window struct {
	Version string
	Started time.Time
	Logger  *slog.Logger
	Dial    string            // put into the number field
	Page    string            // page that is open first, "" for the usual one
	Links   links.Program     // this program, as it opens links
	Starts  autostart.Program // this program, as it is started at log-in
	Hidden  bool              // without showing the window
	Context context.Context   // ends when the program is told to end
	// Handed is to be called once, when the window is there, with how it comes to the front and shows what a second
	// start of the program was given: a text for the number field, "" for none, and the desktop's activation token.
	// show is called on any goroutine and returns when it is shown.
	Handed func(show func(dial, token string))
	Lost   func() // to be called, on any goroutine, when the display has gone for good: it ends the program
}

// NoWindow is returned by Program.Window where no window can be opened, and says why.
type NoWindow struct{ Why cause.Cause }

func (n NoWindow) Error() string { return "open a window: " + string(n.Why.Kind) }

// failure is an error with the exit code it calls for.
type failure struct {
	code int
	err  error
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

// ExitCode implements kong.ExitCoder.
func (f *failure) ExitCode() int { return f.code }

func fail(code int, err error) error { return &failure{code, err} }

// invalid is a failure for what the user gave and cannot be used.
func invalid(err error) error { return fail(ExitInvalid, err) }

// Run runs the program and returns its exit code.
func (p Program) Run() (code int) {
	ctx, tell := untilTold()
	defer tell()
	s := &session{Program: p, out: newTerminal(p.Stdout), errs: newTerminal(p.Stderr), cli: new(cli)}
	s.out.gone = tell // who read what was said
	asked := p.Args
	if len(asked) == 0 {
		asked = []string{"window"}
	}
	parser, err := newParser(ctx, s, asked...)
	if err != nil {
		s.errs.fail(err)
		return ExitUsage
	}
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(exited)
			if !ok {
				panic(r)
			}
			code = e.code
		}
	}()
	command, err := parser.Parse(p.Args)
	if err != nil {
		s.errs.fail(err)
		s.errs.line("Try: calla --help")
		return ExitUsage
	}
	s.log, s.wire = s.logger(), s.newWiretap()
	err = command.Run(s)
	s.wire.close()
	if s.cli.Ladder {
		s.errs.lines(s.wire.ladderLines(false))
	}
	var told *toldError
	var failed *failure
	switch {
	case err == nil:
		return ExitOK
	case errors.As(err, &told):
		return told.code
	case errors.As(err, &failed):
		code = failed.code
	default:
		code = ExitInvalid
	}
	s.errs.fail(err)
	return code
}

// toldError is a failure that has been told already, as the result.
type toldError struct{ code int }

func (e *toldError) Error() string { return fmt.Sprintf("exit code %d", e.code) }

// session is one run of a subcommand.
type session struct {
	Program
	out  *terminal // to standard output
	errs *terminal // to standard error
	cli  *cli
	log  *slog.Logger
	wire *wiretap
}

func (s *session) logger() *slog.Logger {
	var level slog.Level
	switch s.cli.Log {
	case "error":
		level = slog.LevelError
	case "warn":
		level = slog.LevelWarn
	case "info":
		level = slog.LevelInfo
	case "debug":
		level = slog.LevelDebug
	default: // what an account's trace_sip asks for is logged whatever the level
		level = netsip.LevelTrace
	}
	named := func(_ []string, a slog.Attr) slog.Attr {
		if l, is := a.Value.Any().(slog.Level); is && a.Key == slog.LevelKey && l == netsip.LevelTrace {
			a.Value = slog.StringValue("TRACE")
		}
		return a
	}
	return slog.New(slog.NewTextHandler(s.errs, &slog.HandlerOptions{Level: level, ReplaceAttr: named}))
}

// sinceStart is how long the process has been running, in milliseconds.
func (s *session) sinceStart() float64 { return milliseconds(time.Since(s.Started)) }

// milliseconds tells a duration to a hundredth of a millisecond.
func milliseconds(d time.Duration) float64 {
	return float64(d.Round(10*time.Microsecond)) / float64(time.Millisecond)
}

// options are what every phone of the console is made of.
func (s *session) options() phone.Options {
	codecs := s.Codecs(s.log)
	return phone.Options{
		Codecs: codecs, Version: s.Version, Logger: s.log, Changes: system.Changes, Trace: s.wire.trace,
		Sandbox: func() (phone.Sandbox, error) { return startSandbox(codecs, s.log) },
	}
}

// openProfile opens the stored accounts. Another that has the profile is waited for.
func (s *session) openProfile(patience time.Duration) (*account.Store, account.Loaded, *account.Keeper, error) {
	dir, err := account.Dir(s.cli.Profile)
	if err != nil {
		return nil, account.Loaded{}, nil, invalid(err)
	}
	for began := time.Now(); ; time.Sleep(askPause) {
		store, found, err := account.Open(dir)
		switch {
		case err == nil:
			return store, found, account.OpenKeeper(dir), nil
		case !errors.Is(err, account.ErrInUse) || time.Since(began) >= patience:
			return nil, found, nil, invalid(fmt.Errorf("open profile %s: %w", dir, err))
		}
	}
}

// openPhone starts a phone on a profile's accounts. closed closes both.
func (s *session) openPhone(from *profile, host audio.Host) (p *phone.Phone, closed func(), err error) {
	o := s.options()
	o.Store, o.Loaded, o.Keeper, o.Host = from.store, from.found, from.keeper, host
	o.Journal = from.store.Dir()
	p, err = phone.New(o)
	if err != nil {
		_ = from.store.Close()
		return nil, nil, err
	}
	return p, func() {
		p.Close()
		if err := from.store.Close(); err != nil {
			s.log.Warn("profile not closed", "error", err)
		}
	}, nil
}

// windowCmd opens the window.
type windowCmd struct {
	Dial   string `arg:"" optional:"" help:"${dial}"`
	Page   string `hidden:"" help:"Page to open with."`
	Hidden bool   `help:"Start without showing the window: as an icon in the tray; where there is no tray, minimised."`
}

// Run opens the window, or the console where there is none. Where a Calla has the profile already, that one shows what
// this one was given.
func (c *windowCmd) Run(ctx context.Context, s *session) error {
	from, err := s.claim(ctx, instance.Request{Dial: c.Dial, Token: activation(), Hidden: c.Hidden})
	if err != nil || from == nil {
		return err
	}
	front := newFront()
	deaf := s.hear(from.dir, front)
	defer deaf()
	host, err := s.Host(s.log)
	if err != nil {
		s.log.Warn("no sound system", "error", err)
	}
	p, closed, err := s.openPhone(from, host)
	if err != nil {
		return err
	}
	end := sync.OnceFunc(closed)
	defer end()
	cancel := p.Subscribe(s.logRegistered())
	defer cancel()
	if s.Window == nil {
		front.close(noWindow)
		s.errs.line("This Calla has no window. Here is the console.")
		return s.interact(ctx, p)
	}
	opener, err := s.opensLinks()
	if err != nil {
		return err
	}
	returned := make(chan struct{})
	defer context.AfterFunc(ctx, func() { s.endWithout(end, returned) })()
	err = s.Window(p, Window{
		Version: s.Version, Started: s.Started, Logger: s.log, Dial: c.Dial, Page: c.Page, Context: ctx,
		Handed: front.open, Links: opener, Starts: autostart.Program(opener), Hidden: c.Hidden,
		Lost: func() {
			s.log.Warn("the display is gone: ending")
			s.endWithout(end, returned)
		},
	})
	close(returned)
	if no, is := errors.AsType[NoWindow](err); is {
		front.close(noWindow)
		s.errs.line(words.English().Tell(no.Why).Line() + " Here is the console.")
		return s.interact(ctx, p)
	}
	return err
}

// logRegistered logs once how long after the start of the process the phone was registered.
func (s *session) logRegistered() func(phone.State) {
	told := false
	return func(state phone.State) {
		for _, a := range state.Accounts {
			if !told && a.Status == phone.StatusRegistered {
				told = true
				s.log.Info("registered", "ms_after_start", s.sinceStart())
			}
		}
	}
}

// versionCmd shows the version.
type versionCmd struct{}

// Run shows the version.
func (versionCmd) Run(s *session) error {
	s.out.line("Calla", strings.TrimSpace(s.Version))
	return nil
}
