package packages

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"calla/test/peers"
)

func TestWindowsPackageUnderWine(t *testing.T) {
	dir := unpack(t, "windows-amd64", ".zip", "unzip", "-q")
	peers.Need(t, "wine", "x86_64-w64-mingw32-gcc")
	desktop := peers.StartDesktop(t, 800, 700)
	prefix := filepath.Join(t.TempDir(), "wine")
	p := program{
		command: []string{"wine", filepath.Join(dir, "Calla.exe")},
		env: append(desktop.Env, "HOME="+t.TempDir(), "PATH="+os.Getenv("PATH"), "LANG=C.UTF-8", "WINEPREFIX="+prefix,
			"WINEARCH=win64",
			// no .NET, no HTML, no menu entries
			"WINEDEBUG=-all", "WINEDLLOVERRIDES=mscoree,mshtml=,winemenubuilder.exe="),
		profile: filepath.Join(prefix, "drive_c", "calla"),
	}
	t.Cleanup(func() {
		kill := exec.Command("wineserver", "--kill", "--wait")
		kill.Env = p.env
		_ = kill.Run() // it may have ended already
	})
	// What wineboot starts stays and keeps its standard output: no pipe, or waiting would have no end.
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	boot := exec.CommandContext(ctx, "wineboot", "--init")
	boot.Env = p.env
	if err := boot.Run(); err != nil {
		t.Fatalf("wineboot: %v", err)
	}
	system32 := filepath.Join(prefix, "drive_c", "windows", "system32")
	if _, err := os.Stat(filepath.Join(system32, "bcryptprimitives.dll")); err != nil {
		cc := exec.Command("x86_64-w64-mingw32-gcc", "-O2", "-shared", "-o",
			filepath.Join(system32, "bcryptprimitives.dll"),
			"testdata/bcryptprimitives.c", "-ladvapi32", "-lws2_32")
		if out, err := cc.CombinedOutput(); err != nil {
			t.Fatalf("bcryptprimitives: %v: %s", err, out)
		}
	}
	p.checkVersion(t)
	p.checkDemo(t)
	p.checkKeyring(t)
	p.checkWindow(t, desktop, "package-windows.png")

	for _, file := range []string{"libopus-0.dll", "README.txt", "licences/opus.txt", "licences/go.txt"} {
		if _, err := os.Stat(filepath.Join(dir, file)); err != nil {
			t.Error(err)
		}
	}
}
