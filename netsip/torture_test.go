package netsip_test

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"calla/netsip"
	"calla/netsip/config"
	"calla/netsip/loop"
	"calla/netsip/sandbox"
	"calla/netsip/sip"
)

// Messages that try a SIP implementation (RFC 4475, and those of netsip/sip/testdata), over a live
// WebSocket to a running user agent: what it answers, that the phone rings only where it may, and that the
// connection stays up.

// tortureFolder holds the messages of RFC 4475 where they are at hand.
const tortureFolder = "../../shared/torture"

// anyMedia takes every offer.
type anyMedia struct{}

func (anyMedia) NewMediaSession() (netsip.MediaSession, error) { return anyMedia{}, nil }
func (anyMedia) Offer(context.Context) ([]byte, error)         { return []byte("v=0\r\n"), nil }
func (anyMedia) Answer(context.Context) ([]byte, error)        { return []byte("v=0\r\n"), nil }
func (anyMedia) SetOffer(context.Context, []byte) (netsip.RemoteMedia, error) {
	return netsip.RemoteMedia{}, nil
}

func (anyMedia) SetAnswer(context.Context, []byte) (netsip.RemoteMedia, error) {
	return netsip.RemoteMedia{}, nil
}

func (anyMedia) Close() error                   { return nil }
func (anyMedia) Rollback(context.Context) error { return nil }
func (anyMedia) SetHold(bool)                   {}
func (anyMedia) RestartICE()                    {}
func (anyMedia) OnPath(func(alive bool))        {}
func (anyMedia) OnUntaken(func())               {}

// victim is a registered user agent, with the server at the other end of its WebSocket.
type victim struct {
	*testing.T
	server    *sandbox.Server
	user      string
	responses chan *sip.Message // from the user agent
	rings     chan struct{}
	calls     chan *netsip.Session // that rang, for the test to reject on the loop
	loop      *loop.Loop
	serial    int
}

