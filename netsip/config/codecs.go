package config

import (
	"slices"
	"strings"
)

// Codecs are the formats of sound that calla.codecs can name, in the order of its default. Opus is there where the
// computer has libopus.
func Codecs() []string { return []string{"opus", "G722", "PCMU", "PCMA"} }

func codecsParameter() Parameter {
	p := linesParameter("calla.codecs", GroupMedia, 4*len(Codecs()), About{
		Label: "Formats of sound",
		Help: "The formats that sound is sent and taken in, the best first: " + strings.Join(Codecs(), ", ") +
			". What is not named is off.",
		Effect: "These, in this order, in the audio line of offers, and these alone in answers; an offer without any " +
			"of them is refused with 488.",
		Accepts: "a list of `" + strings.Join(Codecs(), "`, `") + "`, in any case, each once",
		Change:  ChangeMakesMedia,
	}, func(c *Config) *[]string { return &c.Calla.Codecs }, checkCodec).withDefault("all, in that order")
	set := p.set
	p.set = func(c *Config, v any) *Error {
		before := c.Calla.Codecs
		if err := set(c, v); err != nil {
			return err
		}
		reason := ""
		if len(c.Calla.Codecs) == 0 && !isEmpty(v) {
			reason = "names no format: leave it out to have all of " + strings.Join(Codecs(), ", ")
		}
		for i, name := range c.Calla.Codecs {
			if slices.Contains(c.Calla.Codecs[:i], name) {
				reason = "names " + name + " twice"
			}
		}
		if reason != "" {
			c.Calla.Codecs = before
			return &Error{Value: v, Reason: reason}
		}
		return nil
	}
	return p
}

// checkCodec wants the name of a format.
func checkCodec(s string) (string, string) {
	i := slices.IndexFunc(Codecs(), func(name string) bool { return strings.EqualFold(name, s) })
	if i < 0 {
		return "", "has " + s + ", which is none of " + strings.Join(Codecs(), ", ")
	}
	return Codecs()[i], ""
}
