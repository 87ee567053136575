package config

import (
	"errors"
	"strings"

	"calla/netsip/sip"
)

// maxAnswerDomains bounds calla.auto_answer_domains.
const maxAnswerDomains = 20

// deskParameters say what becomes of what is dialled, and of calls that come in.
func deskParameters() []Parameter {
	return []Parameter{
		linesParameter("calla.dial_rules", GroupCalls, maxDialRules, About{
			Label: "Dial rules",
			Help: "What numbers become as they are dialled: + -> 00, 9 -> (strips a 9), -> 0 (puts a 0 in front), or " +
				"/PATTERN/ -> TO with $1 for a group. The first that fits counts.",
			Effect: "The user of the Request-URI and of To of calls that are dialled, and of the address that a " +
				"transfer names. An address with a host, and whoever is called again, stays as it is; so do " +
				"emergency numbers, and for FROM all numbers of up to three digits, unless a rule spells them out.",
			Accepts: "a list of `FROM -> TO` and `/PATTERN/ -> TO`, or text with one in a line; at most 50. FROM and " +
				"TO are digits, `+`, `*` and `#`; PATTERN is a regular expression of the whole number",
			Change: ChangeAtUse,
		}, func(c *Config) *[]string { return &c.Calla.DialRules }, checkDialRule),
		forwardParameter("calla.forward_always", "Forward all calls to",
			"Who is to be called in your place, always: a number, user or address.",
			"Every incoming call is refused with 302 and Contact, before it rings.",
			func(c *Config) *string { return &c.Calla.ForwardAlways }),
		forwardParameter("calla.forward_busy", "Forward to, when busy",
			"Who is to be called in your place while you have a call: a number, user or address.",
			"An incoming call is refused with 302 and Contact while there is another, before it rings.",
			func(c *Config) *string { return &c.Calla.ForwardBusy }),
		forwardParameter("calla.forward_no_answer", "Forward to, without an answer",
			"Who is to be called in your place when you do not answer: a number, user or address.",
			"An incoming call that has rung for `calla.forward_after` is refused with 302 and Contact.",
			func(c *Config) *string { return &c.Calla.ForwardNoAnswer }),
		integerParameter("calla.forward_after", KindSeconds, GroupCalls, "20, or half of no_answer_timeout", About{
			Label:  "Forward after, seconds",
			Help:   "How long a call rings before it is forwarded without an answer, in seconds.",
			Effect: "The 302 of `calla.forward_no_answer` leaves after so long.",
			Change: ChangeAtUse,
		}, func(c *Config) *int { return &c.Calla.ForwardAfter }),
		integerParameter("calla.auto_answer", KindSeconds, GroupCalls, "never", About{
			Label: "Answer by itself after, seconds",
			Help: "Answer calls by itself after so many seconds, with a tone. Whoever calls hears what the " +
				"microphone hears.",
			Effect: "The 200 leaves after so long, unless there is another call.",
			Change: ChangeAtUse,
		}, func(c *Config) *int { return &c.Calla.AutoAnswer }),
		linesParameter("calla.auto_answer_domains", GroupCalls, maxAnswerDomains, About{
			Label: "Who may have calls answered",
			Help:  "Domains whose callers may have their calls answered by itself, as intercoms do.",
			Effect: "`answer-after=SECONDS` in Call-Info or Alert-Info, and `info=alert-autoanswer` in Alert-Info, " +
				"of a caller of such a domain: the 200 leaves after so long, unless there is another call.",
			Accepts: "a list of domains; `*.example.com` is those below one",
			Change:  ChangeAtUse,
		}, func(c *Config) *[]string { return &c.Calla.AutoAnswerDomains }, checkAnswerDomain),
		textParameter("calla.ringtone", GroupCalls, About{
			Label: "Ringtone",
			Help: "A sound file (WAV, FLAC, MP3, Ogg Vorbis or Opus) that calls of this account ring with. none: " +
				"they do not ring.",
			Effect:  "Nothing on the wire.",
			Accepts: "the path of a file, `none`, or `calla` for Calla's own tone",
			Change:  ChangeAtUse,
		}, func(c *Config) *string { return &c.Calla.Ringtone }, checkRingtone).file().
			withDefault("that of the settings"),
		textParameter("calla.hold_music", GroupCalls, About{
			Label: "Music on hold",
			Help: "A sound file (WAV, FLAC, MP3, Ogg Vorbis or Opus, up to 10 minutes) that whoever you put on hold " +
				"hears. none: they hear nothing.",
			Effect:  "RTP while the call is held (`a=sendonly`): the sound of the file, round and round.",
			Accepts: "the path of a file, or `none`",
			Change:  ChangeAtUse,
		}, func(c *Config) *string { return &c.Calla.HoldMusic }, checkHoldMusic).file().
			withDefault("that of the settings"),
	}
}

