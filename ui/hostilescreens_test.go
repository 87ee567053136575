package ui

import (
	"strings"

	"fyne.io/fyne/v2"

	"calla/phone"
)

// hostileScreens are the pictures of long names, many accounts, and what opens above a call.
func hostileScreens() map[string]func(*opened) fyne.Window {
	draw := func(s phone.State, then func(*opened)) func(*opened) fyne.Window {
		return func(o *opened) fyne.Window {
			o.update(s)
			if then != nil {
				then(o)
			}
			return nil
		}
	}
	long := inPhase(phone.PhaseEstablished)
	long.Accounts = append(long.Accounts, many(2, 1).Accounts...)
	long.Calls[0].Name = "Maria del Carmen Ortiz de la Fuente y Albornoz, Reception"
	long.Calls[0].Address = "reception.of.the.northern.building.second.floor@telephony.department.example.com"
	endless := inPhase(phone.PhaseIncoming)
	endless.Calls[0].Name, endless.Calls[0].Address = "", strings.Repeat("x", 127)+"…"
	endless.Calls[0].URI = "sip:" + strings.Repeat("abcdefghi ", 60) + "@example.com"
	recordedHeld := inPhase(phone.PhaseEstablished)
	recordedHeld.Calls[0].RemoteHeld = true
	recordedHeld.Calls[0].Recording = &phone.RecordingState{Paused: true}
	plain := idle()
	plain.Accounts[0].Label = plain.Accounts[0].Address
	return map[string]func(*opened) fyne.Window{
		"long-name":       draw(long, nil),
		"long-name-keys":  draw(long, func(o *opened) { o.main.call.toggleKeypad() }),
		"endless-address": draw(endless, nil),
		"held-recorded":   draw(recordedHeld, nil),
		"header-one-line": draw(plain, nil),
		"accounts-three":  draw(many(3, 1), func(o *opened) { o.main.head.openAccounts() }),
		"accounts-twenty": draw(many(20, 3), func(o *opened) { o.main.head.openAccounts() }),
		"accounts-page":   draw(many(20, 3), func(o *opened) { o.main.openAccounts() }),
		"menu":            draw(idle(), func(o *opened) { o.main.head.openMenu() }),
		"decline-menu":    draw(inPhase(phone.PhaseIncoming), func(o *opened) { o.main.call.others.OnTapped() }),
		"call-devices":    draw(inPhase(phone.PhaseEstablished), func(o *opened) { o.main.call.openDevices() }),
		"quiet": draw(func() phone.State {
			s := idle()
			s.DoNotDisturb.On = true
			return s
		}(), nil),
		"callers": draw(idle(), func(o *opened) {
			o.main.openSettings()
			scrollDown(o)
		}),
	}
}
