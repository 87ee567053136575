package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
)

func TestPasswordOfTheProxyIsTakenOutOfItsAddress(t *testing.T) {
	c, err := normalized(whole("calla", map[string]any{
		"proxy":          "http://u:p%40ss@proxy:8080",
		"proxy_password": "older",
	}))
	if err != nil || c.Calla.Proxy != "http://u@proxy:8080" || c.Calla.ProxyPassword.Reveal() != "p@ss" {
		t.Errorf("%+v, %v", c.Calla, err)
	}
}

func TestSecretIsNeverPrinted(t *testing.T) {
	const canary = `Cänary-%s-73"\`
	c := Config{
		URI: "sip:a@b", WSServers: []Server{{WSURI: "ws://h"}}, Password: canary,
		TurnServers: []TurnServer{{URLs: []string{"turn:x"}, Username: "u", Credential: canary}},
		HA1:         canary, AuthorizationJWT: canary, Calla: Additions{Proxy: "http://u@p:1", ProxyPassword: canary},
	}
	var b strings.Builder
	slog.New(slog.NewTextHandler(&b, nil)).Info("x", "config", c, "password", c.Password, "turn", c.TurnServers)
	slog.New(slog.NewJSONHandler(&b, nil)).Info("x", "config", c, "password", c.Password, "turn", c.TurnServers)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%T %[1]v"} {
		fmt.Fprintf(&b, verb+"\n", c)
		fmt.Fprintf(&b, verb+"\n", c.Password)
		fmt.Fprintf(&b, verb+"\n", &c.TurnServers[0])
	}
	for _, v := range []any{c, c.Password, c.TurnServers} {
		data, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(data)
	}
	c.Password = canary + "\n"
	_, err := c.Normalize()
	fmt.Fprintf(&b, "%v %+v", err, err)
	c.Password, c.TurnServers[0].Credential = "", canary+"\n"
	_, err = c.Normalize()
	fmt.Fprintf(&b, "%v %#v", err, err)
	for _, shown := range []string{"Cänary", `s-73"`, fmt.Sprintf("%x", "Cänary")} {
		if strings.Contains(b.String(), shown) {
			t.Errorf("printed %s", shown)
		}
	}
	if !strings.Contains(b.String(), "‹hidden›") || c.TurnServers[0].Credential.Reveal() != canary+"\n" {
		t.Error("not hidden, or lost")
	}
}

func TestConfigJSONRoundTripsWithoutSecrets(t *testing.T) {
	given := whole("password", "p")
	given["turn_servers"] = map[string]any{"urls": "turn:x", "username": "u", "credential": "p"}
	given["stun_servers"] = list()
	given["register"] = false
	given["log"] = map[string]any{"level": "warn"}
	given["calla"] = map[string]any{"ice_gathering_timeout": 900}
	c, _, err := Parse(given, nil)
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"calla":{"ice_gathering_timeout":900},"log":{"level":"warn"},"register":false,"stun_servers":[],` +
		`"turn_servers":[{"urls":["turn:x"],"username":"u"}],"uri":"sip:alice@example.com",` +
		`"ws_servers":[{"weight":0,"ws_uri":"wss://example.com"}]}`
	if string(data) != want {
		t.Errorf("got  %s\nwant %s", data, want)
	}
	var back Config
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatal(err)
	}
	if diff := back.Differences(c); !slices.Equal(diff, []string{"password", "turn_servers"}) {
		t.Errorf("differs in %v", diff)
	}
	for _, bad := range []string{`null`, `[]`, `{"register":1}`, `{"uri":"sips:a@b"}`, `{}{}`} {
		if err := json.Unmarshal([]byte(bad), &back); err == nil {
			t.Errorf("%s was read", bad)
		}
	}
}

func TestRefusedServerShowsNoPassword(t *testing.T) {
	for _, servers := range []any{
		"ws://alice:wonder@h/", []any{"wss://alice:wonder@h"}, []any{map[string]any{"ws_uri": "ws://alice:won@der@h"}},
	} {
		_, _, err := Parse(map[string]any{"uri": "alice@example.com", "ws_servers": servers}, nil)
		var wrong *Error
		if !errors.As(err, &wrong) {
			t.Fatalf("%v: %v", servers, err)
		}
		if shown := fmt.Sprint(wrong, wrong.Value); strings.Contains(shown, "won") ||
			!strings.Contains(shown, "hidden@h") {
			t.Errorf("%v is shown as %s", servers, shown)
		}
	}
}
