package sound

import (
	"fmt"
	"math"
	"testing"

	"calla/audio"
	"calla/audio/audiotest"
	"calla/audio/dsp"
)

const frame = audio.FrameSamples

// talk is a voice with two seconds of silence after each four or so, where it is quietest.
type talk struct {
	pcm   []int16
	spoke []bool // frames of speech: not 18 dB below its mean
	quiet []bool // frames of silence, from 0.2 s after speech on
	mean  float64
}

func converse(pcm []int16) *talk {
	t := &talk{}
	for len(pcm) > 5*audio.SampleRate {
		cut, least := 0, math.Inf(1)
		for at := 3 * audio.SampleRate; at < 5*audio.SampleRate-2400; at += frame {
			if p := power(pcm[at : at+2400]); p < least {
				cut, least = at+1200, p
			}
		}
		cut -= cut % frame
		t.pcm = append(append(t.pcm, pcm[:cut]...), make([]int16, 2*audio.SampleRate)...)
		pcm = pcm[cut:]
	}
	loud, n := 0.0, 0.0
	for i := 0; i < len(t.pcm); i += frame {
		if p := power(t.pcm[i : i+frame]); p > 1000 {
			loud, n = loud+p, n+1
		}
	}
	t.mean = loud / n
	since := 0
	for i := 0; i < len(t.pcm); i += frame {
		since++
		speaks := power(t.pcm[i:i+frame]) > t.mean*math.Pow(10, -1.8)
		if speaks {
			since = 0
		}
		t.spoke, t.quiet = append(t.spoke, speaks), append(t.quiet, since > 20)
	}
	return t
}

func power(pcm []int16) float64 {
	sum := 0.0
	for _, s := range pcm {
		sum += float64(s) * float64(s)
	}
	return sum / float64(len(pcm))
}

// with is the talk with a noise that is so many dB weaker than the speech, both quieter where they would clip together.
func (t *talk) with(noise audio.Source, snr float64) (clean, noisy []int16) {
	block, sounds, sum, peak := make(audio.Frame, frame), []float64(nil), 0.0, 0.0
	for len(sounds) < len(t.pcm) {
		noise.Fill(block)
		for _, s := range block {
			sounds = append(sounds, float64(s))
			sum += float64(s) * float64(s)
		}
	}
	factor := math.Sqrt(t.mean/(sum/float64(len(sounds)))) * math.Pow(10, -snr/20)
	for i, s := range t.pcm {
		peak = max(peak, math.Abs(float64(s)+factor*sounds[i]))
	}
	whole := min(1, 32000/peak)
	for i, s := range t.pcm {
		clean = append(clean, int16(whole*float64(s)))
		noisy = append(noisy, int16(whole*(float64(s)+factor*sounds[i])))
	}
	return clean, noisy
}

// gained is by how many dB the noise of the pauses has become weaker beside the speech. The first two seconds are left
// to whoever has to learn the noise.
func (t *talk) gained(clean, noisy, out []int16) float64 {
	var speech, own, before, after float64
	for i := range t.spoke {
		from, to := i*frame, (i+1)*frame
		switch {
		case from < 2*audio.SampleRate || to > len(out):
		case t.spoke[i]:
			for k := from; k < to; k++ {
				speech += float64(clean[k]) * float64(out[k])
				own += float64(clean[k]) * float64(clean[k])
			}
		case t.quiet[i]:
			before += power(noisy[from:to])
			after += power(out[from:to]) + 0.01
		}
	}
	return 10*math.Log10(before/after) + 20*math.Log10(speech/own)
}

func ours(_ *testing.T, pcm []int16) []int16 {
	voice := dsp.NewVoice()
	suppressor := dsp.NewNoiseSuppressor(voice)
	suppressor.SetStrength(1)
	out := append([]int16(nil), pcm...)
	for i := 0; i+frame <= len(out); i += frame {
		voice.Process(out[i : i+frame])
		suppressor.Process(out[i : i+frame])
	}
	return out
}

