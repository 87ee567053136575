package tell

import "calla/phone/safe"

// maxGraphemes is how much of a remote name is shown.
const maxGraphemes = 64

// SafeLine makes text that came from elsewhere safe to show in the window: one line of at most 64 characters, isolated
// where it is written from right to left.
func SafeLine(s string) string { return SafeUpTo(s, maxGraphemes) }

// SafeUpTo is SafeLine with at most so many characters.
func SafeUpTo(s string, most int) string { return safe.Isolate(safe.Label(s, most)) }
