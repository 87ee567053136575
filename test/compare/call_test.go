package compare

import (
	"context"
	"io"
	"log/slog"
	"net"
	"testing"
	"time"

	"github.com/emiago/sipgo"

	peer "github.com/emiago/sipgo/sip"
)

// BenchmarkCall is one call of sipgo from INVITE to the 200 of BYE between two of its user agents over TCP on
// loopback; Calla's own, over a wire in memory, is BenchmarkCall of netsip.
func BenchmarkCall(b *testing.B) {
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	body := invite(b)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	callee, err := sipgo.NewUA()
	if err != nil {
		b.Fatal(err)
	}
	defer callee.Close()
	calleeClient, err := sipgo.NewClient(callee)
	if err != nil {
		b.Fatal(err)
	}
	server, err := sipgo.NewServer(callee)
	if err != nil {
		b.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	overTCP := peer.NewParams()
	overTCP.Add("transport", "tcp")
	target := peer.Uri{User: "bob", Host: "127.0.0.1", Port: port, UriParams: overTCP}
	contact := peer.ContactHeader{Address: target}
	dialogs := sipgo.NewDialogServerCache(calleeClient, contact)
	server.OnInvite(func(req *peer.Request, tx peer.ServerTransaction) {
		d, err := dialogs.ReadInvite(req, tx)
		if err != nil {
			b.Error(err)
			return
		}
		_ = d.Respond(180, "Ringing", nil)
		_ = d.RespondSDP(req.Body()) // it complains where BYE overtakes its wait for the ACK
	})
	server.OnAck(func(req *peer.Request, tx peer.ServerTransaction) { _ = dialogs.ReadAck(req, tx) })
	server.OnBye(func(req *peer.Request, tx peer.ServerTransaction) { _ = dialogs.ReadBye(req, tx) })
	go func() { _ = server.ServeTCP(l) }()

	caller, err := sipgo.NewUA()
	if err != nil {
		b.Fatal(err)
	}
	defer caller.Close()
	client, err := sipgo.NewClient(caller)
	if err != nil {
		b.Fatal(err)
	}
	calls := sipgo.NewDialogClientCache(client,
		peer.ContactHeader{Address: peer.Uri{User: "alice", Host: "127.0.0.1", Port: 5060}})
	b.Run("sipgo", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			limit, stop := context.WithTimeout(ctx, 5*time.Second)
			d, err := calls.Invite(limit, target, body, peer.NewHeader("Content-Type", "application/sdp"))
			if err != nil {
				b.Fatal(err)
			}
			if err := d.WaitAnswer(limit, sipgo.AnswerOptions{}); err != nil {
				b.Fatal(err)
			}
			if err := d.Ack(limit); err != nil {
				b.Fatal(err)
			}
			if err := d.Bye(limit); err != nil {
				b.Fatal(err)
			}
			_ = d.Close()
			stop()
		}
	})
}
