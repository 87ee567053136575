package config

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
)

// Bounds of calla.dial_rules.
const (
	maxDialRules   = 50
	longestRule    = 200 // octets of one, as it is written
	longestResult  = 64  // octets of a number that a rule makes
	shortNumber    = 3   // digits up to which a number is changed only by a rule that spells it out
	ruleArrow      = "->"
	wholePatternOf = `^(?:%s)$`
)

// dialRule is one rule of calla.dial_rules: what a number becomes that is dialled.
type dialRule struct {
	from    string         // what the number begins with, "" = anything
	pattern *regexp.Regexp // what the whole number is to be, in the place of from; nil = from counts
	literal bool           // pattern stands for one number alone
	to      string         // of from: in its place; of pattern: with ${1} for its groups
}

// readDialRule reads a rule as it is written: FROM -> TO for a beginning and what takes its place, or /PATTERN/ -> TO
// for a regular expression of the whole number, with $1 to $9 in TO for its groups.
func readDialRule(line string) (r dialRule, reason string) {
	if len(line) > longestRule {
		return r, fmt.Sprintf("has a rule of more than %d characters", longestRule)
	}
	if reason := badControl(line); reason != "" {
		return r, reason
	}
	from, to, ok := strings.Cut(withArrow(line), ruleArrow)
	from, to = strings.TrimSpace(from), strings.TrimSpace(to)
	if !ok || strings.Contains(to, ruleArrow) {
		return r, "has a rule that is not FROM -> TO, such as + -> 00"
	}
	if inner, is := strings.CutPrefix(from, "/"); is {
		pattern, closed := strings.CutSuffix(inner, "/")
		if !closed || pattern == "" {
			return r, "has a rule whose pattern is not between two slashes"
		}
		return readPatternRule(pattern, to)
	}
	if from, ok = dialledSigns(from); !ok {
		return r, "has a rule that begins with more than digits, +, * and #: write a pattern as /PATTERN/"
	}
	if to, ok = dialledSigns(to); !ok {
		return r, "has a rule whose result has more in it than digits, +, * and #"
	}
	if from == to {
		return r, "has a rule that changes nothing"
	}
	return dialRule{from: from, to: to}, ""
}

// withArrow writes the arrows that people type and paste as the one that is kept.
func withArrow(line string) string {
	return strings.NewReplacer("→", ruleArrow, "=>", ruleArrow).Replace(line)
}

// readPatternRule reads a rule whose left side is a regular expression. Go's take time in proportion to the text.
func readPatternRule(pattern, to string) (r dialRule, reason string) {
	if strings.HasPrefix(pattern, "+") { // which repeats nothing: the sign is meant
		pattern = `\` + pattern
	}
	compiled, err := regexp.Compile(pattern) // by itself: nothing in it may end the group around it
	if err == nil {
		compiled, err = regexp.Compile(fmt.Sprintf(wholePatternOf, pattern))
	}
	var wrong *syntax.Error
	switch {
	case err == nil:
	case errors.As(err, &wrong):
		return r, "has a pattern that cannot be read: " + wrong.Code.String()
	default:
		return r, "has a pattern that cannot be read"
	}
	result := groupsIn().ReplaceAllStringFunc(to, func(group string) string {
		if n, _ := strconv.Atoi(strings.Trim(group, "${}")); n > compiled.NumSubexp() {
			reason = "has a rule with " + group + " in its result, and no such group in its pattern"
		}
		return "${" + strings.Trim(group, "${}") + "}"
	})
	if _, ok := dialledSigns(groupsIn().ReplaceAllString(to, "")); !ok {
		return r, "has a rule whose result has more in it than digits, +, *, # and $1 to $9"
	}
	if reason != "" {
		return r, reason
	}
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	literal := err == nil && parsed.Op == syntax.OpLiteral
	return dialRule{pattern: compiled, literal: literal, to: result}, ""
}

// groupsIn finds $1 and ${1} in the result of a pattern's rule.
func groupsIn() *regexp.Regexp { return regexp.MustCompile(`\$[0-9]|\$\{[0-9]\}`) }

// dialledSigns writes a part of a number in 0-9, +, * and #, without separators; false: it is none.
func dialledSigns(s string) (string, bool) {
	var b strings.Builder
	for _, c := range s {
		switch sign := DigitSign(c); {
		case sign >= '0' && sign <= '9', sign == '+', sign == '*', sign == '#':
			b.WriteByte(sign)
		case sign == 0:
			return "", false
		}
	}
	return b.String(), true
}

// change makes of a number what the rule says; false: the rule is not about it.
func (r dialRule) change(number string) (string, bool) {
	short := !strings.HasPrefix(number, "+") && len(number) <= shortNumber
	if r.pattern == nil {
		service := strings.ContainsAny(number, "*#")
		switch {
		case !strings.HasPrefix(number, r.from), short && number != r.from:
			return "", false
		case r.from == "" && service:
			return "", false // a code for the server is no number
		}
		return r.to + number[len(r.from):], true
	}
	groups := r.pattern.FindStringSubmatchIndex(number)
	if groups == nil || isEmergency(number) && !r.literal {
		return "", false
	}
	return string(r.pattern.ExpandString(nil, r.to, number, groups)), true
}

// isEmergency tells whether a number calls for help somewhere in the world: a rule changes it only where it spells it
// out, so that nobody who needs help is led astray by a pattern that was written for other numbers.
func isEmergency(number string) bool {
	return slices.Contains([]string{
		"000", "102", "108", "110", "111", "112", "113", "114", "115", "117", "118", "119", "120", "122", "123", "133",
		"144", "190", "191", "192", "193", "911", "995", "997", "998", "999",
	}, number)
}

// ByRules is what the text means where the account's rules for dialling (calla.dial_rules) are followed: the first
// rule that is about a number changes it, once. A text with a host in it, or one that is no number, stays as it is. The
// error is a *TargetError.
func (d Dialled) ByRules(rules []string) (Dialled, error) {
	number := d.URI.UserDecoded()
	if plain, ok := dialledSigns(number); !d.bare || !ok || plain != number || countDigits(number) == 0 {
		return d, nil
	}
	for _, line := range rules[:min(len(rules), maxDialRules)] {
		rule, reason := readDialRule(line)
		if reason != "" {
			continue // checked where it is entered
		}
		changed, ok := rule.change(number)
		if !ok {
			continue
		}
		switch {
		case countDigits(changed) == 0:
			return Dialled{}, &TargetError{Text: number, Reason: "is left without a digit by the dial rule " + line}
		case len(changed) > longestResult:
			return Dialled{}, &TargetError{Text: number, Reason: "gets too long by the dial rule " + line}
		}
		d.URI.User, d.Rule, d.number = escapeUser(changed), line, number
		return d, nil
	}
	return d, nil
}

// checkDialRule checks a line of calla.dial_rules and writes it as it is kept.
func checkDialRule(line string) (string, string) {
	if _, reason := readDialRule(line); reason != "" {
		return "", reason
	}
	from, to, _ := strings.Cut(withArrow(line), ruleArrow)
	return strings.TrimSpace(strings.TrimSpace(from) + " " + ruleArrow + " " + strings.TrimSpace(to)), ""
}
