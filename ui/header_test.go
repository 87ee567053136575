package ui

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"calla/account"
	"calla/phone"
	"calla/phone/cause"
	"calla/ui/tell"
	"calla/ui/uitest"
	"calla/ui/widget"
)

// names are labels that a list must have room for.
func names() map[string]string {
	return map[string]string{
		"short":             "Office",
		"long":              strings.Repeat("Reception of the northern building, second floor ", 6),
		"one long word":     strings.Repeat("W", 300),
		"right to left":     strings.Repeat("مكتب الاستقبال ", 12),
		"emoji":             strings.Repeat("👩‍👩‍👧‍👦🏳️‍🌈", 40),
		"marks":             "e" + strings.Repeat("\u0301", 500),
		"a status":          "Registered · Registered · Registered · Registered · Registered · Registered",
		"turned":            "\u202eeciffO\u202e desrever",
		"several lines":     "Office\nRegistered\n\nalice",
		"like punctuation·": "· · ·",
	}
}

// many is the State with n accounts, whose labels are hostile in turn; the first bad of them are in trouble.
func many(n, bad int) phone.State {
	s := idle()
	s.Accounts = nil
	labels := names()
	keys := slices.Sorted(maps.Keys(labels)) // what fails fails again
	for i := range n {
		a := office()
		a.ID, a.Label = fmt.Sprint("a", i), labels[keys[i%len(keys)]]
		if i < bad {
			a.Status, a.Standing = phone.StatusFailed, cause.Cause{Kind: cause.WrongPassword}
		}
		s.Accounts = append(s.Accounts, a)
	}
	s.Account = fmt.Sprint("a", n-1)
	return s
}

// TestHeaderSaysLabelOrAddress: the line under the account's name is its address, unless that is its name; never a
// server. Of several accounts it tells how many cannot be called.
func TestHeaderSaysLabelOrAddress(t *testing.T) {
	with := func(change func(*phone.State)) phone.State {
		s := idle()
		change(&s)
		return s
	}
	for _, v := range []struct {
		name  string
		state phone.State
		want  string
	}{
		{"with a label", idle(), "alice@example.com"},
		{"without one", with(func(s *phone.State) { s.Accounts[0].Label = s.Accounts[0].Address }), ""},
		{"with a scheme", with(func(s *phone.State) {
			s.Accounts[0].Label, s.Accounts[0].Address = "alice@example.com", "sip:alice@example.com"
		}), ""},
		{"with voicemail", with(func(s *phone.State) {
			s.Accounts[0].Label, s.Accounts[0].Voicemail = s.Accounts[0].Address, &phone.Voicemail{New: 2}
		}), "2 new voicemails"},
		{"alone in trouble", with(func(s *phone.State) {
			s.Accounts[0].Status = phone.StatusFailed
		}), "alice@example.com"},
		{"one of three in trouble", many(3, 1), "1 of 3 accounts has trouble · alice@example.com"},
		{"two of twenty in trouble", many(20, 2), "2 of 20 accounts have trouble · alice@example.com"},
		{"one switched off", with(func(s *phone.State) {
			*s = many(3, 1)
			s.Accounts[0].Status = phone.StatusOff
		}), "alice@example.com"},
		{"not to be disturbed", with(func(s *phone.State) {
			*s = many(3, 1)
			s.DoNotDisturb.On = true
		}), "Do not disturb"},
	} {
		t.Run(v.name, func(t *testing.T) {
			o := open(t, Options{})
			o.update(v.state)
			if got := o.main.head.pill.Line(); got != v.want {
				t.Errorf("%q, want %q", got, v.want)
			}
			if shown := uitest.Texts(o.main.head.object); strings.Contains(shown, "wss:") {
				t.Errorf("the header names a server: %q", shown)
			}
		})
	}
}

