package sound

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"calla/account"
	"calla/audio"
	"calla/audio/audiotest"
	"calla/test/peers"
)

// What happens in a room that is alive, in seconds from the first sound of the loudspeaker on: the far end talks, from
// liveBoth on with somebody near, and until liveEnds; then who is near talks alone, until liveAll.
const (
	liveBoth = 10
	liveEnds = 20
	liveAll  = 27
	liveLoud = 100 // amplitude of a frame of speech
	callFrom = "Call from"
)

// liveRoom is what joins a loudspeaker of PulseAudio to a microphone, and somebody who sits before them.
type liveRoom struct {
	mu     sync.Mutex
	room   *audiotest.Room
	near   []int16
	at     int     // samples since the loudspeaker's first sound; -1 = there was none yet
	played []int16 // from then on
	mic    []int16

	last  time.Time     // when hear was called
	stood time.Duration // in all that the sound stood still for longer than the buffers are
}

// hear is a filter for peers.Pulse.
func (l *liveRoom) hear(frame []int16) {
	l.mu.Lock()
	defer l.mu.Unlock()
	const buffers = 50 * time.Millisecond
	now := time.Now()
	if late := now.Sub(l.last) - buffers; l.at >= 0 && late > 0 {
		l.stood += late
	}
	l.last = now
	if l.at < 0 && meanSquare(frame) > liveLoud*liveLoud {
		l.at = 0
	}
	l.room.Play(frame)
	if l.at >= 0 {
		l.played = append(l.played, frame...)
	}
	clear(frame)
	if begun := l.at - liveBoth*audio.SampleRate; l.at >= 0 && begun >= 0 && begun < len(l.near) {
		copy(frame, l.near[begun:])
	}
	l.room.Record(frame)
	if l.at >= 0 {
		l.mic = append(l.mic, frame...)
		l.at += len(frame)
	}
}

// taken is what was played, what the microphone heard, and for how long the machine kept the sound up.
func (l *liveRoom) taken() (played, mic []int16, stood time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.played, l.mic, l.stood
}

// living is a sound server and a SIP server, for phones in a room.
type living struct {
	*room
	pulse *peers.Pulse
	page  *peers.Page
	near  *peers.Console
	said  string // file of what the far end says
}

func startLiving(t *testing.T, far []int16) *living {
	t.Helper()
	l := &living{pulse: peers.StartPulse(t), said: write(t, far)}
	server := peers.Run(t, nil, "sandbox", "--listen", "127.0.0.1:0", "--user", "near,page,far", "--any-origin")
	l.room = roomOf(server.WaitFor("listening", patience))
	l.chromium = peers.StartChromiumOn(t, l.pulse)
	l.page = l.chromium.Open(t, "page")
	l.page.Register(l.url, "page", l.domain, l.passwords["page"], nil)
	profile := filepath.Join(t.TempDir(), "profile")
	add := peers.RunPlain(t, nil, "account", "add", "--profile", profile, "--config", l.config(t, "near"), "--secret",
		"file")
	if err := add.Wait(t, patience); err != nil {
		t.Fatalf("account add: %v: %s", err, add.Output)
	}
	cleaned(t, profile)
	l.near = peers.StartSoundingConsole(t, l.pulse, profile)
	l.near.WaitText("Registered", 1, patience)
	return l
}

// answers has Calla's console take the call that comes after so many.
func (l *living) answers(calls int) {
	l.near.WaitText(callFrom, calls+1, patience)
	l.near.Say("answer")
}

// pageAnswers has Chromium do so, with a microphone that is opened for it, as Calla's is.
func (l *living) pageAnswers(int) {
	l.page.Wait("incoming", patience)
	l.page.Do("useDevices", map[string]any{"constraints": map[string]any{
		"echoCancellation": true, "noiseSuppression": false, "autoGainControl": false,
	}})
	l.page.Do("answer", map[string]any{"hz": 1000})
}

// cleaned has a profile's echo be taken out, and nothing else be done to its sound.
func cleaned(t *testing.T, profile string) {
	t.Helper()
	store, _, err := account.Open(profile)
	if err != nil {
		t.Fatal(err)
	}
	settings, _ := store.Settings()
	settings.Cleaning = account.Cleaning{Echo: true, Noise: account.NoiseKept}
	settings.RingtoneVolume = 0 // what the loudspeaker plays first is the far end
	if err := errors.Join(store.SaveSettings(settings), store.Close()); err != nil {
		t.Fatal(err)
	}
}

// call has the far end call whoever sits in a room, speak, and write down what comes back.
func (l *living) call(t *testing.T, whom string, answer func(calls int)) (back []int16) {
	t.Helper()
	calls := strings.Count(l.near.Output.String(), callFrom)
	file := filepath.Join(t.TempDir(), "back.wav")
	far := peers.Run(t, nil, "call", whom, "--config", l.config(t, "far"), "--codec", "opus", "--play", l.said,
		"--record", file, "--duration", fmt.Sprintf("%ds", liveAll+3))
	answer(calls)
	far.Result(liveAll*time.Second + 2*patience)
	back, err := audio.ReadWAVFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return back
}

