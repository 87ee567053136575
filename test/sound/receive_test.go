package sound

import (
	"fmt"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"calla/audio"
	"calla/audio/audiotest"
	"calla/audio/opus"
	"calla/test/peers"
	"calla/test/tunem"
)

// network says when a packet of so many octets, sent at a time, comes out.
type network func(at time.Duration, size int) []time.Duration

// outages is a network that stands still for so long once in every so long; what was sent meanwhile comes then.
func outages(outage, every time.Duration) network {
	return func(at time.Duration, _ int) []time.Duration {
		since := (at + every/2) % every
		return []time.Duration{max(at, at-since+outage)}
	}
}

// lateness is how much longer than the fastest the packets of a network are under way.
type lateness struct {
	least, sum time.Duration
	n          int
}

// of is the network that it looks at; nil is one without delay.
func (l *lateness) of(inner network) network {
	if inner == nil {
		return nil
	}
	return func(at time.Duration, size int) []time.Duration {
		out := inner(at, size)
		for _, o := range out {
			if took := o - at; l.n == 0 || took < l.least {
				l.least = took
			}
			l.sum += o - at
			l.n++
		}
		return out
	}
}

func (l *lateness) mean() time.Duration {
	if l.n == 0 {
		return 0
	}
	return l.sum/time.Duration(l.n) - l.least
}

// inPieces is the mean ESTOI of pieces of what was said, each aligned by itself to what was heard about lag samples
// later.
func inPieces(said, heard []int16, lag int) float64 {
	const piece, near = 4 * audio.SampleRate, audio.SampleRate / 4
	sum, n := 0.0, 0.0
	for at := near; at+piece <= len(said); at += piece {
		from := at + max(0, lag-near)
		to := min(len(heard), at+piece+lag+near)
		found := from + max(0, audiotest.Delay(said[at:at+piece], heard[from:to], to-from-piece))
		if e := audiotest.ESTOI(said[at:at+piece], heard[found:]); !math.IsNaN(e) {
			sum, n = sum+e, n+1
		}
	}
	return sum / n
}

// TestReceivedOffline measures what a Receiver makes of each network in virtual time: nothing else counts.
func TestReceivedOffline(t *testing.T) {
	measuring(t)
	codec, err := opus.Load()
	if err != nil {
		peers.Missing(t, err.Error())
	}
	const seconds, seeds = 60, 3
	said := speech(t, "English", seconds)
	table := Table{
		Title: "What is received, offline",
		Text: fmt.Sprintf("%d s of speech by Opus, 32 kb/s, with FEC as the loss is, over a simulated network to "+
			"Calla's receiver: the mean of %d seeds. ESTOI with one alignment for the whole, so that each change of "+
			"the delay counts, and of pieces of 4 s, each aligned by itself. Delay: what the jitter buffer says that "+
			"it adds over the fastest packet, in the median; waits: how long packets then wait in the mean, as "+
			"Chromium tells its buffer.",
			seconds, seeds),
		Head: []string{
			"network", "ESTOI", "in pieces", "delay, ms", "waits, ms", "taken out, ms", "put in, ms", "made up, %",
			"rebuilt, %", "late packets",
		},
	}
	row := func(name string, p audiotest.Passage, network func(seed uint64) network) {
		var score, pieces, delay, waits, removed, inserted, made, rebuilt, late float64
		p.Codec = codec
		for seed := range uint64(seeds) {
			synctest.Test(t, func(t *testing.T) {
				var way lateness
				p.Network = way.of(network(100 + seed))
				h, err := p.Carry(said)
				if err != nil {
					t.Fatal(err)
				}
				// The beginning, in which the delay is not yet what it becomes, does not align.
				lag := audiotest.Delay(said[10*audio.SampleRate:], h.PCM[10*audio.SampleRate:], audio.SampleRate)
				score += audiotest.ESTOI(said, h.PCM[max(0, lag):]) / seeds
				pieces += inPieces(said, h.PCM, lag) / seeds
				delay += float64(h.Median().Milliseconds()) / seeds
				waits += float64((h.Median() - way.mean()).Milliseconds()) / seeds
				removed += float64(h.Stats.Removed) * 1000 / audio.SampleRate / seeds
				inserted += float64(h.Stats.Inserted) * 1000 / audio.SampleRate / seeds
				made += 100 * float64(h.Stats.Concealed) / float64(h.Stats.Played) / seeds
				rebuilt += 100 * float64(h.Stats.Recovered) / float64(h.Stats.Played) / seeds
				late += float64(h.Stats.Late) / seeds
			})
		}
		table.Rows = append(table.Rows, []string{
			name, fmt.Sprintf("%.3f", score), fmt.Sprintf("%.3f", pieces), fmt.Sprintf("%.0f", delay),
			fmt.Sprintf("%.0f", waits), fmt.Sprintf("%.0f", removed), fmt.Sprintf("%.0f", inserted),
			fmt.Sprintf("%.2f", made), fmt.Sprintf("%.2f", rebuilt),
			fmt.Sprintf("%.0f", late),
		})
	}
	for _, l := range lines() {
		lost := l.profile.Loss
		if l.profile.Enter > 0 {
			lost = l.profile.Enter / (l.profile.Enter + l.profile.Leave)
		}
		row(l.name, audiotest.Passage{Loss: int(100*lost + 0.5)}, func(seed uint64) network {
			return tunem.NewImpairment(seed, tunem.Timeline{{Profile: l.profile}}).Packet
		})
	}
	for _, every := range []time.Duration{2 * time.Second, 5 * time.Second, 10 * time.Second} {
		row(fmt.Sprintf("300 ms of nothing every %v", every), audiotest.Passage{},
			func(uint64) network { return outages(300*time.Millisecond, every) })
	}
	for _, ppm := range []float64{200, -200} {
		row(fmt.Sprintf("a clock %+.0f ppm slow", ppm), audiotest.Passage{Drift: ppm},
			func(uint64) network { return nil })
	}
	record(t, table)
}
