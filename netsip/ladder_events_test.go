package netsip

import (
	"testing"
	"time"

	"calla/netsip/event"
)

// RFC 3428: MESSAGE; RFC 6665 with RFC 3842: SUBSCRIBE and NOTIFY; RFC 3903: PUBLISH.

func TestRFC3428TextsBothWays(t *testing.T) {
	p := ladderOf("3428", "10", "texts", "texts there and back",
		"a text is answered once, by 200; what is not plain text gets 415, and nobody sees it")
	tune := func(d *drawing, o *Options) {
		o.OnMessage = func(m *Message) { d.mark("text: %s", m.Body) }
	}
	drawTuned(t, p, testConfig(), tune, func(d *drawing) {
		d.does("text hello to bob", func() {
			err := sendText(d.ua, "bob", "text/plain", []byte("hello"),
				func(err error) { d.mark("sent (error: %v)", err) })
			if err != nil {
				d.Error(err)
			}
		})
		d.reply(d.expect("MESSAGE"), 200)
		d.send(d.w.out("MESSAGE", plain, "Body: hello yourself"))
		d.expect("200 MESSAGE")
		time.Sleep(time.Millisecond)
		d.send(d.w.out("MESSAGE", "Content-Type: text/html", "Body: <b>hello</b>"))
		d.expect("415 MESSAGE")
		d.clean()
	})
}

// tellsState sends a NOTIFY of a subscription of Alice's and takes its answer.
func (d *drawing) tellsState(f *far, state string, lines ...string) {
	d.Helper()
	d.send(f.request("NOTIFY", append([]string{"Event: message-summary", "Subscription-State: " + state, farContact},
		lines...)...))
	d.expect("200 NOTIFY")
}

// waits subscribes Alice to her mailbox for 100 s.
func (d *drawing) waits() *Subscription {
	d.Helper()
	var s *Subscription
	d.does("subscribe", func() {
		var err error
		s, err = d.ua.Subscribe("alice", SubscribeOptions{
			Event: "message-summary", Expires: 100 * time.Second,
			OnChange: func(s *Subscription) { d.mark("subscription %s", s.State()) },
			OnNotify: func(n *Notification) {
				if m, err := event.ParseMessageSummary(n.Body); err == nil {
					d.mark("%d new, %d old", m.New, m.Old)
				}
			},
		})
		if err != nil {
			d.Error(err)
		}
	})
	return s
}

func TestRFC6665SubscriptionIsKeptUp(t *testing.T) {
	p := ladderOf("6665", "4.1", "subscriber", "waiting messages, from the first SUBSCRIBE to the last NOTIFY",
		"a subscription is refreshed in time, made again when its dialog is gone, and ended by Expires: 0")
	p.show = []string{"Expires"}
	draw(t, p, testConfig(), func(d *drawing) {
		s := d.waits()
		first := d.expect("SUBSCRIBE")
		d.reply(first, 200, farContact, "Expires: 100")
		d.tellsState(d.w.notifier(first), "active;expires=100", mwiLines...)
		d.reply(d.expect("SUBSCRIBE"), 481)
		second := d.expect("SUBSCRIBE")
		d.reply(second, 200, farContact, "Expires: 100")
		f := d.w.notifier(second)
		d.tellsState(f, "active;expires=100", mwiLines...)
		d.does("stop", s.Stop)
		d.reply(d.expect("SUBSCRIBE"), 200, farContact, "Expires: 0")
		d.tellsState(f, "terminated;reason=timeout", mwiLines...)
		d.clean()
	})
}

func TestRFC6665SubscriptionEndedByTheNotifier(t *testing.T) {
	p := ladderOf("6665", "4.1.3", "ended", "a notifier that ends subscriptions",
		"probation waits as long as it says before it asks again; rejected asks no more")
	p.show = []string{"Expires"}
	draw(t, p, testConfig(), func(d *drawing) {
		d.waits()
		for _, state := range []string{"terminated;reason=probation;retry-after=60", "terminated;reason=rejected"} {
			m := d.expect("SUBSCRIBE")
			d.reply(m, 200, farContact, "Expires: 100")
			d.tellsState(d.w.notifier(m), state)
		}
		d.w.quiet(time.Hour)
		d.clean()
	})
}

func TestRFC6665WhoSubscribesToUsIsTold(t *testing.T) {
	p := ladderOf("6665", "4.2", "notifier", "somebody subscribes to Alice",
		"pending until the user agent's owner accepts, then every new state; an hour without refresh, and it is over")
	p.show = []string{"Expires"}
	var n *Notifier
	tune := func(_ *drawing, o *Options) { o.OnSubscribe = func(asked *Notifier) { n = asked } }
	drawTuned(t, p, testConfig(), tune, func(d *drawing) {
		d.send(d.w.caller().request("SUBSCRIBE", "Event: presence", "Expires: 9999", farContact))
		d.expect("200 SUBSCRIBE")
		d.reply(d.expect("NOTIFY"), 200)
		d.does("accept", func() { n.Accept("application/pidf+xml", []byte("<presence/>")) })
		d.reply(d.expect("NOTIFY"), 200)
		d.reply(d.expect("NOTIFY"), 200)
		d.clean()
	})
}

func TestRFC3903PublicationIsKeptUp(t *testing.T) {
	p := ladderOf("3903", "4", "publish", "a state is published, refreshed, lost by the server, and taken back",
		"a refresh names the entity and has no body; 412 says that the server lost it, and it gets all of it")
	p.show = []string{"Expires", "SIP-ETag", "SIP-If-Match"}
	draw(t, p, testConfig(), func(d *drawing) {
		var published *Publication
		d.does("publish", func() {
			published, _ = d.ua.Publish(PublishOptions{Body: []byte("<presence/>"), Expires: 100 * time.Second})
		})
		d.reply(d.expect("PUBLISH"), 200, "SIP-ETag: e1", "Expires: 100")
		d.reply(d.expect("PUBLISH"), 412)
		d.reply(d.expect("PUBLISH"), 200, "SIP-ETag: e2", "Expires: 100")
		d.does("take it back", published.Stop)
		d.reply(d.expect("PUBLISH"), 200)
		d.clean()
	})
}
