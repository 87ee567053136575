// Package jssip is JsSIP's language: configurations written for JsSIP and SIP.js are read, checked and written.
//
// What is read is parsed, never run. A text may be JSON, an object, a page, a component, a whole program or a part of
// one, in JavaScript or TypeScript: the parser passes over what it does not understand, the folder finds out what the
// rest amounts to, and what only the running program would know is told as to be filled in, with its place.
//
//	newSource ─▶ views ─▶ tokenize ─▶ parser ─▶ folder ─▶ configurations ─▶ pasted ─▶ Import, Check
//	 templates   fences    tdewolff    tree      values     new UA(…)        JSON's     names of the page,
//	 masked      scripts   /parse/js             unknowns   look-alikes      types      remedies
//
// Only the lexers are a library's, for JavaScript and for HTML. Parsers of whole programs (tdewolff's, goja's,
// esbuild's) give all of a text up at the first thing that they do not know, and people paste parts, mixtures and other
// languages.
package jssip

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"calla/netsip/config"
)

// Finding is one thing to tell about a parameter of an imported configuration.
type Finding struct {
	Name   string // as in the source
	Reason string // for people
}

// ToFill is a parameter whose value, or a part of it, is not in the text.
type ToFill struct {
	Parameter string // on the page: "password"
	Cause     Cause
	From      string // what the value comes from: "SIP_PASSWORD", "this.secret"; "" where that has no name
	Line      int    // in the text, from 1; 0 where it has no place
	Column    int    // in characters, from 1
}

// String tells it in words: "to be filled in (it comes from SIP_PASSWORD)".
func (t ToFill) String() string {
	switch {
	case t.Cause == CausePage:
		return "to be filled in (it is made of the address of the page)"
	case t.From == "" || t.From == "…":
		return "to be filled in (the program makes it while it runs)"
	case t.Cause == CauseTemplate:
		return "to be filled in (a template puts " + t.From + " there)"
	case t.Cause == CauseChoice:
		return "to be filled in (it depends on " + t.From + ")"
	case t.Cause == CauseBlank:
		return "to be filled in (the text has " + t.From + " there)"
	}
	return "to be filled in (it comes from " + t.From + ")"
}

// Agent is one of several configurations in a text.
type Agent struct {
	Name string // its address, or where it stands
	Line int    // from 1
}

// Imported is what was made of a configuration written for JsSIP.
type Imported struct {
	Config     config.Config // as given, not normalised; with its secrets; what is in ToFill may be missing
	Understood []string      // parameters that were taken over, in the page's order
	Ignored    []Finding     // what was left out
	Changed    []Finding     // what was taken over in another form
	ToFill     []ToFill      // what the text does not say
	Local      []string      // parameters given that name files or commands of this computer: "calla.log_command"
}

// FixableError tells that a configuration is wrong in a way that there is an obvious remedy for.
type FixableError struct {
	Err   *config.Error
	Offer string   // what the remedy is, for a button: "Put ws_servers in a list"
	Fixed Imported // the outcome with the remedy
}

func (e *FixableError) Error() string { return e.Err.Error() }

// Unwrap returns the *config.Error.
func (e *FixableError) Unwrap() error { return e.Err }

// ChoiceError tells that a text holds several configurations, and none was chosen.
type ChoiceError struct {
	Agents []Agent // in the order of the text
}

func (e *ChoiceError) Error() string { return "configuration: " + e.Reason() }

// Reason is for people.
func (e *ChoiceError) Reason() string {
	number := fmt.Sprint(len(e.Agents))
	if len(e.Agents) < 5 {
		number = []string{"two", "three", "four"}[len(e.Agents)-2]
	}
	all := make([]string, len(e.Agents))
	for i, a := range e.Agents {
		all[i] = fmt.Sprintf("%d is %s (line %d)", i+1, strings.TrimPrefix(a.Name, "sip:"), a.Line)
	}
	return fmt.Sprintf("holds %s configurations: say which: %s", number, strings.Join(all, ", "))
}

// Import reads a configuration of JsSIP, of version 0.4 or later: JSON, a JavaScript object, or a whole
// pasted text. agent says which of several, from 1; 0 where there should be one. Each parameter is checked; what is in
// ToFill may be missing, a TURN server may lack its credential, and the configuration may be incomplete otherwise only
// where Normalize would give a default. The error is a *SyntaxError, a *ChoiceError, a *config.Error, or a
// *FixableError.
func Import(data []byte, agent int) (Imported, error) {
	p, err := choose(data, agent)
	if err != nil {
		return Imported{}, err
	}
	return importValues(p)
}

// choose returns the configuration that is meant.
func choose(data []byte, agent int) (pasted, error) {
	all, err := findAll(data)
	switch {
	case err != nil:
		return pasted{}, err
	case agent == 0 && len(all) == 1:
		return all[0], nil
	case agent == 0:
		wrong := &ChoiceError{}
		for _, p := range all {
			line, _ := p.place(p.at)
			wrong.Agents = append(wrong.Agents, Agent{p.name, line})
		}
		return pasted{}, wrong
	case agent < 1 || agent > len(all):
		return pasted{}, &SyntaxError{fmt.Sprintf("has no configuration number %d: there is %d", agent, len(all))}
	}
	return all[agent-1], nil
}

