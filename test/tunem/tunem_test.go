package tunem

import (
	"encoding/binary"
	"io"
	"math"
	"reflect"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

const (
	ms   = time.Millisecond
	many = 50_000 // packets
	gap  = 20 * ms
)

// pass sends packets every 20 ms over an impairment, and returns when each comes out.
func pass(i *Impairment, packets, size int) (out [][]time.Duration) {
	for n := range packets {
		out = append(out, i.Packet(time.Duration(n)*gap, size))
	}
	return out
}

func TestTheSameSeedIsTheSameNetwork(t *testing.T) {
	profile := International()
	timeline := Timeline{{Profile: profile, For: time.Minute}, {Profile: Moderate(), For: time.Minute}, {}}
	first := pass(NewImpairment(7, timeline), 10_000, 200)
	if !reflect.DeepEqual(first, pass(NewImpairment(7, timeline), 10_000, 200)) {
		t.Error("the second run was another one")
	}
	if reflect.DeepEqual(first, pass(NewImpairment(8, timeline), 10_000, 200)) {
		t.Error("another seed was the same network")
	}
}

func TestWhatIsLostIsAsTheProfileSays(t *testing.T) {
	for _, v := range []struct {
		name        string
		p           Profile
		loss, burst float64 // share, and packets in a row
	}{
		{"nothing", Profile{}, 0, 0},
		{"one in a hundred", Profile{Loss: 0.01}, 0.01, 1.01},
		{"one in five", Profile{Loss: 0.2}, 0.2, 1.25},
		{"International", International(), 0.107, 4},
		{"a spike", Spike(), 0.306, 4},
		{"bursts of two", BurstyLoss(0.05, 2), 0.05, 2},
		{"bursts of four", BurstyLoss(0.1, 4), 0.1, 4},
		{"all", Profile{Blackhole: true}, 1, many},
	} {
		t.Run(v.name, func(t *testing.T) {
			i := NewImpairment(1, Timeline{{Profile: v.p}})
			bursts, before := 0, false
			for _, out := range pass(i, many, 200) {
				if lost := len(out) == 0; lost != before {
					before = lost
					if lost {
						bursts++
					}
				}
			}
			c := i.Counts()
			if got := float64(c.Lost) / many; c.Sent != many || math.Abs(got-v.loss) > 0.1*v.loss {
				t.Errorf("%.3f of %d lost, want %.3f", got, c.Sent, v.loss)
			}
			if got := float64(c.Lost) / float64(max(bursts, 1)); math.Abs(got-v.burst) > 0.1*v.burst {
				t.Errorf("%.2f in a row, want %.2f", got, v.burst)
			}
		})
	}
}

func TestABurstEndsWithItsProfile(t *testing.T) {
	for seed := range uint64(50) {
		i := NewImpairment(seed, Timeline{{Profile{Enter: 0.5, Leave: 0.01}, time.Second}, {}})
		for n, out := range pass(i, 100, 200) {
			if time.Duration(n)*gap >= time.Second && len(out) != 1 {
				t.Fatalf("seed %d: number %d came out %d times", seed, n, len(out))
			}
		}
	}
}

func TestDelayKeepsTheOrder(t *testing.T) {
	for _, v := range []struct {
		name        string
		p           Profile
		least, most time.Duration
	}{
		{"none", Profile{}, 0, 0},
		{"the same for all", Profile{Delay: 50 * ms}, 50 * ms, 50 * ms},
		{"jitter", Profile{Delay: 50 * ms, Jitter: 10 * ms}, 40 * ms, 60 * ms},
		{"jitter beyond the gap", Profile{Delay: 100 * ms, Jitter: 80 * ms}, 20 * ms, 180 * ms},
		{"jitter beyond the delay", Profile{Delay: 10 * ms, Jitter: 60 * ms}, 0, 70 * ms},
	} {
		t.Run(v.name, func(t *testing.T) {
			before, least, most := time.Duration(0), time.Hour, time.Duration(0)
			for n, out := range pass(NewImpairment(1, Timeline{{Profile: v.p}}), many, 200) {
				took := out[0] - time.Duration(n)*gap
				least, most = min(least, took), max(most, took)
				if out[0] < before {
					t.Fatalf("number %d passed another", n)
				}
				before = out[0]
			}
			if least < v.least || least > v.least+2*ms || most > v.most || most < v.most-2*ms {
				t.Errorf("%v to %v, want %v to %v", least, most, v.least, v.most)
			}
		})
	}
}

func TestReorderedAndDoubled(t *testing.T) {
	i := NewImpairment(1, Timeline{{Profile: Profile{Reorder: 0.05, Double: 0.02}}})
	twice, passed := 0, 0
	var latest time.Duration
	for _, out := range pass(i, many, 200) {
		if len(out) == 2 {
			twice++
		}
		if out[0] < latest {
			passed++
		}
		latest = max(latest, out[0])
	}
	c := i.Counts()
	if twice != c.Doubled || math.Abs(float64(twice)/many-0.02) > 0.002 {
		t.Errorf("%d doubled, %d counted", twice, c.Doubled)
	}
	// Each that is held back for 50 ms is passed by two, where they are not held back too.
	if share := float64(c.Reordered) / many; math.Abs(share-0.05) > 0.005 || passed < c.Reordered {
		t.Errorf("%d reordered, %d passed one", c.Reordered, passed)
	}
}

func TestRateDelaysAndThenLoses(t *testing.T) {
	for _, v := range []struct {
		name string
		rate int
		loss float64
		most time.Duration
	}{
		{"enough", 100_000, 0, 16 * ms},
		{"just enough", 80_000, 0, 20 * ms},
		{"half", 40_000, 0.5, 240 * ms},
		{"a tenth", 8_000, 0.9, 400 * ms},
	} {
		t.Run(v.name, func(t *testing.T) {
			i := NewImpairment(1, Timeline{{Profile: Profile{Rate: v.rate}}})
			var most time.Duration
			for n, out := range pass(i, many, 200) { // 80 kbit/s
				for _, at := range out {
					most = max(most, at-time.Duration(n)*gap)
				}
			}
			if got := float64(i.Counts().Lost) / many; math.Abs(got-v.loss) > 0.01 || most > v.most {
				t.Errorf("%.2f lost, a delay of up to %v; want %.2f, %v", got, most, v.loss, v.most)
			}
		})
	}
}

func TestTimelineHasOneProfileAfterTheOther(t *testing.T) {
	l := Timeline{{Profile{Name: "a"}, time.Second}, {Profile{Name: "b"}, 2 * time.Second}, {Profile{Name: "c"}, 0}}
	for at, want := range map[time.Duration]string{
		0: "a", time.Second - 1: "a", time.Second: "b", 3*time.Second - 1: "b", 3 * time.Second: "c", time.Hour: "c",
	} {
		if got := l.At(at).Name; got != want {
			t.Errorf("at %v: %s, want %s", at, got, want)
		}
	}
	if got := (Timeline{}).At(time.Second); got != (Profile{}) {
		t.Errorf("%+v", got)
	}
}

// end is one end of a way: a packet a read, and a packet a write.
type end struct {
	sent chan []byte
	got  chan []byte
	done chan struct{}
}

func newEnd() *end { return &end{make(chan []byte), make(chan []byte, 1000), make(chan struct{})} }

func (e *end) Read(p []byte) (int, error) {
	select {
	case data := <-e.sent:
		return copy(p, data), nil
	case <-e.done:
		return 0, io.EOF
	}
}

func (e *end) Write(p []byte) (int, error) {
	e.got <- slices.Clone(p)
	return len(p), nil
}

func (e *end) Close() error {
	close(e.done)
	return nil
}

// TestPacketsComeOutWhenTheyHaveTo: what is carried is what the impairment says, both ways, in virtual time.
func TestPacketsComeOutWhenTheyHaveTo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newEnd(), newEnd()
		w := Carry(a, b)
		there := Timeline{{Profile: International()}}
		lost := 0
		w.Watch(func(there bool, _ []byte, comes int) {
			if there && comes == 0 {
				lost++
			}
		})
		w.Play(3, there, Timeline{{Profile{Delay: 5 * ms}, 0}})
		model := NewImpairment(6, there)
		began := time.Now()
		type arrival struct {
			at     time.Duration
			number uint64
		}
		var want, got []arrival
		finished := make(chan struct{})
		go func() {
			defer close(finished)
			for {
				select {
				case data := <-b.got:
					got = append(got, arrival{time.Since(began), binary.BigEndian.Uint64(data)})
				case <-b.done:
					return
				}
			}
		}()
		for n := range 500 {
			data := binary.BigEndian.AppendUint64(nil, uint64(n))
			for _, at := range model.Packet(time.Since(began), len(data)) {
				want = append(want, arrival{at, uint64(n)})
			}
			a.sent <- data
			time.Sleep(gap)
		}
		b.sent <- []byte("back")
		since := time.Now()
		if back := <-a.got; string(back) != "back" || time.Since(since) != 5*ms {
			t.Errorf("%q came back after %v", back, time.Since(since))
		}
		time.Sleep(time.Second)
		if err := w.Close(); err != nil {
			t.Error(err)
		}
		<-finished
		slices.SortStableFunc(want, func(x, y arrival) int { return int(x.at - y.at) })
		if !slices.Equal(got, want) {
			t.Errorf("%d came out, other than the %d that had to", len(got), len(want))
		}
		if c, _ := w.Counts(); c != model.Counts() || c.Lost == 0 || c.Lost != lost {
			t.Errorf("%+v, want %+v", c, model.Counts())
		}
	})
}

// TestJitterIsSpreadAsItIsCalled: by its mean, and by how much of it is beyond thrice that.
func TestJitterIsSpreadAsItIsCalled(t *testing.T) {
	const jitter = 30 * time.Millisecond
	for _, c := range []struct {
		name         string
		spread       Spread
		least        time.Duration
		mean, beyond float64 // of the jitter, and share of packets
	}{
		{"even", Even, -jitter, 0, 0},
		{"half-normal", HalfNormal, 0, 0.798, 0.0027},
		{"Pareto", Pareto, 0, 1, 0.064},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, sum, beyond := Profile{Jitter: jitter, Spread: c.spread}, 0.0, 0.0
			const all = 100_000
			for i := range all {
				d := p.jitter(float64(i) / all)
				if d < c.least {
					t.Fatalf("%v", d)
				}
				sum += float64(d) / float64(jitter) / all
				if d > 3*jitter {
					beyond += 1.0 / all
				}
			}
			if math.Abs(sum-c.mean) > 0.01 || math.Abs(beyond-c.beyond) > 0.001 {
				t.Errorf("mean %.3f of the jitter, %.4f beyond thrice", sum, beyond)
			}
		})
	}
}
