package ui

import (
	"unsafe"

	"golang.org/x/sys/windows"
)

// pointerScreen returns the monitor that the pointer is on, without the task bar.
func pointerScreen() (area, bool) {
	user32 := windows.NewLazySystemDLL("user32.dll")
	var p struct{ x, y int32 }
	if ok, _, _ := user32.NewProc("GetCursorPos").Call(uintptr(unsafe.Pointer(&p))); ok == 0 {
		return area{}, false
	}
	const nearest = 2 // MONITOR_DEFAULTTONEAREST
	// A POINT is handed over by value: both numbers in one register.
	monitor, _, _ := user32.NewProc("MonitorFromPoint").Call(uintptr(uint32(p.x))|uintptr(uint32(p.y))<<32, nearest)
	var info struct { // MONITORINFO
		size                     uint32
		monitor                  windows.Rect
		left, top, right, bottom int32 // rcWork
		flags                    uint32
	}
	info.size = uint32(unsafe.Sizeof(info))
	if ok, _, _ := user32.NewProc("GetMonitorInfoW").Call(monitor, uintptr(unsafe.Pointer(&info))); ok == 0 {
		return area{}, false
	}
	return area{int(info.left), int(info.top), int(info.right - info.left), int(info.bottom - info.top)}, true
}
