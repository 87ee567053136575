package test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"calla/test/peers"
)

// TestEventsOverKamailio judges what goes on beside calls against Kamailio as presence server: what is published
// arrives at who subscribes, and is kept up.
func TestEventsOverKamailio(t *testing.T) {
	w := peers.StartPresence(t)
	for _, c := range []struct {
		name string
		run  func(*testing.T, *watched)
	}{
		{"PresenceIsPublishedChangedAndTakenBack", presencePublished},
		{"DialogsArePublished", dialogsPublished},
		{"WaitingMessagesAreCounted", waitingMessagesCounted},
		{"SubscriptionIsRefreshed", subscriptionRefreshed},
		{"UnknownEventIsRefused", unknownEventRefused},
		{"OptionsBetweenTwo", optionsBetweenTwo},
		{"MessageToNobody", messageToNobody},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.run(t, &watched{rig{Kamailio: w.Kamailio}, w})
		})
	}
}

// watched is a rig whose server is looked over the shoulder.
type watched struct {
	rig
	server *peers.Watched
}

// follow subscribes watcher to an event of whom and waits until the server has agreed.
func (w *watched) follow(t *testing.T, watcher, event, whom string, more ...string) *peers.Calla {
	t.Helper()
	c := peers.Run(t, nil, append([]string{"subscribe", event, whom, "--config", w.config(t, watcher, nil)},
		more...)...)
	for c.WaitFor("subscription", 30*time.Second)["state"] != "active" {
	}
	return c
}

// publish has user publish the bodies one after the other, each for a time.
func (w *watched) publish(t *testing.T, user, event, mediaType string, each time.Duration,
	bodies ...string,
) *peers.Calla {
	t.Helper()
	args := []string{
		"publish", "--config", w.config(t, user, nil), "--event", event, "--type", mediaType, "--duration",
		each.String(),
	}
	for i, body := range bodies {
		file := filepath.Join(t.TempDir(), fmt.Sprint("body", i))
		if err := os.WriteFile(file, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, file)
	}
	return peers.Run(t, nil, args...)
}

// waitNotified waits for a notification with text in it, and returns it.
func waitNotified(t *testing.T, c *peers.Calla, text string) map[string]any {
	t.Helper()
	for {
		n := c.WaitFor("notify", 60*time.Second)
		if body, _ := n["body"].(string); strings.Contains(body, text) {
			return n
		}
	}
}

// wantUnsubscribed asserts that a subscription is given up as RFC 6665 section 4.1.2.3 has it: Expires 0, and a
// last NOTIFY, answered.
func (w *watched) wantUnsubscribed(t *testing.T, c *peers.Calla, user, event string) {
	t.Helper()
	c.Interrupt()
	wantResult(t, c, 0, map[string]any{"ok": true})
	ours := func(s peers.Seen, method string) bool {
		return strings.HasPrefix(s.Text, method+" ") && s.Header("Event")[0] == event
	}
	last := w.server.Until(t, 30*time.Second, "SUBSCRIBE with Expires: 0", func(s peers.Seen) bool {
		return s.Received && ours(s, "SUBSCRIBE") && s.Header("Expires")[0] == "0" &&
			strings.Contains(s.Header("From")[0], "sip:"+user+"@")
	})
	id := last.Header("Call-ID")[0]
	bye := w.server.Until(t, 30*time.Second, "NOTIFY that says terminated", func(s peers.Seen) bool {
		return !s.Received && ours(s, "NOTIFY") && s.Header("Call-ID")[0] == id &&
			strings.HasPrefix(s.Header("Subscription-State")[0], "terminated")
	})
	w.server.Until(t, 30*time.Second, "the answer to the last NOTIFY", func(s peers.Seen) bool {
		return s.Received && strings.HasPrefix(s.Text, "SIP/2.0 200") && s.Header("Call-ID")[0] == id &&
			s.Header("CSeq")[0] == bye.Header("CSeq")[0]
	})
}

func pidf(user, basic, note string) string {
	return fmt.Sprintf(`<?xml version="1.0" encoding="UTF-8"?>
<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="sip:%s@example.test">
<tuple id="desk"><status><basic>%s</basic></status><note>%s</note></tuple>
</presence>`, user, basic, note)
}

