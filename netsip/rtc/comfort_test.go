package rtc

import "testing"

func TestComfortNoiseIsUnderstoodByItsStaticNumber(t *testing.T) {
	inBubble(t, func(t *testing.T, p *pair) {
		if c, ok := p.b.ReceiveCodec(13); ok {
			t.Errorf("before anything is agreed on: %+v", c)
		}
		p.connect()
		for _, s := range []*Session{p.a, p.b} {
			if c, ok := s.ReceiveCodec(13); !ok || c.Name != ComfortNoise || c.ClockRate != 8000 {
				t.Errorf("payload type 13 is %+v", c)
			}
			if c, ok := s.SendCodec(); !ok || c.Name == ComfortNoise {
				t.Errorf("sends %+v", c)
			}
		}
	})
}
