package account

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"calla/netsip"
)

// maxIDLength bounds an account's ID in octets.
const maxIDLength = 64

type members map[string]json.RawMessage

// readAccounts returns the accounts of a document; what of it cannot be used is told in problems and, where
// it is a whole account, returned in unreadable as it stands.
func readAccounts(doc document) (accounts []Account, unreadable []json.RawMessage, problems []string, err error) {
	var list []json.RawMessage
	if err := json.Unmarshal(doc["accounts"], &list); err != nil {
		return nil, nil, nil, errors.New("has no list of accounts")
	}
	seen := make(map[string]bool)
	for i, raw := range list {
		a, wrong, err := decodeAccount(raw)
		if err == nil && seen[a.ID] {
			err = errors.New("has the id of another account")
		}
		if err != nil {
			unreadable = append(unreadable, raw)
			problems = append(problems, fmt.Sprintf("account %d: %v", i+1, err))
			continue
		}
		seen[a.ID] = true
		accounts = append(accounts, a)
		for _, w := range wrong {
			problems = append(problems, fmt.Sprintf("account %s: %s", a.Name(), w))
		}
	}
	return accounts, unreadable, problems, nil
}

// writeAccounts returns the member "accounts".
func writeAccounts(accounts []Account, unreadable []json.RawMessage) (json.RawMessage, error) {
	list := make([]json.RawMessage, 0, len(accounts)+len(unreadable))
	for _, a := range accounts {
		raw, err := encodeAccount(a)
		if err != nil {
			return nil, fmt.Errorf("account %s: %w", a.Name(), err)
		}
		list = append(list, raw)
	}
	return json.Marshal(append(list, unreadable...))
}

// decodeAccount reads one stored account. A member whose value cannot be used is told in wrong and kept
// among the unknown ones; only an account without an ID is an error.
func decodeAccount(raw json.RawMessage) (a Account, wrong []string, err error) {
	var m members
	if err := json.Unmarshal(raw, &m); err != nil || m == nil {
		return Account{}, nil, errors.New("is not an object")
	}
	take := func(m members, name string, to any) {
		v, given := m[name]
		if !given {
			return
		}
		if err := json.Unmarshal(v, to); err != nil {
			wrong = append(wrong, name+": has a value of the wrong kind")
			return
		}
		delete(m, name)
	}
	take(m, "id", &a.ID)
	if !validID(a.ID) {
		return Account{}, nil, errors.New("has no id")
	}
	take(m, "label", &a.Label)
	take(m, "enabled", &a.Enabled)
	take(m, "secret", &a.SecretPlace)
	if _, is := m["preferences"]; is {
		var p members
		take(m, "preferences", &p)
		take(p, "echo_target", &a.Preferences.EchoTarget)
		a.unknown.preferences = keepUnknown(p)
	}
	if _, is := m["config"]; is {
		var c members
		take(m, "config", &c)
		wrong = append(wrong, decodeConfig(c, &a)...)
	}
	a.unknown.account = keepUnknown(m)
	return a, wrong, nil
}

func validID(id string) bool {
	const allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
	return id != "" && len(id) <= maxIDLength && strings.Trim(id, allowed) == ""
}

func keepUnknown(m members) members {
	if len(m) == 0 {
		return nil
	}
	return m
}

// decodeConfig reads the member "config". Parts of log and calla that are unknown are kept under
// their dotted names.
func decodeConfig(c members, a *Account) (wrong []string) {
	flat := make(members)
	for name, raw := range c {
		var parts members
		if (name == "log" || name == "calla") && json.Unmarshal(raw, &parts) == nil && parts != nil {
			for part, raw := range parts {
				flat[name+"."+part] = raw
			}
			continue
		}
		flat[name] = raw
	}
	for _, p := range netsip.Parameters() {
		raw, given := flat[p.Name]
		if !given {
			continue
		}
		v, err := decodeValue(raw)
		if err == nil {
			err = p.SetStored(&a.Config, v)
		}
		if err != nil {
			wrong = append(wrong, err.Error())
			continue
		}
		delete(flat, p.Name)
	}
	a.unknown.config = keepUnknown(flat)
	return wrong
}

func decodeValue(raw json.RawMessage) (any, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	err := d.Decode(&v)
	return v, err
}

// encodeAccount writes one account, without its secrets.
func encodeAccount(a Account) (json.RawMessage, error) {
	config, err := json.Marshal(a.Config)
	if err != nil {
		return nil, err
	}
	var c members
	if err := json.Unmarshal(config, &c); err != nil {
		return nil, err
	}
	if err := addUnknown(c, a.unknown.config); err != nil {
		return nil, err
	}
	p := members{}
	maps.Copy(p, a.unknown.preferences)
	put := func(m members, name string, v any) {
		raw, e := json.Marshal(v)
		err = errors.Join(err, e)
		m[name] = raw
	}
	if a.Preferences.EchoTarget != "" {
		put(p, "echo_target", a.Preferences.EchoTarget)
	}
	m := members{}
	maps.Copy(m, a.unknown.account)
	put(m, "id", a.ID)
	put(m, "label", a.Label)
	put(m, "enabled", a.Enabled)
	put(m, "secret", a.SecretPlace)
	put(m, "config", c)
	if len(p) > 0 {
		put(m, "preferences", p)
	}
	if err != nil {
		return nil, err
	}
	return json.Marshal(m)
}

// addUnknown puts the kept members back where the known ones leave room.
func addUnknown(c members, unknown members) error {
	for _, name := range slices.Sorted(maps.Keys(unknown)) {
		group, part, nested := strings.Cut(name, ".")
		if !nested || group != "log" && group != "calla" {
			if _, taken := c[name]; !taken {
				c[name] = unknown[name]
			}
			continue
		}
		parts := members{}
		if raw, is := c[group]; is {
			if err := json.Unmarshal(raw, &parts); err != nil {
				return err
			}
		}
		if _, taken := parts[part]; !taken {
			parts[part] = unknown[name]
		}
		raw, err := json.Marshal(parts)
		if err != nil {
			return err
		}
		c[group] = raw
	}
	return nil
}
