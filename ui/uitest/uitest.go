// Package uitest is what the tests of the window's packages share: they find what is on the screen as a person does, by
// its words. It is no part of the program.
package uitest

import (
	"image"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"calla/netsip/config"
	"calla/netsip/config/configtest"
	"calla/ui/widget"
)

// LaidOut finds the objects of a type that are shown.
func LaidOut[T fyne.CanvasObject](o fyne.CanvasObject) []T {
	var found []T
	for _, obj := range test.LaidOutObjects(o) {
		if v, ok := obj.(T); ok {
			found = append(found, v)
		}
	}
	return found
}

// Texts are the words that are shown, a line for each text.
func Texts(o fyne.CanvasObject) string {
	var words []string
	for _, text := range LaidOut[*widget.Text](o) {
		words = append(words, text.Text())
	}
	return strings.Join(words, "\n")
}

// Press presses the button with these words.
func Press(t *testing.T, o fyne.CanvasObject, label string) {
	t.Helper()
	for _, b := range LaidOut[*widget.Button](o) {
		if b.Label() == label && b.Visible() {
			test.Tap(b)
			return
		}
	}
	t.Fatalf("no button %q", label)
}

// Input returns what takes the keyboard for a parameter of the account form: the first input below its name.
func Input(t *testing.T, o fyne.CanvasObject, parameter string) fyne.Focusable {
	t.Helper()
	below := false
	for _, obj := range test.LaidOutObjects(o) {
		switch obj := obj.(type) {
		case *widget.Switch:
			if obj.Page() == parameter {
				return obj
			}
		case *widget.Text:
			below = below || obj.Text() == parameter
		}
		if f, ok := obj.(fyne.Focusable); ok && below {
			return f
		}
	}
	t.Fatalf("no field for %q", parameter)
	return nil
}

// Type types into a text parameter of the account form.
func Type(t *testing.T, o fyne.CanvasObject, parameter, text string) {
	t.Helper()
	entry, ok := Input(t, o, parameter).(*widget.Entry)
	if !ok {
		t.Fatalf("%q is not typed", parameter)
	}
	entry.SetText(text)
}

// Settle lays a window out until paragraphs know their heights: what the real driver does frame by frame.
func Settle(w fyne.Window) {
	for range 3 {
		size := w.Canvas().Size()
		w.Content().Resize(size.AddWidthHeight(1, 1))
		w.Content().Resize(size)
	}
}

// Blank tells whether nothing is drawn.
func Blank(img image.Image) bool {
	b := img.Bounds()
	first := img.At(b.Min.X, b.Min.Y)
	for y := b.Min.Y; y < b.Max.Y; y += 3 {
		for x := b.Min.X; x < b.Max.X; x += 3 {
			if img.At(x, y) != first {
				return false
			}
		}
	}
	return true
}

// Nameless lists what takes the keyboard and does not say to a screen reader what it is.
func Nameless(objects []fyne.CanvasObject) []fyne.CanvasObject {
	var all []fyne.CanvasObject
	for _, obj := range objects {
		if _, ok := obj.(fyne.Focusable); !ok || !obj.Visible() {
			continue
		}
		if a, ok := obj.(fyne.Accessible); !ok || a.AccessibilityLabel() == "" {
			all = append(all, obj)
		}
	}
	return all
}

// FullConfig has a value of its own for every parameter; one that is not named here gets what its kind takes.
func FullConfig(t *testing.T) config.Config {
	t.Helper()
	c := config.Config{
		URI: "sip:alice@example.com", WSServers: []config.Server{
			{WSURI: "wss://a.example.com/ws", Weight: 10},
			{WSURI: "ws://b.example.com", Weight: -1.5},
		},
		AuthorizationUser: "al", ConnectionRecoveryMaxInterval: 40, ConnectionRecoveryMinInterval: 3,
		DisplayName:     "Alice ¶€ĸøĸø",
		HackIPInContact: true, HackViaTCP: true, HackViaWS: true, InstanceID: "8f1fa16a-1165-4a96-8341-785b1ef24f12",
		NoAnswerTimeout: 20, Password: "s3cret", Register: config.Off, RegisterExpires: 300,
		RegistrarServer: "sip:registrar.example.com",
		StunServers:     []string{"stun:stun.example.com"}, TraceSIP: true, UsePreloadedRoute: true,
		TurnServers: []config.TurnServer{{
			URLs: []string{"turn:t.example.com", "turns:t.example.com"}, Username: "u",
			Credential: "c",
		}},
	}
	c.Log.BuiltinEnabled, c.Log.Level = config.Off, config.LogDebug
	c.AuthorizationJWT, c.ContactURI, c.ExtraHeaders, c.HA1, c.Realm = "Bearer x.y.z", "sip:alice@host.example.com",
		[]string{"X-Team: blue", "X-Desk: 7"}, "0123456789abcdef0123456789abcdef", "example.com"
	c.SessionTimers, c.SessionTimersForceRefresher, c.SessionTimersRefreshMethod, c.UserAgent = config.Off, true,
		"INVITE", "Desk 7"
	c.Calla = config.Additions{
		KeepAliveInterval: 20, ICEGatheringTimeout: 800, ICETransportPolicy: config.ICERelay, ForceRport: true,
		Origin:            "https://example.com",
		ClientCertificate: "/etc/calla/client.pem", ClientKey: "/etc/calla/client.key", TLSCA: "/etc/calla/ca.pem",
		Proxy:         "http://alice@proxy.example.com:8080",
		ProxyPassword: "pr0xy", FailBack: config.Off, ReliableProvisional: config.ReliableRequired,
		LogFile: "/tmp/calla.log", LogCommand: "logger -t calla",
	}
	configtest.Fill(t, &c)
	return c
}

// App is Fyne's test application for one test. All tests of a package share one underneath, since each new one, as each
// change of its theme, makes Fyne read all its fonts again, which takes longer than most tests. A test's windows are
// closed and its listeners forgotten when it ends.
func App(t *testing.T) fyne.App {
	t.Helper()
	under := fyne.CurrentApp()
	if under == nil {
		under = test.NewApp()
	}
	a := &app{App: under, settings: &settings{Settings: under.Settings()}}
	before := slices.Clone(under.Driver().AllWindows())
	t.Cleanup(func() {
		a.settings.listeners = nil
		for _, w := range slices.Clone(under.Driver().AllWindows()) { // closing one takes it out
			if !slices.Contains(before, w) {
				w.Close()
			}
		}
	})
	return a
}

type app struct {
	fyne.App
	settings *settings
}

// Settings implements fyne.App.
func (a *app) Settings() fyne.Settings { return a.settings }

// settings are those of all tests, and the listeners of one.
type settings struct {
	fyne.Settings
	listeners []func(fyne.Settings)
}

// SetTheme implements fyne.Settings; to set the theme that is set already is no change.
func (s *settings) SetTheme(theme fyne.Theme) {
	if s.Settings.Theme() == theme {
		return
	}
	s.Settings.SetTheme(theme)
	for _, told := range s.listeners {
		told(s)
	}
}

// AddListener implements fyne.Settings.
func (s *settings) AddListener(told func(fyne.Settings)) { s.listeners = append(s.listeners, told) }
