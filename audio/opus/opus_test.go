//go:build cgo

package opus

import (
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"calla/audio"
	"calla/audio/audiotest"
)

// codec returns Opus, or skips the test where there is no libopus; under CALLA_E2E=1 it must be there.
func codec(tb testing.TB) audio.Codec {
	tb.Helper()
	c, err := Load()
	if err != nil {
		if os.Getenv("CALLA_E2E") == "1" {
			tb.Fatal(err)
		}
		tb.Skip("libopus: ", err)
	}
	return c
}

// line is an encoder and a decoder.
type line struct {
	t       testing.TB
	encoder audio.Encoder
	decoder audio.Decoder
	source  audio.Source
}

func newLine(tb testing.TB, source audio.Source) *line {
	tb.Helper()
	c := codec(tb)
	l := &line{t: tb, source: source}
	var err error
	if l.encoder, err = c.NewEncoder(); err != nil {
		tb.Fatal(err)
	}
	if l.decoder, err = c.NewDecoder(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(l.encoder.Close)
	tb.Cleanup(l.decoder.Close)
	return l
}

func (l *line) encode() (pcm []int16, payload []byte) {
	l.t.Helper()
	pcm = make([]int16, audio.PacketSamples)
	l.source.Fill(pcm[:audio.FrameSamples])
	l.source.Fill(pcm[audio.FrameSamples:])
	payload, err := l.encoder.Encode(nil, pcm)
	if err != nil {
		l.t.Fatal(err)
	}
	return pcm, payload
}

func TestOpusKeepsATone(t *testing.T) {
	l := newLine(t, audio.NewToneSource(audio.Sine(440, -12)))
	buf := make([]int16, longestSound)
	var out []int16
	bytes := 0
	for range 150 {
		_, payload := l.encode()
		bytes += len(payload)
		n, err := l.decoder.Decode(buf, payload)
		if err != nil || n != audio.PacketSamples {
			t.Fatalf("%d samples, %v", n, err)
		}
		out = append(out, buf[:n]...)
	}
	m := audio.MeasureTone(out)
	if math.Abs(m.Frequency-440) > 0.5 || math.Abs(m.Level+15) > 0.5 || m.Purity < 0.99 {
		t.Errorf("heard %v, purity %.3f", m, m.Purity)
	}
	if rate := bytes * 8 / 3; rate < 20000 || rate > 40000 {
		t.Errorf("%d bit/s", rate)
	}
}

func TestForwardErrorCorrectionIsSentFromOnePercentOfLoss(t *testing.T) {
	l := newLine(t, audiotest.NewSpeech(1))
	redundant := l.decoder.(audio.Redundant)
	for _, c := range []struct {
		loss        float64
		least, most int
	}{{0, 0, 0}, {1, 1, 300}, {10, 150, 300}, {0, 0, 1}} {
		l.encoder.Follow(audio.Channel{Loss: c.loss})
		n := 0
		for range 300 {
			if _, payload := l.encode(); redundant.Carries(payload) == audio.PacketSamples {
				n++
			}
		}
		if n < c.least || n > c.most {
			t.Errorf("at %g %% loss %d of 300 packets carry the one before", c.loss, n)
		}
	}
}

func TestLostPacketIsRebuiltFromTheNext(t *testing.T) {
	// The same stream decoded whole, with FEC, and with concealment alone: FEC must be nearer.
	l := newLine(t, audiotest.NewSpeech(2))
	l.encoder.Follow(audio.Channel{Loss: 20})
	var payloads [][]byte
	for range 500 {
		_, payload := l.encode()
		payloads = append(payloads, payload)
	}
	decode := func(lossy, fec bool) []int16 {
		d, err := codec(t).NewDecoder()
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		var out []int16
		buf := make([]int16, longestSound)
		for i, payload := range payloads {
			var n int
			if lossy && i%10 == 5 {
				var next []byte
				if fec {
					next = payloads[i+1]
				}
				n, err = d.DecodeLost(buf, next, audio.PacketSamples)
			} else {
				n, err = d.Decode(buf, payload)
			}
			if err != nil || n != audio.PacketSamples {
				t.Fatalf("packet %d: %d samples, %v", i, n, err)
			}
			out = append(out, buf[:n]...)
		}
		return out
	}
	whole, concealed, rebuilt := decode(false, false), decode(true, false), decode(true, true)
	distance := func(a []int16) float64 {
		sum := 0.0
		for i := range a {
			d := float64(a[i]) - float64(whole[i])
			sum += d * d
		}
		return math.Sqrt(sum / float64(len(a)))
	}
	c, r := distance(concealed), distance(rebuilt)
	t.Logf("RMS error: %.0f concealed, %.0f rebuilt", c, r)
	if c == 0 || r > 0.6*c {
		t.Errorf("RMS error: %.0f concealed, %.0f rebuilt", c, r)
	}
}

func TestConcealmentGivesAnyLengthAndFades(t *testing.T) {
	l := newLine(t, audio.NewToneSource(audio.Sine(300, -12)))
	buf := make([]int16, longestSound)
	for range 20 {
		_, payload := l.encode()
		if _, err := l.decoder.Decode(buf, payload); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []int{480, 1, 119, 121, 441, 960, longestSound} {
		if n, err := l.decoder.DecodeLost(buf, nil, want); err != nil || n != want {
			t.Errorf("%d samples wanted, %d given: %v", want, n, err)
		}
	}
	if n, err := l.decoder.DecodeLost(buf, nil, 0); err != nil || n != 0 {
		t.Errorf("none wanted, %d given: %v", n, err)
	}
	for range 20 {
		if _, err := l.decoder.DecodeLost(buf, nil, 960); err != nil {
			t.Fatal(err)
		}
	}
	if peak := max(int(buf[0]), int(buf[500]), int(buf[900])); peak > 300 {
		t.Errorf("after 600 ms the made-up sound has %d", peak)
	}
}

func TestBadPayloadIsAnErrorAndNoMore(t *testing.T) {
	l := newLine(t, audio.NewToneSource(audio.Sine(300, -12)))
	buf := make([]int16, longestSound)
	for _, payload := range [][]byte{nil, {0xff}, {0xff, 0xff, 0xff}, make([]byte, 1500)} {
		if n, err := l.decoder.Decode(buf, payload); err == nil && n > longestSound {
			t.Errorf("%d bytes gave %d samples", len(payload), n)
		}
	}
	if _, err := l.decoder.Decode(buf, []byte{0x03}); err == nil {
		t.Error("a packet without its frame count was taken")
	}
	_, payload := l.encode()
	if n, err := l.decoder.Decode(buf, payload); err != nil || n != audio.PacketSamples {
		t.Errorf("afterwards %d samples, %v", n, err)
	}
	if _, err := l.encoder.Encode(nil, buf[:100]); err == nil {
		t.Error("100 samples were encoded")
	}
}

func TestClosedCodecRefuses(t *testing.T) {
	l := newLine(t, audio.NewToneSource(audio.Sine(300, -12)))
	pcm, payload := l.encode()
	l.encoder.Close()
	l.decoder.Close()
	l.encoder.Follow(audio.Channel{Loss: 5})
	if _, err := l.encoder.Encode(nil, pcm); err == nil {
		t.Error("a closed encoder encodes")
	}
	if _, err := l.decoder.Decode(pcm, payload); err == nil {
		t.Error("a closed decoder decodes")
	}
}

func TestMissingLibraryIsNamed(t *testing.T) {
	_, err := load([]string{"/nowhere/libopus.so.0", "libnone.so.7"})
	if err == nil {
		t.Fatal("loaded nothing")
	}
	for _, want := range []string{"libopus", "/nowhere/libopus.so.0", "libnone.so.7"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not name %s", err, want)
		}
	}
}

// TestReceiverRebuildsLostOpusPackets: of packets of any length as much as the next one carries, and no more is told.
func TestReceiverRebuildsLostOpusPackets(t *testing.T) {
	for _, v := range []struct {
		ms, rate int           // 0 = any
		carried  time.Duration // of each one lost
	}{
		{20, 0, 20 * time.Millisecond},
		{40, 0, 20 * time.Millisecond}, // two frames
		{60, 0, 20 * time.Millisecond}, // three
		{40, 20000, 40 * time.Millisecond},
		{60, 20000, 60 * time.Millisecond},
	} {
		t.Run(fmt.Sprintf("%d ms, %d bit a second", v.ms, v.rate), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { rebuild(t, v.ms, v.rate, v.carried) })
		})
	}
}

