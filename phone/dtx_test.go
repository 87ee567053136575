package phone

import (
	"strings"
	"testing"

	"calla/audio"
	"calla/netsip/config"
	"calla/netsip/rtc"
)

// TestPausesAreLeftOutWhereBothEndsWantIt: what an account says of it in offers and answers, and what becomes of its
// pauses by what the far end says.
func TestPausesAreLeftOutWhereBothEndsWantIt(t *testing.T) {
	have := audio.Codecs(named{audio.PCMU()})
	session := func(dtx bool, codecs ...string) *rtc.Session {
		return negotiating(t, have, config.Additions{Codecs: codecs, DTX: dtx})
	}
	const ours = "minptime=10;useinbandfec=1;usedtx=1\r\n"
	for _, c := range []struct {
		name       string
		we, they   bool
		codecs     []string
		say        string // what they say of Opus in the place of what they would
		noise      bool   // the answer has comfort noise
		here, back audio.Pauses
	}{
		{"Opus", true, true, nil, "", false, audio.PausesLeft, audio.PausesLeft},
		{"Opus, here alone", true, false, nil, "", false, audio.PausesLeft, audio.PausesLeft},
		{"Opus, there alone", false, true, nil, "", false, audio.PausesLeft, audio.PausesLeft},
		{"Opus, nowhere", false, false, nil, "", false, audio.PausesSent, audio.PausesSent},
		{"Opus, refused", true, false, nil, ours[:len(ours)-3] + "0\r\n", false, audio.PausesSent, audio.PausesLeft},
		{"G.711", true, true, []string{"PCMU"}, "", true, audio.PausesTold, audio.PausesTold},
		{"G.722", true, true, []string{"G722"}, "", true, audio.PausesTold, audio.PausesTold},
		{"G.711, here alone", true, false, []string{"PCMA"}, "", false, audio.PausesSent, audio.PausesSent},
		{"G.711, there alone", false, true, []string{"PCMA"}, "", false, audio.PausesSent, audio.PausesSent},
	} {
		a, b := session(c.we, c.codecs...), session(c.they, c.codecs...)
		offer, err := b.Offer(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if opus := c.codecs == nil; opus && c.they != strings.Contains(string(offer), ours) ||
			c.they != strings.Contains(string(offer), "a=rtpmap:13 CN/8000\r\n") {
			t.Errorf("%s: offered is\n%s", c.name, offer)
		}
		said := string(offer)
		if c.say != "" {
			said = strings.Replace(said, "minptime=10;useinbandfec=1\r\n", c.say, 1)
		}
		if _, err := a.SetOffer(t.Context(), []byte(said)); err != nil {
			t.Fatal(err)
		}
		answer, err := a.Answer(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(answer), "CN/8000") != c.noise {
			t.Errorf("%s: answered is\n%s", c.name, answer)
		}
		if _, err := b.SetAnswer(t.Context(), answer); err != nil {
			t.Fatal(err)
		}
		for _, end := range []struct {
			s    *rtc.Session
			dtx  bool
			want audio.Pauses
		}{{a, c.we, c.here}, {b, c.they, c.back}} {
			send, _ := end.s.SendCodec()
			codec, _ := codecNamed(have, send.Name)
			if got := formatFor(codec, end.s.Wishes(), end.dtx).pauses; got != end.want {
				t.Errorf("%s: of %s pauses become %d instead of %d", c.name, send.Name, got, end.want)
			}
		}
	}
}
