package sip

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// tortureFolder holds the messages of RFC 4475 and RFC 5118 where they are at hand. They are not part of
// the project; testdata/corpus.txt covers the same rules.
const tortureFolder = "../../../shared/torture"

// readTorture reads a set of messages, with the columns of its table; nothing where the set is not at hand.
func readTorture(tb testing.TB, set string) []sample {
	tb.Helper()
	table, err := os.Open(filepath.Join(tortureFolder, set+".tsv"))
	if err != nil {
		return nil
	}
	defer table.Close()
	r := csv.NewReader(table)
	r.Comma, r.FieldsPerRecord, r.LazyQuotes = '\t', -1, true
	rows, err := r.ReadAll()
	if err != nil {
		tb.Fatal(err)
	}
	var list []sample
	for _, row := range rows[1:] {
		data, err := os.ReadFile(filepath.Join(tortureFolder, set, row[0]))
		if err != nil {
			tb.Fatal(err)
		}
		list = append(list, sample{strings.TrimSuffix(row[0], ".dat"), row[5], data})
		if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != row[5] || strconv.Itoa(len(data)) != row[4] {
			tb.Fatalf("%s is not the message of the table", row[0])
		}
	}
	return list
}

// The messages of RFC 4475 the parser does not accept; all others are for the user agent core to judge.
func refused4475() map[string]string {
	return map[string]string{
		"badinv01": "400", "clerr": "400", "ncl": "400", "scalar02": "400", "scalarlg": "drop", "quotbal": "400",
		"ltgtruri": "400", "lwsruri": "400", "lwsstart": "400", "trws": "400", "escruri": "400", "regbadct": "400",
		"badaspec": "400", "baddn": "400", "badvers": "505", "mismatch01": "400", "mismatch02": "400",
		"bigcode": "drop",
		"insuf":   "drop", "multi01": "400", "mcl01": "400",
	}
}

func TestRFC4475(t *testing.T) {
	list := readTorture(t, "rfc4475")
	if list == nil {
		t.Skip("RFC 4475 messages not at hand in " + tortureFolder)
	}
	if len(list) != 49 {
		t.Fatalf("%d messages, want 49", len(list))
	}
	refused := refused4475()
	for _, s := range list {
		t.Run(s.name, func(t *testing.T) {
			want := refused[s.name]
			if want == "" {
				want = "ok"
			}
			m, err := Parse(s.data)
			if got := outcome(err); got != want {
				t.Fatalf("got %s (%v), want %s", got, err, want)
			}
			if err != nil {
				checkAnswer(t, err.(*ParseError))
				return
			}
			checkRoundTrip(t, m)
			if check, ok := values4475()[s.name]; ok {
				check(t, m, s.data)
			}
		})
	}
}

func TestRFC5118(t *testing.T) {
	list := readTorture(t, "rfc5118")
	if list == nil {
		t.Skip("RFC 5118 messages not at hand in " + tortureFolder)
	}
	if len(list) != 12 {
		t.Fatalf("%d messages, want 12", len(list))
	}
	for _, s := range list {
		t.Run(s.name, func(t *testing.T) {
			want := "ok"
			if s.name == "ipv6-bad" {
				want = "400"
			}
			m, err := Parse(s.data)
			if got := outcome(err); got != want {
				t.Fatalf("got %s (%v), want %s", got, err, want)
			}
			if err != nil {
				return
			}
			checkRoundTrip(t, m)
			switch s.name {
			case "port-ambiguous":
				same(t, "host", m.RequestURI.Host, "[2001:db8::10:5070]")
				same(t, "port", m.RequestURI.Port, 0)
			case "port-unambiguous":
				same(t, "host", m.RequestURI.Host, "[2001:db8::10]")
				same(t, "port", m.RequestURI.Port, 5070)
			case "via-received-param-no-delim", "via-received-param-with-delim":
				via, _ := m.TopVia()
				received, _ := via.Params.Get("received")
				same(t, "received", strings.Trim(received, "[]"), "2001:db8::9:255")
			case "ipv6-bug-abnf-3-colons":
				two, err := ParseURI("sip:user@[2001:db8::192.0.2.1]")
				same(t, "error", err, nil)
				same(t, "equal to the form with two colons", m.RequestURI.Equal(two), true)
			case "mult-ip-in-header":
				vias, err := m.Vias()
				same(t, "error", err, nil)
				same(t, "vias", len(vias), 3)
			}
		})
	}
}

