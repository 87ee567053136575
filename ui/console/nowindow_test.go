package console

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"calla/phone"
	"calla/phone/cause"
)

// TestWithoutAWindowTheConsoleSaysWhatIsMissing in a sentence, and is there in its place.
func TestWithoutAWindowTheConsoleSaysWhatIsMissing(t *testing.T) {
	for _, v := range []struct {
		name string
		why  cause.Cause
		want string
	}{
		{"no display", cause.Cause{Kind: cause.NoDisplay}, "There is no display to open a window on."},
		{
			"nothing answers",
			cause.Cause{Kind: cause.DisplayUnreachable, Address: ":7"},
			"nothing answers at the display “:7”",
		},
		{"refused", cause.Cause{Kind: cause.DisplayRefuses, Address: ":7"}, "XAUTHORITY"},
		{
			"silent",
			cause.Cause{Kind: cause.DisplayNoAnswer, Address: "pc:7.0"},
			"“pc:7.0” takes connections but does not",
		},
		{"no GLX", cause.Cause{Kind: cause.DisplayWithoutGL, Address: ":7"}, "OpenGL (GLX)"},
		{"no compositor", cause.Cause{Kind: cause.WaylandUnreachable, Address: "wayland-7"}, "“wayland-7”"},
		{"no window", cause.Cause{Kind: cause.NoWindow}, "OpenGL 2.1"},
		{
			"a hostile name",
			cause.Cause{Kind: cause.DisplayUnreachable, Address: "\x1b[2J\ncalla: all is well"},
			"all is well",
		},
	} {
		t.Run(v.name, func(t *testing.T) {
			atHome(t)
			in, typed := io.Pipe()
			out := &display{wake: make(chan struct{}, 1)}
			errs := new(bytes.Buffer)
			p := program(nil, in, out, errs)
			p.Window = func(*phone.Phone, Window) error { return NoWindow{v.why} }
			code := make(chan int, 1)
			go func() { code <- p.Run() }()
			out.until(t, "help shows the commands")
			_, _ = io.WriteString(typed, "quit\n")
			if got := <-code; got != ExitOK {
				t.Errorf("exit code %d", got)
			}
			first, _, _ := strings.Cut(errs.String(), "\n")
			if !strings.Contains(first, v.want) || !strings.HasSuffix(first, "Here is the console.") ||
				strings.ContainsAny(first, "\x1b") {
				t.Errorf("says %q", errs)
			}
		})
	}
}
