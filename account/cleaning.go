package account

import "slices"

// Cleaning is what is done to the sound of the microphone before anybody hears it.
type Cleaning struct {
	Echo  bool             `json:"echo"` // what the loudspeaker plays is taken out
	Noise NoiseSuppression `json:"noise"`
	Gain  bool             `json:"gain"` // speech is brought to one loudness
}

// DeviceCleaning is what the user has chosen for a microphone and a loudspeaker that are used together.
type DeviceCleaning struct {
	Microphone DeviceChoice `json:"microphone"`
	Speaker    DeviceChoice `json:"speaker"`
	Cleaning
}

// keptCleanings is for how many pairs of devices a choice is kept.
const keptCleanings = 16

// isOf tells whether the choice is for a microphone and a loudspeaker.
func (c DeviceCleaning) isOf(microphone, speaker DeviceChoice) bool {
	same := func(a, b DeviceChoice) bool { return a == b || a.is(b) }
	return same(c.Microphone, microphone) && same(c.Speaker, speaker)
}

// CleaningOf is what the user has chosen for a microphone and a loudspeaker; chosen is false where that is nothing of
// its own.
func (s Settings) CleaningOf(microphone, speaker DeviceChoice) (c Cleaning, chosen bool) {
	for _, d := range s.Cleanings {
		if d.isOf(microphone, speaker) {
			return d.Cleaning, true
		}
	}
	return s.Cleaning, false
}

// WithCleaning is s with a choice for a microphone and a loudspeaker.
func (s Settings) WithCleaning(microphone, speaker DeviceChoice, c Cleaning) Settings {
	kept := []DeviceCleaning{{microphone, speaker, c}}
	for _, d := range s.Cleanings {
		if !d.isOf(microphone, speaker) && len(kept) < keptCleanings {
			kept = append(kept, d)
		}
	}
	s.Cleanings = kept
	return s
}

// NoiseSuppression is how much of the noise around the user is taken out.
type NoiseSuppression string

// The strengths.
const (
	NoiseKept     NoiseSuppression = "off"
	NoiseModerate NoiseSuppression = "moderate"
	NoiseStrong   NoiseSuppression = "strong"
)

// NoiseSuppressions are all strengths, from none on.
func NoiseSuppressions() []NoiseSuppression {
	return []NoiseSuppression{NoiseKept, NoiseModerate, NoiseStrong}
}

// DefaultCleaning is that of a new profile, where nobody has chosen: what the microphone gives is sent as it is. Which
// loudspeakers have their echo taken out all the same is the phone's to say.
func DefaultCleaning() Cleaning { return Cleaning{Noise: NoiseKept} }

// normalized is the same with a strength that there is.
func (c Cleaning) normalized() Cleaning {
	if !slices.Contains(NoiseSuppressions(), c.Noise) {
		c.Noise = DefaultCleaning().Noise
	}
	return c
}
