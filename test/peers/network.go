package peers

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"calla/test/tunem"
)

// Network is three network namespaces of a test: near — router — far. The far one keeps its address; the near one
// is joined to the router by links that come and go, as Wi-Fi and mobile networks do.
type Network struct {
	t                 testing.TB
	Near, Router, Far *Place
}

// FarAddress is that of the far namespace.
const FarAddress = "10.99.0.2"

// StartNetwork makes one without a link, until the test ends. It needs root.
func StartNetwork(t testing.TB) *Network {
	t.Helper()
	Need(t, "ip", "nft")
	if os.Geteuid() != 0 {
		Missing(t, "network namespaces need root")
	}
	n := &Network{t: t}
	for i, place := range []**Place{&n.Near, &n.Router, &n.Far} {
		space := fmt.Sprintf("calla-%d-%d-%s", os.Getpid(), FreePort(t), []string{"near", "router", "far"}[i])
		if out, err := exec.Command("ip", "netns", "add", space).CombinedOutput(); err != nil {
			Missing(t, fmt.Sprintf("no network namespaces: %v: %s", err, out))
		}
		t.Cleanup(func() { _ = exec.Command("ip", "netns", "del", space).Run() })
		*place = &Place{space: space}
		n.ip(*place, "link", "set", "lo", "up")
	}
	n.Far.Host = FarAddress
	for _, setting := range []string{"ip_forward=1", "conf.all.rp_filter=0", "conf.default.rp_filter=0"} {
		n.exec(n.Router, "sysctl", "-qw", "net.ipv4."+setting)
	}
	n.ip(n.Far, "link", "add", "uplink", "type", "veth", "peer", "name", "far", "netns", n.Router.space)
	n.ip(n.Far, "addr", "add", FarAddress+"/24", "dev", "uplink")
	n.ip(n.Router, "addr", "add", "10.99.0.1/24", "dev", "far")
	n.ip(n.Router, "link", "set", "far", "up")
	n.ip(n.Far, "link", "set", "uplink", "up")
	n.ip(n.Far, "route", "add", "default", "via", "10.99.0.1")
	return n
}

// Tunnel has all between the router and the far namespace go over a way that can be made as bad as a test wants, until
// the test ends: the first end is the router's.
func (n *Network) Tunnel(t testing.TB) *tunem.Way {
	t.Helper()
	n.ip(n.Far, "link", "del", "uplink")
	var ends [2]io.ReadWriteCloser
	for i, at := range []*Place{n.Router, n.Far} {
		var err error
		entered := at.Enter(func() { ends[i], err = tunem.Device("tunnel") })
		if err := errors.Join(entered, err); err != nil {
			Missing(t, err.Error())
		}
		n.ip(at, "addr", "add", []string{"10.99.0.1", FarAddress}[i]+"/24", "dev", "tunnel")
		n.ip(at, "link", "set", "tunnel", "up")
	}
	n.ip(n.Far, "route", "add", "default", "via", "10.99.0.1")
	way := tunem.Carry(ends[0], ends[1])
	t.Cleanup(func() { _ = way.Close() })
	return way
}

// Link joins near to the router by link number i, the lower ones preferred.
func (n *Network) Link(i int) {
	n.t.Helper()
	name := fmt.Sprintf("link%d", i)
	n.ip(n.Near, "link", "add", name, "type", "veth", "peer", "name", name, "netns", n.Router.space)
	n.ip(n.Router, "addr", "add", fmt.Sprintf("10.20.%d.1/24", i), "dev", name)
	n.ip(n.Near, "addr", "add", fmt.Sprintf("10.20.%d.2/24", i), "dev", name)
	n.ip(n.Router, "link", "set", name, "up")
	n.ip(n.Near, "link", "set", name, "up")
	n.route(i)
}

func (n *Network) route(i int) {
	n.t.Helper()
	n.ip(n.Near, "route", "add", "default", "via", fmt.Sprintf("10.20.%d.1", i), "dev", fmt.Sprintf("link%d", i),
		"metric", fmt.Sprint(100+i))
}

// Unlink takes link number i away, with its address.
func (n *Network) Unlink(i int) {
	n.t.Helper()
	n.ip(n.Near, "link", "del", fmt.Sprintf("link%d", i))
}

// Down takes link number i down, and Up brings it up again with the same address.
func (n *Network) Down(i int) {
	n.t.Helper()
	n.ip(n.Near, "link", "set", fmt.Sprintf("link%d", i), "down")
}

// Up brings link number i up again.
func (n *Network) Up(i int) {
	n.t.Helper()
	n.ip(n.Near, "link", "set", fmt.Sprintf("link%d", i), "up")
	n.route(i)
}

// Readdress gives the near end of link number i another address in the place of the one it has.
func (n *Network) Readdress(i, host int) {
	n.t.Helper()
	name := fmt.Sprintf("link%d", i)
	n.ip(n.Near, "addr", "flush", "dev", name)
	n.ip(n.Near, "addr", "add", fmt.Sprintf("10.20.%d.%d/24", i, host), "dev", name)
	n.route(i)
}

// Reset takes all links away and has the router drop nothing; then there is link 1, as new.
func (n *Network) Reset() {
	n.t.Helper()
	for i := range 4 {
		_ = exec.Command("ip", "-n", n.Near.space, "link", "del", fmt.Sprintf("link%d", i)).Run()
	}
	_ = n.Router.Command("nft", "delete", "table", "inet", "faults").Run()
	n.Link(1)
}

// Drop has the router drop what a rule of nft matches, such as "meta l4proto udp"; nobody is told.
func (n *Network) Drop(rule string) {
	n.t.Helper()
	n.exec(n.Router, "nft", "add", "table", "inet", "faults")
	n.exec(n.Router, "nft", "add", "chain", "inet", "faults", "forward", "{ type filter hook forward priority 0; }")
	n.exec(n.Router, "nft", append([]string{"add", "rule", "inet", "faults", "forward"},
		append(strings.Fields(rule), "drop")...)...)
}

// Heal ends every Drop.
func (n *Network) Heal() {
	n.t.Helper()
	n.exec(n.Router, "nft", "delete", "table", "inet", "faults")
}

// ip configures the network of a place.
func (n *Network) ip(at *Place, args ...string) {
	n.t.Helper()
	if out, err := exec.Command("ip", append([]string{"-n", at.space}, args...)...).CombinedOutput(); err != nil {
		n.t.Fatalf("ip %v in %s: %v: %s", args, at.space, err, out)
	}
}

func (n *Network) exec(at *Place, name string, args ...string) {
	n.t.Helper()
	if out, err := at.Command(name, args...).CombinedOutput(); err != nil {
		n.t.Fatalf("%s %v: %v: %s", name, args, err, out)
	}
}
