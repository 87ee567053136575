package rtc

// Direction is which way audio may flow, as the end that states it sees it (RFC 3264 section 5.1).
type Direction int

const (
	SendRecv Direction = iota
	SendOnly
	RecvOnly
	Inactive
)

// String returns the SDP attribute.
func (d Direction) String() string {
	switch d {
	case SendOnly:
		return "sendonly"
	case RecvOnly:
		return "recvonly"
	case Inactive:
		return "inactive"
	}
	return "sendrecv"
}

func directionNamed(name string) (Direction, bool) {
	for _, d := range []Direction{SendRecv, SendOnly, RecvOnly, Inactive} {
		if d.String() == name {
			return d, true
		}
	}
	return SendRecv, false
}

// Sends tells whether the end that stated d sends audio.
func (d Direction) Sends() bool { return d == SendRecv || d == SendOnly }

// Receives tells whether the end that stated d wants audio.
func (d Direction) Receives() bool { return d == SendRecv || d == RecvOnly }

func directionOf(sends, receives bool) Direction {
	switch {
	case sends && receives:
		return SendRecv
	case sends:
		return SendOnly
	case receives:
		return RecvOnly
	}
	return Inactive
}
