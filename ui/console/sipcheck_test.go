package console

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"calla/account"
	"calla/audio"
	"calla/netsip/sandbox"
	"calla/netsip/sip"
	"calla/phone"
)

// tortureFolder holds the messages of RFC 4475 and RFC 5118 where they are at hand.
const tortureFolder = "../../../shared/torture"

// sipChecked runs sip check on files and returns its lines.
func sipChecked(t *testing.T, in string, files ...string) []map[string]any {
	t.Helper()
	out, errs, code := ran(t, in, append([]string{"sip", "check"}, files...)...)
	if code != ExitOK {
		t.Fatalf("exit code %d\n%s", code, errs)
	}
	var list []map[string]any
	for line := range strings.Lines(out) {
		var o map[string]any
		if err := json.Unmarshal([]byte(line), &o); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		list = append(list, o)
	}
	if len(list) != len(files) {
		t.Fatalf("%d lines for %d files", len(list), len(files))
	}
	return list
}

// answerOf is the answer in a line: a status, 0 for none.
func answerOf(o map[string]any) int {
	status, _ := o["answer"].(float64)
	return int(status)
}

// tortureFiles lists the messages of a set in the order of its table.
func tortureFiles(t *testing.T, set string) []string {
	t.Helper()
	table, err := os.Open(filepath.Join(tortureFolder, set+".tsv"))
	if err != nil {
		t.Skip(strings.ToUpper(set) + " messages not at hand in " + tortureFolder)
	}
	defer table.Close()
	r := csv.NewReader(table)
	r.Comma, r.FieldsPerRecord, r.LazyQuotes = '\t', -1, true
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	for _, row := range rows[1:] {
		files = append(files, filepath.Join(tortureFolder, set, row[0]))
	}
	return files
}

// The answers that RFC 4475 allows a user agent on a WebSocket, whose own address the Request-URI has; 0 is none.
func answers4475() map[string][]int {
	return map[string][]int{
		"wsinv": {481}, "intmeth": {501}, "esc01": {180}, "escnull": {405}, "esc02": {501}, "lwsdisp": {200},
		"longreq": {180},
		"dblreq":  {405}, "semiuri": {200}, "transports": {200}, "mpart01": {405, 415, 200}, "unreason": {0},
		"noreason": {0},
		"badinv01": {400}, "clerr": {400}, "ncl": {400}, "scalar02": {400}, "scalarlg": {0}, "quotbal": {400},
		"ltgtruri": {400},
		"lwsruri":  {400}, "lwsstart": {400}, "trws": {400}, "escruri": {400}, "baddate": {180}, "regbadct": {400, 405},
		"badaspec": {400},
		"baddn":    {400}, "badvers": {505}, "mismatch01": {400}, "mismatch02": {400, 501}, "bigcode": {0},
		"badbranch": {400}, "insuf": {0},
		"unkscm": {416}, "novelsc": {416}, "unksm2": {405}, "bext01": {420}, "invut": {415}, "regaut01": {405},
		"multi01": {400}, "mcl01": {400},
		"bcast": {0}, "zeromf": {200}, "cparam01": {405}, "cparam02": {405}, "regescrt": {405}, "sdp01": {400, 406},
		"inv2543": {180},
	}
}

func TestSIPCheckRFC4475(t *testing.T) {
	files, answers := tortureFiles(t, "rfc4475"), answers4475()
	if len(files) != 49 || len(answers) != 49 {
		t.Fatalf("%d messages and %d answers, want 49", len(files), len(answers))
	}
	faults := map[string]int{"badinv01": 2, "scalar02": 3, "insuf": 3, "multi01": 5} // at least; of the others, one
	for i, o := range sipChecked(t, "", files...) {
		name := strings.TrimSuffix(filepath.Base(files[i]), ".dat")
		if answer := answerOf(o); !slices.Contains(answers[name], answer) {
			t.Errorf("%s: answer %d, want one of %v: %v", name, answer, answers[name], o)
		}
		wrong := o["wrong"].([]any)
		if o["parsed"] == false && (len(wrong) < max(1, faults[name]) || wrong[0].(map[string]any)["rule"] == nil) ||
			o["why"] == "" {
			t.Errorf("%s: is refused by no rule: %v", name, o)
		}
		if answers[name][0] == 180 && !strings.HasPrefix(o["why"].(string), "rings") {
			t.Errorf("%s: does not ring: %v", name, o)
		}
	}
}

