package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// MarshalJSON writes the given parameters in the page's names, without any secret: no password, and
// turn_servers without credentials. It is the form an account file holds.
func (c Config) MarshalJSON() ([]byte, error) {
	return json.Marshal(c.values(false))
}

// values returns the given parameters in the page's names, with or without the secrets.
func (c Config) values(secrets bool) map[string]any {
	values := make(map[string]any)
	for _, p := range Parameters() {
		v := p.Value(c)
		if v == nil || p.Kind == KindSecret && !secrets {
			continue
		}
		if p.Kind == KindTurnServers && !secrets {
			for _, entry := range v.([]any) {
				delete(entry.(map[string]any), "credential")
			}
		}
		if group, part, nested := strings.Cut(p.Name, "."); nested {
			parts, ok := values[group].(map[string]any)
			if !ok {
				parts = make(map[string]any)
				values[group] = parts
			}
			parts[part] = v
			continue
		}
		values[p.Name] = v
	}
	return values
}

// UnmarshalJSON reads what MarshalJSON wrote. A TURN server without credential is taken as it is, its
// credential to be joined; a password, should there be one, is taken too. The values are checked one by
// one; what is not a parameter is passed over.
func (c *Config) UnmarshalJSON(data []byte) error {
	values, err := decodeObject(data)
	if err != nil {
		return fmt.Errorf("read configuration: %w", err)
	}
	var read Config
	for _, p := range Parameters() {
		group, part, nested := strings.Cut(p.Name, ".")
		v, given := values[group]
		if nested {
			parts, _ := v.(map[string]any)
			v, given = parts[part]
		}
		if !given {
			continue
		}
		if err := p.SetStored(&read, v); err != nil {
			return fmt.Errorf("read configuration: %w", err)
		}
	}
	*c = read
	return nil
}

// SetStored is Set for a value in the stored form, in which TURN servers have no credential.
func (p Parameter) SetStored(c *Config, v any) error {
	if p.Kind != KindTurnServers {
		return p.Set(c, v)
	}
	servers, err := readTurnServers(v, false)
	if err != nil {
		err.Parameter = p.Name
		return err
	}
	c.TurnServers = servers
	return nil
}

func decodeObject(data []byte) (map[string]any, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var values map[string]any
	if err := d.Decode(&values); err != nil {
		return nil, err
	}
	if values == nil {
		return nil, errors.New("is null")
	}
	if d.More() {
		return nil, errors.New("goes on after its end")
	}
	return values, nil
}
