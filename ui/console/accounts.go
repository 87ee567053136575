package console

import (
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
	"calla/netsip/config"
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
func (s *session) readPassword(name string) (config.Secret, error) {
	data, err := s.readInput(name)
	if err != nil {
		return "", err
	}
	line, _, _ := strings.Cut(string(data), "\n")
	line = strings.TrimSuffix(line, "\r")
	if line == "" {
		return "", invalid(fmt.Errorf("password file %s: its first line is empty", name))
	}
	return config.Secret(line), nil
}

// accountFlags say which account a subcommand uses.
type accountFlags struct {
	Config       string `help:"${config}" placeholder:"FILE"`
	Agent        int    `help:"Which configuration, where --config has several: 1 is the first." placeholder:"N"`
	Account      string `help:"${account}" placeholder:"NAME"`
	PasswordFile string `help:"${password_file}" placeholder:"FILE"`
	TrustConfig  bool   `help:"${trust_config}"`
}

// load returns the account with its secrets.
func (f accountFlags) load(ctx context.Context, s *session) (account.Account, error) {
	var a account.Account
	var err error
	if f.Config != "" {
		a, err = s.importConfig(f.Config, f.Agent, f.TrustConfig)
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

// importConfig makes an account of a configuration file; agent says which of several, from 1. What the configuration
// wants of this computer is left out, and told, unless it is trusted.
func (s *session) importConfig(name string, agent int, trusted bool) (account.Account, error) {
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
	config := in.Config
	if !trusted {
		var left []account.LocalSetting
		config, left = account.WithoutLocalSettings(config)
		for _, l := range left {
			s.errs.linef("calla: %s: %s: left out: it %s on this computer: %s (--trust-config lets it)", name, l.Name,
				l.Does, l.Value)
		}
	}
	a, err := account.New(config)
	if err != nil {
		return a, invalid(err)
	}
	return a, nil
}

// givePassword puts the password of a file into a configuration, or asks for it where there is none and
// somebody to ask.
func (s *session) givePassword(ctx context.Context, c *config.Config, file string) error {
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

// readProfile reads the stored accounts, while the phone may run, and tells what is wrong with their file.
func (s *session) readProfile() ([]account.Account, *account.Keeper, account.Loaded, error) {
	dir, err := account.Dir(s.cli.Profile)
	if err != nil {
		return nil, nil, account.Loaded{}, invalid(err)
	}
	accounts, found := account.Read(dir)
	for _, wrong := range append([]string{found.Damaged, found.ReadOnly}, found.Problems...) {
		if wrong != "" {
			s.errs.linef("calla: in %s: %s", dir, wrong)
		}
	}
	if found.Damaged != "" && found.FromFile != "" {
		s.errs.linef("calla: an earlier version is read in its place: %s", found.FromFile)
	}
	return accounts, account.OpenKeeper(dir), found, nil
}

// storedAccount finds an account of the profile: by ID, label or address, or the first for "".
func (s *session) storedAccount(ctx context.Context, name string, secret bool) (account.Account, error) {
	accounts, keeper, _, err := s.readProfile()
	if err != nil {
		return account.Account{}, err
	}
	i := slices.IndexFunc(accounts, func(a account.Account) bool {
		return name == "" && a.Enabled || a.ID == name || a.Label == name ||
			strings.EqualFold(a.Address(), strings.TrimPrefix(name, "sip:"))
	})
	switch {
	case i < 0 && name == "":
		return account.Account{}, invalid(errors.New("no account is stored: give --config FILE, or add one with " +
			"calla account add"))
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

type accountAddCmd struct {
	Config       string `required:"" help:"${config}" placeholder:"FILE"`
	Agent        int    `help:"Which configuration, where --config has several: 1 is the first." placeholder:"N"`
	PasswordFile string `help:"${password_file}" placeholder:"FILE"`
	TrustConfig  bool   `help:"${trust_config}"`
	Label        string `help:"What to call the account." placeholder:"TEXT"`
	Secret       string `help:"${secret}: ${enum}. ${session}" enum:"${places}" default:"keyring" placeholder:"PLACE"`
	JSON         bool   `help:"Print JSON." name:"json"`
}

// Run stores the account.
func (c *accountAddCmd) Run(ctx context.Context, s *session) error {
	if c.Config == "-" && c.PasswordFile == "-" {
		return fail(ExitUsage, errors.New("--config and --password-file cannot both be standard input"))
	}
	a, err := s.importConfig(c.Config, c.Agent, c.TrustConfig)
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
	store, _, keeper, err := s.openProfile(ownTime)
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }()
	if err := store.ReadOnly(); err != nil {
		return invalid(fmt.Errorf("accounts cannot be saved: %w", err))
	}
	ctx, cancel := context.WithTimeout(ctx, keyringTime)
	defer cancel()
	if a, err = keeper.Keep(ctx, a, account.SecretPlace(c.Secret)); err != nil {
		if c.Secret == string(account.SecretKeyring) {
			err = fmt.Errorf("%w (choose another place with --secret file or --secret session)", err)
		}
		return invalid(err)
	}
	if err := store.Save(append(store.Accounts(), a)); err != nil {
		return invalid(errors.Join(err, keeper.Forget(ctx, a)))
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
	accounts, _, found, err := s.readProfile()
	if err != nil {
		return err
	}
	out := &printer{json: c.JSON, out: s.out}
	for _, a := range accounts {
		place := string(a.SecretPlace)
		state := ""
		if !a.Enabled {
			state = "  off"
		}
		out.plain(object{
			{"id", a.ID}, {"label", a.Label}, {"address", a.Address()}, {"enabled", a.Enabled}, {"secret", place},
		}, fmt.Sprintf("%s  %s  %s%s", a.ID, a.Address(), a.Label, state))
	}
	if found.Damaged != "" || found.Unreadable > 0 {
		return &toldError{ExitInvalid}
	}
	return nil
}

// exportForms are the forms of export, as they are named on the command line.
func exportForms() map[string]jssip.Format {
	return map[string]jssip.Format{
		"json": jssip.FormatJSON, "jssip-0.4": jssip.FormatJsSIP04, "jssip-3": jssip.FormatJsSIP3,
		"jssip-3-json": jssip.FormatJsSIP3JSON,
	}
}

type accountExportCmd struct {
	Name           string `arg:"" optional:"" help:"ID, label or address of the account; the first one without."`
	Form           string `help:"Form: ${enum}." enum:"json,jssip-0.4,jssip-3,jssip-3-json" default:"json"`
	WithPasswords  bool   `help:"Include passwords and credentials, readable by whoever gets the text."`
	WithInstanceID bool   `name:"with-instance-id" help:"${with_instance_id}"`
}

// Run writes the account's configuration to standard output.
func (c *accountExportCmd) Run(ctx context.Context, s *session) error {
	a, err := s.storedAccount(ctx, c.Name, false)
	if err != nil {
		return err
	}
	if c.WithPasswords && a.SecretPlace != account.SecretNone {
		dir, err := account.Dir(s.cli.Profile)
		if err != nil {
			return invalid(err)
		}
		ctx, cancel := context.WithTimeout(ctx, keyringTime)
		defer cancel()
		if a, err = account.OpenKeeper(dir).Join(ctx, a); err != nil {
			return invalid(err)
		}
	}
	text, err := jssip.Export(a.Config, exportForms()[c.Form],
		jssip.With{Secrets: c.WithPasswords, InstanceID: c.WithInstanceID})
	if err != nil {
		return invalid(err)
	}
	s.out.lines(linesOf(strings.TrimSuffix(text, "\n")))
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
	store, _, keeper, err := s.openProfile(ownTime)
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
