package soundfile

import (
	"math"

	"calla/audio"
)

const (
	// musicLevel is how loud music on hold is, in dBFS: the mean of all that is not silent in it. Speech that is
	// levelled has -18.
	musicLevel = -20.0
	// musicPeak is how loud its loudest sample may be, in dBFS: what is left is room for the codecs.
	musicPeak = -1.0
	// musicGain is by how much it is made louder at the most, in dB: there is noise in all that was recorded.
	musicGain = 20.0
	// musicQuiet is how much softer than the loudest tenth of a second one may be that counts, in dB.
	musicQuiet = 30.0
	// softened is how much at each end is faded, so that neither its beginning nor the way from its end to its
	// beginning clicks: 10 ms.
	softened = audio.FrameSamples
)

// levelled is music as loud as musicLevel, or as loud as musicPeak lets it be: nothing is cut off or pressed.
func levelled(pcm []int16) []int16 {
	const block = audio.SampleRate / 10
	var powers []float64
	loudest, peak := 0.0, 0.0
	for at := 0; at < len(pcm); at += block {
		part, sum := pcm[at:min(at+block, len(pcm))], 0.0
		for _, s := range part {
			v := float64(s)
			sum += v * v
			peak = max(peak, math.Abs(v))
		}
		powers = append(powers, sum/float64(len(part)))
		loudest = max(loudest, powers[len(powers)-1])
	}
	out := make([]int16, len(pcm)) // no more than is needed: it stays
	if peak == 0 {
		return out
	}
	sum, n := 0.0, 0.0
	for _, p := range powers {
		if p >= loudest*math.Pow(10, -musicQuiet/10) {
			sum, n = sum+p, n+1
		}
	}
	factor := min(amplitude(musicLevel)/math.Sqrt(sum/n), amplitude(musicPeak)/peak, math.Pow(10, musicGain/20))
	for i, s := range pcm {
		out[i] = int16(math.Round(float64(s) * factor))
	}
	return out
}

// amplitude is that of so many dBFS, in sample units.
func amplitude(dbfs float64) float64 { return 32768 * math.Pow(10, dbfs/20) }

// soften fades music in at its beginning, and out at its end.
func soften(pcm []int16) {
	n := min(softened, len(pcm)/2)
	for i := range n {
		weight := float64(i) / float64(n)
		last := len(pcm) - 1 - i
		pcm[i], pcm[last] = int16(float64(pcm[i])*weight), int16(float64(pcm[last])*weight)
	}
}
