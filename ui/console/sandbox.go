package console

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"calla/account"
	"calla/audio"
	"calla/netsip/config"
	"calla/netsip/sandbox"
	"calla/phone"
	"calla/phone/robots"
)

// sandboxUser is the phone's own user at the built-in server.
const sandboxUser = "you"

// rig is a sandbox with its robots.
type rig struct {
	server    *sandbox.Server
	robots    *robots.Robots
	passwords map[string]string // of the users that are not robots
}

// startRig starts a sandbox on addr with the robots and these users, whose passwords are drawn at random.
func startRig(ctx context.Context, addr string, users []string, anyOrigin bool, codecs []audio.Codec,
	log *slog.Logger,
) (*rig, error) {
	r := &rig{passwords: map[string]string{}}
	all := map[string]string{}
	for _, name := range slices.Concat(robots.Names(), users) {
		all[name] = rand.Text()
	}
	for _, name := range users {
		r.passwords[name] = all[name]
	}
	r.server = sandbox.New(sandbox.Options{Users: all, AnyOrigin: anyOrigin, Logger: log})
	if _, err := r.server.Listen(addr); err != nil {
		r.server.Close()
		return nil, err
	}
	var err error
	r.robots, err = robots.Start(robots.Options{
		Account: func(name string) config.Config { return r.account(name, all[name]) },
		Dial:    r.server.Dial, Codecs: codecs, Formats: phone.Codecs(codecs), Logger: log,
	})
	if err == nil {
		err = r.robots.Ready(ctx)
	}
	if err != nil {
		r.close()
		return nil, fmt.Errorf("start sandbox: %w", err)
	}
	return r, nil
}

// account is the configuration of a user of the sandbox.
func (r *rig) account(name, password string) config.Config {
	return config.Config{
		URI: "sip:" + name + "@" + r.server.Domain(), Password: config.Secret(password),
		WSServers: []config.Server{{WSURI: r.server.URL()}}, StunServers: []string{},
	}
}

func (r *rig) close() {
	if r.robots != nil {
		r.robots.Close()
	}
	r.server.Close()
}

// startSandbox is the built-in server of "Try it now".
func startSandbox(codecs []audio.Codec, log *slog.Logger) (phone.Sandbox, error) {
	r, err := startRig(context.Background(), "127.0.0.1:0", []string{sandboxUser}, false, codecs, log)
	if err != nil {
		return phone.Sandbox{}, err
	}
	config := r.account(sandboxUser, r.passwords[sandboxUser])
	config.DisplayName = "You"
	a, err := account.New(config)
	if err != nil {
		r.close()
		return phone.Sandbox{}, err
	}
	a.Label = "Try-out server"
	there := phone.Sandbox{Account: a, Close: r.close}
	for _, robot := range robots.All() {
		there.Robots = append(there.Robots, phone.Robot(robot))
	}
	return there, nil
}

// sandboxCmd runs a server for others.
type sandboxCmd struct {
	Listen    string   `help:"Address to listen on." default:"127.0.0.1:5066" placeholder:"ADDR"`
	User      []string `help:"${sandbox_user}" default:"you,alice,bob" placeholder:"NAME"`
	AnyOrigin bool     `help:"Let web pages of any origin connect."`
	Fault     []string `help:"${sandbox_fault}" placeholder:"NAME"`
	JSON      bool     `help:"Print JSON lines." name:"json"`
}

// Run runs the server until it is interrupted.
func (c *sandboxCmd) Run(ctx context.Context, s *session) error {
	for _, name := range c.User {
		if slices.Contains(robots.Names(), name) || strings.ContainsAny(name, "@ \t\r\n<>\"") || name == "" {
			return fail(ExitUsage, fmt.Errorf("user %q: is a robot's name or none for a user", name))
		}
	}
	if slices.Contains(c.Fault, "list") {
		for _, script := range sandbox.Scripts() {
			s.out.linef("%-12s %s", script.Name, script.Help)
		}
		return nil
	}
	r, err := startRig(ctx, c.Listen, c.User, c.AnyOrigin, s.Codecs(s.log), s.log)
	if err != nil {
		return invalid(err)
	}
	defer r.close()
	for _, name := range c.Fault {
		if err := r.server.RunScript(name); err != nil {
			return fail(ExitUsage, err)
		}
	}
	out := &printer{json: c.JSON, out: s.out}
	users, words := []object{}, []string{"Server  " + r.server.URL()}
	for _, name := range c.User {
		address := name + "@" + r.server.Domain()
		users = append(users, object{{"name", name}, {"uri", "sip:" + address}, {"password", r.passwords[name]}})
		words = append(words, fmt.Sprintf("User    %s  password %s", address, r.passwords[name]))
	}
	words = append(words, "Robots  "+strings.Join(robots.Names(), " "))
	if c.JSON {
		out.event("listening", s.sinceStart(), "", "url", r.server.URL(), "domain", r.server.Domain(), "users", users,
			"robots", robots.Names())
	} else {
		out.result(nil, words)
	}
	<-ctx.Done()
	return nil
}
