package account

import "slices"

// Cleaning is what is done to the sound of the microphone before anybody hears it.
type Cleaning struct {
	Echo  bool             `json:"echo"` // what the loudspeaker plays is taken out
	Noise NoiseSuppression `json:"noise"`
	Gain  bool             `json:"gain"` // speech is brought to one loudness
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

// DefaultCleaning is that of a new profile: what the microphone gives is sent as it is.
func DefaultCleaning() Cleaning { return Cleaning{Noise: NoiseKept} }

// normalized is the same with a strength that there is.
func (c Cleaning) normalized() Cleaning {
	if !slices.Contains(NoiseSuppressions(), c.Noise) {
		c.Noise = DefaultCleaning().Noise
	}
	return c
}
