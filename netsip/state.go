package netsip

import "time"

// FlowState is where the WebSocket stands.
//
//	Idle ──Start──▶ Connecting ──open──▶ Connected
//	                 ▲   │ no server left    │ lost
//	                 │   ▼                   │
//	                 └─ Waiting ◀────────────┘
//	any ──Stop──▶ Stopped
type FlowState int

// The states of the flow.
const (
	FlowIdle       FlowState = iota // not started
	FlowConnecting                  // dialling State.Server
	FlowConnected
	FlowWaiting // until State.RetryAt
	FlowStopped
)

func (s FlowState) String() string {
	return [...]string{"idle", "connecting", "connected", "waiting", "stopped"}[s]
}

// RegistrationState is where the binding at the registrar stands.
//
//	Unregistered ──▶ Registering ──200──▶ Registered ──▶ Unregistering ──▶ Unregistered
//	                   ▲   │ refused        │ refresh refused
//	                   │   ▼                ▼
//	                   └─ RegistrationFailed (State.RetryAt: tried again then; zero: stopped)
type RegistrationState int

// The states of the registration.
const (
	Unregistered RegistrationState = iota
	Registering
	Registered
	RegistrationFailed
	Unregistering
)

func (s RegistrationState) String() string {
	return [...]string{"unregistered", "registering", "registered", "failed", "unregistering"}[s]
}

// ServerStatus is what is known of one server.
type ServerStatus int

// The statuses of a server.
const (
	ServerReady ServerStatus = iota // may be chosen
	ServerConnected
	ServerFailed // passed over until every server has failed
)

// ServerState is one of ws_servers.
type ServerState struct {
	URL            string
	Weight         float64
	Status         ServerStatus
	Failures       int           // in a row: dials that failed and connections that did not last
	LastError      error         // why it last failed or was left; nil if never
	LastErrorAt    time.Time     // zero if never
	NextTry        time.Time     // it is not dialled before; zero = whenever its turn comes
	RTT            time.Duration // of the last Ping; 0 unknown
	ConnectedSince time.Time     // zero unless connected
}

// Left tells of the server that was used before.
type Left struct {
	URL string    // "" = none yet
	Err error     // why it was left
	At  time.Time // when
}

// Binding is one place where requests for the account's address go, as the registrar lists them (RFC 3261
// section 10.3). All text in it is the registrar's or another phone's: show it with care.
type Binding struct {
	Contact    string    // the URI
	Expires    time.Time // zero = not told
	InstanceID string    // UUID of +sip.instance; "" = none
	Own        bool      // this user agent's
}

// State is a user agent's connection and registration at one instant. Its slices do not change.
type State struct {
	Flow          FlowState
	Registration  RegistrationState
	Servers       []ServerState // in the order of the configuration
	Server        string        // URL connected or being dialled; "" when none
	FlowSince     time.Time     // since when Server is connected; zero unless connected
	LastLeft      Left          // the server before this one, or this one before it was lost
	Attempts      int           // dials since the last connection was made or lost; the one under way counts
	RetryAt       time.Time     // the next attempt to connect or register; zero when none is waited for
	Err           error         // why not connected or not registered; nil when all is well
	Expires       time.Duration // granted by the registrar
	RegisteredAt  time.Time     // since when without a break; zero when not registered
	RegisterTime  time.Duration // start of dialling to 200 OK of the last registration
	Bindings      []Binding     // all of the account, as of the last registration; at most 32
	ServiceRoutes []string      // of the registrar (RFC 3608), in order; at most 16
	PublicGRUU    string        // "" = none given
	TempGRUU      string
}
