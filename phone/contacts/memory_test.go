package contacts

import (
	"io"
	"runtime"
	"testing"
)

// generated is a file that is nowhere whole.
type generated struct {
	size int
	next func(i int) string
	made int
	text string
}

func (g *generated) Read(p []byte) (int, error) {
	if g.text == "" {
		if g.size <= 0 {
			return 0, io.EOF
		}
		g.text = g.next(g.made)
		g.made++
		g.size -= len(g.text)
	}
	n := copy(p, g.text)
	g.text = g.text[n:]
	return n, nil
}

// readsWithin reads all contacts of a file and keeps none: what is in use may grow by so much.
func readsWithin(t *testing.T, stream *generated, most uint64) {
	t.Helper()
	inUse := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := inUse()
	r, err := NewReader(stream, Format{})
	if err != nil {
		t.Fatal(err)
	}
	read, peak := 0, uint64(0)
	for {
		_, _, err := r.Next()
		if err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if read++; read%(1+stream.made/8) == 0 {
			peak = max(peak, inUse())
		}
	}
	peak = max(peak, inUse())
	if peak > before+most {
		t.Errorf("%d contacts need %d kB", read, (peak-before)>>10)
	}
	if read != stream.made || r.Unread().Total() != 0 {
		t.Errorf("read %d of %d contacts, %v", read, stream.made, r.Unread().First)
	}
	t.Logf("%d contacts within %d kB", read, (peak-min(peak, before))>>10)
}
