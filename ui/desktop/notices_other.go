//go:build windows || darwin

package desktop

import "context"

// serve shows each notice once, as text: these systems take notifications back by themselves.
func (n *Notices) serve(ctx context.Context) {
	shown := map[string]notice{}
	for {
		select {
		case <-ctx.Done():
			return
		case <-n.wake:
		}
		wanted := map[string]notice{}
		for _, w := range *n.latest.Load() {
			wanted[w.id] = w
			if old, is := shown[w.id]; (!is || !old.same(w)) && n.options.Plain != nil {
				n.options.Plain(w.text())
			}
		}
		shown = wanted
	}
}
