package ui

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"calla/account"
	"calla/phone"
	"calla/phone/cause"
	"calla/ui/uitest"
)

// TestDetailsChangeWhatChanged: beside the telephone, and on the page of an account, each State changes what it says
// otherwise, and leaves all objects in their places that still have something to say.
func TestDetailsChangeWhatChanged(t *testing.T) {
	for _, v := range []struct {
		name   string
		change func(*phone.State)
		same   bool // all objects stay
		says   string
	}{
		{"nothing changed", func(*phone.State) {}, true, "sip-ws-2.example.com"},
		{"a server failed", func(s *phone.State) {
			s.Accounts[0].Servers[0].Connected, s.Accounts[0].Servers[0].Failed = false, true
			s.Accounts[0].Servers[0].Cause = cause.Cause{Kind: cause.ServerFailed}
		}, true, "sip-ws-2.example.com"},
		{"another address", func(s *phone.State) {
			s.Accounts[0].Servers[1].URL = "wss://elsewhere.example.com"
		}, true, "elsewhere.example.com"},
		{"a server more", func(s *phone.State) {
			more := phone.ServerState{URL: "wss://third.example.com", Cause: cause.Cause{Kind: cause.ServerFailed}}
			s.Accounts[0].Servers = append(s.Accounts[0].Servers, more)
		}, false, "third.example.com"},
		{"a server less", func(s *phone.State) {
			s.Accounts[0].Servers = s.Accounts[0].Servers[:1]
		}, false, "sip-ws-1.example.com"},
	} {
		for name, page := range map[string]func(o *opened) (*serverLines, fyne.CanvasObject){
			"details": func(o *opened) (*serverLines, fyne.CanvasObject) {
				return o.main.details.servers, o.main.details.object
			},
			"account": func(o *opened) (*serverLines, fyne.CanvasObject) {
				o.main.openAccount("office")
				p := o.main.page.(*accountPage)
				return p.servers, p.servers.object
			},
		} {
			t.Run(v.name+", "+name, func(t *testing.T) {
				o := open(t, Options{Size: account.Size{Width: 1100, Height: 900}})
				o.update(engineered())
				lines, all := page(o)
				o.update(engineered())
				uitest.Settle(o.main.win)
				before, servers := objectsIn(all), slices.Clone(lines.object.Objects)
				if len(servers) < 2 {
					t.Fatalf("%d servers", len(servers))
				}
				s := engineered()
				v.change(&s)
				o.update(s)
				after := objectsIn(all)
				if stay := slices.Equal(before, after); stay != v.same {
					t.Errorf("the same %d objects: %t, and %d", len(before), stay, len(after))
				}
				now := lines.object.Objects
				if n := min(len(servers), len(now)); !slices.Equal(servers[:n], now[:n]) {
					t.Error("the lines of the servers that stay are others")
				}
				if len(now) != len(s.Accounts[0].Servers) {
					t.Errorf("%d lines for %d servers", len(now), len(s.Accounts[0].Servers))
				}
				if words := uitest.Texts(lines.object); !strings.Contains(words, v.says) {
					t.Errorf("%q is not in %q", v.says, words)
				}
			})
		}
	}
}

// objectsIn are all that are shown in an object.
func objectsIn(o fyne.CanvasObject) (all []fyne.CanvasObject) {
	for _, s := range inSight(o, fyne.Position{}) {
		all = append(all, s.CanvasObject)
	}
	return all
}

// TestWhatTheFarEndTellsIsAFigure: loss and MOS of the other end, where it tells them, and nothing else.
func TestWhatTheFarEndTellsIsAFigure(t *testing.T) {
	for _, c := range []struct {
		known              bool
		loss, discard, mos float64
		want               string
	}{
		{false, 0, 0, 0, ""},
		{true, 0, 0, 0, "Lost at the other end 0.0 %"},
		{true, 0.02, 0.01, 4.1, "Lost at the other end 3.0 %, MOS at the other end 4.1"},
	} {
		call := inPhase(phone.PhaseEstablished).Calls[0]
		far := &call.Quality.FarEnd
		far.Known, far.Loss, far.Discard, far.MOS = c.known, c.loss, c.discard, c.mos
		var told []string
		for _, f := range callFigures(call) {
			if strings.HasSuffix(f.what, "at the other end") {
				told = append(told, f.what+" "+f.value)
			}
		}
		if got := strings.Join(told, ", "); got != c.want {
			t.Errorf("%+v: %q instead of %q", *far, got, c.want)
		}
	}
}