// importValues takes the parameters of a pasted configuration over, offering remedies.
func importValues(p pasted) (Imported, error) {
	var in Imported
	values := in.translate(p)
	in.ToFill = p.toFill()
	in.giveSchemes(values)
	turn, hasTurn := values["turn_servers"]
	delete(values, "turn_servers")
	c, ignored, err := config.Parse(values, in.missing())
	if err == nil {
		err = in.setTurn(&c, turn)
	}
	var wrong *config.Error
	if errors.As(err, &wrong) {
		if hasTurn {
			values["turn_servers"] = turn
		}
		if remedy, text := remedyFor(wrong, values); remedy != nil {
			q := p
			q.values, q.calls = remedy, nil // the rest is in remedy
			fixed, err := importValues(q)
			var further *FixableError
			if errors.As(err, &further) && further.Err.Parameter != wrong.Parameter {
				text, fixed, err = text+", "+further.Offer, further.Fixed, nil
			}
			if err == nil {
				fixed.Changed = append(slices.Clone(in.Changed),
					append(fixed.Changed, Finding{wrong.Parameter, text})...)
				fixed.Ignored = append(in.Ignored, fixed.Ignored...)
				return Imported{}, &FixableError{wrong, text, fixed}
			}
		}
	}
	if err != nil {
		return Imported{}, explained(err, values)
	}
	if hasTurn {
		values["turn_servers"] = turn
	}
	in.Config = c
	in.tell(values, ignored)
	return in, nil
}

// missing are the parameters that are to be filled in.
func (in *Imported) missing() (names []string) {
	for _, t := range in.ToFill {
		names = append(names, t.Parameter)
	}
	return names
}

// toFill lists what of a configuration is not known, in the text's order and the page's names.
func (p *pasted) toFill() (all []ToFill) {
	seen := map[string]bool{}
	add := func(parameter string, lost *unknown) {
		if seen[parameter] {
			return
		}
		seen[parameter] = true
		t := ToFill{Parameter: parameter, Cause: lost.cause, From: lost.from}
		if p.source != nil {
			t.Line, t.Column = p.place(lost.at)
		}
		all = append(all, t)
	}
	inOrder := func(a, b string) int { return p.places[a] - p.places[b] }
	for _, id := range slices.SortedFunc(maps.Keys(p.missing), inOrder) {
		if parameter := pageName(id); parameter != "" {
			add(parameter, &unknown{p.places[id], p.missing[id].cause, p.missing[id].from})
		}
	}
	for _, mandatory := range []string{"uri", "ws_servers"} {
		if len(p.spread) > 0 && !p.gives(mandatory) {
			add(mandatory, p.spread[0])
		}
	}
	return all
}

// gives tells whether a configuration has a parameter, by whatever name.
func (p *pasted) gives(parameter string) bool {
	for id := range p.places {
		if pageName(id) == parameter {
			return true
		}
	}
	return false
}

// pageName is the page's name of a parameter in the names of later versions, of SIP.js, or the page's; "" for none.
func pageName(id string) string {
	switch id {
	case "sockets", "transportOptions.server", "transportOptions.wsServers":
		return "ws_servers"
	case "transportOptions.traceSip":
		return "trace_sip"
	case "pcConfig.iceServers":
		return "turn_servers"
	case "pcConfig.iceTransportPolicy":
		return "calla.ice_transport_policy"
	}
	if to := sipJSName(id); to != "" {
		return to
	}
	if _, is := config.ParameterNamed(id); is {
		return id
	}
	return ""
}

// setTurn takes turn_servers over; a credential may be missing.
func (in *Imported) setTurn(c *config.Config, v any) error {
	p, _ := config.ParameterNamed("turn_servers")
	if err := p.SetStored(c, v); err != nil {
		return err
	}
	for _, t := range c.TurnServers {
		if t.Credential == "" {
			in.Changed = append(in.Changed, Finding{"turn_servers", "needs the credential of " + t.URLs[0] + " still"})
		}
	}
	return nil
}

// tell fills the lists from the source's values and what was left out.
func (in *Imported) tell(values map[string]any, ignored []config.Ignored) {
	for _, i := range ignored {
		in.Ignored = append(in.Ignored, Finding{i.Parameter, ignoredReason(i, values)})
	}
	for _, p := range config.Parameters() {
		v, given := valueOf(values, p.Name)
		left := slices.ContainsFunc(ignored, func(i config.Ignored) bool { return i.Parameter == p.Name })
		if !given || left {
			continue
		}
		now := p.Value(in.Config)
		if v == nil || v == "" {
			in.Ignored = append(in.Ignored, Finding{p.Name, "is empty: the default is used"})
			continue
		}
		in.Understood = append(in.Understood, p.Name)
		if p.Kind == config.KindFile || p.Name == "calla.log_command" || p.Name == "calla.log_file" {
			in.Local = append(in.Local, p.Name)
		}
		if reason := changed(p, v, now); reason != "" {
			in.Changed = append(in.Changed, Finding{p.Name, reason})
		}
	}
}

