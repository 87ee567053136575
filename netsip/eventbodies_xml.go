package netsip

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

const (
	maxXMLDepth     = 32
	maxEventEntries = 200 // dialogs or tuples of one body that are kept
)

// DialogInfo is an application/dialog-info+xml body (RFC 4235): the calls of a far end, as lamps show them. All text
// is the far end's.
type DialogInfo struct {
	Entity  string // whose calls
	Version uint32
	Full    bool // else only what has changed
	Dialogs []DialogState
}

// DialogState is one call of a DialogInfo.
type DialogState struct {
	ID                          string
	CallID, LocalTag, RemoteTag string
	Direction                   string // "initiator", "recipient" or ""
	State                       string // "trying", "proceeding", "early", "confirmed" or "terminated"
	Reason                      string // of the end, such as "rejected"
	Local, Remote               DialogParty
}

// DialogParty is one side of a call.
type DialogParty struct {
	Name, Address string // of identity
	Target        string // URI
}

// Presence is an application/pidf+xml body (RFC 3863). All text is the far end's.
type Presence struct {
	Entity string
	Tuples []PresenceTuple
	Notes  []string
}

// PresenceTuple is one way to reach the far end.
type PresenceTuple struct {
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

// ParseDialogInfo reads a dialog-info body of at most 64 KiB, 32 levels deep and without a document type.
// The error wraps ErrEventBody.
func ParseDialogInfo(body []byte) (DialogInfo, error) {
	type party struct {
		Identity struct {
			Display string `xml:"display,attr"`
			URI     string `xml:",chardata"`
		} `xml:"identity"`
		Target struct {
			URI string `xml:"uri,attr"`
		} `xml:"target"`
	}
	var doc struct {
		XMLName xml.Name `xml:"dialog-info"`
		Entity  string   `xml:"entity,attr"`
		Version uint32   `xml:"version,attr"`
		State   string   `xml:"state,attr"`
		Dialogs []struct {
			ID        string `xml:"id,attr"`
			CallID    string `xml:"call-id,attr"`
			LocalTag  string `xml:"local-tag,attr"`
			RemoteTag string `xml:"remote-tag,attr"`
			Direction string `xml:"direction,attr"`
			State     struct {
				Event string `xml:"event,attr"`
				Text  string `xml:",chardata"`
			} `xml:"state"`
			Local  party `xml:"local"`
			Remote party `xml:"remote"`
		} `xml:"dialog"`
	}
	if err := readXML(body, &doc); err != nil {
		return DialogInfo{}, fmt.Errorf("dialog-info: %w", err)
	}
	info := DialogInfo{Entity: doc.Entity, Version: doc.Version, Full: strings.TrimSpace(doc.State) != "partial"}
	read := func(p party) DialogParty {
		return DialogParty{Name: p.Identity.Display, Address: strings.TrimSpace(p.Identity.URI), Target: p.Target.URI}
	}
	for _, d := range doc.Dialogs[:min(len(doc.Dialogs), maxEventEntries)] {
		info.Dialogs = append(info.Dialogs, DialogState{
			ID: d.ID, CallID: d.CallID, LocalTag: d.LocalTag, RemoteTag: d.RemoteTag, Direction: d.Direction,
			State: strings.TrimSpace(d.State.Text), Reason: d.State.Event, Local: read(d.Local), Remote: read(d.Remote),
		})
	}
	return info, nil
}

// ParsePresence reads a PIDF body within the bounds of ParseDialogInfo. The error wraps ErrEventBody.
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
	for _, note := range doc.Notes[:min(len(doc.Notes), maxEventEntries)] {
		p.Notes = append(p.Notes, strings.TrimSpace(note))
	}
	for _, t := range doc.Tuples[:min(len(doc.Tuples), maxEventEntries)] {
		tuple := PresenceTuple{ID: t.ID, Basic: strings.ToLower(strings.TrimSpace(t.Basic)), Contact: strings.TrimSpace(t.Contact)}
		if len(t.Notes) > 0 {
			tuple.Note = strings.TrimSpace(t.Notes[0])
		}
		p.Tuples = append(p.Tuples, tuple)
	}
	return p, nil
}

// readXML reads a document whose bounds it checks first: a body comes from anybody.
func readXML(body []byte, doc any) error {
	if err := checkXML(body); err != nil {
		return fmt.Errorf("%w: %w", ErrEventBody, err)
	}
	if err := xml.Unmarshal(body, doc); err != nil {
		return fmt.Errorf("%w: %w", ErrEventBody, err)
	}
	return nil
}

// checkXML refuses what is too large or too deep, and a document type, which could define entities.
func checkXML(body []byte) error {
	if len(body) > maxEventBody {
		return errors.New("too large")
	}
	d := xml.NewDecoder(bytes.NewReader(body))
	depth := 0
	for {
		token, err := d.RawToken()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		switch token.(type) {
		case xml.StartElement:
			if depth++; depth > maxXMLDepth {
				return errors.New("too deep")
			}
		case xml.EndElement:
			depth--
		case xml.Directive:
			return errors.New("has a document type")
		}
	}
}
