package rtc

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"
)

// TestAudioPathAllocatesNothing: our own part of a packet's way, out and in.
func TestAudioPathAllocatesNothing(t *testing.T) {
	e := newTestEngine(t, Config{Codecs: codecs(), IncludeLoopback: true})
	s := newTestSession(t, e)
	d := mustRead(t, sound(soundAudio))
	a, err := agree(d, codecs(), nil)
	if err != nil {
		t.Fatal(err)
	}
	p := &peer{session: s, association: newAssociation(certificate{}, nil, true)}
	sent := 0
	p.send = func(packet []byte) { sent += len(packet) }
	p.out.keys, err = srtp.CreateContext(make([]byte, 16), make([]byte, 12), srtp.ProtectionProfileAeadAes128Gcm)
	if err != nil {
		t.Fatal(err)
	}
	s.agreed.Store(a)
	s.out.over(p)
	payload := make([]byte, 160)
	if n := testing.AllocsPerRun(1000, func() {
		if err := s.WriteAudio(payload, 160); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("WriteAudio allocates %v times", n)
	}
	if sent == 0 {
		t.Error("nothing was sent")
	}
	h := rtp.Header{Version: 2, SSRC: 5}
	var packet Packet
	deliver := func() {
		h.SequenceNumber++
		h.Timestamp += 160
		s.arrived(&h, payload, time.Now())
		if err := s.ReadAudio(&packet); err != nil {
			t.Fatal(err)
		}
	}
	for range queueLength {
		deliver()
	}
	if n := testing.AllocsPerRun(1000, deliver); n != 0 {
		t.Errorf("a received packet allocates %v times", n)
	}
}

// connectedPair is a call over the kernel's loopback.
func connectedPair(b *testing.B) (from, to *Session) {
	e, err := NewEngine(Config{Codecs: codecs(), IncludeLoopback: true})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { e.Close() })
	from, _ = e.NewSession()
	to, _ = e.NewSession()
	offer, err := from.Offer(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	if _, err := to.SetOffer(b.Context(), offer); err != nil {
		b.Fatal(err)
	}
	answer, err := to.Answer(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	if _, err := from.SetAnswer(b.Context(), answer); err != nil {
		b.Fatal(err)
	}
	for from.State() != Connected || to.State() != Connected {
		time.Sleep(time.Millisecond)
	}
	return from, to
}

// BenchmarkPacket is one packet from WriteAudio through SRTP, the kernel's loopback and SRTP to
// ReadAudio, pion's work and allocations included.
func BenchmarkPacket(b *testing.B) {
	from, to := connectedPair(b)
	payload := make([]byte, 80)
	var p Packet
	b.ReportAllocs()
	for b.Loop() {
		if err := from.WriteAudio(payload, 960); err != nil {
			b.Fatal(err)
		}
		if err := to.ReadAudio(&p); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkOffer is from the click to the offer: certificate, sockets, gathering without STUN.
func BenchmarkOffer(b *testing.B) {
	e, err := NewEngine(Config{Codecs: codecs(), IncludeLoopback: true})
	if err != nil {
		b.Fatal(err)
	}
	defer e.Close()
	for b.Loop() {
		s, _ := e.NewSession()
		if _, err := s.Offer(b.Context()); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		s.Close()
		b.StartTimer()
	}
}

// BenchmarkPreparedOffer is the same where the user typed before.
func BenchmarkPreparedOffer(b *testing.B) {
	e, err := NewEngine(Config{Codecs: codecs(), IncludeLoopback: true})
	if err != nil {
		b.Fatal(err)
	}
	defer e.Close()
	for b.Loop() {
		b.StopTimer()
		s, _ := e.NewSession()
		s.Gather()
		for !s.Prepared() {
			time.Sleep(time.Millisecond)
		}
		b.StartTimer()
		if _, err := s.Offer(b.Context()); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		s.Close()
		b.StartTimer()
	}
}

// BenchmarkAnswer is from the user's Answer to the description for the 200.
func BenchmarkAnswer(b *testing.B) {
	e, err := NewEngine(Config{Codecs: codecs(), IncludeLoopback: true})
	if err != nil {
		b.Fatal(err)
	}
	defer e.Close()
	offer := []byte(strings.Join(peers[0].sdp, "\r\n") + "\r\n")
	for b.Loop() {
		b.StopTimer()
		s, _ := e.NewSession()
		if _, err := s.SetOffer(b.Context(), offer); err != nil {
			b.Fatal(err)
		}
		for !s.received.path.prepared() {
			time.Sleep(time.Millisecond)
		}
		b.StartTimer()
		if _, err := s.Answer(b.Context()); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		s.Close()
		b.StartTimer()
	}
}

// BenchmarkReadDescription is reading a Chromium offer.
func BenchmarkReadDescription(b *testing.B) {
	offer := []byte(strings.Join(peers[0].sdp, "\r\n") + "\r\n")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := readAny(offer); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCallMemory reports the heap and goroutines of one end of a call in progress.
func BenchmarkCallMemory(b *testing.B) {
	var before, after runtime.MemStats
	for b.Loop() {
		runtime.GC()
		runtime.ReadMemStats(&before)
		goroutines := runtime.NumGoroutine()
		from, to := connectedPair(b)
		var p Packet
		for range 500 {
			_ = from.WriteAudio(make([]byte, 80), 960)
			_ = to.ReadAudio(&p)
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(int64(after.HeapInuse)-int64(before.HeapInuse))/2048, "KiB/end")
		b.ReportMetric(float64(runtime.NumGoroutine()-goroutines)/2, "goroutines/end")
		from.Close()
		to.Close()
	}
}
