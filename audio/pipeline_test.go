package audio_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"calla/audio"
	"calla/audio/audiotest"
)

// wire is where a Sender's packets go: RTP as a peer sees it.
type wire struct {
	mu        sync.Mutex
	times     []time.Time
	stamps    []uint32
	sizes     []int
	timestamp uint32
	seq       uint16
	to        *audio.Receiver
	failure   error
	lost      func(packet uint16) bool          // on the way; nil = none
	late      func(packet uint16) time.Duration // on the way; nil = none
}

func (w *wire) send(payload []byte, ticks uint32) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	at := w.timestamp
	w.timestamp += ticks
	if len(payload) == 0 {
		return nil
	}
	w.times = append(w.times, time.Now())
	w.stamps = append(w.stamps, at)
	w.sizes = append(w.sizes, len(payload))
	w.seq++
	if w.to == nil || w.lost != nil && w.lost(w.seq) {
		return w.failure
	}
	p := audio.Packet{SSRC: 1, Sequence: w.seq, Timestamp: at, Payload: payload, Arrival: time.Now()}
	if w.late == nil {
		w.to.Push(p)
		return w.failure
	}
	p.Payload = slices.Clone(payload)
	time.AfterFunc(w.late(w.seq), func() {
		p.Arrival = time.Now()
		w.to.Push(p)
	})
	return w.failure
}

// mistreat says what becomes of the packets from now on.
func (w *wire) mistreat(lost func(uint16) bool, late func(uint16) time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lost, w.late = lost, late
}

func (w *wire) packets() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.times)
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

type call struct {
	host     *audiotest.Host
	capture  *audio.Capture
	sender   *audio.Sender
	receiver *audio.Receiver
	playout  *audio.Playout
	wire     *wire
}

func newCall(t *testing.T, codec audio.Codec, devices bool) *call {
	t.Helper()
	c := &call{host: audiotest.NewHost()}
	var in, out *audio.Ring
	if devices {
		in, out = audio.NewRing(20), audio.NewRing(8)
		must(c.host.OpenCapture(t.Context(), "", in))
		must(c.host.OpenPlayback(t.Context(), "", out))
	}
	c.receiver = must(audio.NewReceiver(audio.ReceiverConfig{Codec: codec}))
	c.wire = &wire{to: c.receiver}
	c.playout = audio.NewPlayout(out)
	c.playout.Add(c.receiver)
	c.sender = must(audio.NewSender(audio.SenderConfig{Format: audio.Format{Codec: codec}, Send: c.wire.send}))
	c.capture = audio.NewCapture(in)
	c.capture.Add(c.sender)
	return c
}

func (c *call) close() {
	c.capture.Close()
	c.sender.Close()
	c.playout.Close()
	c.receiver.Close()
	c.host.Close()
}

func TestSoundOfTheMicrophoneIsHeardInTheLoudspeaker(t *testing.T) {
	for _, codec := range []audio.Codec{audio.PCMU(), audio.PCMA()} {
		synctest.Test(t, func(t *testing.T) {
			c := newCall(t, codec, true)
			defer c.close()
			c.host.SetSource(audiotest.Microphone, audio.NewToneSource(audio.Sine(440, -12)))
			time.Sleep(10 * time.Second)
			m := audio.MeasureTone(c.host.Played(audiotest.Loudspeaker))
			if math.Abs(m.Frequency-440) > 0.5 || math.Abs(m.Level+15) > 0.5 || m.Purity < 0.99 || m.Seconds < 9 {
				t.Errorf("heard %v, purity %.3f", m, m.Purity)
			}
			s := c.receiver.Stats()
			if s.Received < 495 || s.Lost+s.Late+s.Concealed != 0 {
				t.Errorf("figures %+v", s)
			}
			if got := c.sender.Stats(); got.Packets < 495 || got.Bytes != got.Packets*160 || got.Errors != 0 {
				t.Errorf("sent %+v", got)
			}
			for name, l := range map[string]audio.Level{
				"sender": c.sender.Level(), "receiver": c.receiver.Level(),
				"playout": c.playout.Level(),
			} {
				if math.Abs(l.RMS+15) > 1 || math.Abs(l.Peak+12) > 1 {
					t.Errorf("%s shows %+v", name, l)
				}
			}
		})
	}
}

