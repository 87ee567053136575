package phone

import (
	"context"
	"errors"
	"os"
	"time"

	"calla/account"
	"calla/audio"
	"calla/audio/soundfile"
	"calla/netsip/config"
	"calla/phone/cause"
	"calla/phone/safe"
)

const (
	fetchTime = time.Second     // that a file may take, until Calla's own tone rings
	leastRing = 3 * time.Second // from the beginning of a short sound to its next
)

// bellTone is that calls ring: with which tone was decided when it began.
type bellTone struct {
	source *audio.Volume // nil while the file is being read, and where nothing is to be heard
}

// soundRead is a sound file that was read. It is never changed.
type soundRead struct {
	name string
	at   time.Time // it was written
	size int64
	pcm  []int16
}

// readSound reads a sound file as is told, where it is not the one that was read before.
func readSound(name string, have *soundRead, read func() ([]int16, error)) (*soundRead, error) {
	about, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if have != nil && have.name == name && have.at.Equal(about.ModTime()) && have.size == about.Size() {
		return have, nil
	}
	pcm, err := read()
	if err != nil {
		return nil, err
	}
	return &soundRead{name, about.ModTime(), about.Size(), pcm}, nil
}

// ring plays the ringtone of the first of these calls that has one, or none.
func (s *sound) ring(calls []CallState) {
	switch {
	case s.bell == nil || len(calls) == 0:
		if s.bell != nil && s.rings != nil && s.rings.source != nil {
			s.bell.Remove(s.rings.source)
		}
		s.rings = nil
	case s.rings == nil:
		s.beginRinging(s.phone.ringtoneFor(calls))
	}
}

// beginRinging rings with a tone. Where its file is slow Calla's own rings until it is there.
func (s *sound) beginRinging(name string) {
	r := new(bellTone)
	s.rings = r
	play := func(source audio.Source) {
		if s.rings != r || s.bell == nil {
			return
		}
		if r.source != nil {
			s.bell.Remove(r.source)
		}
		r.source = s.loud(ToneRing, source)
		s.bell.Add(r.source)
	}
	fetched := false
	s.fetch(name, func(source audio.Source) {
		fetched = true
		if source != nil {
			play(source)
		}
	})
	if !fetched {
		s.phone.loop.AfterFunc(fetchTime, func() {
			if !fetched {
				play(audio.NewToneSource(audio.Ringtone()))
			}
		})
	}
}

// ringtoneFor is the ringtone of the first of these calls that are to be heard.
func (p *Phone) ringtoneFor(calls []CallState) string {
	for _, c := range calls {
		if name := p.ringtoneOf(c); name != config.RingtoneNone {
			return name
		}
	}
	return config.RingtoneNone
}

// ringtoneOf is the ringtone of a call: the contact's whom it is with, else its account's, else that of all.
func (p *Phone) ringtoneOf(c CallState) string {
	if c.Own.Ringtone != "" {
		return c.Own.Ringtone
	}
	if a, ok := p.Account(c.AccountID); ok && a.Config.Calla.Ringtone != "" {
		return config.ReadRingtone(a.Config.Calla.Ringtone)
	}
	return p.settings.Load().Tones.Ringtone
}

// fetch calls then with the tone of a name, on the loop: at once where no file has to be read. It is nil for none.
// Calla's own stands in for a file that cannot be read, and a notice tells why.
func (s *sound) fetch(name string, then func(audio.Source)) {
	switch name {
	case config.RingtoneNone:
		then(nil)
		return
	case "", config.RingtoneOwn:
		then(audio.NewToneSource(audio.Ringtone()))
		return
	}
	have, codecs := s.read, s.phone.o.Codecs
	var file *soundRead
	var err error
	s.phone.loop.Go(func(context.Context) { file, err = readRingtone(name, have, codecs) }, func() {
		s.tellRingtone(name, err)
		if err != nil {
			then(audio.NewToneSource(audio.Ringtone()))
			return
		}
		s.read = file
		then(audio.NewRecording(file.pcm, true))
	})
}