func TestSIPCheckRFC5118(t *testing.T) {
	files := tortureFiles(t, "rfc5118")
	if len(files) != 12 {
		t.Fatalf("%d messages, want 12", len(files))
	}
	for i, o := range sipChecked(t, "", files...) {
		want := map[any]int{"REGISTER": 405, "BYE": 481, "INVITE": 180, "OPTIONS": 200}[o["method"]]
		switch strings.TrimSuffix(filepath.Base(files[i]), ".dat") {
		case "ipv6-bad":
			want = 400
		case "via-received-param-no-delim": // its Request-URI names no user
			want = 404
		}
		if answer := answerOf(o); answer != want || (o["parsed"] == true) != (want != 400) {
			t.Errorf("%s: answer %d, want %d: %v", files[i], answer, want, o)
		}
	}
}

// sipMessage is a request that is right, with header fields changed ("Name: value") or left out ("-Name").
func sipMessage(startLine string, changes ...string) string {
	method, _, _ := strings.Cut(startLine, " ")
	names := []string{"Via", "Max-Forwards", "To", "From", "Call-ID", "CSeq", "Contact"}
	fields := map[string]string{
		"Via": "SIP/2.0/WS far.example;branch=z9hG4bKsipcheck", "Max-Forwards": "70", "To": "<sip:bob@example.com>",
		"From":    "<sip:far@example.org>;tag=far",
		"Call-ID": "sip-check", "CSeq": "1 " + method, "Contact": "<sip:far@far.example>",
	}
	body := ""
	for _, change := range changes {
		name, value, is := strings.Cut(change, ": ")
		switch {
		case !is && strings.HasPrefix(change, "-"):
			delete(fields, change[1:])
		case !is:
			body = change
		default:
			if _, known := fields[name]; !known {
				names = append(names, name)
			}
			fields[name] = value
		}
	}
	var b strings.Builder
	b.WriteString(startLine + "\r\n")
	for _, name := range names {
		if value, is := fields[name]; is {
			b.WriteString(name + ": " + value + "\r\n")
		}
	}
	return b.String() + "\r\n" + body
}

