package rtc

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/ice/v4"
)

// Waits of ICE. The far end is called disconnected after 5 s of silence, failed 25 s later; as long are checks of a
// path that has never been there: RFC 8445 section 14.3 wants a check to live 19.75 s at least. pion's own waits before
// it settles for a worse pair are 2 s for a relay, too long for a call.
const (
	iceDisconnected = 5 * time.Second
	iceFailed       = 25 * time.Second
	iceKeepalive    = 2 * time.Second
	iceCheck        = 200 * time.Millisecond  // between the checks of a pair, while there is no path
	iceUntaken      = 400 * time.Millisecond  // that a pair answers without being nominated by who controls ICE
	pathUnused      = 1500 * time.Millisecond // that nothing comes by a path which the far end has taken
	iceLook         = 5 * time.Millisecond    // for a pair to work, where the far end opens DTLS already
	iceChecks       = 1 << 15                 // of a pair: as many as fit into its time
	icePairs        = 100                     // that are checked (RFC 8445 section 6.1.2.5)
	stunGather      = time.Second             // or GatherCap, where that is longer
	hostSettle      = 50 * time.Millisecond   // for a better pair to answer, while another path carries the sound
	srflxWait       = 200 * time.Millisecond
	prflxWait       = 300 * time.Millisecond
	relayWait       = 500 * time.Millisecond
	gatherSettle    = 50 * time.Millisecond // after the first candidate worth waiting for
	closeWait       = 2 * time.Second
)

// credentials are what the far end's checks of a path are to show (RFC 8445 section 5.3).
type credentials struct{ ufrag, pwd string }

func newCredentials() credentials {
	text := rand.Text() + rand.Text() // 26 characters of base 32 each
	return credentials{ufrag: text[:8], pwd: text[8:40]}
}

// path is one ICE session: its credentials, sockets and candidates. It gathers from its making on, is connected to one
// description of the far end, and is used until it is closed. An ICE restart is another path of the same association.
type path struct {
	credentials
	config     *Config
	agent      *ice.Agent
	relays     *relays            // the TURN servers
	cancel     context.CancelFunc // of what the agent resolves
	generation uint32             // how many paths the session had before

	begun      time.Time
	gathered   chan struct{} // closed when all candidates are there
	enough     chan struct{} // closed when one worth waiting for is there, and its siblings
	enoughOnce sync.Once
	gatherTook atomic.Int64 // nanoseconds; 0 = not done

	mu    sync.Mutex
	found []candidate

	conn  atomic.Pointer[ice.Conn] // nil before connect
	lite  bool                     // the far end is (RFC 8445 section 2.5); set by connect
	waits bool                     // for the far end to nominate; set by connect
	state atomic.Int32             // an ice.ConnectionState
	lost  atomic.Int64             // nanoseconds from begun to when it was disconnected; 0 = it is not
	used  atomic.Bool              // by the far end: RTP or RTCP has come
	woken chan struct{}
	ended chan struct{} // closed by close
	once  sync.Once
	done  chan struct{} // closed when close is done
}

// newPath begins to gather. inUse are the addresses of the path in use, if there is one; lost is told when a TURN
// server has lost a relay of this one, from any goroutine.
func newPath(
	e *Engine, c credentials, generation uint32, inUse []netip.Addr, lost func(*path, netip.AddrPort),
) (*path, error) {
	alive, cancel := context.WithCancel(context.Background())
	q := &path{
		credentials: c, config: &e.config, cancel: cancel, generation: generation, begun: time.Now(),
		gathered: make(chan struct{}), enough: make(chan struct{}),
		woken: make(chan struct{}, 1), ended: make(chan struct{}), done: make(chan struct{}),
	}
	q.state.Store(int32(ice.ConnectionStateNew))
	q.relays = newRelays(alive, q.config, func(relayed netip.AddrPort) { lost(q, relayed) })
	options, err := q.options(alive, e, inUse)
	if err == nil {
		q.agent, err = ice.NewAgentWithOptions(options...)
	}
	if err != nil {
		cancel()
		return nil, fmt.Errorf("open media transport: %w", err)
	}
	if err := errors.Join(q.agent.OnCandidate(q.candidate), q.agent.GatherCandidates()); err != nil {
		q.close()
		return nil, fmt.Errorf("gather candidates: %w", err)
	}
	return q, nil
}

