package account

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
)

// Settings are the choices that all accounts of a profile share.
type Settings struct {
	Devices        Devices
	Cleaning       Cleaning // of the microphone's sound, with devices that have none in Cleanings
	Cleanings      []DeviceCleaning
	RingtoneVolume int // percent, 0 to 100
	Tones          Tones
	Theme          Theme   // "" = ThemeSystem
	TextSize       int     // percent, MinTextSize to MaxTextSize
	Window         Size    // of the main window; zero = the default size
	Places         []Place // of the main window, the last one first
	Notifications  bool    // calls are told by notifications of the desktop, too
	ClosingTold    bool    // where Calla goes when its window is closed has been said
	DialLinks      bool    // tel: and sip: links are called at once; otherwise they fill the number field
	DefaultAccount string  // ID of the account that dials; "" = the first enabled one
	Recordings     string  // folder where recordings of calls go; "" = one in the user's home
	KeepDays       int     // how long calls and messages are kept; 0 = for ever
	Incoming       Incoming
	Latencies      []Latency // of pairs of devices, what was measured last first; never changed
}

// longestKept bounds Settings.KeepDays: a hundred years.
const longestKept = 36525

// DefaultSettings returns what a new profile has.
func DefaultSettings() Settings {
	return Settings{
		RingtoneVolume: 80, Tones: DefaultTones(), Theme: ThemeSystem, TextSize: 100, Notifications: true,
		KeepDays: 365, Cleaning: DefaultCleaning(),
	}
}

// Bounds of Settings.TextSize, in percent.
const (
	MinTextSize = 80
	MaxTextSize = 200
)

// Theme is the look of the windows.
type Theme string

// The themes.
const (
	ThemeSystem Theme = "system"
	ThemeLight  Theme = "light"
	ThemeDark   Theme = "dark"
)

// Size is a window's size in device-independent pixels.
type Size struct {
	Width  float32 `json:"width"`
	Height float32 `json:"height"`
}

// Place is where a window stands on one arrangement of screens.
type Place struct {
	Screens string `json:"screens"` // the arrangement: what the window calls it
	X       int    `json:"x"`       // of the left upper corner of its content, in pixels of the desktop
	Y       int    `json:"y"`
}

// mostPlaces is how many arrangements of screens are remembered, and longestScreens how long the name of one may be.
const (
	mostPlaces     = 8
	longestScreens = 400
)

// PlaceWindow remembers where the main window stands, in the place of what was remembered for the same screens.
func (s *Settings) PlaceWindow(p Place) {
	others := slices.DeleteFunc(slices.Clone(s.Places), func(old Place) bool { return old.Screens == p.Screens })
	s.Places = append([]Place{p}, others[:min(len(others), mostPlaces-1)]...)
}

// normalized returns s with each value that makes no sense replaced by the default.
func (s Settings) normalized() Settings {
	s.RingtoneVolume = percent(s.RingtoneVolume)
	s.Tones = s.Tones.normalized()
	s.Devices = s.Devices.normalized()
	s.Cleaning = s.Cleaning.normalized()
	s.Cleanings = slices.Clone(s.Cleanings[:min(len(s.Cleanings), keptCleanings)])
	for i := range s.Cleanings {
		s.Cleanings[i].Cleaning = s.Cleanings[i].normalized()
	}
	if s.Theme != ThemeLight && s.Theme != ThemeDark {
		s.Theme = ThemeSystem
	}
	if s.TextSize == 0 {
		s.TextSize = 100
	}
	s.TextSize = min(max(s.TextSize, MinTextSize), MaxTextSize)
	s.KeepDays = min(max(s.KeepDays, 0), longestKept)
	s.Incoming = s.Incoming.normalized()
	s.Latencies = normalizedLatencies(s.Latencies)
	usable := func(f float32) bool { return f > 0 && f < math.MaxInt16 }
	if !usable(s.Window.Width) || !usable(s.Window.Height) {
		s.Window = Size{}
	}
	var places []Place
	for _, p := range s.Places {
		if p.Screens != "" && len(p.Screens) <= longestScreens && len(places) < mostPlaces {
			places = append(places, p)
		}
	}
	s.Places = places
	return s
}

// Settings returns what the accounts share, and what was found when settings.json was opened.
func (s *Store) Settings() (Settings, Loaded) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.settings, s.settingsLoaded
}

// SaveSettings writes settings.json, under the same rules as accounts.json.
func (s *Store) SaveSettings(v Settings) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.settingsReadOnly != nil {
		return fmt.Errorf("save settings: %w: %w", ErrReadOnly, s.settingsReadOnly)
	}
	v = v.normalized()
	doc := s.settingsDoc
	var err error
	put := func(name string, v any) {
		raw, e := json.Marshal(v)
		err = errors.Join(err, e)
		doc = doc.with(name, raw)
	}
	put("devices", v.Devices)
	put("cleaning", v.Cleaning)
	put("cleanings", v.Cleanings)
	put("ringtone_volume", v.RingtoneVolume)
	put("tones", v.Tones)
	put("theme", v.Theme)
	put("text_size", v.TextSize)
	put("window", v.Window)
	put("window_places", v.Places)
	put("notifications", v.Notifications)
	put("closing_told", v.ClosingTold)
	put("dial_links", v.DialLinks)
	put("default_account", v.DefaultAccount)
	put("recordings", v.Recordings)
	put("keep_days", v.KeepDays)
	put("incoming", v.Incoming)
	put("latencies", v.Latencies)
	if err != nil {
		return fmt.Errorf("save settings: %w", err)
	}
	if err := s.settingsFile.save(doc, anyDocument); err != nil {
		return err
	}
	s.settingsDoc, s.settings = doc, v
	return nil
}

func anyDocument(document) error { return nil }

// loadSettings reads settings.json. Unlike accounts, settings that cannot be recovered need no
// decision of the user: the damaged file is moved aside, and told.
func (s *Store) loadSettings() {
	found := &s.settingsLoaded
	var c content
	var err error
	if s.lock.Locked() {
		c, err = s.settingsFile.load(found, anyDocument)
	} else if c, _, err = s.settingsFile.look(found, anyDocument, nil); err == nil {
		err = s.readOnly
	}
	if errors.Is(err, errLost) && s.lock.Locked() && s.settingsFile.moveAside(found) == nil {
		c, err = content{}, nil
	}
	doc := c.document
	if err != nil {
		s.settingsReadOnly = err
		found.ReadOnly = err.Error()
	}
	v := DefaultSettings()
	take := func(name string, to any) {
		if raw, given := doc[name]; given && json.Unmarshal(raw, to) != nil {
			found.Problems = append(found.Problems, name+": has a value of the wrong kind")
		}
	}
	take("devices", &v.Devices)
	take("cleaning", &v.Cleaning)
	take("cleanings", &v.Cleanings)
	take("ringtone_volume", &v.RingtoneVolume)
	take("tones", &v.Tones)
	take("theme", &v.Theme)
	take("text_size", &v.TextSize)
	take("window", &v.Window)
	take("window_places", &v.Places)
	take("notifications", &v.Notifications)
	take("closing_told", &v.ClosingTold)
	take("dial_links", &v.DialLinks)
	take("default_account", &v.DefaultAccount)
	take("recordings", &v.Recordings)
	take("keep_days", &v.KeepDays)
	take("incoming", &v.Incoming)
	take("latencies", &v.Latencies)
	s.settingsDoc, s.settings = doc, v.normalized()
}
