package audio_test

import (
	"fmt"
	"testing"

	"calla/audio"
	"calla/audio/audiotest"
)

func TestSteadyPathAllocatesNothing(t *testing.T) {
	tone, ringtone := audio.NewToneSource(audio.Sine(440, -12)), audio.NewToneSource(audio.Ringtone())
	meter := audio.NewToneMeter()
	frame := make(audio.Frame, audio.FrameSamples)
	paths := map[string]func(){
		"PCMU sender":                audio.SenderPacket(t, audio.Format{Codec: audio.PCMU()}, tone),
		"PCMU receiver":              audio.ReceiverPacket(t, audio.PCMU(), tone, 0),
		"PCMU receiver at 10 % loss": audio.ReceiverPacket(t, audio.PCMU(), tone, 10),
		"G722 sender":                audio.SenderPacket(t, audio.Format{Codec: audio.G722()}, tone),
		"G722 receiver at 10 % loss": audio.ReceiverPacket(t, audio.G722(), tone, 10),
		"PCMU sender of music":       audio.MusicPacket(t, audio.Format{Codec: audio.PCMU()}, tone),
		"capture for three calls":    audio.CaptureFrame(t, 3, tone),
		"conference of four":         audio.ConferenceFrame(t, 4, audiotest.NewSpeech(1)),
		"tones":                      func() { ringtone.Fill(frame); meter.Add(frame) },
	}
	if opus := better(t); opus != nil {
		paths["Opus sender"] = audio.SenderPacket(t, audio.Format{Codec: opus}, tone)
		paths["Opus receiver"] = audio.ReceiverPacket(t, opus, tone, 0)
		paths["Opus receiver at 10 % loss"] = audio.ReceiverPacket(t, opus, tone, 10)
	}
	for _, codec := range audio.Codecs(better(t)) {
		for _, packet := range codec.PacketTimes() {
			paths[fmt.Sprint(codec.Name(), " sender of ", packet)] = audio.SenderPacket(t, audio.Format{
				Codec: codec, Packet: packet,
			}, tone)
		}
	}
	paths["PCMA sender that leaves pauses out"] = audio.SenderPacket(t, audio.Format{
		Codec: audio.PCMA(), Pauses: audio.PausesTold,
	}, tone)
	for name, packet := range paths {
		for range 300 { // until every slot has its buffer
			packet()
		}
		if n := testing.AllocsPerRun(200, packet); n != 0 {
			t.Errorf("%s: %v allocations for a packet", name, n)
		}
	}
}

func benchmark(b *testing.B, codec audio.Codec, path func(testing.TB, audio.Codec, audio.Source) func()) {
	if codec == nil {
		b.Skip("no Opus")
	}
	packet := path(b, codec, audiotest.NewSpeech(1))
	b.ReportAllocs()
	for b.Loop() {
		packet()
	}
}

func send(tb testing.TB, codec audio.Codec, source audio.Source) func() {
	return audio.SenderPacket(tb, audio.Format{Codec: codec}, source)
}

func receive(tb testing.TB, codec audio.Codec, source audio.Source) func() {
	return audio.ReceiverPacket(tb, codec, source, 0)
}

// A packet is 20 ms: 200 µs are 1 % of one core.
func BenchmarkSenderPCMU(b *testing.B)   { benchmark(b, audio.PCMU(), send) }
func BenchmarkReceiverPCMU(b *testing.B) { benchmark(b, audio.PCMU(), receive) }
func BenchmarkSenderOpus(b *testing.B)   { benchmark(b, better(b), send) }
func BenchmarkReceiverOpus(b *testing.B) { benchmark(b, better(b), receive) }

func BenchmarkConferenceOfFour(b *testing.B) {
	packet := audio.ConferenceFrame(b, 4, audiotest.NewSpeech(1))
	b.ReportAllocs()
	for b.Loop() {
		packet()
	}
}
