package phone

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"calla/audio"
	"calla/phone/cause"
	"calla/phone/contacts"
)

// A call is recorded in a file of its own, in a folder of the user's, as two channels: the user left, the far end
// right.
//
//	Record ─▶ the file is made beside the loop ─▶ sinks of the call's sender and receiver ─▶ a goroutine of the disk
//
// Of a call in the conference the right channel is all that the loudspeaker plays of it, and where the recorded call
// leaves, the recording goes on with the others. What befalls the file ends the recording, never the call.

const (
	recordingName  = 60 // characters of a far end in a file's name
	recordingTries = 100
)

// taping is a recording that goes on. It belongs to the loop.
type taping struct {
	file     string // path; "" until it is made
	since    time.Time
	paused   bool
	stopped  bool                // while the file was being made
	byItself bool                // nobody has asked for it in this call
	recorder *audio.CallRecorder // nil until the file is made
	at       tapped
}

// tapped is where a recording gets the sound from.
type tapped struct {
	bridge *bridge // nil: from nowhere
	seated bool    // the far side is the conference
}

// shown is the recording as State has it.
func (t *taping) shown() *RecordingState {
	if t == nil || t.recorder == nil {
		return nil
	}
	return &RecordingState{File: t.file, Since: t.since, Paused: t.paused}
}

// Record records a call from now on, or ends its recording. In the conference it is the conference that is recorded,
// once, whichever of its calls is named.
func (p *Phone) Record(callID string, on bool) {
	p.withCall(callID, func(c *call) {
		recorded := c.recorded()
		switch {
		case !on && recorded != nil:
			recorded.tapingSaid, c.tapingSaid = true, true
			recorded.stopRecording()
		case on && recorded == nil && c.phase() != PhaseEstablished:
			c.refusedIn(CommandRecord, "", cause.Cause{Kind: cause.RecordBeforeAnswer, Party: c.who()})
			return
		case on && recorded == nil:
			c.tapingSaid = true
			c.startRecording()
		}
		p.done()
	})
}

// PauseRecording leaves out of a call's recording what is said from now on, or no more.
func (p *Phone) PauseRecording(callID string, on bool) {
	p.withCall(callID, func(c *call) {
		recorded := c.recorded()
		if recorded == nil {
			c.refusedIn(CommandRecord, "", cause.Cause{Kind: cause.NotRecorded, Party: c.who()})
			return
		}
		recorded.taping.paused = on
		if r := recorded.taping.recorder; r != nil {
			r.SetPaused(on)
		}
		p.done()
		p.changed()
	})
}

// recorded is the call whose recording has what this call says: itself, or another of the conference; nil for none.
func (c *call) recorded() *call {
	if c.taping != nil {
		return c
	}
	if !c.p.conference.has(c) {
		return nil
	}
	for _, m := range c.p.conference {
		if m.taping != nil {
			return m
		}
	}
	return nil
}

// recordByItself records a call that was answered where the contact whom it is with, or else its account, says so; it
// ends that where the far end is another by now. What the user has said of the call stands.
func (c *call) recordByItself() {
	if !c.confirmed || c.person.asked || c.replaces != nil || c.tapingSaid || c.p.call(c.id) != c {
		return
	}
	wanted := c.agent.config.Calla.RecordCalls
	if own := c.person.own.Record; own != contacts.AsAccount {
		wanted = own == contacts.Yes
	}
	switch recorded := c.recorded(); {
	case wanted && recorded == nil:
		c.startRecording()
		c.taping.byItself = true
	case !wanted && recorded == c && c.taping.byItself:
		c.stopRecording()
	}
}

// startRecording makes the file and records once it is there.
func (c *call) startRecording() {
	p, now := c.p, time.Now()
	t := &taping{since: now}
	c.taping = t
	folder, party := recordingsFolder(p.settings.Load().Recordings), c.who()
	name := recordingFile(now, shownAddress(c.session.Party(), c.agent.config.Domain()))
	var file string
	var made *audio.CallRecorder
	var err error
	p.loop.Go(func(context.Context) {
		var f *os.File
		if f, err = p.o.createRecording(folder, name); err != nil {
			return
		}
		file = f.Name()
		made, err = audio.NewCallRecorder(f, func(err error) {
			p.loop.Post(func() { p.recordingFailed(t, party, err) })
		})
		if info, lost := os.Lstat(file); err != nil && lost == nil && info.Mode().IsRegular() {
			_ = os.Remove(file) // nothing is in it
		}
	}, func() {
		owner := p.recordedBy(t)
		if err != nil {
			p.log.Warn("recording not started", "error", err)
			p.notify("recording "+c.id, cause.Cause{
				Kind: cause.RecordingNotStarted, Party: party, Folder: folder,
			}.BySystem(err))
			if owner != nil {
				owner.taping = nil
			}
			p.changed()
			return
		}
		t.file, t.recorder = file, made
		made.SetPaused(t.paused)
		if owner == nil || t.stopped {
			p.closeRecording(t, party)
			return
		}
		p.sound.tape()
		p.changed()
	})
}

// recordedBy is the call that a recording belongs to, nil where there is none any more.
func (p *Phone) recordedBy(t *taping) *call {
	for _, c := range p.calls {
		if c.taping == t {
			return c
		}
	}
	return nil
}

