package jssip

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// pasted is a configuration as it stands in a text, before any of it is checked.
type pasted struct {
	*source
	name    string              // "sip:alice@example.com", or where it stands
	at      int                 // octet of the text
	values  map[string]any      // in JSON's types, recordedSocket or callback
	missing map[string]*unknown // members of which at least a part is not known, nested ones as "log.level"
	spread  []*unknown          // what more may be in it
	places  map[string]int      // where each member stands
	calls   []any               // options of ua.call() and the like, which hold pcConfig
}

// Values that a configuration can have beside JSON's.
type (
	// recordedSocket is what new JsSIP.WebSocketInterface(url) makes.
	recordedSocket struct {
		url    any
		via    any // its via_transport, where the snippet sets it
		origin any // of what makes a connection outside of a browser
	}
	// callback is a JavaScript function.
	callback struct{}
)

// maxWalked bounds what is looked at of values within values, of which one may stand in many places.
const maxWalked = 50000

// walk looks through values, of which cycles and towers can be made; it ends early where there is too much of them.
type walk struct{ seen int }

func (w *walk) ended() bool {
	w.seen++
	return w.seen > maxWalked
}

// findAll returns every configuration that a text holds.
func findAll(data []byte) ([]pasted, error) {
	src, err := newSource(data)
	if err != nil {
		return nil, err
	}
	if records := src.lines(); records != nil && !strings.ContainsAny(src.text, "{};") {
		f := &folder{view: view{source: src}}
		return f.pasted(records), nil
	}
	var why error
	for _, v := range src.views() {
		f, own := folded(v)
		records, err := f.configurations(own)
		if err == nil {
			return f.pasted(records), nil
		}
		if why == nil {
			why = err
		}
	}
	if records := src.lines(); records != nil {
		f := &folder{view: view{source: src}}
		return f.pasted(records), nil
	}
	return nil, why
}

// configurations are the objects that new JsSIP.UA gets, or else those that look like one: which have most of what a
// configuration needs, and do not stand within another.
func (f *folder) configurations(own any) ([]*record, error) {
	var found []*record
	slices.SortStableFunc(f.agents, func(a, b *record) int { return cmp.Compare(a.start, b.start) })
	var lost *unknown
	var spare []*record
	for _, a := range leastLost(f.agents) {
		if len(a.args) == 0 {
			continue
		}
		switch v := a.args[0].(type) {
		case *record:
			if likeness(v) > 0 {
				found = append(found, v)
			} else {
				spare = append(spare, v)
			}
		case *unknown:
			lost = v
		}
	}
	if len(found) == 0 {
		found = f.lookAlikes()
	}
	if len(found) == 0 {
		found = spare
	}
	if r, is := own.(*record); is && len(found) == 0 && r.kind == recordPlain {
		found = []*record{r}
	}
	if len(found) == 0 && lost != nil && lost.from != "" {
		line, _ := f.place(lost.at)
		return nil, &SyntaxError{fmt.Sprintf(
			"holds no configuration: it comes from %s (line %d), which is not in the text", lost.from, line)}
	}
	if len(found) == 0 {
		return nil, &SyntaxError{"holds no configuration: no object with uri and ws_servers or sockets"}
	}
	return distinct(found), nil
}

// leastLost are, of what the same words of the text made several times, those of which the most is known: a function
// that was looked at without arguments makes less than the call of it.
func leastLost(all []*record) []*record {
	times, least := map[int]int{}, map[int]int{}
	lost := map[*record]int{}
	for _, r := range all {
		times[r.start]++
	}
	var w walk
	for _, r := range all {
		if times[r.start] < 2 {
			continue
		}
		lost[r] = w.lostIn(r, 0)
		if n, is := least[r.start]; !is || lost[r] < n {
			least[r.start] = lost[r]
		}
	}
	return slices.DeleteFunc(slices.Clone(all), func(r *record) bool { return lost[r] > least[r.start] })
}

// lostIn counts what is not known in a value.
func (w *walk) lostIn(v any, depth int) (n int) {
	if depth > 6 || w.ended() {
		return 0
	}
	switch v := v.(type) {
	case *unknown:
		return 1
	case *list:
		for _, item := range v.items {
			n += w.lostIn(item, depth+1)
		}
	case *record:
		for _, m := range v.members {
			n += w.lostIn(m.value, depth+1)
		}
		for _, a := range v.args {
			n += w.lostIn(a, depth+1)
		}
	}
	return n
}

