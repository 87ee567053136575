package audio

import "math"

const (
	stretchShortest = SampleRate * 5 / 1000  // 5 ms: a period of a 200 Hz voice, two of a 400 Hz one
	stretchLongest  = SampleRate * 15 / 1000 // 15 ms: a period of the deepest voice
	stretchFade     = stretchShortest        // no longer, or putting in would read what it has written
	// stretchSame is by how much less alike a longer lag may be that is taken in the place of a shorter one.
	stretchSame = 0.01
	// stretchQuiet is the mean square below which any cross-fade goes unheard: -60 dBFS.
	stretchQuiet = 33 * 33
)

// stretch takes up to -want samples out of the n samples of speech in pcm (want < 0), or puts want in, a little more
// where that is a period, and less where it has to be (want > 0), and returns the new number of samples. It removes or
// repeats a whole number of pitch periods, joined by a cross-fade (a waveform-similarity overlap-add). It changes
// nothing when want is less than the shortest period, or where the two places joined are less alike (normalised
// correlation) than this. pcm has room for stretchLongest more.
func stretch(pcm []int16, n, want int, alike float64) int {
	longest := min(stretchLongest, n-stretchFade)
	asked := min(longest, max(want, -want))
	if asked < stretchShortest {
		return n
	}
	lag, likeness := similarLag(pcm[:n], stretchShortest, asked)
	if want > 0 { // what is put in too short is of little use: packets would still be late
		if more, same := similarLag(pcm[:n], asked, longest); same >= alike && same > likeness-stretchSame {
			lag, likeness = more, same
		}
	}
	if likeness < alike {
		return n
	}
	return change(pcm, n, lag, want)
}

// shorten takes up to want samples out of made-up sound, by whole periods where it has some, and returns how many are
// left. What is before it and what is after it goes on as it would have.
func shorten(pcm []int16, want int) int {
	n := len(pcm)
	for want >= stretchShortest {
		left := stretch(pcm, n, -want, -1)
		if left == n {
			break
		}
		want, n = want-(n-left), left
	}
	return n
}

// change takes lag samples out of the n in pcm (want < 0), or repeats the first lag of them (want > 0), with a
// cross-fade, and returns how many there are then.
func change(pcm []int16, n, lag, want int) int {
	if want < 0 {
		return n - leave(pcm[:n], lag)
	}
	// After the first lag, what follows fades back into the beginning, and all is played again.
	length := min(stretchFade, lag)
	copy(pcm[lag+length:], pcm[length:n])
	for i := range length {
		pcm[lag+i] = fade(pcm[lag+i], pcm[i], i, length)
	}
	return n + lag
}

// leave takes up to lag samples out of pcm: its beginning fades into what lies that much later. It returns how many.
func leave(pcm []int16, lag int) int {
	lag = max(0, min(lag, len(pcm)))
	length := min(stretchFade, len(pcm)-lag)
	for i := range length {
		pcm[i] = fade(pcm[i], pcm[lag+i], i, length)
	}
	copy(pcm[length:], pcm[lag+length:])
	return lag
}

// fade weighs from and to at step i of a cross-fade of n steps.
func fade(from, to int16, i, n int) int16 {
	return int16((int(from)*(n-i) + int(to)*i) / n)
}

// similarLag finds the lag, between shortest and longest, at which pcm is most like its beginning, and its normalised
// correlation. It searches every sixth sample, then around the best.
func similarLag(pcm []int16, shortest, longest int) (lag int, likeness float64) {
	const coarse = 6
	likeness = -1
	for l := shortest; l <= longest; l += coarse {
		if c := correlation(pcm, l, coarse); c > likeness {
			lag, likeness = l, c
		}
	}
	from, to := max(shortest, lag-coarse+1), min(longest, lag+coarse-1)
	likeness = -1
	for l := from; l <= to; l++ {
		if c := correlation(pcm, l, 1); c > likeness {
			lag, likeness = l, c
		}
	}
	return lag, likeness
}

// correlation compares the first stretchFade samples with those lag later, taking every step-th.
func correlation(pcm []int16, lag, step int) float64 {
	var cross, a, b int64
	for i := 0; i < stretchFade; i += step {
		x, y := int64(pcm[i]), int64(pcm[lag+i])
		cross += x * y
		a += x * x
		b += y * y
	}
	if a == 0 || b == 0 {
		return 1 // silence is like anything as far as a cross-fade is heard
	}
	return float64(cross) / math.Sqrt(float64(a)*float64(b))
}
