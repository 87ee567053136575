package netsip

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"calla/netsip/sip"
	"calla/netsip/ws"
)

const (
	maxForwards  = "69"     // as JsSIP sends
	largeMessage = 12 << 10 // octets; some servers cut the connection from 16 kB
	accept       = "application/sdp, application/dtmf-relay"
	sdpType      = "application/sdp"

	maxRetryAfter = ws.MaxRetryAfter
	maxMinExpires = 24 * time.Hour // a Min-Expires beyond is not followed
)

func itoa(n int) string { return strconv.Itoa(n) }

// outline is what makes one request different from another.
type outline struct {
	method  string
	uri     sip.URI
	routes  []string // values of Route, in order
	to      string   // value of To, tag included
	from    string   // value of From, tag included
	callID  string
	seq     uint32
	headers []sip.Header // between CSeq and Allow
	body    []byte       // its Content-Type is in headers
}

// newRequest lays a request out in JsSIP's order. Via and credentials are put in when it is sent.
func (ua *UserAgent) newRequest(o outline) *sip.Message {
	m := sip.NewRequest(o.method, o.uri)
	m.Headers = make([]sip.Header, 0, 14+len(o.routes)+len(o.headers)+len(ua.identity.extraHeaders))
	for _, route := range o.routes {
		m.Add("Route", route)
	}
	m.Add("Max-Forwards", maxForwards)
	m.Add("To", o.to)
	m.Add("From", o.from)
	m.Add("Call-ID", o.callID)
	m.Add("CSeq", sip.CSeq{Seq: o.seq, Method: o.method}.String())
	m.Headers = append(m.Headers, o.headers...)
	m.Headers = append(m.Headers, ua.identity.extraHeaders...)
	if o.method != "ACK" {
		m.Add("Allow", ua.capabilities.allow())
		m.Add("Supported", ua.capabilities.supported(o.method))
	}
	if ua.identity.name != "" {
		m.Add("User-Agent", ua.identity.name)
	}
	m.Body = o.body
	return m
}

// setVia puts the topmost Via where the layout has it: after the routes.
func setVia(m *sip.Message, via string) {
	if m.Has("Via") {
		m.Set("Via", via)
		return
	}
	at := 0
	for at < len(m.Headers) && m.Headers[at].Name == "Route" {
		at++
	}
	m.Headers = slices.Insert(m.Headers, at, sip.Header{Name: "Via", Value: via})
}

// serverRoute is the Route of REGISTER (use_preloaded_route): the server in use.
func (ua *UserAgent) serverRoute() []string {
	if !ua.config.UsePreloadedRoute {
		return nil
	}
	return []string{ua.connection.target().SIPURI()}
}

// preloadedRoute is the Route of all other requests outside a dialog: the server in use, if it is to be named, and
// then the way the registrar has told (RFC 3608 section 6.1), which may begin with that server.
func (ua *UserAgent) preloadedRoute() []string {
	routes, service := ua.serverRoute(), ua.registration.serviceRoutes
	if len(routes) > 0 && len(service) > 0 && sameHop(routes[0], service[0]) {
		service = service[1:]
	}
	return append(routes, service...)
}

// sameHop tells whether two routes lead to one host and port.
func sameHop(a, b string) bool {
	x, errX := sip.ParseAddress(a)
	y, errY := sip.ParseAddress(b)
	return errX == nil && errY == nil && x.URI.Port == y.URI.Port && strings.EqualFold(x.URI.Host, y.URI.Host)
}

// exchange is one request of the UAC core (RFC 3261 section 8.1): sent, sent again with credentials
// when challenged, until a final response or an error.
type exchange struct {
	ua      *UserAgent
	msg     *sip.Message // as sent last
	nextSeq func() uint32
	dialog  *dialog // nil outside one
	tx      *clientTx

	home        bool             // for our own domain: credentials go with it unasked
	answered    map[realmKey]int // challenges answered with the password, by realm
	carried     []realmKey       // realms whose credentials it went with last, asked for or not
	showsToken  bool             // the token goes with it, as a realm that may ask has asked
	showedToken bool             // the token went with it
	progressed  bool             // a far end beyond the proxies has shown life
	stopped     bool             // answer no more challenges: the request is not wanted any more

	onLost        func()                    // as that of a transaction
	onProvisional func(*sip.Message)        // may be nil
	onResponse    func(*sip.Message, error) // 200–699; err tells why a challenge was not answered
	onError       func(error)
}

