package bench

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"calla/test/peers"
)

// What baresip needs to register, and for a call such as Calla's: Opus at 48 kHz in DTLS-SRTP, a sine for a microphone
// and a file for a loudspeaker. Its sine is stereo only, and so is its Opus.
const (
	baresipRegisters = "module g711.so\nmodule_tmp account.so\n"
	baresipCalls     = `module opus.so
module ausine.so
module aufile.so
module srtp.so
module dtls_srtp.so
module_tmp uuid.so
module_tmp account.so
module_app menu.so
audio_source ausine,440
audio_player aufile,heard.wav
audio_alert aufile,alert.wav
ausrc_srate 48000
auplay_srate 48000
statmode_default off
`
)

// baresip is the program with an account at Kamailio over TCP, and a configuration of its own.
func baresip(t *testing.T, k *peers.Kamailio, user, modules string, args ...string) *exec.Cmd {
	t.Helper()
	peers.Need(t, "baresip")
	where, err := filepath.Glob("/usr/lib*/baresip/modules")
	if more, _ := filepath.Glob("/usr/lib/*/baresip/modules"); err == nil {
		where = append(where, more...)
	}
	if len(where) == 0 {
		peers.Missing(t, "baresip's modules are not installed")
	}
	host := strings.TrimSuffix(strings.TrimPrefix(k.URL, "ws://"), "/ws")
	account := fmt.Sprintf("<sip:%s@%s;transport=tcp>;auth_pass=%q;outbound=\"sip:%s;transport=tcp\";regint=600", user,
		k.Domain, k.Password, host)
	if modules == baresipCalls {
		account += ";answermode=auto;mediaenc=dtls_srtp"
	}
	dir := t.TempDir()
	for name, text := range map[string]string{
		"config": "poll_method epoll\nsip_listen 127.0.0.1:0\nnet_interface 127.0.0.1\nmodule_path " + where[0] +
			"\n" + modules,
		"accounts": account + "\n",
		"contacts": "",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := command(t, nil, "baresip", append([]string{"-f", dir}, args...)...)
	cmd.Dir = dir
	return cmd
}

// installed tells whether a program is there.
func installed(name string) bool {
	_, err := exec.LookPath(name)
	return err == nil
}
