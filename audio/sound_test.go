package audio

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"
)

// pull returns what src sounds like for d.
func pull(src Source, d time.Duration) []int16 {
	var pcm []int16
	frame := make(Frame, FrameSamples)
	for range d / frameTime {
		more := src.Fill(frame)
		pcm = append(pcm, frame...)
		if !more {
			break
		}
	}
	return pcm
}

func rms(pcm []int16) float64 {
	m := NewMeter()
	m.Add(pcm)
	return m.Mean()
}

// roughest is the largest second difference: what a click has more of than any tone.
func roughest(pcm []int16) int {
	worst := 0
	for i := 2; i < len(pcm); i++ {
		d := int(pcm[i]) - 2*int(pcm[i-1]) + int(pcm[i-2])
		worst = max(worst, d, -d)
	}
	return worst
}

func TestCallProgressTonesFollowTheirCadence(t *testing.T) {
	for name, c := range map[string]struct {
		tone    Tone
		on, off time.Duration
	}{
		"ringback":   {Ringback(), time.Second, 4 * time.Second},
		"busy":       {Busy(), 500 * time.Millisecond, 500 * time.Millisecond},
		"congestion": {Congestion(), 250 * time.Millisecond, 250 * time.Millisecond},
	} {
		pcm := pull(NewToneSource(c.tone), 4*(c.on+c.off))
		period := int(samples(c.on + c.off))
		for k := range 4 {
			on := pcm[k*period:][:samples(c.on)]
			off := pcm[k*period:][samples(c.on):period]
			if m := MeasureTone(on); math.Abs(m.Frequency-425) > 1 || math.Abs(m.Level-(callLevel-3)) > 1 {
				t.Errorf("%s, period %d: heard %v", name, k, m)
			}
			if l := rms(off); l != Silence {
				t.Errorf("%s, period %d: pause at %.0f dBFS", name, k, l)
			}
		}
	}
}

func TestTonesDoNotClick(t *testing.T) {
	dtmf, _ := DTMF('5', 100*time.Millisecond)
	for name, tone := range map[string]Tone{
		"ringback": Ringback(), "busy": Busy(), "ringtone": Ringtone(),
		"dtmf": dtmf,
	} {
		pcm := append(pull(NewToneSource(tone), 6*time.Second), make([]int16, FrameSamples)...)
		// Twice what the loudest partial has by itself.
		limit := 0.0
		for _, n := range tone.Notes {
			for _, hz := range n.Frequencies {
				limit += amplitude(n.Level) * math.Pow(2*math.Pi*hz/SampleRate, 2)
			}
		}
		if got := roughest(pcm); float64(got) > 2*limit+8 {
			t.Errorf("%s: second difference of %d, smooth is %.0f", name, got, limit)
		}
		if peak := slices.Max(pcm); peak > 28000 {
			t.Errorf("%s: peak of %d", name, peak)
		}
	}
}

func TestToneOfOneNoteEnds(t *testing.T) {
	tone, ok := DTMF('#', 80*time.Millisecond)
	if !ok {
		t.Fatal("no tone for #")
	}
	if got := len(pull(NewToneSource(tone), time.Second)); got != int(samples(80*time.Millisecond)) {
		t.Errorf("%d samples", got)
	}
	if _, ok := DTMF('x', time.Second); ok {
		t.Error("a tone for x")
	}
}

func TestDTMFIsHeardAsSent(t *testing.T) {
	const keys = "0123456789ABCD*#11"
	for name, codec := range map[string]Codec{"plain": nil, "PCMU": PCMU(), "PCMA": PCMA()} {
		var heard strings.Builder
		d := NewDTMFDetector(func(key rune) { heard.WriteRune(key) })
		var pcm []int16
		for _, key := range keys {
			tone, _ := DTMF(key, 80*time.Millisecond)
			pcm = append(pcm, pull(NewToneSource(tone), time.Second)...)
			pcm = append(pcm, make([]int16, 8*FrameSamples)...)
		}
		if codec != nil {
			pcm = through(t, codec, pcm)
		}
		for i := 0; i+FrameSamples <= len(pcm); i += FrameSamples {
			d.Add(pcm[i : i+FrameSamples])
		}
		if heard.String() != keys {
			t.Errorf("%s: heard %q", name, heard.String())
		}
	}
}

func TestDTMFIsNotHeardInOtherSound(t *testing.T) {
	d := NewDTMFDetector(func(key rune) { t.Errorf("heard %c", key) })
	for _, tone := range []Tone{Ringtone(), Ringback(), Sine(697, -10), Sine(1209, -10)} {
		pcm := pull(NewToneSource(tone), 5*time.Second)
		for i := 0; i+FrameSamples <= len(pcm); i += FrameSamples {
			d.Add(pcm[i : i+FrameSamples])
		}
	}
}

