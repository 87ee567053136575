package netsip

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// keeper is a user whose texts are kept by a disk.
func keeper(t *testing.T, script func(b *bench, w *wire, texts func() []*Message)) {
	t.Helper()
	var came []*Message
	listening(t, testConfig(), func(_ *bench, o *Options) {
		o.KeepMessages = true
		o.OnMessage = func(m *Message) { came = append(came, m) }
	}, func(b *bench, w *wire) {
		script(b, w, func() (now []*Message) {
			synctest.Wait()
			b.do(func() { now = slices.Clone(came) })
			return now
		})
	})
}

// answeredAfter waits for the answer to a text, and tells how long it took.
func (w *wire) answeredAfter() time.Duration {
	w.b.Helper()
	began := time.Now()
	w.expect("200 MESSAGE")
	return time.Since(began)
}

// TestATextIsAnsweredOnceItIsKept: at once, later, or after half a second at the latest; and once, whatever comes
// meanwhile and afterwards.
func TestATextIsAnsweredOnceItIsKept(t *testing.T) {
	for _, c := range []struct {
		name  string
		kept  []time.Duration // after it came
		after time.Duration   // it is answered
	}{
		{"at once", []time.Duration{0}, 0},
		{"late", []time.Duration{300 * time.Millisecond}, 300 * time.Millisecond},
		{"just in time", []time.Duration{keepPatience - 1}, keepPatience - 1},
		{"too late", []time.Duration{2 * time.Second}, keepPatience},
		{"never", nil, keepPatience},
		{"twice", []time.Duration{10 * time.Millisecond, 20 * time.Millisecond}, 10 * time.Millisecond},
	} {
		for _, where := range []string{"outside calls", "in a call"} {
			t.Run(c.name+", "+where, func(t *testing.T) {
				keeper(t, func(b *bench, w *wire, texts func() []*Message) {
					m := w.out("MESSAGE", plain, "Body: hi")
					if where == "in a call" {
						_, f := b.answered(w)
						m = f.request("MESSAGE", plain, "Body: hi")
					}
					w.send(m)
					text := texts()[0]
					for _, d := range c.kept {
						time.AfterFunc(d, func() { b.loop.Post(text.Kept) })
					}
					if took := w.answeredAfter(); took != c.after {
						t.Errorf("answered after %v, want %v", took, c.after)
					}
					b.do(text.Kept)
					w.quiet(3 * time.Second)
					if n := len(texts()); n != 1 {
						t.Errorf("shown %d times", n)
					}
					b.do(func() {
						if n := b.ua.transactions.serving.n; n != 0 {
							t.Errorf("%d transactions are left", n)
						}
					})
				})
			})
		}
	}
}

// TestATextThatComesAgainBeforeItIsKeptIsAnsweredOnce, and shown once.
func TestATextThatComesAgainBeforeItIsKeptIsAnsweredOnce(t *testing.T) {
	for _, c := range []struct {
		name  string
		again int    // times
		other string // branch by which it comes again; "" = the same
		want  []string
	}{
		{"again", 1, "", []string{"200 MESSAGE"}},
		{"again and again", 20, "", []string{"200 MESSAGE"}},
		{"by another way", 1, "z9hG4bKother", []string{"482 MESSAGE", "200 MESSAGE"}},
		{"by another way twice", 2, "z9hG4bKother", []string{"482 MESSAGE", "482 MESSAGE", "200 MESSAGE"}},
		{"not again", 0, "", []string{"200 MESSAGE"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			keeper(t, func(b *bench, w *wire, texts func() []*Message) {
				m := w.out("MESSAGE", plain, "Body: hi")
				w.send(m)
				text := texts()[0]
				for i := range c.again {
					time.Sleep(time.Millisecond)
					if c.other != "" {
						m = m.Clone()
						m.Set("Via", fmt.Sprintf("SIP/2.0/WSS proxy.example.com;branch=%s%d", c.other, i))
					}
					w.send(m)
				}
				time.Sleep(100 * time.Millisecond)
				b.do(text.Kept)
				for _, want := range c.want {
					w.expect(want)
				}
				w.quiet(3 * time.Second)
				if n := len(texts()); n != 1 {
					t.Errorf("shown %d times", n)
				}
			})
		})
	}
}

