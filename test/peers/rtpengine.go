package peers

import (
	"fmt"
	"testing"
	"time"
)

// StartRTPEngineAt runs a Kamailio whose users are phones with WebSocket and WebRTC and phones with TCP and RTP in
// clear, and an rtpengine between them.
func StartRTPEngineAt(t testing.TB, at *Place) *Kamailio {
	t.Helper()
	Need(t, "rtpengine")
	control := fmt.Sprintf("%s:%d", at.Host, FreePort(t))
	engine := Start(t, at.Command("rtpengine", "--foreground", "--log-stderr", "--log-level=5", "--config-file=none",
		"--table=-1", "--interface="+at.Host, "--listen-ng="+control, "--port-min=30000", "--port-max=39999"))
	Until(t, 30*time.Second, "rtpengine to answer", func() bool {
		if engine.Exited() {
			t.Fatalf("rtpengine ended: %s", engine.Output)
		}
		return pinged(at, control)
	})
	return startKamailio(t, at, false,
		"modparam(\"auth\",", fmt.Sprintf(bridging, control)+"modparam(\"auth\",",
		"\t\t\thandle_ruri_alias();\n\t\t\tt_on_reply",
		"\t\t\thandle_ruri_alias();\n\t\t\troute(MEDIA);\n\t\t\tt_on_reply",
		"\n\thandle_ruri_alias();\n\tt_on_reply", "\n\thandle_ruri_alias();\n\troute(MEDIA);\n\tt_on_reply",
		"onreply_route[NAT] {\n", media+"onreply_route[NAT] {\n\troute(ANSWER);\n",
	)
}

// pinged tells whether an rtpengine answers.
func pinged(at *Place, control string) bool {
	c, err := at.Dial("udp", control)
	if err != nil {
		return false
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(200 * time.Millisecond))
	if _, err := c.Write([]byte("1 d7:command4:pinge")); err != nil {
		return false
	}
	n, err := c.Read(make([]byte, 100))
	return err == nil && n > 0
}

// bridging: where rtpengine listens.
const bridging = `loadmodule "rtpengine.so"
modparam("rtpengine", "rtpengine_sock", "udp:%s")
`

// media has rtpengine between ends of different kinds. What stands in a request's or a response's description is an
// offer, unless it answers one (RFC 3261 section 13.2.1).
const media = `#!define WEB "replace-origin replace-session-connection transport-protocol=UDP/TLS/RTP/SAVPF ` +
	`ICE=force rtcp-mux-offer generate-mid SDES-off"
#!define PLAIN "replace-origin replace-session-connection transport-protocol=RTP/AVP ICE=remove DTLS=off ` +
	`rtcp-mux-demux SDES-off"

route[MEDIA] {
	$avp(towards) = "nothing";
	$avp(offered) = 0;
	if ($du =~ "transport=ws" || ($du == $null && $ru =~ "transport=ws")) {
		if ($proto != "ws") $avp(towards) = "web";
	} else {
		if ($proto == "ws") $avp(towards) = "plain";
	}
	if ($avp(towards) == "nothing") return;
	if (is_method("BYE")) {
		rtpengine_delete();
		return;
	}
	if (!has_body("application/sdp")) return;
	$avp(offered) = 1;
	if (is_method("ACK|PRACK")) {
		if ($avp(towards) == "web") rtpengine_answer(WEB); else rtpengine_answer(PLAIN);
		return;
	}
	if ($avp(towards) == "web") rtpengine_offer(WEB); else rtpengine_offer(PLAIN);
}

route[ANSWER] {
	if ($avp(towards) == "nothing" || $avp(towards) == $null || !has_body("application/sdp")) return;
	if ($avp(offered) == 1) {
		if ($avp(towards) == "web") rtpengine_answer(PLAIN); else rtpengine_answer(WEB);
		return;
	}
	if ($avp(towards) == "web") rtpengine_offer(PLAIN); else rtpengine_offer(WEB);
}

`
