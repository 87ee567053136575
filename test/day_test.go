package test

import (
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"calla/account"
	"calla/audio"
	"calla/test/peers"
)

// The tones by which each is known, none of them a multiple of another.
const (
	voice = 440.0 // into the microphone
	bobs  = 1000.0
	carol = 1700.0
)

// desk is the built program as somebody at a reception has it: two accounts at a Kamailio, Reception and Sales, with
// sound, a window manager, a tray and a server of notifications; and phones of JsSIP in Chromium that call and are
// called.
type desk struct {
	t                   *testing.T
	k                   *peers.Kamailio
	d                   *peers.Desktop
	notes               *bubbles
	server              *dbus.Conn // of the notifications
	env                 []string
	profile, recordings string
	ear                 string // file of all that is heard in the loudspeaker
	*peers.Process
	id         string // X window
	bob, carol *peers.Page
}

func startDesk(t *testing.T) *desk {
	t.Helper()
	bus := peers.StartBus(t)
	f := &desk{
		t: t, k: peers.StartKamailio(t), d: peers.StartDesktop(t, 1280, 900),
		notes: &bubbles{shown: map[uint32]string{}}, profile: filepath.Join(t.TempDir(), "profile"),
		recordings: t.TempDir(), ear: filepath.Join(t.TempDir(), "ear.wav"),
	}
	pulse := peers.StartPulse(t)
	f.d.StartWindowManager(t, "openbox")
	f.server = bus.Connect("org.freedesktop.Notifications", "/org/freedesktop/Notifications", f.notes)
	tray := &trayed{}
	bus.Connect("org.kde.StatusNotifierWatcher", "/StatusNotifierWatcher", tray)
	f.env = slices.Concat(os.Environ(), f.d.Env, pulse.Env, bus.Env)

	f.sign("alice", "Reception")
	f.sign("anna", "Sales")
	if out, err := f.program("contacts", "add", "Caroline Quint", "carol").CombinedOutput(); err != nil {
		t.Fatalf("contacts add: %v: %s", err, out)
	}
	settings := account.DefaultSettings()
	settings.Recordings, settings.ClosingTold = f.recordings, true
	settings.Window = account.Size{Width: 400, Height: 700}
	saveSettings(t, f.profile, settings)
	f.Process = peers.Start(t, f.program("--log", "info"))

	browser := peers.StartChromium(t)
	f.bob, f.carol = browser.Open(t, "bob"), browser.Open(t, "carol")
	f.bob.Register(f.k.URL, "bob", f.k.Domain, f.k.Password, nil)
	f.carol.Register(f.k.URL, "carol", f.k.Domain, f.k.Password, nil)

	f.id = f.d.Window("Calla$", 60*time.Second)
	peers.Until(t, 30*time.Second, "the icon in the tray", func() bool { return tray.has() != "" })
	f.d.Activate(f.id)
	said := filepath.Join(t.TempDir(), "voice.wav")
	writeTone(t, said, voice, 180)
	pulse.Play(t, peers.Mouth, said)
	pulse.Record(t, peers.Ear, f.ear)
	return f
}

// program is the built program with the desk's profile.
func (f *desk) program(args ...string) *exec.Cmd {
	cmd := exec.Command(peers.Binary(f.t), append([]string{"--profile", f.profile}, args...)...)
	cmd.Env = f.env
	return cmd
}

// sign stores an account.
func (f *desk) sign(user, label string) {
	f.t.Helper()
	file := writeJSON(f.t, map[string]any{
		"uri": "sip:" + user + "@" + f.k.Domain, "password": f.k.Password, "ws_servers": f.k.URL,
		"stun_servers": []string{},
	})
	add := f.program("account", "add", "--config", file, "--label", label, "--secret", "file")
	if out, err := add.CombinedOutput(); err != nil {
		f.t.Fatalf("account add: %v: %s", err, out)
	}
}

func (f *desk) address(user string) string { return "sip:" + user + "@" + f.k.Domain }

func (f *desk) shot(name string) {
	f.d.Screenshot("root", filepath.Join(peers.Root(f.t), "build", "e2e", "day-"+name+".png"))
}

