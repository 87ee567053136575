package ladder_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"calla/netsip/ladder"
)

// message is one of a call from Alice to Bob, as a trace has it: with a Content-Length that is not that of the masked
// body.
func message(start, callID, seq string, lines ...string) string {
	body := ""
	head := start + "\r\nVia: SIP/2.0/WSS a.invalid;branch=z9hG4bK1\r\n" +
		"From: <sip:alice@h>;tag=a\r\nTo: <sip:bob@h>\r\nCall-ID: " + callID + "\r\nCSeq: " + seq + "\r\n"
	for _, line := range lines {
		if sdp, is := strings.CutPrefix(line, "Body: "); is {
			head += "Content-Type: application/sdp\r\n"
			body = sdp
			continue
		}
		head += line + "\r\n"
	}
	return head + "Content-Length: 999\r\n\r\n" + body
}

// TestLaddersAreDrawnFromATrace: those of one call or of all, whoever began it, whatever else the trace has.
func TestLaddersAreDrawnFromATrace(t *testing.T) {
	const sdp = "Body: v=0\r\na=ice-pwd:‹hidden›\r\n"
	start := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	at := func(ms int, outgoing bool, text string) ladder.Entry {
		return ladder.Entry{Time: start.Add(time.Duration(ms) * time.Millisecond), Outgoing: outgoing, Text: text}
	}
	register := []ladder.Entry{
		at(0, true, message("REGISTER sip:h SIP/2.0", "r", "7 REGISTER", "Contact: <sip:x@a.invalid>")),
		at(20, false, message("SIP/2.0 200 OK", "r", "7 REGISTER")),
	}
	call := []ladder.Entry{
		at(1000, true, message("INVITE sip:bob@h SIP/2.0", "c1", "41 INVITE", sdp)),
		at(1030, false, message("SIP/2.0 180 Ringing", "c1", "41 INVITE")),
		at(1500, false, "\r\n"),
		at(1999, false, "NONSENSE"),
		at(2000, false, message("SIP/2.0 200 OK", "c1", "41 INVITE", sdp)),
		at(2001, true, message("ACK sip:bob@h SIP/2.0", "c1", "41 ACK")),
	}
	refused := at(2500, false, message("BYE sip:alice@h SIP/2.0", "c1", "1 BYE"))
	refused.Error = "odd"
	for _, c := range []struct {
		name    string
		entries []ladder.Entry
		last    []string // call
		ids     []string // to be drawn
		want    string
	}{
		{"nothing", nil, nil, nil, ""},
		{"no call", register, nil, []string{"c1"}, ""},
		{"a registration", register, nil, []string{"r"}, `From 2026-11-23 12:00:00.000

    time  alice                                  bob
   0.000  │── REGISTER 1 ────────────────────────▶│  Contact: <sip:x@a.invalid>
   0.020  │◀─ 200 REGISTER 1 ─────────────────────│
`},
		{"a call of ours", append(register, call...), []string{"c1"}, []string{"c1"}, `From 2026-11-23 12:00:01.000

    time  alice                                  bob
   0.000  │── INVITE 1 (offer) ──────────────────▶│
   0.030  │◀─ 180 INVITE 1 ───────────────────────│
   1.000  │◀─ 200 INVITE 1 (answer) ──────────────│
   1.001  │── ACK 1 ─────────────────────────────▶│
`},
		{"one that came in", []ladder.Entry{
			at(0, false, message("INVITE sip:alice@h SIP/2.0", "c2", "5 INVITE", sdp)),
			at(1, true, message("SIP/2.0 486 Busy Here", "c2", "5 INVITE", "Reason: x")),
		}, []string{"c2"}, []string{"c2"}, `From 2026-11-23 12:00:00.000

    time  alice                                 alice
   0.000  │◀─ INVITE 1 (offer) ───────────────────│
   0.001  │── 486 INVITE 1 ──────────────────────▶│  Reason: x
`},
		{"everything", append(register, call[0]), []string{"c1"}, nil, `From 2026-11-23 12:00:00.000

    time  alice                                server
   0.000  │── REGISTER 1 ────────────────────────▶│  Contact: <sip:x@a.invalid>
   0.020  │◀─ 200 REGISTER 1 ─────────────────────│
   1.000  │── INVITE 1 (offer) ──────────────────▶│
`},
		{"one that was refused", []ladder.Entry{refused}, nil, []string{"c1"}, `From 2026-11-23 12:00:02.500

    time  alice                                 alice
   0.000  │◀─ BYE 1 ──────────────────────────────│
   0.000  ● refused: odd                          │
`},
		{"one that was taken up anew", []ladder.Entry{
			call[0],
			at(1400, true, message("INVITE sip:carol@h SIP/2.0", "c7", "1 INVITE")), // another
			at(1500, true, message("INVITE sip:bob@h SIP/2.0", "c8", "1 INVITE", "Replaces: c1;to-tag=b;from-tag=a")),
		}, []string{"c8", "c1"}, []string{"c8", "c1"}, `From 2026-11-23 12:00:01.000

    time  alice                                  bob
   0.000  │── INVITE 1 (offer) ──────────────────▶│
   0.500  │── INVITE 1 ──────────────────────────▶│  Replaces: call 1
`},
		{"taken up anew twice", []ladder.Entry{
			at(0, true, message("INVITE sip:bob@h SIP/2.0", "c8", "1 INVITE", "Replaces: c1;to-tag=b;from-tag=a")),
			at(1, true, message("INVITE sip:bob@h SIP/2.0", "c9", "1 INVITE", "Replaces: c8;to-tag=b;from-tag=a")),
		}, []string{"c9", "c8", "c1"}, []string{"c1"}, ""},
		{"one that replaces itself", []ladder.Entry{
			at(0, true, message("INVITE sip:bob@h SIP/2.0", "c8", "1 INVITE", "Replaces: c8;to-tag=b;from-tag=a")),
		}, []string{"c8"}, []string{"none"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := ladder.LastCall(c.entries); !slices.Equal(got, c.last) {
				t.Errorf("the last call is %q, not %q", got, c.last)
			}
			if got := ladder.Draw("alice", c.entries, c.ids...); got != c.want {
				t.Errorf("drawn:\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}
