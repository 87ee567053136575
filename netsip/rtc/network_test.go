package rtc

import (
	"net"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/pion/transport/v5"
	"github.com/pion/transport/v5/vnet"
)

func TestOnlyLoopbackIsOfferedWhereThereIsNothingElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, err := vnet.NewNet(&vnet.NetConfig{})
		if err != nil {
			t.Fatal(err)
		}
		e := newTestEngine(t, Config{Net: n})
		p := &pair{T: t, a: newTestSession(t, e), b: newTestSession(t, e)}
		p.connect()
		talk(t, p.a, p.b, "on one machine", 10)
		p.a.Close()
		p.b.Close()
	})
}

func TestLoopbackIsNotOfferedBesideAnAddress(t *testing.T) {
	inBubble(t, func(t *testing.T, p *pair) {
		o, err := p.a.Offer(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		d := mustRead(t, string(o))
		if len(d.candidates) != 1 || d.candidates[0].address.Addr().IsLoopback() {
			t.Errorf("candidates %v", d.candidates)
		}
	})
	with := func(c *Config) { c.IncludeLoopback = true }
	inBubbleOn(t, nil, with, with, func(t *testing.T, p *pair) {
		o, _ := p.offer(p.a, p.b)
		d := mustRead(t, o)
		loopback := 0
		for _, c := range d.candidates {
			if c.address.Addr().IsLoopback() {
				loopback++
			}
		}
		if loopback != 1 || len(d.candidates) != 2 || d.candidates[0].address.Addr().IsLoopback() {
			t.Errorf("candidates %v", d.candidates)
		}
	})
}

func TestInterfacesOfContainersAreNotOffered(t *testing.T) {
	for name, want := range map[string]bool{
		"eth0": true, "wlp3s0": true, "tun0": true, "docker0": false,
		"veth12ab": false, "virbr0": false, "br-0123": false,
	} {
		if ownInterface(name) != want {
			t.Errorf("%s: %v", name, !want)
		}
	}
	if ownAddress(net.ParseIP("fe80::1")) || !ownAddress(net.ParseIP("169.254.1.1")) ||
		!ownAddress(net.ParseIP("2001:db8::1")) {
		t.Error("link-local addresses")
	}
}

// TestNewcomersAreFirst: the addresses that a path in use has not are tried first, in the order the system has them.
func TestNewcomersAreFirst(t *testing.T) {
	for _, c := range []struct {
		name  string
		has   string // interface and addresses; interfaces parted by ;
		inUse string
		want  string
	}{
		{"no path yet", "wlan0 10.0.0.1; lte0 10.0.1.1", "", "10.0.0.1 10.0.1.1"},
		{"the same as before", "wlan0 10.0.0.1; lte0 10.0.1.1", "10.0.0.1 10.0.1.1", "10.0.0.1 10.0.1.1"},
		{"another interface", "wlan0 10.0.0.1; lte0 10.0.1.1", "10.0.0.1", "10.0.1.1 10.0.0.1"},
		{"another address of one", "wlan0 10.0.0.1 10.0.0.2", "10.0.0.1", "10.0.0.2 10.0.0.1"},
		{"IPv6 besides", "wlan0 10.0.0.1 2001:db8::1", "10.0.0.1", "2001:db8::1 10.0.0.1"},
		{"none is left", "wlan0", "10.0.0.1", ""},
		{"all are new", "lte0 10.0.1.1; eth0 10.0.2.1", "10.0.0.1", "10.0.1.1 10.0.2.1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var has listing
			for part := range strings.SplitSeq(c.has, ";") {
				f := strings.Fields(part)
				i := transport.NewInterface(net.Interface{Name: f[0]})
				for _, a := range f[1:] {
					bits := netip.MustParseAddr(a).BitLen()
					i.AddAddress(&net.IPNet{IP: net.ParseIP(a), Mask: net.CIDRMask(24, bits)})
				}
				has.all = append(has.all, i)
			}
			var inUse []netip.Addr
			for _, a := range strings.Fields(c.inUse) {
				inUse = append(inUse, netip.MustParseAddr(a))
			}
			interfaces, err := newcomersFirst{has, inUse}.Interfaces()
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, i := range interfaces {
				addresses, _ := i.Addrs() // an error is none
				for _, a := range addresses {
					got = append(got, netip.MustParsePrefix(a.String()).Addr().String())
				}
			}
			if order := strings.Join(got, " "); order != c.want {
				t.Errorf("order %s, want %s", order, c.want)
			}
		})
	}
}

// listing is a network of nothing but interfaces.
type listing struct {
	transport.Net
	all []*transport.Interface
}

func (l listing) Interfaces() ([]*transport.Interface, error) { return l.all, nil }
