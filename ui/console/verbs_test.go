package console

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"calla/account"
	"calla/phone"
)

// TestVerbsAreOneTable: every entry says what it needs to, no two answer to one name, and the command line is made of
// them and of nothing else.
func TestVerbsAreOneTable(t *testing.T) {
	entries, names, subcommandNames := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, v := range verbs() {
		if entries[v.name] {
			t.Errorf("%s has two entries", v.name)
		}
		entries[v.name] = true
		if v.help == "" || !unicode.IsUpper(rune(v.help[0])) || strings.HasSuffix(v.help, ".") ||
			strings.HasSuffix(v.alone, ".") {
			t.Errorf("%s: help %q and %q", v.name, v.help, v.alone)
		}
		if v.do == nil && v.subcommand == nil || v.do == nil && (v.also != nil || v.args != nil || v.alone != "") {
			t.Errorf("%s: nothing runs, or what only the text phone has stands with a subcommand", v.name)
		}
		if (v.group != "") != (v.do != nil) || v.do != nil && !slices.Contains(groups(), v.group) {
			t.Errorf("%s: group %q", v.name, v.group)
		}
		optional := false
		for _, a := range v.args {
			if a.name != strings.ToUpper(a.name) || optional && !a.optional {
				t.Errorf("%s: argument %q", v.name, a.name)
			}
			optional = a.optional
		}
		if v.do != nil {
			for _, name := range append([]string{v.name}, v.also...) {
				if names[name] || name != strings.ToLower(name) {
					t.Errorf("%s: %q is another's, or not in lower case", v.name, name)
				}
				names[name] = true
			}
		}
		if v.subcommand != nil {
			subcommandNames[v.name] = true
		}
	}
	parser, err := newParser(t.Context(), &session{cli: new(cli)})
	if err != nil {
		t.Fatal(err)
	}
	for _, leaf := range parser.Model.Leaves(false) {
		if !subcommandNames[leaf.Path()] || leaf.Help == "" {
			t.Errorf("calla %s is not in the table, or has no help: %q", leaf.Path(), leaf.Help)
		}
		delete(subcommandNames, leaf.Path())
	}
	if len(subcommandNames) > 0 {
		t.Errorf("not on the command line: %v", subcommandNames)
	}
}

// TestSharedVerbsTakeTheSame arguments on the command line and in the text phone.
func TestSharedVerbsTakeTheSame(t *testing.T) {
	parser, err := newParser(t.Context(), &session{cli: new(cli)})
	if err != nil {
		t.Fatal(err)
	}
	shared := 0
	for _, leaf := range parser.Model.Leaves(false) {
		i := slices.IndexFunc(verbs(), func(v verb) bool { return v.name == leaf.Path() && v.do != nil })
		if i < 0 {
			continue
		}
		shared++
		v := verbs()[i]
		var alone []string
		for _, p := range leaf.Positional {
			alone = append(alone, strings.ToUpper(p.Name))
		}
		var told []string
		for _, a := range v.args {
			told = append(told, a.name)
		}
		if !slices.Equal(alone, told) {
			t.Errorf("%s takes %v alone, and %v in the text phone", v.name, alone, told)
		}
	}
	if shared < 3 {
		t.Errorf("only %d verbs are shared", shared)
	}
}

// TestLineIsTakenApart into the verb that it means and what stands behind it.
func TestLineIsTakenApart(t *testing.T) {
	for _, v := range []struct {
		name, line, verb string
		args             []string
	}{
		{"a verb", "answer", "answer", []string{}},
		{"another name of it", "a", "answer", []string{}},
		{"capitals", "ANSWER", "answer", []string{}},
		{"blanks around it", "  answer\t ", "answer", []string{}},
		{"an argument", "call bob", "call", []string{"bob"}},
		{"an argument with blanks in it", "dial  +49 30  1234 ", "call", []string{"+49 30  1234"}},
		{"its case stays", "CALL Bob", "call", []string{"Bob"}},
		{"two arguments", "message bob  good  morning", "message", []string{"bob", "good  morning"}},
		{"a tab between them", "message\tbob\thi", "message", []string{"bob", "hi"}},
		{"an argument left out", "hangup", "hangup", []string{""}},
		{"two words", "decline transfer", "decline transfer", []string{}},
		{"two words and blanks", " Decline   Transfer ", "decline transfer", []string{}},
		{"the first of two words", "accept", "accept", []string{}},
		{"two words that are another's", "accept login", "accept login", []string{}},
		{"a verb that begins like another", "messages bob", "messages", []string{"bob"}},
		{"a subcommand is none", "sandbox", "", nil},
		{"nothing such", "nonsense", "", nil},
		{"a verb's beginning alone", "cal", "", nil},
		{"one missing", "message bob", "message", nil},
		{"one too many", "answer 2", "answer", nil},
		{"the second of two words is another", "decline transferr", "decline", nil},
	} {
		t.Run(v.name, func(t *testing.T) {
			said := readLine(v.line)
			if said.verb == nil {
				if v.verb != "" {
					t.Errorf("%q is not understood", v.line)
				}
				return
			}
			args, ok := said.verb.arguments(said.rest)
			if said.verb.name != v.verb || ok != (v.args != nil) || !slices.Equal(args, v.args) {
				t.Errorf("%s with %q, %t", said.verb.name, args, ok)
			}
		})
	}
}