const pidfType = "application/pidf+xml"

func presencePublished(t *testing.T, w *watched) {
	bob := w.follow(t, "bob", "presence", "alice")
	alice := w.publish(t, "alice", "presence", pidfType, 4*time.Second, pidf("alice", "open", "at her desk"),
		pidf("alice", "closed", "gone for lunch"))
	n := waitNotified(t, bob, "at her desk")
	if n["content_type"] != pidfType || n["package"] != "presence" || n["state"] != "active" ||
		!strings.Contains(n["body"].(string), "<basic>open</basic>") {
		t.Errorf("the notification is %v", n)
	}
	n = waitNotified(t, bob, "gone for lunch")
	if body := n["body"].(string); strings.Contains(body, "at her desk") ||
		!strings.Contains(body, "<basic>closed</basic>") {
		t.Errorf("the change is told as %v", n)
	}
	wantResult(t, alice, 0, map[string]any{"ok": true, "published": true})
	if n = bob.WaitFor("notify", 30*time.Second); strings.Contains(n["body"].(string), "gone for lunch") {
		t.Errorf("the removal is told as %v", n)
	}
	w.wantUnsubscribed(t, bob, "bob", "presence")
}

func dialogsPublished(t *testing.T, w *watched) {
	const mediaType = "application/dialog-info+xml"
	dialog := func(version int, state string) string {
		return fmt.Sprintf(`<?xml version="1.0"?>
<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="%d" state="full" entity="sip:carol@example.test">
<dialog id="d1" direction="recipient"><state>%s</state></dialog>
</dialog-info>`, version, state)
	}
	dave := w.follow(t, "dave", "dialog", "carol")
	carol := w.publish(t, "carol", "dialog", mediaType, 4*time.Second, dialog(0, "early"), dialog(1, "confirmed"),
		dialog(2, "terminated"))
	n := waitNotified(t, dave, "<state>early</state>")
	if n["content_type"] != mediaType || n["package"] != "dialog" {
		t.Errorf("the notification is %v", n)
	}
	if n = waitNotified(t, dave, "<state>confirmed</state>"); strings.Contains(n["body"].(string), "early") {
		t.Errorf("the change is told as %v", n)
	}
	waitNotified(t, dave, "<state>terminated</state>")
	wantResult(t, carol, 0, map[string]any{"ok": true})
	// The removal is notified too. A SUBSCRIBE that crosses it makes Kamailio's processes forget the last NOTIFY.
	dave.WaitFor("notify", 30*time.Second)
	w.wantUnsubscribed(t, dave, "dave", "dialog")
}

// waitingMessagesCounted: what the mailbox of an account says is told by every command that runs it, as the window
// shows it.
func waitingMessagesCounted(t *testing.T, w *watched) {
	const mediaType = "application/simple-message-summary"
	erin := peers.Run(t, nil, "message", "wait", "--config", w.config(t, "erin", nil))
	waitRegistered(t, erin)
	w.publish(t, "erin", "message-summary", mediaType, 4*time.Second,
		"Messages-Waiting: yes\r\nMessage-Account: sip:box@example.test\r\nVoice-Message: 2/8 (0/2)\r\n",
		"Messages-Waiting: no\r\nVoice-Message: 0/10 (0/2)\r\n")
	if v := erin.WaitFor("voicemail", 30*time.Second); v["new"] != 2.0 || v["old"] != 8.0 {
		t.Errorf("the mailbox is told as %v", v)
	}
	if v := erin.WaitFor("voicemail", 30*time.Second); v["new"] != 0.0 || v["old"] != 10.0 {
		t.Errorf("the mailbox is told as %v", v)
	}
}

