package robots

import (
	"strings"

	"calla/netsip/rtc"
)

// echoDelay is how many packets the echo lags, so that it is heard as one: 160 ms of 20 ms packets.
const echoDelay = 8

// maxPayload is the longest payload echoed; none that comes in one UDP packet is longer.
const maxPayload = 1500

// delayed is one packet that waits to be sent back.
type delayed struct {
	payload [maxPayload]byte
	n       int
}

// echo sends every packet back unchanged, echoDelay packets later, until the media is closed. The packets that
// come keep its time: it needs no clock and no codec.
func echo(media *rtc.Session, format rtc.Codec) {
	var line [echoDelay]delayed
	var p rtc.Packet
	var last uint32
	ticks := format.ClockRate / 50
	for i := 0; media.ReadAudio(&p) == nil; {
		if c, ok := media.ReceiveCodec(p.PayloadType); !ok || !strings.EqualFold(c.Name, format.Name) {
			continue // it could not be understood as what we send
		}
		// The far end may use another packet length than 20 ms.
		if d := p.Timestamp - last; d > 0 && d <= format.ClockRate/8 {
			ticks = d
		}
		last = p.Timestamp
		slot := &line[i%echoDelay]
		if i >= echoDelay {
			_ = media.WriteAudio(slot.payload[:slot.n], ticks) // not connected (any more): nobody hears it
		}
		slot.n = copy(slot.payload[:], p.Payload)
		i++
	}
}

// drain reads what nobody listens to, until the media is closed.
func drain(media *rtc.Session) {
	var p rtc.Packet
	for media.ReadAudio(&p) == nil {
		continue
	}
}
