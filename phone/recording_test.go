package phone

import (
	"encoding/binary"
	"errors"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"calla/account"
	"calla/audio"
	"calla/phone/cause"
)

// recordsTo has a phone record into a folder.
func (p *testPhone) recordsTo(folder string) {
	s := p.Settings()
	s.Recordings = folder
	p.SaveSettings(s, nil)
	p.loop.Do(func() {})
}

// isRecorded waits until a call is recorded.
func (p *testPhone) isRecorded(id string) (r RecordingState) {
	p.t.Helper()
	p.until("recorded", func(s State) bool {
		for _, c := range s.Calls {
			if c.ID == id && c.Recording != nil {
				r = *c.Recording
			}
		}
		return r.File != ""
	})
	return r
}

// sides are both channels of a recording, which has to be whole.
func sides(t *testing.T, file string) (left, right []int16) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if len(b) < 44 || string(b[:4]) != "RIFF" || string(b[8:16]) != "WAVEfmt " ||
		binary.LittleEndian.Uint16(b[22:]) != 2 || binary.LittleEndian.Uint32(b[24:]) != audio.SampleRate ||
		int(binary.LittleEndian.Uint32(b[40:])) != len(b)-44 ||
		int(binary.LittleEndian.Uint32(b[4:])) != len(b)-8 {
		t.Fatalf("%d octets, which begin %q", len(b), b[:min(len(b), 44)])
	}
	for i := 44; i+4 <= len(b); i += 4 {
		left = append(left, int16(binary.LittleEndian.Uint16(b[i:])))
		right = append(right, int16(binary.LittleEndian.Uint16(b[i+2:])))
	}
	return left, right
}

// said checks which tones are in the last part of a channel, and that no other is.
func saidIn(t *testing.T, channel string, pcm []int16, who ...string) {
	t.Helper()
	if len(pcm) < audio.SampleRate/2 {
		t.Errorf("%s: %d samples", channel, len(pcm))
		return
	}
	pcm = pcm[len(pcm)-audio.SampleRate/2:]
	for _, name := range []string{"alice", "bob", "carol", "dave"} {
		level := toneLevel(pcm, partyTone(name))
		is := false
		for _, w := range who {
			is = is || w == name
		}
		if is && math.Abs(level-saidLevel) > 1.5 || !is && level > -45 {
			t.Errorf("%s has %s at %.1f dBFS", channel, name, level)
		}
	}
}