// suppressors are Calla's and those of two libraries, in the order of the table.
func suppressors(t *testing.T) (names []string, all []func(t *testing.T, pcm []int16) []int16) {
	names, all = []string{"Calla"}, append(all, ours)
	run := libraries(t, "suppressors.cc")
	for _, name := range []string{"speexdsp", "webrtc"} {
		names = append(names, name)
		all = append(all, func(t *testing.T, pcm []int16) []int16 { return run(t, name, pcm) })
	}
	return names, all
}

// noisePictures are the noises that are kept to be listened to and looked at, and what their files are called.
func noisePictures() map[string]string {
	return map[string]string{"cafe, 5 dB": "cafe", "fan, 5 dB": "fan"}
}

// noises are the kinds of the tables; those in the cafe have the same voices, saying something else.
func noises(cafe ...[]int16) (kinds []string, sources map[string]func() audio.Source) {
	return []string{"cafe", "fan", "keyboard", "street"}, map[string]func() audio.Source{
		"cafe":     func() audio.Source { return audiotest.NewCafe(1, cafe...) },
		"fan":      func() audio.Source { return audiotest.NewFan(1) },
		"keyboard": func() audio.Source { return audiotest.NewKeyboard(1) },
		"street":   func() audio.Source { return audiotest.NewStreet(1) },
	}
}

// TestNoise measures what suppressors leave of noises and of speech in them.
func TestNoise(t *testing.T) {
	measuring(t)
	names, all := suppressors(t)
	var talks []*talk
	var cafe [][]int16
	for _, voice := range []string{"English", "French"} {
		pcm := speech(t, voice, 60)
		talks, cafe = append(talks, converse(pcm[:24*audio.SampleRate])), append(cafe, pcm[24*audio.SampleRate:])
	}
	table := Table{
		Title: "Noise",
		Text: "Two women who speak and are silent in turn, in noises that are so many dB weaker than their speech. " +
			"For each suppressor: by how many dB the noise of the pauses became weaker beside the speech, and the " +
			"ESTOI of the speech; the mean of both. To be reached: 12 dB at 5 dB; ESTOI not below what came in " +
			"by more than .005, and above it from 5 dB on; ≥ .985 of a lone talker.",
		Head: append([]string{"noise", "ESTOI in"}, names...),
	}
	measure := func(what string, sound func(talk *talk) (clean, noisy []int16)) {
		row, before := []string{what, ""}, 0.0
		for i, suppress := range all {
			gained, after := 0.0, 0.0
			for j, talk := range talks {
				clean, noisy := sound(talk)
				out := suppress(t, noisy)
				if name := noisePictures()[what]; name != "" && i == 0 && j == 0 {
					table.Pictures = append(table.Pictures, keep(t, name, noisy, out, 2, what+": above what the "+
						"microphone heard, below what Calla sends."))
				}
				late := max(0, audiotest.Delay(clean[:8*audio.SampleRate], out[:8*audio.SampleRate], 2400))
				out = out[late:]
				gained += talk.gained(clean, noisy, out) / float64(len(talks))
				after += audiotest.ESTOI(clean, out) / float64(len(talks))
				if i == 0 {
					before += audiotest.ESTOI(clean, noisy) / float64(len(talks))
				}
			}
			row = append(row, fmt.Sprintf("%+.1f dB, %.3f", gained, after))
		}
		row[1] = fmt.Sprintf("%.3f", before)
		t.Log(row)
		table.Rows = append(table.Rows, row)
	}
	kinds, sources := noises(cafe...)
	for _, kind := range kinds {
		for _, snr := range []float64{0, 5, 10, 15} {
			measure(fmt.Sprintf("%s, %v dB", kind, snr), func(talk *talk) (clean, noisy []int16) {
				return talk.with(sources[kind](), snr)
			})
		}
	}
	measure("none", func(talk *talk) (clean, noisy []int16) { return talk.pcm, talk.pcm })
	record(t, table)
}