// TestManyTextsAreAnsweredAsTheyAreKept: in whatever order, each by its own answer, and nothing else waits for them.
func TestManyTextsAreAnsweredAsTheyAreKept(t *testing.T) {
	for _, c := range []struct {
		name  string
		order func(all []*Message) []*Message
		left  int // that are not kept
	}{
		{"in their order", func(all []*Message) []*Message { return all }, 0},
		{"the last one first", func(all []*Message) []*Message { slices.Reverse(all); return all }, 0},
		{"half of them", func(all []*Message) []*Message { return all[:50] }, 50},
		{"the last of them alone", func(all []*Message) []*Message { return all[99:] }, 99},
		{"none", func([]*Message) []*Message { return nil }, 100},
	} {
		t.Run(c.name, func(t *testing.T) {
			keeper(t, func(b *bench, w *wire, texts func() []*Message) {
				for i := range messageBurst {
					w.send(w.out("MESSAGE", plain, "Body: x", fmt.Sprintf("Call-ID: many-%d", i),
						fmt.Sprintf("Via: SIP/2.0/WSS h;branch=z9hG4bKmany%d", i)))
				}
				all := texts()
				w.send(w.out("OPTIONS"))
				w.expect("200 OPTIONS")
				answered := map[string]bool{}
				take := func() { answered[w.expect("200 MESSAGE").CallID()] = true }
				for _, m := range c.order(all) {
					b.do(m.Kept)
					take()
				}
				began := time.Now()
				for range c.left {
					take()
				}
				if len(all) != messageBurst || len(answered) != messageBurst || time.Since(began) > keepPatience {
					t.Errorf("%d came, %d answered, the last after %v", len(all), len(answered), time.Since(began))
				}
				w.quiet(time.Second)
			})
		})
	}
}

// TestATextWaitsForTheDiskWhileTheRestGoesOn: the end of its call, of its connection and of the account.
func TestATextWaitsForTheDiskWhileTheRestGoesOn(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(t *testing.T, b *bench, w *wire, f *far, text *Message)
	}{
		{"its call is ended there", func(_ *testing.T, b *bench, w *wire, f *far, text *Message) {
			w.send(f.request("BYE"))
			w.expect("200 BYE")
			b.do(text.Kept)
			w.expect("200 MESSAGE")
		}},
		{"its call is ended here", func(_ *testing.T, b *bench, w *wire, _ *far, text *Message) {
			b.do(text.Session.HangUp)
			w.reply(w.expect("BYE"), 200)
			w.expect("200 MESSAGE")
		}},
		{"its connection is lost", func(_ *testing.T, b *bench, w *wire, _ *far, text *Message) {
			w.close()
			time.Sleep(100 * time.Millisecond)
			b.do(text.Kept)
			time.Sleep(time.Second)
			b.do(text.Kept)
		}},
		{"its connection is lost, and it is never kept", func(_ *testing.T, _ *bench, w *wire, _ *far, _ *Message) {
			w.close()
			time.Sleep(2 * time.Second)
		}},
		{"the account is stopped", func(_ *testing.T, b *bench, _ *wire, _ *far, text *Message) {
			b.do(func() { b.ua.Stop(func() {}) })
			b.do(text.Kept)
			time.Sleep(time.Second)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			keeper(t, func(b *bench, w *wire, texts func() []*Message) {
				_, f := b.answered(w)
				w.send(f.request("MESSAGE", plain, "Body: hi"))
				text := texts()[0]
				c.do(t, b, w, f, text)
				b.do(func() {
					if n := b.ua.transactions.serving.n; n != 0 {
						t.Errorf("%d transactions are left", n)
					}
				})
			})
		})
	}
}