// TestRecordingHasBothSides: what is said here on the left, what the far end says on the right, in a conference all of
// it; and the file is whole when the call has ended.
func TestRecordingHasBothSides(t *testing.T) {
	for _, c := range []struct {
		name        string
		guests      []string
		do          func(a *party)
		left, right []string // at the end
		seconds     float64
	}{
		{"a call", []string{"bob"}, func(*party) {}, []string{"alice"}, []string{"bob"}, 3},
		{"another codec", []string{"bob PCMA"}, func(*party) {}, []string{"alice"}, []string{"bob"}, 3},
		{"muted", []string{"bob"}, func(a *party) {
			a.alice.SetMuted(a.calls["bob"], true)
		}, nil, []string{"bob"}, 3},
		{"on hold", []string{"bob"}, func(a *party) { a.alice.SetHold(a.calls["bob"], true) }, nil, nil, 3},
		{"on hold and back", []string{"bob"}, func(a *party) {
			a.alice.SetHold(a.calls["bob"], true)
			a.alice.callWith("bob", "held", heldCall)
			time.Sleep(2 * time.Second)
			a.alice.SetHold(a.calls["bob"], false)
			a.alice.callWith("bob", "active", activeCall)
		}, []string{"alice"}, []string{"bob"}, 5},
		{"with a pause in it", []string{"bob"}, func(a *party) {
			a.alice.PauseRecording(a.calls["bob"], true)
			a.alice.until("paused", func(s State) bool { return s.Calls[0].Recording.Paused })
			time.Sleep(10 * time.Second)
			a.alice.PauseRecording(a.calls["bob"], false)
			a.alice.until("going on", func(s State) bool { return !s.Calls[0].Recording.Paused })
		}, []string{"alice"}, []string{"bob"}, 3},
		{"the other side loses 40 %", []string{"bob"}, func(a *party) {
			a.alice.mediaOf(a.calls["bob"]).losing(func(n uint64) bool { return n%5 < 2 })
			time.Sleep(2 * time.Second)
			a.alice.mediaOf(a.calls["bob"]).losing(nil)
		}, []string{"alice"}, []string{"bob"}, 5},
		{"a conference, recorded before it was one", []string{"carol", "bob"}, func(a *party) {
			a.confer("bob", "carol")
		}, []string{"alice"}, []string{"bob", "carol"}, 3},
		{"a conference of which the recorded call was split", []string{"carol", "bob"}, func(a *party) {
			a.confer("bob", "carol")
			time.Sleep(time.Second)
			a.alice.Split(a.calls["bob"])
			a.alice.callWith("carol", "held", heldCall)
		}, []string{"alice"}, []string{"bob"}, 4},
		{"a conference that one left", []string{"dave", "carol", "bob"}, func(a *party) {
			a.confer("bob", "carol", "dave")
			a.alice.HangUp(a.calls["dave"])
			a.alice.until("left", func(s State) bool { return len(s.Calls) == 2 })
		}, []string{"alice"}, []string{"bob", "carol"}, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			folder := filepath.Join(t.TempDir(), "made for it")
			synctest.Test(t, func(t *testing.T) {
				a := newParty(t, c.guests...)
				a.alice.recordsTo(folder)
				a.alice.Record(a.calls["bob"], true)
				r := a.alice.isRecorded(a.calls["bob"])
				if filepath.Dir(r.File) != folder || !strings.HasSuffix(r.File, " bob.wav") {
					t.Errorf("recorded in %s", r.File)
				}
				c.do(a)
				time.Sleep(3 * time.Second)
				a.alice.HangUp(a.calls["bob"])
				e := a.alice.until("ended", func(s State) bool {
					return s.Ended != nil && s.Ended.CallID == a.calls["bob"]
				}).Ended
				if e.Recording != r.File {
					t.Errorf("ended with the recording %q", e.Recording)
				}
				if len(a.alice.State().Calls) > 0 {
					for _, left := range a.alice.State().Calls {
						a.alice.HangUp(left.ID)
					}
				}
				a.alice.until("all ended", func(s State) bool { return len(s.Calls) == 0 })
				synctest.Wait()
				left, right := sides(t, r.File)
				saidIn(t, "left", left, c.left...)
				saidIn(t, "right", right, c.right...)
				if got := float64(len(left)) / audio.SampleRate; got < c.seconds-0.1 || got > c.seconds+1.5 {
					t.Errorf("%.2f s long", got)
				}
				info, err := os.Stat(r.File)
				if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
					t.Errorf("%v, %v", info.Mode(), err)
				}
				if n := a.alice.State().Notices; len(n) > 0 {
					t.Errorf("notices %+v", n)
				}
			})
		})
	}
}

// TestConferenceGoesOnBeingRecorded when the call that was recorded is dropped, and until the recording is ended from
// whichever call.
func TestConferenceGoesOnBeingRecorded(t *testing.T) {
	folder := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		a := newParty(t, "dave", "carol", "bob")
		a.alice.recordsTo(folder)
		a.confer("bob", "carol", "dave")
		a.alice.Record(a.calls["bob"], true)
		r := a.alice.isRecorded(a.calls["bob"])
		a.alice.Record(a.calls["carol"], true) // it is, already
		time.Sleep(2 * time.Second)
		a.alice.HangUp(a.calls["bob"])
		a.together("carol", "dave")
		if files, _ := os.ReadDir(folder); len(files) != 1 {
			t.Errorf("%d files", len(files))
		}
		time.Sleep(2 * time.Second)
		a.alice.HangUp(a.calls["carol"])
		a.alice.until("one left", func(s State) bool { return len(s.Calls) == 1 && s.Calls[0].Recording != nil })
		time.Sleep(time.Second)
		a.alice.Record(a.calls["dave"], false)
		a.alice.until("not recorded", func(s State) bool { return len(s.Calls) == 1 && s.Calls[0].Recording == nil })
		synctest.Wait()
		left, right := sides(t, r.File)
		saidIn(t, "left", left, "alice")
		saidIn(t, "right", right, "dave")
		saidIn(t, "right, at first", right[:audio.SampleRate], "bob", "carol", "dave")
		saidIn(t, "right, then", right[:len(right)-2*audio.SampleRate], "carol", "dave")
		a.hear(map[string][]string{"alice": {"dave"}, "dave": {"alice"}})
	})
}

