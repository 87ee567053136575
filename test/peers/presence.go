package peers

import (
	"fmt"
	"path/filepath"
	"testing"
)

// StartPresence runs a watched Kamailio that is a presence server too: it keeps what is published for presence,
// dialog and message-summary, in memory alone, and notifies those who subscribe. Other events get 489 of it.
func StartPresence(t testing.TB) *Watched {
	t.Helper()
	Need(t, "kamailio")
	if found, _ := filepath.Glob("/usr/lib/*/kamailio/modules/presence.so"); len(found) == 0 {
		Missing(t, "Kamailio's presence server is not installed (packaging/system-packages test)")
	}
	return StartWatched(t, Watch{Changes: []string{
		"modparam(\"rr\",", presenceModules + "modparam(\"rr\",",
		"\tif (has_totag()) {\n\t\troute(ALIAS);",
		fmt.Sprintf(presenceRoute, password) + "\tif (has_totag()) {\n\t\troute(ALIAS);",
		"route[ALIAS] {", notifyRoute + "route[ALIAS] {",
	}})
}

// presenceModules: no database (publ_cache and subs_db_mode), and no rules about who may see what (force_active).
const presenceModules = `loadmodule "presence.so"
loadmodule "presence_xml.so"
loadmodule "presence_mwi.so"
loadmodule "presence_dialoginfo.so"
modparam("presence", "publ_cache", 2)
modparam("presence", "subs_db_mode", 0)
modparam("presence", "db_url", "")
modparam("presence", "send_fast_notify", 1)
modparam("presence_xml", "db_url", "")
modparam("presence_xml", "force_active", 1)
`

// presenceRoute: the password. A NOTIFY finds its way by the alias that set_contact_alias puts into the Contact.
const presenceRoute = `	if (is_method("PUBLISH|SUBSCRIBE")) {
		if (!pv_proxy_authenticate("$fd", "%s", "0")) {
			proxy_challenge("$fd", "1");
			exit;
		}
		if (is_method("PUBLISH")) {
			handle_publish();
		} else {
			set_contact_alias();
			handle_subscribe();
		}
		exit;
	}
`

const notifyRoute = `event_route[tm:local-request] {
	handle_ruri_alias();
}

`
