package cause

// Why no window can be opened. Address is that of the display.
const (
	NoDisplay          Kind = "no-display"
	DisplayUnreachable Kind = "display-unreachable" // nothing listens there
	DisplayRefuses     Kind = "display-refuses"     // it does not let us in
	DisplayNoAnswer    Kind = "display-no-answer"
	DisplayWithoutGL   Kind = "display-without-gl"
	DisplayNoLibrary   Kind = "display-no-library"
	WaylandUnreachable Kind = "wayland-unreachable"
	NoWindow           Kind = "no-window" // the window's toolkit fails
)
