package phone

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"calla/phone/cause"
	"calla/phone/words"
)

// stringsOfState are the texts that State may carry, by the type and field that have them, and whose they are. None is
// a sentence of this program: those are made of causes, by package words, where they are shown.
func stringsOfState() map[string]string {
	return map[string]string{
		"State.Account":      "ID",
		"State.Conference":   "IDs",
		"AccountState.ID":    "ID",
		"AccountState.Label": "the user's", "AccountState.Address": "address", "AccountState.DisplayName": "the user's",
		"AccountState.Server": "address", "AccountState.SecretKept": "name of a place",
		"Connection.PublicGRUU": "address", "Connection.TemporaryGRUU": "address",
		"Connection.ServiceRoutes": "addresses",
		"LeftServer.Server":        "address", "Binding.Address": "address", "ServerState.URL": "address",
		"CallState.ID": "ID", "CallState.AccountID": "ID", "CallState.Account": "the user's",
		"CallState.Name": "the far end's", "CallState.Claims": "the far end's", "EndedCall.Claims": "the far end's",
		"CallState.Address": "address", "CallState.URI": "address",
		"CallState.ConsultFor": "ID", "CallState.Before": "the far end's, or an address",
		"EndedCall.Before": "the far end's, or an address",
		"Robot.Name":       "address", "Robot.Does": "name of a cause", "Robot.Sounds": "name of a cause",
		"CallState.Sounds": "name of a cause",
		"Own.Ringtone":     "name of a file", "Own.Answer": "name of a choice", "Own.Record": "name of a choice",
		"CallState.Digits": "digits", "CallState.After": "digits", "CallState.Heard": "digits",
		"CallState.Codec": "name of a codec", "RecordingState.File": "name of a file",
		"EndedCall.Recording": "name of a file",
		"PostDial.Digits":     "digits", "TransferState.To": "the far end's, or an address",
		"Referral.ID": "ID", "Referral.CallID": "ID", "Referral.From": "the far end's",
		"Referral.Name": "the far end's", "Referral.Address": "address",
		"RedirectTarget.Name": "the far end's", "RedirectTarget.Address": "address", "RedirectTarget.URI": "address",
		"Message.AccountID": "ID", "Message.Party": "address", "Message.Name": "the user's",
		"Message.Claims": "the far end's", "Message.Address": "address", "Message.URI": "address",
		"Message.Text":     "the user's, or the far end's",
		"EndedCall.CallID": "ID", "EndedCall.AccountID": "ID", "EndedCall.Account": "the user's",
		"EndedCall.Name": "the far end's", "EndedCall.Address": "address", "EndedCall.URI": "address",
		"EndedCall.After": "digits",
		"Refusal.ID":      "ID", "Refusal.Command": "name of a command", "Refusal.AccountID": "ID",
		"Refusal.CallID": "ID", "Refusal.Text": "the user's",
		"DoNotDisturb.Through": "the user's",
		"Notice.ID":            "ID", "Notice.AccountID": "ID", "Notice.Realm": "the far end's",
		"DeviceChoice.ID": "ID", "DeviceChoice.Name": "the system's",
		"DeviceState.CaptureDefault": "the system's", "DeviceState.PlaybackDefault": "the system's",
		"CleaningState.Microphone": "the system's", "CleaningState.Speaker": "the system's",
		"Cleaning.Noise": "name of a choice",

		"Cause.Kind": "name of a cause", "Cause.System": "name of a cause of the system's",
		"Cause.Detail":  "codes, and what an error of the system or a library said: small print",
		"Cause.Account": "the user's", "Cause.Party": "the far end's", "Cause.Address": "address",
		"Cause.To":   "the far end's, or an address",
		"Cause.Text": "the user's, or a version's name", "Cause.Server": "address", "Cause.Proxy": "address",
		"Cause.File":   "name of a file",
		"Cause.Folder": "name of a folder", "Cause.Realm": "the far end's", "Cause.Parameter": "name of a parameter",
		"Cause.Reason": "what config or account finds wrong with a value or a file, by their own names of things",
		"Cause.Offer":  "address", "Cause.Phrase": "the far end's", "Cause.Names": "the far end's",
		"Cause.Gone": "names of devices", "Cause.Used": "names of devices",
	}
}

// told is all that readers are told: a State, and the messages that it counts.
type told struct {
	State    State
	Messages []Message
}

