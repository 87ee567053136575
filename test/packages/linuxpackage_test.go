package packages

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"calla/test/peers"
)

func TestLinuxPackage(t *testing.T) {
	dir := unpack(t, "linux-"+runtime.GOARCH, ".tar.xz", "tar", "-xJf")
	prefix := filepath.Join(dir, "usr", "local")
	binary := filepath.Join(prefix, "bin", "calla")
	home := t.TempDir()
	p := program{
		command: []string{binary},
		env:     append([]string{"HOME=" + home, "PATH=/usr/bin:/bin", "LANG=C.UTF-8"}, peers.StartKeyring(t)...),
		profile: filepath.Join(home, "profile"),
	}
	t.Setenv("CALLA_BIN", binary)
	p.checkVersion(t)
	p.checkDemo(t)
	p.checkKeyring(t)
	p.checkWindow(t, peers.StartDesktop(t, 800, 700), "package-linux.png")

	entry, err := os.ReadFile(filepath.Join(prefix, "share", "applications", "app.calla.Calla.desktop"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"[Desktop Entry]", "Type=Application", "Name=Calla", "Exec=calla -- %u", "Icon=app.calla.Calla",
		"Categories=Network;Telephony;",
		"MimeType=x-scheme-handler/sip;x-scheme-handler/sips;x-scheme-handler/tel;x-scheme-handler/callto;",
	} {
		if !strings.Contains("\n"+string(entry), "\n"+want+"\n") {
			t.Errorf("the entry in the desktop's menu lacks %q:\n%s", want, entry)
		}
	}
	for _, file := range []string{"share/pixmaps/app.calla.Calla.png", "share/doc/calla/licences/go.txt"} {
		if _, err := os.Stat(filepath.Join(prefix, file)); err != nil {
			t.Error(err)
		}
	}
}
