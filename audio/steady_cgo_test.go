//go:build cgo

package audio_test

import (
	"os"
	"testing"

	"calla/audio"
	"calla/audio/opus"
)

// better is Opus, or nil where there is no libopus; under CALLA_E2E=1 it must be there.
func better(tb testing.TB) audio.Codec {
	tb.Helper()
	c, err := opus.Load()
	if err != nil {
		if os.Getenv("CALLA_E2E") == "1" {
			tb.Fatal(err)
		}
		tb.Log("without Opus: ", err)
		return nil
	}
	return c
}
