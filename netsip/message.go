package netsip

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"calla/netsip/sip"
)

const (
	// maxMessageText bounds the body of a MESSAGE both ways. RFC 3428 section 8 has 1,300 octets where a link may
	// be UDP; the links here are WebSockets, and a proxy that goes on over UDP changes to TCP for more.
	maxMessageText = 8 << 10
	textType       = "text/plain"

	messageBurst    = 100              // MESSAGEs that may come at once: a server delivers what it stored
	messageInterval = time.Second / 10 // each, on the whole
	maxRecent       = 64               // MESSAGEs remembered, to know one that comes by another way too

	keepPatience = 500 * time.Millisecond // that a text may take to be kept, until it is answered all the same
)

// Message is a text that came in (RFC 3428).
type Message struct {
	From        sip.Address // as the network asserts, else as From says: the far end's text
	Written     sip.URI     // as From says, whatever the network asserts
	To          sip.URI     // as From's owner wrote it
	ContentType string      // "text/plain"
	Body        []byte      // UTF-8
	Session     *Session    // in whose dialog it came; nil outside calls
	At          time.Time

	answer func() // nil: it is answered already
}

// Kept says that the text cannot be lost any more: its far end is answered with 200, where it has not been yet. It is
// called on the loop, once or several times.
func (m *Message) Kept() {
	if m.answer != nil {
		m.answer()
		m.answer = nil
	}
}

// SendMessage sends a text to an address. Nothing is read into it: what a user types is read by config.DialTarget
// before. done, which may be nil, is called on the loop with nil when a 2xx came (202: somebody keeps it for the far
// end), else with a *StatusError, *TimeoutError or *DialError. The error returned is ErrStopped, ErrNotConnected,
// ErrMessageTooLarge, or about the content type.
func (ua *UserAgent) SendMessage(uri sip.URI, contentType string, body []byte, done func(error)) error {
	if err := ua.checkMessage(contentType, body); err != nil {
		return err
	}
	uri = uri.WithoutHeaders()
	done = told(done)
	ua.log.text("sending", body)
	ua.ask("MESSAGE", uri, []sip.Header{{Name: "Content-Type", Value: contentType}}, slices.Clone(body),
		func(resp *sip.Message, err error) { messageDone(resp, err, done) }, done)
	return nil
}

// told is done, or nothing where the caller does not want to know.
func told(done func(error)) func(error) {
	if done == nil {
		return func(error) {}
	}
	return done
}

func messageDone(resp *sip.Message, err error, done func(error)) {
	if resp.StatusCode >= 300 {
		done(statusError("MESSAGE", resp, err))
		return
	}
	done(nil)
}

func (ua *UserAgent) checkMessage(contentType string, body []byte) error {
	kind, subtype, ok := strings.Cut(firstToken(contentType), "/")
	switch {
	case ua.stopped:
		return ErrStopped
	case !ua.connection.up():
		return ErrNotConnected
	case !ok || kind == "" || subtype == "" || sip.CheckText(contentType) != nil:
		return fmt.Errorf("send message: content type %q", contentType)
	case len(body) > maxMessageText:
		return fmt.Errorf("send message: %w", ErrMessageTooLarge)
	}
	return nil
}

// ask sends a request outside any dialog.
func (ua *UserAgent) ask(
	method string, uri sip.URI, headers []sip.Header, body []byte, onResponse func(*sip.Message, error),
	onError func(error),
) *exchange {
	uri = withoutOrders(uri)
	seq := ua.identity.newSeq()
	nextSeq := func() uint32 { seq++; return seq }
	e := &exchange{
		ua: ua, nextSeq: nextSeq, onResponse: onResponse, onError: onError,
		msg: ua.newRequest(outline{
			method: method, uri: uri, routes: ua.preloadedRoute(),
			to: "<" + uri.String() + ">", from: ua.identity.from(ua.identity.newTag()),
			callID: ua.identity.newCallID(), seq: nextSeq(), headers: headers, body: body,
		}),
	}
	e.start()
	return e
}

