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

// TestATimeOfDayIsTheNextThatClocksShow, in nights too in which they are put forward or back.
func TestATimeOfDayIsTheNextThatClocksShow(t *testing.T) {
	for _, c := range []struct{ place, now, asked, want string }{
		{"UTC", "2026-11-29T14:00:30Z", "14:30", "29m30s"},
		{"UTC", "2026-11-29T14:00:00Z", "14:00", "24h0m0s"},
		{"UTC", "2026-11-29T14:00:59Z", "14:01", "1s"},
		{"UTC", "2026-11-29T23:59:00Z", "00:00", "1m0s"},
		{"UTC", "2028-02-28T23:59:00Z", "23:58", "23h59m0s"},
		// forward from 2 to 3
		{"Europe/Berlin", "2027-03-28T01:40:00+01:00", "02:30", "20m0s"},
		{"America/New_York", "2027-03-14T01:40:00-05:00", "02:30", "20m0s"},
		{"America/New_York", "2027-03-14T01:40:00-05:00", "02:00", "20m0s"},
		{"America/New_York", "2027-03-14T01:40:00-05:00", "03:00", "20m0s"},
		{"America/New_York", "2027-03-14T01:40:00-05:00", "03:30", "50m0s"},
		{"America/New_York", "2027-03-13T22:00:00-05:00", "07:00", "8h0m0s"},
		{"America/New_York", "2027-03-14T01:40:00-05:00", "01:30", "22h50m0s"},
		// forward from midnight to 1
		{"Africa/Cairo", "2026-04-23T23:30:00+02:00", "00:00", "30m0s"},
		{"Africa/Cairo", "2026-04-23T23:30:00+02:00", "00:30", "30m0s"},
		// back from 3 to 2, or 2 to 1
		{"Europe/Berlin", "2026-10-25T02:10:00+02:00", "02:30", "20m0s"},
		{"Europe/Berlin", "2026-10-25T02:40:00+02:00", "02:30", "50m0s"},
		{"Europe/Berlin", "2026-10-25T02:10:00+01:00", "02:30", "20m0s"},
		{"Europe/Berlin", "2026-10-25T02:40:00+01:00", "02:30", "23h50m0s"},
		{"America/New_York", "2026-11-01T01:10:00-05:00", "01:30", "20m0s"},
		{"America/New_York", "2026-11-01T01:10:00-04:00", "01:30", "20m0s"},
		{"America/New_York", "2026-11-01T00:10:00-04:00", "02:30", "3h20m0s"},
		{"Australia/Lord_Howe", "2026-04-05T01:40:00+11:00", "01:35", "25m0s"}, // by half an hour
		{"Asia/Kathmandu", "2026-11-29T14:00:10+05:45", "14:01", "50s"},
	} {
		place, err := time.LoadLocation(c.place)
		if err != nil {
			t.Fatal(err)
		}
		now, err := time.Parse(time.RFC3339, c.now)
		if err != nil {
			t.Fatal(err)
		}
		asked, err := time.Parse("15:04", c.asked)
		if err != nil {
			t.Fatal(err)
		}
		if got := NextTime(now.In(place), asked.Hour(), asked.Minute()).Sub(now).String(); got != c.want {
			t.Errorf("%s, %s: %s comes in %s, not in %s", c.place, c.now, c.asked, got, c.want)
		}
	}
}

// TestDoNotDisturbEndsByTheWallClock: the other one stands still while the computer sleeps.
func TestDoNotDisturbEndsByTheWallClock(t *testing.T) {
	d := Incoming{DoNotDisturb: DoNotDisturb{On: true, Until: time.Now().Add(time.Hour)}}.normalized().DoNotDisturb
	if said := d.Until.String(); strings.Contains(said, "m=") {
		t.Errorf("kept is %s", said)
	}
}
