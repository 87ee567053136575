package account

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"calla/netsip/config"
)

// storedSecret is Secret.Values as a keyring or the secrets file holds them: an object with a member for each
// parameter, and the list "turn" of credentials. Members that are not known are left out.
type storedSecret map[SecretKey]config.Secret

// storedTurn is the credential of a TURN server's URL for a user name.
type storedTurn struct {
	URL        string `json:"url"`
	Username   string `json:"username"`
	Credential string `json:"credential"`
}

// storedTurns is the member of the credentials of TURN servers.
const storedTurns = "turn"

// storedName is the member of a parameter's secret: Calla's own are without their prefix.
func storedName(parameter string) string { return strings.TrimPrefix(parameter, "calla.") }

// MarshalJSON reveals the secrets.
func (s storedSecret) MarshalJSON() ([]byte, error) {
	stored := make(map[string]any, len(s))
	var turns []storedTurn
	for key, secret := range s {
		if key.Parameter == turnServers {
			turns = append(turns, storedTurn{key.URL, key.Username, secret.Reveal()})
			continue
		}
		stored[storedName(key.Parameter)] = secret.Reveal()
	}
	if len(turns) > 0 {
		slices.SortFunc(turns, func(a, b storedTurn) int {
			return cmp.Or(cmp.Compare(a.URL, b.URL), cmp.Compare(a.Username, b.Username))
		})
		stored[storedTurns] = turns
	}
	return json.Marshal(stored)
}

// UnmarshalJSON reads what MarshalJSON wrote, and credentials in any order, of which the first counts.
func (s *storedSecret) UnmarshalJSON(data []byte) error {
	var stored members
	if err := json.Unmarshal(data, &stored); err != nil {
		return err
	}
	var read Secret
	for _, p := range config.Parameters() {
		raw, given := stored[storedName(p.Name)]
		if p.Kind != config.KindSecret || !given {
			continue
		}
		var text string
		if err := json.Unmarshal(raw, &text); err != nil {
			return err
		}
		read.add(SecretKey{Parameter: p.Name}, config.Secret(text))
	}
	if raw, given := stored[storedTurns]; given {
		var turns []storedTurn
		if err := json.Unmarshal(raw, &turns); err != nil {
			return err
		}
		for _, t := range turns {
			read.add(SecretKey{turnServers, t.URL, t.Username}, config.Secret(t.Credential))
		}
	}
	*s = read.Values
	return nil
}
