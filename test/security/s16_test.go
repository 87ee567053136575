package security

import (
	"fmt"
	"strings"
	"testing"
)

// TestS16UnsolicitedRequests: events, messages and orders that nobody asked for (CVE-2021-37624, CVE-2026-28799, PJSIP
// 12306eaf: nested XML). They are refused or only shown; none makes the phone act.
func TestS16UnsolicitedRequests(t *testing.T) {
	g := attack(t, nil)
	nested := strings.Repeat("<a>", 5000) + strings.Repeat("</a>", 5000)
	bomb := `<?xml version="1.0"?>` +
		`<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><x>&b;</x>`
	refused := []int{403, 405, 415, 481, 489, 501}
	for _, c := range []struct {
		name   string
		method string
		lines  []string
		want   []int
	}{
		{
			"mailbox news of a stranger", "NOTIFY",
			[]string{
				"Event: message-summary", "Subscription-State: active",
				"Content-Type: application/simple-message-summary",
				"Body: Messages-Waiting: yes\r\nVoice-Message: 99999/0\r\n",
			},
			refused,
		},
		{
			"mailbox news of a stranger, without a state", "NOTIFY",
			[]string{
				"Event: message-summary", "Content-Type: application/simple-message-summary",
				"Body: Messages-Waiting: yes\r\nVoice-Message: 77/0\r\n",
			},
			refused,
		},
		{"check-sync", "NOTIFY", []string{"Event: check-sync;reboot=true", "Subscription-State: active"}, refused},
		{"talk", "NOTIFY", []string{"Event: talk", "Subscription-State: active"}, refused},
		{"hold", "NOTIFY", []string{"Event: hold", "Subscription-State: active"}, refused},
		{"nested XML", "NOTIFY", []string{
			"Event: dialog", "Subscription-State: active",
			"Content-Type: application/dialog-info+xml", "Body: " + nested,
		}, refused},
		{"entities", "NOTIFY", []string{
			"Event: presence", "Subscription-State: active",
			"Content-Type: application/pidf+xml", "Body: " + bomb,
		}, refused},
		{"no event", "NOTIFY", nil, append(refused, 400)},
		{
			"digits without a call", "INFO",
			[]string{"Content-Type: application/dtmf-relay", "Body: Signal=1\r\n"},
			refused,
		},
		{"a subscription", "SUBSCRIBE", []string{"Event: dialog", "Expires: 600"}, refused},
		{"a publication", "PUBLISH", []string{"Event: presence"}, refused},
		{"a registration", "REGISTER", nil, refused},
		{"an update without a call", "UPDATE", []string{offer}, refused},
		{"a PRACK without a call", "PRACK", []string{"RAck: 1 1 INVITE"}, refused},
		{"an unknown method", "REBOOT", nil, refused},
	} {
		t.Run(c.name, func(t *testing.T) {
			g.bounded(c.name, 6<<20, func() {
				for range 5 {
					g.wantStatus(c.name, g.Request(c.method, c.lines...), c.want...)
				}
			})
		})
	}
	for name, lines := range map[string][]string{
		"Alert-Info":  {"Alert-Info: <http://127.0.0.1/>;info=alert-autoanswer;delay=0"},
		"Call-Info":   {"Call-Info: <sip:h>;answer-after=0"},
		"Answer-Mode": {"Answer-Mode: Auto"}, "Priv-Answer-Mode": {"Priv-Answer-Mode: Auto;require"},
		"intercom": {"Alert-Info: intercom", "P-Auto-Answer: normal"},
	} {
		t.Run("answer by itself, "+name, func(t *testing.T) {
			invite := g.ring(lines...)
			g.Wire.Alive(name)
			g.cancel(invite) // is refused by whoever has answered
		})
	}
	t.Run("a flood", func(t *testing.T) {
		g.bounded("two thousand NOTIFYs", 10<<20, func() {
			for i := range 2000 {
				g.Send(g.Request("NOTIFY", "Event: presence",
					fmt.Sprint("Subscription-State: active;expires=", i)).Bytes())
			}
		})
	})
	if g.has("99999") || g.has("voice message") {
		t.Error("a stranger's mailbox news are shown")
	}
}