// TestSIPCheck holds what is told of messages: how they are read, what is wrong with them, and the answer.
func TestSIPCheck(t *testing.T) {
	const invite, options = "INVITE sip:bob@example.com SIP/2.0", "OPTIONS sip:bob@example.com SIP/2.0"
	const sdp, plainRTP = "Content-Type: application/sdp",
		"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n"
	for _, test := range []struct {
		name, message string
		parsed        bool
		wrong         string // what and rule of all findings
		answer        int
		why, rule     string
	}{
		{"options", sipMessage(options), true, "", 200, "200 OK", ""},
		{"late offer", sipMessage(invite), true, "", 180, "rings (180)", ""},
		{"offer", sipMessage(invite, sdp, plainRTP), true, "the offer: media is not encrypted with DTLS-SRTP: no " +
			"fingerprint; a call with it is refused with 488 (RFC 3261 section 13.3.1.3)", 180, "rings (180)", ""},
		{
			"offer that is none", sipMessage(invite, sdp, "v=1"), true,
			"the offer: body is not a session description: " +
				"it does not begin with v=0; a call with it is refused with 400 (RFC 3261 section 13.3.1.3)", 180,
			"rings (180)", "",
		},
		{
			"no Via", sipMessage(options, "-Via"), false, "no Via (RFC 3261 section 8.1.1)", 0, "dropped: no Via",
			"RFC 3261 section 8.1.1",
		},
		{
			"bad CSeq", sipMessage(options, "CSeq: x OPTIONS"), false, "malformed CSeq (RFC 3261 section 20.16)", 400,
			"400 Bad Request - malformed CSeq", "RFC 3261 section 20.16",
		},
		{
			"version", sipMessage("OPTIONS sip:bob@example.com SIP/3.0"), false,
			"Version Not Supported (RFC 3261 section 7.1)", 505, "505 Version Not Supported", "RFC 3261 section 7.1",
		},
		{
			"extension", sipMessage(options, "Require: nothing"), true, "Bad Extension (RFC 3261 section 8.2.2.3)", 420,
			"420 Bad Extension", "RFC 3261 section 8.2.2.3",
		},
		{
			"scheme", sipMessage("OPTIONS tel:+1 SIP/2.0"), true, "Unsupported URI Scheme (RFC 3261 section 8.2.2.1)",
			416,
			"416 Unsupported URI Scheme", "RFC 3261 section 8.2.2.1",
		},
		{
			"branch", sipMessage(options, "Via: SIP/2.0/WS far.example;branch=z9hG4bK"), true,
			"branch is only the magic cookie (RFC 3261 section 8.1.1.7)", 400,
			"400 Bad Request - branch is only the magic cookie", "RFC 3261 section 8.1.1.7",
		},
		{
			"dialog", sipMessage("BYE sip:bob@example.com SIP/2.0", "To: <sip:bob@example.com>;tag=x"), true, "", 481,
			"481 Call/Transaction Does Not Exist", "RFC 3261 section 12.2.2",
		},
		{
			"register", sipMessage("REGISTER sip:example.com SIP/2.0"), true, "", 405, "405 Method Not Allowed",
			"RFC 3261 section 8.2.1",
		},
		{
			"method", sipMessage("DANCE sip:bob@example.com SIP/2.0"), true, "", 501, "501 Not Implemented",
			"RFC 3261 section 21.5.2",
		},
		{
			"ack", sipMessage("ACK sip:bob@example.com SIP/2.0"), true, "", 0, "dropped: an ACK is never answered",
			"RFC 3261 section 17",
		},
		{
			"response", sipMessage("SIP/2.0 200 OK", "CSeq: 1 INVITE"), true, "", 0, "dropped: no transaction",
			"RFC 3261 section 18.1.2",
		},
		{
			"two Vias", sipMessage("SIP/2.0 200 OK", "CSeq: 1 INVITE",
				"Via: SIP/2.0/WS a;branch=z9hG4bKa, SIP/2.0/WS b;branch=z9hG4bKb"), true,
			"needs exactly one Via (RFC 3261 section 8.1.3.3)", 0, "dropped: needs exactly one Via",
			"RFC 3261 section 8.1.3.3",
		},
		{
			"old", sipMessage(options, "-Max-Forwards", "From: <sip:far@example.org>"), true,
			"From has no tag (RFC 3261 section 8.1.1.3, tolerated); there is no Max-Forwards (RFC 3261 section " +
				"8.1.1.6, tolerated)", 200, "200 OK", "",
		},
		{
			"odd fields", sipMessage(options, "X Custom: 1", "Expires: never",
				`From: "Joe "Red" S" <sip:joe@x>;tag=far;`), true,
			"malformed header line (RFC 3261 section 7.3.1, tolerated); malformed parameters of From " +
				"(RFC 3261 section 20.20, tolerated); malformed Expires (RFC 3261 section 20.19, tolerated)",
			200, "200 OK", "",
		},
		{
			"refused, and odd", sipMessage(options, "X Custom: 1", "CSeq: x OPTIONS"), false,
			"malformed CSeq (RFC 3261 section 20.16); malformed header line (RFC 3261 section 7.3.1, tolerated)", 400,
			"400 Bad Request - malformed CSeq", "RFC 3261 section 20.16",
		},
		{
			"read by nobody", sipMessage(options, "Session-Expires: soon", "Date: now"), true,
			"malformed Session-Expires (RFC 4028 section 4, tolerated); malformed Date (RFC 3261 section 20.17, " +
				"tolerated)",
			200, "200 OK", "",
		},
		{
			"line ends", strings.ReplaceAll(sipMessage(options), "\r\n", "\n"), true,
			"a line ends with LF alone (RFC 3261 section 7, tolerated)", 200, "200 OK", "",
		},
		{
			"octets after", sipMessage(options, "Content-Length: 0", "xyz"), true,
			"octets after the body are passed over (RFC 7118 section 5, tolerated)", 200, "200 OK", "",
		},
		{
			"long", sipMessage(options, "Content-Type: text/plain", strings.Repeat("x", 70_000)), false,
			"Message Too Large (RFC 3261 section 21.5.7)", 513, "513 Message Too Large", "RFC 3261 section 21.5.7",
		},
		{
			"longer than any frame", sipMessage(options, strings.Repeat("x", 200_000)), false,
			"Message Too Large (RFC 3261 section 21.5.7)", 0, "closes the connection", "RFC 3261 section 21.5.7",
		},
		{"keep-alive", "\r\n\r\n", false, "", 0, "a keep-alive, no message", "RFC 5626 section 4.4.1"},
		{
			"several faults", sipMessage(options, "CSeq: x OPTIONS", "Max-Forwards: 256"), false,
			"malformed CSeq (RFC 3261 section 20.16); malformed Max-Forwards (RFC 3261 section 20.22)", 400,
			"400 Bad Request - malformed CSeq", "RFC 3261 section 20.16",
		},
		{
			"rubbish", "hello\r\n\r\n", false, "malformed request line (RFC 3261 section 7.1); no Via (RFC 3261 " +
				"section 8.1.1); no To (RFC 3261 section 8.1.1); no From (RFC 3261 section 8.1.1); no Call-ID (RFC " +
				"3261 " +
				"section 8.1.1); no CSeq (RFC 3261 section 8.1.1)", 0, "dropped: malformed request line",
			"RFC 3261 section 7.1",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := sipChecked(t, test.message, "-")[0]
			var wrong []string
			for _, w := range o["wrong"].([]any) {
				w := w.(map[string]any)
				where := fmt.Sprint(w["rule"])
				if w["tolerated"] == true {
					where += ", tolerated"
				}
				wrong = append(wrong, fmt.Sprintf("%v (%s)", w["what"], where))
			}
			rule, _ := o["rule"].(string)
			if got := strings.Join(wrong, "; "); o["parsed"] != test.parsed || got != test.wrong ||
				answerOf(o) != test.answer || o["why"] != test.why || rule != test.rule {
				t.Errorf("got %v", o)
			}
		})
	}
}

