package desktop

import (
	"testing"

	"calla/phone"
	"calla/phone/cause"
)

// TestOnlyWhatWasMissedIsToldAsMissed: nothing is told of calls that somebody dealt with, here or elsewhere.
func TestOnlyWhatWasMissedIsToldAsMissed(t *testing.T) {
	for _, c := range []struct {
		name  string
		ended phone.EndedCall
		told  bool
		back  bool // it can be called back
	}{
		{"missed", phone.EndedCall{Incoming: true, URI: "sip:b@x", Cause: cause.Cause{Kind: cause.Missed}}, true, true},
		{"missed from nobody", phone.EndedCall{Incoming: true, Cause: cause.Cause{Kind: cause.Missed}}, true, false},
		{"declined here", phone.EndedCall{Incoming: true, Cause: cause.Cause{Kind: cause.DeclinedHere}}, false, false},
		{
			"answered elsewhere", phone.EndedCall{
				Incoming: true, Elsewhere: true, Cause: cause.Cause{Kind: cause.AnsweredElsewhere},
			}, false, false,
		},
		{"hung up", phone.EndedCall{Incoming: true, Cause: cause.Cause{Kind: cause.HungUpThere}}, false, false},
		{"not answered there", phone.EndedCall{Cause: cause.Cause{Kind: cause.NobodyAnswered}}, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.ended.CallID = "e1"
			var f following
			got := f.next(phone.State{Ends: []phone.EndedCall{c.ended}})
			if (len(got) == 1) != c.told {
				t.Fatalf("%+v", got)
			}
			if c.told && (len(got[0].deeds) == 2) != c.back {
				t.Errorf("%+v", got[0])
			}
		})
	}
}

// TestEveryMissedCallIsTold, also where two callers give up, or are turned away, before it is looked again; each once.
func TestEveryMissedCallIsTold(t *testing.T) {
	missed := func(ids ...string) (ends []phone.EndedCall) {
		for _, id := range ids {
			ends = append(ends, phone.EndedCall{
				CallID: id, Incoming: true, URI: "sip:" + id + "@x",
				Cause: cause.Cause{Kind: cause.Missed, Because: &cause.Cause{Kind: cause.NoLineHere}},
			})
		}
		return ends
	}
	for name, state := range map[string]func(...string) phone.State{
		"given up":    func(ids ...string) phone.State { return phone.State{Ends: missed(ids...)} },
		"turned away": func(ids ...string) phone.State { return phone.State{TurnedAway: missed(ids...)} },
	} {
		var f following
		for _, step := range []struct {
			ids  []string
			told int
		}{
			{nil, 0},
			{[]string{"1", "2"}, 2},
			{[]string{"1", "2"}, 2},
			{[]string{"1", "2", "3"}, 3},
			{[]string{"4", "5"}, 5},
		} {
			if got := f.next(state(step.ids...)); len(got) != step.told {
				t.Errorf("%s: %d told after %v", name, len(got), step.ids)
			}
		}
	}
}

// TestTheAccountIsToldWhereThereAreSeveral, and only there.
func TestTheAccountIsToldWhereThereAreSeveral(t *testing.T) {
	var f following
	state := phone.State{Accounts: make([]phone.AccountState, 2), Calls: []phone.CallState{{
		ID: "c1", Account: "Wor\nk", Incoming: true, Phase: phone.PhaseIncoming, Name: "{account}", Address: "SIP:4711",
	}}}
	title, body := f.next(state)[0].text()
	if title != "{account} is calling" || body != "4711\nFor Wor k." {
		t.Errorf("%q, %q", title, body)
	}
	state.Accounts = state.Accounts[:1]
	if _, body = f.next(state)[0].text(); body != "4711" {
		t.Errorf("%q", body)
	}
}

// TestMessagesAreToldWithWhoWroteAndWhat, as plain text in one line; a press goes to the conversation.
func TestMessagesAreToldWithWhoWroteAndWhat(t *testing.T) {
	for _, c := range []struct {
		name        string
		came        phone.Arrival
		accounts    []phone.AccountState
		title, body string
	}{
		{
			"a contact",
			phone.Arrival{Last: phone.Message{Name: "Bob", Address: "bob", Text: "hi"}, Count: 1},
			nil,
			"Bob wrote to you", "bob\nhi",
		},
		{
			"a stranger",
			phone.Arrival{Last: phone.Message{Claims: "Your Bank", Address: "eve@x", Text: "hi"}, Count: 1},
			nil,
			"eve@x wrote to you", "hi",
		},
		{
			"several",
			phone.Arrival{Last: phone.Message{Address: "bob", Text: "the last"}, Count: 3},
			nil,
			"bob wrote 3 messages to you", "the last",
		},
		{
			"lines",
			phone.Arrival{Last: phone.Message{Address: "bob", Text: " one\ntwo"}, Count: 1},
			nil,
			"bob wrote to you", "one",
		},
		{
			"markup",
			phone.Arrival{Last: phone.Message{Address: "bob", Text: "<b>{party}</b>\u202e"}, Count: 1},
			nil,
			"bob wrote to you", "<b>{party}</b>",
		},
		{
			"of two accounts",
			phone.Arrival{Last: phone.Message{AccountID: "1", Address: "bob", Text: "hi"}, Count: 1},
			[]phone.AccountState{{ID: "0"}, {ID: "1", Label: "Work"}},
			"bob wrote to you", "For Work.\nhi",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.came.Last.Party = "bob@x"
			var f following
			state := phone.State{Accounts: c.accounts, Messages: phone.MessageCounts{Came: []phone.Arrival{c.came}}}
			got := f.next(state)
			if len(got) != 1 || got[0].party != "bob@x" || got[0].ringing() {
				t.Fatalf("%+v", got)
			}
			if title, body := got[0].text(); title != c.title || body != c.body {
				t.Errorf("%q, %q", title, body)
			}
			if left := f.next(phone.State{Accounts: c.accounts}); len(left) != 0 {
				t.Errorf("when it is read: %+v", left)
			}
		})
	}
}
