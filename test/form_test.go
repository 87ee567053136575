package test

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"calla/test/peers"
)

// TestEditedFieldsTakeEffect goes through the account form of the running program by keyboard: text, a number, a
// switch and a header field are in the file and in the next REGISTER that reaches Kamailio, a password in the keyring
// and in what it answers, and the program was not started anew for it.
func TestEditedFieldsTakeEffect(t *testing.T) {
	watched := peers.StartWatched(t, peers.Watch{})
	w := prepareWindowAt(t, watched.Kamailio, 900)
	w.start()
	w.signUp()
	before := len(watched.Messages(t))

	w.openForm()
	w.tab(9) // Back, the menu, name and switch of the account, Identity, uri, password, Forget: to display_name
	w.d.Press("ctrl+a")
	w.d.Type("Alice at work")
	w.tab(8) // More, Servers, address, weight, Remove, Add, More: to Registration
	w.d.Press("space")
	w.tab(3) // instance_id, register: to register_expires
	w.d.Type("300")
	w.tab(4) // registrar_server, Calls, Media: to Compatibility
	w.d.Press("space")
	w.tab(1)
	w.d.Press("space") // hack_ip_in_contact
	// hack_via_tcp, hack_via_ws, use_preloaded_route, contact_uri: to the button that adds a header field
	w.tab(5)
	w.d.Press("space")
	w.d.Type("X-Team: blue")
	settle()
	w.shot("20-edited")
	w.d.Press("ctrl+s")
	peers.Until(t, 30*time.Second, "a REGISTER with what was typed", func() bool {
		for _, m := range watched.Messages(t)[before:] {
			if m.Received && strings.HasPrefix(m.Line(), "REGISTER ") && strings.Contains(m.Text,
				`"Alice at work" <sip:alice@`) && len(m.Header("X-Team")) == 1 &&
				strings.Contains(m.Text, "@192.0.2.") && strings.Contains(m.Text, "Expires: 300\r\n") {
				return true
			}
		}
		return false
	})
	for _, want := range []string{"Alice at work", "X-Team: blue", "hack_ip_in_contact", "register_expires"} {
		if !w.fileHas("accounts.json", want) {
			t.Errorf("%q is not in the file", want)
		}
	}

	w.setPassword("wr0ng pass")
	w.keyringHas("wr0ng pass")
	peers.Until(t, 30*time.Second, "the wrong password to be refused", func() bool {
		return strings.Contains(w.Output.String(), "credentials refused")
	})
	settle()
	w.shot("21-refused")
	refused := len(watched.Messages(t))
	w.setPassword(w.k.Password)
	w.keyringHas(w.k.Password)
	w.passwordIsInTheKeyringOnly()
	peers.Until(t, 30*time.Second, "the right one to be taken", func() bool {
		for _, m := range watched.Messages(t)[refused:] {
			if !m.Received && strings.HasPrefix(m.Line(), "SIP/2.0 200 ") && strings.HasSuffix(m.Header("CSeq")[0],
				" REGISTER") {
				return true
			}
		}
		return false
	})
	if w.Exited() {
		t.Error("the program has ended")
	}
}

// openForm opens the form of the first account.
func (w *window) openForm() {
	w.t.Helper()
	w.d.Focus(w.id)
	w.d.Press("ctrl+shift+comma")
	settle()
	w.tab(2)
	w.d.Press("space")
	settle()
}

// tab presses Tab n times.
func (w *window) tab(n int) {
	for range n {
		w.d.Press("Tab")
	}
}

// setPassword types another password into the form and saves it.
func (w *window) setPassword(password string) {
	w.t.Helper()
	w.openForm()
	w.tab(7)
	w.d.Type(password)
	w.d.Press("ctrl+s")
	settle()
}

// fileHas tells whether a text is in the file with this name.
func (w *window) fileHas(name, text string) bool {
	for _, path := range w.files(name) {
		if data, err := os.ReadFile(path); err == nil && bytes.Contains(data, []byte(text)) {
			return true
		}
	}
	return false
}

// keyringHas waits until a secret is in the keyring.
func (w *window) keyringHas(secret string) {
	w.t.Helper()
	peers.Until(w.t, 30*time.Second, "the keyring to hold the new password", func() bool {
		lookup := exec.Command("secret-tool", "search", "--all", "service", "app.calla.Calla")
		lookup.Env = w.env
		out, err := lookup.CombinedOutput()
		return err == nil && bytes.Contains(out, []byte(secret))
	})
}
