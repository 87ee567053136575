//go:build !linux

package phone

import "context"

// pollNetwork: the network is looked at each time.
const pollNetwork = true

// systemEvents has nothing to tell here.
func systemEvents(context.Context, chan<- struct{}, chan<- struct{}) (done <-chan struct{}) {
	none := make(chan struct{})
	close(none)
	return none
}
