package netsip

import (
	"fmt"
	"strings"

	"calla/netsip/sip"
)

// The far end: a phone behind the server, which calls the user agent or was called by it.

const (
	farContact = "Contact: <sip:bob@192.0.2.1;transport=ws>"
	offerSDP   = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=sendrecv\r\n"
	answerSDP  = "v=0\r\no=- 2 2 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=sendrecv\r\n"
	holdSDP    = "v=0\r\no=- 2 3 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=sendonly\r\n"
)

// far is a phone behind the server that calls the user agent, or was called by it.
type far struct {
	w         *wire
	callID    string
	tag       string
	remoteTag string // the user agent's
	target    string // its Contact, once known
	seq       int
	branch    int
	again     *sip.Message // the INVITE by which it asks for its call again
}

// caller is a phone that will call.
func (w *wire) caller() *far {
	return &far{w: w, callID: "call-1@far", tag: "from-far", target: "sip:alice@example.com"}
}

// callee is the phone that answered an INVITE of the user agent with resp.
func (w *wire) callee(invite, resp *sip.Message) *far {
	contacts, err := invite.Contacts()
	if err != nil {
		w.b.Fatal(err)
	}
	return &far{
		w: w, callID: invite.CallID(), tag: resp.ToTag(), remoteTag: invite.FromTag(),
		target: contacts[0].URI.String(), seq: 100,
	}
}

// request makes a request of the phone; lines as in reply.
func (f *far) request(method string, lines ...string) *sip.Message {
	f.w.b.Helper()
	if method != "ACK" && method != "CANCEL" {
		f.seq++
		f.branch++
	}
	to := "<sip:alice@example.com>"
	if f.remoteTag != "" {
		to += ";tag=" + f.remoteTag
	}
	uri, err := sip.ParseURI(f.target)
	if err != nil {
		f.w.b.Fatal(err)
	}
	m := sip.NewRequest(method, uri)
	m.Add("Via", fmt.Sprintf("SIP/2.0/WSS proxy.example.com;branch=z9hG4bKfar%d", f.branch))
	m.Add("Max-Forwards", "70")
	m.Add("From", "\"Bob\" <sip:bob@example.com>;tag="+f.tag)
	m.Add("To", to)
	m.Add("Call-ID", f.callID)
	m.Add("CSeq", fmt.Sprintf("%d %s", f.seq, method))
	for _, line := range lines {
		if strings.HasPrefix(line, "v=") {
			m.Add("Content-Type", "application/sdp")
			m.Body = []byte(line)
			continue
		}
		name, value, _ := strings.Cut(line, ": ")
		if name == "Body" { // its Content-Type is a line of its own
			m.Body = []byte(value)
			continue
		}
		m.Set(name, value)
	}
	return m
}

// learn takes the user agent's tag and Contact out of its response.
func (f *far) learn(resp *sip.Message) {
	f.remoteTag = resp.ToTag()
	if contacts, err := resp.Contacts(); err == nil && len(contacts) > 0 {
		f.target = contacts[0].URI.String()
	}
}
