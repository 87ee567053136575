package ui

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"calla/account"
	"calla/phone"
	"calla/phone/cause"
	"calla/ui/tell"
	"calla/ui/uitest"
)

// twoCalls is the State with one call that talks and one on hold.
func twoCalls() phone.State {
	s := inPhase(phone.PhaseEstablished)
	s.Calls[0].Active = true
	s.Calls = append(s.Calls, phone.CallState{
		ID: "c2", AccountID: "office", Account: "Office", Phase: phone.PhaseEstablished, Name: "Maria Ortiz",
		Address: "+34 91 555 0142",
		Started: time.Now().Add(-5 * time.Minute), Connected: time.Now().Add(-290 * time.Second), Held: true,
		Secure: true, Encrypted: true, Codec: "opus",
	})
	return s
}

// asking is the State while Bob is asked whether Maria may be handed over to him.
func asking() phone.State {
	s := twoCalls()
	s.Calls[0].ConsultFor = "c2"
	return s
}

// referred is the State in which Bob wants Carol called in his place.
func referred() phone.State {
	s := inPhase(phone.PhaseEstablished)
	s.Calls[0].Active = true
	s.Referrals = []phone.Referral{{
		ID: "r1", CallID: "c1", From: "Bob Marsh", Name: "Carol Jones", Address: "carol@example.com",
		Until: time.Now().Add(14 * time.Second),
	}}
	return s
}

// chat is the State with five messages, one of them new and one not sent.
func chat() phone.State {
	s := idle()
	s.Messages = phone.NewMessageMemory(texts()...).Counts()
	return s
}

// texts are the messages of chat.
func texts() []phone.Message {
	now := time.Now()
	return []phone.Message{
		{
			ID: 1, AccountID: "office", Incoming: true, Name: "Maria Ortiz", Address: "maria@example.com",
			Party: "maria@example.com", URI: "sip:maria@example.com", Kept: true,
			Text: "The parcel is here.", At: now.Add(-50 * time.Minute), Status: phone.MessageSent,
		},
		{
			ID: 2, AccountID: "office", Address: "maria@example.com", Party: "maria@example.com", Kept: true,
			Text: "Thank you!\nI am coming down to fetch it.",
			At:   now.Add(-48 * time.Minute), Status: phone.MessageSent,
		},
		{
			ID: 3, AccountID: "office", Incoming: true, Name: "Bob Marsh", Address: "bob@example.com",
			Party: "bob@example.com", URI: "sip:bob@example.com", Kept: true,
			Text: "Can you call me back when you have a minute? It is about Thursday's delivery and the keys.",
			At:   now.Add(-3 * time.Minute), Unread: true, Status: phone.MessageSent,
		},
		{
			ID: 4, AccountID: "office", Name: "Bob Marsh", Address: "bob@example.com", Kept: true,
			Party: "bob@example.com", URI: "sip:bob@example.com", Text: "In ten minutes.",
			At:     now.Add(-time.Minute),
			Status: phone.MessageFailed, Cause: &cause.Cause{Kind: cause.MessageNotSupported, To: "bob@example.com"},
		},
		{
			ID: 5, AccountID: "office", Name: "Bob Marsh", Address: "bob@example.com", Kept: true,
			Party: "bob@example.com", URI: "sip:bob@example.com", Text: "Calling now.", At: now,
			Status: phone.MessageSending,
		},
	}
}

