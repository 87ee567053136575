//go:build !windows

package ui

// pointerScreen fails: X11 is asked otherwise, and Cocoa not from Go.
func pointerScreen() (area, bool) { return area{}, false }
