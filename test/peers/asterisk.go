package peers

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// Asterisk is a PBX with SIP over WebSocket and WebRTC (chan_pjsip, webrtc=yes): it ends the calls of its users, and
// their media. Each user of Domain has an extension by that name and the password Password.
type Asterisk struct {
	*Process
	URL      string // ws://HOST:PORT/ws
	Domain   string
	Password string
	Version  string
	program  string
	dir      string
	users    []string
}

// AsteriskFolder names, in the environment, the folder that an Asterisk was installed in: Debian 12 has none.
const AsteriskFolder = "CALLA_ASTERISK"

// StartAsteriskAt runs it at a place, with users, until the test ends.
func StartAsteriskAt(t testing.TB, at *Place, users ...string) *Asterisk {
	t.Helper()
	prefix := os.Getenv(AsteriskFolder)
	if prefix == "" {
		t.Skip(AsteriskFolder + " does not name the folder that an Asterisk was installed in")
	}
	port := FreePort(t)
	a := &Asterisk{
		URL: fmt.Sprintf("ws://%s:%d/ws", at.Host, port), Domain: "example.test", Password: password,
		program: filepath.Join(prefix, "sbin", "asterisk"), dir: t.TempDir(), users: users,
	}
	out, err := exec.Command(a.program, "-V").Output()
	if err != nil {
		t.Fatalf("asterisk -V: %v", err)
	}
	a.Version = regexp.MustCompile(`\d[\w.-]*`).FindString(string(out))
	for name, text := range map[string]string{
		"asterisk.conf":   fmt.Sprintf(asteriskConfig, a.dir, prefix),
		"modules.conf":    "[modules]\nautoload=yes\n",
		"http.conf":       fmt.Sprintf("[general]\nenabled=yes\nbindaddr=%s\nbindport=%d\n", at.Host, port),
		"rtp.conf":        "[general]\nrtpstart=20000\nrtpend=29999\nicesupport=yes\nstrictrtp=yes\n",
		"logger.conf":     "[general]\n[logfiles]\nconsole => notice,warning,error\n",
		"extensions.conf": a.extensions(),
		"pjsip.conf":      a.endpoints(""),
	} {
		a.write(t, name, text)
	}
	a.Process = Start(t, at.Command(a.program, "-f", "-n", "-C", filepath.Join(a.dir, "asterisk.conf")))
	Until(t, 30*time.Second, "Asterisk to have booted", func() bool {
		if a.Exited() {
			t.Fatalf("asterisk ended: %s", a.Output)
		}
		out, err := a.ask("core waitfullybooted")
		return err == nil && strings.Contains(out, "fully booted") && Listening(fmt.Sprintf("%s:%d", at.Host, port))
	})
	return a
}

func (a *Asterisk) write(t testing.TB, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(a.dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (a *Asterisk) ask(command string) (string, error) {
	out, err := exec.Command(a.program, "-C", filepath.Join(a.dir, "asterisk.conf"), "-rx", command).CombinedOutput()
	return string(out), err
}

// Command gives a command of its console, and returns what it prints.
func (a *Asterisk) Command(t testing.TB, command string) string {
	t.Helper()
	out, err := a.ask(command)
	if err != nil {
		t.Fatalf("asterisk -rx %q: %v: %s", command, err, out)
	}
	return out
}

// RequireReliable has it require reliable provisional responses of a user whom it calls (RFC 3262), until the test
// ends.
func (a *Asterisk) RequireReliable(t testing.TB, user string) {
	t.Helper()
	a.configure(t, user)
	t.Cleanup(func() { a.configure(t, "") })
}

func (a *Asterisk) configure(t testing.TB, reliable string) {
	t.Helper()
	a.write(t, "pjsip.conf", a.endpoints(reliable))
	a.Command(t, "module reload res_pjsip.so")
	want := "yes"
	if reliable != "" {
		want = "required"
	}
	Until(t, 10*time.Second, "Asterisk to have read its configuration", func() bool {
		out, err := a.ask("pjsip show endpoint " + a.users[0])
		is := regexp.MustCompile(`(?m)^ *100rel *: ` + want).MatchString(out)
		return err == nil && is == (reliable == "" || reliable == a.users[0])
	})
}

// OfferAgain has it send a re-INVITE in the call of a user, with a new offer: of Opus alone, as it sends none that
// offers what there is.
func (a *Asterisk) OfferAgain(t testing.TB, user string) {
	t.Helper()
	channel := regexp.MustCompile(`(?m)^PJSIP/` + regexp.QuoteMeta(user) + `-[0-9a-f]+`).
		FindString(a.Command(t, "core show channels concise"))
	if channel == "" {
		t.Fatalf("Asterisk has no call of %s", user)
	}
	a.Command(t, fmt.Sprintf("dialplan set chanvar %s PJSIP_MEDIA_OFFER(audio) opus", channel))
	a.Command(t, fmt.Sprintf("dialplan set chanvar %s PJSIP_SEND_SESSION_REFRESH() invite", channel))
}

func (a *Asterisk) extensions() string {
	var text strings.Builder
	text.WriteString("[phones]\n")
	for _, user := range a.users {
		fmt.Fprintf(&text, "exten => %s,1,Dial(${PJSIP_DIAL_CONTACTS(%[1]s)},30)\n", user)
	}
	return text.String()
}

// endpoints are its users; of one of them reliable provisional responses are required.
func (a *Asterisk) endpoints(reliable string) string {
	var text strings.Builder
	text.WriteString("[ws]\ntype=transport\nprotocol=ws\nbind=0.0.0.0\n")
	for _, user := range a.users {
		rel := "yes"
		if user == reliable {
			rel = "required"
		}
		fmt.Fprintf(&text, asteriskUser, user, a.Password, rel)
	}
	return text.String()
}

// asteriskConfig: its own folder, and the one it was installed in.
const asteriskConfig = `[directories]
astetcdir => %[1]s
astmoddir => %[2]s/lib/asterisk/modules
astvarlibdir => %[1]s
astdbdir => %[1]s
astkeydir => %[1]s
astdatadir => %[2]s/var/lib/asterisk
astagidir => %[1]s
astspooldir => %[1]s
astrundir => %[1]s
astlogdir => %[1]s
astsbindir => %[2]s/sbin
[options]
hideconnect=yes
`

// asteriskUser: a name, a password, and whether provisional responses are to be reliable.
const asteriskUser = `
[%[1]s]
type=endpoint
context=phones
aors=%[1]s
auth=%[1]s
webrtc=yes
disallow=all
allow=opus,ulaw
direct_media=no
100rel=%[3]s

[%[1]s]
type=auth
auth_type=userpass
username=%[1]s
password=%[2]s

[%[1]s]
type=aor
max_contacts=20
`
