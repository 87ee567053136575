package security

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"calla/netsip/sip"
)

// TestS25StatesThatMeet: forked provisional and final answers, some of which fail, meet the user who hangs up
// (CVE-2022-23608, CVE-2021-21375, CVE-2021-41141, CVE-2023-38703). The built program has no race detector in it: what
// it finds is looked for in netsip, by TestNothingIsStuck under -race; here the program must live, answer, and have
// no call left.
func TestS25StatesThatMeet(t *testing.T) {
	g := attack(t, nil)
	bad := []string{session, session + "m=video 0 RTP/AVP 0\r\n", "v=0", answer[:len(answer)/2]}
	for name, steps := range map[string][]string{
		"provisional answers of three forks":    {"183a", "183b", "180c", "hangup"},
		"descriptions that fail":                {"183bad", "183bad2", "200a", "hangup"},
		"two forks answer":                      {"180a", "180b", "200a", "200b", "hangup"},
		"an answer meets the hang-up":           {"180a", "hangup", "200a"},
		"a failing answer meets another":        {"183a", "200bad", "200b", "hangup"},
		"a refusal meets an answer":             {"200a", "486", "hangup"},
		"a provisional answer after the answer": {"200a", "183b", "180a", "hangup"},
		"the server goes in between":            {"183a", "cut", "hangup"},
	} {
		t.Run(name, func(t *testing.T) {
			random := rand.New(rand.NewPCG(1, uint64(len(name))))
			g.bounded(name, 16<<20, func() {
				runs := 10
				if slices.Contains(steps, "cut") {
					runs = 1 // after each the phone takes its time to come back
				}
				for range runs {
					invite := g.call("bob")
					for _, step := range steps {
						if random.IntN(3) == 0 {
							g.Wire.Alive("a step")
						}
						g.step(invite, step, bad[random.IntN(len(bad))])
					}
					g.over()
				}
			})
		})
	}
}

// step does one thing to a call of the phone.
func (g *target) step(invite *sip.Message, step, bad string) {
	fork := func(code int, tag, sdp string) {
		lines := append(far(), "To: "+invite.Get("To")+";tag="+tag)
		if sdp != "" {
			lines = append(lines, sdp)
		}
		g.Reply(invite, code, lines...)
	}
	switch step {
	case "183a", "183b":
		fork(183, step, answer)
	case "180a", "180b", "180c":
		fork(180, "183"+step[3:], "")
	case "183bad", "183bad2":
		fork(183, step, bad)
	case "200a", "200b":
		fork(200, "183"+step[3:], answer)
	case "200bad":
		fork(200, "183a", bad)
	case "486":
		fork(486, "183c", "")
	case "hangup":
		g.Say("hangup")
	case "cut":
		g.Wire.Close(1001)
		g.again()
	}
}

// over answers whatever the phone asks until it has no call left.
func (g *target) over() {
	g.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		before := len(g.Output.String())
		g.Say("hangup")
		for {
			m := g.Find(30*time.Millisecond,
				func(m *sip.Message) bool { return m.Method == "BYE" || m.Method == "CANCEL" })
			if m == nil {
				break
			}
			g.Reply(m, 200)
			if m.Method == "CANCEL" {
				c := m.Clone()
				c.Method = "INVITE"
				c.Set("CSeq", m.Get("CSeq")[:len(m.Get("CSeq"))-len("CANCEL")]+"INVITE")
				g.Reply(c, 487)
			}
		}
		if out := g.Output.String()[before:]; strings.Contains(out, "There is no call") {
			return
		}
		if time.Now().After(deadline) {
			g.t.Fatal("a call is left")
		}
	}
}
