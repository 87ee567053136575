package security

import (
	"bytes"
	"testing"
	"time"
)

// TestS05FramesThatAreBombs: lengths, fragments and control frames without end (CVE-2020-27813 of gorilla, re
// 718b9261, sipgo 769e4bc). The connection is closed with 1009 or 1002, or goes on; memory stays.
//
// Holds: bounded-reads
func TestS05FramesThatAreBombs(t *testing.T) {
	const text, more, ping, pong = 1, 0, 9, 10
	flood := func(begin, each []byte, n int) []byte { return append(begin, bytes.Repeat(each, n)...) }
	for _, c := range []struct {
		name   string
		frames []byte
		code   int // 0: the connection stays
	}{
		{"a frame of 2^63-1", []byte{0x81, 127, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, 1009},
		{"a frame of 2^32", []byte{0x81, 127, 0, 0, 0, 1, 0, 0, 0, 0}, 1009},
		{"a frame of 64 KiB and one", frame(true, text, make([]byte, 64<<10+1)), 0},
		{"a frame above the limit", frame(true, text, make([]byte, 128<<10+1)), 1009},
		{"a million empty fragments", flood(frame(false, text, nil), frame(false, more, nil), 1_000_000), 1009},
		{"fragments that add up", flood(frame(false, text, nil), frame(false, more, make([]byte, 1000)), 200), 1009},
		{"a masked frame", []byte{0x81, 0x81, 1, 2, 3, 4, 5}, 1002},
		{"a compressed frame", []byte{0xc1, 1, 'x'}, 1002},
		{"a long ping", []byte{0x89, 126, 1, 0}, 1002},
		{"a fragmented ping", []byte{0x09, 0}, 1002},
		{"an unknown opcode", []byte{0x83, 0}, 1002},
		{"a continuation of nothing", frame(true, more, []byte("x")), 1002},
		{"ten thousand pings", flood(nil, frame(true, ping, []byte("x")), 10_000), 0},
		{"a hundred thousand pongs", flood(nil, frame(true, pong, nil), 100_000), 0},
		{"ten thousand empty messages", flood(nil, frame(true, text, nil), 10_000), 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := attack(t, nil)
			before := g.memory()
			g.Raw(c.frames)
			if c.code != 0 {
				g.closedWith(c.code)
			}
			g.Wire.Alive(c.name)
			if grown := g.memory() - before; grown > 5<<20 {
				t.Errorf("memory grew by %d", grown)
			}
		})
	}
}

// A message that comes an octet a second is given up after 30 s. It takes that long: the rows share the time.
//
// Holds: bounded-reads
func TestS05SlowFrames(t *testing.T) {
	for _, c := range []struct {
		name         string
		begin, every []byte
	}{
		{"an octet a second", []byte{0x81, 126, 0x40, 0}, []byte("x")},
		{"a fragment a second", frame(false, 1, []byte("x")), frame(false, 0, []byte("x"))},
		{"an empty fragment a second", frame(false, 1, nil), frame(false, 0, nil)},
		{"pings between", frame(false, 1, nil), frame(true, 9, nil)},
		{"nothing more", frame(false, 1, nil), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			g := attack(t, nil)
			began := time.Now()
			g.Raw(c.begin)
			tick := time.NewTicker(time.Second)
			defer tick.Stop()
			for open := true; open && time.Since(began) < 60*time.Second; {
				select {
				case <-g.Gone():
					open = false
				case <-tick.C:
					g.Raw(c.every)
				}
			}
			if d := time.Since(began); d > 55*time.Second {
				t.Errorf("closed after %v", d)
			}
			g.again()
			g.Wire.Alive("a slow message")
		})
	}
}
