package peers

import (
	"context"
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"os"
	"runtime"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
)

// Enter runs f in the place's network: sockets that it makes are there, and stay there.
func (p *Place) Enter(f func()) error {
	if !p.Alone() {
		f()
		return nil
	}
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine, since it is of that network
		handle, err := os.Open("/var/run/netns/" + p.space)
		if err == nil {
			defer handle.Close()
			err = unix.Setns(int(handle.Fd()), unix.CLONE_NEWNET)
		}
		if err == nil {
			f()
		}
		done <- err
	}()
	return <-done
}

// Watch tells of every datagram (UDP over IPv4) that comes in by a link of the place, until the test ends; seen is
// called from a goroutine of its own.
func (p *Place) Watch(t testing.TB, link string, seen func(from, to netip.AddrPort, payload []byte)) {
	t.Helper()
	socket, err := -1, error(nil)
	entered := p.Enter(func() {
		const all = unix.ETH_P_ALL<<8 | unix.ETH_P_ALL>>8 // in the network's order
		if socket, err = unix.Socket(unix.AF_PACKET, unix.SOCK_DGRAM, 0); err != nil {
			return
		}
		var to *net.Interface
		if to, err = net.InterfaceByName(link); err == nil {
			err = unix.Bind(socket, &unix.SockaddrLinklayer{Protocol: all & 0xffff, Ifindex: to.Index})
		}
	})
	if err := errors.Join(entered, err); err != nil {
		t.Fatal(err)
	}
	_ = unix.SetsockoptTimeval(socket, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Usec: 100_000})
	var reading sync.WaitGroup
	ctx, cancel := context.WithCancel(context.Background())
	reading.Go(func() {
		packet := make([]byte, 2048)
		for ctx.Err() == nil {
			n, from, err := unix.Recvfrom(socket, packet, 0)
			if l, ok := from.(*unix.SockaddrLinklayer); err != nil || !ok || l.Pkttype == unix.PACKET_OUTGOING {
				continue
			}
			if source, to, payload, ok := datagram(packet[:n]); ok {
				seen(source, to, payload)
			}
		}
	})
	t.Cleanup(func() {
		cancel()
		reading.Wait()
		_ = unix.Close(socket)
	})
}

// datagram takes apart a packet of IPv4 that is UDP (RFC 791 section 3.1, RFC 768).
func datagram(p []byte) (from, to netip.AddrPort, payload []byte, ok bool) {
	if len(p) < 28 || p[0]>>4 != 4 || p[9] != unix.IPPROTO_UDP || len(p) < int(p[0]&15)*4+8 {
		return from, to, nil, false
	}
	head := p[int(p[0]&15)*4:]
	from = netip.AddrPortFrom(netip.AddrFrom4([4]byte(p[12:16])), binary.BigEndian.Uint16(head))
	to = netip.AddrPortFrom(netip.AddrFrom4([4]byte(p[16:20])), binary.BigEndian.Uint16(head[2:]))
	return from, to, head[8:], true
}
