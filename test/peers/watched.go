package peers

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Watch says what a Kamailio that is looked over the shoulder has beside the plain one.
type Watch struct {
	Authority *Authority // speaks TLS with a certificate of it; nil: ws only
	Clients   *Authority // wants a client certificate of it; nil: wants none
	Changes   []string   // of its configuration: old, new, old, new, …
}

// Watched is a Kamailio that writes down every SIP message it receives and sends, as it does.
type Watched struct {
	*Kamailio
	SecureURL string // wss://…; "" without TLS
	dump      string // folder
	lives     int
}

// StartWatched runs one until the test ends.
func StartWatched(t testing.TB, w Watch) *Watched {
	t.Helper()
	dump := filepath.Join(t.TempDir(), "dump")
	if err := os.Mkdir(dump, 0o700); err != nil {
		t.Fatal(err)
	}
	watched := &Watched{dump: dump}
	changes := []string{
		"modparam(\"auth\",", fmt.Sprintf(watching, dump) + "modparam(\"auth\",",
		"\t\tws_handle_handshake();", "\t\txlog(\"L_NOTICE\", \"handshake Origin=<$hdr(Origin)> " +
			"certificate=<$tls_peer_subject_cn>\\n\");\n\t\tws_handle_handshake();",
	}
	if w.Authority == nil {
		changes[3] = strings.Replace(changes[3], "$tls_peer_subject_cn", "", 1)
	} else {
		addr := fmt.Sprintf("127.0.0.1:%d", FreePort(t))
		watched.SecureURL = "wss://" + addr + "/ws"
		certificate, key := w.Authority.Issue(t, "127.0.0.1")
		text := fmt.Sprintf(secure, addr, certificate, key)
		if w.Clients != nil {
			text += fmt.Sprintf(wantsClients, w.Clients.File)
		}
		changes = append(changes, "loadmodule \"kex.so\"", text+"loadmodule \"kex.so\"")
		// The module of TLS comes before those that use it, its parameters after it.
	}
	watched.Kamailio = startKamailio(t, Loopback(), false, append(changes, w.Changes...)...)
	return watched
}

// watching: the folder. The level of the module websocket makes it tell of every Ping that comes in.
const watching = `loadmodule "xlog.so"
loadmodule "debugger.so"
loadmodule "sipdump.so"
modparam("debugger", "mod_level_mode", 1)
modparam("debugger", "mod_hash_size", 4)
modparam("debugger", "mod_level", "websocket=3")
modparam("sipdump", "enable", 1)
modparam("sipdump", "mode", 1)
modparam("sipdump", "wait", 10000)
modparam("sipdump", "folder", "%s")
`

// secure: the address, the files of certificate and key.
const secure = `enable_tls=yes
listen=tls:%s
loadmodule "tls.so"
modparam("tls", "tls_method", "TLSv1.2+")
modparam("tls", "certificate", "%s")
modparam("tls", "private_key", "%s")
`

const wantsClients = `modparam("tls", "ca_list", "%s")
modparam("tls", "verify_certificate", 1)
modparam("tls", "require_certificate", 1)
`

// Seen is one message as it was on the wire.
type Seen struct {
	Received bool // by Kamailio; else sent by it
	At       time.Time
	Source   string // address and port it came from
	Text     string
}

// Header returns the values of a header field, in order; compact forms are not read.
func (s Seen) Header(name string) []string {
	head, _, _ := strings.Cut(s.Text, "\r\n\r\n")
	var values []string
	for line := range strings.SplitSeq(head, "\r\n") {
		if n, v, ok := strings.Cut(line, ":"); ok && strings.EqualFold(strings.TrimSpace(n), name) {
			values = append(values, strings.TrimSpace(v))
		}
	}
	return values
}

// Line is the first line.
func (s Seen) Line() string {
	line, _, _ := strings.Cut(s.Text, "\r\n")
	return line
}

// Messages returns what has been seen so far, oldest first.
func (w *Watched) Messages(t testing.TB) []Seen {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(w.dump, "*"))
	if err != nil {
		t.Fatal(err)
	}
	var all []Seen
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, dumped(string(data))...)
	}
	slices.SortStableFunc(all, func(a, b Seen) int { return a.At.Compare(b.At) })
	return all
}

// dumped reads what the module sipdump writes; the last message may not be complete yet.
func dumped(text string) []Seen {
	const start, middle, end = "====================\n", "~~~~~~~~~~~~~~~~~~~~\n", "||||||||||||||||||||\n"
	var all []Seen
	for {
		head, rest, ok := strings.Cut(text, middle)
		body, next, whole := strings.Cut(rest, end)
		if !ok || !whole {
			return all
		}
		_, head, _ = strings.Cut(head, start)
		field := func(name string) string {
			for line := range strings.SplitSeq(head, "\n") {
				if v, is := strings.CutPrefix(line, name+": "); is {
					return v
				}
			}
			return ""
		}
		seconds, _ := strconv.ParseFloat(field("time"), 64)
		all = append(all, Seen{
			Received: field("tag") == "rcv", At: time.UnixMicro(int64(seconds * 1e6)),
			Source: field("srcip") + ":" + field("srcport"),
			Text:   strings.TrimSuffix(body, "\n"),
		})
		text = next
	}
}

// Until waits for a message that Kamailio received or sent, and returns it.
func (w *Watched) Until(t testing.TB, limit time.Duration, what string, ok func(Seen) bool) Seen {
	t.Helper()
	var found Seen
	Until(t, limit, what, func() bool {
		all := w.Messages(t)
		i := slices.IndexFunc(all, ok)
		if i >= 0 {
			found = all[i]
		}
		return i >= 0
	})
	return found
}

// Request waits for a request of a method that Kamailio received.
func (w *Watched) Request(t testing.TB, method string) Seen {
	t.Helper()
	return w.Until(t, 30*time.Second, method+" at the server", func(s Seen) bool {
		return s.Received && strings.HasPrefix(s.Text, method+" ")
	})
}

// Handshake is what a WebSocket handshake brought.
type Handshake struct {
	Origin      string // "<null>" for none
	Certificate string // common name of the client certificate
}

// Handshakes returns those so far.
func (w *Watched) Handshakes() []Handshake {
	var all []Handshake
	handshake := regexp.MustCompile(`handshake Origin=<(.*)> certificate=<(.*)>\n`)
	for _, m := range handshake.FindAllStringSubmatch(w.Output.String(), -1) {
		all = append(all, Handshake{m[1], m[2]})
	}
	return all
}

// Pings counts the WebSocket Pings that came in.
func (w *Watched) Pings() int { return strings.Count(w.Output.String(), "Rx Ping") }

// Restart starts it again after Kill; what it has written down stays.
func (w *Watched) Restart(t testing.TB) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(w.dump, "*"))
	if err != nil {
		t.Fatal(err)
	}
	w.lives++
	for _, f := range files {
		before := filepath.Join(w.dump, fmt.Sprintf("life%d.%s", w.lives, filepath.Base(f)))
		if err := os.Rename(f, before); err != nil {
			t.Fatal(err)
		}
	}
	w.Kamailio.Restart(t)
}
