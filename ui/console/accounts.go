package console

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"calla/account"
	"calla/account/jssip"
	"calla/netsip"
)

// maxConfig bounds what is read of a configuration file, in bytes.
const maxConfig = 1 << 20

// keyringTime bounds the keyring, which may ask its user.
const keyringTime = 60 * time.Second

// readInput reads a file, or standard input for "-".
func (s *session) readInput(name string) ([]byte, error) {
	in := s.Stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, invalid(err)
		}
		defer func() { _ = f.Close() }()
		in = f
	}
	data, err := io.ReadAll(io.LimitReader(in, maxConfig+1))
	if err != nil {
		return nil, invalid(fmt.Errorf("read %s: %w", name, err))
	}
	if len(data) > maxConfig {
		return nil, invalid(fmt.Errorf("read %s: is longer than 1 MiB", name))
	}
	return data, nil
}

// readPassword reads the first line of a file, or of standard input for "-".
func (s *session) readPassword(name string) (netsip.Secret, error) {
	data, err := s.readInput(name)
	if err != nil {
		return "", err
	}
	line, _, _ := strings.Cut(string(data), "\n")
	line = strings.TrimSuffix(line, "\r")
	if line == "" {
		return "", invalid(fmt.Errorf("password file %s: its first line is empty", name))
	}
	return netsip.Secret(line), nil
}

// accountFlags say which account a subcommand uses.
type accountFlags struct {
	Config       string `help:"Configuration written for JsSIP, JSON or JavaScript; - is standard input." placeholder:"FILE"`
	Agent        int    `help:"Which configuration, where --config has several: 1 is the first." placeholder:"N"`
	Account      string `help:"Stored account: its ID, label or address. Without this and --config: the first one." placeholder:"NAME"`
	PasswordFile string `help:"Read the password from the first line of a file; - is standard input." placeholder:"FILE"`
}

// load returns the account with its secrets.
func (f accountFlags) load(ctx context.Context, s *session) (account.Account, error) {
	var a account.Account
	var err error
	if f.Config != "" {
		a, err = s.importConfig(f.Config, f.Agent)
	} else {
		a, err = s.storedAccount(ctx, f.Account, f.PasswordFile == "")
	}
	if err != nil {
		return a, err
	}
	a.Enabled = true
	if err := s.givePassword(ctx, &a.Config, f.PasswordFile); err != nil {
		return a, err
	}
	if _, err := a.Config.Normalize(); err != nil {
		return a, invalid(fmt.Errorf("configuration: %w", err))
	}
	return a, nil
}

// importConfig makes an account of a configuration file; agent says which of several, from 1.
func (s *session) importConfig(name string, agent int) (account.Account, error) {
	data, err := s.readInput(name)
	if err != nil {
		return account.Account{}, err
	}
	in, err := jssip.Import(data, agent)
	var several *jssip.ChoiceError
	if errors.As(err, &several) {
		err = fmt.Errorf("%s: say it with --agent N", several.Reason())
	}
	if err != nil {
		return account.Account{}, invalid(fmt.Errorf("configuration %s: %w", name, err))
	}
	for _, f := range in.Ignored {
		s.errs.linef("calla: %s: %s: ignored: %s", name, f.Name, f.Reason)
	}
	s.tellToFill(name, in.ToFill)
	a, err := account.New(in.Config)
	if err != nil {
		return a, invalid(err)
	}
	return a, nil
}

// givePassword puts the password of a file into a configuration, or asks for it where there is none and
// somebody to ask.
func (s *session) givePassword(ctx context.Context, c *netsip.Config, file string) error {
	if file != "" {
		password, err := s.readPassword(file)
		c.Password = password
		return err
	}
	if c.Password != "" || !c.Register.Enabled() {
		return nil
	}
	password, err := askPassword(ctx, s.Stdin, s.errs, "Password of "+strings.TrimPrefix(c.URI, "sip:")+": ")
	if errors.Is(err, errNotTerminal) {
		return nil // the server may want none
	}
	c.Password = password
	return err
}

// readSecret reads one line, unless ctx ends before; the reading goroutine is left to the program's end then.
func readSecret(ctx context.Context, in io.Reader) (netsip.Secret, error) {
	var line string
	var err error
	read := make(chan struct{})
	go func() {
		defer close(read)
		line, err = bufio.NewReader(in).ReadString('\n')
	}()
	select {
	case <-read:
	case <-ctx.Done():
		return "", fail(ExitInterrupted, errors.New("interrupted"))
	}
	if err != nil {
		return "", invalid(fmt.Errorf("ask for password: %w", err))
	}
	return netsip.Secret(strings.TrimRight(line, "\r\n")), nil
}

