package sandbox

import (
	"slices"
	"time"

	"calla/netsip/sip"
)

// Binding is one place where a user can be reached.
type Binding struct {
	Contact       sip.URI
	Instance      string // of +sip.instance, with its <>; "" = none
	RegID         string // of reg-id; "" = none
	Expires       time.Time
	Connection    string // see Event
	PublicGRUU    string // "" where the client did not ask for one
	TemporaryGRUU string
}

// binding is a Binding and what the registrar needs of it.
type binding struct {
	Binding
	user       string
	connection *connection
	callID     string
	cseq       uint32
	params     sip.Params // of the Contact, as they go into the response
}

// Bindings gives the bindings of a user, the oldest first.
func (s *Server) Bindings(user string) []Binding {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []Binding
	for _, b := range s.live(user) {
		list = append(list, b.Binding)
	}
	return list
}

// live gives the bindings of a user that have not expired, and forgets the others.
func (s *Server) live(user string) []*binding {
	now := time.Now()
	for _, b := range slices.Clone(s.bindings[user]) {
		if !b.Expires.After(now) {
			s.unbind(user, b)
		}
	}
	return s.bindings[user]
}

func (s *Server) unbind(user string, b *binding) {
	list := slices.DeleteFunc(s.bindings[user], func(other *binding) bool { return other == b })
	if len(list) == 0 {
		delete(s.bindings, user)
	} else {
		s.bindings[user] = list
	}
	if key := b.Contact.String(); s.contacts[key] == b {
		delete(s.contacts, key)
	}
	if gruu, err := sip.ParseURI(b.TemporaryGRUU); err == nil {
		delete(s.temporary, gruu.User)
	}
}

func (s *Server) bind(b *binding) {
	s.bindings[b.user] = append(s.bindings[b.user], b)
	s.contacts[b.Contact.String()] = b
	b.connection.user = b.user
	if gruu, err := sip.ParseURI(b.TemporaryGRUU); err == nil {
		s.temporary[gruu.User] = b
	}
}

// find gives the binding that a Contact replaces: of the same instance and reg-id (RFC 5626 section 6), or without
// them of the same URI.
func (s *Server) find(user string, contact sip.Address) *binding {
	instance, hasInstance := contact.Params.Get("+sip.instance")
	regID, _ := contact.Params.Get("reg-id")
	for _, b := range s.live(user) {
		if hasInstance && b.Instance != "" {
			if b.Instance == instance && b.RegID == regID {
				return b
			}
		} else if b.Contact.Equal(contact.URI) {
			return b
		}
	}
	return nil
}