func (q *path) options(alive context.Context, e *Engine, inUse []netip.Addr) ([]ice.AgentOption, error) {
	c := &e.config
	n := c.Net
	if n == nil {
		system, err := newSystemNet(alive, &e.names)
		if err != nil {
			return nil, fmt.Errorf("list network interfaces: %w", err)
		}
		n = system
	}
	hostWait := time.Duration(0)
	if len(inUse) > 0 {
		n, hostWait = newcomersFirst{n, inUse}, hostSettle
	}
	options := []ice.AgentOption{
		ice.WithNet(q.relays.over(n)),
		ice.WithProxyDialer(q.relays),
		ice.WithUrls(q.relays.uris(c)),
		ice.WithInterfaceFilter(ownInterface),
		ice.WithIPFilter(ownAddress),
		ice.WithNetworkTypes([]ice.NetworkType{ice.NetworkTypeUDP4, ice.NetworkTypeUDP6}),
		ice.WithDisableActiveTCP(),
		ice.WithMulticastDNSMode(ice.MulticastDNSModeDisabled),
		ice.WithLocalCredentials(q.ufrag, q.pwd),
		ice.WithDisconnectedTimeout(iceDisconnected),
		ice.WithFailedTimeout(iceFailed),
		ice.WithKeepaliveInterval(iceKeepalive),
		ice.WithCheckInterval(iceCheck),
		ice.WithMaxBindingRequests(iceChecks),
		ice.WithSTUNGatherTimeout(max(stunGather, c.GatherCap)),
		ice.WithHostAcceptanceMinWait(hostWait),
		ice.WithSrflxAcceptanceMinWait(srflxWait),
		ice.WithPrflxAcceptanceMinWait(prflxWait),
		ice.WithRelayAcceptanceMinWait(relayWait),
		ice.WithLoggerFactory(&pionLog{to: e.log}),
	}
	if c.IncludeLoopback || onlyLoopback(n) {
		options = append(options, ice.WithIncludeLoopback())
	}
	if c.RelayOnly {
		options = append(options, ice.WithCandidateTypes([]ice.CandidateType{ice.CandidateTypeRelay}))
	}
	return options, nil
}

// candidate notes a candidate of ours; nil is the end of them.
func (q *path) candidate(c ice.Candidate) {
	if c == nil {
		q.gatherTook.CompareAndSwap(0, int64(max(1, time.Since(q.begun))))
		close(q.gathered)
		return
	}
	found, ok := readCandidate(c.Marshal())
	if !ok {
		return
	}
	q.mu.Lock()
	q.found = append(q.found, found)
	q.mu.Unlock()
	want := ice.CandidateTypeUnspecified
	switch {
	case q.config.serves("turn"):
		want = ice.CandidateTypeRelay
	case q.config.serves("stun"):
		want = ice.CandidateTypeServerReflexive
	}
	if c.Type() == want {
		q.enoughOnce.Do(func() { time.AfterFunc(gatherSettle, func() { close(q.enough) }) })
	}
}

// candidates returns what has been gathered so far.
func (q *path) candidates() []candidate {
	q.mu.Lock()
	defer q.mu.Unlock()
	return localCandidates(q.found, q.config.RelayOnly, q.generation)
}

