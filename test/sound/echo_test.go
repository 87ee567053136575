package sound

import (
	"fmt"
	"math"
	"testing"
	"time"

	"calla/audio"
	"calla/audio/audiotest"
	"calla/audio/dsp"
)

// What happens in each room, in seconds: the far end talks, from echoMoved on in another place, from echoBoth on with
// somebody near, and until echoEnds; then who is near talks alone, until echoAll.
const (
	echoMoved = 10
	echoBoth  = 20
	echoEnds  = 30
	echoAll   = 36
	echoDry   = 4 // from one time that devices run dry to the next
)

// echoRoom is a room, and how loud the far end is in it, in dBFS; the near talker has -26.
type echoRoom struct {
	name string
	audiotest.Acoustics
	far float64
	dry bool // its devices run dry every few seconds
}

func echoRooms() []echoRoom {
	room := func(name string, delay int, gain float64, reverb int, direct float64) echoRoom {
		return echoRoom{name, audiotest.Acoustics{
			Delay: time.Duration(delay) * time.Millisecond, Gain: gain, Noise: -72,
			Reverb: time.Duration(reverb) * time.Millisecond, Direct: direct,
		}, -23, false}
	}
	rooms := []echoRoom{
		room("headset that leaks", 35, -20, 60, 10), room("laptop, 60 ms", 60, -4, 250, 6),
		room("laptop, 240 ms", 240, -4, 250, 6), room("desk", 90, -8, 350, 0), room("glass, RT60 .6 s", 80, -6, 600, 0),
		room("loud and clipping", 70, 4, 300, 3), room("clocks 60 ppm apart", 70, -6, 300, 3),
		room("clocks -100 ppm apart", 70, -6, 300, 3), room("Bluetooth, 380 ms", 380, -8, 300, 3),
		room("glass, devices that run dry", 180, -6, 600, 0),
	}
	rooms[0].Noise = -78
	rooms[5].Loud, rooms[5].far = -9, -17
	rooms[6].Drift, rooms[7].Drift = 60, -100
	rooms[9].dry = true
	return rooms
}

// at is pcm at this level of its loud frames, in dBFS.
func at(pcm []int16, db float64) []int16 {
	top, sum, n := 0.0, 0.0, 0.0
	each := func(f func(power float64)) {
		for i := 0; i+audio.FrameSamples <= len(pcm); i += audio.FrameSamples {
			f(meanSquare(pcm[i : i+audio.FrameSamples]))
		}
	}
	each(func(p float64) { top = max(top, p) })
	each(func(p float64) {
		if p > top/1000 {
			sum, n = sum+p, n+1
		}
	})
	factor := 32768 * math.Pow(10, db/20) / math.Sqrt(sum/n)
	out := make([]int16, len(pcm))
	for i, v := range pcm {
		out[i] = dsp.Round16(float32(factor * float64(v)))
	}
	return out
}

func meanSquare(pcm []int16) (sum float64) {
	for _, v := range pcm {
		sum += float64(v) * float64(v)
	}
	return sum / float64(len(pcm))
}

// hear is what is played in the room, the near talker alone, and the microphone.
func (r echoRoom) hear(seed uint64, far, near []int16) (played, clean, mic []int16) {
	room := audiotest.NewRoom(seed, r.Acoustics)
	far, near = at(far, r.far), at(near, -26)
	late := audio.FrameSamples
	for from := 0; from < echoAll*audio.SampleRate; from += audio.FrameSamples {
		p, n := make(audio.Frame, audio.FrameSamples), make(audio.Frame, audio.FrameSamples)
		if from < echoEnds*audio.SampleRate {
			copy(p, far[from:])
		}
		if from >= echoBoth*audio.SampleRate {
			copy(n, near[from-echoBoth*audio.SampleRate:])
		}
		if from == echoMoved*audio.SampleRate {
			room.Move()
		}
		if r.dry && from > 0 && from%(echoDry*audio.SampleRate) == 0 {
			room.Late(late)
			late = -late // there is as much sound as before
		}
		clean = append(clean, n...)
		room.Play(p)
		room.Record(n)
		played, mic = append(played, p...), append(mic, n...)
	}
	return played, clean, mic
}

// echoPictures are the rooms that are kept to be listened to and looked at, and what their files are called.
func echoPictures() map[string]string {
	return map[string]string{"laptop, 60 ms": "laptop", "desk": "desk", "glass, RT60 .6 s": "glass"}
}

func cancelled(_ *testing.T, played, mic []int16) []int16 {
	echo, out := dsp.NewEchoCanceller(), append([]int16(nil), mic...)
	for i := 0; i+audio.FrameSamples <= len(out); i += audio.FrameSamples {
		echo.Reference(played[i : i+audio.FrameSamples])
		echo.Process(out[i : i+audio.FrameSamples])
	}
	return out
}