func subscriptionRefreshed(t *testing.T, w *watched) {
	frank := w.follow(t, "frank", "presence", "grace", "--expires", "35s")
	refresh := w.server.Until(t, 60*time.Second, "SUBSCRIBE that refreshes", func(s peers.Seen) bool {
		return s.Received && strings.HasPrefix(s.Text, "SUBSCRIBE ") && strings.Contains(s.Header("From")[0],
			"sip:frank@") &&
			s.Header("Event")[0] == "presence" && strings.Contains(s.Header("To")[0], ";tag=")
	})
	if refresh.Header("Expires")[0] != "35" {
		t.Errorf("the refresh:\n%s", refresh.Text)
	}
	id := refresh.Header("Call-ID")[0]
	w.server.Until(t, 30*time.Second, "the refresh to be accepted", func(s peers.Seen) bool {
		return !s.Received && strings.HasPrefix(s.Text, "SIP/2.0 20") && s.Header("Call-ID")[0] == id &&
			s.At.After(refresh.At)
	})
	w.wantUnsubscribed(t, frank, "frank", "presence")
}

func unknownEventRefused(t *testing.T, w *watched) {
	c := peers.Run(t, nil, "subscribe", "weather", "alice", "--accept", "text/plain", "--config",
		w.config(t, "heidi", nil))
	got := wantResult(t, c, 5, map[string]any{"ok": false, "code": 489.0, "notifications": 0.0})
	if words, _ := got["error"].(string); !strings.Contains(words, "489") || !strings.Contains(words, "Bad Event") {
		t.Errorf("the refusal is told as %q", words)
	}
}

// TestPublicationOutlivesTheServer: a server that was started again knows nothing of what was published, and says so
// by 412; it gets all of it, and who subscribes is told again.
func TestPublicationOutlivesTheServer(t *testing.T) {
	server := peers.StartPresence(t)
	w := &watched{rig{Kamailio: server.Kamailio}, server}
	bob := w.follow(t, "bob", "presence", "alice")
	w.publish(t, "alice", "presence", pidfType, time.Minute, pidf("alice", "open", "at her desk"))
	waitNotified(t, bob, "at her desk")
	first := server.Request(t, "PUBLISH")
	server.Kill(t)
	server.Restart(t)
	again := func(what string, ok func(peers.Seen) bool) peers.Seen {
		return server.Until(t, 30*time.Second, what, func(s peers.Seen) bool {
			return s.At.After(first.At) && strings.HasSuffix(strings.Join(s.Header("CSeq"), ""), "PUBLISH") && ok(s)
		})
	}
	refresh := again("PUBLISH that refreshes",
		func(s peers.Seen) bool { return s.Received && len(s.Header("SIP-If-Match")) > 0 })
	if strings.Contains(refresh.Text, "at her desk") {
		t.Errorf("the refresh has a body:\n%s", refresh.Text)
	}
	again("412", func(s peers.Seen) bool { return !s.Received && strings.HasPrefix(s.Text, "SIP/2.0 412") })
	again("PUBLISH afresh", func(s peers.Seen) bool {
		return s.Received && len(s.Header("SIP-If-Match")) == 0 && strings.Contains(s.Text, "at her desk") &&
			s.At.After(refresh.At)
	})
	waitNotified(t, bob, "at her desk")
}

func optionsBetweenTwo(t *testing.T, w *watched) {
	ivan := peers.Run(t, nil, "message", "wait", "--config", w.config(t, "ivan", nil))
	waitRegistered(t, ivan)
	judy := peers.Run(t, nil, "options", "ivan", "--config", w.config(t, "judy", nil))
	got := wantResult(t, judy, 0, map[string]any{"ok": true})
	if allow := fmt.Sprint(got["allow"]); !strings.Contains(allow, "INVITE") || !strings.Contains(allow, "MESSAGE") {
		t.Errorf("allows %s", allow)
	}
	if accept := fmt.Sprint(got["accept"]); !strings.Contains(accept, "application/sdp") {
		t.Errorf("accepts %s", accept)
	}
}

func messageToNobody(t *testing.T, w *watched) {
	c := peers.Run(t, nil, "message", "send", "nobody", "hello", "--config", w.config(t, "kim", nil))
	got := wantResult(t, c, 5, map[string]any{"ok": false, "address": "nobody"})
	if words, _ := got["words"].(string); words == "" {
		t.Errorf("it is told as %v", got)
	}
}
