package console

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"calla/account"
	"calla/phone/instance"
)

const (
	// that another Calla is waited for which has the profile and does not listen yet, or any more
	claimTime = 3 * time.Second
	showTime  = 2500 * time.Millisecond // that a second start waits for our window
	// that another is waited for which only has a look at the profile, or was killed and is not quite gone
	ownTime  = time.Second
	askPause = 50 * time.Millisecond
)

// profile is an opened profile.
type profile struct {
	dir    string
	store  *account.Store
	found  account.Loaded
	keeper *account.Keeper
}

// claim opens the profile, or hands r to the Calla that has it: then it returns nil.
func (s *session) claim(ctx context.Context, r instance.Request) (*profile, error) {
	dir, err := account.Dir(s.cli.Profile)
	if err != nil {
		return nil, invalid(err)
	}
	for began := time.Now(); ; {
		store, found, keeper, err := s.openProfile(0)
		if !errors.Is(err, account.ErrInUse) {
			return &profile{dir, store, found, keeper}, err
		}
		answer, err := instance.HandOver(ctx, dir, r)
		switch {
		case err == nil && answer.Shown:
			return nil, nil
		case err == nil:
			return nil, invalid(errors.New("Calla runs already: " + answer.Why))
		case !errors.Is(err, instance.ErrNobody) || time.Since(began) > claimTime:
			return nil, invalid(fmt.Errorf("another Calla has this profile, and does not take over what this one "+
				"was given: %w", err))
		}
		select {
		case <-time.After(askPause):
		case <-ctx.Done():
			return nil, invalid(ctx.Err())
		}
	}
}

// openOwn opens the profile for a program that hands nothing over.
func (s *session) openOwn() (*profile, error) {
	dir, err := account.Dir(s.cli.Profile)
	if err != nil {
		return nil, invalid(err)
	}
	store, found, keeper, err := s.openProfile(ownTime)
	if err != nil {
		return nil, err
	}
	return &profile{dir, store, found, keeper}, nil
}

// activation is the token by which the desktop knows that the user has just asked for a window.
func activation() string {
	for _, name := range []string{"XDG_ACTIVATION_TOKEN", "DESKTOP_STARTUP_ID"} {
		if token := os.Getenv(name); token != "" && len(token) < 512 {
			return token
		}
	}
	return ""
}

// front is where what second starts hand over is shown.
type front struct {
	ready chan struct{}
	show  func(dial, token string)
	none  string // why there is nothing to show it on
}

func newFront() *front { return &front{ready: make(chan struct{})} }

// open says how it is shown from now on. It is called once, as close is, or neither.
func (f *front) open(show func(dial, token string)) {
	f.show = show
	close(f.ready)
}

// close says why nothing is shown.
func (f *front) close(why string) {
	f.none = why
	close(f.ready)
}

// take shows what a second start was given. A window that is about to open is waited for, one that hangs is not.
func (f *front) take(r instance.Request) instance.Answer {
	late := time.After(showTime)
	select {
	case <-f.ready:
	case <-late:
		return instance.Answer{Why: "its window is not there yet"}
	}
	if f.show == nil {
		return instance.Answer{Why: f.none}
	}
	if r.Hidden && r.Dial == "" {
		return instance.Answer{Shown: true} // as far as that was asked for
	}
	shown := make(chan struct{})
	go func() { // for as long as the window hangs
		f.show(r.Dial, r.Token)
		close(shown)
	}()
	select {
	case <-shown:
		return instance.Answer{Shown: true}
	case <-late:
		return instance.Answer{Why: "its window does not answer"}
	}
}

const noWindow = "it runs in a terminal, without a window"

// hear listens for second starts. That nobody is heard does not keep the phone from working.
func (s *session) hear(dir string, f *front) (closed func()) {
	l, err := instance.Listen(dir, s.log, f.take)
	if err != nil {
		s.log.Warn("links and second starts will not be heard", "error", err)
		return func() {}
	}
	return l.Close
}
