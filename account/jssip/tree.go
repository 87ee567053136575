package jssip

// node is a part of a program: an expression or a statement.
type node interface{ where() span }

// where is the part of the text that a node was made from.
func (s span) where() span { return s }

// Expressions.
type (
	literal struct {
		span
		value any // nil, bool, float64 or string
	}
	tagged struct { // what a template fills in
		span
		holds string
	}
	name struct {
		span
		id string
	}
	joined struct { // `…${…}…`, or a string with a template's tags in it
		span
		parts []node
	}
	member struct {
		span
		of  node
		id  string // "" for of[key]
		key node
	}
	call struct {
		span
		callee node
		args   []node
		made   bool // with new
	}
	object struct {
		span
		members []property
		loose   []node // what stands in it and is no member
	}
	array struct {
		span
		items []node
		pairs bool // PHP's: items are objects of one member
	}
	spread struct {
		span
		of node
	}
	unary struct {
		span
		operator string
		of       node
	}
	binary struct {
		span
		operator    string
		left, right node
	}
	choice struct { // test ? yes : no
		span
		test, yes, no node
	}
	assignment struct {
		span
		operator string
		to, from node
	}
	function struct {
		span
		id         string
		parameters []parameter
		body       []node
		result     node // of an arrow without a body
		arrow      bool
	}
	class struct {
		span
		id      string
		extends node
		members []property
	}
	loose struct { // what has no meaning as a whole
		span
		parts []node
	}
)

// property is a member of an object or a class.
type property struct {
	span
	key    string
	named  node // [named]: value
	value  node
	spread bool
	getter bool
	static bool // of a class itself
}

// parameter is one of a function; TypeScript's may be a field as well.
type parameter struct {
	to, def node
	field   bool
	rest    bool
}

// Statements.
type (
	declaration struct {
		span
		kind     string // "var", "let", "const"
		to, from node
	}
	block struct {
		span
		body  []node
		maybe bool // carried out depending on what the program does
		test  node // on which that depends, of a switch
	}
	branch struct {
		span
		test    node
		yes, no node
	}
	giving struct { // return
		span
		of node
	}
	imported struct {
		span
		from  string
		names map[string]string // here → there; "" for the module itself
	}
)
