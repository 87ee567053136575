package ui

import "math"

// area is a part of the desktop, in its pixels.
type area struct{ x, y, w, h int }

func (a area) right() int  { return a.x + a.w }
func (a area) bottom() int { return a.y + a.h }

func (a area) holds(x, y int) bool { return x >= a.x && x < a.right() && y >= a.y && y < a.bottom() }

// and returns what two areas share; of no width or height if nothing.
func (a area) and(b area) area {
	x, y := max(a.x, b.x), max(a.y, b.y)
	return area{x, y, max(0, min(a.right(), b.right())-x), max(0, min(a.bottom(), b.bottom())-y)}
}

func (a area) empty() bool { return a.w <= 0 || a.h <= 0 }

// frame is what the desktop draws around a window.
type frame struct{ left, right, top, bottom int }

// usualFrame is reserved where the desktop does not tell.
func usualFrame(scale float32) frame {
	line, title := int(math.Ceil(float64(8*scale))), int(math.Ceil(float64(32*scale)))
	return frame{line, line, title, line}
}

func (f frame) around(a area) area {
	return area{a.x - f.left, a.y - f.top, a.w + f.left + f.right, a.h + f.top + f.bottom}
}

// gap is left between ringing windows, and to the edges of the screen.
const gap = 8

// freePlace returns where a window of this size, frame and all, goes on a screen: bottom right, else above
// those that stand there, else in the next column to the left; never over one that is taken. Those keep
// their places whoever goes, so that nobody jumps under the pointer. It fails where there is no more room;
// the first window always has its place.
func freePlace(screen area, w, h int, taken []area) (area, bool) {
	for x := screen.right() - gap - w; x >= screen.x; x -= w + gap {
		for y := screen.bottom() - gap - h; y >= screen.y; y -= h + gap {
			if p := (area{x, y, w, h}); !meets(p, taken) {
				return p, true
			}
		}
	}
	p := area{max(screen.x, screen.right()-gap-w), max(screen.y, screen.bottom()-gap-h), w, h}
	return p, !meets(p, taken)
}

func meets(p area, others []area) bool {
	for _, o := range others {
		if !p.and(o).empty() {
			return true
		}
	}
	return false
}
