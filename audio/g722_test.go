package audio

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"math/rand/v2"
	"os/exec"
	"testing"
	"time"
)

// trial is sound at g722Rate with all that a quantiser has to follow: quiet and loud, tones of both halves of the band,
// noise, steps from end to end, and silence.
func trial(seconds int) []int16 {
	pcm := make([]int16, seconds*g722Rate)
	dice := rand.New(rand.NewPCG(7, 22))
	phase, step := 0, 1<<16/160 // 100 Hz, in whole numbers: alike on every machine
	for i := range pcm {
		if i%8 == 0 {
			step += (1<<15 - step) / 500
		}
		if phase += step; phase >= 1<<15 {
			phase -= 1 << 16
		}
		v := phase * (1<<15 - max(phase, -phase)) >> 14 // nearly a sine
		switch i * 10 / len(pcm) % 5 {
		case 1:
			v /= 100
		case 2:
			v = v/4 + dice.IntN(12000) - 6000
		case 3:
			v = 32767
			if i/200%2 == 0 {
				v = -32768
			}
		case 4:
			v = 0
		}
		pcm[i] = int16(v)
	}
	return pcm
}

// wideEncoded is what pcm, at g722Rate, is in G.722.
func wideEncoded(t *testing.T, pcm []int16) []byte {
	t.Helper()
	e, err := G722().NewEncoder()
	if err != nil {
		t.Fatal(err)
	}
	var coded []byte
	for len(pcm) > 0 {
		n := min(len(pcm), 320)
		coded = e.(*g722Encoder).encode(coded, pcm[:n])
		pcm = pcm[n:]
	}
	return coded
}

// wideDecoded is what coded sounds like at g722Rate, in packets of n octets.
func wideDecoded(t *testing.T, coded []byte, n int) []int16 {
	t.Helper()
	d, err := G722().NewDecoder()
	if err != nil {
		t.Fatal(err)
	}
	var pcm []int16
	out := make([]int16, longestPacket)
	for len(coded) > 0 {
		k := min(len(coded), n)
		if got, err := d.Decode(out, coded[:k]); err != nil || got != k*g722Ratio {
			t.Fatalf("%d octets gave %d samples: %v", k, got, err)
		}
		pcm = append(pcm, d.(*g722Decoder).wide...)
		coded = coded[k:]
	}
	return pcm
}

