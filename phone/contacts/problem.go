package contacts

import (
	"errors"

	"calla/netsip/config"
	"calla/phone/cause"
	"calla/phone/safe"
)

// Problems are what could not be read of a file.
type Problems struct {
	First []cause.Cause      // the first mostNamed of them: Count is the line, counted from 1
	Count map[cause.Kind]int // of all
}

// mostNamed bounds the problems that are named one by one.
const mostNamed = 100

// Total is how many there are.
func (p *Problems) Total() (n int) {
	for _, count := range p.Count {
		n += count
	}
	return n
}

func (p *Problems) add(c cause.Cause) {
	if p.Count == nil {
		p.Count = map[cause.Kind]int{}
	}
	p.Count[c.Kind]++
	if len(p.First) < mostNamed {
		c.Text = safe.Line(c.Text, longestLabel)
		p.First = append(p.First, c)
	}
}

// at notes what is wrong with a line.
func (p *Problems) at(line int, kind cause.Kind, text string) {
	p.add(cause.Cause{Kind: kind, Count: line, Text: text})
}

// tooManyAddresses is that a contact has mostOfOne already.
type tooManyAddresses struct{}

func (tooManyAddresses) Error() string { return "contact: too many addresses" }

// address notes why an address was left out.
func (p *Problems) address(line int, text string, err error) {
	var target *config.TargetError
	switch {
	case errors.As(err, &target):
		p.add(cause.Cause{
			Kind: cause.ContactAddressUnusable, Count: line, Text: text, Reason: target.Reason, Offer: target.Instead,
		})
	default:
		p.at(line, cause.ContactTooManyAddresses, text)
	}
}
