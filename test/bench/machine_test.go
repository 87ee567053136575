package bench

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"calla/test/peers"
)

// machine tells where, when and of what the figures are.
func machine(t *testing.T) string {
	t.Helper()
	root := peers.Root(t)
	commit := said(root, "git", "rev-parse", "--short", "HEAD")
	if said(root, "git", "status", "--porcelain", "--untracked-files=no") != "" {
		commit += " with changes"
	}
	var b strings.Builder
	b.WriteString("# Speed and size\n\n")
	line := func(name, value string) {
		if value == "" {
			value = "unknown"
		}
		fmt.Fprintf(&b, "- %s: %s\n", name, value)
	}
	line("machine", fmt.Sprintf("%s, %d cores", found("/proc/cpuinfo", `(?m)^model name\s*: (.*)$`), runtime.NumCPU()))
	line("system", found("/etc/os-release",
		`(?m)^PRETTY_NAME="?([^"\n]*)`)+", Linux "+found("/proc/sys/kernel/osrelease", `(.*)`))
	line("load before", found("/proc/loadavg", `^(\S+)`))
	line("date", time.Now().Format("2006-01-02 15:04 MST"))
	line("Calla", commit+", "+runtime.Version())
	line("beside it", strings.Join(versions(root), ", "))
	b.WriteString("\n")
	return b.String()
}

// versions are those of the peers that are installed.
func versions(root string) []string {
	var list []string
	add := func(name, version string) {
		if version == "" {
			version = "not installed"
		}
		list = append(list, name+" "+version)
	}
	first := func(pattern, text string) string {
		if m := regexp.MustCompile(pattern).FindStringSubmatch(text); m != nil {
			return m[1]
		}
		return ""
	}
	modules := filepath.Join(root, "test", "compare", "go.mod")
	add("Kamailio", first(`kamailio (\S+)`, said(root, "kamailio", "-v")))
	add("Chromium", first(`Chromium (\S+)`, said(root, "chromium", "--version")))
	add("JsSIP", found(filepath.Join(root, "test", "jssip", "node_modules", "jssip", "package.json"),
		`"version":\s*"([^"]*)"`))
	add("node", first(`v(\S+)`, said(root, "node", "--version")))
	add("sipgo", found(modules, `(?m)emiago/sipgo v(\S+)`))
	add("Fyne", found(modules, `(?m)fyne.io/fyne/v2 v(\S+)`))
	add("baresip", first(`baresip v(\S+)`, said(root, "baresip", "-h")))
	add("Linphone", linphone())
	return list
}

// linphone is the version of the Linphone there is, "" for none.
func linphone() string {
	for _, name := range []string{"linphone", "linphone-desktop"} {
		if _, err := exec.LookPath(name); err == nil {
			return "installed (not driven here)"
		}
	}
	return ""
}

// said is what a program printed, "" where it is not there.
func said(dir, name string, args ...string) string {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	out, _ := cmd.CombinedOutput() // some tell their version with an exit code of their own
	return strings.TrimSpace(string(out))
}

// found is the first group of pattern in a file, "" where it is not there.
func found(file, pattern string) string {
	data, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	m := regexp.MustCompile(pattern).FindSubmatch(data)
	if m == nil {
		return ""
	}
	return strings.TrimSpace(string(m[1]))
}