// TestRecordingThatCannotBe is told, and the call goes on as if nothing were.
func TestRecordingThatCannotBe(t *testing.T) {
	var file *os.File
	keep := func(folder, name string) (*os.File, error) {
		f, err := createRecording(folder, name)
		file = f
		return f, err
	}
	for _, c := range []struct {
		name   string
		folder func(dir string) string
		make   func(folder, name string) (*os.File, error)
		then   func(a *party)
		kind   cause.Kind
		system cause.System
	}{
		{name: "the folder is a file", folder: func(dir string) string {
			name := filepath.Join(dir, "file")
			if err := os.WriteFile(name, nil, 0o600); err != nil {
				panic(err)
			}
			return name
		}, kind: cause.RecordingNotStarted, system: cause.SystemNoFolder},
		{name: "the folder is under a file", folder: func(dir string) string {
			name := filepath.Join(dir, "file")
			if err := os.WriteFile(name, nil, 0o600); err != nil {
				panic(err)
			}
			return filepath.Join(name, "calls")
		}, kind: cause.RecordingNotStarted, system: cause.SystemNoFolder},
		{name: "the folder may not be written", make: func(string, string) (*os.File, error) {
			return nil, &os.PathError{Op: "open", Path: "x", Err: os.ErrPermission}
		}, kind: cause.RecordingNotStarted, system: cause.SystemNotAllowed},
		{name: "the disk is full at once", make: func(string, string) (*os.File, error) {
			return os.OpenFile("/dev/full", os.O_RDWR, 0)
		}, kind: cause.RecordingNotStarted, system: cause.SystemDiskFull},
		{name: "the disk is full before the head", make: func(folder, name string) (*os.File, error) {
			f, err := keep(folder, name)
			if err != nil {
				return nil, err
			}
			f.Close()
			return f, nil // nothing can be written to it
		}, kind: cause.RecordingNotStarted},
		{name: "the disk fails later", make: keep, then: func(a *party) {
			time.Sleep(2 * time.Second)
			file.Close()
		}, kind: cause.RecordingStopped},
		{name: "the disk fails while it is paused", make: keep, then: func(a *party) {
			time.Sleep(2 * time.Second)
			a.alice.PauseRecording(a.calls["bob"], true)
			time.Sleep(time.Second)
			file.Close()
			time.Sleep(time.Second)
			a.alice.PauseRecording(a.calls["bob"], false)
		}, kind: cause.RecordingStopped},
		{name: "the disk fails as the call ends", make: func(folder, name string) (*os.File, error) {
			f, err := keep(folder, name)
			return f, err
		}, then: func(a *party) {
			time.Sleep(2100 * time.Millisecond)
			file.Close()
			a.alice.Record(a.calls["bob"], false)
		}, kind: cause.RecordingStopped},
	} {
		t.Run(c.name, func(t *testing.T) {
			if strings.Contains(c.name, "full") && runtime.GOOS != "linux" {
				t.Skip("there is no /dev/full")
			}
			dir := t.TempDir()
			folder := dir
			if c.folder != nil {
				folder = c.folder(dir)
			}
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				a := &party{t: t, w: w, guests: map[string]*testPhone{}, calls: map[string]string{}}
				a.alice = w.phone("alice", func(o *Options) { o.createRecording = c.make })
				a.alice.says(partyTone("alice"))
				a.add("bob")
				a.alice.recordsTo(folder)
				a.alice.Record(a.calls["bob"], true)
				if c.then != nil {
					a.alice.isRecorded(a.calls["bob"])
					c.then(a)
				}
				s := a.alice.until("told", func(s State) bool { return len(s.Notices) > 0 })
				if n := s.Notices[0].Cause; n.Kind != c.kind || n.System != c.system || n.Party != "bob" {
					t.Errorf("told %+v", n)
				}
				a.alice.until("not recorded", func(s State) bool { return s.Calls[0].Recording == nil })
				a.eachOther("bob")
				if c.kind == cause.RecordingNotStarted && folder == dir {
					if all, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(all) > 0 {
						t.Errorf("left are %q, %v", all, err)
					}
				}
				if c.kind == cause.RecordingStopped {
					synctest.Wait()
					left, _ := sides(t, file.Name())
					if len(left) < audio.SampleRate {
						t.Errorf("%d samples are kept", len(left))
					}
				}
				a.alice.recordsTo(t.TempDir())
				a.alice.DismissNotice(a.alice.State().Notices[0].ID)
			})
		})
	}
}

