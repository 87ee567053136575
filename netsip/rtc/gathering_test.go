package rtc

import (
	"errors"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/transport/v5"
	"github.com/pion/transport/v5/vnet"

	"calla/netsip"
)

// slowNet is the network of a computer that has much else to do.
type slowNet struct {
	transport.Net
	lists, opens time.Duration
	bare         bool // there is none
}

func (n *slowNet) Interfaces() ([]*transport.Interface, error) {
	time.Sleep(n.lists)
	if n.bare {
		return nil, nil
	}
	return n.Net.Interfaces()
}

func (n *slowNet) ListenUDP(network string, a *net.UDPAddr) (transport.UDPConn, error) {
	time.Sleep(n.opens)
	if n.bare {
		return nil, errors.New("network is unreachable")
	}
	return n.Net.ListenUDP(network, a)
}

// TestABusyComputerIsNotWithoutNetwork: what has not been gathered by the cap is waited for where there is nothing else
// to be reached by. That there is no network is said once gathering has ended without a candidate.
func TestABusyComputerIsNotWithoutNetwork(t *testing.T) {
	mute := []ICEServer{{URLs: []string{"stun:198.51.100.99:3478"}}}
	for _, c := range []struct {
		name    string
		net     slowNet
		servers []ICEServer
		gathers time.Duration // the cap; 0 = the usual one
		ok      bool
		within  time.Duration
	}{
		{"idle", slowNet{}, nil, 0, true, 50 * time.Millisecond},
		{"a socket takes longer than the cap", slowNet{opens: time.Second}, nil, 0, true, 1500 * time.Millisecond},
		{"the list of interfaces does", slowNet{lists: time.Second}, nil, 0, true, 5 * time.Second},
		{"a cap of nothing", slowNet{opens: 10 * time.Millisecond}, nil, 1, true, 100 * time.Millisecond},
		{"a socket does, and STUN is mute", slowNet{opens: time.Second}, mute, 0, true, 1500 * time.Millisecond},
		{"STUN alone is mute", slowNet{}, mute, 0, true, 600 * time.Millisecond},
		{"no network", slowNet{bare: true}, nil, 0, false, 50 * time.Millisecond},
		{"no network, and busy", slowNet{bare: true, lists: time.Second}, nil, 0, false, 5 * time.Second},
		{"no network, and a STUN server", slowNet{bare: true}, mute, 0, false, 6 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLAN(t, time.Millisecond)
				address := &vnet.NetConfig{StaticIPs: []string{"198.51.100.1"}}
				n, err := vnet.NewNet(address)
				if err == nil {
					err = l.router.AddNet(n)
				}
				if err != nil {
					t.Fatal(err)
				}
				l.start()
				c.net.Net = n
				e := newTestEngine(t, Config{
					Codecs: codecs(), Net: &c.net, ICEServers: c.servers, GatherCap: c.gathers,
				})
				for what, describe := range map[string]func(*Session) error{
					"offer": func(s *Session) error { _, err := s.Offer(t.Context()); return err },
					"answer": func(s *Session) error {
						if _, err := s.SetOffer(t.Context(), []byte(sound(soundAudio))); err != nil {
							return err
						}
						_, err := s.Answer(t.Context())
						return err
					},
				} {
					begin := time.Now()
					s := newTestSession(t, e)
					err := describe(s)
					var none *netsip.MediaError
					switch {
					case c.ok && err != nil:
						t.Errorf("%s: %v", what, err)
					case !c.ok && (!errors.As(err, &none) || none.Fault != netsip.MediaFaultNoAddress):
						t.Errorf("%s of a computer without a network: %v", what, err)
					}
					if took := time.Since(begin); took > c.within {
						t.Errorf("%s after %v, want %v", what, took, c.within)
					}
					s.Close()
				}
			})
		})
	}
}
