//go:build !linux

package ui

// watchDisplay does nothing: where windows belong to the system itself, they do not lose it.
func watchDisplay(func()) (stop func(), err error) { return func() {}, nil }
