package audio

const (
	// dtmfBlock is 25.6 ms: long enough to tell 697 from 770 Hz, short enough for a 50 ms digit.
	dtmfBlock   = SampleRate * 256 / 10000
	dtmfFaint   = 100 * 100 // mean square below which there is no digit: -50 dBFS
	dtmfShare   = 0.7       // of all power that the two tones must have
	dtmfTwist   = 6.3       // how much stronger one tone may be: 8 dB
	dtmfApart   = 6.3       // how much stronger a tone must be than the others of its group: 8 dB
	dtmfConfirm = 2         // blocks that must agree
)

// DTMFDetector is a Sink that hears the keys pressed (ITU-T Q.24). One goroutine Adds and gets the calls.
type DTMFDetector struct {
	on    func(key rune)
	pcm   []float64
	key   rune // of the last block, 0 for none
	agree int  // blocks in a row that had it
	told  rune
}

// NewDTMFDetector returns a detector that calls on once for every key, when it has been heard for
// about 50 ms.
func NewDTMFDetector(on func(key rune)) *DTMFDetector {
	return &DTMFDetector{on: on, pcm: make([]float64, 0, dtmfBlock)}
}

// Add implements Sink.
func (d *DTMFDetector) Add(frame Frame) {
	for _, s := range frame {
		d.pcm = append(d.pcm, float64(s))
		if len(d.pcm) == dtmfBlock {
			d.block(d.hear())
			d.pcm = d.pcm[:0]
		}
	}
}

func (d *DTMFDetector) block(key rune) {
	if key == d.key {
		d.agree++
	} else {
		d.key, d.agree = key, 1
	}
	// A key ends only after as many blocks without it, so that a moment's disturbance does not
	// double it.
	if key != d.told && d.agree >= dtmfConfirm {
		d.told = key
		if key != 0 {
			d.on(key)
		}
	}
}

// hear tells the key that sounds in the block, or 0.
func (d *DTMFDetector) hear() rune {
	total := 0.0
	for _, x := range d.pcm {
		total += x * x
	}
	if total < dtmfFaint*dtmfBlock {
		return 0
	}
	row, low, ok := d.strongest(dtmfRows())
	if !ok {
		return 0
	}
	column, high, ok := d.strongest(dtmfColumns())
	if !ok || low > high*dtmfTwist || high > low*dtmfTwist {
		return 0
	}
	// A sine's squared magnitude is its energy times half the number of samples.
	if (low+high)*2/dtmfBlock < dtmfShare*total {
		return 0
	}
	return rune(dtmfKeys[4*row+column])
}

// strongest tells which of a group's tones stands out, if one does.
func (d *DTMFDetector) strongest(group [4]float64) (which int, power float64, ok bool) {
	second := 0.0
	for i, hz := range group {
		p := goertzel(d.pcm, hz, SampleRate)
		switch {
		case p > power:
			which, second, power = i, power, p
		case p > second:
			second = p
		}
	}
	return which, power, power > second*dtmfApart
}