// rated is pcm at another rate.
func rated(t *testing.T, pcm []int16, from, to int) []int16 {
	t.Helper()
	r, err := dsp.NewResampler(from, to)
	if err != nil {
		t.Fatal(err)
	}
	return r.Process(nil, pcm)
}

// cancellers are Calla's and those of two libraries, in the order of the table.
func cancellers(t *testing.T) (names []string, all []func(t *testing.T, played, mic []int16) []int16) {
	names, all = []string{"Calla"}, append(all, cancelled)
	run := libraries(t, "cancellers.cc")
	for _, name := range []string{"speexdsp", "webrtc"} {
		names = append(names, name)
		all = append(all, func(t *testing.T, played, mic []int16) []int16 {
			const rate = 16000
			far, near := rated(t, played, audio.SampleRate, rate), rated(t, mic, audio.SampleRate, rate)
			var in []int16 // ten milliseconds of what is played, and of what is heard, in turns
			for i := 0; i+rate/100 <= len(near); i += rate / 100 {
				in = append(append(in, far[i:i+rate/100]...), near[i:i+rate/100]...)
			}
			out := rated(t, run(t, name, in), rate, audio.SampleRate)
			return append(out, make([]int16, max(0, len(mic)-len(out)))...)
		})
	}
	return names, all
}

// TestEcho measures what cancellers leave of echoes, and of who speaks into them.
func TestEcho(t *testing.T) {
	measuring(t)
	names, all := cancellers(t)
	table := Table{
		Title: "Echo",
		Text: "A woman is played by a loudspeaker for 30 s and another one speaks from the 20th second on, alone " +
			"after the 30th; in the 10th the room becomes another one. Devices that run dry make the echo 10 ms " +
			"later, and earlier again, every 4 s. By how many dB the echo is taken down after 3 s / 3 s after the " +
			"move / seconds until it is 15 dB / ESTOI of the near talker in double talk / alone. The room's noise, " +
			"35 to 50 dB below the echo, stays. To be reached: 32 / 32 / 1 / .90 in all but the loud room and " +
			"speexdsp's + .02 / .985.",
		Head: append([]string{"room", "ESTOI in"}, names...),
	}
	far, near := speech(t, "English", echoEnds), speech(t, "French", echoAll-echoBoth)
	for i, room := range echoRooms() {
		played, clean, mic := room.hear(uint64(i+1), far, near)
		cut := func(pcm []int16, from, to int) []int16 { return pcm[from*audio.SampleRate : to*audio.SampleRate] }
		before := audiotest.ESTOI(cut(clean, echoBoth, echoEnds), cut(mic, echoBoth, echoEnds))
		row := []string{room.name, fmt.Sprintf("%.3f", before)}
		for k, cancel := range all {
			out := cancel(t, played, mic)
			if name := echoPictures()[room.name]; name != "" && k == 0 {
				table.Pictures = append(table.Pictures, keep(t, name, mic, out, echoBoth-2, room.name+": above "+
					"what the microphone heard, below what Calla sends. For 2 s somebody is heard from the "+
					"loudspeaker, for 10 s both talk, then who is near talks alone."))
			}
			late := max(0, audiotest.Delay(cut(clean, 31, 32), cut(out, 31, 32), 1200))
			out = append(out[late:], make([]int16, late)...)
			less := func(from, to int) float64 {
				return 10 * math.Log10((meanSquare(mic[from:to])+1)/(meanSquare(out[from:to])+1))
			}
			row = append(row, fmt.Sprintf("%.0f / %.0f / %s / %.3f / %.3f",
				less(4*audio.SampleRate, echoMoved*audio.SampleRate),
				less((echoMoved+3)*audio.SampleRate, echoBoth*audio.SampleRate),
				secondsTo15(mic, less), audiotest.ESTOI(cut(clean, echoBoth, echoEnds), cut(out, echoBoth, echoEnds)),
				audiotest.ESTOI(cut(clean, echoEnds+1, echoAll-1), cut(out, echoEnds+1, echoAll-1))))
		}
		table.Rows = append(table.Rows, row)
	}
	record(t, table)
}

// secondsTo15 is how long after the first echo 15 dB are reached, and kept for half a second of it.
func secondsTo15(mic []int16, less func(from, to int) float64) string {
	const step = audio.SampleRate / 20
	loud := func(from int) bool { return meanSquare(mic[from:from+4*step]) > 100*100 }
	begin := 0
	for !loud(begin) {
		begin += step
	}
	good := 0
	for from := begin; from < 8*audio.SampleRate; from += step {
		switch {
		case !loud(from):
		case less(from, from+4*step) < 15:
			good = 0
		default:
			if good++; good == 10 {
				return fmt.Sprintf("%.1f", max(0, float64(from-begin)/audio.SampleRate-0.45))
			}
		}
	}
	return "–"
}