// press presses a button of a notification.
func (f *desk) press(title, deed string) {
	f.t.Helper()
	if err := f.server.Emit("/org/freedesktop/Notifications", "org.freedesktop.Notifications.ActionInvoked",
		f.notes.number(f.t, title), deed); err != nil {
		f.t.Fatal(err)
	}
}

// dial types whom to call.
func (f *desk) dial(who string) {
	f.d.Press("ctrl+l")
	f.d.Type(who)
	f.d.Press("Return")
}

// shown does something and waits until what it opens is there: until more of the window has changed than by a few
// letters, and it stands still again.
func (f *desk) shown(what string, do func()) {
	f.t.Helper()
	opens(f.t, f.d, f.id, what, do)
}

// opens does so with a window of any desktop.
func opens(t *testing.T, d *peers.Desktop, window, what string, do func()) {
	t.Helper()
	_, _, w, h := d.Geometry(window)
	pixels := func() []byte { return d.Pixels(window, 0, 0, w, h) }
	differ := func(a, b []byte) (n int) {
		for i := range min(len(a), len(b)) {
			if a[i] != b[i] {
				n++
			}
		}
		return n
	}
	before := pixels()
	last := before
	do()
	peers.Until(t, 30*time.Second, what, func() bool {
		now := pixels()
		moving := differ(now, last)
		last = now
		return differ(now, before) > len(now)/40 && moving < len(now)/400
	})
}

// talk dials a phone, which answers with a tone, until it hears who dialled.
func (f *desk) talk(page *peers.Page, who string, hz float64) {
	f.t.Helper()
	f.dial(who)
	page.Wait("incoming", 30*time.Second)
	page.Do("answer", map[string]any{"hz": hz})
	page.WaitTone(voice, 30*time.Second)
}

// heard waits until some tones are in the loudspeaker at once, and others are not.
func (f *desk) heard(tones []float64, not ...float64) {
	f.t.Helper()
	var told string
	peers.Until(f.t, 30*time.Second, "the tones in the loudspeaker", func() bool {
		data, err := os.ReadFile(f.ear)
		if err != nil || len(data) < 44+audio.SampleRate {
			return false
		}
		data = data[44+(len(data)-44-audio.SampleRate)&^1:] // the last half second
		told = toneProblem(samples(data, 1, 0), tones, not)
		return told == ""
	})
}

// samples are those of one channel of a WAV file's data.
func samples(data []byte, channels, channel int) (pcm []int16) {
	for i := 2 * channel; i+1 < len(data); i += 2 * channels {
		pcm = append(pcm, int16(binary.LittleEndian.Uint16(data[i:])))
	}
	return pcm
}

// toneProblem tells which tone is not there as it should be; "" where all are.
func toneProblem(pcm []int16, tones, not []float64) string {
	for _, hz := range tones {
		if level := toneLevel(pcm, hz); level < -45 {
			return fmt.Sprintf("%v Hz at %.0f dB is missing", hz, level)
		}
	}
	for _, hz := range not {
		if level := toneLevel(pcm, hz); level > -60 {
			return fmt.Sprintf("%v Hz at %.0f dB is heard", hz, level)
		}
	}
	return ""
}

// toneLevel is how loud a tone is, in dB below the loudest: the Fourier transform at one frequency, by Hann's window.
func toneLevel(pcm []int16, hz float64) float64 {
	var re, im, sum float64
	for i, s := range pcm {
		w := 0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/float64(len(pcm)))
		sin, cos := math.Sincos(2 * math.Pi * hz * float64(i) / audio.SampleRate)
		re, im, sum = re+w*float64(s)*cos, im+w*float64(s)*sin, sum+w
	}
	return 20 * math.Log10(2*math.Hypot(re, im)/(sum*math.MaxInt16)+1e-9)
}

// TestADayAtTheDesk drives one life of the built program by keyboard and pointer, and judges by what the others hear
// and are told.
func TestADayAtTheDesk(t *testing.T) {
	f := startDesk(t)
	for _, step := range []struct {
		name string
		run  func(*desk)
	}{
		{"a missed call is called back from the history", (*desk).missed},
		{"the call is held", (*desk).held},
		{"a second call, to a contact, is connected with it", (*desk).connected},
		{"a conference of three", (*desk).conference},
		{"what is left of it is recorded", (*desk).recorded},
		{"nobody is to be disturbed", (*desk).undisturbed},
		{"a link is handed over", (*desk).linked},
		{"a call is answered from the tray", (*desk).trayed},
	} {
		if !t.Run(step.name, func(t *testing.T) {
			f.t = t
			step.run(f)
		}) {
			f.shot("failed")
			t.Fatal("the steps are one day: no later one was tried")
		}
	}
	f.t = t
	f.d.Press("ctrl+q")
	if err := f.Wait(t, 30*time.Second); err != nil {
		t.Errorf("ctrl+Q ended the program with %v", err)
	}
}

