package console

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"calla/netsip"
)

// optionsCmd asks what somebody can do.
type optionsCmd struct {
	Target string `arg:"" help:"Number, user or address."`
	accountFlags
	JSON bool `help:"Print JSON lines." name:"json"`
}

// Run registers, sends OPTIONS and tells the answer.
func (c *optionsCmd) Run(ctx context.Context, s *session) error {
	return s.registered(ctx, c.accountFlags, c.JSON, func(ctx context.Context, r *run) (int, object, []string) {
		var a *netsip.Abilities
		var failed error
		r.phone.QueryOptions(r.id, c.Target, func(abilities *netsip.Abilities, err error) {
			r.queue.put(func() { a, failed = abilities, err })
		})
		if err := r.until(ctx, func() bool { return a != nil || failed != nil }); err != nil {
			return ExitInterrupted, nil, []string{"No answer yet."}
		}
		if failed != nil {
			return refusalOf(failed)
		}
		words := []string{
			fmt.Sprintf("Answered after %.1f ms  %s", milliseconds(a.RTT), a.UserAgent),
			"Methods     " + strings.Join(a.Allow, " "), "Extensions  " + strings.Join(a.Supported, " "),
			"Bodies      " + strings.Join(a.Accept, " "),
		}
		return ExitOK, object{
			{"rtt_ms", milliseconds(a.RTT)},
			{"user_agent", a.UserAgent},
			{"allow", listOf(a.Allow)},
			{"supported", listOf(a.Supported)},
			{"accept", listOf(a.Accept)},
		}, words
	})
}

// listOf is a list for JSON, empty rather than null.
func listOf(s []string) []string { return append([]string{}, s...) }

// refusalOf is what is told of a request that failed.
func refusalOf(err error) (int, object, []string) {
	o := object{}
	var status *netsip.StatusError
	if errors.As(err, &status) {
		o = append(o, member{"code", status.StatusCode}, member{"reason", status.Reason})
	}
	return ExitCall, append(o, member{"error", err.Error()}), []string{"Failed: " + err.Error()}
}

// subscribeCmd follows an event of somebody's.
type subscribeCmd struct {
	Event  string `arg:"" help:"Event package, such as presence, dialog or message-summary."`
	Target string `arg:"" help:"Number, user or address."`
	accountFlags
	Accept   []string      `help:"${accept}" placeholder:"TYPE"`
	Expires  time.Duration `help:"Ask for this long at a time (${default})." default:"15m" placeholder:"TIME"`
	Count    int           `help:"${notify_count}" placeholder:"N"`
	Duration time.Duration `help:"End after this long." placeholder:"TIME"`
	JSON     bool          `help:"Print JSON lines." name:"json"`
}

// Run registers, subscribes and tells the notifications until it is to end.
func (c *subscribeCmd) Run(ctx context.Context, s *session) error {
	return s.registered(ctx, c.accountFlags, c.JSON, func(ctx context.Context, r *run) (int, object, []string) {
		notified, active, over := 0, false, false
		var failed error
		o := netsip.SubscribeOptions{Event: c.Event, Accept: c.Accept, Expires: c.Expires}
		o.OnChange = func(s *netsip.Subscription) {
			state, reason, err := s.State(), s.Reason(), s.Err()
			r.queue.put(func() {
				active = active || state == netsip.SubscriptionActive
				over, failed = state == netsip.SubscriptionTerminated, err
				r.tellSubscription(state, reason, err)
			})
		}
		o.OnNotify = func(n *netsip.Notification) {
			r.queue.put(func() {
				notified++
				r.tellNotification(n)
			})
		}
		stop := r.phone.Watch(r.id, c.Target, o, func(err error) { r.queue.put(func() { over, failed = true, err }) })
		defer stop()
		if c.Duration > 0 {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, c.Duration)
			defer cancel()
		}
		err := r.until(ctx, func() bool { return over || c.Count > 0 && notified >= c.Count })
		members, words := object{{"notifications", notified}}, []string{fmt.Sprintf("Notifications: %d.", notified)}
		switch {
		case err != nil && (c.Count > 0 || !active):
			return ExitInterrupted, members, words
		case err == nil && failed != nil && !active:
			_, refused, said := refusalOf(failed)
			return ExitCall, append(members, refused...), append(words, said...)
		}
		return ExitOK, members, words
	})
}

func (r *run) tellSubscription(state netsip.SubscriptionState, reason string, err error) {
	words, failed := "subscription "+state.String(), any(nil)
	if reason != "" {
		words += ": " + reason
	}
	if err != nil {
		words, failed = words+": "+err.Error(), err.Error()
	}
	r.out.event("subscription", r.s.sinceStart(), words, "state", state.String(), "reason", reason, "error", failed)
}

// publishCmd hands a state of ours to the server.
type publishCmd struct {
	Files []string `arg:"" name:"file" help:"${published_files}"`
	accountFlags
	Event    string        `help:"Event package (${default})." default:"presence" placeholder:"NAME"`
	Type     string        `help:"${published_type} (${default})." default:"application/pidf+xml" placeholder:"TYPE"`
	Expires  time.Duration `help:"Ask for this long at a time (${default})." default:"15m" placeholder:"TIME"`
	Duration time.Duration `help:"${published_for}" placeholder:"TIME"`
	JSON     bool          `help:"Print JSON lines." name:"json"`
}

// Run registers, publishes, stays as long as asked and takes back what it published.
func (c *publishCmd) Run(ctx context.Context, s *session) error {
	if slices.Contains(c.Files, "-") && (c.Config == "-" || c.PasswordFile == "-") {
		return fail(ExitUsage, errors.New("what is published and the configuration or password cannot both be "+
			"standard input"))
	}
	var bodies [][]byte
	for _, file := range c.Files {
		body, err := s.readInput(file)
		if err != nil {
			return err
		}
		bodies = append(bodies, body)
	}
	return s.registered(ctx, c.accountFlags, c.JSON, func(ctx context.Context, r *run) (int, object, []string) {
		published := false
		var failed error
		o := netsip.PublishOptions{Event: c.Event, ContentType: c.Type, Body: bodies[0], Expires: c.Expires}
		o.OnChange = func(p *netsip.Publication) {
			now, err := p.Published(), p.Err()
			r.queue.put(func() {
				published, failed = now, err
				r.out.event("publication", r.s.sinceStart(), "published: "+yesNo(now), "published", now)
			})
		}
		update, stop := r.phone.Publish(r.id, o, func(err error) { r.queue.put(func() { failed = err }) })
		defer stop()
		for i, body := range bodies {
			if i > 0 {
				update(body)
			}
			if err := r.until(ctx, func() bool { return published || failed != nil }); err != nil {
				return ExitInterrupted, nil, []string{"Not known whether it was published."}
			}
			if failed != nil {
				return refusalOf(failed)
			}
			r.stay(ctx, c.Duration, func() bool { return !published })
		}
		return ExitOK, object{{"published", true}}, []string{"Published."}
	})
}

// stay waits for over at most d; its end is not an error.
func (r *run) stay(ctx context.Context, d time.Duration, over func() bool) {
	if d <= 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	_ = r.until(ctx, over)
}
