package phone

import "calla/netsip"

// connectionOf gathers what engineers want to know of a user agent's connection and registration.
func connectionOf(n netsip.State) Connection {
	c := Connection{PublicGRUU: n.PublicGRUU, TemporaryGRUU: n.TempGRUU}
	for _, s := range n.Servers {
		if s.Status == netsip.ServerConnected {
			c.Since = s.ConnectedSince
		}
	}
	return c
}
