package console

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"calla/phone/robots"
	"calla/phone/safe"
)

// maxOffered bounds how many ways to go on are shown.
const maxOffered = 60

// completions are the lines that a begun one may become: the names of verbs and, behind a verb, what its argument may
// be. What a terminal would obey is none of them: the editor shows them as they are.
func (t *textPhone) completions(line string) []string {
	line = strings.TrimLeft(line, " \t")
	var all []string
	add := func(candidate string) {
		if allVisible(candidate) && !slices.Contains(all, candidate) {
			all = append(all, candidate)
		}
	}
	for _, v := range verbs() {
		if v.do == nil {
			continue
		}
		if hasFoldPrefix(v.name, line) {
			add(v.completed())
		}
		for _, name := range append([]string{v.name}, v.also...) {
			for _, candidate := range t.offered(v, strings.Fields(name), line) {
				add(candidate)
			}
		}
	}
	return all
}

// completed is a verb's name as it is put into the line.
func (v *verb) completed() string {
	if len(v.args) > 0 {
		return v.name + " "
	}
	return v.name
}

// offered are the lines that come of a verb's argument that has been begun; none where the line is not that verb's.
func (t *textPhone) offered(v verb, name []string, line string) []string {
	_, ok := cutWords(line, name)
	if !ok {
		return nil
	}
	begun := line // what is typed of the argument, with the blanks that may be part of it
	for range name {
		begun = behindWord(begun)
	}
	if begun == line[len(line)-len(begun):] && !endsInBlank(line[:len(line)-len(begun)]) {
		return nil // the verb itself is still being typed
	}
	for i, a := range v.args {
		last := i == len(v.args)-1
		if !last && strings.ContainsAny(begun, " \t") {
			begun = behindWord(begun)
			continue
		}
		if a.offer == nil {
			return nil
		}
		head, tail := line[:len(line)-len(begun)], " "
		if last {
			tail = ""
		}
		var all []string
		for _, value := range a.offer(order{t, t.look(), []string{begun}}) {
			if hasFoldPrefix(value, begun) && value != "" {
				all = append(all, head+value+tail)
			}
		}
		return all
	}
	return nil
}

// behindWord is what stands behind the first word of a line and the blanks after it.
func behindWord(line string) string {
	end := strings.IndexFunc(line, unicode.IsSpace)
	if end < 0 {
		return ""
	}
	return strings.TrimLeftFunc(line[end:], unicode.IsSpace)
}

func endsInBlank(text string) bool {
	return strings.HasSuffix(text, " ") || strings.HasSuffix(text, "\t")
}

// hasFoldPrefix tells whether a text begins like this, whatever the case.
func hasFoldPrefix(text, begun string) bool {
	return len(text) >= len(begun) && strings.EqualFold(text[:len(begun)], begun)
}

// allVisible tells whether a text is shown by a terminal as it is, on one line.
func allVisible(text string) bool {
	return string(safe.Visible(nil, []byte(text))) == text && !strings.ContainsAny(text, "\n\t")
}

// complete is what the Tab key does to a line with the cursor at pos: as much as is sure is put in, and where nothing
// is, the ways to go on are shown.
func (t *textPhone) complete(line string, pos int, key rune) (newLine string, newPos int, ok bool) {
	if key != '\t' {
		return "", 0, false
	}
	all := t.completions(line[:pos])
	if len(all) == 0 {
		return "", 0, false
	}
	sure := commonPrefix(all)
	if len(all) > 1 && len(sure) <= len(line[:pos]) {
		t.showOffered(all, sure)
		return "", 0, false
	}
	return sure + line[pos:], len(sure), true
}

// showOffered shows what differs of the lines that may come.
func (t *textPhone) showOffered(all []string, sure string) {
	begin := strings.LastIndex(sure, " ") + 1
	var words []string
	for _, line := range all[:min(len(all), maxOffered)] {
		words = append(words, strings.TrimSpace(line[begin:]))
	}
	if len(all) > maxOffered {
		words = append(words, "…")
	}
	t.screen.line(strings.Join(words, "  "))
}

// commonPrefix is how all texts begin, in whole characters.
func commonPrefix(all []string) string {
	sure := []rune(all[0])
	for _, text := range all[1:] {
		n := 0
		for _, r := range text {
			if n == len(sure) || sure[n] != r {
				break
			}
			n++
		}
		sure = sure[:n]
	}
	return string(sure)
}

// addresses are those that State tells of: of calls, messages and what far ends ask for.
func (o order) addresses() []string {
	var all []string
	for _, a := range o.state.Accounts {
		if a.ID == o.state.Account && a.Sandbox {
			all = append(all, robots.Names()...)
		}
	}
	for _, c := range o.state.Calls {
		all = append(all, c.Address)
	}
	if e := o.screen.callable(); e != nil {
		all = append(all, e.Address)
	}
	for _, r := range o.state.Referrals {
		all = append(all, r.Address)
	}
	return append(all, o.writers()...)
}

// completeTime bounds how long whoever completes a word waits for the disk.
const completeTime = 300 * time.Millisecond

// writers are the addresses that messages went to or came from.
func (o order) writers() []string {
	var all []string
	ctx, cancel := context.WithTimeout(context.Background(), completeTime)
	defer cancel()
	page, _, err := o.written.Conversations(ctx, 0, 0)
	if err != nil {
		return nil
	}
	for _, c := range page {
		all = append(all, c.Last.Address)
	}
	return all
}

// numbers are those of n things.
func numbers(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = strconv.Itoa(i + 1)
	}
	return all
}

func (o order) callNumbers() []string       { return numbers(len(o.state.Calls)) }
func (o order) microphoneNumbers() []string { return numbers(len(o.state.Devices.Capture)) }
func (o order) speakerNumbers() []string    { return numbers(len(o.state.Devices.Playback)) }

func (o order) heldNumbers() []string {
	var all []string
	for i, c := range o.state.Calls {
		if c.Held {
			all = append(all, strconv.Itoa(i+1))
		}
	}
	return all
}

func (o order) redirectNumbers() []string {
	if o.state.Ended == nil {
		return nil
	}
	return numbers(len(o.state.Ended.Redirect))
}

func (o order) accountNames() []string {
	var all []string
	for _, a := range o.state.Accounts {
		all = append(all, a.Label)
	}
	return all
}

// realms are those that asked for the password and may not.
func (o order) realms() []string {
	var all []string
	for _, n := range o.state.Notices {
		if n.AccountID == o.state.Account && n.Realm != "" {
			all = append(all, n.Realm)
		}
	}
	return all
}

// commandNames are the names of the text phone's verbs.
func (o order) commandNames() []string {
	var all []string
	for _, v := range verbs() {
		if v.do != nil {
			all = append(all, v.name)
		}
	}
	return all
}

// files are those whose names begin as typed; folders end with their separator.
func (o order) files() []string {
	begun := o.args[0]
	dir, name := filepath.Split(begun)
	entries, err := os.ReadDir(filepath.Clean(dir + "."))
	if err != nil {
		return nil
	}
	var all []string
	for _, entry := range entries {
		switch {
		case !strings.HasPrefix(entry.Name(), name), name == "" && strings.HasPrefix(entry.Name(), "."):
		case entry.IsDir():
			all = append(all, dir+entry.Name()+string(filepath.Separator))
		default:
			all = append(all, dir+entry.Name())
		}
	}
	return all
}