// ignoredReason is why a member was left out.
func ignoredReason(i config.Ignored, values map[string]any) string {
	if isLater(i.Parameter) {
		return "is a parameter of later JsSIP versions that Calla does not have"
	}
	if meant, _ := meantBy(i.Parameter, values); meant != "" {
		return "is not a parameter: " + meant + " is probably meant"
	}
	return i.Reason
}

// changed tells in what way a value differs from the one given; secrets are not shown.
func changed(p config.Parameter, given, now any) string {
	switch p.Kind {
	case config.KindText, config.KindChoice, config.KindFile:
		switch {
		case p.Name == "calla.log_command":
			return fmt.Sprintf("runs on this computer as long as the account is on: %v", now)
		case p.Name == "calla.log_file":
			return fmt.Sprintf("is written on this computer: %v", now)
		case given != now:
			return fmt.Sprintf("is written as %v", now)
		}
	case config.KindLines:
		if reflect.TypeOf(given) != reflect.TypeFor[[]any]() {
			return "is a list of its lines now"
		}
	case config.KindHeaders:
		if now, _ := now.([]any); len(now) != reflect.ValueOf(given).Len() {
			return "is without what is not text now"
		}
	case config.KindSeconds, config.KindMilliseconds:
		if _, isText := given.(string); isText {
			return fmt.Sprintf("is the number %v now", now)
		}
	case config.KindServers, config.KindStunServers, config.KindTurnServers:
		if reflect.TypeOf(given) != reflect.TypeFor[[]any]() {
			return "is a list of one now"
		}
	}
	return ""
}

// giveSchemes puts stun: and turn: before the addresses that lack them.
func (in *Imported) giveSchemes(values map[string]any) {
	missing := func(v any) (string, bool) {
		s, is := v.(string)
		scheme, _, _ := strings.Cut(strings.ToLower(s), ":")
		return s, is && s != "" && !strings.Contains(s, "//") &&
			!slices.Contains([]string{"stun", "stuns", "turn", "turns"}, scheme)
	}
	give := func(v any, scheme, parameter string) any {
		s, is := missing(v)
		if !is {
			return v
		}
		in.Changed = append(in.Changed, Finding{parameter, "is " + scheme + s + " now: " + scheme + " was missing"})
		return scheme + s
	}
	switch v := values["stun_servers"].(type) {
	case string:
		values["stun_servers"] = give(v, "stun:", "stun_servers")
	case []any:
		all := slices.Clone(v)
		for i := range all {
			all[i] = give(all[i], "stun:", "stun_servers")
		}
		values["stun_servers"] = all
	}
	servers, isList := values["turn_servers"].([]any)
	if one, is := values["turn_servers"].(map[string]any); is {
		servers = []any{one}
	}
	for i := range servers {
		o, _ := servers[i].(map[string]any)
		o = maps.Clone(o)
		for _, id := range []string{"urls", "server"} {
			switch urls := o[id].(type) {
			case string:
				o[id] = give(urls, "turn:", "turn_servers")
			case []any:
				all := slices.Clone(urls)
				for j := range all {
					all[j] = give(all[j], "turn:", "turn_servers")
				}
				o[id] = all
			}
		}
		if o == nil {
			continue
		}
		if isList {
			servers = slices.Clone(servers)
			servers[i] = o
			values["turn_servers"] = servers
		} else {
			values["turn_servers"] = o
		}
	}
}

// remedyFor returns the values with the obvious remedy of an error in them, and what it is; nil when there
// is none.
func remedyFor(wrong *config.Error, values map[string]any) (remedy map[string]any, offer string) {
	remedy = maps.Clone(values)
	v, given := values[wrong.Parameter]
	if wrong.Parameter == "ws_servers" {
		if o, is := v.(map[string]any); is {
			remedy["ws_servers"] = []any{o}
			return remedy, "Put ws_servers in a list"
		}
	}
	if text, is := v.(string); is && (text == "true" || text == "false") && strings.Contains(wrong.Reason,
		"true or false") {
		remedy[wrong.Parameter] = text == "true"
		return remedy, "Take the text " + text + " as " + text
	}
	if given {
		return nil, ""
	}
	for _, id := range slices.Sorted(maps.Keys(values)) {
		if parameter, as := meantBy(id, values); parameter == wrong.Parameter {
			remedy[as] = remedy[id]
			delete(remedy, id)
			return remedy, "Take " + id + " as " + wrong.Parameter
		}
	}
	return nil, ""
}

// explained adds to the error of a missing parameter which member was probably meant for it.
func explained(err error, values map[string]any) error {
	var wrong *config.Error
	if !errors.As(err, &wrong) {
		return err
	}
	if _, given := values[wrong.Parameter]; given {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(values)) {
		if parameter, _ := meantBy(id, values); parameter == wrong.Parameter {
			told := *wrong
			told.Reason = fmt.Sprintf("is missing: %s, which is there, is not a parameter; is %s meant?", id,
				wrong.Parameter)
			return &told
		}
	}
	return err
}