// engineered is the State of an account with everything that engineers want to see.
func engineered() phone.State {
	s := idle()
	now := time.Now()
	a := &s.Accounts[0]
	a.Voicemail = &phone.Voicemail{New: 2, Old: 5}
	a.Connection = phone.Connection{
		Since: now.Add(-12 * time.Minute), Attempts: 2,
		PublicGRUU:    "sip:alice@example.com;gr=urn:uuid:8f1fa16a-1165-4a96-8341-785b1ef24f12",
		TemporaryGRUU: "sip:tgruu.7hs==jd7vnzga5w7fajsc7-ajd6fabz0f8g5@example.com;gr",
		ServiceRoutes: []string{"<sip:edge.example.com;transport=ws;lr>"},
		Left: &phone.LeftServer{
			Server: "wss://sip-ws-2.example.com",
			Cause:  &cause.Cause{Kind: cause.ConnectionCut, Code: 1012}, At: now.Add(-13 * time.Minute),
		},
	}
	a.Servers[1] = phone.ServerState{
		URL: "wss://sip-ws-2.example.com", Weight: 1, Failed: true,
		Cause: cause.Cause{Kind: cause.ServerFailed, Because: &cause.Cause{Kind: cause.WebSocketRefused}}, Failures: 3,
		LastErrorAt: now.Add(-time.Minute), NextTry: now.Add(24 * time.Second),
	}
	a.Bindings = []phone.Binding{
		{
			Address: "sip:alice@8sd7fh2.invalid;transport=ws", Expires: now.Add(9*time.Minute + 30*time.Second),
			Own: true,
		},
		{Address: "sip:alice@192.0.2.14:5060", Expires: now.Add(52*time.Minute + 30*time.Second)},
	}
	return s
}

// reconnecting is the State of a call whose server is gone, as far as asked with digits to send and a silent
// microphone.
func reconnecting(digits, silent bool) phone.State {
	s := inPhase(phone.PhaseEstablished)
	a := &s.Accounts[0]
	a.Status, a.RetryAt = phone.StatusRetrying, time.Now().Add(2*time.Second)
	a.Problem = &cause.Cause{
		Kind: cause.CallGoesOn, Action: cause.ActionRetry,
		Because: &cause.Cause{Kind: cause.NothingListens, Server: "ws://127.0.0.1:44907"},
	}
	if digits {
		s.Calls[0].PostDial = phone.PostDial{Digits: "#"}
	}
	if silent {
		s.Calls[0].Problem = &cause.Cause{Kind: cause.MicrophoneSilent, Action: cause.ActionChooseDevice}
	}
	return s
}

// TestWhoItIsAndTheTimerHaveRoom: however much there is to tell in a call, the name and the timer are not covered, in
// the smallest window either.
func TestWhoItIsAndTheTimerHaveRoom(t *testing.T) {
	keys := func(o *opened) { o.main.call.toggleKeypad() }
	waits := inPhase(phone.PhaseEstablished)
	waits.Calls[0].PostDial = phone.PostDial{Digits: "987654#", Waits: true}
	anonymous := reconnecting(true, true)
	anonymous.Calls[0].Name = ""
	for _, v := range []struct {
		name  string
		state phone.State
		then  func(*opened)
	}{
		{"nothing to tell", inPhase(phone.PhaseEstablished), nil},
		{"reconnecting", reconnecting(false, false), nil},
		{"reconnecting with digits", reconnecting(true, false), nil},
		{"reconnecting without a microphone", reconnecting(false, true), nil},
		{"all of it", reconnecting(true, true), nil},
		{"all of it, without a name", anonymous, nil},
		{"digits that wait", waits, nil},
		{"the keypad", inPhase(phone.PhaseEstablished), keys},
		{"somebody is asked", asking(), nil},
	} {
		t.Run(v.name, func(t *testing.T) {
			for _, size := range []account.Size{
				{Width: 360, Height: 560},
				{Width: 360, Height: 640},
				{Width: 1100, Height: 700},
			} {
				o := open(t, Options{Size: size})
				before := tell.Timer(time.Since(v.state.Calls[0].Connected))
				o.update(v.state)
				if v.then != nil {
					v.then(o)
				}
				uitest.Settle(o.main.win)
				p := o.main.call
				place := fyne.CurrentApp().Driver().AbsolutePositionForObject
				top, bottom := place(p.person).Y, place(p.person).Y+p.person.MinSize().Height
				if top < place(p.object).Y {
					t.Errorf("%v: the name begins %.0f above its pane", size, place(p.object).Y-top)
				}
				for _, other := range append(p.strips(p.toggles.Size().Width), p.toggles, p.pad, p.meters) {
					if y := place(other).Y; other.Visible() && bottom > y+1 && top < y {
						t.Errorf("%v: the words end at %.0f, and %T begins at %.0f", size, bottom, other, y)
					}
				}
				timer, shown := tell.Timer(time.Since(v.state.Calls[0].Connected)), uitest.Texts(p.person)
				if !strings.Contains(shown, before[:3]) && !strings.Contains(shown, timer[:3]) {
					t.Errorf("%v: no timer in %q", size, shown)
				}
			}
		})
	}
}