func newVictim(t *testing.T, user string) *victim {
	t.Helper()
	v := &victim{
		T: t, user: user, loop: loop.New(), responses: make(chan *sip.Message, 100_000),
		rings: make(chan struct{}, 100_000), calls: make(chan *netsip.Session, 100_000),
		server: sandbox.New(sandbox.Options{AnyUser: true, Domain: "example.com"}),
	}
	t.Cleanup(v.server.Close)
	t.Cleanup(v.loop.Stop)
	if _, err := v.server.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	v.server.Observe(func(e sandbox.Event) {
		m := e.Message
		var echo *sip.ParseError // a refusal repeats the malformed header field
		if errors.As(e.Err, &echo) {
			m = echo.Message
		}
		if !e.Sent && m != nil && !m.IsRequest() {
			v.responses <- m
		}
	})
	registered := make(chan struct{}, 1)
	config := config.Config{
		URI: "sip:" + user + "@example.com", WSServers: []config.Server{{WSURI: v.server.URL()}},
		Password: "secret",
	}
	var ua *netsip.UserAgent
	var err error
	v.loop.Do(func() {
		ua, err = netsip.New(netsip.Options{
			Loop: v.loop, Config: config, Media: anyMedia{}, UserAgent: "Calla/0.0.0",
			OnState: func(s netsip.State) {
				if s.Registration == netsip.Registered {
					select {
					case registered <- struct{}{}:
					default:
					}
				}
			},
			OnInvite: func(s *netsip.Session) {
				v.rings <- struct{}{}
				v.calls <- s
			},
		})
		if err == nil {
			ua.Start()
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // before the loop stops
		stopped := make(chan struct{})
		v.loop.Do(func() { ua.Stop(func() { close(stopped) }) })
		<-stopped
	})
	select {
	case <-registered:
	case <-time.After(time.Minute):
		t.Fatal("not registered")
	}
	return v
}

// send writes a frame to the user agent.
func (v *victim) send(frame []byte) {
	v.Helper()
	if err := v.server.Send(v.user, frame); err != nil {
		v.Fatalf("the connection is gone: %v", err)
	}
}

// alive sends OPTIONS and waits for its 200. It gives the other responses that came before.
func (v *victim) alive() []*sip.Message {
	v.Helper()
	v.serial++
	id := fmt.Sprintf("alive-%d", v.serial)
	v.send([]byte("OPTIONS sip:" + v.user + "@example.com SIP/2.0\r\nVia: SIP/2.0/WS example.com;branch=z9hG4bK" + id +
		"\r\n" +
		"To: <sip:" + v.user + "@example.com>\r\nFrom: <sip:probe@example.com>;tag=" + id + "\r\nCall-ID: " + id +
		"\r\nCSeq: 1 OPTIONS\r\n\r\n"))
	var before []*sip.Message
	for {
		m := v.response()
		if m.CallID() != id {
			before = append(before, m)
			continue
		}
		if m.StatusCode != 200 {
			v.Errorf("OPTIONS answered with %d", m.StatusCode)
		}
		return before
	}
}

func (v *victim) response() *sip.Message {
	v.Helper()
	select {
	case m := <-v.responses:
		return m
	case <-time.After(time.Minute):
		v.Fatal("no answer from the user agent")
		return nil
	}
}

// provoke sends a message and gives the response to it, nil for none. Only INVITE that may ring is
// answered after what follows it.
func (v *victim) provoke(frame []byte, rings bool) *sip.Message {
	v.Helper()
	v.send(frame)
	list := slices.DeleteFunc(v.alive(), func(m *sip.Message) bool { return m.StatusCode == 100 })
	for rings && len(list) == 0 {
		if m := v.response(); m.StatusCode != 100 {
			list = append(list, m)
		}
	}
	if len(list) > 1 {
		v.Errorf("%d responses", len(list))
	}
	if len(list) == 0 {
		return nil
	}
	return list[0]
}

// checkEcho holds that a response repeats octet by octet what it has to.
func (v *victim) checkEcho(frame []byte, resp *sip.Message) {
	v.Helper()
	req, err := sip.Parse(frame)
	if err != nil {
		return // sip's own tests hold what is read of a malformed message
	}
	for _, name := range []string{"Via", "From", "Call-ID", "CSeq"} {
		if !slices.Equal(resp.Lines(name), req.Lines(name)) {
			v.Errorf("%s: %q became %q", name, req.Lines(name), resp.Lines(name))
		}
	}
	if to := resp.Get("To"); !strings.HasPrefix(to, req.Get("To")) || req.ToTag() == "" && resp.ToTag() == "" {
		v.Errorf("To: %q became %q", req.Get("To"), to)
	}
}

// treatment4475 tells for each message of RFC 4475 the statuses allowed in answer; 0 is none, 180 rings.
func treatment4475() map[string][]int {
	return map[string][]int{
		"wsinv": {481}, "intmeth": {501}, "esc01": {404}, "escnull": {405}, "esc02": {501}, "lwsdisp": {200},
		"longreq": {180},
		"dblreq":  {405}, "semiuri": {404}, "transports": {200}, "mpart01": {405}, "unreason": {0}, "noreason": {0},
		"badinv01": {400}, "clerr": {400}, "ncl": {400}, "scalar02": {400}, "scalarlg": {0}, "quotbal": {400},
		"ltgtruri": {400},
		"lwsruri":  {400}, "lwsstart": {400}, "trws": {400}, "escruri": {400}, "baddate": {180}, "regbadct": {400, 405},
		"badaspec": {400},
		"baddn":    {400}, "badvers": {505}, "mismatch01": {400}, "mismatch02": {400, 501}, "bigcode": {0},
		"badbranch": {400}, "insuf": {0},
		"unkscm": {416}, "novelsc": {416}, "unksm2": {405}, "bext01": {420}, "invut": {415}, "regaut01": {405},
		"multi01": {400}, "mcl01": {400},
		"bcast": {0}, "zeromf": {200}, "cparam01": {405}, "cparam02": {405}, "regescrt": {405}, "sdp01": {400, 406},
		"inv2543": {180},
	}
}

// readTorture gives the messages of a set by name, in the order of its table.
func readTorture(t *testing.T, set string) (names []string, frames map[string][]byte) {
	t.Helper()
	table, err := os.Open(filepath.Join(tortureFolder, set+".tsv"))
	if err != nil {
		t.Skip(strings.ToUpper(set) + " messages not at hand in " + tortureFolder)
	}
	defer table.Close()
	r := csv.NewReader(table)
	r.Comma, r.FieldsPerRecord, r.LazyQuotes = '\t', -1, true
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	frames = make(map[string][]byte)
	for _, row := range rows[1:] {
		name := strings.TrimSuffix(row[0], ".dat")
		if frames[name], err = os.ReadFile(filepath.Join(tortureFolder, set, row[0])); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	return names, frames
}

func TestRFC4475OverAWebSocket(t *testing.T) {
	names, frames := readTorture(t, "rfc4475")
	treatment := treatment4475()
	if len(names) != 49 || len(treatment) != 49 {
		t.Fatalf("%d messages and %d treatments, want 49", len(names), len(treatment))
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			user := "user"
			if name == "inv2543" {
				user = "UserB"
			}
			v := newVictim(t, user)
			rings := treatment[name][0] == 180
			resp := v.provoke(frames[name], rings)
			status := 0
			if resp != nil {
				status = resp.StatusCode
				v.checkEcho(frames[name], resp)
			}
			if !slices.Contains(treatment[name], status) {
				t.Fatalf("answered with %d, want one of %v:\n%v", status, treatment[name], resp)
			}
			if (len(v.rings) != 0) != rings {
				t.Errorf("rang %d times", len(v.rings))
			}
			switch name {
			case "bext01":
				if got := resp.Values("Unsupported"); !slices.Equal(got,
					[]string{"nothingSupportsThis", "nothingSupportsThisEither"}) {
					t.Errorf("Unsupported %q", got)
				}
			case "invut":
				if !slices.Contains(resp.Values("Accept"), "application/sdp") {
					t.Errorf("Accept %q", resp.Values("Accept"))
				}
			}
			if rings {
				v.loop.Do(func() { (<-v.calls).Reject(486, "") })
				if resp := v.response(); resp.StatusCode != 486 {
					t.Errorf("rejected with %d", resp.StatusCode)
				}
			}
		})
	}
}