// lived is the figures of one who was in a room; clean is who sat there, from liveBoth on.
func lived(clean, played, mic, back []int16) []string {
	second := func(pcm []int16, from, to float64) []int16 {
		return pcm[int(from*audio.SampleRate):int(to*audio.SampleRate)]
	}
	// Who talks alone shows how much later than in the room all is heard.
	alone := second(mic, liveEnds+1, liveAll-1)
	late := audiotest.Delay(alone, back[min(len(back), (liveEnds+1)*audio.SampleRate):], latest)
	if late < 0 {
		back, late = append(make([]int16, -late), back...), 0
	}
	out := append(back[late:], make([]int16, len(mic))...)
	decibels := func(a, b []int16) float64 { return 10 * math.Log10((meanSquare(a)+1)/(meanSquare(b)+1)) }
	// Each part is aligned by itself: what the sound server does to the delay is no matter of the canceller's ESTOI.
	estoi := func(heard []int16, from, to float64) string {
		const around = audio.SampleRate / 4
		said, got := second(clean, from-liveBoth, to-liveBoth), second(heard, from-0.25, to+0.25)
		lag := max(0, audiotest.Delay(said, got, 2*around))
		return fmt.Sprintf("%.3f", audiotest.ESTOI(said, got[lag:]))
	}
	return []string{
		estoi(mic, liveBoth, liveEnds),
		fmt.Sprintf("%.0f", -decibels(second(played, 3, liveBoth-0.5), second(out, 3, liveBoth-0.5))),
		fmt.Sprintf("%.0f", decibels(second(mic, 3, liveBoth-0.5), second(out, 3, liveBoth-0.5))),
		secondsTo15(mic, func(from, to int) float64 { return decibels(mic[from:to], out[from:to]) }),
		estoi(out, liveBoth, liveEnds), estoi(out, liveEnds+1, liveAll-1),
	}
}

// TestALiveRoom has the built program and JsSIP in Chromium be called in the same rooms, over PulseAudio: what its
// loudspeaker plays goes through the room into its microphone.
func TestALiveRoom(t *testing.T) {
	measuring(t)
	far := append(at(speech(t, "English", liveEnds), -23), make([]int16, 5*audio.SampleRate)...)
	near := at(speech(t, "French", liveAll-liveBoth), -26)
	l := startLiving(t, far)
	table := Table{
		Title: "Echo, in a live room",
		Text: "The built program and JsSIP in Chromium in turn, on PulseAudio, whose loudspeaker is heard by its " +
			"microphone through a room of the table above and the sound server's own delay. The far end, another " +
			"Calla, speaks for 20 s by Opus and hears what comes back; somebody near speaks from the 10th second " +
			"on, alone after the 20th. Both have their echo cancellers on and nothing else. Echo back: what comes " +
			"back after 3 s against what was played. ERLE: against what the microphone heard. ESTOI of the near " +
			"talker, at the microphone and at the far end. To be reached: an echo of at most -32 dB.",
		Head: []string{
			"room, phone", "ESTOI in", "echo back, dB", "ERLE, dB", "seconds to 15 dB", "ESTOI, both talk",
			"ESTOI, near alone",
		},
	}
	for i, r := range echoRooms() {
		if !map[string]bool{
			"laptop, 60 ms": true, "desk": true, "glass, RT60 .6 s": true, "loud and clipping": true,
		}[r.name] {
			continue
		}
		for _, phone := range []struct {
			name, user string
			answer     func(calls int)
		}{
			{"Calla", "near", l.answers},
			{"Chromium " + l.chromium.Version, "page", l.pageAnswers},
		} {
			t.Run(r.name+", "+phone.name, func(t *testing.T) {
				live := &liveRoom{room: audiotest.NewRoom(uint64(i+1), r.Acoustics), near: near, at: -1}
				stop := l.pulse.Join(t, live.hear)
				back := l.call(t, phone.user, phone.answer)
				stop()
				played, mic, stood := live.taken()
				t.Logf("the sound stood still for %v: nothing on a machine that does nothing else", stood)
				name := strings.Trim(strings.Fields(r.name)[0], ",") + "-" + phone.user
				keepSound(t, "live-"+name, mic, back)
				save(t, filepath.Join(peers.Root(t), "build", "sound", "live-"+name+"-played.wav"), played)
				if len(mic) < liveAll*audio.SampleRate || len(back) < liveAll*audio.SampleRate {
					t.Fatalf("%d samples heard in the room, %d at the far end", len(mic), len(back))
				}
				row := append([]string{r.name + ", " + phone.name}, lived(near, played, mic, back)...)
				t.Log(row)
				table.Rows = append(table.Rows, row)
			})
		}
	}
	record(t, table)
}