func rebuild(t *testing.T, ms, rate int, carried time.Duration) {
	l := newLine(t, audiotest.NewSpeech(3))
	l.encoder.Follow(audio.Channel{Loss: 10, MostRate: rate})
	r, err := audio.NewReceiver(audio.ReceiverConfig{Codec: codec(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	frame := make(audio.Frame, audio.FrameSamples)
	pcm := make([]int16, 0, ms*audio.SampleRate/1000)
	lost := 0
	for i := range 20000 / ms {
		pcm = pcm[:0]
		for range ms / 10 {
			l.source.Fill(frame)
			pcm = append(pcm, frame...)
		}
		payload, err := l.encoder.Encode(nil, pcm)
		if err != nil {
			t.Fatal(err)
		}
		if i%10 == 5 {
			lost++
		} else {
			r.Push(audio.Packet{
				Sequence: uint16(i), Timestamp: uint32(i * len(pcm)), Payload: payload, Arrival: time.Now(),
			})
		}
		for range ms / 10 {
			time.Sleep(10 * time.Millisecond)
			r.Fill(frame)
		}
	}
	s := r.Stats()
	t.Logf("%+v", s)
	most := uint64(lost) * uint64(carried) * audio.SampleRate / uint64(time.Second)
	if s.Lost != uint64(lost) || s.Recovered < most*6/10 || s.Recovered > most {
		t.Errorf("%d lost, of %d samples carried %d rebuilt", s.Lost, most, s.Recovered)
	}
	missing := uint64(lost * len(pcm))
	if made := s.Concealed + s.Recovered; made < missing*9/10 || made > missing*11/10+audio.SampleRate/20 {
		t.Errorf("%d samples missing, %d made up or rebuilt", missing, made)
	}
}

func TestOpusAllocatesNothing(t *testing.T) {
	l := newLine(t, audio.NewToneSource(audio.Sine(440, -12)))
	pcm, payload := l.encode()
	dst, buf := make([]byte, 0, 1500), make([]int16, longestSound)
	if n := testing.AllocsPerRun(100, func() {
		if _, err := l.encoder.Encode(dst[:0], pcm); err != nil {
			t.Fatal(err)
		}
		if _, err := l.decoder.Decode(buf, payload); err != nil {
			t.Fatal(err)
		}
		if _, err := l.decoder.DecodeLost(buf, payload, 960); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkEncode(b *testing.B) {
	l := newLine(b, audiotest.NewSpeech(1))
	var packets [][]int16
	for range 250 {
		pcm, _ := l.encode()
		packets = append(packets, pcm)
	}
	dst, i := make([]byte, 0, 1500), 0
	b.ReportAllocs()
	for b.Loop() {
		if _, err := l.encoder.Encode(dst, packets[i%len(packets)]); err != nil {
			b.Fatal(err)
		}
		i++
	}
}
