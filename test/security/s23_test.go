package security

import (
	"bytes"
	"encoding/binary"
	"strings"
	"sync"
	"testing"
)

// TestS23MaliciousSTUNAndTURN: servers that answer with forged or absurd packets (PJSIP 082948b0: forged transactions).
// The call goes out all the same, no address of theirs is believed unless the answer fits, and TURN's credential is
// nowhere told.
func TestS23MaliciousSTUNAndTURN(t *testing.T) {
	answered := func(kind uint16, id, body []byte) []byte {
		p := binary.BigEndian.AppendUint16(nil, kind)
		p = binary.BigEndian.AppendUint16(p, uint16(len(body)))
		p = append(p, 0x21, 0x12, 0xa4, 0x42)
		return append(append(p, id...), body...)
	}
	mapped := []byte{0, 1, 0, 8, 0, 1, 0x22, 0x22, 198, 51, 100, 7} // MAPPED-ADDRESS 198.51.100.7
	alternate := append([]byte{0, 9, 0, 4, 0, 0, 3, 0}, 0x80, 0x23, 0, 8, 0, 1, 0x22, 0x22, 198, 51, 100, 7)
	for _, c := range []struct {
		name   string
		answer func(request []byte) [][]byte
	}{
		{"a forged transaction", func([]byte) [][]byte {
			return [][]byte{answered(0x0101, bytes.Repeat([]byte{7}, 12),
				mapped)}
		}},
		{"a redirection", func(r []byte) [][]byte {
			return [][]byte{answered(binary.BigEndian.Uint16(r)|0x0110, r[8:20], alternate)}
		}},
		{"a length beyond the packet", func(r []byte) [][]byte {
			p := answered(0x0101, r[8:20], mapped)
			p[2], p[3] = 0xff, 0xff
			return [][]byte{p}
		}},
		{
			"an attribute beyond the packet",
			func(r []byte) [][]byte { return [][]byte{answered(0x0101, r[8:20], []byte{0, 1, 0xff, 0xff})} },
		},
		{"a flood", func(r []byte) [][]byte {
			var all [][]byte
			for range 500 {
				all = append(all, answered(0x0101, bytes.Repeat([]byte{9}, 12), mapped))
			}
			return all
		}},
		{"junk", func([]byte) [][]byte { return [][]byte{[]byte("junk"), nil, bytes.Repeat([]byte{0xff}, 1400)} }},
		{"an endless challenge", func(r []byte) [][]byte {
			realm := append([]byte{0, 9, 0, 4, 0, 0, 4, 1, 0, 0x14, 0, 4}, "evil"...)
			return [][]byte{answered(binary.BigEndian.Uint16(r)|0x0110, r[8:20],
				append(realm, append([]byte{0, 0x15, 0, 4}, "nnnn"...)...))}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var mu sync.Mutex
			transactions := map[string]bool{}
			server, asked := scriptedUDP(t, func(packet []byte) [][]byte {
				if len(packet) < 20 {
					return nil
				}
				mu.Lock()
				transactions[string(packet[8:20])] = true
				mu.Unlock()
				return c.answer(packet)
			})
			g := attack(t, map[string]any{
				"stun_servers": []string{"stun:" + server},
				"turn_servers": map[string]any{
					"urls": "turn:" + server, "username": "user",
					"credential": "turn-canary",
				},
			})
			g.bounded(c.name, 12<<20, func() {
				invite := g.call("bob")
				if strings.Contains(string(invite.Body), "198.51.100.7") && c.name == "a forged transaction" {
					t.Errorf("a forged address is offered:\n%s", invite.Body)
				}
				g.Reply(invite, 486)
				g.Expect("ACK")
			})
			if !asked() {
				t.Error("the servers were not asked")
			}
			mu.Lock()
			defer mu.Unlock()
			for id := range transactions {
				if len(strings.Trim(id, id[:1])) == 0 {
					t.Errorf("transaction %x is not random", id)
				}
			}
			if g.has("turn-canary") {
				t.Error("the credential is told")
			}
		})
	}
}
