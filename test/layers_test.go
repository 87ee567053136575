package test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"calla/test/layers"
	"calla/test/peers"
)

// tools are packages that are no part of the program.
var tools = []string{"docs/generate", "test", "ui/uitest"}

// room is a package as "go list" sees it.
type room struct {
	name    string
	imports []string
	deps    []string // imports of imports too
}

func rooms(t *testing.T) []room {
	t.Helper()
	var all []room
	for line := range strings.Lines(golist(t, "-f", `{{.ImportPath}}|{{join .Imports " "}}|{{join .Deps " "}}`,
		"./...")) {
		fields := strings.Split(strings.TrimSpace(line), "|")
		name := ours(fields[0])
		if slices.ContainsFunc(tools, func(tool string) bool {
			return name == tool ||
				strings.HasPrefix(name, tool+"/")
		}) {
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

func TestRoomsKnowWhatThePlanSays(t *testing.T) {
	plan := map[string]layers.Room{}
	for _, r := range layers.Plan() {
		plan[r.Name] = r
	}
	found := rooms(t)
	for _, r := range found {
		planned, ok := plan[r.name]
		delete(plan, r.name)
		if !ok {
			t.Errorf("%q is not in the plan: give it a line in test/layers", r.name)
			continue
		}
		unused := slices.Clone(planned.Knows)
		for _, path := range r.imports {
			if name := ours(path); name != "-" && !slices.Contains(planned.Knows, name) {
				t.Errorf("%q imports %q; it knows %q", r.name, name, planned.Knows)
			} else {
				unused = slices.DeleteFunc(unused, func(known string) bool { return known == name })
			}
			for prefix, may := range layers.Outside() {
				if strings.HasPrefix(path, prefix) && !slices.Contains(may, r.name) {
					t.Errorf("%q imports %s, which only %q may", r.name, path, may)
				}
			}
		}
		if len(unused) > 0 {
			t.Errorf("the plan says that %q knows %q, which it does not import", r.name, unused)
		}
	}
	for name := range plan {
		t.Errorf("the plan has %q, which is no package", name)
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
		if strings.HasPrefix(path, "fyne.io/") || strings.HasPrefix(path, "github.com/go-gl/") ||
			strings.HasPrefix(ours(path), "ui/widget") || ours(path) == "ui" {
			t.Errorf("the headless program needs %s", path)
		}
	}
}
