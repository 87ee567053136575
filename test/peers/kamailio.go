package peers

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
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
	dir      string
	place    *Place
	t        testing.TB // whose end ends it
}

const password = "s3cret pass" // of every user

// StartKamailio runs Kamailio with a configuration of ours until the test ends. It gives GRUUs and
// finds them again, also for requests inside a dialog.
func StartKamailio(t testing.TB) *Kamailio {
	t.Helper()
	return startKamailio(t, Loopback(), true)
}

// StartPlainKamailio runs one that knows no GRUU: requests inside a dialog go by the socket a Contact came from,
// as in most installations.
func StartPlainKamailio(t testing.TB) *Kamailio {
	t.Helper()
	return startKamailio(t, Loopback(), false)
}

// StartKamailioAt runs one that knows no GRUU at a place.
func StartKamailioAt(t testing.TB, at *Place) *Kamailio {
	t.Helper()
	return startKamailio(t, at, false)
}

// startKamailio takes changes of the configuration: what stands there and what shall, by turns.
func startKamailio(t testing.TB, at *Place, gruu bool, changes ...string) *Kamailio {
	t.Helper()
	Need(t, "kamailio")
	k := &Kamailio{
		Domain: "example.test", Password: password, addr: fmt.Sprintf("%s:%d", at.Host, FreePort(t)),
		dir: t.TempDir(), place: at, t: t,
	}
	k.URL = "ws://" + k.addr + "/ws"
	enabled := 0
	if gruu {
		enabled = 1
	}
	config := fmt.Sprintf(kamailioConfig, k.Domain, k.addr, enabled, k.Password)
	for i := 0; i+1 < len(changes); i += 2 {
		if !strings.Contains(config, changes[i]) {
			t.Fatalf("the configuration has no %q to change", changes[i])
		}
		config = strings.Replace(config, changes[i], changes[i+1], 1)
	}
	if err := os.WriteFile(filepath.Join(k.dir, "kamailio.cfg"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	k.Restart(t)
	return k
}

// Kill ends it as a crash does; what it knew of its clients is gone.
func (k *Kamailio) Kill(t testing.TB) {
	t.Helper()
	_ = syscall.Kill(-k.Cmd.Process.Pid, syscall.SIGKILL)
	_ = k.Wait(t, 10*time.Second)
}

// Restart starts it again after Kill, at the same address.
func (k *Kamailio) Restart(t testing.TB) {
	t.Helper()
	k.Process = Start(k.t, k.place.Command("kamailio", "-f", filepath.Join(k.dir, "kamailio.cfg"), "-DD", "-E", "-m",
		"256", "-M", "16",
		"-Y", k.dir, "-P", filepath.Join(k.dir, "pid")))
	Until(t, 30*time.Second, "Kamailio to listen at "+k.addr, func() bool {
		if k.Exited() {
			t.Fatalf("kamailio ended: %s", k.Output)
		}
		return k.place.Listening(k.addr)
	})
}

// kamailioConfig: the domain, the listening address, 1 for GRUU, the password of all users.
//
// tcp_accept_no_cl lets the WebSocket handshake pass, a GET without Content-Length. The alias
// parameter of nathelper ties a Contact to its WebSocket; a GRUU needs no such tie: it is looked up.
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
tcp_max_connections=4096
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
modparam("registrar", "gruu_enabled", %d)
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
		route(ALIAS);
		if (loose_route()) {
			if ($ru =~ ";gr") {
				if (!lookup("location")) {
					sl_send_reply("480", "Temporarily Unavailable");
					exit;
				}
			}
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
	route(ALIAS);
	record_route();
	# A phone's own Contact is called by whom a transfer with Replaces sends there.
	if (!($ru =~ ";alias=") && !lookup("location")) {
		sl_send_reply("404", "Not Found");
		exit;
	}
	handle_ruri_alias();
	t_on_reply("NAT");
	t_relay();
}

route[ALIAS] {
	if (nat_uac_test(64) && !($ct =~ ";gr")) add_contact_alias();
}

onreply_route[NAT] {
	route(ALIAS);
}
`
