package security

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestS04ContentLengthAndBodies: lengths that lie, and bodies that are too long (sipgo a7be60a, sipsorcery
// GHSA-j5j8-rhcm-7fp9; clerr and ncl of RFC 4475). Each is refused or cut, the connection stays.
func TestS04ContentLengthAndBodies(t *testing.T) {
	g := attack(t, nil)
	for _, c := range []struct {
		name    string
		lengths []string
		body    int // octets
		want    []int
	}{
		{"more than there is", []string{"9999"}, 10, []int{400}},
		{"negative", []string{"-1"}, 10, []int{400}},
		{"2^31", []string{"2147483648"}, 10, []int{400}},
		{"2^63", []string{"9223372036854775808"}, 10, []int{400}},
		{"a float", []string{"1e9"}, 10, []int{400}},
		{"hexadecimal", []string{"0x10"}, 10, []int{400}},
		{"words", []string{"many"}, 10, []int{400}},
		{"two different ones", []string{"10", "5"}, 10, []int{400}},
		{"a hundred digits", []string{strings.Repeat("9", 100)}, 10, []int{400}},
		{"a long body", []string{"60000"}, 60000, []int{200, 400, 413, 415, 513}},
	} {
		t.Run(c.name, func(t *testing.T) {
			g.bounded(c.name, 5<<20, func() {
				for range 20 {
					m := g.Request("OPTIONS")
					text := m.Bytes()
					head, _, _ := bytes.Cut(text, []byte("\r\n\r\n"))
					var kept []byte
					for line := range strings.SplitSeq(string(head), "\r\n") {
						if !strings.HasPrefix(line, "Content-Length") {
							kept = append(kept, line+"\r\n"...)
						}
					}
					for _, l := range c.lengths {
						kept = append(kept, "Content-Length: "+l+"\r\n"...)
					}
					kept = append(kept, "\r\n"...)
					kept = append(kept, bytes.Repeat([]byte("x"), c.body)...)
					g.Send(kept)
					got := g.Final(m)
					if !slices.Contains(c.want, got) {
						t.Fatalf("answered with %d, want %v", got, c.want)
					}
				}
			})
		})
	}
	t.Run("a megabyte", func(t *testing.T) { // longer than any frame may be: the connection is closed with 1009
		before := g.memory()
		g.Send([]byte(fmt.Sprintf("MESSAGE sip:alice@h SIP/2.0\r\nContent-Length: %d\r\n\r\n%s", 1<<20,
			strings.Repeat("x", 1<<20))))
		<-g.Gone()
		if code := g.CloseCode(); code != 1009 {
			t.Errorf("closed with %d", code)
		}
		g.again()
		g.Wire.Alive("a megabyte")
		if grown := g.memory() - before; grown > 4<<20 {
			t.Errorf("memory grew by %d", grown)
		}
	})
}