// readRingtone reads a sound file, where it is not the one that was read before.
func readRingtone(name string, have *soundRead, codecs []audio.Codec) (*soundRead, error) {
	return readSound(name, have, func() ([]int16, error) {
		pcm, err := soundfile.Ring(name, codecs)
		if err != nil {
			return nil, err
		}
		if least := int(leastRing/time.Second) * audio.SampleRate; len(pcm) < least {
			pcm = append(pcm, make([]int16, least-len(pcm))...)
		}
		return pcm, nil
	})
}

// CheckRingtone tells why a ringtone could not be played, by a computer that has these codecs; nil where it could. It
// reads the file, and may be called from any goroutine.
func CheckRingtone(name string, codecs []audio.Codec) *cause.Cause {
	if name == "" || name == config.RingtoneNone || name == config.RingtoneOwn {
		return nil
	}
	if _, err := readRingtone(name, nil, codecs); err != nil {
		why := ringtoneCause(name, err)
		return &why
	}
	return nil
}

// CheckRingtone is CheckRingtone with the codecs that the phone has.
func (p *Phone) CheckRingtone(name string) *cause.Cause { return CheckRingtone(name, p.o.Codecs) }

// ringtoneNotice begins the ID of the notice about a sound file.
const ringtoneNotice = "ringtone "

// tellRingtone tells why a file cannot be played, or no longer does.
func (s *sound) tellRingtone(name string, err error) {
	p := s.phone
	if err == nil {
		p.withdraw(ringtoneNotice + name)
		return
	}
	p.log.Warn("ringtone not played", "file", name, "error", err)
	p.notify(ringtoneNotice+name, ringtoneCause(name, err))
}

// ringtoneCause is what is wrong with a sound file that is to ring.
func ringtoneCause(name string, err error) cause.Cause {
	return soundCause(name, err, map[soundfile.Why]cause.Kind{
		"":                  cause.RingtoneUnreadable,
		soundfile.NoFile:    cause.RingtoneNoFile,
		soundfile.TooLarge:  cause.RingtoneTooLarge,
		soundfile.Unknown:   cause.RingtoneUnknown,
		soundfile.Damaged:   cause.RingtoneDamaged,
		soundfile.NeedsOpus: cause.RingtoneNeedsOpus,
		soundfile.Empty:     cause.RingtoneEmpty,
	})
}

// soundCause is what is wrong with a sound file, by the kind that there is for it; that of "" is for the system's own
// errors.
func soundCause(name string, err error, kinds map[soundfile.Why]cause.Kind) cause.Cause {
	c := cause.Cause{Kind: kinds[""], File: safe.Line(name, shownText)}
	var wrong *soundfile.Error
	if !errors.As(err, &wrong) {
		return c.BySystem(err)
	}
	c.Kind = kinds[wrong.Why]
	switch wrong.Why {
	case soundfile.TooLarge:
		c.Count = soundfile.LargestMB
	case soundfile.TooLong:
		c.After = soundfile.LongestMusic
	}
	if wrong.Err != nil {
		c.Detail = safe.Line(wrong.Err.Error(), shownText)
	}
	return c
}

// ringtoneChosen reads the file that all accounts are to ring with, so that it rings at once, and what is wrong with it
// is known before a call comes.
func (s *sound) ringtoneChosen(before, name string) {
	if before != "" {
		s.phone.withdraw(ringtoneNotice + before)
	}
	if s.read != nil && s.read.name != name {
		s.read = nil // its memory
	}
	if name != "" {
		s.fetch(name, func(audio.Source) {})
	}
}

// RingtoneProblem is what is wrong with a ringtone, a path; nil where nothing is known to be.
func (s State) RingtoneProblem(name string) *cause.Cause { return s.noticed(ringtoneNotice + name) }

// noticed is the cause of a notice; nil where it is not told.
func (s State) noticed(id string) *cause.Cause {
	for i := range s.Notices {
		if s.Notices[i].ID == id {
			return &s.Notices[i].Cause
		}
	}
	return nil
}

// ringtoneSaved follows an account that was changed with what is told of its ringtone.
func (s *sound) ringtoneSaved(before, after account.Account) {
	was, is := config.ReadRingtone(before.Config.Calla.Ringtone), config.ReadRingtone(after.Config.Calla.Ringtone)
	if was == is {
		return
	}
	if was != "" {
		s.phone.withdraw(ringtoneNotice + was)
	}
	if is != "" {
		s.fetch(is, func(audio.Source) {})
	}
}
