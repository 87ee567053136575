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
			got := f.next(phone.State{Ended: &c.ended})
			if (len(got) == 1) != c.told {
				t.Fatalf("%+v", got)
			}
			if c.told && (len(got[0].deeds) == 2) != c.back {
				t.Errorf("%+v", got[0])
			}
		})
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
