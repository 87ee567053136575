package config

// KnownRealm is a realm that may ask for the account's password. It is no secret, and is kept with the account: a
// restart forgets neither who may ask nor how strong the registrar's digest was.
type KnownRealm struct {
	Name string `json:"realm"`
	// of the registrar's last challenge with whose answer it was content; "" = any may come
	Algorithm string `json:"algorithm,omitempty"`
	QOP       string `json:"qop,omitempty"`     // of that challenge
	Allowed   bool   `json:"allowed,omitempty"` // the user has named it; else it is the registrar's
}
