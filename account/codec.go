package account

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"calla/netsip/config"
)

// maxIDLength bounds an account's ID in octets.
const maxIDLength = 64

type members map[string]json.RawMessage

// readAccounts returns the accounts of a document; what of it cannot be used is told in problems, with its line in
// text, and, where it is a whole account, returned in unreadable as it stands. text may be nil: no lines are told then.
func readAccounts(doc document, text []byte) (accounts []Account, unreadable []json.RawMessage, problems []string,
	err error,
) {
	var list []json.RawMessage
	if raw, given := doc["accounts"]; !given {
		return nil, nil, nil, errors.New("has no list of accounts")
	} else if json.Unmarshal(raw, &list) != nil || list == nil {
		return nil, nil, nil, &partError{
			[]byte(`"accounts"`),
			"has no list of accounts: there stands " + shortened(raw),
		}
	}
	seen := make(map[string]bool)
	next := max(0, bytes.Index(text, []byte(`"accounts"`)))
	for i, raw := range list {
		place := ""
		if at := bytes.Index(text[min(next, len(text)):], raw); at >= 0 && text != nil {
			next += at
			place = fmt.Sprintf("line %d, ", lineOf(text, next))
		}
		a, wrong, err := decodeAccount(raw)
		if err == nil && seen[a.ID] {
			err = errors.New("has the id of another account")
		}
		if err != nil {
			unreadable = append(unreadable, raw)
			problems = append(problems, fmt.Sprintf("%saccount %d: %v", place, i+1, err))
		} else {
			seen[a.ID] = true
			accounts = append(accounts, a)
		}
		for _, w := range wrong {
			if err == nil {
				if place != "" {
					place = fmt.Sprintf("line %d, ", lineOf(text, next+max(0, memberAt(raw, w))))
				}
				problems = append(problems, fmt.Sprintf("%saccount %s: %s", place, a.Name(), w))
			}
		}
		next += len(raw)
	}
	return accounts, unreadable, problems, nil
}

// memberAt finds in an account the member that a remark "config.name: is wrong" is about.
func memberAt(raw json.RawMessage, remark string) int {
	name, _, _ := strings.Cut(remark, ":")
	return bytes.Index(raw, []byte(`"`+name[strings.LastIndexByte(name, '.')+1:]+`"`))
}

// shortened is a value as it is quoted in a remark.
func shortened(raw json.RawMessage) string {
	const most = 40
	if s := []rune(string(raw)); len(s) > most {
		return string(s[:most]) + "…"
	}
	return string(raw)
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

// withoutSecrets returns a document without the secrets that its accounts have, and whether they had any.
func withoutSecrets(doc document) (bare document, had bool) {
	accounts, unreadable, _, err := readAccounts(doc, nil)
	if err != nil {
		return doc, false // not accounts
	}
	for _, a := range accounts {
		_, s := SplitSecret(a.Config)
		had = had || !s.IsEmpty()
	}
	if !had {
		return doc, false
	}
	list, err := writeAccounts(accounts, unreadable)
	if err != nil {
		return doc, false
	}
	return doc.with("accounts", list), true
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
	take(m, "realms", &a.Realms)
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
	for _, p := range config.Parameters() {
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
	if len(a.Realms) > 0 {
		put(m, "realms", a.Realms)
	}
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
