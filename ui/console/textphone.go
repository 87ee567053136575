package console

import (
	"bufio"
	"cmp"
	"context"
	"io"
	"strings"

	"calla/netsip/config"
	"calla/phone"
	"calla/phone/journal"
)

// textPhone is a phone that is told by lines of text what to do.
type textPhone struct {
	session  *session
	phone    *phone.Phone
	look     func() phone.State // what there is to work on: the phone's
	screen   *screen
	written  written                                      // what was written and came
	journal  *journal.Journal                             // nil where no calls are kept
	lastList []journal.Call                               // by the last history; of the goroutine that runs the lines
	secret   func(question string) (config.Secret, error) // asks for one unseen; nil where nobody can be asked
	over     bool                                         // it is to end; of the goroutine that runs the lines
}

// written is who has the messages.
type written interface {
	phone.MessageReader
	Correspondent(accountID, address string) (party, shown string)
}

// order is one run of a verb in the text phone.
type order struct {
	*textPhone
	state phone.State // that it was given in
	args  []string    // one for each of the verb's, "" for what is left out
}

// request is a line taken apart. One that is not understood has no verb.
type request struct {
	verb *verb
	rest string // what stands behind the verb
}

// readLine finds the verb of a line; of two that fit, the one of more words.
func readLine(line string) request {
	var found request
	longest := 0
	for _, v := range verbs() {
		if v.do == nil {
			continue
		}
		for _, name := range append([]string{v.name}, v.also...) {
			words := strings.Fields(name)
			if rest, ok := cutWords(line, words); ok && len(words) > longest {
				found, longest = request{&v, rest}, len(words)
			}
		}
	}
	return found
}

// cutWords takes these words off the beginning of a line, whatever their case.
func cutWords(line string, words []string) (rest string, ok bool) {
	rest = strings.TrimSpace(line)
	for _, word := range words {
		var first string
		first, rest = cutWord(rest)
		if !strings.EqualFold(first, word) {
			return "", false
		}
	}
	return rest, true
}

// cutWord takes the first word off a line.
func cutWord(line string) (word, rest string) {
	line = strings.TrimSpace(line)
	end := strings.IndexFunc(line, func(r rune) bool { return r == ' ' || r == '\t' })
	if end < 0 {
		return line, ""
	}
	return line[:end], strings.TrimSpace(line[end:])
}

// arguments are what stands behind a verb, one for each of its arguments; false where one is missing or there are more.
func (v *verb) arguments(rest string) ([]string, bool) {
	args := make([]string, len(v.args))
	for i, a := range v.args {
		if i == len(v.args)-1 {
			args[i], rest = rest, ""
		} else {
			args[i], rest = cutWord(rest)
		}
		if args[i] == "" && !a.optional {
			return nil, false
		}
	}
	return args, rest == ""
}

// usage is how a verb is typed.
func (v *verb) usage() string {
	words := []string{v.name}
	for _, a := range v.args {
		if a.optional {
			words = append(words, "["+a.name+"]")
		} else {
			words = append(words, a.name)
		}
	}
	return strings.Join(words, " ")
}

// run does what a line says; false ends the phone.
func (t *textPhone) run(line string) bool {
	if strings.TrimSpace(line) == "" {
		return true
	}
	said := readLine(line)
	if said.verb == nil {
		word, _ := cutWord(line)
		t.screen.line("Unknown command: " + word + ". help shows the commands.")
		return true
	}
	args, ok := said.verb.arguments(said.rest)
	if !ok {
		t.screen.line("Write: " + said.verb.usage())
		return true
	}
	said.verb.do(order{t, t.look(), args})
	return !t.over
}

// interact reads commands until quit, the end of input or ctx.
func (s *session) interact(ctx context.Context, p *phone.Phone) error {
	screen := newScreen(s.out, p)
	t := &textPhone{session: s, phone: p, look: p.State, written: p, screen: screen, journal: p.Journal()}
	read, closed := s.openInput(t)
	defer closed()
	s.out.line("Calla", s.Version, "· help shows the commands")
	cancel := p.Subscribe(screen.draw)
	defer cancel()
	done := make(chan struct{})
	go func() { // ends with its input, or with the program
		defer close(done)
		for line, err := read(); err == nil && ctx.Err() == nil && t.run(line); {
			line, err = read()
		}
	}()
	select {
	case <-done:
	case <-ctx.Done():
	}
	return nil
}

// plainLines reads lines as they come.
func plainLines(in io.Reader) func() (string, error) {
	lines := bufio.NewScanner(in)
	return func() (string, error) {
		if lines.Scan() {
			return lines.Text(), nil
		}
		return "", cmp.Or(lines.Err(), io.EOF)
	}
}
