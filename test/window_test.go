package test

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"calla/audio"
	"calla/test/peers"
)

// window is the built program on a desktop of its own, with sound and a keyring.
type window struct {
	t     *testing.T
	k     *peers.Kamailio
	d     *peers.Desktop
	pulse *peers.Pulse
	env   []string
	home  string
	*peers.Process
	id    string // X window
	shots string
}

// prepareWindow starts what the program needs, but not the program.
func prepareWindow(t *testing.T) *window {
	t.Helper()
	return prepareWindowAt(t, peers.StartKamailio(t), 900)
}

// prepareWindowAt does so for a Kamailio, on a desktop of this height.
func prepareWindowAt(t *testing.T, k *peers.Kamailio, height int) *window {
	t.Helper()
	w := &window{t: t, k: k, d: peers.StartDesktop(t, 1300, height), pulse: peers.StartPulse(t)}
	keyring := peers.StartKeyring(t)
	w.home = strings.TrimPrefix(keyring[0], "HOME=")
	w.env = append(append(append(os.Environ(), keyring...), w.d.Env...), w.pulse.Env...)
	w.shots = filepath.Join(peers.Root(t), "build", "e2e")
	return w
}

// start starts the program and gives its window the keyboard.
func (w *window) start(options ...string) {
	w.t.Helper()
	cmd := exec.Command(peers.Binary(w.t), append([]string{"--log", "info"}, options...)...)
	cmd.Env = w.env
	w.Process = peers.Start(w.t, cmd)
	w.id = w.d.Window("Calla$", 30*time.Second)
	w.d.Focus(w.id)
}

func (w *window) shot(name string) { w.d.Screenshot("root", filepath.Join(w.shots, name+".png")) }

// pressUntil presses a key every half second until ok: for pages that take their time.
func (w *window) pressUntil(key, what string, ok func() bool) {
	w.t.Helper()
	var last time.Time
	peers.Until(w.t, 30*time.Second, what, func() bool {
		if ok() {
			return true
		}
		if time.Since(last) > 500*time.Millisecond {
			last = time.Now()
			w.d.Press(key)
		}
		return false
	})
}

// settle gives the window time to draw what the test then photographs; nothing is judged by it.
func settle() { time.Sleep(600 * time.Millisecond) }

// TestFirstRunByKeyboard goes the way of somebody with a mail from their provider: first window, account by
// keyboard, registered, a call out and one in, with sound through the devices; the password is in the
// keyring and in no file.
func TestFirstRunByKeyboard(t *testing.T) {
	w := prepareWindow(t)
	w.start()
	bob := peers.StartChromium(t).Open(t, "bob")
	bob.Register(w.k.URL, "bob", w.k.Domain, w.k.Password, nil)
	w.signUp()
	w.passwordIsInTheKeyringOnly()

	// Somebody speaks into the microphone, at 440 Hz, all the time.
	voice := filepath.Join(t.TempDir(), "voice.wav")
	writeTone(t, voice, 440, 120)
	w.pulse.Play(t, peers.Mouth, voice)
	w.callOut(bob)
	w.callIn(bob)

	w.d.Press("ctrl+q")
	if err := w.Wait(t, 30*time.Second); err != nil {
		t.Errorf("ctrl+Q ended the program with %v", err)
	}
	if printed := w.Output.String(); strings.Contains(printed, w.k.Password) {
		t.Error("the password was logged")
	}
}

// signUp fills in the wizard.
func (w *window) signUp() {
	w.t.Helper()
	settle()
	w.shot("01-first-run")
	w.d.Press("Tab", "Tab", "Tab", "Tab", "Tab", "Tab", "space") // past the header to "Enter address and password"
	settle()
	w.d.Type("alice@" + w.k.Domain)
	w.d.Press("Tab")
	w.d.Type(w.k.Password)
	w.d.Press("Tab")
	w.d.Type("Alice")
	w.shot("02-who")
	w.d.Press("Return")
	settle()
	w.d.Press("ctrl+a")
	w.d.Type(w.k.URL)
	w.d.Press("Return")
	settle()
	w.shot("03-check")
	w.pressUntil("Return", "the account to be saved and registered", func() bool {
		return len(w.files("accounts.json")) == 1 && strings.Contains(w.Output.String(), "msg=registered")
	})
	settle()
	w.shot("04-sound")
	w.d.Press("Return")
	settle()
	w.shot("05-ready")
	w.d.Press("Return")
	settle()
}

