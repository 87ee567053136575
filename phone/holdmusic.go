package phone

import (
	"context"
	"time"

	"calla/account"
	"calla/audio"
	"calla/audio/soundfile"
	"calla/netsip/config"
	"calla/netsip/loop"
	"calla/phone/cause"
)

// What the far end hears while we hold it: nothing, or the sound file that the user has chosen, from its beginning and
// round and round.
//
//	gate ─▶ bridge.playMusic ─▶ holdMusic.fetch: the file, beside the loop ─▶ Sender.SetMusic
//
// It goes by the direction that was agreed on (RFC 3264 section 8.4): it is sent where the far end is to hear us, at
// once, and a far end that does not want to hear gets nothing. In a call that cannot have its music nothing is sent, as
// without.

// holdMusic reads the files that held calls hear. All methods are of the loop.
type holdMusic struct {
	phone *Phone
	queue *loop.Queue // one file at a time; what it does last sets read
	read  *soundRead  // the file that was read last; nil = none
	drop  *loop.Timer // lets go of it
}

// musicKept is how long a file stays in memory after it was read, and then as long as there are calls: reading a song
// of MP3 takes seconds, in which nothing is heard.
const musicKept = 10 * time.Minute

func newHoldMusic(p *Phone) *holdMusic { return &holdMusic{phone: p, queue: loop.NewQueue(p.loop)} }

// of is the file that a call's far end is to hear, the account's, else that of all; "" for none.
func (m *holdMusic) of(c *call) string {
	chosen := m.phone.settings.Load().Tones.HoldMusic
	if a, ok := m.phone.Account(c.agent.accountID); ok && a.Config.Calla.HoldMusic != "" {
		chosen = a.Config.Calla.HoldMusic
	}
	if chosen = config.ReadHoldMusic(chosen); chosen == config.HoldMusicNone {
		return ""
	}
	return chosen
}

// fetch calls then with the sound of a file, nil where it cannot be played: a notice tells why.
func (m *holdMusic) fetch(name string, then func(pcm []int16)) {
	var file *soundRead
	var err error
	m.queue.Add(func(context.Context) {
		file, err = readSound(name, m.read, func() ([]int16, error) {
			return soundfile.Music(name, m.phone.o.Codecs)
		})
	}, func() {
		m.tell(name, err)
		if err != nil {
			then(nil)
			return
		}
		m.read = file
		m.keep()
		then(file.pcm)
	})
}

// keep keeps the file that was read last for a while.
func (m *holdMusic) keep() {
	m.drop.Stop()
	m.drop = m.phone.loop.AfterFunc(musicKept, func() {
		if len(m.phone.calls) > 0 {
			m.keep()
			return
		}
		m.queue.Add(func(context.Context) {}, func() { m.read = nil }) // not while it is looked at
	})
}

// holdMusicNotice begins the ID of the notice about a file.
const holdMusicNotice = "hold music "

// tell tells why a file cannot be played, or no longer does.
func (m *holdMusic) tell(name string, err error) {
	if err == nil {
		m.phone.withdraw(holdMusicNotice + name)
		return
	}
	m.phone.log.Warn("music on hold not played", "file", name, "error", err)
	m.phone.notify(holdMusicNotice+name, holdMusicCause(name, err))
}

// CheckHoldMusic tells why music on hold could not be played, by a computer that has these codecs; nil where it could.
// It reads the file, and may be called from any goroutine.
func CheckHoldMusic(name string, codecs []audio.Codec) *cause.Cause {
	if name = config.ReadHoldMusic(name); name == "" || name == config.HoldMusicNone {
		return nil
	}
	if _, err := soundfile.Music(name, codecs); err != nil {
		why := holdMusicCause(name, err)
		return &why
	}
	return nil
}

// holdMusicCause is what is wrong with a sound file for music on hold.
func holdMusicCause(name string, err error) cause.Cause {
	return soundCause(name, err, map[soundfile.Why]cause.Kind{
		"":                  cause.HoldMusicUnreadable,
		soundfile.NoFile:    cause.HoldMusicNoFile,
		soundfile.TooLarge:  cause.HoldMusicTooLarge,
		soundfile.TooLong:   cause.HoldMusicTooLong,
		soundfile.Unknown:   cause.HoldMusicUnknown,
		soundfile.Damaged:   cause.HoldMusicDamaged,
		soundfile.NeedsOpus: cause.HoldMusicNeedsOpus,
		soundfile.Empty:     cause.HoldMusicEmpty,
	})
}

// chosen follows a choice: what is wrong with the file is told before anybody is to hear it.
func (m *holdMusic) chosen(before, now string) {
	before, now = config.ReadHoldMusic(before), config.ReadHoldMusic(now)
	if before == now {
		return
	}
	if before != "" {
		m.phone.withdraw(holdMusicNotice + before)
	}
	if now != "" && now != config.HoldMusicNone {
		m.fetch(now, func([]int16) {})
	}
}

// saved follows an account that was changed.
func (m *holdMusic) saved(before, after account.Account) {
	m.chosen(before.Config.Calla.HoldMusic, after.Config.Calla.HoldMusic)
}

// HoldMusicProblem is what is wrong with a file for music on hold, a path; nil where nothing is known to be.
func (s State) HoldMusicProblem(name string) *cause.Cause { return s.noticed(holdMusicNotice + name) }

// playMusic has the far end hear music while its call is held, or not any more.
func (c *call) playMusic(held bool) {
	b, m := c.bridge, c.p.music
	name := ""
	if held {
		name = m.of(c)
	}
	if b.music == name {
		return
	}
	b.music, b.plays = name, false
	b.sender.SetMusic(nil)
	if name == "" {
		return
	}
	m.fetch(name, func(pcm []int16) {
		if pcm == nil || b != c.bridge || b.music != name || b.plays {
			return
		}
		b.plays = true
		b.sender.SetMusic(audio.NewRecording(pcm, true))
		c.gate()
	})
}
