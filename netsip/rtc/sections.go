package rtc

import (
	"slices"
	"strings"

	"calla/netsip"
)

// sections are the m= lines of a session as an offer ordered them: the one we use, and those that are switched off.
// They stay for the whole session: each later offer of whichever end has all of them again, in order, with their
// identification tags and profiles (RFC 3264 section 8, RFC 8829 section 5.2.2, RFC 9143 section 7.2).
type sections struct {
	media   []mediaLine // in order
	audio   int         // index of the one in use
	mid     string      // of that; "" for none
	bundled bool        // the mid is in a BUNDLE group
}

// mediaLine is one m= line and the lines that belong to it.
type mediaLine struct {
	media, proto string
	port         int
	formats      []string
	lines        []string
}

// firstSections are those of an offer that begins a session.
func firstSections() sections {
	return sections{media: []mediaLine{{media: "audio", proto: "UDP/TLS/RTP/SAVPF"}}, mid: "0", bundled: true}
}

// offeredSections are those of our next offer: what the last exchange left, or the first.
func (s *Session) offeredSections() sections {
	if s.sections.media == nil {
		return firstSections()
	}
	return s.sections
}

// sections are those of the session that the description leaves when it is an offer that was answered.
func (d *description) sections() sections {
	return sections{media: d.media, audio: d.audio, mid: d.mid, bundled: d.bundled}
}

// inOffer orders the audio lines of an offer, the one to try first before the others: the one in use, those of a
// profile that means DTLS-SRTP, the others.
func (s sections) inOffer(media []mediaLine) []int {
	order := audioLines(media)
	rank := func(i int) int {
		switch {
		case s.media != nil && i == s.audio:
			return 0
		case profileOf(media[i].proto) == profileDTLS:
			return 1
		}
		return 2
	}
	slices.SortStableFunc(order, func(i, j int) int { return rank(i) - rank(j) })
	return order
}

// inAnswer finds the audio line of an answer to an offer of these: it stands where we offered it (RFC 3264 section 6).
// One that drops the lines which are switched off is read as well.
func (s sections) inAnswer(media []mediaLine) []int {
	if s.audio < len(media) && media[s.audio].media == "audio" {
		return []int{s.audio}
	}
	return audioLines(media)
}

func audioLines(media []mediaLine) []int {
	var all []int
	for i, m := range media {
		if m.media == "audio" {
			all = append(all, i)
		}
	}
	return all
}

// profile is what the transport protocol of an m= line says of encryption.
type profile int

const (
	profileOther profile = iota
	profileRTP           // nothing
	profileDTLS
)

// profileOf reads the profiles of RTP. The names vary: RTP/SAVPF is what older Asterisk and FreeSWITCH write for
// UDP/TLS/RTP/SAVPF. A fingerprint and ICE say what is meant, and all of them are taken with these (RFC 8829 section
// 5.1.2).
func profileOf(proto string) profile {
	switch strings.ToUpper(proto) {
	case "UDP/TLS/RTP/SAVPF", "UDP/TLS/RTP/SAVP", "TCP/DTLS/RTP/SAVPF", "TCP/DTLS/RTP/SAVP", "RTP/SAVPF", "RTP/SAVP":
		return profileDTLS
	case "RTP/AVPF", "RTP/AVP":
		return profileRTP
	}
	return profileOther
}

// off tells whether the line is switched off. In an offer, one that is only to be had bundled has port 0 as well (RFC
// 9143 section 6).
func (m *mediaLine) off() bool { return m.port == 0 && !has(m.lines, "bundle-only") }

// usable refuses an m= line by itself.
func (m *mediaLine) usable() error {
	switch {
	case m.off():
		return unusable(netsip.MediaFaultAudioRefused, "audio is refused")
	case profileOf(m.proto) == profileOther:
		return unusable(netsip.MediaFaultNotEncrypted, "media is not encrypted with DTLS-SRTP")
	}
	return nil
}
