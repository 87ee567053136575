package peers

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// Place is where peers run: on loopback, or in a network of their own, to which this computer has one link. There the
// network between a phone that runs here and its peers can change: another address, nothing that gets through.
type Place struct {
	Host   string // the peers' address
	space  string // the namespace of the peers' network; "" is loopback
	link   string // our end of the link
	prefix string // of the addresses of both ends, "10.80.7."
	ours   int    // last octet of our address
}

// Loopback is the place of peers that nothing is to happen to.
func Loopback() *Place { return &Place{Host: "127.0.0.1"} }

// NewPlace makes a network for peers, until the test ends. Without the right to do that the test is skipped by name.
func NewPlace(t testing.TB) *Place {
	t.Helper()
	Need(t, "ip", "nft")
	if os.Geteuid() != 0 {
		Missing(t, "a network of its own for peers needs root")
	}
	id := os.Getpid()
	p := &Place{
		space: fmt.Sprintf("calla%d", id), link: fmt.Sprintf("calla%d", id%1000000),
		prefix: fmt.Sprintf("10.%d.%d.", 64+id>>8&63, id&255), ours: 2,
	}
	p.Host = p.prefix + "1"
	t.Cleanup(func() { // the link by itself: a network's devices go some time after its name
		_ = exec.Command("ip", "link", "del", p.link).Run()
		_ = exec.Command("ip", "netns", "del", p.space).Run()
	})
	for _, line := range []string{
		"netns add " + p.space,
		"link add " + p.link + " type veth peer name peers netns " + p.space,
		"-n " + p.space + " link set lo up",
		"-n " + p.space + " link set peers up",
		"-n " + p.space + " addr add " + p.Host + "/24 dev peers",
		"link set " + p.link + " up",
		"addr add " + p.Address() + "/24 dev " + p.link,
	} {
		p.ip(t, line)
	}
	return p
}

// ip runs the program of that name.
func (p *Place) ip(t testing.TB, line string) {
	t.Helper()
	if out, err := exec.Command("ip", strings.Fields(line)...).CombinedOutput(); err != nil {
		t.Fatalf("ip %s: %v: %s", line, err, out)
	}
}

// Alone tells whether the peers have a network of their own.
func (p *Place) Alone() bool { return p.space != "" }

// Address is ours, as the peers see it.
func (p *Place) Address() string {
	if !p.Alone() {
		return p.Host
	}
	return fmt.Sprint(p.prefix, p.ours)
}

// Command is a program that runs at the place.
func (p *Place) Command(name string, args ...string) *exec.Cmd {
	if !p.Alone() {
		return exec.Command(name, args...)
	}
	return exec.Command("ip", append([]string{"netns", "exec", p.space, name}, args...)...)
}

// Dial connects to a program at the place.
func (p *Place) Dial(network, address string) (conn net.Conn, err error) {
	entered := p.Enter(func() { conn, err = net.DialTimeout(network, address, time.Second) })
	if entered != nil {
		return nil, entered
	}
	return conn, err
}

// Listening tells whether something accepts TCP at an address of the place.
func (p *Place) Listening(address string) bool {
	c, err := p.Dial("tcp", address)
	if err != nil {
		return false
	}
	return c.Close() == nil
}

// Move gives this computer another address, as another network does: what was bound to the old one is lost.
func (p *Place) Move(t testing.TB) {
	t.Helper()
	p.ip(t, "addr del "+p.Address()+"/24 dev "+p.link)
	p.ours++
	p.ip(t, "addr add "+p.Address()+"/24 dev "+p.link)
}

// Cut stops all UDP between this computer and the peers, in both directions and without a word: whoever sends is not
// told, so each side drops what comes in. Heal lets it through.
func (p *Place) Cut(t testing.TB) {
	t.Helper()
	p.cut(t, p.Command("nft", "-f", "-"), "peers")
	p.cut(t, exec.Command("nft", "-f", "-"), p.link)
	t.Cleanup(func() {
		for _, cmd := range p.healing() {
			_ = cmd.Run() // there is nothing to heal after Heal
		}
	})
}

// cut has what comes in by a link be dropped.
func (p *Place) cut(t testing.TB, cmd *exec.Cmd, link string) {
	t.Helper()
	cmd.Stdin = strings.NewReader(fmt.Sprintf(`table ip %s {
	chain in {
		type filter hook input priority 0
		iifname %s meta l4proto udp drop
	}
}
`, p.link, link))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("nft: %v: %s", err, out)
	}
}

// Heal undoes Cut.
func (p *Place) Heal(t testing.TB) {
	t.Helper()
	for _, cmd := range p.healing() {
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("nft: %v: %s", err, out)
		}
	}
}

func (p *Place) healing() []*exec.Cmd {
	return []*exec.Cmd{
		p.Command("nft", "delete", "table", "ip", p.link), exec.Command("nft", "delete", "table", "ip", p.link),
	}
}
