// Calla is a softphone for SIP over WebSocket with WebRTC media.
//
// The whole program: the command line (ui/console) chooses what to do; whatever that is, accounts are read
// (account), the phone registers and calls (phone), and a window (ui) or lines of text (ui/console) show its
// State.
package main

import (
	"log"
	"log/slog"
	"os"

	"calla/audio"
	"calla/audio/malgo"
	"calla/audio/opus"
	_ "calla/audio/slack" // the program wakes seldom
	"calla/ui/console"
)

// version is the program's; FyneApp.toml and the packages carry the same.
const version = "0.1.0"

func main() {
	started := processStart()
	log.SetOutput(console.Gate(os.Stderr)) // of the window's toolkit and what has no logger yet
	if err := keepSecrets(); err != nil {
		slog.Warn("memory is not protected", "error", err)
	}
	os.Exit(console.Program{
		Version: version,
		Started: started,
		Args:    os.Args[1:],
		Stdin:   os.Stdin,
		Stdout:  os.Stdout,
		Stderr:  os.Stderr,
		Codecs:  codecs,
		Host:    func(log *slog.Logger) (audio.Host, error) { return malgo.New(malgo.Config{Log: log}) },
		Window:  window(),
	}.Run())
}

// codecs are those of this machine: Opus where libopus is found, G.722 and G.711.
func codecs(log *slog.Logger) []audio.Codec {
	best, err := opus.Load()
	if err != nil {
		log.Warn("no Opus: calls use G.722 and G.711", "error", err)
		return audio.Codecs()
	}
	return audio.Codecs(best)
}