// TestRecordEveryCallOfAnAccount: from its answer on, whoever called, and not those of other accounts.
func TestRecordEveryCallOfAnAccount(t *testing.T) {
	for _, c := range []struct {
		name   string
		record bool
		call   func(alice, bob *testPhone)
		files  int
	}{
		{"called", true, func(alice, bob *testPhone) { alice.up(bob) }, 1},
		{"was called", true, func(alice, bob *testPhone) { bob.up(alice) }, 1},
		{"twice in one second", true, func(alice, bob *testPhone) {
			for range 2 {
				mine, _ := alice.up(bob)
				alice.isRecorded(mine.ID)
				alice.HangUp(mine.ID)
				alice.end()
				bob.end()
			}
		}, 2},
		{"not answered", true, func(alice, bob *testPhone) {
			alice.Dial("", "bob")
			bob.Decline(bob.callWith("alice", "incoming", ringsHere).ID)
			alice.end()
		}, 0},
		{"not asked for", false, func(alice, bob *testPhone) { alice.up(bob) }, 0},
		{"ended by hand", true, func(alice, bob *testPhone) {
			mine, _ := alice.up(bob)
			alice.isRecorded(mine.ID)
			alice.Record(mine.ID, false)
			alice.until("ended", func(s State) bool { return s.Calls[0].Recording == nil })
			alice.SetHold(mine.ID, true)
			alice.callWith("bob", "held", heldCall)
			alice.SetHold(mine.ID, false)
			alice.callWith("bob", "active", activeCall)
		}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			folder := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				alice, bob := w.bare("alice"), w.phone("bob")
				alice.recordsTo(folder)
				a := w.account("alice")
				a.Config.Calla.RecordCalls = c.record
				alice.save(a, account.SecretSession)
				alice.until("registered", func(s State) bool {
					return len(s.Accounts) > 0 && s.Accounts[0].Status == StatusRegistered
				})
				c.call(alice, bob)
				time.Sleep(time.Second)
				synctest.Wait()
				files, err := os.ReadDir(folder)
				if len(files) != c.files || err != nil {
					t.Errorf("%d files, %v", len(files), err)
				}
			})
		})
	}
}

