package rtc

import (
	"slices"
	"strconv"
)

// numbering is what the payload type numbers of a session mean. A number that was mapped to a format is never mapped
// to another, and a format that was dropped comes back under its own (RFC 3264 section 8.3.2).
type numbering struct {
	ours   []Codec    // the formats of our descriptions, by the numbers they said last
	theirs []Codec    // likewise
	meant  [128]Codec // by number, what it was mapped to last; Name "" = nothing
	other  [128]bool  // numbers of what we do not know
}

// said notes the formats of a description of ours.
func (n *numbering) said(formats []Codec) { n.ours = n.note(n.ours, formats) }

// heard notes what a description of the far end says.
func (n *numbering) heard(d *description) {
	n.theirs = n.note(n.theirs, d.formats)
	for _, m := range d.media {
		for _, text := range m.formats {
			// Where media are bundled they share the numbers (RFC 9143 section 9.1). Those below 35 are static.
			if v, err := strconv.ParseUint(text, 10, 7); err == nil && v >= 35 && n.meant[v].Name == "" {
				n.other[v] = true
			}
		}
	}
}

// note adds formats to those known, under their numbers of now. Of a format that has several the first counts.
func (n *numbering) note(known, formats []Codec) []Codec {
	for _, c := range slices.Backward(formats) {
		known = slices.DeleteFunc(known, func(o Codec) bool { return o.same(c) })
		n.meant[c.PayloadType] = c
	}
	for i, c := range formats {
		if !slices.ContainsFunc(formats[:i], c.same) {
			known = append(known, c)
		}
	}
	return known
}

// number gives formats the numbers they have in this session, or free ones. One for which there is none is left out.
func (n *numbering) number(formats []Codec) []Codec {
	all := slices.Clone(formats)
	var used [128]bool
	for i := range all {
		all[i].PayloadType = 255
		if pt, ok := n.known(formats[i]); ok && !used[pt] {
			all[i].PayloadType, used[pt] = pt, true
		}
	}
	for i := range all {
		if all[i].PayloadType != 255 {
			continue
		}
		for _, pt := range candidatesFor(formats[i].PayloadType) {
			if !used[pt] && n.free(pt, formats[i]) {
				all[i].PayloadType, used[pt] = pt, true
				break
			}
		}
	}
	return slices.DeleteFunc(all, func(c Codec) bool { return c.PayloadType == 255 })
}

// known finds the number of a format: by us, else by the far end.
func (n *numbering) known(c Codec) (uint8, bool) {
	for _, list := range [][]Codec{n.ours, n.theirs} {
		i := slices.IndexFunc(list, c.same)
		if i >= 0 && n.meant[list[i].PayloadType].same(c) {
			return list[i].PayloadType, true
		}
	}
	return 0, false
}

func (n *numbering) free(pt uint8, c Codec) bool {
	return !n.other[pt] && (n.meant[pt].Name == "" || n.meant[pt].same(c))
}

// candidatesFor lists the numbers a format may take: its own, the dynamic ones, and those RFC 3551 section 3 leaves for
// when these are used up.
func candidatesFor(own uint8) []uint8 {
	all := []uint8{own}
	for pt := uint8(96); pt < 128; pt++ {
		all = append(all, pt)
	}
	for pt := uint8(35); pt < 64; pt++ {
		all = append(all, pt)
	}
	return all
}

// offeredFormats are the formats of our next offer: ours, those agreed on first and in the order agreed, under the
// numbers they have in this session.
func (s *Session) offeredFormats() []Codec {
	formats := slices.Clone(s.engine.formats)
	if a := s.agreed.Load(); a != nil {
		rank := func(c Codec) int {
			if i := slices.IndexFunc(s.engine.formats, c.carries); c.isRED() && i >= 0 {
				c = s.engine.formats[i]
			}
			if i := slices.IndexFunc(a.audio, c.same); i >= 0 {
				return i
			}
			return len(a.audio)
		}
		slices.SortStableFunc(formats, func(c, o Codec) int { return rank(c) - rank(o) })
	}
	return numbered(s.numbers.number(formats))
}
