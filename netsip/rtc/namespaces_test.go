//go:build linux

package rtc

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pion/transport/v5"
	"github.com/pion/transport/v5/stdnet"
	"golang.org/x/sys/unix"
)

// uplinked is a computer with two ways out, and a far end behind a router, each a network namespace of its own:
//
//	near: wlan0 10.77.1.2 ─┐
//	      lte0  10.77.2.2 ─┴─ router ── 10.77.9.2 eth0: far
type uplinked struct {
	*testing.T
	near, router, far string
}

// newUplinked makes it, with wlan0 up alone. It is gone with the test.
func newUplinked(t *testing.T) *uplinked {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("network namespaces need root")
	}
	for _, tool := range []string{"ip", "nft"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("no %s", tool)
		}
	}
	id := fmt.Sprintf("calla%d-%d", os.Getpid(), time.Now().UnixNano()%1e6)
	u := &uplinked{T: t, near: id + "n", router: id + "r", far: id + "f"}
	for _, ns := range []string{u.near, u.router, u.far} {
		if out, err := exec.Command("ip", "netns", "add", ns).CombinedOutput(); err != nil {
			t.Skipf("no network namespaces: %s", out)
		}
		t.Cleanup(func() { _ = exec.Command("ip", "netns", "del", ns).Run() })
	}
	u.ip(u.router, "link set lo up")
	u.ip(u.far, "link add eth0 type veth peer name far0 netns "+u.router)
	u.ip(u.router, "addr add 10.77.9.1/24 dev far0")
	u.ip(u.router, "link set far0 up")
	u.ip(u.far, "addr add 10.77.9.2/24 dev eth0")
	u.ip(u.far, "link set eth0 up")
	u.ip(u.far, "route add default via 10.77.9.1")
	u.in(u.router, func() {
		if err := os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("1"), 0o600); err != nil {
			t.Error(err)
		}
	})
	u.add("wlan0", 1)
	return u
}

// add plugs an uplink in.
func (u *uplinked) add(name string, subnet int) {
	u.Helper()
	u.ip(u.near, fmt.Sprintf("link add %s type veth peer name %sr netns %s", name, name, u.router))
	u.ip(u.router, fmt.Sprintf("addr add 10.77.%d.1/24 dev %sr", subnet, name))
	u.ip(u.router, fmt.Sprintf("link set %sr up", name))
	u.ip(u.near, fmt.Sprintf("addr add 10.77.%d.2/24 dev %s", subnet, name))
	u.ip(u.near, fmt.Sprintf("link set %s up", name))
	u.ip(u.near, fmt.Sprintf("rule add from 10.77.%d.2 table %d", subnet, 100+subnet))
	u.ip(u.near, fmt.Sprintf("route add default via 10.77.%d.1 table %d", subnet, 100+subnet))
}

func (u *uplinked) ip(ns, arguments string) {
	u.Helper()
	command := append([]string{"-n", ns}, strings.Fields(arguments)...)
	if out, err := exec.Command("ip", command...).CombinedOutput(); err != nil {
		u.Fatalf("ip %s: %v\n%s", strings.Join(command, " "), err, out)
	}
}

// drop has the router drop UDP, or let it pass again.
func (u *uplinked) drop(on bool) {
	u.Helper()
	rules := "add table ip calla\n" +
		"add chain ip calla f { type filter hook forward priority 0; }\nflush chain ip calla f\n"
	if on {
		rules += "add rule ip calla f meta l4proto udp drop\n"
	}
	command := exec.Command("ip", "netns", "exec", u.router, "nft", "-f", "-")
	command.Stdin = strings.NewReader(rules)
	if out, err := command.CombinedOutput(); err != nil {
		u.Skipf("no nftables: %v\n%s", err, out)
	}
}

// in runs f in a namespace, on a thread that ends with it.
func (u *uplinked) in(ns string, f func()) {
	var done sync.WaitGroup
	done.Go(func() {
		runtime.LockOSThread() // and never unlocked: the thread belongs to the namespace
		handle, err := os.Open("/var/run/netns/" + ns)
		if err == nil {
			defer handle.Close()
			err = unix.Setns(int(handle.Fd()), unix.CLONE_NEWNET)
		}
		if err != nil {
			u.Errorf("enter a network namespace: %v", err)
			return
		}
		f()
	})
	done.Wait()
}

// net is the network of a namespace: sockets are made there, and interfaces looked for.
func (u *uplinked) net(ns string) transport.Net {
	n := &namespaced{in: func(f func()) { u.in(ns, f) }}
	n.in(func() {
		var err error
		if n.Net, err = stdnet.NewNet(); err != nil {
			u.Error(err)
		}
	})
	return n
}

type namespaced struct {
	*stdnet.Net
	in func(func())
}

func (n *namespaced) Interfaces() (all []*transport.Interface, err error) {
	n.in(func() {
		var now *stdnet.Net
		if now, err = stdnet.NewNet(); err == nil {
			all, err = now.Interfaces()
		}
	})
	return all, err
}

func (n *namespaced) ListenUDP(network string, a *net.UDPAddr) (conn transport.UDPConn, err error) {
	n.in(func() { conn, err = n.Net.ListenUDP(network, a) })
	return conn, err
}

func (n *namespaced) ListenPacket(network, a string) (conn net.PacketConn, err error) {
	n.in(func() { conn, err = n.Net.ListenPacket(network, a) })
	return conn, err
}