// TestVoiceActivity counts the frames of speech and of pauses in which somebody is said to speak.
func TestVoiceActivity(t *testing.T) {
	measuring(t)
	table := Table{
		Title: "Voice activity",
		Text: "Of the frames of 10 ms in which somebody speaks, and of those of pauses more than 0.2 s after a word, " +
			"the share that is taken for speech; with 0.2 s of hang-over, two speakers.",
		Head: []string{"noise", "0 dB", "5 dB", "10 dB", "15 dB"},
	}
	english, french := speech(t, "English", 60), speech(t, "French", 60)
	kinds, sources := noises(english[24*audio.SampleRate:], french[24*audio.SampleRate:])
	for _, kind := range kinds {
		row := []string{kind}
		for _, snr := range []float64{0, 5, 10, 15} {
			var hits, spoken, alarms, pauses float64
			for _, pcm := range [][]int16{english, french} {
				talk, voice := converse(pcm[:24*audio.SampleRate]), dsp.NewVoice()
				_, noisy := talk.with(sources[kind](), snr)
				for i := range talk.spoke {
					voice.Process(noisy[i*frame : (i+1)*frame])
					speaks := 0.0
					if voice.Speaking() {
						speaks = 1
					}
					switch {
					case talk.spoke[i]:
						hits, spoken = hits+speaks, spoken+1
					case talk.quiet[i]:
						alarms, pauses = alarms+speaks, pauses+1
					}
				}
			}
			row = append(row, fmt.Sprintf("%.1f %%, false %.1f %%", 100*hits/spoken, 100*alarms/pauses))
		}
		table.Rows = append(table.Rows, row)
	}
	record(t, table)
}

// TestLoudness measures how loud speech of any loudness comes out of gain control, and noise.
func TestLoudness(t *testing.T) {
	measuring(t)
	table := Table{
		Title: "Loudness",
		Text: "Speech of the level in the first column, in a fan's noise 30 dB weaker: its level after two seconds " +
			"and to the end, the loudest sample, and by how much the noise of the pauses became louder, for two " +
			"speakers. To be reached: -18 ± 3 dBFS, nothing clipped, noise not lifted by more than 6 dB.",
		Head: []string{"speech, dBFS", "English", "French"},
	}
	full := 20 * math.Log10(32768)
	for _, level := range []float64{-50, -40, -30, -20, -10} {
		row := []string{fmt.Sprint(level)}
		for _, name := range []string{"English", "French"} {
			talk := converse(speech(t, name, 24))
			_, noisy := talk.with(audiotest.NewFan(1), 30)
			loud := 0.0
			factor := math.Pow(10, (level+full-10*math.Log10(talk.mean))/20)
			for i := range noisy {
				noisy[i] = dsp.Round16(float32(float64(noisy[i]) * factor))
			}
			out, voice := append([]int16(nil), noisy...), dsp.NewVoice()
			gain := dsp.NewGainControl(voice)
			var speech, spoken, before, after float64
			for i := range talk.spoke {
				piece := out[i*frame : (i+1)*frame]
				voice.Process(piece)
				gain.Process(piece)
				for _, s := range piece {
					loud = max(loud, math.Abs(float64(s)))
				}
				switch {
				case i > 200 && talk.spoke[i]:
					speech, spoken = speech+power(piece), spoken+1
				case talk.quiet[i]:
					before, after = before+power(noisy[i*frame:(i+1)*frame]), after+power(piece)
				}
			}
			row = append(row, fmt.Sprintf("%.1f dBFS, peak %.1f, noise %+.1f dB", 10*math.Log10(speech/spoken)-full,
				20*math.Log10(loud)-full, 10*math.Log10(after/before)))
		}
		table.Rows = append(table.Rows, row)
	}
	record(t, table)
}
