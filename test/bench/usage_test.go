package bench

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"calla/audio"
	"calla/test/peers"
)

const (
	settleTime = 10 * time.Second // in the call before anything is measured
	watchTime  = 15 * time.Second // over which CPU is measured
	callTime   = "60s"
)

// usage is what a program holds and uses while it talks.
type usage struct {
	rss, pss int64   // bytes
	cpu      float64 // percent of one core
}

func (u usage) memory() string {
	text := fmt.Sprintf("%.1f MB", float64(u.rss)/1e6)
	if u.pss > 0 { // only the owner and root may read it
		text += fmt.Sprintf(" (PSS %.1f)", float64(u.pss)/1e6)
	}
	return text
}

func (u usage) load() string { return fmt.Sprintf("%.1f %%", u.cpu) }

// watch measures programs that have a call up, side by side, and returns one usage for each.
func watch(programs ...func() peers.Usage) []usage {
	time.Sleep(settleTime)
	var before, after []peers.Usage
	var begun []time.Time
	for _, of := range programs {
		before, begun = append(before, of()), append(begun, time.Now())
	}
	time.Sleep(watchTime)
	var all []usage
	for i, of := range programs {
		after = append(after, of())
		all = append(all, usage{
			rss: after[i].RSS, pss: after[i].PSS,
			cpu: 100 * float64(after[i].CPU-before[i].CPU) / float64(time.Since(begun[i])),
		})
	}
	return all
}

func (p *program) usage() peers.Usage { return peers.UsageOf(p.Cmd.Process.Pid) }

// measureCalls measures memory and CPU of one Opus call after the other.
func measureCalls(t *testing.T, memory, cpu *row) {
	tell := func(to func(r *row, format string, args ...any), who string, all ...usage) {
		var held, used []string
		for _, u := range all {
			held, used = append(held, u.memory()), append(used, u.load())
		}
		to(memory, "%s: %s", who, strings.Join(held, " / "))
		to(cpu, "%s: %s", who, strings.Join(used, " / "))
	}
	t.Run("Headless", func(t *testing.T) { tell((*row).add, "headless, calling / answering", headlessCall(t)...) })
	t.Run("Window", func(t *testing.T) {
		all := windowCall(t)
		tell((*row).add, "window, PulseAudio", all[0])
		memory.also("Fyne's empty window, idle: %s", all[1].memory())
		cpu.also("Fyne's empty window, idle: %s", all[1].load())
	})
	peer := func(name string, call func(*testing.T) []usage) {
		var all []usage
		missing := "not measured"
		t.Run(name, func(t *testing.T) {
			defer func() {
				if t.Skipped() {
					missing = "not installed"
				}
			}()
			all = call(t)
		})
		if len(all) > 0 {
			tell((*row).also, name, all...)
			return
		}
		memory.also("%s: %s", name, missing)
		cpu.also("%s: %s", name, missing)
	}
	peer("baresip (stereo), calling / answering", baresipCall)
	peer("JsSIP in Chromium, both ends, all processes", chromiumCall)
	if linphone() == "" {
		memory.also("Linphone: not installed")
		cpu.also("Linphone: not installed")
	}
}

// headlessCall: neither end has sound hardware; each sends a tone and measures the other's.
func headlessCall(t *testing.T) []usage {
	k := peers.StartKamailio(t)
	bob := run(t, command(t, nil, built(t, "calla-headless"), "answer", "--config", configFile(t, k, "bob"), "--tone",
		"1000", "--wait", "30s", "--json"))
	bob.until(t, startLimit, "registration", holding(`"status":"registered"`))
	alice := headlessCaller(t, k)
	alice.until(t, startLimit, "sound", holding(`"event":"media"`))
	all := watch(alice.usage, bob.usage)
	alice.end(t)
	mustHear(t, bob.result(t, startLimit))
	return all
}

// headlessCaller calls bob with 440 Hz.
func headlessCaller(t *testing.T, k *peers.Kamailio) *program {
	t.Helper()
	return run(t, command(t, nil, built(t, "calla-headless"), "call", "bob", "--config", configFile(t, k, "alice"),
		"--tone", "440", "--duration", callTime, "--json"))
}

