package ui

import (
	"cmp"

	"calla/phone/cause"
	"calla/ui/tell"
)

// word is what a kind without facts is called, a whole sentence where it is one. Whatever the window shows has such a
// key, so that it can be told in another language.
func word(kind cause.Kind) string { return wordOf(cause.Cause{Kind: kind}) }

// counted is a kind with a number in it.
func counted(kind cause.Kind, n int) string { return wordOf(cause.Cause{Kind: kind, Count: n}) }

// wordOf is a cause in its words: its title, or in short where it has none.
func wordOf(c cause.Cause) string {
	told := tell.Of(c)
	return cmp.Or(told.Title, told.Short)
}
