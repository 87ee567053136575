package peers

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"calla/audio"
	"calla/netsip/rtc"
	"calla/netsip/sip"
)

// Announcer is a callee as a network announcement is one: it plays a tone in a 183 before it answers. It
// speaks SIP by hand, so that what it does is not what the program under test would do.
type Announcer struct {
	t      testing.TB
	ws     *websocket.Conn
	user   string
	domain string
	hz     float64
	engine *rtc.Engine

	mu      sync.Mutex
	invite  *sip.Message
	media   *rtc.Session
	answer  []byte
	stop    context.CancelFunc
	Playing chan struct{} // closed when the announcement has begun
	Ended   chan struct{} // closed by BYE or CANCEL
}

// StartAnnouncer registers user at k; every call to it hears hz, in PCMU.
func StartAnnouncer(t testing.TB, k *Kamailio, user string, hz float64) *Announcer {
	t.Helper()
	engine, err := rtc.NewEngine(rtc.Config{IncludeLoopback: true})
	if err != nil {
		t.Fatal(err)
	}
	dialer := websocket.Dialer{Subprotocols: []string{"sip"}}
	ws, resp, err := dialer.Dial(k.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	a := &Announcer{
		t: t, ws: ws, user: user, domain: k.Domain, hz: hz, engine: engine,
		Playing: make(chan struct{}), Ended: make(chan struct{}),
	}
	done := make(chan struct{})
	t.Cleanup(func() {
		_ = ws.Close()
		<-done
		_ = engine.Close()
	})
	a.register(k.Password)
	go func() {
		defer close(done)
		a.serve()
	}()
	return a
}

func (a *Announcer) contact() string { return "<sip:" + a.user + "@announcer.invalid;transport=ws>" }

func (a *Announcer) send(m *sip.Message) {
	a.mu.Lock()
	defer a.mu.Unlock()
	_ = a.ws.WriteMessage(websocket.TextMessage, m.Bytes()) // a broken connection shows when reading
}

func (a *Announcer) read() (*sip.Message, error) {
	_, data, err := a.ws.ReadMessage()
	if err != nil {
		return nil, err
	}
	return sip.Parse(data)
}

// register answers one challenge by MD5 without qop (RFC 2069), the least there is.
func (a *Announcer) register(password string) {
	a.t.Helper()
	var authorization string
	for seq := 1; seq <= 2; seq++ {
		m := sip.NewRequest("REGISTER", sip.URI{Scheme: "sip", Host: a.domain})
		m.Add("Via", fmt.Sprintf("SIP/2.0/WS announcer.invalid;branch=z9hG4bK%s%d", a.user, seq))
		m.Add("Max-Forwards", "70")
		m.Add("From", "<sip:"+a.user+"@"+a.domain+">;tag=announcer")
		m.Add("To", "<sip:"+a.user+"@"+a.domain+">")
		m.Add("Call-ID", "announcer-"+a.user)
		m.Add("CSeq", fmt.Sprintf("%d REGISTER", seq))
		m.Add("Contact", a.contact()+";expires=600")
		if authorization != "" {
			m.Add("Authorization", authorization)
		}
		a.send(m)
		resp, err := a.read()
		if err != nil {
			a.t.Fatalf("announcer: %v", err)
		}
		if resp.StatusCode == 200 {
			return
		}
		found := regexp.MustCompile(`nonce="([^"]+)"`).FindStringSubmatch(resp.Get("WWW-Authenticate"))
		if found == nil {
			a.t.Fatalf("announcer: REGISTER was answered by %d", resp.StatusCode)
		}
		hash := func(s string) string { sum := md5.Sum([]byte(s)); return hex.EncodeToString(sum[:]) }
		response := hash(hash(a.user+":"+a.domain+":"+password) + ":" + found[1] + ":" + hash("REGISTER:sip:"+a.domain))
		authorization = fmt.Sprintf(`Digest username="%s", realm="%s", nonce="%s", uri="sip:%s", response="%s"`,
			a.user, a.domain, found[1], a.domain, response)
	}
	a.t.Fatal("announcer: not registered")
}

func (a *Announcer) serve() {
	for {
		m, err := a.read()
		if err != nil {
			a.hush()
			return
		}
		switch {
		case !m.IsRequest(), m.Method == "ACK":
		case m.Method == "INVITE":
			if err := a.announce(m); err != nil {
				a.t.Errorf("announcer: %v", err)
			}
		case m.Method == "CANCEL":
			a.send(sip.NewResponse(m, 200, ""))
			a.send(a.response(487))
			a.hush()
			close(a.Ended)
		case m.Method == "BYE":
			a.send(sip.NewResponse(m, 200, ""))
			a.hush()
			close(a.Ended)
		default:
			a.send(sip.NewResponse(m, 200, ""))
		}
	}
}

func (a *Announcer) response(code int) *sip.Message {
	m := sip.NewResponse(a.invite, code, "")
	m.Set("To", a.invite.Get("To")+";tag=announced")
	if code < 300 {
		routes := a.invite.Lines("Record-Route")
		for i := len(routes) - 1; i >= 0; i-- {
			m.Prepend("Record-Route", routes[i])
		}
		m.Add("Contact", a.contact())
		m.Add("Content-Type", "application/sdp")
		m.Body = a.answer
	}
	return m
}

// announce sends the 183 and starts to play.
func (a *Announcer) announce(invite *sip.Message) error {
	media, err := a.engine.NewSession()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if _, err := media.SetOffer(ctx, invite.Body); err != nil {
		return err
	}
	if a.answer, err = media.Answer(ctx); err != nil {
		return err
	}
	playing, stop := context.WithCancel(context.Background())
	a.invite, a.media, a.stop = invite, media, stop
	go a.play(playing, media)
	a.send(a.response(183))
	return nil
}

// Answer takes the call that is announced to.
func (a *Announcer) Answer() { a.send(a.response(200)) }

// hush ends the media.
func (a *Announcer) hush() {
	if a.media != nil {
		a.stop()
		_ = a.media.Close()
		a.media = nil
	}
}

// play sends hz in 20 ms packets once the media is up.
func (a *Announcer) play(ctx context.Context, media *rtc.Session) {
	source := audio.NewToneSource(audio.Sine(a.hz, -12))
	encoder, err := audio.PCMU().NewEncoder()
	if err != nil {
		a.t.Errorf("announcer: %v", err)
		return
	}
	defer encoder.Close()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	var pcm [2 * audio.FrameSamples]int16
	var payload []byte
	begun := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		for half := range 2 {
			source.Fill(pcm[half*audio.FrameSamples:][:audio.FrameSamples])
		}
		if payload, err = encoder.Encode(payload[:0], pcm[:]); err != nil {
			a.t.Errorf("announcer: %v", err)
			return
		}
		err := media.WriteAudio(payload, 160)
		if err == nil && !begun && media.State() == rtc.Connected {
			begun = true
			close(a.Playing)
		}
		if errors.Is(err, rtc.ErrClosed) {
			return
		}
	}
}