func TestSenderKeepsTheClockWithoutADevice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCall(t, audio.PCMU(), false)
		defer c.close()
		meter := audio.NewToneMeter()
		c.receiver.SetSinks(meter)
		c.sender.SetSource(audio.NewToneSource(audio.Sine(1000, -12)))
		start := time.Now()
		time.Sleep(20 * time.Second)
		synctest.Wait()
		c.wire.mu.Lock()
		defer c.wire.mu.Unlock()
		if n := len(c.wire.times); n != 1000 {
			t.Errorf("%d packets in 20 s", n)
		}
		for i, at := range c.wire.times {
			if want := start.Add(time.Duration(i+1) * 20 * time.Millisecond); !at.Equal(want) {
				t.Fatalf("packet %d is %v late", i, at.Sub(want))
			}
			if c.wire.stamps[i] != uint32(160*i) {
				t.Fatalf("packet %d has timestamp %d", i, c.wire.stamps[i])
			}
		}
		if m := meter.Reading(); math.Abs(m.Frequency-1000) > 0.5 || m.Seconds < 19 {
			t.Errorf("with no device anywhere heard %v", m)
		}
	})
}

func TestSenderGoesOnWithSilenceWhenTheDeviceStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCall(t, audio.PCMU(), true)
		defer c.close()
		c.host.SetSource(audiotest.Microphone, audio.NewToneSource(audio.Sine(440, -12)))
		time.Sleep(5 * time.Second)
		c.host.Stall(audiotest.Microphone, true)
		time.Sleep(5 * time.Second)
		if l := c.sender.Level(); l.RMS > -60 {
			t.Errorf("while the device stands still, %+v is sent", l)
		}
		c.host.Stall(audiotest.Microphone, false)
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if n := c.wire.packets(); n < 745 || n > 751 {
			t.Errorf("%d packets in 15 s", n)
		}
		if l := c.sender.Level(); math.Abs(l.RMS+15) > 1 {
			t.Errorf("after the device came back, %+v is sent", l)
		}
		if s := c.receiver.Stats(); s.Current > 60*time.Millisecond {
			t.Errorf("the stop left a delay of %v", s.Current)
		}
	})
}

func TestSenderChangesDevicesInTheCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCall(t, audio.PCMU(), true)
		defer c.close()
		c.host.AddCapture("headset", "Headset")
		c.host.SetSource("headset", audio.NewToneSource(audio.Sine(600, -12)))
		time.Sleep(2 * time.Second)
		c.host.Remove(audiotest.Microphone)
		c.capture.SetInput(nil)
		time.Sleep(time.Second)
		ring := audio.NewRing(20)
		must(c.host.OpenCapture(t.Context(), "", ring))
		c.capture.SetInput(ring)
		time.Sleep(7 * time.Second)
		m := audio.MeasureTone(c.host.Played(audiotest.Loudspeaker))
		if math.Abs(m.Frequency-600) > 0.5 || m.Seconds < 6 {
			t.Errorf("heard %v", m)
		}
		if n := c.wire.packets(); n < 495 || n > 501 {
			t.Errorf("%d packets in 10 s", n)
		}
	})
}

func TestMuteSilencesAndPacketsGoOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCall(t, audio.PCMU(), true)
		defer c.close()
		c.host.SetSource(audiotest.Microphone, audio.NewToneSource(audio.Sine(440, -12)))
		time.Sleep(time.Second)
		c.sender.SetMuted(true)
		time.Sleep(time.Second)
		c.host.TakePlayed(audiotest.Loudspeaker)
		before := c.wire.packets()
		time.Sleep(2 * time.Second)
		for i, s := range c.host.TakePlayed(audiotest.Loudspeaker) {
			if s > 8 || s < -8 {
				t.Fatalf("sample %d is %d", i, s)
			}
		}
		// Two packets may fall on the two ends of the two seconds.
		if n := c.wire.packets() - before; n < 99 || n > 101 {
			t.Errorf("%d packets in 2 s", n)
		}
		c.sender.SetMuted(false)
		time.Sleep(2 * time.Second)
		if m := audio.MeasureTone(c.host.TakePlayed(audiotest.Loudspeaker)); math.Abs(m.Frequency-440) > 0.5 {
			t.Errorf("unmuted, heard %v", m)
		}
	})
}

func TestHoldSendsNothingAndTheTimestampGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCall(t, audio.PCMU(), false)
		defer c.close()
		time.Sleep(time.Second + time.Millisecond)
		c.sender.SetSending(false)
		time.Sleep(3 * time.Second)
		if n := c.wire.packets(); n != 50 {
			t.Errorf("%d packets", n)
		}
		c.sender.SetSending(true)
		time.Sleep(time.Second)
		synctest.Wait()
		c.wire.mu.Lock()
		defer c.wire.mu.Unlock()
		if n := len(c.wire.stamps); n != 100 || c.wire.stamps[50] != 200*160 {
			t.Errorf("%d packets, after the pause timestamp %d", n, c.wire.stamps[50])
		}
	})
}

func TestCodecChangesInTheCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCall(t, audio.PCMU(), true)
		defer c.close()
		c.host.SetSource(audiotest.Microphone, audio.NewToneSource(audio.Sine(440, -12)))
		time.Sleep(2 * time.Second)
		if err := c.sender.SetFormat(audio.Format{Codec: audio.PCMA()}); err != nil {
			t.Fatal(err)
		}
		if err := c.receiver.SetCodec(audio.PCMA()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		c.host.TakePlayed(audiotest.Loudspeaker)
		time.Sleep(3 * time.Second)
		if m := audio.MeasureTone(c.host.TakePlayed(audiotest.Loudspeaker)); math.Abs(m.Frequency-440) > 0.5 ||
			m.Purity < 0.99 {
			t.Errorf("heard %v, purity %.3f", m, m.Purity)
		}
	})
}

func TestSenderOutlivesAFailingNetwork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCall(t, audio.PCMU(), false)
		defer c.close()
		c.wire.mu.Lock()
		c.wire.failure = errors.New("no buffer space")
		c.wire.mu.Unlock()
		time.Sleep(time.Second + time.Millisecond)
		if s := c.sender.Stats(); s.Errors != 50 || s.Packets != 0 {
			t.Errorf("%+v", s)
		}
	})
}

func TestSourceEndsAndTheMicrophoneIsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCall(t, audio.PCMU(), true)
		defer c.close()
		c.host.SetSource(audiotest.Microphone, audio.NewToneSource(audio.Sine(440, -12)))
		tone, _ := audio.DTMF('1', time.Second)
		var keys []rune
		c.receiver.SetSinks(audio.NewDTMFDetector(func(key rune) { keys = append(keys, key) }))
		c.sender.SetSource(audio.NewToneSource(tone))
		time.Sleep(5 * time.Second)
		m := audio.MeasureTone(c.host.Played(audiotest.Loudspeaker))
		if math.Abs(m.Frequency-440) > 0.5 || m.Seconds < 3.4 {
			t.Errorf("heard %v", m)
		}
		c.close()
		if string(keys) != "1" {
			t.Errorf("heard keys %q", string(keys))
		}
	})
}

func TestCallSurvivesTheDriftOfBothDevices(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCall(t, audio.PCMU(), true)
		defer c.close()
		c.host.SetDrift(audiotest.Microphone, 200)
		c.host.SetDrift(audiotest.Loudspeaker, -200)
		c.host.SetSource(audiotest.Microphone, audio.NewToneSource(audio.Sine(440, -12)))
		time.Sleep(40 * time.Second)
		s := c.receiver.Stats()
		if s.Lost+s.Concealed != 0 || s.Current > 60*time.Millisecond {
			t.Errorf("figures %+v", s)
		}
		if m := audio.MeasureTone(c.host.Played(audiotest.Loudspeaker)); m.Purity < 0.98 || m.Seconds < 38 {
			t.Errorf("heard %v, purity %.3f", m, m.Purity)
		}
		if n := c.host.Underruns(audiotest.Loudspeaker); n > 1 {
			t.Errorf("%d underruns", n)
		}
	})
}

func TestSpeechIsHeardAsSpoken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCall(t, audio.PCMU(), true)
		defer c.close()
		c.host.SetSource(audiotest.Microphone, audiotest.NewSpeech(1))
		time.Sleep(10 * time.Second)
		if l := c.receiver.MeanLevel(); l < -40 || l > -10 {
			t.Errorf("speech at %.1f dBFS", l)
		}
		if m := audio.MeasureTone(c.host.Played(audiotest.Loudspeaker)); m.Seconds > 3 {
			t.Errorf("speech is a tone: %v", m)
		}
	})
}

func TestHostDevicesComeGoRefuseAndHang(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := audiotest.NewHost()
		defer host.Close()
		stream := must(host.OpenPlayback(t.Context(), "", audio.NewRing(4)))
		if d := stream.Device(); d.ID != audiotest.Loudspeaker || !d.Default {
			t.Errorf("opened %+v", d)
		}
		host.AddPlayback("headset", "Headset")
		host.Remove(audiotest.Loudspeaker)
		<-stream.Lost()
		if list := must(host.Devices(t.Context())); len(list.Playback) != 1 || list.Playback[0].ID != "headset" ||
			!list.Playback[0].Default {
			t.Errorf("devices %+v", list)
		}
		for range 2 {
			if err := stream.Close(); err != nil {
				t.Error(err)
			}
		}
		if _, err := host.OpenPlayback(t.Context(), audiotest.Loudspeaker, audio.NewRing(4)); err == nil {
			t.Error("a device that is gone was opened")
		}
		busy := errors.New("busy")
		host.Refuse("headset", busy)
		if _, err := host.OpenPlayback(t.Context(), "", audio.NewRing(4)); !errors.Is(err, busy) {
			t.Errorf("a busy device: %v", err)
		}
		host.Hang(true)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := host.Devices(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a hanging server: %v", err)
		}
		host.Hang(false)
		if open, total := host.Streams(); open != 0 || total != 1 {
			t.Errorf("%d of %d streams open", open, total)
		}
	})
}
