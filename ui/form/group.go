package form

import (
	"reflect"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"calla/netsip/config"
	"calla/phone/cause"
	"calla/ui/layout"
	"calla/ui/tell"
	"calla/ui/widget"
)

// formGroups are the groups of the form in their order.
func formGroups() []config.Group {
	return []config.Group{
		config.GroupIdentity, config.GroupServers, config.GroupRegistration,
		config.GroupCalls, config.GroupMedia, config.GroupCompatibility, config.GroupLogging,
	}
}

// firstFields are the parameters that everybody is asked for, in the order in which they are asked. The rest
// of their groups is folded away.
func firstFields() []string { return []string{"uri", "password", "display_name", "ws_servers"} }

func isFirst(parameter string) bool { return slices.Contains(firstFields(), parameter) }

// fold is something below a heading that a press on it hides or shows, with a note at the heading's end.
type fold struct {
	title  string
	open   bool
	head   *widget.Button
	badge  *widget.Text
	inside *fyne.Container
	body   *fyne.Container
}

// newFold returns a closed fold; inset is how far the note stands from the right edge.
func newFold(title string, heading bool, inside *fyne.Container) *fold {
	f := &fold{title: title, open: true, inside: inside}
	f.badge = widget.NewText("").Color(widget.ColorMuted).Sized(widget.SizeCaption)
	f.head = widget.NewButton(title, "", widget.Quiet, func() { f.fold(!f.open) }).Trailing().Leading()
	if heading {
		f.head.Heading()
	}
	f.body = layout.Column(0, container.NewStack(f.head,
		layout.Border(nil, nil, nil, layout.Padded(0, 0, 0, 44, container.NewCenter(f.badge)))), inside)
	f.fold(false)
	return f
}

func (f *fold) fold(open bool) {
	f.open = open
	f.inside.Hidden = !open
	icon := "chevron-down"
	if open {
		icon = "chevron-up"
	}
	f.head.Set(f.title, icon)
	f.body.Refresh()
}

// formGroup is a card of fields: those that everybody is asked for, and below a fold those that few need.
// A group of the latter alone is folded as a whole.
type formGroup struct {
	*fold
	name    config.Group
	fields  []*formField
	more    *fold // nil where nothing in the group is asked of everybody
	changed int
	card    *fyne.Container
}

func (f *Page) newGroup(name config.Group) *formGroup {
	g := &formGroup{name: name}
	first, rest := layout.Column(14), layout.Column(14)
	for _, p := range formOrder() {
		if p.Group != name {
			continue
		}
		field := newFormField(f.window, p, f.changed, func() { f.body.Refresh() })
		f.fields[p.Name] = field
		g.fields = append(g.fields, field)
		if slices.Contains(firstFields(), p.Name) {
			first.Add(field.object)
		} else {
			rest.Add(field.object)
		}
	}
	content := rest
	if len(first.Objects) > 0 {
		g.more = newFold(tell.Word(cause.FormMoreFields), false, layout.Padded(4, 0, 12, 12, rest))
		// its button has a margin of its own
		content = layout.Column(8, first, layout.Padded(0, 0, -12, -12, g.more.body))
	}
	g.fold = newFold(string(name), true, layout.Padded(4, 12, 12, 12, content))
	g.fold.fold(g.more != nil)
	g.card = container.NewStack(widget.NewPanel(g.body, widget.ColorSurface, widget.ColorLine, widget.RadiusCard, 0, 0))
	f.groups[name] = g
	return g
}

// formOrder lists the parameters in the order of the form: those asked first, and what belongs together side
// by side.
func formOrder() []config.Parameter {
	all := config.Parameters()
	before := append(firstFields(), "authorization_user", "realm", "ha1", "authorization_jwt", "calla.proxy",
		"calla.proxy_password")
	rank := func(p config.Parameter) int {
		if i := slices.Index(before, p.Name); i >= 0 {
			return i
		}
		return len(before)
	}
	slices.SortStableFunc(all, func(a, b config.Parameter) int { return rank(a) - rank(b) })
	return all
}

func (g *formGroup) object() fyne.CanvasObject { return g.card }

// show unfolds what hides a field.
func (g *formGroup) show(field *formField) {
	g.fold.fold(true)
	if g.more != nil && !slices.Contains(firstFields(), field.param.Name) {
		g.more.fold(true)
	}
}

// unfold shows all of the group.
func (g *formGroup) unfold() {
	g.fold.fold(true)
	if g.more != nil {
		g.more.fold(true)
	}
}

// unfoldChanged shows what differs from the defaults.
func (g *formGroup) unfoldChanged() {
	for _, field := range g.fields {
		if field.differs {
			g.show(field)
		}
	}
}

// count tells how many parameters of a group differ from their defaults.
func (f *Page) count(g *formGroup) {
	defaults, err := config.Config{
		URI: "sip:a@example.invalid", WSServers: []config.Server{{WSURI: "wss://example.invalid"}},
		InstanceID: f.account.Config.InstanceID,
	}.Normalize()
	if err != nil {
		return
	}
	g.changed = 0
	for _, field := range g.fields {
		p := field.param
		var c config.Config
		field.differs = !slices.Contains(firstFields(), p.Name) && p.Name != "instance_id" &&
			(field.set(&c) != nil || p.Given(c) && !reflect.DeepEqual(p.Value(c), p.Value(defaults)))
		if field.differs {
			g.changed++
		}
	}
	text := ""
	if g.changed > 0 {
		text = tell.Of(cause.Cause{Kind: cause.FormChanged, Count: g.changed}).Short
	}
	badge := g.badge
	if g.more != nil {
		badge = g.more.badge
	}
	if badge.Text() != text {
		badge.SetText(text)
		g.card.Refresh()
	}
}
