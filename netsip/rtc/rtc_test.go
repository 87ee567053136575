package rtc

import (
	"context"
	"testing"
	"time"
)

func codecs() []Codec {
	return []Codec{
		{Name: "opus", PayloadType: 111, ClockRate: 48000, Channels: 2, Fmtp: "minptime=10;useinbandfec=1"},
		{Name: "PCMU", PayloadType: 0, ClockRate: 8000},
		{Name: "PCMA", PayloadType: 8, ClockRate: 8000},
	}
}

func TestQuick(t *testing.T) {
	e, err := NewEngine(Config{Codecs: codecs(), IncludeLoopback: true})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	a, _ := e.NewSession()
	b, _ := e.NewSession()
	ctx := context.Background()
	t0 := time.Now()
	offer, err := a.Offer(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("offer %v\n%s", time.Since(t0), offer)
	a.OnChange(func(m MediaState) { t.Log("a", m, time.Since(t0)) })
	b.OnChange(func(m MediaState) { t.Log("b", m, time.Since(t0)) })
	if err := b.SetOffer(ctx, offer); err != nil {
		t.Fatal(err)
	}
	time.Sleep(20 * time.Millisecond)
	t1 := time.Now()
	answer, err := b.Answer(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("answer %v\n%s", time.Since(t1), answer)
	if err := a.SetAnswer(ctx, answer); err != nil {
		t.Fatal(err)
	}
	for a.State() != Connected || b.State() != Connected {
		time.Sleep(time.Millisecond)
	}
	t.Log("connected", time.Since(t1))
	go func() {
		for i := 0; i < 100; i++ {
			a.WriteAudio([]byte("hello"), 960)
			time.Sleep(20 * time.Millisecond)
		}
		a.Close()
	}()
	var p Packet
	for range 90 {
		if err := b.ReadAudio(&p); err != nil {
			t.Fatal(err)
		}
	}
	b.OnDTMF(func(r rune, d time.Duration) { t.Log("dtmf", string(r), d) })
	t.Log(a.SendDTMF("12#", 0, 0))
	time.Sleep(1 * time.Second)
	t.Logf("%+v", p)
	t.Logf("%+v", b.Stats())
	t.Logf("%+v", a.Stats())
	t2 := time.Now()
	b.Close()
	a.Close()
	t.Log("close", time.Since(t2))
}