// same fails when got is not want.
func same[T comparable](tb testing.TB, what string, got, want T) {
	tb.Helper()
	if got != want {
		tb.Errorf("%s: got %#v, want %#v", what, got, want)
	}
}

// values4475 are the typed values that RFC 4475 speaks of.
func values4475() map[string]func(t *testing.T, m *Message, data []byte) {
	return map[string]func(t *testing.T, m *Message, data []byte){
		"wsinv": func(t *testing.T, m *Message, _ []byte) {
			cseq, _ := m.CSeq()
			same(t, "CSeq", cseq, CSeq{9, "INVITE"})
			hops, _, _ := m.Uint("max-forwards")
			same(t, "Max-Forwards", hops, 68)
			vias, _ := m.Vias()
			same(t, "vias", len(vias), 3)
			same(t, "branch", vias[0].Branch()+" "+vias[1].Branch()+" "+vias[2].Branch(),
				"390skdjuw z9hG4bK9ikj8 z9hG4bK30239")
			same(t, "transport and host", vias[1].Transport+" "+vias[1].Host, "TCP spindle.example.com")
			same(t, "tags", m.FromTag()+" "+m.ToTag(), "98asjd8 1918181833n")
			same(t, "body", len(m.Body), 150)
			same(t, "routes", len(m.Values("Route")), 1)
			from, _ := m.From()
			same(t, "display", from.Display, `J Rosenberg \"`)
			contacts, err := m.Contacts()
			same(t, "contact error", err, nil)
			q, _ := contacts[0].Params.Get("Q")
			same(t, "contact", contacts[0].Display+" "+q, `Quoted string "" 0.33`)
			same(t, "folded", m.Get("NewFangledHeader"), "newfangled value continued newfangled value")
			subject, has := m.Get("Subject"), m.Has("s")
			same(t, "subject", subject, "")
			same(t, "has subject", has, true)
		},
		"intmeth": func(t *testing.T, m *Message, _ []byte) {
			same(t, "method", m.Method, "!interesting-Method0123456789_*+`.%indeed'~")
			to, err := m.To()
			same(t, "error", err, nil)
			same(t, "display", to.Display, "BEL:\a NUL:\x00 DEL:\x7f")
			same(t, "user", m.RequestURI.User,
				"1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)")
			from, _ := m.From()
			p, _ := from.Params.Get("fromParam''~+*_!.-%")
			same(t, "quoted UTF-8", p, "работающий")
			same(t, "tag", from.Tag(), "_token~1'+`*%!-.")
			same(t, "unknown header", m.Get("extensionHeader-!.%*+_`'~"), "\ufeff大停電")
		},
		"esc01": func(t *testing.T, m *Message, _ []byte) {
			same(t, "user", m.RequestURI.User, "sips%3Auser%40example.com")
			same(t, "decoded once", m.RequestURI.UserDecoded(), "sips:user@example.com")
			to, _ := m.To()
			plain, _ := ParseURI("sip:user@example.com")
			same(t, "escaped user equal", to.URI.Equal(plain), true)
			contacts, _ := m.Contacts()
			same(t, "contact user", contacts[0].URI.UserDecoded(), "caller")
		},
		"escnull": func(t *testing.T, m *Message, _ []byte) {
			to, _ := m.To()
			same(t, "user", to.URI.UserDecoded(), "null-\x00-null")
			contacts, _ := m.Contacts()
			same(t, "contacts", contacts[0].URI.Equal(contacts[1].URI), false)
		},
		"esc02": func(t *testing.T, m *Message, _ []byte) {
			same(t, "method", m.Method, "RE%47IST%45R")
			same(t, "contacts", len(m.Values("Contact")), 2)
		},
		"lwsdisp": func(t *testing.T, m *Message, _ []byte) {
			from, _ := m.From()
			same(t, "display", from.Display, "caller")
		},
		"longreq": func(t *testing.T, m *Message, _ []byte) {
			vias, err := m.Vias()
			same(t, "error", err, nil)
			same(t, "vias", len(vias), 34)
			same(t, "first", vias[0].Host, "sip33.example.com")
			same(t, "echoed", len(NewResponse(m, 180, "").Lines("Via")), 34)
		},
		"dblreq": func(t *testing.T, m *Message, _ []byte) {
			same(t, "method", m.Method, "REGISTER")
			same(t, "body", len(m.Body), 0)
			same(t, "call-id", m.CallID(), "dblreq.0ha0isndaksdj99sdfafnl3lk233412")
		},
		"semiuri": func(t *testing.T, m *Message, _ []byte) {
			same(t, "user", m.RequestURI.UserDecoded(), "user;par=u@example.net")
			same(t, "accepts", len(m.Values("Accept")), 6)
		},
		"mpart01": func(t *testing.T, m *Message, data []byte) {
			_, body, _ := bytes.Cut(data, []byte("\r\n\r\n"))
			same(t, "body", bytes.Equal(m.Body, body), true)
			mediaType, params := m.ContentType()
			boundary, _ := params.Get("boundary")
			same(t, "type", mediaType+" "+boundary, "multipart/mixed 7a9cbec02ceef655")
		},
		"noreason": func(t *testing.T, m *Message, _ []byte) { same(t, "reason", m.Reason, "") },
		"baddate": func(t *testing.T, m *Message, _ []byte) {
			same(t, "date", m.Get("Date"), "Fri, 01 Jan 2010 16:00:00 EST")
		},
		"unksm2": func(t *testing.T, m *Message, _ []byte) {
			from, err := m.From()
			same(t, "error", err, nil)
			same(t, "scheme", from.URI.Scheme+" "+from.Tag(), "http 3234233")
			to, _ := m.To()
			same(t, "to", to.URI.String(), "isbn:2983792873")
		},
		"bext01": func(t *testing.T, m *Message, _ []byte) {
			same(t, "require", strings.Join(m.Values("Require"), " "), "nothingSupportsThis nothingSupportsThisEither")
		},
		"cparam01": func(t *testing.T, m *Message, _ []byte) {
			contacts, _ := m.Contacts()
			_, ofHeader := contacts[0].Params.Get("unknownparam")
			_, ofURI := contacts[0].URI.Params.Get("unknownparam")
			same(t, "header parameter", ofHeader && !ofURI, true)
		},
		"cparam02": func(t *testing.T, m *Message, _ []byte) {
			contacts, _ := m.Contacts()
			_, ofHeader := contacts[0].Params.Get("unknownparam")
			_, ofURI := contacts[0].URI.Params.Get("unknownparam")
			same(t, "URI parameter", ofURI && !ofHeader, true)
		},
		"regescrt": func(t *testing.T, m *Message, _ []byte) {
			contacts, _ := m.Contacts()
			same(t, "headers", contacts[0].URI.Headers, "Route=%3Csip:sip.example.com%3E")
			same(t, "route", m.Has("Route"), false)
		},
		"inv2543": func(t *testing.T, m *Message, _ []byte) {
			via, _ := m.TopVia()
			same(t, "branch and tag", via.Branch()+m.FromTag(), "")
			to, _ := m.To()
			user, _ := to.Params.Get("user")
			same(t, "parameter of the header", user, "phone")
		},
		"zeromf": func(t *testing.T, m *Message, _ []byte) {
			hops, ok, err := m.Uint("Max-Forwards")
			same(t, "Max-Forwards", hops == 0 && ok && err == nil, true)
		},
	}
}
