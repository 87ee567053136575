package rtc

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/pion/transport/v5"
	"github.com/pion/transport/v5/stdnet"
)

// ownInterface tells whether an interface leads to other machines. Bridges and pairs of container
// and machine hosts on this one do not.
func ownInterface(name string) bool {
	for _, prefix := range []string{
		"docker", "veth", "virbr", "br-", "cni", "flannel", "cali", "lxc", "lxd", "podman", "vboxnet", "vmnet",
	} {
		if strings.HasPrefix(name, prefix) {
			return false
		}
	}
	return true
}

// ownAddress tells whether an address is worth offering: IPv6 link-local ones need a zone that no
// description can carry.
func ownAddress(ip net.IP) bool {
	return ip.To4() != nil || !ip.IsLinkLocalUnicast()
}

// onlyLoopback tells whether the machine has no address but loopback ones, as in a container
// without network: calls on the machine itself then need them.
func onlyLoopback(n transport.Net) bool {
	interfaces, err := n.Interfaces()
	if err != nil {
		return false
	}
	for _, i := range interfaces {
		if i.Flags&net.FlagUp == 0 || i.Flags&net.FlagLoopback != 0 || !ownInterface(i.Name) {
			continue
		}
		addresses, err := i.Addrs()
		if err != nil {
			continue
		}
		for _, a := range addresses {
			prefix, err := netip.ParsePrefix(a.String())
			if err == nil && !prefix.Addr().IsLoopback() && ownAddress(prefix.Addr().AsSlice()) {
				return false
			}
		}
	}
	return true
}

// newcomersFirst is a network that lists those addresses first which a path in use has not: a computer that gets
// another way out is often about to lose the one it had. Of host candidates whose pairs are alike the first is taken,
// here and, by the priorities in our description, at the far end. Where the new way leads nowhere, nothing is lost.
type newcomersFirst struct {
	transport.Net
	inUse []netip.Addr
}

// Interfaces lists each interface once for its new addresses, and then once for the others.
func (n newcomersFirst) Interfaces() ([]*transport.Interface, error) {
	all, err := n.Net.Interfaces()
	if err != nil {
		return nil, err
	}
	var first, then []*transport.Interface
	for _, i := range all {
		addresses, err := i.Addrs()
		if err != nil {
			continue // it has none
		}
		newcomers, known := transport.NewInterface(i.Interface), transport.NewInterface(i.Interface)
		for _, a := range addresses {
			prefix, err := netip.ParsePrefix(a.String())
			if err == nil && slices.Contains(n.inUse, prefix.Addr().Unmap()) {
				known.AddAddress(a)
			} else {
				newcomers.AddAddress(a)
			}
		}
		first, then = append(first, newcomers), append(then, known)
	}
	return slices.Concat(first, then), nil
}

// systemNet is the operating system's network with names resolved only as long as the context
// lives: pion resolves STUN and TURN servers without one, and closing would wait for a dead DNS.
type systemNet struct {
	*stdnet.Net
	alive context.Context
	names *names
}

func newSystemNet(alive context.Context, names *names) (*systemNet, error) {
	n, err := stdnet.NewNet()
	if err != nil {
		return nil, err
	}
	return &systemNet{Net: n, alive: alive, names: names}, nil
}

// ResolveUDPAddr is net.ResolveUDPAddr that ends with the context.
func (n *systemNet) ResolveUDPAddr(network, address string) (*net.UDPAddr, error) {
	host, service, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	port, err := strconv.ParseUint(service, 10, 16)
	if err != nil {
		return nil, err
	}
	family := "ip"
	switch network {
	case "udp4":
		family = "ip4"
	case "udp6":
		family = "ip6"
	}
	ips, err := n.names.lookUp(n.alive, family, host)
	if err != nil {
		return nil, err
	}
	for _, ip := range ips {
		if ip.Unmap().Is4() || family == "ip6" {
			return net.UDPAddrFromAddrPort(netip.AddrPortFrom(ip.Unmap(), uint16(port))), nil
		}
	}
	return net.UDPAddrFromAddrPort(netip.AddrPortFrom(ips[0], uint16(port))), nil
}
