package contacts

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

func preview(t *testing.T, text string, existing ...Contact) *Preview {
	t.Helper()
	r, err := NewReader(strings.NewReader(text), Format{})
	if err != nil {
		t.Fatal(err)
	}
	p, err := ReadPreview(t.Context(), r, existing)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func somebody(id int64, name string, addresses ...string) Contact {
	c := Contact{ID: id, Name: name}
	for _, a := range addresses {
		c.Addresses = append(c.Addresses, Address{Text: a})
	}
	return c
}

// told is a contact in one line.
func told(c Contact) string {
	s := fmt.Sprintf("%d %s:", c.ID, c.Name)
	for _, a := range c.Addresses {
		s += " " + a.Text
	}
	if c.Note != "" {
		s += fmt.Sprintf(" %q", c.Note)
	}
	return s
}

// TestAnImportSaysWhatItWouldDo: new, the same, or merged with whom; and what it then does is that.
func TestAnImportSaysWhatItWouldDo(t *testing.T) {
	bob := somebody(7, "Bob Miller", "+49 30 1234567", "bob@example.com")
	for _, c := range []struct {
		name, rows string
		kept       []Contact
		verdicts   string // with whom, and what it shares an address with
		changes    []string
	}{
		{"somebody new", "Alice,1007", []Contact{bob}, "new", []string{"0 Alice: 1007"}},
		{"the same", "Bob Miller,+49 30 1234567", []Contact{bob}, "same Bob Miller", nil},
		{
			"the same number otherwise written", "\"MILLER, Bob\",0049-30-1234567",
			[]Contact{bob},
			"same Bob Miller",
			nil,
		},
		{
			"the same address otherwise written", "Bob Miller,sip:BOB@EXAMPLE.COM:5060",
			[]Contact{bob},
			"same Bob Miller",
			nil,
		},
		{
			"another number of the same name", "bob miller,1007",
			[]Contact{bob},
			"merge Bob Miller",
			[]string{"7 Bob Miller: +49 30 1234567 bob@example.com 1007"},
		},
		{
			"another name of the same number", "Robert,004930 1234567",
			[]Contact{bob},
			"merge Bob Miller",
			[]string{"7 Bob Miller: +49 30 1234567 bob@example.com \"Robert\""},
		},
		{"a number alone that is known", ",+49301234567", []Contact{bob}, "same Bob Miller", nil},
		{
			"a switchboard's number", "Carol,+49301234567\nDave,+49 30 1234567",
			[]Contact{bob},
			"new shares Bob Miller|new shares Bob Miller",
			[]string{"0 Carol: +49301234567", "0 Dave: +49 30 1234567"},
		},
		{
			"a switchboard's number, nobody kept", "Carol,+49301234567\nDave,+49 30 1234567", nil,
			"new|new shares Carol",
			[]string{"0 Carol: +49301234567", "0 Dave: +49 30 1234567"},
		},
		{
			"twice in the file", "Alice,1007\nALICE,1008\nalice,1007", nil, "new|merge Alice|same Alice",
			[]string{"0 Alice: 1007 1008"},
		},
		{
			"twice in the file, and kept", "Bob Miller,1007\nBob Miller,1008",
			[]Contact{bob},
			"merge Bob Miller|merge Bob Miller",
			[]string{"7 Bob Miller: +49 30 1234567 bob@example.com 1007 1008"},
		},
		{
			"by name and number of two", "Alice,+49301234567",
			[]Contact{bob, somebody(8, "Alice", "1007")},
			"merge Alice",
			[]string{"8 Alice: 1007 +49301234567"},
		},
		{"nobody at all kept", "Bob Miller,1007", nil, "new", []string{"0 Bob Miller: 1007"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := preview(t, "Name,Number\n"+c.rows+"\n", c.kept...)
			var verdicts []string
			for _, item := range p.Items {
				v := strings.TrimSpace(string(item.Verdict) + " " + item.With.Name)
				if item.Shares != "" {
					v += " shares " + item.Shares
				}
				verdicts = append(verdicts, v)
			}
			if got := strings.Join(verdicts, "|"); got != c.verdicts {
				t.Errorf("says %q, want %q", got, c.verdicts)
			}
			var changes []string
			for change := range p.Changes() {
				changes = append(changes, told(change))
			}
			if !slices.Equal(changes, c.changes) {
				t.Errorf("does %q, want %q", changes, c.changes)
			}
			total := 0
			for _, n := range p.Counts() {
				total += n
			}
			if total != len(p.Items) {
				t.Errorf("counts %v", p.Counts())
			}
		})
	}
}

// TestCardsAreKnownByTheirUID: also after the contact was renamed and has another number.
func TestCardsAreKnownByTheirUID(t *testing.T) {
	kept := somebody(3, "Robert", "1007")
	kept.UID = "u1"
	p := preview(t, "Name,Number,UID\nBob,1008,u1\nRobert,1009,u2\n", kept)
	if p.Items[0].Verdict != Merge || p.Items[0].With.ID != 3 {
		t.Errorf("%+v", p.Items[0])
	}
	other := somebody(4, "Reception", "1")
	other.Organisation = "Example Ltd"
	p = preview(t, "Name,Number,Company\nReception,2,Another Ltd\nReception,3,Example Ltd\n", other)
	if p.Items[0].Verdict != New || p.Items[1].Verdict != Merge {
		t.Errorf("receptions of two firms: %+v", p.Items)
	}
}

// TestTheUserHasTheLastWord: leaving out and keeping apart, and what was to be joined with those.
func TestTheUserHasTheLastWord(t *testing.T) {
	bob := somebody(7, "Bob", "1")
	for _, c := range []struct {
		name, rows string
		choose     func(p *Preview)
		want       []string
	}{
		{"nothing", "Bob,2\nAlice,3", func(*Preview) {}, []string{"7 Bob: 1 2", "0 Alice: 3"}},
		{"leave out", "Bob,2\nAlice,3", func(p *Preview) { p.Items[0].Skip = true }, []string{"0 Alice: 3"}},
		{
			"keep apart", "Bob,2\nAlice,3", func(p *Preview) { p.Items[0].Apart = true },
			[]string{"0 Bob: 2", "0 Alice: 3"},
		},
		{"keep apart what is the same", "Bob,1", func(p *Preview) { p.Items[0].Apart = true }, []string{"0 Bob: 1"}},
		{
			"leave out whom others join", "Alice,3\nAlice,4\nAlice,5", func(p *Preview) { p.Items[0].Skip = true },
			[]string{"0 Alice: 4 5"},
		},
		{
			"keep apart within the file", "Alice,3\nAlice,4\nAlice,5", func(p *Preview) { p.Items[1].Apart = true },
			[]string{"0 Alice: 3 5", "0 Alice: 4"},
		},
		{"leave out all", "Bob,2\nAlice,3", func(p *Preview) { p.Items[0].Skip, p.Items[1].Skip = true, true }, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := preview(t, "Name,Number\n"+c.rows+"\n", bob)
			c.choose(p)
			for range 2 { // it changes nothing by being asked
				var got []string
				for change := range p.Changes() {
					got = append(got, told(change))
				}
				if !slices.Equal(got, c.want) {
					t.Errorf("does %q, want %q", got, c.want)
				}
			}
		})
	}
	if bob.Addresses[0].Text != "1" || len(bob.Addresses) != 1 {
		t.Errorf("the contact itself was changed: %+v", bob)
	}
}

