package peers

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Janus is a gateway whose SIP plugin is the phone of a browser: SIP over TCP and RTP in clear on one side, WebRTC on
// the other.
type Janus struct {
	*Process
	URL   string // ws://HOST:PORT, of its interface for browsers
	Proxy string // sip:HOST:PORT;transport=tcp, of the Kamailio that it is at
}

// StartJanusAt runs it at a place, at a Kamailio, until the test ends.
func StartJanusAt(t testing.TB, at *Place, k *Kamailio) *Janus {
	t.Helper()
	Need(t, "janus")
	dir, port := t.TempDir(), FreePort(t)
	for name, text := range map[string]string{
		"janus.jcfg":                      janusConfig,
		"janus.transport.websockets.jcfg": fmt.Sprintf(janusWeb, port, at.Host),
		"janus.plugin.sip.jcfg":           fmt.Sprintf(janusSIP, at.Host),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	j := &Janus{URL: fmt.Sprintf("ws://%s:%d", at.Host, port), Proxy: "sip:" + k.addr + ";transport=tcp"}
	j.Process = Start(t, at.Command("janus", "--configs-folder="+dir, "--config="+filepath.Join(dir, "janus.jcfg"),
		"--interface="+at.Host, "--disable-colors"))
	Until(t, 30*time.Second, "Janus to listen", func() bool {
		if j.Exited() {
			t.Fatalf("janus ended: %s", j.Output)
		}
		return Listening(fmt.Sprintf("%s:%d", at.Host, port))
	})
	return j
}

const janusConfig = `general: {
	debug_level = 4
}
media: {
	rtp_port_range = "40000-44999"
}
plugins: {
	disable = "libjanus_audiobridge.so,libjanus_duktape.so,libjanus_echotest.so,libjanus_lua.so,libjanus_nosip.so,"
		"libjanus_recordplay.so,libjanus_streaming.so,libjanus_textroom.so,libjanus_videocall.so,"
		"libjanus_videoroom.so,libjanus_voicemail.so"
}
transports: {
	disable = "libjanus_http.so,libjanus_mqtt.so,libjanus_nanomsg.so,libjanus_pfunix.so,libjanus_rabbitmq.so"
}
`

// janusWeb: the port and the address of its interface for browsers.
const janusWeb = `general: {
	json = "compact"
	ws = true
	ws_port = %d
	ws_ip = "%s"
	wss = false
}
`

// janusSIP: its address.
const janusSIP = `general: {
	local_ip = "%[1]s"
	sdp_ip = "%[1]s"
	rtp_port_range = "20000-24999"
}
`