// wrote has messages whose parties are their addresses.
type wrote struct{ *phone.MessageMemory }

func (wrote) Correspondent(_, address string) (party, shown string) { return address, address }

// newDeaf is a text phone without a phone: nothing may be done with it.
func newDeaf(state phone.State, messages ...phone.Message) (*textPhone, *bytes.Buffer) {
	out := new(bytes.Buffer)
	look := func() phone.State { return state }
	written := wrote{phone.NewMessageMemory(messages...)}
	return &textPhone{session: &session{}, look: look, written: written, screen: newScreen(newTerminal(out), written)},
		out
}

// TestVerbThatIsNotTypedRightDoesNothing, and tells how it is typed: every verb with too little or too much.
func TestVerbThatIsNotTypedRightDoesNothing(t *testing.T) {
	tried := 0
	for _, v := range verbs() {
		if v.do == nil {
			continue
		}
		for _, name := range append([]string{v.name}, v.also...) {
			line := name + " surplus"
			if len(v.args) > 0 {
				line = name
			}
			if len(v.args) > 0 && v.args[0].optional {
				continue
			}
			tried++
			deaf, out := newDeaf(phone.State{})
			if !deaf.run(line) || out.String() != "Write: "+v.usage()+"\n" {
				t.Errorf("%s: %q", line, out.String())
			}
		}
	}
	if tried < 20 {
		t.Errorf("only %d verbs", tried)
	}
}

// TestVerbThatNeedsACallSaysSo where there is none, and does nothing.
func TestVerbThatNeedsACallSaysSo(t *testing.T) {
	for _, v := range []struct{ line, want string }{
		{"hangup", "There is no call."},
		{"hangup 1", "There is no call 1. calls lists them."},
		{"hold", "There is no call."},
		{"hold 0", "There is no call 0. calls lists them."},
		{"resume", "There is no call on hold."},
		{"resume x", "There is no call x. calls lists them."},
		{"swap", "There is no call on hold."},
		{"mute", "There is no call."},
		{"dtmf 1", "There is no call."},
		{"send", "There is no call."},
		{"record", "There is no call."},
		{"record stop", "There is no call."},
		{"record pause 3", "There is no call 3. calls lists them."},
		{"record on", "There is no call."},
		{"drop", "There is no call."},
		{"transfer bob", "There is no call."},
		{"ask bob", "There is no call."},
		{"complete", "Nobody is asked. First: ask TARGET"},
		{"cancel", "Nobody is asked. First: ask TARGET"},
		{"connect", "There is no call."},
		{"conference", "There are no two calls to bring together."},
		{"conference 1 2", "There is no call 1. calls lists them.\nThere is no call 2. calls lists them."},
		{"conference split 1", "There is no call 1. calls lists them."},
		{"connect 1", "There is no call 1. calls lists them."},
		{"connect 1 2", "There is no call 1. calls lists them."},
		{"accept", "Nobody asks for another call."},
		{"decline transfer", "Nobody asks for another call."},
		{"answer", "Nobody calls."},
		{"decline", "Nobody calls."},
		{"ignore", "Nobody calls."},
		{"again", "There is nobody to call again."},
		{"redirect", "There is nobody to call instead."},
		{"redirect -1", "There is nobody to call instead."},
		{"calls", "There is no call."},
		{"messages", "There is no message."},
		{"history", "No calls are kept."},
		{"history missed bob", "No calls are kept."},
		{"history call 1", "There is no call 1 in the list. history lists them."},
		{"history call", "Write: history call N"},
		{"history delete 0", "There is no call 0 in the list. history lists them."},
		{"history delete all", "No calls are kept."},
		{"bindings", "No server has told of a device."},
		{"devices", "There is no sound device."},
		{"microphone 1", "There is no device 1. devices lists them."},
		{"forget microphone 1", "There is no such device. devices lists those that are wanted."},
		{"forget camera 1", "There is no such device. devices lists those that are wanted."},
		{"account bob", "There is no account bob."},
		{"password", "Write: password FILE, whose first line is the password"},
		{"password /nowhere", "Write: password FILE, whose first line is the password"},
		{"password -", "Write: password FILE, whose first line is the password"},
		{"help nonsense", "Unknown command: nonsense. help shows the commands."},
		{"nonsense with more", "Unknown command: nonsense. help shows the commands."},
		{" ", ""},
	} {
		t.Run(v.line, func(t *testing.T) {
			deaf, out := newDeaf(phone.State{})
			if !deaf.run(v.line) || strings.TrimSuffix(out.String(), "\n") != v.want {
				t.Errorf("%q", out.String())
			}
		})
	}
}

