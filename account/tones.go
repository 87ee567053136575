package account

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"calla/netsip/config"
)

// Tones are what the user has said of what is heard beside voices. Volumes are percent, from 0 to 100; that of the
// ringtone is Settings.RingtoneVolume.
type Tones struct {
	// Ringtone of all accounts that have none of their own: the path of a sound file, "" = Calla's own tone, or
	// config.RingtoneNone.
	Ringtone string `json:"ringtone"`
	// HoldMusic is what those on hold hear, of all accounts that have none of their own: the path of a sound file,
	// "" = none.
	HoldMusic   string `json:"hold_music"`
	CallWaiting int    `json:"call_waiting"` // another call comes in during one
	Ringback    int    `json:"ringback"`     // it rings at the far end
	Busy        int    `json:"busy"`         // the call cannot be put through
	Message     int    `json:"message"`      // a message has come
}

// longestPath bounds Tones.Ringtone and Tones.HoldMusic, in octets.
const longestPath = 4096

// DefaultTones are those of a new profile.
func DefaultTones() Tones {
	return Tones{CallWaiting: 100, Ringback: 100, Busy: 100, Message: 80}
}

// normalized is the same without what cannot be used.
func (t Tones) normalized() Tones {
	t.CallWaiting, t.Ringback, t.Busy, t.Message = percent(t.CallWaiting), percent(t.Ringback), percent(t.Busy),
		percent(t.Message)
	t.Ringtone = config.ReadRingtone(t.Ringtone)
	if !isPath(t.Ringtone) || t.Ringtone == config.RingtoneOwn {
		t.Ringtone = ""
	}
	t.HoldMusic = config.ReadHoldMusic(t.HoldMusic)
	if !isPath(t.HoldMusic) || t.HoldMusic == config.HoldMusicNone {
		t.HoldMusic = ""
	}
	return t
}

// isPath tells whether a text may be the path of a file.
func isPath(s string) bool {
	return len(s) <= longestPath && utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}

// percent is a share that is within its bounds.
func percent(n int) int { return min(max(n, 0), 100) }
