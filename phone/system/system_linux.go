package system

import (
	"context"
	"sync"

	"github.com/godbus/dbus/v5"
	"github.com/vishvananda/netlink"
)

// poll: the kernel tells of changes.
const poll = false

// events leaves a token in network for changes of addresses, links and routes, and one in woke when logind
// says that the computer has woken up, until ctx ends; then done is closed. Where the kernel or the bus cannot be
// asked there are no tokens.
func events(ctx context.Context, network, woke chan<- struct{}) (done <-chan struct{}) {
	var all sync.WaitGroup
	all.Go(func() { follow(netlink.AddrSubscribe, ctx, network) })
	all.Go(func() { follow(netlink.LinkSubscribe, ctx, network) })
	all.Go(func() { follow(netlink.RouteSubscribe, ctx, network) })
	all.Go(func() { followSleep(ctx, woke) })
	ended := make(chan struct{})
	go func() {
		all.Wait()
		close(ended)
	}()
	return ended
}

// follow leaves a token for every update of one kind.
func follow[T any](subscribe func(chan<- T, <-chan struct{}) error, ctx context.Context, network chan<- struct{}) {
	updates := make(chan T, 16)
	if subscribe(updates, ctx.Done()) != nil {
		return
	}
	for range updates { // closed when the socket is
		sign(network)
	}
}

// followSleep listens to logind's PrepareForSleep, whose argument is false after waking up.
func followSleep(ctx context.Context, woke chan<- struct{}) {
	bus, err := dbus.ConnectSystemBus(dbus.WithContext(ctx))
	if err != nil {
		return
	}
	defer func() { _ = bus.Close() }()
	err = bus.AddMatchSignalContext(ctx, dbus.WithMatchObjectPath("/org/freedesktop/login1"),
		dbus.WithMatchInterface("org.freedesktop.login1.Manager"), dbus.WithMatchMember("PrepareForSleep"))
	if err != nil {
		return
	}
	signals := make(chan *dbus.Signal, 16)
	bus.Signal(signals)
	for {
		select {
		case <-ctx.Done():
			return
		case s, ok := <-signals:
			if !ok {
				return
			}
			if len(s.Body) == 1 && s.Body[0] == false {
				sign(woke)
			}
		}
	}
}
