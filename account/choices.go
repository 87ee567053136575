package account

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

// Devices is the choice of devices for each role.
type Devices struct {
	Microphone DeviceChoice `json:"microphone"`
	Speaker    DeviceChoice `json:"speaker"`
	Ringer     DeviceChoice `json:"ringer"`
}