// TestSoundComesBackOverRealNetworks: with a far end that makes one DTLS handshake in its life, sound returns in both
// directions after each fault of a network that a call meets. The bounds have room for a loaded computer; what they
// ought to be is logged beside what was measured.
//
// Holds: ice-restart
// Holds: sound-returns
func TestSoundComesBackOverRealNetworks(t *testing.T) {
	type call struct {
		*uplinked
		s     *Session
		far   *oneAssociation
		moved func() // the network of ours is another: what the engine does then
	}
	addressChanged := func(c *call) time.Time {
		c.ip(c.near, "link del wlan0")
		time.Sleep(time.Second)
		c.add("lte0", 2)
		up := time.Now()
		c.moved()
		return up
	}
	carrierLost := func(c *call) time.Time {
		c.ip(c.router, "link set wlan0r down")
		time.Sleep(8 * time.Second)
		c.ip(c.router, "link set wlan0r up")
		return time.Now()
	}
	linkDown := func(c *call) time.Time {
		c.ip(c.near, "link set wlan0 down")
		time.Sleep(4 * time.Second)
		c.ip(c.near, "link set wlan0 up")
		c.ip(c.near, "route add default via 10.77.1.1 table 101")
		return time.Now()
	}
	dropped := func(restart bool) func(*call) time.Time {
		return func(c *call) time.Time {
			c.drop(true)
			time.Sleep(8 * time.Second)
			if restart {
				c.moved()
			}
			time.Sleep(4 * time.Second)
			c.drop(false)
			return time.Now()
		}
	}
	overlapping := func(c *call) time.Time {
		begun := time.Now()
		c.add("lte0", 2)
		c.moved()
		time.Sleep(2 * time.Second)
		c.ip(c.near, "link del wlan0")
		time.Sleep(time.Second) // until another connection to the server is there
		c.moved()
		return begun
	}
	for _, f := range []struct {
		name     string
		theyCall bool
		hold     bool
		fault    func(*call) time.Time // when it heals
		want     time.Duration         // of silence from then on, on a quiet computer
	}{
		{"another address, as caller", false, false, addressChanged, 2 * time.Second},
		{"another address, as callee", true, false, addressChanged, 2 * time.Second},
		{"another address, on hold", false, true, addressChanged, 2 * time.Second},
		{"link down at the other end of the cable", false, false, carrierLost, 2 * time.Second},
		{"link down, as callee", true, false, linkDown, 2 * time.Second},
		{"UDP dropped for 12 s", false, false, dropped(false), time.Second},
		{"UDP dropped for 12 s, with a restart meanwhile", false, false, dropped(true), time.Second},
		{"UDP dropped for 12 s, as callee", true, false, dropped(true), time.Second},
		{"one uplink before the other is gone, as caller", false, false, overlapping, 300 * time.Millisecond},
		{"one uplink before the other is gone, as callee", true, false, overlapping, 300 * time.Millisecond},
	} {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			u := newUplinked(t)
			s := newTestSession(t, newTestEngine(t, Config{Codecs: codecs(), Net: u.net(u.near)}))
			far := newOneAssociation(t, u.net(u.far), false, 7) // as pion has it: 1.4 s
			c := &call{uplinked: u, s: s, far: far}
			var asking sync.Mutex
			c.moved = func() {
				asking.Lock()
				defer asking.Unlock()
				s.RestartICE()
				far.answers(s)
			}
			answers := func() {
				asking.Lock()
				defer asking.Unlock()
				far.answers(s)
			}
			var asked time.Time
			s.OnUntaken(func() { // as the engine does
				if time.Since(asked) > 2*time.Second {
					asked = time.Now()
					c.moved()
				}
			})
			var theirs listened
			var listening sync.WaitGroup
			stop := make(chan struct{})
			defer listening.Wait()
			defer s.Close()
			defer far.close()
			defer close(stop)
			if f.theyCall {
				far.offers(s, false)
			} else {
				far.answers(s)
			}
			waitState(t, s, Connected)
			far.speak()
			listening.Go(func() {
				for p := (Packet{}); s.ReadAudio(&p) == nil; {
					theirs.note()
				}
			})
			listening.Go(func() {
				for {
					_ = s.WriteAudio([]byte("ours"), 960)
					select {
					case <-time.After(20 * time.Millisecond):
					case <-stop:
						return
					}
				}
			})
			time.Sleep(time.Second)
			if f.hold {
				s.SetHold(true)
				answers()
			}
			healed := f.fault(c)
			if f.hold {
				s.SetHold(false)
				answers()
			}
			for _, end := range []struct {
				name  string
				heard *listened
			}{{"we hear", &theirs}, {"they hear", &far.times}} {
				limit := time.Now().Add(30 * time.Second)
				for end.heard.last().Before(healed) && time.Now().Before(limit) {
					time.Sleep(10 * time.Millisecond)
				}
			}
			time.Sleep(time.Second)
			for name, heard := range map[string]*listened{"we hear": &theirs, "they hear": &far.times} {
				gap := heard.gap(healed)
				t.Logf("%s again after %v, wanted %v", name, gap, f.want)
				if gap > f.want+10*time.Second {
					t.Errorf("%s nothing for %v", name, gap)
				}
			}
			if s.State() != Connected {
				t.Errorf("state %v", s.State())
			}
		})
	}
}