// callScreens are the pictures of several calls, transfers and messages.
func callScreens() map[string]func(*opened) fyne.Window {
	draw := func(s phone.State, then func(*opened)) func(*opened) fyne.Window {
		return func(o *opened) fyne.Window {
			o.update(s)
			if then != nil {
				then(o)
			}
			return nil
		}
	}
	held := inPhase(phone.PhaseEstablished)
	held.Calls[0].Active, held.Calls[0].Held = true, true
	transferring := inPhase(phone.PhaseEstablished)
	transferring.Calls[0].Transfer = &phone.TransferState{
		To:    "Carol Jones",
		Cause: cause.Cause{Kind: cause.TransferRinging, To: "Carol Jones"},
	}
	waiting := twoCalls()
	waiting.Calls = append(waiting.Calls[:1], inPhase(phone.PhaseIncoming).Calls[0])
	waiting.Calls[1].ID, waiting.Calls[1].Waiting = "c3", true
	moved := idle()
	moved.Ended = &phone.EndedCall{
		CallID: "c1", Account: "Office", Name: "Bob Marsh", Address: "bob@example.com",
		Cause: cause.Cause{Kind: cause.Redirected}, Code: 302, At: time.Now(),
		Redirect: []phone.RedirectTarget{
			{Name: "Carol Jones", Address: "carol@example.com", URI: "carol@example.com"},
			{Address: "+49 30 901820"},
		},
	}
	left := twoCalls()
	left.Calls = left.Calls[1:]
	left.Ended = &phone.EndedCall{
		CallID: "c1", Account: "Office", Name: "Bob Marsh", Address: "bob@example.com",
		Cause: cause.Cause{Kind: cause.HungUpThere}, At: time.Now(),
	}
	return map[string]func(*opened) fyne.Window{
		"held":           draw(held, nil),
		"reconnecting":   draw(reconnecting(true, true), nil),
		"two-calls":      draw(twoCalls(), nil),
		"two-calls-keys": draw(twoCalls(), func(o *opened) { o.main.call.toggleKeypad() }),
		"add-call": draw(inPhase(phone.PhaseEstablished),
			func(o *opened) { o.main.setAdding(true); o.main.dial.fill("carol") }),
		"transfer-ask":    draw(inPhase(phone.PhaseEstablished), func(o *opened) { o.main.call.openTransfer(false) }),
		"transfer-others": draw(threeCalls(), func(o *opened) { o.main.call.openTransfer(false) }),
		"conference":      draw(conference(), nil),
		"recorded":        draw(recorded(false), nil),
		"conference-held": draw(conferenceWaits(), nil),
		"conference-four": draw(conferenceOfFour(), nil),
		"transferring":    draw(transferring, nil),
		"consult":         draw(asking(), nil),
		"waiting":         draw(waiting, nil),
		"one-left":        draw(left, nil),
		"referral":        draw(referred(), nil),
		"moved":           draw(moved, nil),
		"messages":        draw(chat(), func(o *opened) { o.main.openMessages() }),
		"messages-none":   draw(idle(), func(o *opened) { o.main.openMessages() }),
		"conversation": draw(chat(), func(o *opened) {
			o.main.openConversation("office", "bob@example.com", o.main.open)
		}),
		"unread":          draw(chat(), func(o *opened) { o.main.dial.fill("bob@example.com") }),
		"account":         draw(engineered(), func(o *opened) { o.main.openAccount("office") }),
		"account-devices": draw(engineered(), func(o *opened) { o.main.openAccount("office"); scrollDown(o) }),
	}
}

// scrollDown shows the end of the open page.
func scrollDown(o *opened) {
	uitest.Settle(o.main.win)
	for _, s := range uitest.LaidOut[interface {
		fyne.CanvasObject
		ScrollToBottom()
	}](o.main.side) {
		s.ScrollToBottom()
	}
}
