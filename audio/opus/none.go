//go:build !cgo

package opus

import (
	"fmt"

	"calla/audio"
)

// Load always fails: libopus is reached through cgo.
func Load() (audio.Codec, error) {
	return nil, fmt.Errorf("load libopus: this build has no Opus: it was built without cgo, which loading %q needs",
		here()[1:])
}
