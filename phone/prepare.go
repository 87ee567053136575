package phone

import (
	"context"
	"time"

	"calla/netsip/loop"
)

// preparedTime is how long gathered candidates wait for a call.
const preparedTime = time.Minute

// prepared is media that gathers while the user types.
type prepared struct {
	agent   *agent
	media   mediaSession
	discard *loop.Timer
}

// Prepare gathers the candidates for a call in advance: the user is typing. It may be called for each
// key; what is not used within a minute is discarded.
func (p *Phone) Prepare(accountID string) {
	p.loop.Post(func() {
		l := p.line(accountID)
		if l == nil || l.agent == nil || len(p.calls) >= maxCalls || p.closing {
			return
		}
		if p.prepared != nil && p.prepared.agent == l.agent {
			return
		}
		p.dropPrepared()
		media, err := l.agent.newMedia()
		if err != nil {
			p.log.Warn("preparing a call failed", "error", err)
			return
		}
		media.Gather()
		p.prepared = &prepared{l.agent, media, p.loop.AfterFunc(preparedTime, p.dropPrepared)}
	})
}

// dropPrepared discards what Prepare gathered.
func (p *Phone) dropPrepared() {
	if p.prepared == nil {
		return
	}
	p.prepared.discard.Stop()
	p.closeMedia(p.prepared.media)
	p.prepared = nil
}

// takePrepared returns what Prepare gathered for an agent, or new media.
func (p *Phone) takePrepared(a *agent) (mediaSession, error) {
	if p.prepared == nil || p.prepared.agent != a {
		p.dropPrepared()
		return a.newMedia()
	}
	p.prepared.discard.Stop()
	media := p.prepared.media
	p.prepared = nil
	return media, nil
}

func (p *Phone) closeMedia(media mediaSession) {
	p.loop.Go(func(context.Context) { _ = media.Close() }, nil)
}

// newMedia makes the media of one call.
func (a *agent) newMedia() (mediaSession, error) {
	media, err := a.engines[len(a.engines)-1].NewMediaSession()
	if err != nil {
		return nil, err
	}
	return media.(mediaSession), nil
}
