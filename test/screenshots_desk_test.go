package test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"calla/account"
	"calla/phone/cause"
	"calla/phone/journal"
	"calla/test/peers"
)

// desk photographs what somebody sees who lives with the phone all day.
func (s *states) desk() {
	s.serve("reception", "sales", "bob", "carol")
	bob, carol := s.answers("bob"), s.answers("carol")
	usual := s.settings
	defer func() { s.settings = usual }()
	s.openDesk()
	s.take("desk")
	s.d.Size(s.id, 1200, 800)
	s.take("desk-wide")
	s.d.Size(s.id, 360, 640)
	s.history()
	s.conversations()
	s.undisturbed()
	s.importing()
	s.conferring(bob, carol)
	s.ringing()
	s.settings.TextSize = account.MaxTextSize
	s.openDesk()
	s.largest()
}

// openDesk starts the program with two accounts, people, calls and messages.
func (s *states) openDesk() {
	s.t.Helper()
	s.open(func(profile string) {
		for _, user := range []string{"sales", "reception"} { // the last one dials
			s.sign(profile, user, nil, "--secret", "file", "--label", strings.ToUpper(user[:1])+user[1:])
		}
		saveContacts(s.t, profile)
		saveDay(s.t, profile, accountIDs(s.t, profile))
	})
	peers.Until(s.t, 20*time.Second, "both accounts to be registered",
		func() bool { return len(s.server.Bindings("reception"))*len(s.server.Bindings("sales")) > 0 })
	settle()
}

// accountIDs are those of a profile's accounts, in their order.
func accountIDs(t *testing.T, profile string) []string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(profile, "accounts.json"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Accounts []struct{ ID string } }
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, a := range file.Accounts {
		ids = append(ids, a.ID)
	}
	return ids
}

// saveDay puts the calls and messages of a day into the journal of a profile with two accounts.
func saveDay(t *testing.T, profile string, accounts []string) {
	t.Helper()
	j := journal.Open(journal.Options{Dir: profile})
	defer j.Close()
	now := time.Now()
	for _, c := range []struct {
		of        int // account
		in        bool
		outcome   journal.Outcome
		who, name string
		ago, long time.Duration
		seen      bool
	}{
		{1, true, journal.Answered, "4713", "Boris Weiß", 26 * time.Hour, 4 * time.Minute, true},
		{0, false, journal.Unanswered, "+34915550142", "Maria Ortiz", 25 * time.Hour, 0, true},
		{1, true, journal.Blocked, "+49900123456", "", 7 * time.Hour, 0, true},
		{0, true, journal.Elsewhere, "carol", "", 6 * time.Hour, 0, true},
		{1, false, journal.Answered, "bob", "Bob Marsh", 5 * time.Hour, 12*time.Minute + 7*time.Second, true},
		{1, false, journal.Refused, "carol", "", 4 * time.Hour, 0, true},
		{0, true, journal.Answered, "4714", "שלום כהן", 3 * time.Hour, 58 * time.Second, true},
		{1, true, journal.Missed, "bob", "Bob Marsh", 50 * time.Minute, 0, false},
		{
			0, true, journal.Missed, "the-workshop-of-somebody-with-a-long-name@elsewhere.example",
			"Workshop at the other end of the town", 20 * time.Minute, 0, false,
		},
	} {
		began := now.Add(-c.ago)
		uri := "sip:" + c.who
		if !strings.Contains(c.who, "@") {
			uri += "@example.test"
		}
		call := journal.Call{
			AccountID: accounts[c.of], Account: []string{"Sales", "Reception"}[c.of],
			Incoming: c.in, Outcome: c.outcome, Name: c.name, Address: c.who, URI: uri, Began: began,
			Rang:  began.Add(time.Second),
			Ended: began.Add(30 * time.Second), Seen: c.seen,
			Cause: cause.Cause{Kind: cause.HungUpThere},
		}
		if c.outcome == journal.Answered {
			call.Answered = began.Add(5 * time.Second)
			call.Ended = call.Answered.Add(c.long)
			call.Codec = "Opus"
			call.Quality = journal.Quality{
				LossPercent: 0.2, Jitter: 4 * time.Millisecond, RoundTrip: 23 * time.Millisecond,
			}
			call.Timeline = []journal.Moment{
				{At: call.Rang, What: journal.Rang},
				{At: call.Answered, What: journal.WasAnswered},
				{At: call.Answered.Add(c.long / 3), What: journal.Held},
				{At: call.Answered.Add(c.long / 2), What: journal.Resumed},
			}
		}
		if _, err := j.Record(call); err != nil {
			t.Fatal(err)
		}
	}
	for i, m := range []struct {
		who, text string
		in        bool
		delivery  journal.Delivery
	}{
		{"bob", "Are you at the desk?", true, journal.Delivered},
		{"bob", "Until six. The parcel is here:\nthe big one.", false, journal.Delivered},
		{"bob", "I come at five", true, journal.Delivered},
		{"4714", "אני אגיע בחמש", true, journal.Delivered},
		{"4714", "Thank you", false, journal.Undelivered},
		{"carol", "Lunch?", true, journal.Delivered},
	} {
		message := journal.Message{
			AccountID: accounts[1], Address: m.who, URI: "sip:" + m.who + "@example.test", Incoming: m.in, Text: m.text,
			Type: "text/plain", At: now.Add(time.Duration(i-60) * time.Minute), Delivery: m.delivery,
			Person: m.who + "@example.test", Unread: m.in && i > 1,
		}
		if m.delivery == journal.Undelivered {
			message.Cause = &cause.Cause{Kind: cause.MessageNotReached, To: m.who, Status: 480}
		}
		if _, err := j.AddMessage(message, nil); err != nil {
			t.Fatal(err)
		}
	}
	peers.Until(t, 10*time.Second, "the day to be on disk", func() bool {
		page, _, err := j.Messages(t.Context(), journal.MessageQuery{Limit: 50})
		return err == nil && len(page) == 6
	})
}