// What the messages are sent to can do exactly what the phone can.
func TestSIPCheckAsksAPhone(t *testing.T) {
	r, err := startRig(t.Context(), "127.0.0.1:0", []string{"bob"}, false, audio.Codecs(),
		slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer r.close()
	p, err := phone.New(phone.Options{Dial: r.server.Dial})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	a, err := account.New(r.account("bob", r.passwords["bob"]))
	if err != nil {
		t.Fatal(err)
	}
	p.SaveAccount(a, account.Secret{}, account.SecretSession, func(error) {})
	for deadline := time.Now().Add(20 * time.Second); len(r.server.Bindings("bob")) == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the phone does not register")
		}
	}
	const options = "OPTIONS sip:bob@sandbox.invalid SIP/2.0"
	answers := make(chan *sip.Message, 1)
	r.server.Observe(func(e sandbox.Event) {
		if !e.Sent && e.Message != nil && !e.Message.IsRequest() && e.Message.CallID() == "sip-check" {
			answers <- e.Message
		}
	})
	if err := r.server.Send("bob", []byte(sipMessage(options))); err != nil {
		t.Fatal(err)
	}
	s, err := newSpecimen("bob", audio.Codecs())
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	got, err := s.provoke([]byte(sipMessage(options)), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := <-answers
	for _, name := range []string{"Allow", "Supported", "Accept", "Allow-Events"} {
		if !slices.Equal(got.Values(name), want.Values(name)) || want.StatusCode != 200 {
			t.Errorf("%s is %q, of a phone %q", name, got.Values(name), want.Values(name))
		}
	}
}

func TestSIPCheckOfFilesThatCannotBeRead(t *testing.T) {
	good := filepath.Join(t.TempDir(), "good.sip")
	if err := os.WriteFile(good, []byte(sipMessage("OPTIONS sip:bob@example.com SIP/2.0")), 0o600); err != nil {
		t.Fatal(err)
	}
	out, errs, code := ran(t, "", "sip", "check", "nowhere.sip", good)
	if code != ExitInvalid || !strings.Contains(errs, "nowhere.sip") || strings.Count(out, "\n") != 1 ||
		!strings.Contains(out, `"answer":200`) {
		t.Errorf("exit code %d\n%s%s", code, out, errs)
	}
}
