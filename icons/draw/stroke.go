package main

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/srwiley/rasterx"
)

// tolerance is how far an outline may lie from the true curve, in units of the grid.
const tolerance = 0.008

type point struct{ x, y float64 }

func (a point) plus(b point) point               { return point{a.x + b.x, a.y + b.y} }
func (a point) minus(b point) point              { return point{a.x - b.x, a.y - b.y} }
func (a point) times(k float64) point            { return point{a.x * k, a.y * k} }
func (a point) length() float64                  { return math.Hypot(a.x, a.y) }
func (a point) towards(b point, t float64) point { return a.plus(b.minus(a).times(t)) }

// A polyline is a sub-path with its curves cut into straight pieces, no two neighbouring points the same.
type polyline struct {
	points []point
	closed bool
}

// flatten cuts the curves of a path into straight pieces.
func flatten(path rasterx.Path) []polyline {
	var lines []polyline
	add := func(q point) {
		l := &lines[len(lines)-1]
		if n := len(l.points); n == 0 || q.minus(l.points[n-1]).length() > 1e-3 {
			l.points = append(l.points, q)
		}
	}
	for i := 0; i < len(path); {
		at := func(n int) point { return point{float64(path[i+1+2*n]) / 64, float64(path[i+2+2*n]) / 64} }
		switch rasterx.PathCommand(path[i]) {
		case rasterx.PathMoveTo:
			lines = append(lines, polyline{})
			add(at(0))
			i += 3
		case rasterx.PathLineTo:
			add(at(0))
			i += 3
		case rasterx.PathQuadTo:
			points := lines[len(lines)-1].points
			from := points[len(points)-1]
			curve(add, from, from.towards(at(0), 2./3), at(1).towards(at(0), 2./3), at(1))
			i += 5
		case rasterx.PathCubicTo:
			points := lines[len(lines)-1].points
			curve(add, points[len(points)-1], at(0), at(1), at(2))
			i += 7
		default: // rasterx.PathClose
			l := &lines[len(lines)-1]
			l.closed = true
			if n := len(l.points); n > 1 && l.points[n-1].minus(l.points[0]).length() <= 1e-3 {
				l.points = l.points[:n-1]
			}
			i++
		}
	}
	return lines
}

// curve adds a cubic Bézier curve but for its first point.
func curve(add func(point), a, b, c, d point) {
	bend := math.Max(a.minus(b.times(2)).plus(c).length(), b.minus(c.times(2)).plus(d).length())
	steps := math.Ceil(math.Sqrt(0.75 * bend / tolerance))
	for i := 1.; i <= steps; i++ {
		t := i / steps
		ab, bc, cd := a.towards(b, t), b.towards(c, t), c.towards(d, t)
		add(ab.towards(bc, t).towards(bc.towards(cd, t), t))
	}
	if steps == 0 {
		add(d)
	}
}

// stroked returns the polygons, to be filled by the non-zero rule, that cover what lies within half of the line,
// with round caps and joins. Half 0 means the inside of the line.
func (l polyline) stroked(half float64) [][]point {
	switch n := len(l.points); {
	case half == 0:
		return [][]point{l.points}
	case n == 1:
		return [][]point{arc(nil, l.points[0], half, 0, 2*math.Pi)}
	case l.closed:
		return [][]point{
			side(nil, append(append([]point{l.points[n-1]}, l.points...), l.points[0]), half),
			side(nil, append(append([]point{l.points[0]}, reversed(l.points)...), l.points[n-1]), half),
		}
	}
	back := reversed(l.points)
	out := side(nil, l.points, half)
	out = roundCap(out, l.points, half)
	out = side(out, back, half)
	return [][]point{roundCap(out, back, half)}
}

// side adds the left side of the line through points, from the second point to the last but one; the ends of an
// open line are the caps' to add.
func side(out, points []point, half float64) []point {
	for i := 1; i+1 < len(points); i++ {
		in, leaving := direction(points[i-1], points[i]), direction(points[i], points[i+1])
		turn := math.Remainder(leaving-in, 2*math.Pi)
		switch {
		case math.Abs(turn) < 0.35: // along a curve: one point, where the sides meet
			out = append(out, along(points[i], in+turn/2-math.Pi/2, half/math.Cos(turn/2)))
		case turn > 0: // the outer side of a corner
			out = arc(out, points[i], half, in-math.Pi/2, leaving-math.Pi/2)
		default: // the inner side, by way of the corner itself
			out = append(out, along(points[i], in-math.Pi/2, half), points[i],
				along(points[i], leaving-math.Pi/2, half))
		}
	}
	return out
}

// roundCap adds the half circle at the line's last point.
func roundCap(out, points []point, half float64) []point {
	n := len(points)
	a := direction(points[n-2], points[n-1])
	return arc(out, points[n-1], half, a-math.Pi/2, a+math.Pi/2)
}

// arc adds the points of an arc about centre, by the shorter way where there is one.
func arc(out []point, centre point, radius, from, to float64) []point {
	sweep := to - from
	if math.Abs(sweep) > math.Pi+1e-9 && math.Abs(sweep) < 2*math.Pi-1e-9 {
		sweep = math.Remainder(sweep, 2*math.Pi)
	}
	steps := math.Ceil(math.Abs(sweep) / (2 * math.Acos(1-tolerance/radius)))
	for i := 0.; i <= steps; i++ {
		out = append(out, along(centre, from+sweep*i/max(steps, 1), radius))
	}
	return out
}

func direction(a, b point) float64 { return math.Atan2(b.y-a.y, b.x-a.x) }

func along(a point, angle, distance float64) point {
	return a.plus(point{math.Cos(angle), math.Sin(angle)}.times(distance))
}

func reversed(points []point) []point {
	out := slices.Clone(points)
	slices.Reverse(out)
	return out
}

// data is a closed polygon in SVG's path language.
func data(polygon []point) string {
	var b strings.Builder
	for i, p := range polygon {
		command := "L"
		if i == 0 {
			command = "M"
		}
		fmt.Fprintf(&b, "%s%s %s", command, number(p.x), number(p.y))
	}
	return b.String() + "Z"
}

func number(v float64) string {
	s := strings.TrimRight(fmt.Sprintf("%.2f", v), "0")
	return strings.TrimSuffix(s, ".")
}