// start sends the request.
func (e *exchange) start() {
	e.answered = make(map[realmKey]int)
	if e.dialog != nil {
		e.home = e.dialog.home
	} else if to, err := e.msg.To(); err == nil {
		e.home = e.ua.identity.ownDomain(to.URI)
	}
	e.ua.credentials.attach(e)
	e.transmit()
}

func (e *exchange) transmit() {
	e.tx = e.ua.transactions.ask(e.msg, e.receive, func(err error) {
		e.ua.log.debug(logSender, "", e.msg.Method, " failed: ", err.Error())
		e.onError(err)
	})
	e.tx.onLost = e.onLost
}

func (e *exchange) receive(resp *sip.Message) {
	switch {
	case resp.StatusCode < 200:
		e.progressed = e.progressed || resp.StatusCode == 180 || resp.StatusCode > 100 && resp.ToTag() != ""
		if e.onProvisional != nil {
			e.onProvisional(resp)
		}
		return
	case resp.StatusCode == 401 || resp.StatusCode == 407:
		if e.stopped {
			break
		}
		err := e.ua.credentials.answer(e, resp)
		if err != nil {
			e.ua.log.warn(logDigest, "", "challenge to ", e.msg.Method, " not answered: ", err.Error())
			e.onResponse(resp, err)
			return
		}
		e.retry()
		return
	case resp.StatusCode < 300:
		e.ua.credentials.accepted(e, resp)
	}
	e.onResponse(resp, nil)
}

// retry sends the request once more under a new CSeq and branch, with the credentials there are.
func (e *exchange) retry() {
	m := e.msg.Clone()
	m.Set("CSeq", sip.CSeq{Seq: e.nextSeq(), Method: m.Method}.String())
	e.msg = m
	e.ua.log.debug(logSender, "", m.Method, " is sent again with credentials")
	e.ua.credentials.attach(e)
	e.transmit()
}

// withoutOrders is an address without what would let whoever wrote it write our request: headers and a method (RFC 3261
// sections 19.1.1 and 19.1.5).
func withoutOrders(uri sip.URI) sip.URI {
	uri = uri.WithoutHeaders()
	uri.Params = uri.Params.Without("method")
	return uri
}

// statusError tells of a final response that refuses.
func statusError(method string, resp *sip.Message, err error) *StatusError {
	return &StatusError{
		Method: method, StatusCode: resp.StatusCode, Reason: phrase(resp.Reason),
		RetryAfter: retryAfter(resp), Warning: phrase(sip.Readable(warningText(resp.Get("Warning")))), Err: err,
	}
}

// retryAfter reads Retry-After, at most half an hour: a server must not be able to silence us.
func retryAfter(resp *sip.Message) time.Duration {
	n, ok, err := resp.Uint("Retry-After")
	if !ok || err != nil {
		return 0
	}
	return min(time.Duration(n)*time.Second, maxRetryAfter)
}

// minExpires reads the Min-Expires of a 423: a time that is longer than that asked for, and not absurd.
func minExpires(resp *sip.Message, asked time.Duration) (time.Duration, bool) {
	n, ok, err := resp.Uint("Min-Expires")
	least := time.Duration(n) * time.Second
	if !ok || err != nil || least <= asked || least > maxMinExpires {
		return asked, false
	}
	return least, true
}

// warningText takes the words out of `399 host "words"`.
func warningText(value string) string {
	_, words, ok := strings.Cut(value, `"`)
	if !ok {
		return ""
	}
	words, _, _ = strings.Cut(words, `"`)
	return words
}
