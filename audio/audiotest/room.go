package audiotest

import (
	"math"
	"math/rand/v2"
	"time"

	"calla/audio"
	"calla/audio/dsp"
)

// Acoustics is what a Room does to the sound between its loudspeaker and its microphone.
type Acoustics struct {
	Delay  time.Duration // from the loudspeaker's device to the microphone's, without the room: buffers, air
	Gain   float64       // of the whole way, in dB
	Reverb time.Duration // in which the sound falls by 60 dB
	Direct float64       // the direct sound against all that is reflected, in dB
	Drift  float64       // by how many parts in a million the microphone's clock is slow
	Loud   float64       // amplitude above which the loudspeaker is hard to move, in dBFS; 0 = none
	Noise  float64       // at the microphone, in dBFS; 0 = none
}

// Room is a loudspeaker that is heard by a microphone. Its response is a direct sound, a few early reflections and a
// dense tail that decays, all drawn at random: the same seed gives the same room. One goroutine uses it at a time.
type Room struct {
	a        Acoustics
	random   *rand.Rand
	fft      *dsp.RealFFT
	response [][]complex64 // by Frames of the response
	heard    [][]complex64 // spectra of what was played, the newest first
	block    []float32     // the last two Frames played
	sum      []complex64
	sound    []float32
	echo     []float32 // what is on its way to the microphone
	from     int       // index of echo[0] in the loudspeaker's time
	at       float64   // index of what the microphone hears next
	pink     float64
}

// roomReach is how many samples either way are weighed for the sound between two samples.
const roomReach = 8

// NewRoom returns the room with this seed.
func NewRoom(seed uint64, a Acoustics) *Room {
	const n = audio.FrameSamples
	r := &Room{
		a: a, random: rand.New(rand.NewPCG(seed, 2)), fft: dsp.NewRealFFT(2 * n),
		block: make([]float32, 2*n), sum: make([]complex64, n+1), sound: make([]float32, 2*n),
		at: -a.Delay.Seconds() * audio.SampleRate,
	}
	r.Move()
	return r
}

// Move puts the loudspeaker or who sits before it elsewhere in the room: another response, drawn at random.
func (r *Room) Move() {
	const n = audio.FrameSamples
	length := max(1, int(r.a.Reverb.Seconds()*audio.SampleRate)*3/4) // to -45 dB
	h := make([]float64, length)
	decay := math.Pow(10, -3/(r.a.Reverb.Seconds()*audio.SampleRate+1))
	sum, low := 0.0, 0.0
	for i := range h {
		// The walls take the high notes first.
		g := math.Exp(-float64(i) / audio.SampleRate * 6)
		low += 0.7 * g * (r.random.NormFloat64() - low)
		if h[i] = low * math.Pow(decay, float64(i)); i < audio.SampleRate/500 {
			h[i] = 0 // 2 ms in which there is the direct sound alone
		}
	}
	for range 6 {
		at := audio.SampleRate/500 + r.random.IntN(audio.SampleRate/60)
		if at < length {
			h[at] += 2 * (r.random.Float64() - 0.5) * 6 * math.Pow(decay, float64(at))
		}
	}
	for _, v := range h {
		sum += v * v
	}
	scale := math.Pow(10, r.a.Gain/20)
	direct := math.Pow(10, r.a.Direct/20)
	for i := range h {
		h[i] *= scale / math.Sqrt((sum+1e-12)*(1+direct*direct))
	}
	h[0] = scale * direct / math.Sqrt(1+direct*direct)
	r.response = nil
	for from := 0; from < length; from += n {
		clear(r.sound)
		for i, v := range h[from:min(length, from+n)] {
			r.sound[i] = float32(v)
		}
		s := make([]complex64, n+1)
		r.fft.Forward(s, r.sound)
		r.response = append(r.response, s)
	}
	for len(r.heard) < len(r.response) {
		r.heard = append(r.heard, make([]complex64, n+1))
	}
}

// Play is what the loudspeaker's device takes.
func (r *Room) Play(frame audio.Frame) {
	const n = audio.FrameSamples
	copy(r.block, r.block[n:])
	for i, s := range frame {
		v := float64(s)
		if r.a.Loud != 0 {
			most := 32768 * math.Pow(10, r.a.Loud/20)
			v = most * math.Tanh(v/most+0.1*(v/most)*(v/most)) // not the same in both directions
		}
		r.block[n+i] = float32(v)
	}
	oldest := r.heard[len(r.heard)-1]
	copy(r.heard[1:], r.heard)
	r.heard[0] = oldest
	r.fft.Forward(oldest, r.block)
	clear(r.sum)
	for p, h := range r.response {
		for k, x := range r.heard[p] {
			r.sum[k] += x * h[k]
		}
	}
	r.fft.Inverse(r.sound, r.sum)
	r.echo = append(r.echo, r.sound[n:]...)
}

// Record adds what the microphone hears of the loudspeaker, and the noise of the room, to frame.
func (r *Room) Record(frame audio.Frame) {
	noise := 0.0
	if r.a.Noise != 0 {
		noise = 32768 * math.Pow(10, r.a.Noise/20)
	}
	for i, s := range frame {
		v := float64(s)
		whole := math.Floor(r.at)
		if base := int(whole) - r.from; base >= roomReach && base+roomReach < len(r.echo) {
			part := r.at - whole
			if part == 0 {
				v += float64(r.echo[base])
			} else {
				for k := 1 - roomReach; k <= roomReach; k++ {
					t := float64(k) - part
					w := math.Cos(math.Pi * t / (2 * roomReach))
					v += float64(r.echo[base+k]) * w * w * math.Sin(math.Pi*t) / (math.Pi * t)
				}
			}
		}
		r.at += 1 + r.a.Drift/1e6
		// Rooms hum more than they hiss.
		r.pink = 0.7*r.pink + r.random.NormFloat64()
		v += noise * r.pink * math.Sqrt(1-0.49)
		frame[i] = dsp.Round16(float32(math.Max(-40000, math.Min(40000, v))))
	}
	if keep := int(r.at) - r.from - audio.SampleRate; keep > audio.SampleRate {
		keep = min(keep, len(r.echo))
		r.echo = r.echo[:copy(r.echo, r.echo[keep:])]
		r.from += keep
	}
}

// Late makes the echo come so many samples later from now on, or earlier: a device has run dry, or has lost some sound.
func (r *Room) Late(samples int) { r.at -= float64(samples) }