// through encodes and decodes pcm.
func through(t *testing.T, codec Codec, pcm []int16) []int16 {
	t.Helper()
	e, err := codec.NewEncoder()
	if err != nil {
		t.Fatal(err)
	}
	d, err := codec.NewDecoder()
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	defer d.Close()
	var out []int16
	buf := make([]int16, longestPacket)
	for i := 0; i+PacketSamples <= len(pcm); i += PacketSamples {
		payload, err := e.Encode(nil, pcm[i:i+PacketSamples])
		if err != nil {
			t.Fatal(err)
		}
		n, err := d.Decode(buf, payload)
		if err != nil || n != PacketSamples {
			t.Fatalf("decoded %d samples: %v", n, err)
		}
		out = append(out, buf[:n]...)
	}
	return out
}

func TestG711FollowsItsTables(t *testing.T) {
	// From ITU-T G.711 tables 1a to 2b: the ends and the middles of the segments, on 16 bits.
	for _, c := range []struct {
		name   string
		encode func(int16) byte
		decode func(byte) int16
		code   byte
		value  int16
	}{
		{"µ", encodeMuLaw, decodeMuLaw, 0xff, 0},
		{"µ", encodeMuLaw, decodeMuLaw, 0x80, 32124},
		{"µ", encodeMuLaw, decodeMuLaw, 0x00, -32124},
		{"µ", encodeMuLaw, decodeMuLaw, 0xfe, 8},
		{"µ", encodeMuLaw, decodeMuLaw, 0x7e, -8},
		{"µ", encodeMuLaw, decodeMuLaw, 0xef, 132},
		{"µ", encodeMuLaw, decodeMuLaw, 0x8f, 16764},
		{"A", encodeALaw, decodeALaw, 0xd5, 8},
		{"A", encodeALaw, decodeALaw, 0x55, -8},
		{"A", encodeALaw, decodeALaw, 0xaa, 32256},
		{"A", encodeALaw, decodeALaw, 0x2a, -32256},
		{"A", encodeALaw, decodeALaw, 0xda, 248},
		{"A", encodeALaw, decodeALaw, 0xc5, 264},
	} {
		if got := c.decode(c.code); got != c.value {
			t.Errorf("%s-law %#x is %d, want %d", c.name, c.code, got, c.value)
		}
		if got := c.encode(c.value); got != c.code {
			t.Errorf("%s-law of %d is %#x, want %#x", c.name, c.value, got, c.code)
		}
	}
	for i := range 256 {
		b := byte(i)
		if got := encodeALaw(decodeALaw(b)); got != b {
			t.Errorf("A-law %#x comes back as %#x", b, got)
		}
		if got := encodeMuLaw(decodeMuLaw(b)); got != b && b != 0x7f { // µ-law's negative zero
			t.Errorf("µ-law %#x comes back as %#x", b, got)
		}
	}
	// Every value is coded by the nearest there is, to half of its segment's step.
	for v := -32768; v <= 32767; v += 7 {
		step := max(8, min(math.Abs(float64(v)), 32767)/16)
		if got := decodeMuLaw(encodeMuLaw(int16(v))); math.Abs(float64(int(got)-v)) > max(step, 16) {
			t.Errorf("µ-law makes %d of %d", got, v)
		}
		if got := decodeALaw(encodeALaw(int16(v))); math.Abs(float64(int(got)-v)) > max(step, 16) {
			t.Errorf("A-law makes %d of %d", got, v)
		}
	}
}

func TestG711KeepsATone(t *testing.T) {
	for _, codec := range []Codec{PCMU(), PCMA()} {
		for _, hz := range []float64{350, 1004, 3100} {
			out := through(t, codec, pull(NewToneSource(Sine(hz, -10)), 2*time.Second))
			m := MeasureTone(out)
			if math.Abs(m.Frequency-hz) > 0.5 || math.Abs(m.Level+13) > 0.5 || m.Purity < 0.995 {
				t.Errorf("%s: %.0f Hz became %v, purity %.4f", codec.Name(), hz, m, m.Purity)
			}
		}
	}
}

func TestG711RefusesImpossiblePayloads(t *testing.T) {
	d, err := PCMU().NewDecoder()
	if err != nil {
		t.Fatal(err)
	}
	pcm := make([]int16, longestPacket)
	for _, n := range []int{0, 961, 65000} {
		if got, err := d.Decode(pcm, make([]byte, n)); err == nil {
			t.Errorf("%d bytes gave %d samples", n, got)
		}
	}
	if n, err := d.DecodeLost(pcm, nil, 1<<20); err != nil || n != longestPacket {
		t.Errorf("an endless loss gave %d samples: %v", n, err)
	}
}