// TestWhatCannotBeRecordedIsTold.
func TestWhatCannotBeRecordedIsTold(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(alice, bob *testPhone)
		kind cause.Kind
	}{
		{"a call that rings there", func(alice, bob *testPhone) {
			alice.Dial("", "bob")
			bob.callWith("alice", "incoming", ringsHere)
			alice.Record(alice.phase(PhaseRinging).ID, true)
		}, cause.RecordBeforeAnswer},
		{"a call that rings here", func(alice, bob *testPhone) {
			bob.Dial("", "alice")
			alice.Record(alice.phase(PhaseIncoming).ID, true)
		}, cause.RecordBeforeAnswer},
		{"a pause of nothing", func(alice, bob *testPhone) {
			mine, _ := alice.up(bob)
			alice.PauseRecording(mine.ID, true)
		}, cause.NotRecorded},
		{"no pause of nothing", func(alice, bob *testPhone) {
			mine, _ := alice.up(bob)
			alice.PauseRecording(mine.ID, false)
		}, cause.NotRecorded},
		{"a pause of what has ended", func(alice, bob *testPhone) {
			mine, _ := alice.up(bob)
			alice.recordsTo(alice.t.TempDir())
			alice.Record(mine.ID, true)
			alice.isRecorded(mine.ID)
			alice.Record(mine.ID, false)
			alice.PauseRecording(mine.ID, true)
		}, cause.NotRecorded},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				alice, bob := w.phone("alice"), w.phone("bob")
				c.do(alice, bob)
				s := alice.until("told", func(s State) bool { return s.Refusal != nil })
				if s.Refusal.Cause.Kind != c.kind || s.Refusal.Command != CommandRecord {
					t.Errorf("refused: %+v", s.Refusal)
				}
			})
		})
	}
}

// TestNameOfARecordingIsNeverAPath, whatever the far end calls itself.
func TestNameOfARecordingIsNeverAPath(t *testing.T) {
	at := time.Date(2026, 11, 3, 14, 52, 7, 0, time.UTC)
	for _, c := range []struct{ name, address, want string }{
		{"a number", "4711", "4711"},
		{"an international one", "+49 30 901820", "+49_30_901820"},
		{"an address", "bob@example.com", "bob@example.com"},
		{"a way up", "../../x@h", "x@h"},
		{"a way up in the middle", "a/../../../etc/passwd@h", "a_._._._etc_passwd@h"},
		{"backslashes", `..\..\x@h`, "x@h"},
		{"a drive", `C:\x`, "C_x"},
		{"nothing but dots", "....", "unknown"},
		{"nothing", "", "unknown"},
		{"hidden", ".ssh@h", "ssh@h"},
		{"an end of text", "a\x00b", "a_b"},
		{"lines", "a\nb\r\nc", "a_b_c"},
		{"from right to left", "a\u202egnp.exe", "a_gnp.exe"},
		{"another script", "Ωmega@h", "mega@h"},
		{"an option", "-rf@h", "rf@h"},
		{"a shell's signs", "$(reboot)|`x`;*?\"'<>&@h", "reboot_x_@h"},
		{"very long", strings.Repeat("a", 5000), strings.Repeat("a", recordingName)},
		{"a stream of a file", "a:b@h", "a_b@h"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := recordingFile(at, c.address)
			if got != "2026-11-03 14.52.07 "+c.want {
				t.Errorf("%q", got)
			}
			if filepath.Base(got) != got || filepath.Clean(got) != got {
				t.Errorf("%q is a path", got)
			}
		})
	}
}

// TestRecordingNeverTakesAFileThatIsThere, a link neither.
func TestRecordingNeverTakesAFileThatIsThere(t *testing.T) {
	dir := t.TempDir()
	precious := filepath.Join(dir, "precious")
	if err := os.WriteFile(precious, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.WriteFile(filepath.Join(dir, "call.wav"), []byte("earlier"), 0o600),
		os.Symlink(precious, filepath.Join(dir, "call (2).wav")), os.Mkdir(filepath.Join(dir, "call (3).wav"), 0o700),
		os.Symlink(filepath.Join(dir, "nowhere"), filepath.Join(dir, "call (4).wav"))); err != nil {
		t.Skip(err) // no links here
	}
	f, err := createRecording(dir, "call")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if filepath.Base(f.Name()) != "call (5).wav" {
		t.Errorf("took %s", f.Name())
	}
	for name, want := range map[string]string{"call.wav": "earlier", "precious": "precious"} {
		if b, err := os.ReadFile(filepath.Join(dir, name)); string(b) != want || err != nil {
			t.Errorf("%s has %q, %v", name, b, err)
		}
	}
}