// TestQuitEndsTheTextPhone by each of its names, and nothing else does.
func TestQuitEndsTheTextPhone(t *testing.T) {
	for line, ends := range map[string]bool{
		"quit": true, "exit": true, "q": true, " QUIT ": true, "quit now": false, "help quit": false, "": false,
	} {
		deaf, _ := newDeaf(phone.State{})
		if goesOn := deaf.run(line); goesOn == ends {
			t.Errorf("%q: goes on %t", line, goesOn)
		}
	}
}

// TestHelpTellsOfEveryVerb, by each of its names.
func TestHelpTellsOfEveryVerb(t *testing.T) {
	deaf, out := newDeaf(phone.State{})
	deaf.run("help")
	overview := out.String()
	for line := range strings.Lines(overview) {
		if len(line) > helpWidth+1 && !strings.HasPrefix(line, "N is") {
			t.Errorf("too long: %q", line)
		}
	}
	for _, v := range verbs() {
		if v.do == nil {
			continue
		}
		if !strings.Contains(overview, " "+v.usage()) {
			t.Errorf("%s is not in the overview", v.usage())
		}
		for _, name := range append([]string{v.name}, v.also...) {
			out.Reset()
			deaf.run("help " + name)
			if got := out.String(); !strings.HasPrefix(got, v.usage()) || !strings.Contains(got, "\n  "+v.help) {
				t.Errorf("help %s: %q", name, got)
			}
		}
	}
}

// busyState is a State with something of everything that completion offers.
func busyState() phone.State {
	return phone.State{
		Account: "1",
		Accounts: []phone.AccountState{
			{ID: "1", Label: "Work", Address: "me@work.example"},
			{ID: "2", Label: "At home", Address: "me@home.example"},
			{ID: "3", Label: "\x1b[2Jevil"},
		},
		Calls: []phone.CallState{
			{ID: "a", Address: "bob@example.com"},
			{ID: "b", Address: "bobby@example.com", Held: true},
		},
		Ended:     &phone.EndedCall{Redirect: []phone.RedirectTarget{{Address: "x"}, {Address: "y"}}},
		Referrals: []phone.Referral{{ID: "1", Address: "carol@example.com"}},
		Notices: []phone.Notice{
			{ID: "1", AccountID: "1", Realm: "proxy"},
			{ID: "2", AccountID: "2", Realm: "other"},
			{ID: "3", AccountID: "1"},
		},
		Devices: phone.DeviceState{
			Capture:  []account.DeviceChoice{{}, {ID: "m", Name: "Headset"}},
			Playback: []account.DeviceChoice{{}, {ID: "s", Name: "Headset"}, {ID: "l", Name: "Speaker"}},
		},
	}
}

// busyMessages are those of busyState.
func busyMessages() []phone.Message {
	return []phone.Message{
		{ID: 1, Party: "zoe@example.com", Address: "zoe@example.com", Incoming: true},
		{ID: 2, Party: "zoe@example.com", Address: "zoe@example.com"},
		{ID: 3, Party: "b", Address: "a\u202eb"},
	}
}

