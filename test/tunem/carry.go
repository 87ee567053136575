package tunem

import (
	"container/heap"
	"io"
	"sync"
	"time"
)

// Limits of what a direction keeps.
const (
	maxPacket  = 64 << 10
	maxWaiting = 10_000 // packets under way; more are lost
)

// Way is a network between two ends, each of which gives and takes whole packets.
type Way struct {
	directions [2]*direction
	ends       [2]io.ReadWriteCloser
	work       sync.WaitGroup
}

// Carry joins two ends by a perfect network, until Close.
func Carry(a, b io.ReadWriteCloser) *Way {
	w := &Way{ends: [2]io.ReadWriteCloser{a, b}}
	for i, from := range w.ends {
		d := &direction{wake: make(chan struct{}, 1)}
		d.play(NewImpairment(0, nil))
		w.directions[i] = d
		to := w.ends[1-i]
		w.work.Go(func() { d.take(from) })
		w.work.Go(func() { d.give(to) })
	}
	return w
}

// Play begins a timeline, of its own chance for each direction, in the place of what was played before: there is from
// the first end to the second, and back the other way.
func (w *Way) Play(seed uint64, there, back Timeline) {
	w.directions[0].play(NewImpairment(2*seed, there))
	w.directions[1].play(NewImpairment(2*seed+1, back))
}

// Watch has seen be told of every packet as it is sent: whether it goes there or back, and how often it will come out.
// It is called from two goroutines, one for each way.
func (w *Way) Watch(seen func(there bool, data []byte, comes int)) {
	for i, d := range w.directions {
		d.mu.Lock()
		d.seen = func(data []byte, comes int) { seen(i == 0, data, comes) }
		d.mu.Unlock()
	}
}

// Counts tells what became of the packets since Play.
func (w *Way) Counts() (there, back Counts) {
	return w.directions[0].counts(), w.directions[1].counts()
}

// Close closes both ends, and returns once nothing of the way is at work.
func (w *Way) Close() error {
	var first error
	for _, end := range w.ends {
		if err := end.Close(); err != nil && first == nil {
			first = err
		}
	}
	w.work.Wait()
	return first
}

// direction carries packets from one end to the other.
type direction struct {
	mu         sync.Mutex
	impairment *Impairment
	began      time.Time
	waiting    packets
	number     uint64
	closed     bool
	seen       func(data []byte, comes int) // nil = nobody
	wake       chan struct{}                // there is something new to wait for
}

func (d *direction) play(i *Impairment) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.impairment, d.began = i, time.Now()
}

func (d *direction) counts() Counts {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.impairment.Counts()
}

// take reads what is sent until the end is closed.
func (d *direction) take(from io.Reader) {
	buffer := make([]byte, maxPacket)
	for {
		n, err := from.Read(buffer)
		d.mu.Lock()
		if err == nil {
			d.put(append([]byte(nil), buffer[:n]...))
		} else {
			d.closed = true
		}
		d.mu.Unlock()
		select {
		case d.wake <- struct{}{}:
		default:
		}
		if err != nil {
			return
		}
	}
}

// put has a packet wait for its time.
func (d *direction) put(data []byte) {
	comes := d.impairment.Packet(time.Since(d.began), len(data))
	if d.seen != nil {
		d.seen(data, len(comes))
	}
	for _, leaves := range comes {
		if len(d.waiting) < maxWaiting {
			d.number++
			heap.Push(&d.waiting, packet{at: d.began.Add(leaves), number: d.number, data: data})
		}
	}
}

// give writes each packet at its time.
func (d *direction) give(to io.Writer) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		d.mu.Lock()
		wait := time.Hour
		for len(d.waiting) > 0 && !d.closed {
			if wait = time.Until(d.waiting[0].at); wait > 0 {
				break
			}
			p := heap.Pop(&d.waiting).(packet)
			d.mu.Unlock()
			_, _ = to.Write(p.data) // an interface that is down takes nothing
			d.mu.Lock()
			wait = time.Hour
		}
		closed := d.closed
		d.mu.Unlock()
		if closed {
			return
		}
		timer.Reset(wait)
		select {
		case <-timer.C:
		case <-d.wake:
		}
	}
}

// packet is one under way.
type packet struct {
	at     time.Time
	number uint64 // of those of the same time the first goes first
	data   []byte
}

// packets is a heap of those under way, the next to leave first.
type packets []packet

func (p packets) Len() int { return len(p) }
func (p packets) Less(i, j int) bool {
	if !p[i].at.Equal(p[j].at) {
		return p[i].at.Before(p[j].at)
	}
	return p[i].number < p[j].number
}
func (p packets) Swap(i, j int) { p[i], p[j] = p[j], p[i] }

// Push implements heap.Interface.
func (p *packets) Push(x any) { *p = append(*p, x.(packet)) }

// Pop implements heap.Interface.
func (p *packets) Pop() any {
	last := (*p)[len(*p)-1]
	*p = (*p)[:len(*p)-1]
	return last
}
