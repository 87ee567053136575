package icons_test

import (
	"bytes"
	"encoding/xml"
	"image/png"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"calla/icons"
)

func TestEveryDrawingIsShippedAsFills(t *testing.T) {
	drawings, err := filepath.Glob("svg/*.svg")
	if err != nil || len(drawings) < 40 {
		t.Fatalf("%d drawings, %v", len(drawings), err)
	}
	for _, drawing := range drawings {
		name := strings.TrimSuffix(filepath.Base(drawing), ".svg")
		if name == "app" {
			continue
		}
		svg := icons.SVG(name)
		var picture struct {
			ViewBox string `xml:"viewBox,attr"`
			Paths   []struct {
				Fill   string `xml:"fill,attr"`
				Stroke string `xml:"stroke,attr"`
				D      string `xml:"d,attr"`
			} `xml:"path"`
		}
		if err := xml.Unmarshal(svg, &picture); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if picture.ViewBox != "0 0 24 24" || len(picture.Paths) == 0 {
			t.Errorf("%s: view box %q, %d paths", name, picture.ViewBox, len(picture.Paths))
		}
		for _, p := range picture.Paths {
			if p.Fill != "currentColor" || p.Stroke != "" || len(p.D) < 20 {
				t.Errorf("%s: a path with fill %q, stroke %q, %d bytes long", name, p.Fill, p.Stroke, len(p.D))
			}
		}
	}
}

func TestUnknownNameHasNoIcon(t *testing.T) {
	if svg := icons.SVG("no such icon"); svg != nil {
		t.Errorf("got %d bytes", len(svg))
	}
}

func TestAppIconSizes(t *testing.T) {
	for _, size := range []int{16, 32, 48, 64, 128, 256, 512, 1024} {
		b, err := os.ReadFile(filepath.Join("png", strconv.Itoa(size)+".png"))
		if err != nil {
			t.Error(err)
			continue
		}
		picture, err := png.Decode(bytes.NewReader(b))
		if err != nil {
			t.Errorf("%d: %v", size, err)
			continue
		}
		if got := picture.Bounds().Size(); got.X != size || got.Y != size {
			t.Errorf("%d.png is %v", size, got)
		}
		if size == 256 && !bytes.Equal(b, icons.App()) {
			t.Error("App is not png/256.png")
		}
	}
}
