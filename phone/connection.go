package phone

import (
	"calla/netsip"
	"calla/phone/doctor"
	"calla/phone/safe"
)

// connectionOf gathers what engineers want to know of a user agent's connection and registration. address is the
// account's.
func connectionOf(n netsip.State, address string) Connection {
	c := Connection{Since: n.FlowSince, Attempts: n.Attempts, PublicGRUU: n.PublicGRUU, TemporaryGRUU: n.TempGRUU}
	for _, route := range n.ServiceRoutes {
		c.ServiceRoutes = append(c.ServiceRoutes, safe.Line(route, 2*shownText))
	}
	if left := n.LastLeft; left.URL != "" {
		c.Left = &LeftServer{Server: left.URL, At: left.At}
		if left.Err != nil {
			why := doctor.Explain(left.Err, doctor.Subject{Address: address, Server: left.URL})
			c.Left.Cause = &why
		}
	}
	return c
}

// bindingsOf lists the devices that are registered for the address.
func bindingsOf(all []netsip.Binding) []Binding {
	var shown []Binding
	for _, b := range all {
		shown = append(shown, Binding{Address: safe.Line(b.Contact, 2*shownText), Expires: b.Expires, Own: b.Own})
	}
	return shown
}