// addresses are those of this computer that the path has sockets on.
func (q *path) addresses() []netip.Addr {
	if q == nil {
		return nil
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	var all []netip.Addr
	for _, c := range q.found {
		if c.kind == "host" {
			all = append(all, c.address.Addr())
		}
	}
	return all
}

// prepared tells whether await would not wait.
func (q *path) prepared() bool {
	select {
	case <-q.gathered:
		return true
	default:
		return time.Since(q.begun) >= q.config.GatherCap
	}
}

func (q *path) fresh() bool { return q != nil && time.Since(q.begun) < spareAge }

// connect checks the way to the candidates of a description. follow is told each change of standing, and comes from
// pion's goroutine.
func (q *path) connect(d *description, controlling bool, follow func()) error {
	q.lite, q.waits = d.lite, !controlling
	if err := q.agent.OnConnectionStateChange(func(state ice.ConnectionState) {
		q.state.Store(int32(state))
		switch state {
		case ice.ConnectionStateConnected, ice.ConnectionStateCompleted:
			q.lost.Store(0)
		case ice.ConnectionStateDisconnected:
			q.lost.CompareAndSwap(0, int64(time.Since(q.begun)))
		}
		select {
		case q.woken <- struct{}{}:
		default:
		}
		follow()
	}); err != nil {
		return fmt.Errorf("check the path: %w", err)
	}
	if err := q.agent.SetRemoteICELite(d.lite); err != nil {
		return fmt.Errorf("check the path: %w", err)
	}
	q.mu.Lock()
	ours := max(1, len(q.found))
	q.mu.Unlock()
	for _, c := range d.bestCandidates(max(8, icePairs/ours)) {
		remote, err := ice.UnmarshalCandidate(c.String())
		if err == nil {
			err = q.agent.AddRemoteCandidate(remote)
		}
		if err != nil {
			return fmt.Errorf("candidate of the far end: %w", err)
		}
	}
	start := q.agent.StartAccept
	if controlling {
		start = q.agent.StartDial
	}
	conn, err := start(d.ufrag, d.pwd)
	if err != nil {
		return fmt.Errorf("check the path: %w", err)
	}
	q.conn.Store(conn)
	return nil
}

// standing is how far the path has come.
func (q *path) standing() ice.ConnectionState {
	state := ice.ConnectionState(q.state.Load())
	if state == ice.ConnectionStateCompleted {
		return ice.ConnectionStateConnected
	}
	return state
}

// lostAt is when nothing was known of the far end any more on the path; now where that is not so.
func (q *path) lostAt() time.Time {
	if lost := q.lost.Load(); lost != 0 {
		return q.begun.Add(time.Duration(lost))
	}
	return time.Now()
}

// hurry has pion check more often than it does by itself, until the path is closed: in the first half second, as what
// has answered is nominated with a later check, and while nothing answers any more, as it may from one moment to the
// next. untaken is told, again and again, that the far end answers and does not nominate.
func (q *path) hurry(untaken func()) {
	begun := time.Now()
	var answers time.Time // since when
	for {
		var wait <-chan time.Time
		checks := true
		switch since, state := time.Since(begun), q.standing(); {
		case state == ice.ConnectionStateDisconnected:
			wait = time.After(iceCheck)
		case state != ice.ConnectionStateChecking:
		case since < 100*time.Millisecond:
			wait = time.After(20 * time.Millisecond)
		case since < 500*time.Millisecond:
			wait = time.After(50 * time.Millisecond)
		case q.waits: // pion checks by itself
			wait, checks = time.After(iceCheck), false
		}
		select {
		case <-wait:
		case <-q.woken:
			continue
		case <-q.ended:
			return
		}
		switch {
		case checks:
			_ = q.agent.SetRemoteICELite(q.lite) // as it was: it is this that checks at once
		case !q.answered():
			answers = time.Time{}
		case answers.IsZero():
			answers = time.Now()
		case time.Since(answers) >= iceUntaken:
			untaken()
		}
	}
}

// answered tells whether a pair of the path works.
func (q *path) answered() bool {
	conn := q.conn.Load()
	return conn != nil && slices.ContainsFunc(conn.GetCandidatePairsInfo(), func(pair ice.CandidatePairInfo) bool {
		return pair.State == ice.CandidatePairStateSucceeded
	})
}

// read gives take what comes, until the path is closed.
func (q *path) read(take func([]byte)) {
	conn, buffer := q.conn.Load(), make([]byte, maxPacket)
	for {
		n, err := conn.Read(buffer)
		switch {
		case errors.Is(err, io.ErrShortBuffer): // larger than any packet that could be audio
		case err != nil:
			return
		default:
			take(buffer[:n])
		}
	}
}

// write sends a packet; one that cannot be sent is lost, as it could be anywhere on its way.
func (q *path) write(packet []byte) {
	if conn := q.conn.Load(); conn != nil {
		_, _ = conn.Write(packet)
	}
}

// close releases the sockets and ends the goroutines of the path. pion is not waited for longer than closeWait. It must
// not be called from one of pion's.
func (q *path) close() {
	q.once.Do(func() {
		close(q.ended)
		q.cancel()
		closed := make(chan struct{})
		go func() {
			defer close(closed)
			_ = q.agent.GracefulClose() // closed already is closed
		}()
		late := time.NewTimer(closeWait)
		defer late.Stop()
		select {
		case <-closed:
		case <-late.C:
		}
		close(q.done)
	})
	<-q.done
}
