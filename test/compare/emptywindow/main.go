// Command emptywindow is the least a Fyne program can be: the floor under Calla's start-up time and
// memory. It prints the milliseconds from process start to its window's first appearance.
package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
	"fyne.io/fyne/v2/widget"
)

func main() {
	start := processStart()
	a := app.New()
	w := a.NewWindow("Empty")
	w.SetContent(widget.NewLabel("empty"))
	w.Resize(fyne.NewSize(380, 640))
	a.Lifecycle().SetOnStarted(func() { fmt.Printf("shown %d ms\n", time.Since(start).Milliseconds()) })
	w.ShowAndRun()
}

// processStart is when the kernel made this process (proc(5), field 22), to 10 ms.
func processStart() time.Time {
	stat, _ := os.ReadFile("/proc/self/stat")
	uptime, _ := os.ReadFile("/proc/uptime")
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	var ticks int64
	var up float64
	_, _ = fmt.Sscan(fields[19], &ticks)
	_, _ = fmt.Sscan(string(uptime), &up)
	age := up - float64(ticks)/100
	return time.Now().Add(-time.Duration(age * float64(time.Second)))
}
