package event

import (
	"encoding/xml"
	"fmt"
	"strings"
)

// DialogInfo is an application/dialog-info+xml body (RFC 4235): the calls of a far end, as lamps show them. All text
// is the far end's.
type DialogInfo struct {
	Entity  string // whose calls
	Version uint32
	Full    bool // else only what has changed
	Dialogs []Dialog
}

// Dialog is one call of a DialogInfo.
type Dialog struct {
	ID                          string
	CallID, LocalTag, RemoteTag string
	Direction                   string // "initiator", "recipient" or ""
	State                       string // "trying", "proceeding", "early", "confirmed" or "terminated"
	Reason                      string // of the end, such as "rejected"
	Local, Remote               Party
}

// Party is one side of a call.
type Party struct {
	Name, Address string // of identity
	Target        string // URI
}

// ParseDialogInfo reads a dialog-info body of at most 64 KiB, 32 levels deep and without a document type.
// The error wraps ErrBody.
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
	read := func(p party) Party {
		return Party{Name: p.Identity.Display, Address: strings.TrimSpace(p.Identity.URI), Target: p.Target.URI}
	}
	for _, d := range doc.Dialogs[:min(len(doc.Dialogs), maxEntries)] {
		info.Dialogs = append(info.Dialogs, Dialog{
			ID: d.ID, CallID: d.CallID, LocalTag: d.LocalTag, RemoteTag: d.RemoteTag, Direction: d.Direction,
			State: strings.TrimSpace(d.State.Text), Reason: d.State.Event, Local: read(d.Local), Remote: read(d.Remote),
		})
	}
	return info, nil
}