// All messages, whole and cut short, follow each other on one connection that stays up.
func TestRFC4475AllOnOneConnection(t *testing.T) {
	names, frames := readTorture(t, "rfc4475")
	v := newVictim(t, "user")
	n := 0
	for _, name := range names {
		for end := 1; end < len(frames[name]); end += 11 {
			v.send(frames[name][:end])
			if n++; n%20 == 0 {
				v.alive()
			}
		}
		v.send(frames[name])
		v.alive()
	}
	t.Logf("%d messages", n+len(names))
}

func TestRFC5118OverAWebSocket(t *testing.T) {
	names, frames := readTorture(t, "rfc5118")
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			m, _ := sip.Parse(frames[name])
			want := map[string]int{"REGISTER": 405, "BYE": 481, "INVITE": 180}
			status := 400 // of ipv6-bad
			if m != nil {
				status = want[m.Method]
			}
			if m != nil && m.Method == "OPTIONS" {
				status = 200
				if m.RequestURI.User == "" {
					status = 404
				}
			}
			resp := newVictim(t, "user").provoke(frames[name], status == 180)
			if resp == nil || resp.StatusCode != status {
				t.Errorf("answered with %v, want %d", resp, status)
			}
		})
	}
}

// The project's own corpus: its first column after the name says what the parser makes of a message.
func TestMalformedMessagesOverAWebSocket(t *testing.T) {
	text, err := os.ReadFile("sip/testdata/corpus.txt")
	if err != nil {
		t.Fatal(err)
	}
	v := newVictim(t, "u")
	notation := strings.NewReplacer("␀", "\x00", "␍", "\r", "→", "\t", "\n", "\r\n")
	refused := 0
	for _, section := range strings.Split(string(text), "\n== ")[1:] {
		head, message, _ := strings.Cut(section, "\n")
		name, want, _ := strings.Cut(head, " ")
		resp := v.provoke([]byte(notation.Replace(strings.TrimSuffix(strings.TrimSuffix(message, "\n"), "."))), false)
		if want == "ok" {
			continue
		}
		refused++
		got := "drop"
		if resp != nil {
			got = fmt.Sprint(resp.StatusCode)
		}
		if got != want {
			t.Errorf("%s: answered with %s, want %s", name, got, want)
		}
	}
	if refused < 30 {
		t.Errorf("only %d malformed messages", refused)
	}
	if n := len(v.rings); n > 5 {
		t.Errorf("rang %d times", n)
	}
}