// TestTabCompletes what is sure, and shows what there is to choose from where nothing is.
func TestTabCompletes(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"alice.password", "alice.json", ".hidden", "bad\x1b[2J"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "keys"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, v := range []struct{ name, line, want, shown string }{
		{"a verb's only beginning", "swa", "swap ", ""},
		{"a verb without arguments", "sta", "status", ""},
		{"capitals", "SWA", "swap ", ""},
		{"as far as it is sure", "cal", "call", ""},
		{"a choice of verbs", "re", "re", "redirect  resume  record  record stop  record pause  record on  retry"},
		{"two words", "decline t", "decline transfer", ""},
		{"nothing such", "xyz", "xyz", ""},
		{"an address", "call z", "call zoe@example.com", ""},
		{"by the verb's other name", "dial z", "dial zoe@example.com", ""},
		{"addresses, as far as sure", "call b", "call bob", ""},
		{"a choice of addresses", "call bob", "call bob", "bob@example.com  bobby@example.com"},
		{"the address of a message", "message z", "message zoe@example.com ", ""},
		{"its text is the user's", "message zoe@example.com he", "message zoe@example.com he", ""},
		{"whom a transfer goes to", "transfer ca", "transfer carol@example.com", ""},
		{"the number of a call", "hangup ", "hangup ", "1  2"},
		{"of one on hold", "resume ", "resume 2", ""},
		{"of a redirection", "redirect ", "redirect ", "1  2"},
		{"of a device", "speaker ", "speaker ", "1  2  3"},
		{"of a microphone", "microphone ", "microphone ", "1  2"},
		{"an account with blanks in it", "account at h", "account At home", ""},
		{"accounts without what a terminal obeys", "account ", "account ", "Work  At home"},
		{"who asks for the password", "allow ", "allow proxy", ""},
		{"what help tells of", "help dec", "help decline", ""},
		{"a file", "password " + dir + "/alice.p", "password " + dir + "/alice.password", ""},
		{"files, as far as sure", "password " + dir + "/al", "password " + dir + "/alice.", ""},
		{"a folder", "password " + dir + "/k", "password " + dir + "/keys/", ""},
		{"no folder", "password /nowhere/at/all/", "password /nowhere/at/all/", ""},
		{"a verb that takes nothing", "answer ", "answer ", ""},
		{"hostile letters", "call a", "call a", ""},
		{"nothing", "", "", "call  anonymous"},
	} {
		t.Run(v.name, func(t *testing.T) {
			deaf, out := newDeaf(busyState(), busyMessages()...)
			line, pos, ok := deaf.complete(v.line+"|", len(v.line), '\t')
			if !ok {
				line, pos = v.line+"|", len(v.line)
			}
			if line != v.want+"|" || pos != len(v.want) {
				t.Errorf("%q with the cursor at %d, want %q", line, pos, v.want)
			}
			if got := strings.TrimSuffix(out.String(), "\n"); !strings.HasPrefix(got, v.shown) ||
				v.shown == "" && got != "" {
				t.Errorf("shows %q, want %q", got, v.shown)
			}
		})
	}
}

// TestOnlyTabCompletes: other keys are the user's.
func TestOnlyTabCompletes(t *testing.T) {
	deaf, out := newDeaf(busyState(), busyMessages()...)
	for _, key := range []rune{' ', 'x', 0, 27, '山'} {
		if line, pos, ok := deaf.complete("swa", 3, key); ok || out.Len() > 0 {
			t.Errorf("%q: %q, %d, %s", key, line, pos, out)
		}
	}
}

// TestHistoryIsBounded, and keeps no line twice running, no empty one and none that may be a secret.
func TestHistoryIsBounded(t *testing.T) {
	var h history
	for _, line := range []string{
		"call bob", "call bob", "", "  ", "password hunter2", "PASSWORD hunter2",
		" password\thunter2", "call carol", "passwords", "call bob",
	} {
		h.Add(line)
	}
	var kept []string
	for i := range h.Len() {
		kept = append(kept, h.At(i))
	}
	if want := []string{"call bob", "passwords", "call carol", "call bob"}; !slices.Equal(kept, want) {
		t.Errorf("kept %q", kept)
	}
	for i := range 3 * maxHistory {
		h.Add(strings.Repeat("x", i%7+1))
	}
	if h.Len() != maxHistory || h.At(0) != strings.Repeat("x", (3*maxHistory-1)%7+1) {
		t.Errorf("%d lines, the newest %q", h.Len(), h.At(0))
	}
}