// stopRecording ends the call's recording.
func (c *call) stopRecording() {
	t := c.taping
	c.taping = nil
	c.p.changed()
	if t.recorder == nil { // its file is being made
		t.stopped = true
		return
	}
	c.p.sound.untape(t)
	c.p.closeRecording(t, c.who())
}

// passRecording has the conference that the call leaves go on being recorded. The file so far is told with the call.
func (c *call) passRecording() (file string) {
	if c.taping == nil {
		return ""
	}
	file = c.taping.file
	for _, m := range c.p.conference {
		if m != c && m.taping == nil && c.p.conference.has(c) {
			c.p.sound.untape(c.taping)
			m.taping, c.taping = c.taping, nil
			return file
		}
	}
	c.stopRecording()
	return file
}

// closeRecording closes a file beside the loop, and tells what it lacks.
func (p *Phone) closeRecording(t *taping, party string) {
	var err error
	p.loop.Go(func(context.Context) { err = t.recorder.Close() }, func() {
		lost := time.Duration(t.recorder.Missing()) * time.Second / audio.SampleRate
		switch {
		case err != nil:
			p.recordingFailed(t, party, err)
		case lost > 0:
			p.notify("recording "+t.file, cause.Cause{
				Kind: cause.RecordingIncomplete, Party: party, File: t.file, After: lost,
			})
		}
	})
}

// recordingFailed tells that the disk took no more of a recording, once; the call goes on.
func (p *Phone) recordingFailed(t *taping, party string, err error) {
	why := cause.Cause{Kind: cause.RecordingStopped, Party: party, File: t.file}.BySystem(err)
	if errors.Is(err, audio.ErrWAVFull) {
		why = cause.Cause{Kind: cause.RecordingFull, Party: party, File: t.file}
	}
	p.log.Warn("recording ended", "error", err)
	p.notify("recording "+t.file, why)
	if c := p.recordedBy(t); c != nil {
		c.stopRecording()
	}
}

// tape has each recording get the sound of its call as that stands. A recording's far side has one source at a time:
// those that are no longer one are left before others become one.
func (s *sound) tape() {
	var atTable []audio.Sink
	var moved []*call
	for _, c := range s.phone.calls {
		t := c.taping
		if t == nil || t.recorder == nil {
			continue
		}
		now := tapped{c.bridge, s.seated.has(c)}
		if now.seated {
			atTable = append(atTable, t.recorder.Theirs())
		}
		if now != t.at {
			s.untap(t)
			t.at = now
			moved = append(moved, c)
		}
	}
	if len(moved) == 0 {
		return
	}
	s.table.SetSinks(atTable...)
	for _, c := range moved {
		b, r := c.taping.at.bridge, c.taping.recorder
		if b == nil {
			continue
		}
		b.sender.SetSinks(r.Own())
		if !c.taping.at.seated {
			b.receiver.SetSinks(append(append([]audio.Sink(nil), s.phone.o.Heard...), r.Theirs())...)
		}
	}
}

// untap takes a recording's sinks from where they are; those at the conference's table are tape's.
func (s *sound) untap(t *taping) {
	if b := t.at.bridge; b != nil {
		b.sender.SetSinks()
		b.receiver.SetSinks(s.phone.o.Heard...)
	}
	if t.at.seated {
		s.table.SetSinks()
	}
	t.at = tapped{}
}

// untape takes a recording from its call; those of others go on.
func (s *sound) untape(t *taping) {
	s.untap(t)
	for _, c := range s.phone.calls {
		if o := c.taping; o != nil && o != t && o.at.seated {
			o.at = tapped{} // its sinks at the table went with this one's
		}
	}
	s.phone.changed() // and come back with the next State
}

// createRecording makes the file of a recording, which is never one that is there already.
func createRecording(folder, name string) (*os.File, error) {
	if folder == "" {
		return nil, fmt.Errorf("record: %w", fs.ErrNotExist)
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("record: %w", err)
	}
	for n := 1; ; n++ {
		numbered := name
		if n > 1 {
			numbered = fmt.Sprintf("%s (%d)", name, n)
		}
		f, err := os.OpenFile(filepath.Join(folder, numbered+".wav"), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
		if err == nil {
			return f, nil
		}
		if n == recordingTries || !errors.Is(err, fs.ErrExist) {
			return nil, fmt.Errorf("record: %w", err)
		}
	}
}

// recordingsFolder is where recordings go: what the user chose, or a folder in his home.
func recordingsFolder(chosen string) string {
	if chosen != "" {
		return chosen
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	return filepath.Join(home, "Calla Recordings")
}

// recordingFile is the name of a recording's file without its ending: when it began, and what of the far end's address
// is harmless in a name on every system.
func recordingFile(at time.Time, address string) string {
	var name strings.Builder
	last := '_'
	for _, r := range address {
		if !strings.ContainsRune("+-@.", r) && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
			r = '_'
		}
		if r == last && (r == '_' || r == '.') {
			continue
		}
		if name.Len() == recordingName {
			break
		}
		name.WriteRune(r)
		last = r
	}
	who := strings.Trim(name.String(), "._-")
	if who == "" {
		who = "unknown"
	}
	return at.Format("2006-01-02 15.04.05 ") + who
}
