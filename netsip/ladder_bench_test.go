package netsip

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"calla/netsip/config"
	sheets "calla/netsip/ladder"
	"calla/netsip/sip"
)

// lag is how long what the scripted far end sends is on its way.
const lag = 10 * time.Millisecond

// drawing is a bench whose wire is drawn: the engine is Alice, everybody else is scripted.
type drawing struct {
	*bench
	*sheet
	w     *wire             // the connection in use
	tags  map[string]string // remote tag → lane; others are the first far end's
	marks []mark
	seen  map[*Session]string
}

// mark is a note made when the trace had n entries.
type mark struct {
	n    int
	at   time.Time
	text string
}

// draw runs a script against a started user agent and compares the ladder with its golden file.
func draw(t *testing.T, p plan, config config.Config, script func(d *drawing)) {
	t.Helper()
	drawTuned(t, p, config, func(*drawing, *Options) {}, script)
}

// drawTuned is draw with Options that listen to more.
func drawTuned(t *testing.T, p plan, config config.Config, tune func(*drawing, *Options), script func(d *drawing)) {
	t.Helper()
	d := &drawing{tags: make(map[string]string), seen: make(map[*Session]string)}
	listening(t, config, func(b *bench, o *Options) {
		d.bench, d.sheet = b, newSheet(p)
		b.onInvite = d.watch
		tune(d, o)
	}, func(b *bench, w *wire) {
		d.Names = strings.NewReplacer(b.ua.identity.plainContact().User, "alice-device", b.ua.identity.viaHost,
			"alice.invalid", config.InstanceID, "…")
		d.w = w
		script(d)
		synctest.Wait()
		b.do(d.collect)
		d.compare(b.T)
	})
}

// allowing lets realms ask for the password that the user has named.
func allowing(names ...string) func(*drawing, *Options) {
	return func(_ *drawing, o *Options) { o.Realms = allowed(names...) }
}

func allowed(names ...string) (list []config.KnownRealm) {
	for _, name := range names {
		list = append(list, config.KnownRealm{Name: name, Allowed: true})
	}
	return list
}

// collect draws what was traced, in the order it was.
func (d *drawing) collect() {
	marks := d.marks
	for i, e := range d.traced() {
		for len(marks) > 0 && marks[0].n <= i {
			d.Note(marks[0].at, 0, marks[0].text)
			marks = marks[1:]
		}
		m := sheets.Parse(e.Text)
		if m == nil {
			d.Note(e.Time, 0, "("+e.Error+")")
			continue
		}
		other := d.party(m, e.Outgoing)
		if e.Outgoing {
			d.Message(e.Time, 0, other, m)
		} else {
			d.Message(e.Time, other, 0, m)
		}
	}
	for _, m := range marks {
		d.Note(m.at, 0, m.text)
	}
	d.bench.seen, d.marks = nil, nil
	d.Keep() // marks are in their place already
}

// party is the lane at the other end of a message.
func (d *drawing) party(m *sip.Message, outgoing bool) int {
	tag := m.ToTag()
	if outgoing != m.IsRequest() {
		tag = m.FromTag()
	}
	if name, ok := d.tags[tag]; ok {
		return d.Lane(name)
	}
	if user := m.RequestURI.User; outgoing && user != "" { // an INVITE for who has a lane
		if at := d.Lane(strings.ToUpper(user[:1]) + user[1:]); at > 0 {
			return at
		}
	}
	return 1
}

// mark notes something at Alice, now; on the loop.
func (d *drawing) mark(format string, args ...any) {
	d.marks = append(d.marks, mark{len(d.traced()), time.Now(), fmt.Sprintf(format, args...)})
}

// says notes something at Alice, now.
func (d *drawing) says(format string, args ...any) {
	d.do(func() { d.mark(format, args...) })
}

// does runs what the user wants on the loop and notes it.
func (d *drawing) does(what string, f func()) {
	d.do(func() {
		d.mark("» %s", what)
		f()
	})
	synctest.Wait()
}

// watch notes the states of a call.
func (d *drawing) watch(s *Session) {
	d.seen[s] = ""
	d.changedCall(s)
	s.OnChange(d.changedCall)
}

func (d *drawing) changedCall(s *Session) {
	text := s.State().String()
	if s.RemoteHeld() && s.End() == nil {
		text += ", held by the far end"
	}
	if end := s.End(); end != nil {
		by := [...]string{"Alice", "the far end", "the system"}[end.By]
		text = fmt.Sprintf("%s by %s: %s", text, by, end.Cause)
		if end.StatusCode != 0 {
			text += fmt.Sprintf(" (%d)", end.StatusCode)
		}
	}
	if d.seen[s] != text {
		d.seen[s] = text
		d.mark("%s", text)
	}
}

// calls has Alice call bob and gives the INVITE.
func (d *drawing) calls(o CallOptions) (*Session, *sip.Message) {
	d.Helper()
	return d.callsTo("bob", o)
}

func (d *drawing) callsTo(whom string, o CallOptions) (*Session, *sip.Message) {
	d.Helper()
	var s *Session
	o.OnChange = d.changedCall
	d.does("call "+whom, func() {
		var err error
		if s, err = callText(d.ua, whom, o); err != nil {
			d.Error(err)
		}
	})
	if s == nil {
		d.FailNow()
	}
	return s, d.w.expect("INVITE")
}

// reply and send are the wire's, later by the lag.
func (d *drawing) reply(req *sip.Message, code int, lines ...string) *sip.Message {
	d.Helper()
	time.Sleep(lag)
	m := d.w.reply(req, code, lines...)
	synctest.Wait()
	return m
}

func (d *drawing) send(m *sip.Message) {
	d.Helper()
	time.Sleep(lag)
	d.w.send(m)
	synctest.Wait()
}

// expect is the wire's.
func (d *drawing) expect(want string) *sip.Message {
	d.Helper()
	m := d.w.expect(want)
	synctest.Wait()
	return m
}

// established has Alice call bob, who answers.
func (d *drawing) established(lines ...string) (*Session, *sip.Message, *far) {
	d.Helper()
	s, invite := d.calls(CallOptions{})
	resp := d.reply(invite, 200, append([]string{farContact, answerSDP}, lines...)...)
	d.expect("ACK")
	return s, invite, d.w.callee(invite, resp)
}

// rings has Bob call Alice, and sees it ring.
func (d *drawing) rings(lines ...string) (*Session, *far, *sip.Message) {
	d.Helper()
	f := d.w.caller()
	invite := f.request("INVITE", lines...)
	d.send(invite)
	d.expect("100 INVITE")
	d.expect("180 INVITE")
	return d.lastInvite(), f, invite
}

// answered has Bob call Alice, who answers.
func (d *drawing) answered(lines ...string) (*Session, *far) {
	d.Helper()
	s, f, _ := d.rings(append([]string{farContact, offerSDP}, lines...)...)
	d.does("answer", s.Answer)
	f.learn(d.expect("200 INVITE"))
	d.send(f.request("ACK"))
	return s, f
}

// byes ends the call from Bob's side.
func (d *drawing) byes(f *far) {
	d.Helper()
	d.send(f.request("BYE"))
	d.expect("200 BYE")
}

// hangsUp ends the call from Alice's side.
func (d *drawing) hangsUp(s *Session) {
	d.Helper()
	d.does("hang up", s.HangUp)
	d.reply(d.expect("BYE"), 200)
}

// reseed makes what is drawn at random from here on independent of what was drawn before.
func (d *drawing) reseed(seed uint64) {
	d.do(func() { *d.ua.rand = *rand.New(rand.NewPCG(seed, 77)) })
}
