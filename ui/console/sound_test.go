package console

import (
	"bytes"
	"strings"
	"testing"

	"calla/account"
	"calla/phone"
	"calla/phone/cause"
)

// muted is the State of a call that is muted, while somebody talks or not.
func muted(talks bool) phone.State {
	return phone.State{Calls: []phone.CallState{{
		ID: "1", Phase: phone.PhaseEstablished, Address: "bob", Muted: true, MutedTalking: talks,
	}}}
}

// TestTalkingWhileMutedIsTold: in the text phone each time that it begins, as an event when it begins and ends.
func TestTalkingWhileMutedIsTold(t *testing.T) {
	var text, events bytes.Buffer
	s := newScreen(newTerminal(&text), phone.NewMessageMemory())
	r := &run{out: &printer{json: true, out: newTerminal(&events)}, first: "1", told: map[string]string{}}
	for _, talks := range []bool{false, true, true, false, false, true} {
		s.draw(muted(talks))
		r.followCall(muted(talks).Calls[0], 1)
	}
	if n := strings.Count(text.String(), "You are muted and talking. Unmute to be heard."); n != 2 {
		t.Errorf("told %d times: %q", n, text.String())
	}
	told := strings.Count(events.String(), `"event":"muted-talking"`)
	if over := strings.Count(events.String(), `"talking":false`); told != 3 || over != 1 {
		t.Errorf("%d events, %d that it is over: %q", told, over, events.String())
	}
}

// TestASilentMicrophoneIsToldByItsName, in the text phone and as an event.
func TestASilentMicrophoneIsToldByItsName(t *testing.T) {
	var text, events bytes.Buffer
	s := muted(false)
	s.Calls[0].Muted = false
	s.Calls[0].Problem = &cause.Cause{Kind: cause.MicrophoneSilent, Used: []string{"Jabra"}}
	newScreen(newTerminal(&text), phone.NewMessageMemory()).draw(s)
	r := &run{out: &printer{json: true, out: newTerminal(&events)}, first: "1", told: map[string]string{}}
	r.followCall(s.Calls[0], 1)
	if !strings.Contains(text.String(), "! Jabra gives no sound: ") {
		t.Errorf("%q", text.String())
	}
	if !strings.Contains(events.String(), `"cause":"microphone-silent"`) ||
		!strings.Contains(events.String(), `"used":["Jabra"]`) {
		t.Errorf("%q", events.String())
	}
}

// TestDevicesThatAreWantedAreListedAndForgotten, by the numbers that the list has.
func TestDevicesThatAreWantedAreListedAndForgotten(t *testing.T) {
	jabra, webcam := account.DeviceChoice{ID: "j", Name: "Jabra"}, account.DeviceChoice{ID: "w", Name: "Webcam"}
	state := phone.State{Devices: phone.DeviceState{
		Capture:  []account.DeviceChoice{{}, webcam},
		Playback: []account.DeviceChoice{{}},
		Settings: account.Devices{}.Choose(account.RoleMicrophone, webcam).Choose(account.RoleMicrophone, jabra),
	}}
	deaf, out := newDeaf(state)
	deaf.run("devices")
	for _, line := range []string{
		"microphone  1 as the system says", "microphone  2 Webcam", "microphone  wanted 1: Jabra",
		"microphone  wanted 2: Webcam", "speaker    *1 as the system says",
	} {
		if !strings.Contains(out.String(), line+"\n") {
			t.Errorf("no %q in %q", line, out.String())
		}
	}
	p, err := phone.New(phone.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	settings := p.Settings()
	settings.Devices = state.Devices.Settings
	saved := make(chan error, 1)
	p.SaveSettings(settings, func(err error) { saved <- err })
	<-saved
	deaf.phone = p
	for _, v := range []struct{ line, says string }{
		{"forget microphone 3", "There is no such device. devices lists those that are wanted.\n"},
		{"forget microphone 0", "There is no such device. devices lists those that are wanted.\n"},
		{"forget speaker 1", "There is no such device. devices lists those that are wanted.\n"},
		{"forget microphone 1", ""},
	} {
		out.Reset()
		deaf.run(v.line)
		if out.String() != v.says {
			t.Errorf("%s: %q", v.line, out.String())
		}
	}
	later := make(chan phone.State, 8)
	p.Subscribe(func(s phone.State) { later <- s })
	<-later // what was told before has been done
	if got := p.Settings().Devices; !got.Same(account.Devices{Microphone: webcam}) {
		t.Errorf("left is %+v", got)
	}
}
