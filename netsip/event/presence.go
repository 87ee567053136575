package event

import (
	"encoding/xml"
	"fmt"
	"strings"
)

// Presence is an application/pidf+xml body (RFC 3863). All text is the far end's.
type Presence struct {
	Entity string
	Tuples []Tuple
	Notes  []string
}

// Tuple is one way to reach the far end.
type Tuple struct {
	ID      string
	Basic   string // "open", "closed" or ""
	Contact string
	Note    string
}

// Open tells whether any of the ways is open.
func (p Presence) Open() bool {
	for _, t := range p.Tuples {
		if t.Basic == "open" {
			return true
		}
	}
	return false
}

// ParsePresence reads a PIDF body within the bounds of ParseDialogInfo. The error wraps ErrBody.
func ParsePresence(body []byte) (Presence, error) {
	var doc struct {
		XMLName xml.Name `xml:"presence"`
		Entity  string   `xml:"entity,attr"`
		Notes   []string `xml:"note"`
		Tuples  []struct {
			ID      string   `xml:"id,attr"`
			Basic   string   `xml:"status>basic"`
			Contact string   `xml:"contact"`
			Notes   []string `xml:"note"`
		} `xml:"tuple"`
	}
	if err := readXML(body, &doc); err != nil {
		return Presence{}, fmt.Errorf("presence: %w", err)
	}
	p := Presence{Entity: doc.Entity}
	for _, note := range doc.Notes[:min(len(doc.Notes), maxEntries)] {
		p.Notes = append(p.Notes, strings.TrimSpace(note))
	}
	for _, t := range doc.Tuples[:min(len(doc.Tuples), maxEntries)] {
		tuple := Tuple{
			ID: t.ID, Basic: strings.ToLower(strings.TrimSpace(t.Basic)), Contact: strings.TrimSpace(t.Contact),
		}
		if len(t.Notes) > 0 {
			tuple.Note = strings.TrimSpace(t.Notes[0])
		}
		p.Tuples = append(p.Tuples, tuple)
	}
	return p, nil
}