func octets(pcm []int16) []byte {
	var b []byte
	for _, s := range pcm {
		b = binary.LittleEndian.AppendUint16(b, uint16(s))
	}
	return b
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

// TestG722IsThatOfOthers holds what ffmpeg 5.1 made of the same sound, bit for bit.
func TestG722IsThatOfOthers(t *testing.T) {
	pcm := trial(2)
	coded := wideEncoded(t, pcm)
	if got := digest(coded); got != "a78ec4cae19f1655" {
		t.Errorf("encoded is %s", got)
	}
	for _, n := range []int{160, 80, 1, 960} {
		if got := digest(octets(wideDecoded(t, coded, n))); got != "1f4e7a91d0d75310" {
			t.Errorf("decoded in packets of %d octets is %s", n, got)
		}
	}
}

// TestG722IsThatOfFFmpeg compares with ffmpeg where it is installed, and codes that no encoder makes, too.
func TestG722IsThatOfFFmpeg(t *testing.T) {
	ffmpeg, err := exec.LookPath("ffmpeg")
	if err != nil {
		t.Skip("ffmpeg is not installed")
	}
	run := func(in []byte, args ...string) []byte {
		t.Helper()
		c := exec.Command(ffmpeg, append([]string{"-v", "error"}, args...)...)
		c.Stdin = bytes.NewReader(in)
		out, err := c.Output()
		if err != nil {
			t.Fatalf("ffmpeg: %v", err)
		}
		return out
	}
	raw := []string{"-f", "s16le", "-ar", "16000", "-ac", "1"}
	pcm := trial(2)
	coded := wideEncoded(t, pcm)
	theirs := run(octets(pcm), append(append(raw, "-i", "-"), "-c:a", "g722", "-f", "g722", "-")...)
	if n := min(len(coded), len(theirs)); n < len(coded)-400 || !bytes.Equal(coded[:n], theirs[:n]) {
		t.Errorf("encoded: %d octets, ffmpeg's %d, the same up to %d", len(coded), len(theirs), same(coded, theirs))
	}
	dice := rand.New(rand.NewPCG(1, 2))
	random := make([]byte, 16000)
	for i := range random {
		random[i] = byte(dice.Uint32())
	}
	for name, coded := range map[string][]byte{"encoded": coded, "random codes": random} {
		ours := octets(wideDecoded(t, coded, 160))
		theirs := run(coded, append([]string{"-f", "g722", "-i", "-"}, append(raw, "-")...)...)
		if n := min(len(ours), len(theirs)); n < len(ours)-800 || !bytes.Equal(ours[:n], theirs[:n]) {
			t.Errorf("%s: %d octets, ffmpeg's %d, the same up to %d", name, len(ours), len(theirs), same(ours, theirs))
		}
	}
}

// same is how many octets a and b begin with alike.
func same(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

func TestG722KeepsATone(t *testing.T) {
	for _, c := range []struct{ hz, level float64 }{{350, -10}, {1004, -40}, {3100, -10}} {
		out := through(t, G722(), pull(NewToneSource(Sine(c.hz, c.level)), time.Second))
		m := MeasureTone(out)
		if math.Abs(m.Frequency-c.hz) > 0.5 || math.Abs(m.Level-(c.level-3)) > 0.5 || m.Purity < 0.995 {
			t.Errorf("%.0f Hz at %.0f dBFS became %v, purity %.4f", c.hz, c.level, m, m.Purity)
		}
	}
	// What G.711 has nothing of.
	for _, hz := range []float64{4800, 6500} {
		in := pull(NewToneSource(Sine(hz, -10)), time.Second)
		if lost := rms(in) - rms(through(t, G722(), in)); math.Abs(lost) > 1 {
			t.Errorf("%.0f Hz lost %.1f dB", hz, lost)
		}
	}
}

func TestG722RefusesImpossiblePayloads(t *testing.T) {
	d, err := G722().NewDecoder()
	if err != nil {
		t.Fatal(err)
	}
	pcm := make([]int16, longestPacket)
	for _, n := range []int{0, 961, 65000} {
		if got, err := d.Decode(pcm, make([]byte, n)); err == nil {
			t.Errorf("%d octets gave %d samples", n, got)
		}
	}
	for _, c := range []struct{ want, got int }{{1 << 20, longestPacket}, {961, 961}, {1, 1}, {0, 0}} {
		if n, err := d.DecodeLost(pcm, nil, c.want); err != nil || n != c.got {
			t.Errorf("a loss of %d samples gave %d: %v", c.want, n, err)
		}
	}
	if n, err := d.DecodeLost(pcm[:7], nil, 7); err != nil || n != 7 {
		t.Errorf("a loss of 7 samples, and no room for more, gave %d: %v", n, err)
	}
}

// TestG722ConcealsWhatIsLost: a lost packet of a steady tone is made up so that it goes on, and after more of them
// there is silence, and then the tone again.
func TestG722ConcealsWhatIsLost(t *testing.T) {
	e, _ := G722().NewEncoder()
	d, _ := G722().NewDecoder()
	source := NewToneSource(Sine(400, -10))
	buf := make([]int16, PacketSamples)
	var out []int16
	for i := range 100 {
		payload, err := e.Encode(nil, pull(source, packetTime))
		if err != nil {
			t.Fatal(err)
		}
		if i == 20 || i >= 40 && i < 50 {
			_, err = d.DecodeLost(buf, nil, PacketSamples)
		} else {
			_, err = d.Decode(buf, payload)
		}
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, buf...)
	}
	level := func(packet int) float64 { return rms(out[packet*PacketSamples+200:][:PacketSamples]) }
	steady := level(15)
	for packet, span := range map[int][2]float64{
		20: {-3, 1}, 21: {-3, 1}, 23: {-1, 1}, 46: {-200, -40}, 52: {-3, 1}, 60: {-1, 1},
	} {
		if off := level(packet) - steady; off < span[0] || off > span[1] {
			t.Errorf("packet %d is at %+.1f dB of the tone", packet, off)
		}
	}
}
