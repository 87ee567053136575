package ui

import (
	"bytes"
	"encoding/binary"
	"image/color"
	"image/png"
	"runtime"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/software"
	"fyne.io/fyne/v2/theme"

	"calla/account"
	"calla/icons"
	"calla/phone/cause"
	"calla/ui/desktop"
	"calla/ui/history"
	"calla/ui/tell"
	"calla/ui/widget"
)

// trayTime is how long a window that is not to be shown waits for a tray, which at log-in may come after Calla.
const trayTime = 5 * time.Second

// openTray uses the tray, where there is one, until stop is called.
func (a *app) openTray() (stop func()) {
	type sign struct {
		shape  desktop.Shape
		missed bool
	}
	pictures := map[sign][]byte{}
	for _, s := range []desktop.Shape{desktop.ShapeRegistered, desktop.ShapeUnregistered, desktop.ShapeCall} {
		for _, missed := range []bool{false, true} {
			pictures[sign{s, missed}] = trayPicture(s, missed)
		}
	}
	tray := desktop.OpenTray(desktop.TrayOptions{
		Do:    func(p desktop.TrayPress) { a.doze.do(func() { a.chosen(p) }) },
		There: func(there bool) { a.doze.do(func() { a.trayCame(there) }) },
		Icon:  func(s desktop.Shape, missed bool) []byte { return pictures[sign{s, missed}] },
		Log:   a.log,
	})
	a.inTray = tray
	cancel := a.phone.Subscribe(tray.Follow)
	return func() {
		cancel()
		tray.Close()
	}
}

// trayCame follows a tray that has come or gone. Without one, nobody finds a window that is hidden: it comes back.
func (a *app) trayCame(there bool) {
	a.tray = there
	if !there && a.hidden && !a.starting {
		a.showMain()
	}
}

// chosen does what somebody chose in the tray.
func (a *app) chosen(p desktop.TrayPress) {
	switch p.Deed {
	case desktop.TrayShow:
		a.main.toFront("")
	case desktop.TrayQuiet:
		d := a.phone.Settings().Incoming.DoNotDisturb
		d.On, d.Until = p.On, time.Time{}
		a.phone.SetDoNotDisturb(d)
	case desktop.TrayAccount:
		a.phone.UseAccount(p.Account)
	case desktop.TrayCall:
		a.main.toFront("")
		a.main.dialKept(history.Number{
			Name: p.To.Name, Text: tell.Address(p.To.URI), AccountID: p.To.AccountID, URI: p.To.URI, After: p.To.After,
		}, true)
	case desktop.TrayQuit:
		if len(a.state.Calls) > 0 {
			a.main.toFront("") // there it is asked
		}
		a.askQuit()
	}
}

// startHidden leaves the window hidden where a tray comes in time, and minimises it where none does.
func (a *app) startHidden() {
	a.hidden, a.starting = true, true
	time.AfterFunc(trayTime, func() {
		a.doze.do(func() {
			a.starting = false
			if a.hidden && !a.tray {
				a.showMain()
				a.desk.minimise(a.main.win)
			}
		})
	})
}

// showMain shows the main window without giving it the keyboard.
func (a *app) showMain() {
	a.setHidden(false)
	a.desk.show(a.main.win)
}

// closeMain follows the button that closes the main window. Calla goes on where it can be found again; the first time
// it says where.
func (a *app) closeMain() {
	switch {
	case len(a.state.Calls) > 0:
		a.askQuit()
	case a.tray:
		a.leaveDesktop(cause.ClosedToTray, func() {
			a.main.rememberPlace()
			a.main.win.Hide()
			a.setHidden(true)
		})
	case a.desk.minimises(a.main.win):
		a.leaveDesktop(cause.ClosedToMinimised, func() { a.desk.minimise(a.main.win) })
	default:
		told := tell.Of(cause.Cause{Kind: cause.ClosedToEnd})
		a.main.ask(told.Title, told.Below(), told.Short, true, a.askUnsaved)
	}
}

// leaveDesktop takes the window away, the first time after saying where it goes.
func (a *app) leaveDesktop(where cause.Kind, leave func()) {
	if a.phone.Settings().ClosingTold {
		leave()
		return
	}
	told := tell.Of(cause.Cause{Kind: where})
	a.main.ask(told.Title, told.Below(), told.Short, false, func() {
		a.main.change(func(s *account.Settings) { s.ClosingTold = true })
		leave()
	})
}

// change changes a setting, and tells where it could not be saved.
func (m *mainWindow) change(f func(*account.Settings)) {
	s := m.app.phone.Settings()
	f(&s)
	m.app.phone.SaveSettings(s, m.app.tellError(tell.Word(cause.SettingNotSaved)))
}

// answer answers a call that somebody sees, and brings it to the front.
func (a *app) answer(id string) {
	a.phone.Answer(id)
	a.main.toFront("")
}

// trayPicture is the mark in white on leaf green, which is seen on panels of every colour; missed: with a red disc at
// its corner.
func trayPicture(s desktop.Shape, missed bool) []byte {
	const size = 64
	mark := bytes.ReplaceAll(icons.SVG(string(s)), []byte("currentColor"), []byte("#FFFFFF"))
	picture := canvas.NewImageFromResource(fyne.NewStaticResource(string(s)+".svg", mark))
	ground := canvas.NewRectangle(lookOf(account.ThemeLight, 0).Color(widget.ColorAccent, theme.VariantLight))
	ground.CornerRadius = size / 5
	c := software.NewTransparentCanvas()
	c.SetPadded(false)
	dot := canvas.NewCircle(lookOf(account.ThemeLight, 0).Color(widget.ColorEnd, theme.VariantLight))
	dot.StrokeColor, dot.StrokeWidth = color.White, size/20
	dot.Hidden = !missed
	corner := container.NewWithoutLayout(dot)
	dot.Move(fyne.NewPos(size*0.52, size*0.04))
	dot.Resize(fyne.NewSquareSize(size * 0.44))
	c.SetContent(container.NewStack(ground, picture, corner))
	c.Resize(fyne.NewSquareSize(size))
	var out bytes.Buffer
	if err := png.Encode(&out, c.Capture()); err != nil {
		return nil // a buffer takes everything
	}
	if runtime.GOOS == "windows" {
		return icon(out.Bytes(), size)
	}
	return out.Bytes()
}

// icon is a PNG as an ICO file of one picture, which Windows wants in its tray (since Vista, with a PNG inside).
func icon(picture []byte, size byte) []byte {
	const header = 6 + 16
	head := []byte{0, 0, 1, 0, 1, 0, size, size, 0, 0, 1, 0, 32, 0}
	head = binary.LittleEndian.AppendUint32(head, uint32(len(picture)))
	head = binary.LittleEndian.AppendUint32(head, header)
	return append(head, picture...)
}