// messageReceived takes a MESSAGE; s is the call in whose dialog it came, nil outside. Only text is shown:
// what else there is (HTML, references to other hosts) is refused and looked at by nobody.
func (ua *UserAgent) messageReceived(tx *serverTx, s *Session) {
	req := tx.req
	text, readable := readText(req)
	switch {
	case len(req.Body) > maxMessageText:
		tx.refuse(Refusal{513, "", "RFC 3261 section 21.5.7"})
		return
	case !readable:
		if coding := req.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
			tx.refuse(Refusal{415, "", "RFC 3261 section 8.2.3"},
				sip.Header{Name: "Accept-Encoding", Value: "identity"})
			return
		}
		tx.refuse(Refusal{415, "", "RFC 3261 section 8.2.3"}, sip.Header{Name: "Accept", Value: textType})
		return
	case s == nil && ua.inbox.has(tx.merge):
		tx.refuse(Refusal{482, "", "RFC 3261 section 8.2.2.2"})
		return
	case !ua.inbox.allowance.take(time.Now()):
		tx.refuse(Refusal{503, "", "Calla: so many messages a second"}, sip.Header{Name: "Retry-After", Value: "10"})
		return
	}
	if s == nil {
		ua.inbox.remember(tx.merge)
	}
	to, _ := req.To()
	from, _ := req.From()
	m := &Message{
		From: ua.caller(req), Written: from.URI, To: to.URI, ContentType: textType, Body: text,
		Session: s, At: time.Now(),
	}
	if ua.options.RefuseMessage != nil {
		if code := ua.options.RefuseMessage(m); code != 0 {
			tx.refuse(Refusal{code, "", "Calla: the user does not want it"})
			return
		}
	}
	m.answer = func() { tx.reply(200, "") }
	if ua.options.KeepMessages {
		ua.loop.AfterFunc(keepPatience, m.Kept)
	} else {
		m.Kept()
	}
	ua.log.text("received", text)
	ua.options.OnMessage(m)
}

// readText gives a body that is plain text in UTF-8, or in Latin-1 where it says so; false for any other.
func readText(req *sip.Message) ([]byte, bool) {
	mediaType, params := req.ContentType()
	charset, _ := params.Get("charset")
	text := slices.Clone(req.Body)
	switch strings.ToLower(charset) {
	case "", "utf-8", "utf8", "us-ascii":
	case "iso-8859-1", "iso8859-1", "latin1", "latin-1":
		text = nil
		for _, octet := range req.Body {
			r := rune(octet)
			if octet >= 0x80 && octet < 0xa0 { // its controls, which are in no text
				r = utf8.RuneError
			}
			text = utf8.AppendRune(text, r)
		}
	default:
		return nil, false
	}
	return text, mediaType == textType && identityCoding(req.Get("Content-Encoding")) && utf8.Valid(text)
}

// inbox is what is known of the MESSAGEs that came in: how many more may, and which these were.
type inbox struct {
	allowance allowance
	recent    []string // merge keys, newest last
}

func newInbox() *inbox {
	return &inbox{allowance: allowance{burst: messageBurst, interval: messageInterval}}
}

// has tells whether a MESSAGE came already, by another way (RFC 3261 section 8.2.2.2).
func (b *inbox) has(key string) bool { return slices.Contains(b.recent, key) }

// remember notes one.
func (b *inbox) remember(key string) {
	if len(b.recent) >= maxRecent {
		b.recent = slices.Delete(b.recent, 0, 1)
	}
	b.recent = append(b.recent, key)
}

// allowance is how much of something may come: up to burst at once, and one more for each interval.
type allowance struct {
	burst    int
	interval time.Duration
	spent    time.Duration // of burst*interval
	at       time.Time
}

// take uses one up; false when there is none.
func (a *allowance) take(now time.Time) bool {
	a.spent = max(0, a.spent-now.Sub(a.at))
	a.at = now
	if a.spent > time.Duration(a.burst-1)*a.interval {
		return false
	}
	a.spent += a.interval
	return true
}
