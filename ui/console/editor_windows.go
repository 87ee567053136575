package console

import (
	"os"

	"golang.org/x/sys/windows"
)

// obeysEscapes has a console move its cursor as it is told, where it can. restore undoes that.
func obeysEscapes(out *os.File) (restore func(), ok bool) {
	console := windows.Handle(out.Fd())
	var before uint32
	if err := windows.GetConsoleMode(console, &before); err != nil {
		return func() {}, false
	}
	if err := windows.SetConsoleMode(console, before|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING); err != nil {
		return func() {}, false
	}
	return func() { _ = windows.SetConsoleMode(console, before) }, true
}