// lookAlikes are the objects that look most like a configuration.
func (f *folder) lookAlikes() (found []*record) {
	best := 1
	for _, r := range f.records {
		best = max(best, likeness(r))
	}
	within := map[*record]bool{}
	var w walk
	for _, r := range leastLost(f.records) {
		if likeness(r) < best || within[r] {
			continue
		}
		found = append(found, r)
		w.markMembers(r, within, 0)
	}
	return slices.DeleteFunc(found, func(r *record) bool { return within[r] })
}

func (w *walk) markMembers(v any, within map[*record]bool, depth int) {
	if depth > 6 || w.ended() {
		return
	}
	mark := func(v any) {
		if r, is := v.(*record); is {
			if within[r] {
				return
			}
			within[r] = true
		}
		w.markMembers(v, within, depth+1)
	}
	switch v := v.(type) {
	case *record:
		for _, m := range v.members {
			mark(m.value)
		}
	case *list:
		for _, item := range v.items {
			mark(item)
		}
	}
}

// likeness tells how much an object looks like a configuration: 0 not at all, 2 with an address and a server.
func likeness(r *record) int {
	if r.kind != recordPlain && r.kind != recordOther {
		return 0
	}
	n := 0
	if r.has("uri", "aor") && !r.has("urls", "credential") && !isMethod(r.members["uri"].value) {
		n++
	}
	if r.has("ws_servers", "sockets", "wsServers", "transportOptions", "ws_server", "wsServer", "ws_uri_servers") {
		n++
	}
	if n == 1 && !r.has("uri") && r.kind == recordOther {
		return 0
	}
	return n
}

func isMethod(v any) bool { c, is := v.(*closure); return is && !c.getter }

// distinct leaves out what stands in the text twice over.
func distinct(all []*record) (found []*record) {
	var w walk
	seen := map[string]bool{}
	for _, r := range all {
		key := fmt.Sprintf("%p", r)
		if uri, is := r.members["uri"].value.(string); is {
			key = uri
			for _, id := range []string{
				"ws_servers", "sockets", "wsServers", "transportOptions",
				"authorization_user",
			} {
				key += fmt.Sprint("\x00", w.plain(r.members[id].value, 0))
			}
		}
		if !seen[key] {
			found = append(found, r)
		}
		seen[key] = true
	}
	return found
}

// pasted turns objects into what is checked.
func (f *folder) pasted(records []*record) []pasted {
	var calls []any
	var w walk
	for _, r := range f.records {
		if !slices.Contains(records, r) && r.has("pcConfig", "pc_config") && len(calls) < 16 {
			calls = append(calls, w.plain(r, 0))
		}
	}
	all := make([]pasted, 0, len(records))
	for _, r := range records {
		p := pasted{
			source: f.source, at: r.start, spread: r.lost, calls: calls,
			missing: map[string]*unknown{}, places: map[string]int{},
		}
		for _, id := range slices.Clone(r.names) {
			if c, is := r.members[id].value.(*closure); is && c.getter {
				r.set(id, f.enter(c, nil, true), r.members[id].at)
			}
		}
		p.values = p.members(r)
		p.name, _ = p.values["uri"].(string)
		if p.name == "" {
			line, _ := f.place(p.at)
			p.name = fmt.Sprintf("the one in line %d", line)
		}
		all = append(all, p)
	}
	return all
}

// members returns what a configuration holds, and notes what is not known.
func (p *pasted) members(r *record) map[string]any {
	values := make(map[string]any)
	for _, id := range r.names {
		m := r.members[id]
		p.places[id] = m.at
		group, is := m.value.(*record)
		if is && group.kind == recordPlain && slices.Contains([]string{"log", "calla", "transportOptions", "pcConfig"},
			id) {
			parts := make(map[string]any)
			for _, part := range group.names {
				p.places[id+"."+part] = group.members[part].at
				if v, is := p.known(id+"."+part, group.members[part].value); is {
					parts[part] = v
				}
			}
			values[id] = parts
			continue
		}
		if v, is := p.known(id, m.value); is {
			values[id] = v
		}
	}
	return values
}

// known returns a member's value without what is not known of it; false where that is nothing.
func (p *pasted) known(id string, v any) (any, bool) {
	var w walk
	lost := w.firstLost(v, 0)
	if blank := blankIn(id, v); blank != "" {
		lost = &unknown{p.places[id], CauseBlank, blank}
		v = lost
	}
	if lost == nil {
		return w.plain(v, 0), true
	}
	if lost.at == 0 {
		lost.at = p.places[id]
	}
	p.missing[id] = lost
	if _, is := v.(*unknown); is {
		return nil, false
	}
	kept := w.plain(v, 0)
	if l, is := kept.([]any); is && len(l) == 0 {
		return nil, false
	}
	if w.isNeedy(v, 0) {
		return nil, false
	}
	return kept, true
}

