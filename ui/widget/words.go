package widget

import (
	"calla/phone/cause"
	"calla/phone/words"
)

// word is what a kind without facts is called.
func word(k cause.Kind) string { return wordOf(cause.Cause{Kind: k}) }

// counted is a kind with a number in it.
func counted(k cause.Kind, n int) string { return wordOf(cause.Cause{Kind: k, Count: n}) }

func wordOf(c cause.Cause) string { return words.English().Short(c) }
