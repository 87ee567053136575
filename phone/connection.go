package phone

import (
	"fmt"
	"time"

	"calla/netsip"
	"calla/phone/doctor"
)

// connectionOf gathers what engineers want to know of a user agent's connection and registration. address is the
// account's.
func connectionOf(n netsip.State, address string) Connection {
	c := Connection{Since: n.FlowSince, Attempts: n.Attempts, PublicGRUU: n.PublicGRUU, TemporaryGRUU: n.TempGRUU}
	for _, route := range n.ServiceRoutes {
		c.ServiceRoutes = append(c.ServiceRoutes, safeLine(route, 2*shownText))
	}
	if left := n.LastLeft; left.URL != "" {
		c.Left = &LeftServer{Server: left.URL, At: left.At}
		if left.Err != nil {
			c.Left.Words = doctor.Explain(left.Err, doctor.Subject{Address: address, Server: left.URL}).Short
		}
	}
	return c
}

// bindingsOf words the devices that are registered for the address.
func bindingsOf(all []netsip.Binding) []Binding {
	var shown []Binding
	for _, b := range all {
		words := "another device"
		if b.Own {
			words = "this device"
		}
		if left := time.Until(b.Expires); !b.Expires.IsZero() && left > 0 {
			words += " · for " + roundTime(left)
		}
		shown = append(shown, Binding{Address: safeLine(b.Contact, 2*shownText), Words: words, Own: b.Own})
	}
	return shown
}

// roundTime writes a duration in its largest unit.
func roundTime(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	}
	return fmt.Sprintf("%d h", int(d.Hours()))
}
