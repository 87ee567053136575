package account

import (
	"reflect"
	"slices"
)

// SecretPlace says where an account's password is kept.
type SecretPlace string

// The places a password can be kept in.
const (
	SecretNone    SecretPlace = ""        // there is none, or it has not been asked for
	SecretKeyring SecretPlace = "keyring" // the operating system's keyring
	SecretSession SecretPlace = "session" // this run of the program only
	SecretFile    SecretPlace = "file"    // a 0600 file the user asked for
)

// Role is what a sound device is used for.
type Role string

// The roles of sound devices.
const (
	RoleMicrophone Role = "microphone"
	RoleSpeaker    Role = "speaker"
	RoleRinger     Role = "ringer"
)

// DeviceChoice names a sound device the way it survives re-plugging: matched by ID, then by name.
// The zero value follows the system's default.
type DeviceChoice struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	// Loopback tells that it records what is played (audio.Device): such a one is not taken for another of its name.
	Loopback bool `json:"loopback,omitempty"`
}

// is tells whether a choice names the same device as another, by ID or by name.
func (c DeviceChoice) is(other DeviceChoice) bool {
	return c.ID != "" && c.ID == other.ID || c.Name != "" && c.Name == other.Name && c.Loopback == other.Loopback
}

// Devices is the devices that the user wants for each role: the one chosen last, and behind it those that were chosen
// before, the last one first. The first of them that is there is used, and where none is, or where the system is
// followed, the system's default. It is a value that nobody changes.
type Devices struct {
	Microphone DeviceChoice `json:"microphone"`
	Speaker    DeviceChoice `json:"speaker"`
	Ringer     DeviceChoice `json:"ringer"`

	EarlierMicrophones []DeviceChoice `json:"earlier_microphones,omitempty"`
	EarlierSpeakers    []DeviceChoice `json:"earlier_speakers,omitempty"`
	EarlierRingers     []DeviceChoice `json:"earlier_ringers,omitempty"`
}

// keptDevices is how many devices are kept for a role.
const keptDevices = 8

// of finds what is kept for a role.
func (d *Devices) of(role Role) (chosen *DeviceChoice, earlier *[]DeviceChoice) {
	switch role {
	case RoleMicrophone:
		return &d.Microphone, &d.EarlierMicrophones
	case RoleRinger:
		return &d.Ringer, &d.EarlierRingers
	}
	return &d.Speaker, &d.EarlierSpeakers
}

// Chosen is what was chosen last for a role; zero follows the system.
func (d Devices) Chosen(role Role) DeviceChoice {
	chosen, _ := d.of(role)
	return *chosen
}

// Order is the devices for a role, the best first; none where the system is followed.
func (d Devices) Order(role Role) []DeviceChoice {
	chosen, earlier := d.of(role)
	if *chosen == (DeviceChoice{}) {
		return nil
	}
	return append([]DeviceChoice{*chosen}, *earlier...)
}

// Choose is d with a device chosen for a role, or with the zero choice the system followed. What was chosen before is
// kept behind it.
func (d Devices) Choose(role Role, choice DeviceChoice) Devices {
	chosen, earlier := d.of(role)
	all := append([]DeviceChoice{choice, *chosen}, *earlier...)
	*chosen, *earlier = choice, tidy(choice, all)
	return d
}

// Forget is d without a device for a role. Where that was chosen, the one before is.
func (d Devices) Forget(role Role, choice DeviceChoice) Devices {
	chosen, earlier := d.of(role)
	left := slices.DeleteFunc(append([]DeviceChoice{*chosen}, *earlier...), choice.is)
	switch {
	case *chosen == (DeviceChoice{}):
	case len(left) == 0:
		*chosen = DeviceChoice{}
	default:
		*chosen = left[0]
	}
	*earlier = tidy(*chosen, left)
	return d
}

// Same tells whether two are the same.
func (d Devices) Same(other Devices) bool { return reflect.DeepEqual(d, other) }

// normalized is d with what makes no sense left out.
func (d Devices) normalized() Devices {
	for _, role := range []Role{RoleMicrophone, RoleSpeaker, RoleRinger} {
		chosen, earlier := d.of(role)
		*earlier = tidy(*chosen, *earlier)
	}
	return d
}

// tidy is those of a list of choices that stand behind the first one: devices, each once, and not too many.
func tidy(chosen DeviceChoice, all []DeviceChoice) (earlier []DeviceChoice) {
	for _, c := range all {
		known := c == (DeviceChoice{}) || c.is(chosen) || slices.ContainsFunc(earlier, c.is)
		if !known && len(earlier) < keptDevices-1 {
			earlier = append(earlier, c)
		}
	}
	return earlier
}
