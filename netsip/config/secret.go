package config

import (
	"fmt"
	"log/slog"
)

// secretShown is what a Secret prints as.
const Hidden = "‹hidden›"

// Secret is a password or credential. It prints as ‹hidden› in every way Go has of printing;
// only Reveal gives it away.
type Secret string

// Reveal returns the secret itself.
func (s Secret) Reveal() string { return string(s) }

// String hides the secret.
func (s Secret) String() string { return Hidden }

// GoString hides the secret.
func (s Secret) GoString() string { return Hidden }

// Format hides the secret whatever the verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(Hidden)) }

// LogValue hides the secret in log/slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(Hidden) }

// MarshalText hides the secret in XML and the like. (JSON writes a map key of string type as it is: a Secret must be
// none.)
func (s Secret) MarshalText() ([]byte, error) { return []byte(Hidden), nil }

// MarshalJSON hides the secret.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + Hidden + `"`), nil }
