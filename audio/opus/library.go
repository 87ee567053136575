// Package opus is the Opus codec (RFC 6716, RFC 7587) by libopus, which is looked for when the
// program runs. Where it is not found, Load says what was looked for and calls fall back to G.711.
package opus

import (
	"os"
	"path/filepath"
	"runtime"
)

// candidates lists where libopus may be, first choice first: beside the program, then where the
// system's loader looks, then where macOS's package systems put it.
func candidates(goos, program string) []string {
	var names, folders []string
	switch goos {
	case "windows":
		names = []string{"opus.dll", "libopus-0.dll"}
	case "darwin":
		names = []string{"libopus.0.dylib"}
		folders = []string{"/opt/homebrew/lib", "/usr/local/lib"}
	default:
		names = []string{"libopus.so.0"}
	}
	var list []string
	if program != "" {
		for _, name := range names {
			list = append(list, filepath.Join(filepath.Dir(program), name))
		}
	}
	list = append(list, names...)
	for _, folder := range folders {
		for _, name := range names {
			list = append(list, filepath.Join(folder, name))
		}
	}
	return list
}

// here is candidates for this machine and this program.
func here() []string {
	program, err := os.Executable()
	if err != nil {
		program = ""
	}
	if target, err := filepath.EvalSymlinks(program); err == nil {
		program = target
	}
	return candidates(runtime.GOOS, program)
}