// TestAnImportTwiceChangesNothing: whatever was imported is the same the next time.
func TestAnImportTwiceChangesNothing(t *testing.T) {
	rows := "Name,Number,Mobile,Notes,Company,Starred\nBob,1,+49 170 " +
		"1,a,X,1\nCarol,1,,b,,\nbob,2,,c,,\nDave,1,,,X,\n,5,,,,\nBob,9,,d,Y,\n"
	var kept []Contact
	for c := range preview(t, rows, somebody(1, "Bobby", "2")).Changes() {
		if c.ID == 0 {
			c.ID = int64(len(kept) + 2)
		}
		kept = append(kept, c)
	}
	p := preview(t, rows, kept...)
	for c := range p.Changes() {
		t.Errorf("changes %s", told(c))
	}
	if len(p.Items) != 6 || p.Counts()[Same] != 6 {
		t.Errorf("counts %v of %d", p.Counts(), len(p.Items))
	}
}

// TestAFileThatEndsEarlyKeepsWhatCame: and says so; and whoever waits may stop it.
func TestAFileThatEndsEarlyKeepsWhatCame(t *testing.T) {
	broken := errors.New("disk fell down")
	cards := "BEGIN:VCARD\nFN:A\nTEL:1\nEND:VCARD\nBEGIN:VCARD\nFN:B\nTEL:2\n"
	r, err := NewReader(iotest.DataErrReader(&failing{strings.NewReader(cards), broken}), Format{})
	if err != nil {
		t.Fatal(err)
	}
	p, err := ReadPreview(t.Context(), r, nil)
	if err != nil || !errors.Is(p.Cut, broken) || len(p.Items) != 2 {
		t.Errorf("%v %+v", err, p)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	r, err = NewReader(strings.NewReader("a,100\n"), Format{})
	if err != nil {
		t.Fatal(err)
	}
	if p, err := ReadPreview(ctx, r, nil); p != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("%v %v", p, err)
	}
}

// failing reads, and then fails.
type failing struct {
	from *strings.Reader
	err  error
}

func (f *failing) Read(p []byte) (int, error) {
	if f.from.Len() == 0 {
		return 0, f.err
	}
	return f.from.Read(p)
}

// TestMergingLosesNothing: names, organisations and notes that differ are found in the note.
func TestMergingLosesNothing(t *testing.T) {
	a := Contact{ID: 1, Name: "Bob", Note: "one", Addresses: []Address{{"", "1"}}}
	b := Contact{
		UID: "u", Name: "Robert", Organisation: "X", Favourite: true, Note: "two",
		Addresses: []Address{{"work", "1"}, {"home", "2"}},
	}
	want := Contact{
		ID: 1, UID: "u", Name: "Bob", Organisation: "X", Favourite: true, Note: "one\nRobert\ntwo",
		Addresses: []Address{{"work", "1"}, {"home", "2"}},
	}
	if got, _, _ := merged(a, a.keys(), b); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
	if got, _, _ := merged(want, want.keys(), b); !reflect.DeepEqual(got, want) {
		t.Errorf("merged twice: %+v", got)
	}
	b.Organisation = "Y"
	if got, _, _ := merged(want, want.keys(), b); got.Organisation != "X" || !strings.Contains(got.Note, "Y") {
		t.Errorf("%+v", got)
	}
}
