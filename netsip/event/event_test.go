package event

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestParseMessageSummary(t *testing.T) {
	for body, want := range map[string]MessageSummary{
		"Messages-Waiting: yes\r\nMessage-Account: sip:alice@vmail.example.com\r\nVoice-Message: 4/8 " +
			"(1/2)\r\n\r\nTo: <x>\r\n": {
			Waiting: true, New: 4, Old: 8, NewUrgent: 1, OldUrgent: 2, Account: "sip:alice@vmail.example.com",
		},
		"messages-waiting:no":                                      {},
		"Messages-Waiting: yes\nVoice-Message:0/0":                 {Waiting: true},
		"Messages-Waiting: yes\nvoice-message: 99999999999999/1":   {Waiting: true, New: 9999, Old: 1},
		"Messages-Waiting: yes\r\nFax-Message: 3/0\r\nx":           {Waiting: true},
		"Messages-Waiting : yes\r\nVoice-Message: 1/2 ( 0 / 0 )\n": {Waiting: true, New: 1, Old: 2},
	} {
		if got, err := ParseMessageSummary([]byte(body)); err != nil || got != want {
			t.Errorf("%q: %+v, %v", body, got, err)
		}
	}
	for _, body := range []string{
		"", "Voice-Message: 1/2", "Messages-Waiting: maybe", "Messages-Waiting: yes\nVoice-Message: -1/0",
		"Messages-Waiting: yes\nVoice-Message: 1",
		"Messages-Waiting: yes\nVoice-Message: 1/2 (3/4", "Messages-Waiting: yes\nVoice-Message: /",
		strings.Repeat("Messages-Waiting: yes\n", 4000),
	} {
		if got, err := ParseMessageSummary([]byte(body)); !errors.Is(err, ErrBody) || got != (MessageSummary{}) {
			t.Errorf("%.40q: %+v, %v", body, got, err)
		}
	}
}

const dialogInfoXML = `<?xml version="1.0"?>
<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="3" state="partial" entity="sip:bob@example.com">
  <dialog id="d1" call-id="c1" local-tag="l1" remote-tag="r1" direction="recipient">
    <state event="rejected"> early </state>
    <local><identity display="Bob &amp; Co">sip:bob@example.com</identity></local>
    <remote><identity>sip:carol@example.com</identity><target uri="sip:carol@192.0.2.1"/></remote>
    <x:other xmlns:x="y">z</x:other>
  </dialog>
</dialog-info>`

func TestParseDialogInfo(t *testing.T) {
	info, err := ParseDialogInfo([]byte(dialogInfoXML))
	if err != nil || len(info.Dialogs) != 1 {
		t.Fatalf("%+v, %v", info, err)
	}
	want := Dialog{
		ID: "d1", CallID: "c1", LocalTag: "l1", RemoteTag: "r1", Direction: "recipient", State: "early",
		Reason: "rejected",
		Local:  Party{Name: "Bob & Co", Address: "sip:bob@example.com"},
		Remote: Party{Address: "sip:carol@example.com", Target: "sip:carol@192.0.2.1"},
	}
	if info.Dialogs[0] != want || info.Entity != "sip:bob@example.com" || info.Version != 3 || info.Full {
		t.Errorf("%+v", info)
	}
}

func TestParsePresence(t *testing.T) {
	p, err := ParsePresence([]byte(`<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="pres:bob@example.com">
		<tuple id="a"><status><basic>closed</basic></status></tuple>
		<tuple id="b"><status><basic> open </basic></status>
			<contact priority="0.8">sip:bob@example.com</contact><note>here</note></tuple>
		<note xml:lang="en">at lunch</note></presence>`))
	if err != nil || len(p.Tuples) != 2 || !p.Open() ||
		p.Tuples[1] != (Tuple{ID: "b", Basic: "open", Contact: "sip:bob@example.com", Note: "here"}) ||
		p.Entity != "pres:bob@example.com" || len(p.Notes) != 1 || p.Notes[0] != "at lunch" {
		t.Errorf("%+v, %v", p, err)
	}
	if (Presence{Tuples: []Tuple{{Basic: "closed"}}}).Open() {
		t.Error("closed is open")
	}
}