// files lists the files below the home folder with this name.
func (w *window) files(name string) (found []string) {
	_ = filepath.WalkDir(w.home, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Name() == name {
			found = append(found, path)
		}
		return nil
	})
	return found
}

// passwordIsInTheKeyringOnly looks for the password in every file of the home folder.
func (w *window) passwordIsInTheKeyringOnly() {
	w.t.Helper()
	lookup := exec.Command("secret-tool", "search", "--all", "service", "app.calla.Calla")
	lookup.Env = w.env
	if out, err := lookup.CombinedOutput(); err != nil || !bytes.Contains(out, []byte(w.k.Password)) {
		w.t.Errorf("the keyring does not hold the password: %v", err)
	}
	err := filepath.WalkDir(w.home, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		if bytes.Contains(data, []byte(w.k.Password)) {
			w.t.Errorf("the password is in %s", path)
		}
		return err
	})
	if err != nil {
		w.t.Error(err)
	}
}

// callOut calls JsSIP and hangs up; both hear.
func (w *window) callOut(bob *peers.Page) {
	w.t.Helper()
	w.d.Focus(w.id)
	w.d.Press("ctrl+l")
	w.d.Type("bob")
	settle()
	w.shot("06-number")
	w.d.Press("Return")
	if in := bob.Wait("incoming", 30*time.Second); in.Name != "Alice" {
		w.t.Errorf("JsSIP sees the call from %q", in.Name)
	}
	settle()
	w.shot("07-ringing")
	heard := filepath.Join(w.t.TempDir(), "ear.wav")
	stop := w.pulse.Record(w.t, peers.Ear, heard)
	bob.Do("answer", map[string]any{"hz": 1000})
	bob.WaitTone(440, 30*time.Second)
	w.waitHeard(heard, 1000)
	w.shot("08-talking")
	w.d.Press("Escape")
	bob.WaitTone(440, 30*time.Second)
	for _, e := range bob.Events() {
		if e.Event == "ended" {
			w.t.Error("Escape hung up")
		}
	}
	w.d.Press("F4")
	bob.Wait("ended", 30*time.Second)
	stop()
	settle()
	w.shot("09-ended")
}

// waitHeard waits until the growing recording of the loudspeaker ends in a second of hz.
func (w *window) waitHeard(file string, hz float64) {
	w.t.Helper()
	var got audio.ToneReading
	peers.Until(w.t, 30*time.Second, "the tone from the loudspeaker", func() bool {
		data, err := os.ReadFile(file)
		if err != nil || len(data) < 44+4*audio.SampleRate {
			return false
		}
		pcm := make([]int16, 0, audio.SampleRate)
		for end := len(data) &^ 1; len(pcm) < audio.SampleRate; {
			at := end - 2*audio.SampleRate + 2*len(pcm)
			pcm = append(pcm, int16(uint16(data[at])|uint16(data[at+1])<<8))
		}
		got = audio.MeasureTone(pcm)
		return got.Frequency > hz*0.98 && got.Frequency < hz*1.02
	})
}

// callIn is called by JsSIP, answers, mutes, and is hung up on.
func (w *window) callIn(bob *peers.Page) {
	w.t.Helper()
	bob.Do("call", map[string]any{"target": "sip:alice@" + w.k.Domain, "hz": 1000})
	bob.Wait("progress", 30*time.Second)
	settle()
	w.shot("10-incoming")
	w.d.Focus(w.id)
	w.d.Press("F2")
	bob.Wait("confirmed", 30*time.Second)
	bob.WaitTone(440, 30*time.Second)
	w.d.Press("ctrl+shift+m")
	bob.WaitTone(0, 30*time.Second)
	w.shot("11-muted")
	w.d.Press("ctrl+shift+m")
	bob.WaitTone(440, 30*time.Second)
	bob.Do("hangup", nil)
	settle()
	w.shot("12-over")
}

// writeTone writes seconds of a sine.
func writeTone(t *testing.T, file string, hz float64, seconds int) {
	t.Helper()
	f, err := audio.CreateWAV(file)
	if err != nil {
		t.Fatal(err)
	}
	source := audio.NewToneSource(audio.Sine(hz, -12))
	frame := make([]int16, audio.FrameSamples)
	for range seconds * 100 {
		source.Fill(frame)
		if err := f.Write(frame); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}
