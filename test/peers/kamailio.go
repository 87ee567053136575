package peers

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// Kamailio is a registrar and proxy for SIP over WebSocket on loopback. Every user of Domain has
// the password Password.
type Kamailio struct {
	*Process
	URL      string // ws://127.0.0.1:PORT/ws
	Domain   string
	Password string
	addr     string
}

// StartKamailio runs Kamailio with a configuration of ours until the test ends.
func StartKamailio(t testing.TB) *Kamailio {
	t.Helper()
	Need(t, "kamailio")
	dir := t.TempDir()
	k := &Kamailio{Domain: "example.test", Password: "s3cret pass", addr: fmt.Sprintf("127.0.0.1:%d", FreePort(t))}
	k.URL = "ws://" + k.addr + "/ws"
	file := filepath.Join(dir, "kamailio.cfg")
	if err := os.WriteFile(file, fmt.Appendf(nil, kamailioConfig, k.Domain, k.addr, k.Password), 0o600); err != nil {
		t.Fatal(err)
	}
	k.Process = Start(t, exec.Command("kamailio", "-f", file, "-DD", "-E", "-m", "32", "-M", "8",
		"-Y", dir, "-P", filepath.Join(dir, "pid")))
	Until(t, 10*time.Second, "Kamailio to listen at "+k.addr, func() bool {
		if k.Exited() {
			t.Fatalf("kamailio ended: %s", k.Output)
		}
		return Listening(k.addr)
	})
	return k
}

// kamailioConfig: %s the domain, the listening address, the password of all users.
//
// tcp_accept_no_cl lets the WebSocket handshake pass, a GET without Content-Length. The alias
// parameter of nathelper ties a Contact to its WebSocket; GRUU is on so that a client that wants
// one gets it. Kamailio answers OPTIONS to itself for the keep-alive tests.
const kamailioConfig = `#!KAMAILIO
debug=2
log_stderror=yes
fork=yes
children=1
tcp_children=2
auto_aliases=no
alias="%s"
listen=tcp:%s
tcp_connection_lifetime=3604
tcp_accept_no_cl=yes
loadmodule "kex.so"
loadmodule "corex.so"
loadmodule "tm.so"
loadmodule "tmx.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "nathelper.so"
loadmodule "auth.so"
loadmodule "xhttp.so"
loadmodule "websocket.so"
modparam("registrar", "use_path", 1)
modparam("registrar", "gruu_enabled", 1)
modparam("registrar", "min_expires", 30)
modparam("nathelper|registrar", "received_avp", "$avp(RECEIVED)")
modparam("usrloc", "db_mode", 0)
modparam("rr", "enable_full_lr", 1)
modparam("auth", "nonce_expire", 300)

event_route[xhttp:request] {
	if ($hdr(Upgrade) =~ "websocket" && $hu == "/ws") {
		ws_handle_handshake();
		exit;
	}
	xhttp_reply("404", "Not Found", "text/plain", "nothing here");
}

request_route {
	if (!mf_process_maxfwd_header("10")) {
		sl_send_reply("483", "Too Many Hops");
		exit;
	}
	force_rport();
	if (is_method("REGISTER")) {
		if (!pv_www_authenticate("$td", "%s", "0")) {
			www_challenge("$td", "1");
			exit;
		}
		fix_nated_register();
		if (!save("location")) sl_reply_error();
		exit;
	}
	if (is_method("CANCEL")) {
		if (t_check_trans()) t_relay();
		exit;
	}
	if (has_totag()) {
		if (nat_uac_test(64)) add_contact_alias();
		if (loose_route()) {
			handle_ruri_alias();
			t_on_reply("NAT");
			t_relay();
			exit;
		}
		if (is_method("ACK")) {
			if (t_check_trans()) t_relay();
			exit;
		}
		sl_send_reply("404", "Not Here");
		exit;
	}
	if (nat_uac_test(64)) add_contact_alias();
	record_route();
	if (!lookup("location")) {
		sl_send_reply("404", "Not Found");
		exit;
	}
	handle_ruri_alias();
	t_on_reply("NAT");
	t_relay();
}

onreply_route[NAT] {
	if (nat_uac_test(64)) add_contact_alias();
}
`