// mustHear checks that a call was one over Opus with sound: figures of another would not be worth much.
func mustHear(t *testing.T, result map[string]any) {
	t.Helper()
	if hz, _ := result["tone_hz"].(float64); result["codec"] != "opus" || hz < 430 || hz > 450 {
		t.Errorf("not a call over Opus with 440 Hz: %v", result)
	}
}

// windowCall: a headless Calla calls the window, which is answered with F2 and has the null sinks of PulseAudio
// for hardware, a tone in the microphone. The second usage is that of Fyne's empty window.
func windowCall(t *testing.T) []usage {
	k, d, sound := peers.StartKamailio(t), peers.StartDesktop(t, 1280, 800), peers.StartPulse(t)
	empty := run(t, command(t, d.Env, emptyWindow(t)))
	empty.until(t, startLimit, "window", holding("shown"))
	idle := watch(empty.usage)[0]
	empty.end(t)
	sound.Play(t, peers.Mouth, tone(t, 1000, 90*time.Second))
	bob := run(t, command(t, append(d.Env, sound.Env...), built(t, "calla"), "--profile", profile(t, k, "bob"), "--log",
		"info"))
	bob.until(t, startLimit, "registration", holding("msg=registered"))
	d.Focus(d.Window("Calla", startLimit))
	alice := headlessCaller(t, k)
	alice.until(t, startLimit, "ringing", holding(`"phase":"ringing"`))
	peers.Until(t, startLimit, "the window to answer", func() bool {
		d.Press("F2") // a window that has just come may not have the keyboard yet
		return alice.has(holding(`"event":"media"`))
	})
	all := watch(bob.usage)
	alice.end(t)
	r := alice.result(t, startLimit)
	if hz, _ := r["tone_hz"].(float64); r["codec"] != "opus" || hz < 980 || hz > 1020 {
		t.Errorf("not a call over Opus with 1000 Hz: %v", r)
	}
	bob.end(t)
	return append(all, idle)
}

// tone writes a sine to a WAV file.
func tone(t *testing.T, hz float64, length time.Duration) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "tone.wav")
	wav, err := audio.CreateWAV(file)
	if err != nil {
		t.Fatal(err)
	}
	source, frame := audio.NewToneSource(audio.Sine(hz, -12)), make(audio.Frame, audio.FrameSamples)
	for n := 0; n < int(length.Seconds()*audio.SampleRate); n += len(frame) {
		source.Fill(frame)
		if err := wav.Write(frame); err != nil {
			t.Fatal(err)
		}
	}
	if err := wav.Close(); err != nil {
		t.Fatal(err)
	}
	return file
}

// baresipCall: baresip calls baresip.
func baresipCall(t *testing.T) []usage {
	peers.Need(t, "baresip")
	k := peers.StartKamailio(t)
	bob := run(t, baresip(t, k, "bob", baresipCalls))
	bob.until(t, startLimit, "registration", holding("200 OK"))
	alice := run(t, baresip(t, k, "alice", baresipCalls, "-v", "-e", "/dial sip:bob@"+k.Domain))
	alice.until(t, startLimit, "call", holding("Call established"))
	alice.until(t, startLimit, "Opus", holding("audio tx pipeline", "opus"))
	all := watch(alice.usage, bob.usage)
	alice.Stop()
	bob.Stop()
	return all
}

// chromiumCall: two pages of one browser call one another, without the tests' instruments.
func chromiumCall(t *testing.T) []usage {
	k := peers.StartKamailio(t)
	c := peers.StartChromium(t)
	alice, bob := c.Open(t, "alice"), c.Open(t, "bob")
	for name, page := range map[string]*peers.Page{"alice": alice, "bob": bob} {
		page.Do("plain", nil)
		page.Register(k.URL, name, k.Domain, k.Password, nil)
	}
	alice.Do("call", map[string]any{"target": "sip:bob@" + k.Domain, "hz": 440})
	bob.Wait("incoming", startLimit)
	bob.Do("answer", map[string]any{"hz": 1000})
	alice.Wait("confirmed", startLimit)
	bob.Wait("track", startLimit)
	all := watch(c.Usage)
	if stats := string(bob.Do("stats", nil)); !strings.Contains(stats, "opus") {
		t.Errorf("not a call over Opus: %s", stats)
	}
	alice.Do("hangup", nil)
	return all
}
