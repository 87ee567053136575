package test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"calla/test/peers"
)

// layers is the plan of the house: which rooms of ours each room may import. Every room of the program has a line.
var layers = map[string][]string{
	"netsip/sip":     {},
	"netsip/event":   {"netsip/sip"},
	"netsip":         {"netsip/sip", "netsip/config", "netsip/loop", "netsip/event"},
	"netsip/config":  {"netsip/sip"},
	"netsip/loop":    {},
	"netsip/rtc":     {"netsip", "netsip/loop"},
	"netsip/sandbox": {"netsip/sip"},

	"audio/dsp":       {},
	"audio":           {"audio/dsp"},
	"audio/opus":      {"audio"},
	"audio/malgo":     {"audio"},
	"audio/audiotest": {"audio"},

	"account":       {"netsip/config"},
	"account/jssip": {"netsip/config"},

	"phone":          {"account", "audio", "audio/dsp", "netsip", "netsip/config", "netsip/loop", "netsip/sip", "netsip/rtc", "netsip/event", "phone/doctor"},
	"phone/instance": {},
	"phone/links":    {},
	"phone/doctor":   {"netsip", "netsip/config", "netsip/loop"},
	"phone/robots":   {"netsip", "netsip/config", "netsip/loop", "netsip/sip", "netsip/rtc", "audio"},

	"icons":      {},
	"ui":         {"phone", "phone/doctor", "phone/links", "account", "account/jssip", "netsip/config", "icons", "ui/widget"},
	"ui/widget":  {"icons"},
	"ui/console": {"phone", "phone/doctor", "phone/instance", "phone/links", "phone/robots", "account", "account/jssip", "netsip", "netsip/config", "netsip/loop", "netsip/sip", "netsip/rtc", "netsip/sandbox", "netsip/event", "audio"},

	"": {"ui", "ui/console", "phone", "account", "icons", "audio", "audio/malgo", "audio/opus"},
}

// outside says which rooms may import what of others: a prefix of the import path.
var outside = map[string][]string{
	"fyne.io/":                      {"ui", "ui/widget", ""},
	"github.com/pion/":              {"netsip/rtc", "phone/doctor"}, // doctor speaks STUN and TURN
	"github.com/gorilla/websocket":  {"netsip", "netsip/sandbox"},
	"github.com/gen2brain/malgo":    {"audio/malgo"},
	"github.com/go-gl/":             {"ui"}, // hints that Fyne leaves as they are
	"github.com/jezek/xgb":          {"ui"},
	"github.com/zalando/go-keyring": {"account"},
	"github.com/tdewolff/parse":     {"account/jssip"},
	"gopkg.in/natefinch/lumberjack": {"phone"},
}

// tools are packages that are no part of the program.
var tools = []string{"docs/generate", "test"}

// room is a package as "go list" sees it.
type room struct {
	name    string
	imports []string
	deps    []string // imports of imports too
}

func rooms(t *testing.T) []room {
	t.Helper()
	var all []room
	for line := range strings.Lines(golist(t, "-f", `{{.ImportPath}}|{{join .Imports " "}}|{{join .Deps " "}}`, "./...")) {
		fields := strings.Split(strings.TrimSpace(line), "|")
		name := ours(fields[0])
		if slices.ContainsFunc(tools, func(tool string) bool { return name == tool || strings.HasPrefix(name, tool+"/") }) {
			continue
		}
		all = append(all, room{name, strings.Fields(fields[1]), strings.Fields(fields[2])})
	}
	return all
}

// ours is the room's name of an import path, or "-" for a package that is not ours.
func ours(path string) string {
	if path == "calla" {
		return ""
	}
	if name, ok := strings.CutPrefix(path, "calla/"); ok {
		return name
	}
	return "-"
}

func golist(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list"}, args...)...)
	cmd.Dir = peers.Root(t)
	out, err := cmd.Output()
	if err != nil {
		if exit, ok := err.(*exec.ExitError); ok {
			t.Fatalf("go list: %v: %s", err, exit.Stderr)
		}
		t.Fatal(err)
	}
	return string(out)
}

func TestRoomsImportWhatThePlanAllows(t *testing.T) {
	found := rooms(t)
	if len(found) < len(layers)/2 {
		t.Fatalf("go list found only %d rooms", len(found))
	}
	for _, r := range found {
		allowed, planned := layers[r.name]
		if !planned {
			t.Errorf("%q is not in the plan: give it a line in layers", r.name)
			continue
		}
		for _, path := range r.imports {
			if name := ours(path); name != "-" && !slices.Contains(allowed, name) {
				t.Errorf("%q imports %q; it may import %q", r.name, name, allowed)
			}
			for prefix, may := range outside {
				if strings.HasPrefix(path, prefix) && !slices.Contains(may, r.name) {
					t.Errorf("%q imports %s, which only %q may", r.name, path, may)
				}
			}
		}
	}
}

// TestEngineNeedsNeitherMediaNorWindow looks through imports of imports too.
func TestEngineNeedsNeitherMediaNorWindow(t *testing.T) {
	for _, r := range rooms(t) {
		var never []string
		switch {
		case r.name == "netsip/sip" || r.name == "audio" || r.name == "audio/dsp":
			for _, path := range r.deps {
				if first, _, _ := strings.Cut(path, "/"); strings.Contains(first, ".") {
					t.Errorf("%q needs %s; it is to stand on the standard library alone", r.name, path)
				}
			}
		case r.name == "netsip" || r.name == "account":
			never = []string{"github.com/pion/", "calla/audio", "fyne.io/"}
		case strings.HasPrefix(r.name, "netsip/"):
			never = []string{"calla/audio", "fyne.io/"}
		case strings.HasPrefix(r.name, "audio/"):
			never = []string{"calla/netsip", "fyne.io/", "github.com/pion/"}
		case strings.HasPrefix(r.name, "phone"), r.name == "ui/console":
			never = []string{"fyne.io/", "github.com/gen2brain/malgo", "calla/audio/opus"}
		case strings.HasPrefix(r.name, "ui"):
			never = []string{"github.com/gen2brain/malgo", "calla/audio/opus"}
		}
		for _, path := range r.deps {
			for _, prefix := range never {
				if strings.HasPrefix(path, prefix) {
					t.Errorf("%q needs %s", r.name, path)
				}
			}
		}
	}
}

func TestHeadlessProgramHasNoWindow(t *testing.T) {
	deps := strings.Fields(golist(t, "-deps", "-tags", "headless", "."))
	if len(deps) < 100 {
		t.Fatalf("go list found only %d packages", len(deps))
	}
	for _, path := range deps {
		if strings.HasPrefix(path, "fyne.io/") || strings.HasPrefix(path, "github.com/go-gl/") || strings.HasPrefix(ours(path), "ui/widget") || ours(path) == "ui" {
			t.Errorf("the headless program needs %s", path)
		}
	}
}
