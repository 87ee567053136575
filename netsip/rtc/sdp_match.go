package rtc

import (
	"slices"
	"strings"

	"calla/netsip"
)

const telephoneEvent = "telephone-event" // RFC 4733 section 7.1

// ComfortNoise is the name of what G.711 and G.722 have pauses told in (RFC 3389). It is sent where it is among the
// Codecs of both ends; its static payload type is understood whether it was agreed on or not.
const ComfortNoise = "CN"

const comfortType = 13

// agreement is what offer and answer have settled about the audio. It is not changed once made.
type agreement struct {
	audio   []Codec // what both ends have, with the far end's payload types and fmtp; the first is sent
	events  []Codec // telephone-event, likewise
	red     Codec   // RED of one of audio, likewise; Name "" = none
	comfort Codec   // of the pauses of the first of audio, likewise; Name "" = none
	listed  []Codec // audio, red beside what it carries, and comfort
	receive [128]Codec
	wishes  Wishes    // of the far end, for the first of audio
	local   Direction // as we see it
	remote  Direction // as the far end sees it
}

// event returns the telephone-event that goes with the codec sent: that of its clock rate, else, for
// Asterisk and FreeSWITCH, which answer Opus with telephone-event/8000 alone, any.
func (a *agreement) event() (Codec, bool) {
	for _, e := range a.events {
		if e.ClockRate == a.audio[0].ClockRate {
			return e, true
		}
	}
	if len(a.events) > 0 {
		return a.events[0], true
	}
	return Codec{}, false
}

// agree returns what ours and the far end's formats have in common, in the far end's order (RFC
// 3264 section 6.1); ours, if not nil, are also understood by the payload types we offered.
func agree(d *description, codecs, offered []Codec) (*agreement, error) {
	a := &agreement{remote: d.direction}
	var reds, noises []Codec
	for _, f := range d.formats {
		switch {
		case f.isRED():
			reds = append(reds, f)
		case strings.EqualFold(f.Name, ComfortNoise):
			noises = append(noises, f)
		case strings.EqualFold(f.Name, telephoneEvent):
			a.events = append(a.events, f)
		case slices.ContainsFunc(codecs, f.same):
			a.audio = append(a.audio, f)
		}
	}
	if len(a.audio) == 0 {
		return nil, unusable(netsip.MediaFaultNoCodec, "no common audio codec")
	}
	a.wishes = d.wishes.of(a.audio[0])
	if i := slices.IndexFunc(reds, func(red Codec) bool {
		return slices.ContainsFunc(codecs, red.same) && slices.ContainsFunc(a.audio, red.carries)
	}); i >= 0 {
		a.red = reds[i]
	}
	a.listed = withRED(a.audio, a.red, d.formats)
	if i := slices.IndexFunc(noises, func(f Codec) bool {
		return slices.ContainsFunc(codecs, f.same) && f.ClockRate == a.audio[0].ClockRate
	}); i >= 0 {
		a.comfort = noises[i]
		a.listed = append(slices.Clone(a.listed), a.comfort)
		a.wishes.Comfort = true
	}
	a.events = slices.DeleteFunc(a.events, func(e Codec) bool {
		sameRate := func(c Codec) bool { return c.ClockRate == e.ClockRate }
		return e.ClockRate != 8000 && !slices.ContainsFunc(a.audio, sameRate)
	})
	if len(a.events) > 4 {
		a.events = a.events[:4]
	}
	for _, c := range slices.Concat(a.listed, a.events, offered) {
		a.receive[c.PayloadType] = c
	}
	if a.receive[comfortType].Name == "" {
		a.receive[comfortType] = Codec{Name: ComfortNoise, PayloadType: comfortType, ClockRate: 8000}
	}
	return a, nil
}

// sendsRED tells whether what is sent may be sent as RED.
func (a *agreement) sendsRED() bool { return a.red.isRED() && a.red.carries(a.audio[0]) }

// sound tells whether packets of that number are of audio by themselves.
func (a *agreement) sound(number uint8) bool {
	c := a.receive[number&0x7f]
	return c.Name != "" && !c.isRED() && !strings.EqualFold(c.Name, telephoneEvent)
}

// same tells whether c and o are the same format, whatever number they go by.
func (c Codec) same(o Codec) bool {
	return strings.EqualFold(c.Name, o.Name) && c.ClockRate == o.ClockRate && c.channels() == o.channels()
}

// channels is how many there are. Opus has two, whatever is written (RFC 7587 section 7): its packets say themselves
// how many they have, and some gateways leave them out.
func (c Codec) channels() uint16 {
	if strings.EqualFold(c.Name, "opus") {
		return 2
	}
	return max(c.Channels, 1)
}

// withEvents adds telephone-event for each clock rate among codecs: 110 at 48 kHz, 126 at 8 kHz as
// browsers number them, or the next number that is free.
func withEvents(codecs []Codec) []Codec {
	all := slices.Clone(codecs)
	for _, c := range codecs {
		known := func(o Codec) bool { return o.Name == telephoneEvent && o.ClockRate == c.ClockRate }
		if slices.ContainsFunc(all, known) {
			continue
		}
		pt := uint8(126)
		if c.ClockRate == 48000 {
			pt = 110
		}
		for slices.ContainsFunc(all, func(o Codec) bool { return o.PayloadType == pt }) {
			if pt++; pt > 127 {
				pt = 96
			}
		}
		all = append(all, Codec{Name: telephoneEvent, PayloadType: pt, ClockRate: c.ClockRate, Fmtp: "0-15"})
	}
	return all
}

// sameTransport tells whether the far end is where it was: the same ICE session and the same DTLS
// association (RFC 8839 section 4.4.1.1.1, RFC 8842 section 4).
func (d *description) sameTransport(o *description) bool {
	return d.ufrag == o.ufrag && d.pwd == o.pwd && slices.Equal(d.fingerprints, o.fingerprints) &&
		!d.otherAssociation(o)
}

// otherAssociation tells whether the far end has another DTLS association in mind than before, though its certificate
// be the same: by its tls-id, which many do not write (RFC 8842 section 4).
func (d *description) otherAssociation(before *description) bool {
	return before != nil && d.tlsID != "" && before.tlsID != "" && d.tlsID != before.tlsID
}

// bestCandidates returns at most n candidates, those of the highest priority: with more, a hostile
// description could aim our connectivity checks at third parties (RFC 8445 section 19.5.1).
func (d *description) bestCandidates(n int) []candidate {
	all := slices.Clone(d.candidates)
	slices.SortStableFunc(all, byPriority)
	return all[:min(n, len(all))]
}

func byPriority(a, b candidate) int {
	switch {
	case a.priority > b.priority:
		return -1
	case a.priority < b.priority:
		return 1
	}
	return 0
}
