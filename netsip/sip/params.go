package sip

// Param is one ";name=value" of a URI or a header field.
type Param struct {
	Name     string
	Value    string // as written, quotes kept
	HasValue bool
}

// Params keeps parameters in order.
type Params []Param
