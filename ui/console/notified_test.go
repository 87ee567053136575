package console

import (
	"testing"
)

// TestNotificationsAreRead: what a body means is told beside it, and a body that cannot be read means nothing.
func TestNotificationsAreRead(t *testing.T) {
	const dialogs, presence, mailbox = "application/dialog-info+xml", "application/pidf+xml",
		"application/simple-message-summary"
	for _, c := range []struct{ name, mediaType, body, words, json string }{
		{
			"open", presence,
			`<presence entity="pres:bob@h"><tuple id="a"><status><basic>open</basic></status>` +
				`<note>here</note></tuple><note>at lunch</note></presence>`,
			"pres:bob@h open, at lunch, here",
			`{"presence":{"entity":"pres:bob@h","open":true,"notes":["at lunch","here"]}}`,
		},
		{
			"closed", presence, `<presence entity="pres:bob@h"/>`, "pres:bob@h closed",
			`{"presence":{"entity":"pres:bob@h","open":false,"notes":[]}}`,
		},
		{
			"ringing", dialogs, `<dialog-info entity="sip:bob@h" state="full">` +
				`<dialog id="1" direction="recipient"><state>early</state>` +
				`<remote><identity>sip:carol@h</identity></remote></dialog>` +
				`<dialog id="2"><state event="rejected">terminated</state></dialog></dialog-info>`,
			"sip:bob@h early with sip:carol@h, terminated (rejected)",
			`{"dialogs":[{"id":"1","state":"early","reason":"","direction":"recipient","remote":"sip:carol@h"},` +
				`{"id":"2","state":"terminated","reason":"rejected","direction":"","remote":""}]}`,
		},
		{"idle", dialogs, `<dialog-info entity="sip:bob@h" state="full"/>`, "sip:bob@h no call", `{"dialogs":[]}`},
		{
			"nothing has changed", dialogs, `<dialog-info entity="sip:bob@h" state="partial"/>`,
			"sip:bob@h nothing new",
			`{"dialogs":[]}`,
		},
		{
			"messages", mailbox, "Messages-Waiting: yes\r\nMessage-Account: sip:box@h\r\nVoice-Message: 2/8\r\n",
			"messages wait: 2 new, 8 old", `{"mailbox":{"waiting":true,"new":2,"old":8,"account":"sip:box@h"}}`,
		},
		{"not read", presence, "<presence", "", `{}`},
		{"a bomb", dialogs, `<!DOCTYPE x [<!ENTITY a "b">]><dialog-info entity="&a;"/>`, "", `{}`},
		{"another type", "text/plain", "Messages-Waiting: yes", "", `{}`},
	} {
		got := meaningOf(c.mediaType, []byte(c.body))
		text, err := object{
			{"presence", got.presence},
			{"dialogs", got.dialogs},
			{"mailbox", got.mailbox},
		}.MarshalJSON()
		if err != nil || got.words != c.words || string(text) != c.json {
			t.Errorf("%s: %q, %s, %v", c.name, got.words, text, err)
		}
	}
}