// history photographs the calls there were.
func (s *states) history() {
	s.d.Press("ctrl+j")
	s.take("history-of-a-day")
	s.d.Press("Down", "Down", "Down", "Down")
	s.d.Press("Right")
	s.take("history-details")
	s.d.Press("Escape")
	settle()
	s.d.Size(s.id, 1200, 800)
	s.take("history-wide")
	s.d.Size(s.id, 360, 560)
	s.take("history-smallest")
	s.d.Size(s.id, 360, 640)
	s.d.Press("Escape")
	settle()
}

// conversations photographs the messages.
func (s *states) conversations() {
	s.d.Press("ctrl+e")
	s.take("messages-of-a-day")
	s.d.Press("Escape")
	settle()
}

// undisturbed photographs the menu of the window, and do not disturb while it is on, which that menu has.
func (s *states) undisturbed() {
	s.d.Press("Tab", "Tab", "Tab", "Tab", "space")
	settle()
	s.take("menu")
	s.d.Press("Up", "Up", "Return")
	settle()
	s.take("about")
	s.d.Press("Escape")
	settle()
	s.d.Press("Tab", "Tab", "Tab", "Tab", "space")
	settle()
	s.d.Press("Down", "Right", "Down", "Down", "Down", "space") // until it is switched off
	settle()
	s.take("do-not-disturb")
	s.d.Press("space") // in the menu again, whose button has the keyboard still
	settle()
	s.d.Press("Down", "Right", "space") // off
	settle()
}

// importing photographs what a table of contacts that does not say its code page would change.
func (s *states) importing() {
	const name = "people.csv"
	table := "Name;Telefon\nJ\xfcrgen M\xfcller;+49 30 5550142\nBob Marsh;4790\nZo\xeb;4799\n"
	if err := os.WriteFile(filepath.Join(s.home, name), []byte(table), 0o600); err != nil {
		s.t.Fatal(err)
	}
	s.d.Press("ctrl+b")
	settle()
	s.d.Press("Tab", "Tab", "space") // the menu
	settle()
	s.d.Press("Down", "Down", "Return")
	files := s.d.Window("Import contacts", 10*time.Second)
	settle()
	s.d.Click(files, 240, 114+39*s.listed(name)) // below the folder above it
	settle()
	s.d.Click(files, 724, 498) // Open
	settle()
	s.d.Focus(s.id)
	s.take("import-contacts")
	s.d.Press("Escape")
	settle()
	s.d.Press("Escape")
	settle()
}

// listed is which entry of the home folder a file is where files are chosen: folders come first.
func (s *states) listed(name string) int {
	entries, err := os.ReadDir(s.home)
	if err != nil {
		s.t.Fatal(err)
	}
	place := 1
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") && (e.IsDir() || e.Name() < name) {
			place++
		}
	}
	return place
}

// conferring photographs a recording, and a conference.
func (s *states) conferring(bob, carol *peers.Calla) {
	for _, who := range []struct {
		name string
		*peers.Calla
	}{{"bob", bob}, {"carol", carol}} {
		s.dial(who.name)
		peers.Until(s.t, 20*time.Second, who.name+" to answer", func() bool {
			return slices.ContainsFunc(who.Events(), func(e map[string]any) bool { return e["phase"] == "established" })
		})
		settle()
	}
	s.d.Press("ctrl+shift+r")
	settle()
	s.take("recording")
	s.d.Press("ctrl+shift+r")
	settle()
	s.d.Press("ctrl+shift+g")
	settle()
	s.take("conference")
	s.d.Size(s.id, 360, 560)
	s.take("conference-smallest")
	s.d.Size(s.id, 1200, 800)
	s.take("conference-wide")
	s.d.Size(s.id, 360, 640)
	settle()
	s.d.Press("ctrl+q")
	settle()
	s.take("quit")
	s.d.Press("Escape")
	settle()
	for range 3 {
		s.d.Press("F4")
		settle()
	}
}

// ringing photographs the ways to decline.
func (s *states) ringing() {
	caller := peers.Run(s.t, nil, "call", "reception", "--config", writeJSON(s.t, s.config("carol", nil)))
	defer caller.Stop()
	s.d.Window("is calling$", 10*time.Second)
	settle()
	s.d.Click(s.id, 155, 602) // beside Decline
	s.take("decline-menu")
	s.d.Click(s.id, 170, 512) // Forward to…
	settle()
	s.d.Type("b")
	settle()
	s.take("forward-to")
	s.d.Press("Escape", "Escape") // the list, the sheet
	settle()
	s.d.Press("F8")
	settle()
}

// largest photographs the window at the largest text.
func (s *states) largest() {
	s.answers("bob")
	s.take("desk-200")
	s.d.Press("ctrl+j")
	s.take("history-200")
	s.d.Press("Escape")
	settle()
	for _, page := range []struct{ key, name string }{{"ctrl+b", "contacts"}, {"ctrl+e", "messages"}} {
		s.d.Press(page.key)
		s.take(page.name + "-200")
		s.d.Press("Escape")
		settle()
	}
	s.d.Press("ctrl+comma")
	s.take("settings-200")
	s.d.Press("Escape")
	settle()
	s.dial("bob")
	settle()
	s.take("call-200")
	s.d.Press("ctrl+d")
	s.take("call-keypad-200")
	s.d.Press("F4")
	settle()
	s.d.Press("ctrl+l")
	settle()
}
