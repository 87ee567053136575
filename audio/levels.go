package audio

import "math"

const (
	levelsWindow = 3000 // packets that are looked back at, about: a minute of 20 ms
	levelsLeast  = 250  // and before anything is told
	// Of the packets lately, those as loud as the loudest twentieth or not much less are speech, those as soft as the
	// softest tenth or not much louder are its pauses, where these lie apart.
	levelsLoud  = 0.95
	levelsSoft  = 0.10
	speechBelow = 15 // dB
	pauseAbove  = 6
	levelsApart = 20
)

// levels knows how loud the speech of a stream is, and its pauses. The zero value has heard nothing.
type levels struct {
	packets [int(-Silence) + 1]float32 // by how many dB they are below full scale
	all     float32
}

// hear takes in a packet of that mean square. Nothing at all is neither: the far end is muted.
func (l *levels) hear(square float64) {
	if square == 0 {
		return
	}
	l.packets[int(min(-Silence, max(0, math.Round(-decibels(math.Sqrt(square))))))]++
	if l.all++; l.all < levelsWindow {
		return
	}
	for i := range l.packets {
		l.packets[i] /= 2
	}
	l.all /= 2
}

// tell tells the levels of speech and of pauses, in dBFS, RMS; 0: not known.
func (l *levels) tell() (speech, pauses float64) {
	if l.all < levelsLeast {
		return 0, 0
	}
	loud, soft := l.quantile(levelsLoud), l.quantile(levelsSoft)
	if soft-loud < levelsApart {
		return 0, 0
	}
	return l.mean(0, loud+speechBelow), l.mean(soft-pauseAbove, len(l.packets)-1)
}

// quantile is by how many dB below full scale that share of the packets at least is.
func (l *levels) quantile(share float32) int {
	left := share * l.all
	for i := len(l.packets) - 1; i > 0; i-- {
		if left -= l.packets[i]; left <= 0 {
			return i
		}
	}
	return 0
}

// mean is the level of all packets that are from so many to so many dB below full scale.
func (l *levels) mean(from, to int) float64 {
	power, n := 0.0, 0.0
	for i := max(0, from); i <= min(to, len(l.packets)-1); i++ {
		power += float64(l.packets[i]) * math.Pow(10, -float64(i)/10)
		n += float64(l.packets[i])
	}
	return 10 * math.Log10(power/n)
}
