package callers

import (
	"strings"
	"testing"
	"time"

	"calla/netsip/sip"
)

// of is the caller with an address; "" hides.
func of(t *testing.T, address string) Caller {
	t.Helper()
	if address == "" {
		return Of(sip.URI{Scheme: "sip", User: "anonymous", Host: "anonymous.invalid"}, true)
	}
	u, err := sip.ParseURI(address)
	if err != nil {
		t.Fatal(err)
	}
	return Of(u, false)
}

func TestWhomAnEntryMeans(t *testing.T) {
	for _, c := range []struct {
		name, entry, address string
		is                   bool
	}{
		{"a number", "030123456", "sip:030123456@pbx.example", true},
		{"a number written with blanks and signs", "(030) 123-456", "sip:030123456@pbx.example", true},
		{"a number in another script", "٠٣٠١٢٣٤٥٦", "sip:030123456@pbx.example", true},
		{"00 is +", "004930123456", "sip:+4930123456@pbx.example", true},
		{"+ is 00", "+49 30 123456", "sip:004930123456@pbx.example", true},
		{"(0) in the middle", "+49 (0)30 123456", "sip:+4930123456@pbx.example", true},
		{"another number", "030123456", "sip:0301234567@pbx.example", false},
		{"a beginning is no number", "030", "sip:030123456@pbx.example", false},
		{"a beginning with *", "+49 900 *", "sip:+499001234@pbx.example", true},
		{"a beginning with *, and (0)", "+49 (0)30 *", "sip:+4930123456@pbx.example", true},
		{"a beginning with *, and (0), as 00", "0049 (0) 30*", "sip:+4930123456@pbx.example", true},
		{"a beginning with *, as 00", "0049900*", "sip:+499001234@pbx.example", true},
		{"one that begins otherwise", "+49900*", "sip:+491900@pbx.example", false},
		{"an end", "*4711", "sip:+49304711@pbx.example", true},
		{"? is one", "10?", "sip:104@pbx.example", true},
		{"? is not two", "10?", "sip:1044@pbx.example", false},
		{"a telephone link", "tel:+49301", "tel:+49301;phone-context=x", true},
		{"a number with an extension", "+49900*", "sip:+499001;ext=7@gw.example;user=phone", true},
		{"a number with digits for after the answer", "+499001", "sip:+49-900-1;postd=pp5@gw.example", true},
		{"a number with a context", "+499001", "sip:+499001;phone-context=+49@gw.example", true},
		{"a number with a category", "+499001", "sip:+499001;cpc=ordinary;isub=2@gw.example", true},
		{"a number with a comma", "+49 900 1", "sip:+499001,5@gw.example", true},
		{"a link with an extension", "00499001", "tel:+499001;ext=7", true},
		{"a parameter that has the number", "+499001", "sip:+499002;ext=499001@gw.example", false},
		{"a user with a parameter", "900*", "sip:x;ext=9001@gw.example", false},
		{"a user", "spam", "sip:spam@anywhere.example", true},
		{"a user in capitals", "SPAM", "sip:Spam@anywhere.example", true},
		{"a user with *", "spam*", "sip:spammer7@anywhere.example", true},
		{"an address", "sip:spam@anywhere.example", "sip:spam@ANYWHERE.example:5080;transport=ws", true},
		{"an address elsewhere", "spam@anywhere.example", "sip:spam@other.example", false},
		{"all of a domain", "@spam.example", "sip:4711@spam.example", true},
		{"all of a domain with *", "*@*.spam.example", "sip:4711@a.b.spam.example", true},
		{"a domain is not its neighbour", "@spam.example", "sip:4711@spam.example.org", false},
		{"an escaped user", "bob", "sip:%62ob@h", true},
		{"who hides", "Anonymous", "", true},
		{"who does not hide", "anonymous", "sip:bob@h", false},
		{"who hides by name alone", "anon*", "", false},
		{"everybody", "*", "sip:bob@h", true},
		{"everybody, hidden too", "**", "", true},
		{"nothing", " ", "sip:bob@h", false},
		{"a scheme alone", "sip:", "sip:bob@h", false},
		{"digits do not mean a user", "*1*", "sip:bob@h", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := of(t, c.address).Is(c.entry); got != c.is {
				t.Errorf("%q means %q: %t", c.entry, c.address, got)
			}
		})
	}
}

func TestAListMeansWhomOneOfItMeans(t *testing.T) {
	list := []string{"bob", "+49900*", "@spam.example"}
	for address, has := range map[string]bool{
		"sip:bob@h": true, "sip:00499001@h": true, "sip:x@spam.example": true, "sip:carol@h": false, "": false,
	} {
		if of(t, address).Has(list) != has {
			t.Errorf("%q", address)
		}
	}
	if of(t, "sip:bob@h").Has(nil) {
		t.Error("an empty list means somebody")
	}
}

// TestNoEntryTakesLong: what a person writes, or puts into a file, cannot keep the phone from its work.
func TestNoEntryTakesLong(t *testing.T) {
	for name, entry := range map[string]string{
		"many stars": strings.Repeat("a*", 60) + "b", "stars and questions": strings.Repeat("*?", 60) + "b",
		"stars alone, and an end": strings.Repeat("*", 120) + "b", "digits and stars": strings.Repeat("1*", 60) + "2",
		"very long": strings.Repeat("a*", 1<<16) + "b", "not UTF-8": "\xff*\xfe",
	} {
		t.Run(name, func(t *testing.T) {
			caller := of(t, "sip:"+strings.Repeat("a", 500)+"@h")
			numbers := of(t, "sip:"+strings.Repeat("1", 120)+"@h")
			start := time.Now()
			for range 100 {
				caller.Is(entry)
				numbers.Is(entry)
			}
			if took := time.Since(start); took > 20*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

func FuzzIs(f *testing.F) {
	for _, entry := range []string{"*", "+49*", "a@b", "anonymous", "(0)30", "\u0660", "@", "sip:"} {
		f.Add(entry, "bob", "h")
	}
	f.Fuzz(func(t *testing.T, entry, user, host string) {
		c := Of(sip.URI{Scheme: "sip", User: user, Host: host}, false)
		if entry != "" && strings.Trim(entry, "*") == "" && !c.Is(entry) {
			t.Errorf("%q does not mean everybody", entry)
		}
		c.Is(entry)
	})
}