// texts calls f for each place of a type that can hold a text.
func placesOfText(t reflect.Type, in string, seen map[reflect.Type]bool, f func(place string)) {
	switch t.Kind() {
	case reflect.String:
		f(in)
	case reflect.Pointer, reflect.Slice, reflect.Array:
		placesOfText(t.Elem(), in, seen, f)
	case reflect.Interface, reflect.Map, reflect.Func, reflect.Chan:
		f(in + " (" + t.String() + ")")
	case reflect.Struct:
		if seen[t] || t == reflect.TypeFor[time.Time]() {
			return
		}
		seen[t] = true
		for i := range t.NumField() {
			placesOfText(t.Field(i).Type, t.Name()+"."+t.Field(i).Name, seen, f)
		}
	}
}

func TestStateHasRoomForFactsAlone(t *testing.T) {
	allowed := stringsOfState()
	found := map[string]bool{}
	placesOfText(reflect.TypeFor[told](), "told", map[reflect.Type]bool{}, func(place string) {
		found[place] = true
		if allowed[place] == "" {
			t.Errorf("%s may hold a text, and it is not said whose", place)
		}
	})
	for place := range allowed {
		if !found[place] {
			t.Errorf("%s is not in State any more", place)
		}
	}
}

// textsIn calls f with each text that is in a value, and where.
func textsIn(v reflect.Value, in string, f func(place, text string)) {
	switch v.Kind() {
	case reflect.String:
		f(in, v.String())
	case reflect.Pointer:
		if !v.IsNil() {
			textsIn(v.Elem(), in, f)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			textsIn(v.Index(i), in, f)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range v.NumField() {
			textsIn(v.Field(i), v.Type().Name()+"."+v.Type().Field(i).Name, f)
		}
	}
}

// causesIn calls f with each cause that is in a value.
func causesIn(v reflect.Value, f func(cause.Cause)) {
	if v.Type() == reflect.TypeFor[time.Time]() {
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			causesIn(v.Elem(), f)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			causesIn(v.Index(i), f)
		}
	case reflect.Struct:
		if c, is := v.Interface().(cause.Cause); is && c.Kind != "" {
			f(c)
		}
		for i := range v.NumField() {
			causesIn(v.Field(i), f)
		}
	}
}

// sentenceShape is a text with a capital first, words, and a full stop last.
func sentenceShape() *regexp.Regexp { return regexp.MustCompile(`^[A-Z][a-z’']* [a-z].*[.?…]$`) }

// english finds what a State carries of the words for people: a sentence, or what one of its own causes is told as.
// What others wrote is theirs.
func english(s State, messages ...Message) (found []string) {
	shape := sentenceShape()
	theirs := []string{
		"Message.Text", "Cause.Detail", "Cause.Phrase", "Refusal.Text", "Cause.Text", "CallState.Name",
		"EndedCall.Name", "Message.Name", "Message.Claims",
	}
	var sentences []string
	all := reflect.ValueOf(told{s, messages})
	causesIn(all, func(c cause.Cause) {
		told := words.English().Tell(c)
		if told == (words.Told{}) || told.Short == "" {
			found = append(found, "no words for "+string(c.Kind))
		}
		for _, said := range []string{told.Title, told.Why, told.Do, told.Short} {
			if strings.Contains(said, " ") {
				sentences = append(sentences, said)
			}
		}
	})
	textsIn(all, "told", func(place, text string) {
		switch {
		case slices.Contains(theirs, place):
		case shape.MatchString(text), slices.ContainsFunc(sentences,
			func(said string) bool { return strings.Contains(text, said) }):
			found = append(found, place+" says "+text)
		}
	})
	return found
}

func TestEnglishInAStateIsFound(t *testing.T) {
	busy := cause.Cause{Kind: cause.NotAvailable, Party: "Bob"}
	for name, c := range map[string]struct {
		state State
		found bool
	}{
		"facts": {State{Ended: &EndedCall{Name: "Bob", Cause: busy, Account: "Office"}}, false},
		"a sentence": {State{Accounts: []AccountState{{
			Label:  "Office",
			Server: "The server does not answer.",
		}}}, true},
		"its own words": {State{Ended: &EndedCall{Cause: busy, Address: "Bob is not available now."}}, true},
		"deep in a cause": {State{Notices: []Notice{{Cause: cause.Cause{
			Kind:    cause.Busy,
			Because: &cause.Cause{Kind: cause.Off, Reason: "It is just ending."},
		}}}}, true},
		"a cause of no words": {State{Notices: []Notice{{Cause: cause.Cause{Kind: "new"}}}}, true},
	} {
		if found := english(c.state); (len(found) > 0) != c.found {
			t.Errorf("%s: %v", name, found)
		}
	}
	if found := english(State{}, Message{Text: "The server does not answer."}); len(found) > 0 {
		t.Errorf("what others wrote: %v", found)
	}
	if found := english(State{}, Message{Name: "Bob", Address: "The server does not answer."}); len(found) == 0 {
		t.Error("a sentence in a message's address is not found")
	}
}
