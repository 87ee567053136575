package words

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"calla/phone/cause"
)

// English is the language that Calla was written in.
func English() Language {
	return Language{
		texts: []string{
			englishServer,
			englishCall,
			englishTransfer,
			englishPhone,
			englishDigits,
			englishIncoming,
			englishContacts,
			englishContactPages,
			englishDesktop,
			englishWindow,
			englishHistory,
			englishFacts,
			englishKeyList,
			englishPages,
			englishWizard,
			englishSettings,
			englishWidgets,
			englishAccountForm,
			englishCheckList,
			englishExchange,
			englishMessagePages,
			englishCallScreen,
			englishHomeScreen,
			englishFigures,
		},
		system: englishSystem, fact: englishFact,
	}
}

// englishFact writes a fact; false: there is none of that name.
func englishFact(l Language, name string, c cause.Cause) (string, bool) {
	for _, family := range []func(Language, string, cause.Cause) (string, bool){
		plainFact, addressFact, englishNumber,
		englishWord,
	} {
		if s, ok := family(l, name, c); ok {
			return s, true
		}
	}
	return "", false
}

// plainFact writes the facts that are texts already.
func plainFact(_ Language, name string, c cause.Cause) (string, bool) {
	for _, f := range []struct{ name, value string }{
		{"account", c.Account},
		{"party", c.Party},
		{"address", c.Address},
		{"to", c.To},
		{"text", c.Text},
		{"server", c.Server},
		{"proxy", c.Proxy},
		{"file", c.File},
		{"folder", c.Folder},
		{"realm", c.Realm},
		{"parameter", c.Parameter},
		{"reason", c.Reason},
		{"offer", c.Offer},
		{"phrase", c.Phrase},
	} {
		if f.name == name {
			return f.value, true
		}
	}
	return "", false
}

// addressFact writes the parts of addresses.
func addressFact(_ Language, name string, c cause.Cause) (string, bool) {
	u, err := url.Parse(c.Server)
	if err != nil {
		u = &url.URL{Host: c.Server}
	}
	switch name {
	case "user":
		user, _, _ := strings.Cut(c.Account, "@")
		return user, true
	case "domain":
		return c.Account[strings.LastIndexByte(c.Account, '@')+1:], true
	case "host":
		return u.Hostname(), true
	case "port":
		return cause.PortOf(u), true
	case "path":
		if path := u.EscapedPath(); path != "" {
			return path, true
		}
		return "/", true
	}
	return "", false
}

// Grouped writes a number with thin spaces between thousands.
func Grouped(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + "\u202f" + digits[i:]
	}
	return digits
}

// englishNumber writes numbers and times.
func englishNumber(_ Language, name string, c cause.Cause) (string, bool) {
	switch name {
	case "code":
		return strconv.Itoa(c.Code), true
	case "bits":
		return strconv.Itoa(c.Bits), true
	case "decibels":
		return strconv.Itoa(c.Decibels), true
	case "count":
		return Grouped(int64(c.Count)), true
	case "line", "plain": // that of a file, counted from 1; seconds
		return strconv.Itoa(c.Count), true
	case "of":
		return Grouped(int64(c.Of)), true
	case "exit":
		return strconv.Itoa(c.Exit), true
	case "after":
		return duration(c.After), true
	case "rounded":
		return rounded(c.After), true
	case "at":
		if c.At.IsZero() {
			return "", true
		}
		return " at " + c.At.Format("15:04"), true
	case "date":
		return c.At.Format("2 Jan 2006"), true
	case "until":
		return c.At.Local().Format("Mon 15:04"), true
	case "moment":
		return c.At.Local().Format("2 Jan 2006 15:04"), true
	case "number":
		return strconv.Itoa(c.Status), true
	case "http":
		return strings.TrimSpace(fmt.Sprintf("%d %s", c.Status, http.StatusText(c.Status))), true
	}
	return "", false
}

// englishWord writes what needs words of its own.
func englishWord(l Language, name string, c cause.Cause) (string, bool) {
	var because Told
	if c.Because != nil {
		because = l.Tell(*c.Because)
	}
	switch name {
	case "because.title":
		return because.Title, true
	case "because.why":
		return because.Why, true
	case "because.do":
		return because.Do, true
	case "because.small":
		return strings.ToLower(because.Short), true
	case "system":
		return l.System(c.System, c.Exit), true
	case "status":
		if c.Phrase == "" {
			return fmt.Sprintf("%d, no reason given", c.Status), true
		}
		return fmt.Sprintf("%d %s", c.Status, c.Phrase), true
	case "sent":
		if c.Incoming {
			return "offered", true
		}
		return "answered", true
	case "Reason":
		return sentence(c.Reason), true
	case "list", "names":
		return someOf(c.Names, name == "names"), true
	case "gone":
		return are(c.Gone), true
	case "used":
		return are(c.Used), true
	case "device":
		if len(c.Used) > 0 {
			return c.Used[0], true
		}
		return "", true
	}
	return "", false
}

// someOf lists the first few of many names: whom a certificate is for, or addresses.
func someOf(names []string, persons bool) string {
	const shown = 3
	all := append([]string(nil), names[:min(len(names), shown)]...)
	switch left := len(names) - shown; {
	case len(names) == 0 && persons:
		return "nobody"
	case left > 0 && persons:
		all = append(all, "others")
	case left > 0:
		all = append(all, fmt.Sprintf("and %d more", left))
	}
	return strings.Join(all, ", ")
}

// are says of some devices that they are.
func are(names []string) string {
	var all []string
	for _, n := range names {
		if n == "" {
			n = "the system's default"
		}
		all = append(all, n)
	}
	switch len(all) {
	case 0:
		return ""
	case 1:
		return all[0] + " is"
	}
	return strings.Join(all, " and ") + " are"
}

// duration writes how long something takes.
func duration(d time.Duration) string {
	switch {
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < 2*time.Minute:
		return fmt.Sprintf("%d s", int(d.Round(time.Second)/time.Second))
	}
	return fmt.Sprintf("%d min", int(d.Round(time.Minute)/time.Minute))
}

// rounded writes how long something still lasts, in its largest unit.
func rounded(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	}
	return fmt.Sprintf("%d h", int(d.Hours()))
}
