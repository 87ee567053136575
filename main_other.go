//go:build !linux

package main

import "time"

// processStart is when main began: near enough where the system does not tell simply.
func processStart() time.Time { return time.Now() }

// keepSecrets does nothing: these systems write no core files unless a user asks for them.
func keepSecrets() error { return nil }
