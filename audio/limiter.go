package audio

const (
	// limiterCeiling is the amplitude that a sum of voices is brought down to: 1 dB below the largest.
	limiterCeiling = 29204
	// limiterAttack is how long the gain takes down, in samples: 1 ms, in which what is louder yet is cut off.
	limiterAttack = SampleRate / 1000
	// limiterRelease is by how much the gain comes back in each frame, 0.05 dB: so slowly that it does not follow the
	// voice itself.
	limiterRelease = 1.006
)

// limiter brings the sum of several voices into 16 bits: what is not too loud passes unchanged, and what is comes out
// with less gain rather than cut off. Its delay is none: the gain of a frame is known before its first sample. The zero
// value is ready; one goroutine uses it.
type limiter struct{ loss float32 } // 1 - gain

// process writes sum into out, which is as long.
func (l *limiter) process(out []int16, sum []int32) {
	peak := int32(0)
	for _, s := range sum {
		peak = max(peak, s, -s)
	}
	most := float32(0) // that must be lost
	if peak > limiterCeiling {
		most = 1 - limiterCeiling/float32(peak)
	}
	if most == 0 && l.loss < 0.001 {
		l.loss = 0
		for i, s := range sum {
			out[i] = int16(s)
		}
		return
	}
	loss, want := l.loss, max(most, 1-(1-l.loss)*limiterRelease)
	ramp := len(sum)
	if want > loss {
		ramp = min(ramp, limiterAttack)
	}
	step := (want - loss) / float32(ramp)
	for i, s := range sum {
		if i < ramp {
			loss += step
		}
		out[i] = saturate(int32(float32(s) * (1 - loss)))
	}
	l.loss = want
}

// saturate cuts off what 16 bits do not hold.
func saturate(s int32) int16 { return int16(max(-32768, min(32767, s))) }
