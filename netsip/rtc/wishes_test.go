package rtc

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestTheFarEndSaysHowLongPacketsAre(t *testing.T) {
	const opus = "a=rtpmap:111 opus/48000/2\r\na=fmtp:111 "
	for name, c := range map[string]struct {
		lines              []string
		asked, least, most float64 // milliseconds
		odd                string
	}{
		"says nothing":            {nil, 0, 0, 0, ""},
		"ptime":                   {[]string{"a=ptime:40"}, 40, 0, 0, ""},
		"maxptime":                {[]string{"a=maxptime:60"}, 0, 0, 60, ""},
		"both":                    {[]string{"a=maxptime:30", "a=ptime:30"}, 30, 0, 30, ""},
		"blanks":                  {[]string{"a=ptime: 40 "}, 40, 0, 0, ""},
		"a real number":           {[]string{"a=ptime:2.5"}, 2.5, 0, 0, ""},
		"Opus's least":            {[]string{opus + "minptime=20; useinbandfec=1"}, 0, 20, 0, ""},
		"FreeSWITCH's way":        {[]string{opus + "ptime=20; minptime=10; maxptime=40"}, 20, 10, 40, ""},
		"FreeSWITCH's beside it":  {[]string{opus + "ptime=20; maxptime=40", "a=ptime:60"}, 60, 0, 40, ""},
		"odd parameters":          {[]string{opus + "ptime=x; minptime=-1;maxptime"}, 0, 0, 0, ""},
		"zero":                    {[]string{"a=ptime:0", "a=maxptime:0"}, 0, 0, 0, "maxptime:0"},
		"zeros":                   {[]string{"a=ptime:0.000"}, 0, 0, 0, "ptime:0.000"},
		"less than nothing":       {[]string{"a=ptime:-1"}, 0, 0, 0, "ptime:-1"},
		"2^31":                    {[]string{"a=ptime:2147483648"}, 0, 0, 0, "ptime:2147483648"},
		"words":                   {[]string{"a=ptime:twenty"}, 0, 0, 0, "ptime:twenty"},
		"a unit":                  {[]string{"a=ptime:20 ms"}, 0, 0, 0, "ptime:20 ms"},
		"no value":                {[]string{"a=ptime", "a=ptime:"}, 0, 0, 0, "ptime:"},
		"an exponent":             {[]string{"a=ptime:2e1"}, 0, 0, 0, "ptime:2e1"},
		"not a number":            {[]string{"a=ptime:NaN"}, 0, 0, 0, "ptime:NaN"},
		"dots":                    {[]string{"a=ptime:1.2.3"}, 0, 0, 0, "ptime:1.2.3"},
		"the first that is one":   {[]string{"a=ptime:x", "a=ptime:30", "a=ptime:60"}, 30, 0, 0, "ptime:x"},
		"of a format, as Cisco's": {[]string{"a=mptime:20 20", "a=ptimes:10"}, 0, 0, 0, ""},
	} {
		lines := c.lines
		if len(lines) == 0 || !strings.HasPrefix(lines[0], opus) {
			lines = append([]string{opus + "a=b"}, lines...)
		}
		d := mustRead(t, sound(strings.Replace(soundAudio, " 0", " 111 0", 1), lines...))
		a, err := agree(d, codecs(), nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		ms := func(f float64) time.Duration { return time.Duration(f * float64(time.Millisecond)) }
		want := Wishes{Packet: ms(c.asked), LeastPacket: ms(c.least), MostPacket: ms(c.most)}
		if a.wishes != want || d.odd != c.odd {
			t.Errorf("%s: %+v instead of %+v, ignored %q", name, a.wishes, want, d.odd)
		}
	}
	d := mustRead(t, sound(soundAudio, "a=ptime:"+strings.Repeat("9", 400)))
	if d.wishes != (Wishes{}) || d.odd != "ptime:"+strings.Repeat("9", 32) {
		t.Errorf("hundreds of digits: %+v, ignored %q", d.wishes, d.odd)
	}
	// What is said for the whole session counts where the audio says nothing.
	whole := sound(soundAudio, "a=maxptime:60")
	whole = replaceOnce(t, whole, "t=0 0\r\n", "t=0 0\r\na=ptime:30\r\na=maxptime:10\r\n")
	if d := mustRead(t, whole); d.wishes != (Wishes{Packet: ms(30), MostPacket: ms(60)}) {
		t.Errorf("for the session: %+v", d.wishes)
	}
}

func ms(n int) time.Duration { return time.Duration(n) * time.Millisecond }

// TestPacketTimesAreSaidAndKept: ours in offer and answer, and the far end's until it says others.
func TestPacketTimesAreSaidAndKept(t *testing.T) {
	var log bytes.Buffer
	inBubbleOn(t, nil, nil, func(c *Config) {
		c.Logger = slog.New(slog.NewTextHandler(&log, nil))
	}, func(t *testing.T, p *pair) {
		if w := p.b.Wishes(); w != (Wishes{}) {
			t.Errorf("before anything is agreed on: %+v", w)
		}
		o, a := p.offer(p.a, p.b)
		for _, sdp := range []string{o, a} {
			if !strings.Contains(sdp, "\r\na=ptime:20\r\na=maxptime:120\r\n") {
				t.Errorf("packet times are not said in\n%s", sdp)
			}
		}
		ours := Wishes{Packet: ms(20), LeastPacket: ms(10), MostPacket: ms(120), Metrics: true}
		if p.a.Wishes() != ours || p.b.Wishes() != ours {
			t.Errorf("wishes %+v, %+v", p.a.Wishes(), p.b.Wishes())
		}
		waitState(t, p.b, Connected)
		reoffer(t, p.b, replaceOnce(t, o, "a=ptime:20\r\na=maxptime:120", "a=ptime:many\r\na=maxptime:40"))
		if w := p.b.Wishes(); w != (Wishes{LeastPacket: ms(10), MostPacket: ms(40), Metrics: true}) {
			t.Errorf("after another offer: %+v", w)
		}
		if !strings.Contains(log.String(), "ptime:many") {
			t.Errorf("what is ignored is not logged:\n%s", log.String())
		}
	})
}

// TestKeysBetweenLongPackets: events and sound share one time, whatever the packets' length; no sound is of the time of
// an event, and the time does not run away.
func TestKeysBetweenLongPackets(t *testing.T) {
	for _, packet := range []int{10, 20, 30, 40, 60} {
		inBubble(t, func(t *testing.T, p *pair) {
			p.connect()
			a := *p.b.agreed.Load()
			for i := range a.receive {
				if a.receive[i].Name == telephoneEvent {
					a.receive[i].Name = "packets" // all is audio to it
				}
			}
			p.b.agreed.Store(&a)
			begun := time.Now()
			var came []Packet
			take := func() {
				for q, ok := poll(p.b); ok; q, ok = poll(p.b) {
					came = append(came, q)
				}
			}
			for i := range 6000 / packet {
				if i*packet%240 == 0 && i > 0 && i*packet < 5000 {
					time.Sleep(time.Duration(i*packet%7) * time.Millisecond / 2)
					if err := p.a.SendDTMF("5", ms(100+20*(i%3)), ms(20)); err != nil {
						t.Fatal(err)
					}
					synctest.Wait()
				}
				time.Sleep(time.Until(begun.Add(ms((i + 1) * packet))))
				if err := p.a.WriteAudio([]byte("audio"), uint32(48*packet)); err != nil {
					t.Fatal(err)
				}
				take()
			}
			p.a.out.mu.Lock()
			next := p.a.out.next
			p.a.out.mu.Unlock()
			time.Sleep(ms(100))
			take()
			var until uint32 // when the last event is over
			events, sounds := 0, 0
			for _, q := range came {
				if string(q.Payload) == "audio" {
					if sounds++; events > 0 && int32(q.Timestamp-until) < 0 {
						t.Errorf("%d ms: sound %d ticks before the end of an event", packet, until-q.Timestamp)
					}
					continue
				}
				events++
				until = q.Timestamp + uint32(q.Payload[2])<<8 + uint32(q.Payload[3])
			}
			if events < 100 || sounds < 1000/packet {
				t.Errorf("%d ms: %d packets of events, %d of sound", packet, events, sounds)
			}
			if off := int(next-came[0].Timestamp)/48 - 6000; off < 0 || off > packet {
				t.Errorf("%d ms: after six seconds the time is %d ms ahead", packet, off)
			}
		})
	}
}

func TestTheFarEndSaysWhatOpusItTakes(t *testing.T) {
	for fmtp, want := range map[string]Wishes{
		"minptime=10;useinbandfec=1":                     {LeastPacket: ms(10)},
		"useinbandfec=0; usedtx=0":                       {NoRepair: true, SendPauses: true},
		"UseDTX=1;maxaveragebitrate=20000":               {LeavePauses: true, MostRate: 20000},
		"usedtx = 1 ; maxaveragebitrate = 20000 ;":       {LeavePauses: true, MostRate: 20000},
		"usedtx=2;useinbandfec=no;maxaveragebitrate=-1":  {},
		"maxaveragebitrate=99999999999999999999;usedtx":  {},
		"stereo=1;sprop-maxcapturerate=8000;xusedtx=1;=": {},
		"": {},
	} {
		opus := Codec{Name: "OPUS", ClockRate: 48000, Channels: 2, Fmtp: fmtp}
		if got := (Wishes{}).of(opus); got != want {
			t.Errorf("%q: %+v instead of %+v", fmtp, got, want)
		}
		if got := (Wishes{}).of(Codec{Name: "PCMU", ClockRate: 8000, Fmtp: fmtp}); got != (Wishes{}) {
			t.Errorf("%q of PCMU: %+v", fmtp, got)
		}
	}
}
