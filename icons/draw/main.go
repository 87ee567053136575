// Draw makes what the program shows from the drawings in icons/svg: an outline of each line icon in icons/outline,
// the sizes of the app icon in icons/png, and the Windows program's icon, icons/calla.ico. Run it as "make icons"
// after changing a drawing.
//
// The drawings are strokes, because strokes are what one edits. Fyne's renderer does not scale the width of a
// stroke with the picture, and its themed resources colour fills only: so what is shipped are fills.
package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/png"
	"log"
	"os"
	"path/filepath"

	"github.com/fyne-io/oksvg"
	"github.com/srwiley/rasterx"
)

// grid is the side of every line icon's view box.
const grid = 24

func main() {
	dir := "."
	if len(os.Args) > 1 {
		dir = os.Args[1]
	}
	if err := drawAll(dir, os.WriteFile); err != nil {
		log.Fatal(err)
	}
}

// A writer puts a picture where it belongs: os.WriteFile.
type writer func(path string, content []byte, mode os.FileMode) error

// drawAll makes every file from the drawings in dir/svg and hands each to write.
func drawAll(dir string, write writer) error {
	drawings, err := filepath.Glob(filepath.Join(dir, "svg", "*.svg"))
	if err != nil {
		return err
	}
	for _, drawing := range drawings {
		svg, err := os.ReadFile(drawing)
		if err != nil {
			return err
		}
		if filepath.Base(drawing) == "app.svg" {
			if err := drawApp(dir, svg, write); err != nil {
				return fmt.Errorf("%s: %w", drawing, err)
			}
			continue
		}
		out, err := outline(svg)
		if err != nil {
			return fmt.Errorf("%s: %w", drawing, err)
		}
		if err := write(filepath.Join(dir, "outline", filepath.Base(drawing)), out, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// drawApp makes the app icon's sizes, and of those that Windows wants the icon of its program.
func drawApp(dir string, svg []byte, write writer) error {
	var ico [][]byte
	for _, size := range []int{16, 32, 48, 64, 128, 256, 512, 1024} {
		picture, err := render(svg, size)
		if err != nil {
			return err
		}
		if err := write(filepath.Join(dir, "png", fmt.Sprintf("%d.png", size)), picture, 0o644); err != nil {
			return err
		}
		if size <= 256 {
			ico = append(ico, picture)
		}
	}
	return write(filepath.Join(dir, "calla.ico"), container(ico), 0o644)
}

// container is an ICO file of PNG pictures: a header of 6 bytes, an entry of 16 bytes for each, the pictures.
func container(pictures [][]byte) []byte {
	le := binary.LittleEndian
	out := le.AppendUint16(le.AppendUint16(le.AppendUint16(nil, 0), 1), uint16(len(pictures)))
	at := len(out) + 16*len(pictures)
	for _, p := range pictures {
		side := p[19] // of the width in PNG's first chunk; 256 is written as 0 in both
		out = append(out, side, side, 0, 0)
		out = le.AppendUint16(le.AppendUint16(out, 1), 32) // planes, bits of a pixel
		out = le.AppendUint32(le.AppendUint32(out, uint32(len(p))), uint32(at))
		at += len(p)
	}
	for _, p := range pictures {
		out = append(out, p...)
	}
	return out
}

// read parses a drawing to be drawn size units wide, the widths of its strokes scaled with it.
func read(svg []byte, size int) (*oksvg.SvgIcon, error) {
	icon, err := oksvg.ReadReplacingCurrentColor(bytes.NewReader(svg), "#000000", oksvg.StrictErrorMode)
	if err != nil {
		return nil, err
	}
	for i := range icon.SVGPaths {
		icon.SVGPaths[i].LineWidth *= float64(size) / icon.ViewBox.W
	}
	icon.SetTarget(0, 0, float64(size), float64(size))
	return icon, nil
}

// render draws the app icon as a PNG.
func render(svg []byte, size int) ([]byte, error) {
	icon, err := read(svg, size)
	if err != nil {
		return nil, err
	}
	picture := image.NewRGBA(image.Rect(0, 0, size, size))
	icon.Draw(rasterx.NewDasher(size, size, rasterx.NewScannerGV(size, size, picture, picture.Bounds())), 1)
	var out bytes.Buffer
	err = (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, picture)
	return out.Bytes(), err
}

// outline turns the strokes of a line icon into fills: one path for each stroke. A shape whose stroke-width is 0 is
// a fill already.
func outline(svg []byte) ([]byte, error) {
	icon, err := read(svg, grid)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d">`+"\n", grid,
		grid, grid, grid)
	for _, shape := range icon.SVGPaths {
		b.WriteString(`  <path fill="currentColor" d="`)
		for _, line := range flatten(shape.Path) {
			for _, p := range line.stroked(shape.LineWidth / 2) {
				b.WriteString(data(p))
			}
		}
		b.WriteString("\"/>\n")
	}
	b.WriteString("</svg>\n")
	return b.Bytes(), nil
}
