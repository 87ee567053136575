package event

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
)

const (
	maxXMLDepth = 32
	maxEntries  = 200 // dialogs or tuples of one body that are kept
)

// readXML reads a document whose bounds it checks first: a body comes from anybody.
func readXML(body []byte, doc any) error {
	if err := checkXML(body); err != nil {
		return fmt.Errorf("%w: %w", ErrBody, err)
	}
	if err := xml.Unmarshal(body, doc); err != nil {
		return fmt.Errorf("%w: %w", ErrBody, err)
	}
	return nil
}

// checkXML refuses what is too large or too deep, and a document type, which could define entities.
func checkXML(body []byte) error {
	if len(body) > MaxBody {
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
