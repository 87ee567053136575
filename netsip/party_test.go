package netsip

import (
	"testing"
	"testing/synctest"
)

// TestTheNetworkNamesTheFarEnd: an identity that it asserts in a request or response inside the call is who the far end
// is from then on, where it is believed; who it was first is kept.
//
// Holds: asserted-identity
func TestTheNetworkNamesTheFarEnd(t *testing.T) {
	const bob, carol = `"Bob" <sip:bob@example.com>`, `"Carol" <sip:carol@example.com>`
	const robert, number = `"Robert" <sip:bob@example.com>`, `"Carol" <tel:+15551234>`
	const asserted = "P-Asserted-Identity: " + carol
	for _, v := range []struct {
		name  string
		lines []string
		want  string
	}{
		{"display name and address", []string{asserted}, carol},
		{"no display name", []string{`P-Asserted-Identity: <sip:carol@example.com>`}, `<sip:carol@example.com>`},
		{"the same address keeps its name", []string{`P-Asserted-Identity: <sip:bob@example.com>`}, bob},
		{"another name for the same address", []string{"P-Asserted-Identity: " + robert}, robert},
		{"a telephone number", []string{`P-Asserted-Identity: <tel:+15551234>`}, `<tel:+15551234>`},
		{"an address and a number", []string{asserted + ", <tel:+15551234>"}, carol},
		{"a number and an address", []string{"P-Asserted-Identity: <tel:+15551234>, " + carol}, number},
		{"a foreign domain", []string{`P-Asserted-Identity: "Your bank" <sip:bank@evil.example>`}, bob},
		{"a domain that only ends as ours", []string{`P-Asserted-Identity: "Boss" <sip:boss@notexample.com>`}, bob},
		{"a foreign domain, then ours", []string{"P-Asserted-Identity: <sip:bank@evil.example>, " + carol}, carol},
		{"privacy", []string{asserted, "Privacy: id"}, bob},
		{"privacy among others", []string{asserted, "Privacy: header;ID"}, bob},
		{"no privacy", []string{asserted, "Privacy: none"}, carol},
		{"Remote-Party-ID", []string{"Remote-Party-ID: " + carol + ";privacy=off;screen=no"}, carol},
		{"Remote-Party-ID that is private", []string{"Remote-Party-ID: " + carol + ";privacy=full"}, bob},
		{"Remote-Party-ID of a foreign domain", []string{`Remote-Party-ID: "Carol" <sip:carol@evil.example>`}, bob},
		{"not an address", []string{`P-Asserted-Identity: Carol`}, bob},
		{"another scheme", []string{`P-Asserted-Identity: <javascript:alert(1)>`}, bob},
		{"a name without an end", []string{`P-Asserted-Identity: "` + long(2000) + `" <sip:carol@example.com>`}, bob},
		{"nothing", nil, bob},
	} {
		for _, way := range []string{"UPDATE", "INVITE", "response"} {
			t.Run(v.name+" in "+way, func(t *testing.T) {
				ladder(t, testConfig(), func(b *bench, w *wire) {
					s, f := b.answered(w, "Allow: INVITE, UPDATE")
					if way == "response" {
						b.do(func() { s.SetHold(true) })
						w.reply(w.expect("INVITE"), 200, append([]string{farContact, answerSDP}, v.lines...)...)
						w.expect("ACK")
					} else {
						lines := append([]string{farContact}, v.lines...)
						if way == "INVITE" {
							lines = append(lines, offerSDP)
						}
						w.send(f.request(way, lines...))
						if way == "INVITE" {
							w.expect("100 INVITE")
						}
						w.expect("200 " + way)
						if way == "INVITE" {
							w.send(f.request("ACK"))
						}
					}
					synctest.Wait() // an answer counts when the media have taken it
					b.do(func() {
						if got := s.Party().String(); got != v.want {
							t.Errorf("the far end is %s, want %s", got, v.want)
						}
						if got := s.Remote().String(); got != bob {
							t.Errorf("it was %s at first", got)
						}
					})
				})
			})
		}
	}
}

// TestAChangedFromNamesTheFarEnd (RFC 4916), once, and by the same rule.
//
// Holds: asserted-identity
func TestAChangedFromNamesTheFarEnd(t *testing.T) {
	const dave = `"Dave" <sip:dave@example.com>`
	const bob, carol = `"Bob" <sip:bob@example.com>`, `"Carol" <sip:carol@example.com>`
	for _, v := range []struct {
		name string
		from []string // of one UPDATE after the other
		want string
	}{
		{"of our domain", []string{carol}, carol},
		{"as before", []string{`"Somebody" <sip:bob@example.com>`}, bob},
		{"of a foreign domain", []string{`"Your bank" <sip:bank@evil.example>`}, bob},
		{"nobody's", []string{`"Anonymous" <sip:anonymous@anonymous.invalid>`}, bob},
		{"one and then another", []string{carol, dave}, dave},
		{"and back", []string{`<sip:carol@example.com>`, `"Bob" <sip:bob@example.com>`}, bob},
	} {
		t.Run(v.name, func(t *testing.T) {
			ladder(t, testConfig(), func(b *bench, w *wire) {
				s, f := b.answered(w)
				for _, from := range v.from {
					m := f.request("UPDATE", farContact)
					m.Set("From", from+";tag="+m.FromTag())
					w.send(m)
					w.expect("200 UPDATE")
				}
				synctest.Wait()
				b.do(func() {
					if got := s.Party().String(); got != v.want {
						t.Errorf("the far end is %s, want %s", got, v.want)
					}
				})
			})
		})
	}
}

// TestWhoAnswersIsNamed by the 200 of our call, and whom we called stays known.
//
// Holds: asserted-identity
func TestWhoAnswersIsNamed(t *testing.T) {
	for _, v := range []struct {
		name string
		line string
		want string
	}{
		{"P-Asserted-Identity", `P-Asserted-Identity: "Carol" <sip:carol@example.com>`, "Carol"},
		{"Remote-Party-ID", `Remote-Party-ID: "Carol" <sip:carol@example.com>;party=called;privacy=off`, "Carol"},
		{"Remote-Party-ID of the other side", `Remote-Party-ID: "Alice" <sip:alice@example.com>;party=calling`, ""},
		{"of a foreign domain", `P-Asserted-Identity: "Carol" <sip:carol@evil.example>`, ""},
		{"none", `Subject: nothing`, ""},
	} {
		t.Run(v.name, func(t *testing.T) {
			ladder(t, testConfig(), func(b *bench, w *wire) {
				s, _, _ := b.established(w, v.line)
				synctest.Wait()
				b.do(func() {
					if got := s.Party().Display; got != v.want || s.Remote().URI.User != "bob" {
						t.Errorf("the far end is %s, called %s", s.Party(), s.Remote())
					}
				})
			})
		})
	}
}
