package account

// Settings are the choices that all accounts of a profile share.
type Settings struct {
	Devices        Devices
	RingtoneVolume int    // percent, 0 to 100
	Theme          Theme  // "" = ThemeSystem
	Window         Size   // of the main window; zero = the default size
	DefaultAccount string // ID of the account that dials; "" = the first enabled one
}

// Theme is the look of the window.
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