// forwardParameter is one of the addresses that calls are forwarded to.
func forwardParameter(name, label, help, effect string, field func(*Config) *string) Parameter {
	return textParameter(name, GroupCalls, About{
		Label: label, Help: help, Effect: effect,
		Accepts: "a number, user or address, as it would be dialled; not the account's own",
		Change:  ChangeAtUse,
	}, field, checkForward)
}

// checkRingtone wants the path of a file or a word.
func checkRingtone(s string) (string, string) {
	s, reason := checkPath(s)
	return ReadRingtone(s), reason
}

// ReadRingtone returns a ringtone as it is kept: the words however they are written, a path as it is.
func ReadRingtone(s string) string {
	s = strings.TrimSpace(s)
	for _, word := range []string{RingtoneNone, RingtoneOwn} {
		if strings.EqualFold(s, word) {
			return word
		}
	}
	return s
}

// checkHoldMusic wants the path of a file or a word.
func checkHoldMusic(s string) (string, string) {
	s, reason := checkPath(s)
	return ReadHoldMusic(s), reason
}

// ReadHoldMusic returns music on hold as it is kept: the word however it is written, a path as it is.
func ReadHoldMusic(s string) string {
	if s = strings.TrimSpace(s); strings.EqualFold(s, HoldMusicNone) {
		return HoldMusicNone
	}
	return s
}

// checkForward wants what could be dialled.
func checkForward(s string) (string, string) {
	s = strings.TrimSpace(s)
	if _, err := DialTarget(s, "forward.invalid"); err != nil {
		return "", reasonOfTarget(err)
	}
	return s, ""
}

// forwardingContradiction is what is wrong between forwarding and the rest.
func (c Config) forwardingContradiction() error {
	for _, f := range []struct{ parameter, to string }{
		{"calla.forward_always", c.Calla.ForwardAlways},
		{"calla.forward_busy", c.Calla.ForwardBusy},
		{"calla.forward_no_answer", c.Calla.ForwardNoAnswer},
	} {
		if f.to == "" {
			continue
		}
		to, err := c.ForwardTarget(f.to)
		if err != nil {
			return &Error{Parameter: f.parameter, Value: f.to, Reason: reasonOfTarget(err)}
		}
		own, err := sip.ParseURI(c.URI)
		if err == nil && own.UserDecoded() == to.UserDecoded() && strings.EqualFold(own.Host, to.Host) {
			return &Error{
				Parameter: f.parameter, Value: f.to, Reason: "is the account's own address: calls would come back",
			}
		}
	}
	if c.Calla.ForwardNoAnswer != "" && c.Calla.ForwardAfter >= c.NoAnswerTimeout {
		return &Error{
			Parameter: "calla.forward_after", Value: c.Calla.ForwardAfter,
			Reason: "must be below no_answer_timeout, after which the call has ended",
		}
	}
	return nil
}

// ForwardTarget is the address that calls are forwarded to by one of the parameters: as if it were dialled.
func (c Config) ForwardTarget(to string) (sip.URI, error) {
	if _, err := DialTarget(to, c.Domain()); err != nil {
		return sip.URI{}, err
	}
	d, err := ParseDialled(to, c.Domain())
	if err == nil {
		d, err = d.ByRules(c.Calla.DialRules)
	}
	return d.URI, err
}

// reasonOfTarget is why a text cannot be called.
func reasonOfTarget(err error) string {
	var wrong *TargetError
	if errors.As(err, &wrong) {
		return wrong.Reason
	}
	return err.Error()
}

// checkAnswerDomain wants a domain, or *. and a domain.
func checkAnswerDomain(s string) (string, string) {
	s = strings.ToLower(strings.TrimSpace(s))
	if reason := badHost(strings.TrimPrefix(s, "*.")); reason != "" {
		return "", reason
	}
	return s, ""
}

// MayHaveAnswered tells whether a caller of a host may have its calls answered by itself.
func (c Config) MayHaveAnswered(host string) bool {
	host = strings.ToLower(host)
	for _, domain := range c.Calla.AutoAnswerDomains {
		below, wild := strings.CutPrefix(domain, "*")
		if host == domain || wild && len(host) > len(below) && strings.HasSuffix(host, below) {
			return true
		}
	}
	return false
}
