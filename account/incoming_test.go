package account

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// TestWhatIsSaidOfCallsThatComeInIsKept: over a restart, with its end.
func TestWhatIsSaidOfCallsThatComeInIsKept(t *testing.T) {
	s, _ := open(t, t.TempDir())
	want := DefaultSettings()
	want.Incoming = Incoming{
		DoNotDisturb: DoNotDisturb{
			On: true, Until: time.Date(2026, 11, 30, 7, 0, 0, 0, time.UTC), Through: []string{"boss", "+49*"},
		},
		Blocked: []string{"anonymous", "@spam.example"}, BlockedBusy: true,
	}
	if err := s.SaveSettings(want); err != nil {
		t.Fatal(err)
	}
	s, found := reopen(t, s)
	if got, _ := s.Settings(); !reflect.DeepEqual(got, want) || len(found.Problems) > 0 {
		t.Errorf("%+v, %v", got, found.Problems)
	}
}

// TestListsOfCallersAreBounded: whatever a file says.
//
// Holds: bounded-reads
func TestListsOfCallersAreBounded(t *testing.T) {
	many := make([]string, 5*MaxCallers)
	for i := range many {
		many[i] = fmt.Sprint("n", i)
	}
	for name, c := range map[string]struct {
		list []string
		want int
	}{
		"none": {nil, 0}, "twice": {[]string{"a", " a ", "a"}, 1}, "empty": {[]string{"", " ", "\t"}, 0},
		"too long": {[]string{strings.Repeat("x", LongestCaller+1)}, 0}, "too many": {many, MaxCallers},
		"controls": {[]string{"a\x00b", "a\r\nb", "\x1b[2J"}, 0}, "not UTF-8": {[]string{"\xff\xfe"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			i := Incoming{Blocked: c.list, DoNotDisturb: DoNotDisturb{Through: c.list}}.normalized()
			if len(i.Blocked) != c.want || len(i.DoNotDisturb.Through) != c.want {
				t.Errorf("%d, %d", len(i.Blocked), len(i.DoNotDisturb.Through))
			}
		})
	}
}

// TestOddSettingsOfIncomingCallsAreTold: and the others are read all the same.
func TestOddSettingsOfIncomingCallsAreTold(t *testing.T) {
	for name, written := range map[string]string{
		"a number": `7`, "a list": `[]`, "times that are none": `{"do_not_disturb":{"on":true,"until":"tomorrow"}}`,
		"numbers in the list": `{"blocked":[1,2]}`, "a word for a switch": `{"do_not_disturb":{"on":"yes"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s, _ := open(t, dir)
			doc := map[string]json.RawMessage{
				"incoming": json.RawMessage(written), "ringtone_volume": json.RawMessage("33"),
				"checksum": json.RawMessage(`"edited"`), "format": json.RawMessage("1"),
			}
			if err := s.SaveSettings(DefaultSettings()); err != nil {
				t.Fatal(err)
			}
			data, err := json.Marshal(doc)
			if err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(dir, "settings.json"), data)
			s, _ = reopen(t, s)
			v, found := s.Settings()
			if v.RingtoneVolume != 33 || len(found.Problems) != 1 || !strings.HasPrefix(found.Problems[0], "incoming") {
				t.Errorf("%+v, %v", v, found)
			}
		})
	}
}

func TestUntilTomorrowIsTheNextMorning(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip(err)
	}
	for now, want := range map[string]string{
		"2026-11-29 09:00": "2026-11-30 07:00",
		"2026-11-30 23:59": "2026-12-01 07:00",
		"2026-12-31 00:00": "2027-01-01 07:00",
		"2027-03-27 12:00": "2027-03-28 07:00", // the clocks go forward in that night
		"2028-02-28 18:00": "2028-02-29 07:00",
	} {
		at, err := time.ParseInLocation("2006-01-02 15:04", now, berlin)
		if err != nil {
			t.Fatal(err)
		}
		if got := UntilTomorrow(at).Format("2006-01-02 15:04"); got != want {
			t.Errorf("%s: %s", now, got)
		}
	}
}

// TestDoNotDisturbLastsNoLongerThanItCanBeAsked: where the clock has been set back, its end is years off.
func TestDoNotDisturbLastsNoLongerThanItCanBeAsked(t *testing.T) {
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	for ends, quiet := range map[time.Duration]bool{
		-time.Second: false, 0: false, time.Second: true, 44 * time.Hour: true, LongestQuiet: true,
		LongestQuiet + time.Second: false, 10 * 365 * 24 * time.Hour: false,
	} {
		if got := (DoNotDisturb{On: true, Until: now.Add(ends)}).Quiet(now); got != quiet {
			t.Errorf("with its end in %v: %t", ends, got)
		}
	}
	if !(DoNotDisturb{On: true}).Quiet(now) || (DoNotDisturb{}).Quiet(now) {
		t.Error("without an end it lasts until it is switched off")
	}
}
