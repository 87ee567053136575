//go:build headless

package main

import (
	"calla/phone"
	"calla/ui/console"
)

// window is nil: this program has none.
func window() func(*phone.Phone, console.Window) error { return nil }