func TestG711ConcealmentFadesOutAndBackIn(t *testing.T) {
	e, _ := PCMU().NewEncoder()
	d, _ := PCMU().NewDecoder()
	source := NewToneSource(Sine(200, -10))
	buf := make([]int16, PacketSamples)
	var out []int16
	for i := range 100 {
		payload, _ := e.Encode(nil, pull(source, packetTime))
		var n int
		var err error
		if i >= 40 && i < 50 { // 200 ms lost
			n, err = d.DecodeLost(buf, nil, PacketSamples)
		} else {
			n, err = d.Decode(buf, payload)
		}
		if err != nil || n != PacketSamples {
			t.Fatalf("packet %d: %d samples, %v", i, n, err)
		}
		out = append(out, buf...)
	}
	packet := func(i int) []int16 { return out[i*PacketSamples : (i+1)*PacketSamples] }
	// The resampler is 2 ms behind: the loss is heard that much later.
	if l := rms(packet(40)); l < -15 {
		t.Errorf("the first lost packet is at %.0f dBFS", l)
	}
	if l := rms(packet(45)); l > -60 {
		t.Errorf("after 100 ms the made-up sound is still at %.0f dBFS", l)
	}
	if l := rms(packet(52)); l < -14 {
		t.Errorf("after the loss the sound is at %.0f dBFS", l)
	}
	if got := roughest(out); got > 1500 {
		t.Errorf("second difference of %d", got)
	}
}

func TestMeterShowsRMSAndPeak(t *testing.T) {
	m := NewMeter()
	if m.Level() != (Level{Silence, Silence}) || m.Mean() != Silence {
		t.Errorf("at first %+v", m.Level())
	}
	source := NewToneSource(Sine(1000, -20))
	frame := make(Frame, FrameSamples)
	for range 100 {
		source.Fill(frame)
		m.Add(frame)
	}
	l := m.Level()
	if math.Abs(l.RMS+23) > 0.2 || math.Abs(l.Peak+20) > 0.2 || math.Abs(m.Mean()+23) > 0.2 {
		t.Errorf("a sine of -20 dBFS shows %+v, mean %.1f", l, m.Mean())
	}
	clear(frame)
	for range 200 {
		m.Add(frame)
	}
	if l := m.Level(); l.RMS > -95 || math.Abs(l.Peak+60) > 1 {
		t.Errorf("two seconds later %+v", l)
	}
}

func TestGainChangesWithoutAClick(t *testing.T) {
	var g Gain
	source := NewToneSource(Sine(300, -6))
	frame := make(Frame, FrameSamples)
	var out []int16
	for i := range 60 {
		g.Mute(i/20 == 1)
		source.Fill(frame)
		g.Process(frame)
		out = append(out, frame...)
	}
	if l := rms(out[25*FrameSamples : 40*FrameSamples]); l != Silence {
		t.Errorf("muted at %.0f dBFS", l)
	}
	if l := rms(out[45*FrameSamples:]); math.Abs(l+9) > 0.2 {
		t.Errorf("restored to %.1f dBFS", l)
	}
	if got := roughest(out); got > 120 {
		t.Errorf("second difference of %d", got)
	}
	g.Set(-6)
	for range 3 {
		source.Fill(frame)
		g.Process(frame)
	}
	if l := rms(frame); math.Abs(l+15) > 0.2 {
		t.Errorf("6 dB down at %.1f dBFS", l)
	}
}

func TestToneMeterFindsTheMostLastingTone(t *testing.T) {
	pcm := pull(NewToneSource(Sine(1000, -6)), time.Second)
	pcm = append(pcm, pull(NewToneSource(Sine(440, -20)), 3*time.Second)...)
	if m := MeasureTone(pcm); math.Abs(m.Frequency-440) > 0.2 || math.Abs(m.Level+23) > 0.2 ||
		math.Abs(m.Seconds-3) > 0.6 {
		t.Errorf("heard %v", m)
	}
	if m := MeasureTone(make([]int16, SampleRate)); m.Frequency != 0 || m.String() != "no tone" {
		t.Errorf("in silence heard %v", m)
	}
	if m := MeasureTone(nil); m.Frequency != 0 {
		t.Errorf("in nothing heard %v", m)
	}
}

func TestRecordingPlaysOnceOrForEver(t *testing.T) {
	pcm := make([]int16, 700)
	for i := range pcm {
		pcm[i] = int16(i + 1)
	}
	once := pull(NewRecording(pcm, false), time.Second)
	if len(once) != 2*FrameSamples || !slices.Equal(once[:700], pcm) || rms(once[700:]) != Silence {
		t.Errorf("once: %d samples", len(once))
	}
	loop := pull(NewRecording(pcm, true), 100*time.Millisecond)
	for i, s := range loop {
		if s != pcm[i%700] {
			t.Fatalf("sample %d is %d", i, s)
		}
	}
	if got := pull(NewRecording(nil, true), time.Second); len(got) != FrameSamples {
		t.Errorf("nothing plays for %d samples", len(got))
	}
}

func TestFindDeviceGoesByIDThenByName(t *testing.T) {
	list := []Device{{ID: "a", Name: "Desk"}, {ID: "b", Name: "Headset"}, {ID: "c", Name: "Headset"}}
	for _, c := range []struct{ id, name, want string }{
		{"c", "Desk", "c"}, {"gone", "Headset", "b"}, {"", "Desk", "a"}, {"gone", "gone", ""}, {"", "", ""},
	} {
		if d, ok := FindDevice(list, c.id, c.name); d.ID != c.want || ok != (c.want != "") {
			t.Errorf("%q, %q: found %+v", c.id, c.name, d)
		}
	}
}
