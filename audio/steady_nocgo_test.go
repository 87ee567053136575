//go:build !cgo

package audio_test

import (
	"testing"

	"calla/audio"
)

// better is no codec: Opus needs cgo.
func better(testing.TB) audio.Codec { return nil }