// missed: Bob calls Sales and gives up. From the history he is called back from Sales, though Reception is what dials.
func (f *desk) missed() {
	f.bob.Do("call", map[string]any{"target": f.address("anna"), "hz": bobs})
	f.notes.number(f.t, "bob is calling")
	f.bob.Do("hangup", nil)
	f.bob.Wait("failed", 30*time.Second)
	f.notes.number(f.t, "You missed a call from bob")
	f.shown("the history", func() { f.d.Press("ctrl+j") })
	f.shot("history")
	var last time.Time
	peers.Until(f.t, 30*time.Second, "Bob to be called back", func() bool {
		if time.Since(last) > 3*time.Second { // the calls may come after the page
			last = time.Now()
			f.d.Press("Return")
		}
		return slices.ContainsFunc(f.bob.Events(), func(e peers.Event) bool { return e.Event == "incoming" })
	})
	if in := f.bob.Wait("incoming", 30*time.Second); in.From != f.address("anna") {
		f.t.Errorf("called back by %s", in.From)
	}
	f.bob.Do("answer", map[string]any{"hz": bobs})
	f.bob.WaitTone(voice, 30*time.Second)
	f.heard([]float64{bobs})
}

func (f *desk) held() {
	f.d.Activate(f.id)
	f.d.Press("ctrl+shift+p")
	f.bob.Wait("hold", 30*time.Second)
	f.bob.WaitTone(0, 30*time.Second)
}

// connected: Carol is called by the name that her contact has, and connected with Bob. Both hear each other, and the
// desk has no call any more.
func (f *desk) connected() {
	f.shown("the keypad", func() { f.d.Press("ctrl+l") })
	f.shown("the suggestion", func() { f.d.Type("Quint") })
	f.shot("suggestion")
	f.d.Press("Down", "Return")
	f.carol.Wait("incoming", 30*time.Second)
	f.carol.Do("answer", map[string]any{"hz": carol})
	f.carol.WaitTone(voice, 30*time.Second)
	f.heard([]float64{carol}, bobs)
	f.shot("two-calls")
	f.d.Press("ctrl+shift+k")
	f.bob.WaitTones(30*time.Second, []float64{carol}, voice)
	f.carol.WaitTones(30*time.Second, []float64{bobs}, voice)
	f.heard(nil, bobs, carol)
	f.bob.Do("hangup", nil)
	f.carol.Wait("ended", 30*time.Second) // what the desk had with her
	f.carol.Wait("ended", 30*time.Second)
}

// conference: each hears the two others and not itself.
func (f *desk) conference() {
	f.talk(f.bob, "bob", bobs)
	f.talk(f.carol, "carol", carol)
	f.d.Press("ctrl+shift+g")
	f.bob.WaitTones(30*time.Second, []float64{voice, carol}, bobs)
	f.carol.WaitTones(30*time.Second, []float64{voice, bobs}, carol)
	f.heard([]float64{bobs, carol}, voice)
	f.shot("conference")
	f.carol.Do("hangup", nil)
	f.bob.WaitTones(30*time.Second, []float64{voice}, carol, bobs)
}