// storedAccount finds an account of the profile: by ID, label or address, or the first for "".
func (s *session) storedAccount(ctx context.Context, name string, secret bool) (account.Account, error) {
	store, _, keeper, err := s.openProfile()
	if err != nil {
		return account.Account{}, err
	}
	defer func() { _ = store.Close() }()
	accounts := store.Accounts()
	i := slices.IndexFunc(accounts, func(a account.Account) bool {
		return name == "" && a.Enabled || a.ID == name || a.Label == name || strings.EqualFold(a.Address(), strings.TrimPrefix(name, "sip:"))
	})
	switch {
	case i < 0 && name == "":
		return account.Account{}, invalid(errors.New("no account is stored: give --config FILE, or add one with calla account add"))
	case i < 0:
		return account.Account{}, invalid(fmt.Errorf("account %q: is not stored", name))
	case !secret:
		return accounts[i], nil
	}
	ctx, cancel := context.WithTimeout(ctx, keyringTime)
	defer cancel()
	a, err := keeper.Join(ctx, accounts[i])
	if err != nil && !errors.Is(err, account.ErrNoSecret) {
		s.errs.fail(err)
	}
	return a, nil
}

// accountCmd works on stored accounts.
type accountCmd struct {
	Add    accountAddCmd    `cmd:"" help:"Store an account."`
	List   accountListCmd   `cmd:"" help:"List the stored accounts."`
	Remove accountRemoveCmd `cmd:"" help:"Remove a stored account and its password."`
}

type accountAddCmd struct {
	Config       string `required:"" help:"Configuration written for JsSIP, JSON or JavaScript; - is standard input." placeholder:"FILE"`
	Agent        int    `help:"Which configuration, where --config has several: 1 is the first." placeholder:"N"`
	PasswordFile string `help:"Read the password from the first line of a file; - is standard input." placeholder:"FILE"`
	Label        string `help:"What to call the account." placeholder:"TEXT"`
	Secret       string `help:"Where to keep the password: ${enum}. session keeps it nowhere: it will be asked for." enum:"keyring,session,file" default:"keyring" placeholder:"PLACE"`
	JSON         bool   `help:"Print JSON." name:"json"`
}

// Run stores the account.
func (c *accountAddCmd) Run(ctx context.Context, s *session) error {
	if c.Config == "-" && c.PasswordFile == "-" {
		return fail(ExitUsage, errors.New("--config and --password-file cannot both be standard input"))
	}
	a, err := s.importConfig(c.Config, c.Agent)
	if err != nil {
		return err
	}
	a.Label = c.Label
	if err := s.givePassword(ctx, &a.Config, c.PasswordFile); err != nil {
		return err
	}
	if _, err := a.Config.Normalize(); err != nil {
		return invalid(fmt.Errorf("configuration: %w", err))
	}
	store, _, keeper, err := s.openProfile()
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }()
	ctx, cancel := context.WithTimeout(ctx, keyringTime)
	defer cancel()
	if a, err = keeper.Keep(ctx, a, account.SecretPlace(c.Secret)); err != nil {
		if c.Secret == string(account.SecretKeyring) {
			err = fmt.Errorf("%w (choose another place with --secret file or --secret session)", err)
		}
		return invalid(err)
	}
	if err := store.Save(append(store.Accounts(), a)); err != nil {
		return invalid(err)
	}
	out := &printer{json: c.JSON, out: s.out}
	out.plain(object{{"id", a.ID}, {"secret", string(a.SecretPlace)}}, fmt.Sprintf("Added %s (%s)", a.Name(), a.ID))
	return nil
}

type accountListCmd struct {
	JSON bool `help:"Print one JSON object a line." name:"json"`
}

// Run lists the accounts.
func (c *accountListCmd) Run(s *session) error {
	store, found, _, err := s.openProfile()
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }()
	if found.Damaged != "" {
		s.errs.line("calla:", found.Damaged)
	}
	out := &printer{json: c.JSON, out: s.out}
	for _, a := range store.Accounts() {
		place := string(a.SecretPlace)
		state := ""
		if !a.Enabled {
			state = "  off"
		}
		out.plain(object{
			{"id", a.ID}, {"label", a.Label}, {"address", a.Address()}, {"enabled", a.Enabled}, {"secret", place},
		}, fmt.Sprintf("%s  %s  %s%s", a.ID, a.Address(), a.Label, state))
	}
	return nil
}

type accountRemoveCmd struct {
	Name string `arg:"" help:"ID, label or address of the account."`
	JSON bool   `help:"Print JSON." name:"json"`
}

// Run removes the account.
func (c *accountRemoveCmd) Run(ctx context.Context, s *session) error {
	a, err := s.storedAccount(ctx, c.Name, false)
	if err != nil {
		return err
	}
	store, _, keeper, err := s.openProfile()
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }()
	left := slices.DeleteFunc(store.Accounts(), func(b account.Account) bool { return b.ID == a.ID })
	if err := store.Save(left); err != nil {
		return invalid(err)
	}
	ctx, cancel := context.WithTimeout(ctx, keyringTime)
	defer cancel()
	if err := keeper.Forget(ctx, a); err != nil {
		return invalid(err)
	}
	out := &printer{json: c.JSON, out: s.out}
	out.plain(object{{"removed", a.ID}}, "Removed "+a.Name())
	return nil
}
