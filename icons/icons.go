// Package icons holds Calla's drawings: the mark, the app icon, the three status icons and the line icons of the
// window, one family of 1.8 px round strokes on a 24 px grid.
//
// svg holds the drawings as one edits them; outline and png are made from them by "make icons" (see draw).
package icons

import "embed"

//go:embed outline/*.svg
var outlines embed.FS

//go:embed png/256.png
var app []byte

// SVG returns the line icon of that name, "phone" or "mic-off": an SVG of 24 units square whose every shape is a fill
// of "currentColor", which both theme.NewThemedResource and replacing that word recolour. The status icons, told apart
// by shape, are "status-registered" (the flower), "status-unregistered" (a bud) and "status-call" (the flower, filled);
// "mark" is the flower alone. It is nil where there is none of that name. The caller may keep and change the bytes.
func SVG(name string) []byte {
	svg, err := outlines.ReadFile("outline/" + name + ".svg")
	if err != nil {
		return nil
	}
	return svg
}

// App returns the app icon as a PNG of 256 pixels square. The bytes are shared: read only.
func App() []byte { return app }