// recorded: the file has the desk left and Bob right.
func (f *desk) recorded() {
	f.d.Press("ctrl+shift+r")
	var files []string
	peers.Until(f.t, 30*time.Second, "two seconds of recording", func() bool {
		files, _ = filepath.Glob(filepath.Join(f.recordings, "*.wav"))
		if len(files) != 1 {
			return false
		}
		s, err := os.Stat(files[0])
		return err == nil && s.Size() > 2*4*audio.SampleRate
	})
	f.shot("recording")
	f.d.Press("ctrl+shift+r")
	var data []byte
	peers.Until(f.t, 30*time.Second, "the recording to end", func() bool {
		var err error
		data, err = os.ReadFile(files[0])
		return err == nil && len(data) > 44 && int(binary.LittleEndian.Uint32(data[40:])) == len(data)-44
	})
	if channels := binary.LittleEndian.Uint16(data[22:]); channels != 2 {
		f.t.Fatalf("%d channels", channels)
	}
	data = data[44+(len(data)-44)/2&^3:] // the second half
	if told := toneProblem(samples(data, 2, 0), []float64{voice}, []float64{bobs, carol}); told != "" {
		f.t.Errorf("the near side: %s", told)
	}
	if told := toneProblem(samples(data, 2, 1), []float64{bobs}, []float64{voice, carol}); told != "" {
		f.t.Errorf("the far side: %s", told)
	}
	f.d.Press("F4")
	f.bob.Wait("ended", 30*time.Second)
}

// undisturbed: a caller is told that the desk is busy, and nothing shows; afterwards it rings again.
func (f *desk) undisturbed() {
	f.quiet(true, "Down", "Right", "Down", "Down", "Down") // its last way: until switched off
	f.bob.Do("call", map[string]any{"target": f.address("alice"), "hz": bobs})
	if e := f.bob.Wait("failed", 30*time.Second); e.Status != 486 {
		f.t.Errorf("the caller is told %d %s", e.Status, e.Cause)
	}
	if ids := f.d.Windows("is calling$"); len(ids) > 0 {
		f.t.Error("it rings all the same")
	}
	f.shot("undisturbed")
	f.quiet(false, "Down", "Right") // its first: off
	f.bob.Do("call", map[string]any{"target": f.address("alice"), "hz": bobs})
	f.d.Window("^bob is calling$", 30*time.Second)
	f.bob.Do("hangup", nil)
	peers.Until(f.t, 30*time.Second, "the ringing to end",
		func() bool { return len(f.d.Windows("is calling$")) == 0 })
}

// quiet opens the menu by the pointer and goes by keys to a way not to be disturbed, until the setting is kept.
func (f *desk) quiet(on bool, keys ...string) {
	f.t.Helper()
	f.d.Activate(f.id)
	_, _, width, _ := f.d.Geometry(f.id)
	f.shown("the menu", func() { f.d.Click(f.id, width-30, 30) })
	f.d.Press(keys...)
	f.shot("menu")
	f.d.Press("Return")
	peers.Until(f.t, 30*time.Second, "do not disturb to change", func() bool {
		data, err := os.ReadFile(filepath.Join(f.profile, "settings.json"))
		return err == nil && strings.Contains(string(data), `"on": true`) == on
	})
}

// linked: a second start hands a link over, and Enter calls it.
func (f *desk) linked() {
	link := f.program("--", f.address("carol"))
	if out, err := link.CombinedOutput(); err != nil {
		f.t.Fatalf("%v: %s", err, out)
	}
	peers.Until(f.t, 30*time.Second, "the number field to show it",
		func() bool { return strings.Contains(f.Output.String(), `msg="number field filled" text=carol`) })
	f.d.Activate(f.id)
	f.d.Press("Return")
	if in := f.carol.Wait("incoming", 30*time.Second); in.From != f.address("alice") {
		f.t.Errorf("called by %s", in.From)
	}
	f.carol.Do("decline", map[string]any{"code": 486})
	f.carol.Wait("failed", 30*time.Second)
	f.shot("link")
}

// trayed: the window is closed, which hides it. A call is answered from its notification and brings the window back.
func (f *desk) trayed() {
	visible := func(is bool) {
		f.t.Helper()
		peers.Until(f.t, 30*time.Second, fmt.Sprintf("the window to be visible: %t", is),
			func() bool { return len(f.d.Windows("Calla$")) == 1 == is })
	}
	f.d.CloseWindow(f.id)
	visible(false)
	f.bob.Do("call", map[string]any{"target": f.address("anna"), "hz": bobs})
	f.press("bob is calling", "answer")
	f.bob.Wait("confirmed", 30*time.Second)
	visible(true)
	f.bob.WaitTone(voice, 30*time.Second)
	f.heard([]float64{bobs})
	f.d.Activate(f.id)
	f.d.Press("F4")
	f.bob.Wait("ended", 30*time.Second)
}
