package main

import (
	"bytes"
	"os"
	"testing"
)

func TestPicturesAreWhatTheDrawingsMake(t *testing.T) {
	made := 0
	err := drawAll("..", func(path string, want []byte, _ os.FileMode) error {
		made++
		got, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is not what its drawing makes: run make icons", path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if made < 50 {
		t.Errorf("only %d pictures", made)
	}
}

func TestStrokeOfALine(t *testing.T) {
	line := polyline{points: []point{{2, 2}, {10, 2}}}
	polygons := line.stroked(1)
	if len(polygons) != 1 {
		t.Fatalf("%d polygons", len(polygons))
	}
	for _, p := range polygons[0] {
		near := min(max(p.x, 2), 10)
		if d := p.minus(point{near, 2}).length(); d < 1-1e-9 || d > 1+1e-9 {
			t.Errorf("%v lies %.3f from the line, not 1", p, d)
		}
	}
}