// TestNamesAreShortenedBeforeTheStatus: in menus and lists of accounts every status is read in full and nothing leaves
// the window, whatever accounts are called.
func TestNamesAreShortenedBeforeTheStatus(t *testing.T) {
	for name, label := range names() {
		t.Run(name, func(t *testing.T) {
			o := open(t, Options{})
			s := many(3, 2)
			for i := range s.Accounts {
				s.Accounts[i].Label = label
			}
			o.update(s)
			o.main.head.openAccounts()
			uitest.Settle(o.main.win)
			menu := o.main.win.Canvas().Overlays().Top()
			words := ""
			for _, line := range menuTexts(menu) {
				words += line.Text + "\n"
			}
			if n := strings.Count(words, " · Wrong password"); n < 2 {
				t.Errorf("%d of 2 statuses in %q", n, words)
			}
			for _, line := range menuTexts(menu) {
				right := fyne.CurrentApp().Driver().AbsolutePositionForObject(line).X + line.MinSize().Width
				if right > minWidth {
					t.Errorf("%q ends %.0f outside the window", line.Text, right-minWidth)
				}
			}
			if pill := o.main.head.pill; pill.Word() != "Registered" {
				t.Errorf("the header says %q", pill.Word())
			}
		})
	}
}

// menuTexts are the lines of an open menu.
func menuTexts(menu fyne.CanvasObject) (all []*canvas.Text) {
	for _, obj := range test.LaidOutObjects(menu) {
		if text, ok := obj.(*canvas.Text); ok {
			all = append(all, text)
		}
	}
	return all
}

// TestTwentyAccountsAreChosenInASheet: more accounts than a menu has room for are listed in a sheet, which scrolls;
// each can be chosen.
func TestTwentyAccountsAreChosenInASheet(t *testing.T) {
	for _, n := range []int{2, mostInMenu, mostInMenu + 1, 20} {
		t.Run(fmt.Sprint(n, " accounts"), func(t *testing.T) {
			for _, size := range []account.Size{{Width: 360, Height: 560}} {
				o := open(t, Options{Size: size})
				o.update(many(n, 1))
				o.tap(o.main.head.pill)
				uitest.Settle(o.main.win)
				if o.main.sheet == nil != (n <= mostInMenu) {
					t.Fatalf("a sheet: %t", o.main.sheet != nil)
				}
				top := o.main.win.Canvas().Overlays().Top()
				if h := top.Size().Height; h > sized(size).Height {
					t.Errorf("what lists them is %.0f high", h)
				}
				if n <= mostInMenu {
					continue
				}
				pills := uitest.LaidOut[*widget.Pill](top)
				if len(pills) != n {
					t.Fatalf("%d accounts are listed", len(pills))
				}
				o.tap(pills[n/2])
				o.expect(t, fmt.Sprint("use a", n/2))
				if o.main.sheet != nil {
					t.Error("the sheet stays")
				}
			}
		})
	}
}

func sized(s account.Size) fyne.Size { return fyne.NewSize(s.Width, s.Height) }

// TestTheAccountOfACallIsToldWhereThereAreSeveral, and not where there is but one.
func TestTheAccountOfACallIsToldWhereThereAreSeveral(t *testing.T) {
	for _, v := range []struct {
		name  string
		phase phone.Phase
	}{
		{"calling", phone.PhaseCalling},
		{"ringing", phone.PhaseRinging},
		{"incoming", phone.PhaseIncoming},
		{"answering", phone.PhaseAnswering},
		{"talking", phone.PhaseEstablished},
		{"ending", phone.PhaseEnding},
	} {
		t.Run(v.name, func(t *testing.T) {
			o := open(t, Options{})
			s := inPhase(v.phase)
			o.update(s)
			if got := o.main.call.account.Text(); got != "" {
				t.Errorf("with one account: %q", got)
			}
			other := office()
			other.ID, other.Label = "private", "Private"
			s.Accounts = append(s.Accounts, other)
			o.update(s)
			if got := o.main.call.account.Text(); got != "Account "+tell.SafeLine(s.Calls[0].Account) {
				t.Errorf("with two accounts: %q", got)
			}
		})
	}
}