// Entity bombs, depth, size (PJSIP 12306eaf): refused at once.
func TestEventXMLBombs(t *testing.T) {
	deep := strings.Repeat("<a>", 10_000) + strings.Repeat("</a>", 10_000)
	for name, body := range map[string]string{
		"empty": "", "no xml": "hello", "other document": "<html/>", "unclosed": "<dialog-info>",
		"latin-1":   `<?xml version="1.0" encoding="iso-8859-1"?><dialog-info/>`,
		"doctype":   `<!DOCTYPE x [<!ENTITY a "aaaa">]><dialog-info>&a;</dialog-info>`,
		"billion":   `<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;">]><dialog-info entity="&lol2;"/>`,
		"external":  `<!DOCTYPE x SYSTEM "http://127.0.0.1:9/"><dialog-info/>`,
		"entity":    `<dialog-info>&x;</dialog-info>`,
		"depth 33":  "<dialog-info>" + strings.Repeat("<a>", 32) + strings.Repeat("</a>", 32) + "</dialog-info>",
		"deep":      "<dialog-info>" + deep + "</dialog-info>",
		"1 MiB":     "<dialog-info>" + strings.Repeat(" ", 1<<20) + "</dialog-info>",
		"unclosed2": "<dialog-info>" + strings.Repeat("<a>", 15_000),
	} {
		least := time.Hour // of some runs: other work on the machine does not count
		for range 5 {
			start := time.Now()
			if info, err := ParseDialogInfo([]byte(body)); !errors.Is(err, ErrBody) {
				t.Errorf("%s: %+v, %v", name, info, err)
			}
			if _, err := ParsePresence([]byte(strings.ReplaceAll(body, "dialog-info", "presence"))); !errors.Is(err,
				ErrBody) {
				t.Errorf("%s: presence: %v", name, err)
			}
			least = min(least, time.Since(start))
		}
		if least > time.Second {
			t.Errorf("%s took %v", name, least)
		}
	}
	var many strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&many, `<dialog id="%d"/>`, i)
	}
	if info, err := ParseDialogInfo([]byte("<dialog-info>" + many.String() + "</dialog-info>")); err != nil ||
		len(info.Dialogs) != maxEntries {
		t.Errorf("%d dialogs, %v", len(info.Dialogs), err)
	}
}

func FuzzMessageSummary(f *testing.F) {
	f.Add([]byte("Messages-Waiting: yes\r\nVoice-Message: 2/8 (0/2)\r\n"))
	f.Add([]byte("Messages-Waiting: yes\r\n" +
		"Message-Account: sip:alice@vmail.example.com\r\nVoice-Message: 4/8 (1/2)\r\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		m, err := ParseMessageSummary(body)
		if err != nil {
			if m != (MessageSummary{}) {
				t.Errorf("%+v beside %v", m, err)
			}
			return
		}
		for _, n := range []int{m.New, m.Old, m.NewUrgent, m.OldUrgent} {
			if n < 0 || n > maxWaiting {
				t.Errorf("%+v", m)
			}
		}
	})
}

func FuzzDialogInfo(f *testing.F) {
	f.Add([]byte(dialogInfoXML))
	f.Add([]byte(`<!DOCTYPE x [<!ENTITY a "b">]><dialog-info>&a;</dialog-info>`))
	f.Fuzz(func(t *testing.T, body []byte) {
		info, err := ParseDialogInfo(body)
		if err == nil && (len(info.Dialogs) > maxEntries || len(body) > MaxBody) {
			t.Errorf("%d dialogs of %d octets", len(info.Dialogs), len(body))
		}
	})
}

func FuzzPresence(f *testing.F) {
	f.Add([]byte(`<presence entity="x"><tuple id="b"><status><basic>open</basic></status>` +
		`<contact>c</contact><note>n</note></tuple></presence>`))
	f.Fuzz(func(t *testing.T, body []byte) {
		p, err := ParsePresence(body)
		if err == nil && (len(p.Tuples) > maxEntries || len(p.Notes) > maxEntries || len(body) > MaxBody) {
			t.Errorf("%d tuples of %d octets", len(p.Tuples), len(body))
		}
		_ = p.Open()
	})
}

func FuzzSipfrag(f *testing.F) {
	for _, s := range []string{"SIP/2.0 200 OK\r\n", "SIP/2.0 180 \r\nTo: x\r\n", "sip/2.0  603", "SIP/2.0 99 x"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		s, err := ParseSipfrag(body)
		if err != nil {
			return
		}
		if again, err := ParseSipfrag([]byte(s.String())); err != nil || again != s || s.Code < 100 || s.Code > 699 {
			t.Errorf("%q: %+v, then %+v, %v", body, s, again, err)
		}
	})
}
