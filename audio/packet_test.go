package audio_test

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"calla/audio"
)

// few is a codec of fewer packet times than G.711.
type few struct{ audio.Codec }

func (few) PacketTimes() []time.Duration {
	return []time.Duration{10 * time.Millisecond, 20 * time.Millisecond, 40 * time.Millisecond, 60 * time.Millisecond}
}

func TestPacketsAreAsLongAsTheFarEndAsks(t *testing.T) {
	for _, c := range []struct{ asked, least, most, want, opus float64 }{
		{0, 0, 0, 20, 20},
		{10, 0, 0, 10, 10},
		{20, 0, 0, 20, 20},
		{30, 0, 0, 30, 20},
		{40, 0, 0, 40, 40},
		{60, 0, 0, 60, 60},
		{2.5, 0, 0, 10, 10},
		{26, 0, 0, 30, 20},
		{50, 0, 0, 40, 40},
		{120, 0, 0, 60, 60},
		{10000, 0, 0, 60, 60},
		{0, 0, 10, 10, 10},
		{0, 0, 60, 20, 20},
		{60, 0, 40, 40, 40},
		{60, 0, 30, 30, 20},
		{60, 0, 5, 10, 10},
		{10, 20, 0, 20, 20},
		{10, 25, 0, 30, 40},
		{20, 40, 30, 30, 20}, // at least more than at most
		{0, 10, 60, 20, 20},
	} {
		ms := func(f float64) time.Duration { return time.Duration(f * float64(time.Millisecond)) }
		for codec, want := range map[audio.Codec]float64{few{}: c.opus, audio.G722(): c.want} {
			if got := audio.PacketTime(codec, ms(c.asked), ms(c.least), ms(c.most)); got != ms(want) {
				t.Errorf("%+v: %v instead of %v", c, got, ms(want))
			}
		}
	}
}

// each calls test for every codec and each of its packet times.
func each(t *testing.T, test func(t *testing.T, f audio.Format)) {
	t.Helper()
	for _, codec := range audio.Codecs(better(t)) {
		for _, packet := range codec.PacketTimes() {
			t.Run(fmt.Sprint(codec.Name(), " ", packet), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { test(t, audio.Format{Codec: codec, Packet: packet}) })
			})
		}
	}
}

// TestPacketsOfEveryLengthAreSentAndHeard: by the clock and by a device, each with the ticks it lasts, and none late.
func TestPacketsOfEveryLengthAreSentAndHeard(t *testing.T) {
	each(t, func(t *testing.T, f audio.Format) {
		for _, device := range []bool{false, true} {
			c := newCall(t, f.Codec, device)
			if err := c.sender.SetFormat(f); err != nil {
				t.Fatal(err)
			}
			c.sender.SetSource(audio.NewToneSource(audio.Sine(440, -12)))
			heard := &recording{}
			c.receiver.SetSinks(heard)
			const lasts = 3 * time.Second
			time.Sleep(lasts + time.Millisecond)
			stats := c.receiver.Stats()
			c.close()
			w := c.wire
			if n, want := len(w.times), int(lasts/f.Packet); n < want-1 || n > want+1 {
				t.Errorf("device %v: %d packets instead of %d", device, n, want)
			}
			for i, at := range w.stamps[1:] {
				step := time.Duration(at-w.stamps[i]) * time.Second / time.Duration(f.Codec.ClockRate())
				if step != f.Packet {
					t.Fatalf("device %v: packet %d is %v after the one before", device, i+1, step)
				}
				if gap := w.times[i+1].Sub(w.times[i]); gap < f.Packet-10*time.Millisecond ||
					gap > f.Packet+10*time.Millisecond {
					t.Fatalf("device %v: packet %d is sent %v after the one before", device, i+1, gap)
				}
			}
			// That two Frames are wanted at once, as there is no device, is not known when the first two are.
			if stats.Lost > 0 || stats.Concealed > audio.FrameSamples || device && stats.Concealed > 0 ||
				stats.DecodeErrors > 0 || stats.Current > 80*time.Millisecond {
				t.Errorf("device %v: %+v", device, stats)
			}
			m := audio.MeasureTone(heard.pcm[audio.SampleRate:])
			if math.Abs(m.Frequency-440) > 0.5 || m.Purity < 0.98 {
				t.Errorf("device %v: heard %v, purity %.3f", device, m, m.Purity)
			}
		}
	})
}

// recording is a Sink of all that is heard.
type recording struct{ pcm []int16 }

func (r *recording) Add(frame audio.Frame) { r.pcm = append(r.pcm, frame...) }

// TestPacketTimeChangesInTheCall: the timestamps go on with the sound.
func TestPacketTimeChangesInTheCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCall(t, audio.PCMU(), true)
		begun := time.Now()
		for _, ms := range []time.Duration{20, 60, 10, 30, 40, 20} {
			if err := c.sender.SetFormat(audio.Format{Codec: audio.PCMU(), Packet: ms * time.Millisecond}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(1200 * time.Millisecond)
		}
		c.close()
		w := c.wire
		var sizes []int
		for i, at := range w.stamps {
			if i > 0 && at-w.stamps[i-1] != uint32(w.sizes[i-1]) {
				t.Fatalf("packet %d is %d ticks after one of %d", i, at-w.stamps[i-1], w.sizes[i-1])
			}
			off := w.times[i].Sub(begun) - time.Duration(at)*time.Second/8000
			if off < 0 || off > 100*time.Millisecond {
				t.Fatalf("packet %d is %v after its time", i, off)
			}
			sizes = append(sizes, w.sizes[i])
		}
		if got := slices.Compact(sizes); !slices.Equal(got, []int{160, 480, 80, 240, 320, 160}) {
			t.Errorf("sizes %v", got)
		}
	})
}
