package peers

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// Baresip is a phone with SIP over TCP and RTP in clear, which speaks a tone, or a file, and records what it hears.
type Baresip struct {
	*Process
	t     testing.TB
	user  string
	dir   string
	keys  io.WriteCloser // what is typed
	wire  net.Conn       // its control, in netstrings
	mu    sync.Mutex
	told  []BaresipEvent
	asked int // events before this were waited for
}

// BaresipEvent is what it tells: "CALL_INCOMING", "CALL_ESTABLISHED", …
type BaresipEvent struct {
	Type  string `json:"type"`
	Param string `json:"param"`
}

const baresipConfig = `poll_method epoll
sip_listen %[1]s:0
net_interface %[1]s
rtp_ports 40000-49999
module_path %[2]s
module stdio.so
module g711.so
module g722.so
module opus.so
module ausine.so
module aufile.so
module sndfile.so
module_tmp uuid.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen %[1]s:%[3]d
audio_source %[4]s
snd_path %[5]s
ausrc_srate 48000
ausrc_channels 2
statmode_default off
rtp_stats no
`

// StartBaresipAt registers a user at k, by a baresip of its own that speaks hz, by PCMU.
func StartBaresipAt(t testing.TB, at *Place, k *Kamailio, user string, hz float64) *Baresip {
	t.Helper()
	return startBaresip(t, at, k, user, fmt.Sprintf("ausine,%v", hz), "PCMU")
}

// StartBaresipOf registers one that speaks a WAV file, stereo at 48 kHz, by this codec and no other.
func StartBaresipOf(t testing.TB, at *Place, k *Kamailio, user, file, codec string) *Baresip {
	t.Helper()
	return startBaresip(t, at, k, user, "aufile,"+file, codec)
}

func startBaresip(t testing.TB, at *Place, k *Kamailio, user, source, codec string) *Baresip {
	t.Helper()
	Need(t, "baresip")
	modules, err := filepath.Glob("/usr/lib*/baresip/modules")
	if err != nil || len(modules) == 0 {
		Missing(t, "baresip's modules are not installed")
	}
	dir, port := t.TempDir(), FreePort(t)
	account := fmt.Sprintf("<sip:%s@%s;transport=tcp>;auth_pass=%q;outbound=\"sip:%s;transport=tcp\";regint=600"+
		";audio_codecs=%s\n", user, k.Domain, k.Password, k.addr, codec)
	for name, text := range map[string]string{
		"config":   fmt.Sprintf(baresipConfig, at.Host, modules[0], port, source, dir),
		"accounts": account, "contacts": "",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := at.Command("baresip", "-f", dir)
	cmd.Dir = dir
	b := &Baresip{t: t, user: user, dir: dir}
	if b.keys, err = cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	b.Process = Start(t, cmd)
	control := net.JoinHostPort(at.Host, strconv.Itoa(port))
	Until(t, 30*time.Second, "baresip to be there", func() bool {
		if b.Exited() {
			t.Fatalf("baresip ended: %s", b.Output)
		}
		b.wire, err = at.Dial("tcp", control)
		return err == nil
	})
	t.Cleanup(func() { _ = b.wire.Close() })
	go b.read()
	Until(t, 30*time.Second, "baresip to register", func() bool {
		return strings.Contains(b.Output.String(), "200 OK") || b.has("REGISTER_OK")
	})
	return b
}

func (b *Baresip) read() {
	in := bufio.NewReader(b.wire)
	for {
		head, err := in.ReadString(':')
		if err != nil {
			return
		}
		n, err := strconv.Atoi(strings.TrimSuffix(head, ":"))
		if err != nil || n < 0 || n > 1<<20 {
			return
		}
		body := make([]byte, n+1) // a comma ends it
		if _, err := io.ReadFull(in, body); err != nil {
			return
		}
		var e BaresipEvent
		if json.Unmarshal(body[:n], &e) == nil && e.Type != "" {
			b.mu.Lock()
			b.told = append(b.told, e)
			b.mu.Unlock()
		}
	}
}

func (b *Baresip) has(event string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range b.told {
		if e.Type == event {
			return true
		}
	}
	return false
}

// Heard is the file that what is heard is recorded in: samples of 16 bits at the rate that the codec has (PCMU: 8 kHz)
// behind a head of 44 octets. Each call has one; this is the latest, "" if there is none yet.
func (b *Baresip) Heard() string {
	files, _ := filepath.Glob(filepath.Join(b.dir, "dump-*-dec.wav"))
	latest, at := "", time.Time{}
	for _, f := range files {
		if s, err := os.Stat(f); err == nil && !s.ModTime().Before(at) {
			latest, at = f, s.ModTime()
		}
	}
	return latest
}

// Do gives one of its commands.
func (b *Baresip) Do(command, params string) {
	b.t.Helper()
	data, err := json.Marshal(map[string]string{"command": command, "params": params})
	if err == nil {
		_, err = fmt.Fprintf(b.wire, "%d:%s,", len(data), data)
	}
	if err != nil {
		b.t.Fatalf("baresip: %s: %v", command, err)
	}
}

// Press presses keys, as on its terminal.
func (b *Baresip) Press(keys string) {
	b.t.Helper()
	for _, key := range keys {
		if _, err := fmt.Fprint(b.keys, string(key)); err != nil {
			b.t.Fatal(err)
		}
		time.Sleep(400 * time.Millisecond) // a key is let go 250 ms after it was pressed
	}
}

// Wait waits for an event that was not waited for yet; others before it are passed over.
func (b *Baresip) Wait(event string, limit time.Duration) BaresipEvent {
	b.t.Helper()
	var found BaresipEvent
	Until(b.t, limit, fmt.Sprintf("baresip of %s to tell %s; it told %v", b.user, event, b.Events()), func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		for i := b.asked; i < len(b.told); i++ {
			if b.told[i].Type == event {
				found, b.asked = b.told[i], i+1
				return true
			}
		}
		return false
	})
	return found
}

// Events are all so far.
func (b *Baresip) Events() []BaresipEvent {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]BaresipEvent(nil), b.told...)
}