// isNeedy tells whether an object lacks what it cannot be without.
func (w *walk) isNeedy(v any, depth int) bool {
	if depth > 8 || w.ended() {
		return false
	}
	r, is := v.(*record)
	if !is {
		_, is := v.(*unknown)
		return is
	}
	if r.kind == recordSocket {
		return len(r.args) == 0 || w.isNeedy(r.args[0], depth+1)
	}
	for _, id := range []string{"ws_uri", "wsUri", "socket", "url", "urls", "server", "username"} {
		if m, is := r.members[id]; is && (w.isNeedy(m.value, depth+1) || w.firstLost(m.value, 0) != nil) {
			return true
		}
	}
	return false
}

// firstLost is the first part of a value that is not known.
func (w *walk) firstLost(v any, depth int) *unknown {
	if depth > 8 || w.ended() {
		return nil
	}
	switch v := v.(type) {
	case *unknown:
		return v
	case *list:
		for _, item := range v.items {
			if lost := w.firstLost(item, depth+1); lost != nil {
				return lost
			}
		}
	case *record:
		if v.kind == recordSocket {
			if len(v.args) > 0 {
				return w.firstLost(v.args[0], depth+1)
			}
			return nil
		}
		for _, id := range v.names {
			if lost := w.firstLost(v.members[id].value, depth+1); lost != nil {
				return lost
			}
		}
	}
	return nil
}

// plain turns a program's value into JSON's types, recordedSocket or callback; what is not known is left out.
func (w *walk) plain(v any, depth int) any {
	if depth > 8 || w.ended() {
		return nil
	}
	switch v := v.(type) {
	case *list:
		items := make([]any, 0, len(v.items))
		for _, item := range v.items {
			if !w.isNeedy(item, depth+1) {
				items = append(items, w.plain(item, depth+1))
			}
		}
		return items
	case *closure, *classValue, *library:
		return callback{}
	case *unknown:
		return nil
	case *record:
		if v.kind == recordSocket {
			return w.socketOf(v, depth)
		}
		members := make(map[string]any, len(v.names))
		for _, id := range v.names {
			if lost, is := v.members[id].value.(*unknown); !is || lost == nil {
				members[id] = w.plain(v.members[id].value, depth+1)
			}
		}
		return members
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
			return int64(v)
		}
	}
	return v
}

func (w *walk) socketOf(r *record, depth int) any {
	s := recordedSocket{via: w.plain(r.members["via_transport"].value, depth+1)}
	if len(r.args) > 0 {
		s.url = w.plain(r.args[0], depth+1)
	}
	if len(r.args) > 1 {
		if options, is := w.plain(r.args[1], depth+1).(map[string]any); is {
			s.origin = options["origin"]
			if headers, is := options["headers"].(map[string]any); is && s.origin == nil {
				s.origin = headers["Origin"]
			}
		}
	}
	return s
}

// blankIn tells what a text leaves to be filled in: <password>, ${SIP_PASSWORD}, %PASSWORD%.
func blankIn(id string, v any) string {
	text, is := v.(string)
	if l, isList := v.(*list); isList && len(l.items) == 1 {
		text, is = l.items[0].(string)
	}
	if !is {
		return ""
	}
	whole := strings.HasPrefix(text, "<") && strings.HasSuffix(text, ">") && !strings.ContainsAny(text, ":@") &&
		len(text) > 2
	if strings.HasPrefix(text, "@Model.") || strings.HasPrefix(text, "@ViewBag.") || strings.HasPrefix(text, "@(") {
		return shortened(text) // Razor's
	}
	lower := strings.ToLower(text)
	named := id != "password" || strings.Contains(lower, "pass") || strings.Contains(lower, "secret")
	if whole && named || isPlaceholder(text) {
		return shortened(text)
	}
	if id == "uri" || id == "ws_servers" || id == "sockets" || id == "registrar_server" {
		if i := strings.IndexAny(text, "<{"); i >= 0 && !strings.HasPrefix(text, "<sip") {
			return shortened(text)
		}
	}
	return ""
}

// isPlaceholder tells whether a text is one name in the brackets of a template or a shell.
func isPlaceholder(text string) bool {
	for _, brackets := range [][2]string{
		{"${", "}"},
		{"{{", "}}"},
		{"#{", "}"},
		{"%%", "%%"},
		{"__", "__"},
		{"@@", "@@"},
		{"%", "%"},
	} {
		inner, opened := strings.CutPrefix(text, brackets[0])
		inner, closed := strings.CutSuffix(inner, brackets[1])
		if opened && closed && inner != "" && strings.Trim(strings.ToUpper(inner),
			"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-: ") == "" {
			return brackets[1] == "}" || brackets[1] == "}}" || strings.ToUpper(inner) == inner
		}
	}
	return false
}
