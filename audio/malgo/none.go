//go:build !cgo

// Package malgo is sound hardware by miniaudio, which needs cgo: this build has none.
package malgo

import (
	"context"
	"errors"
	"log/slog"

	"calla/audio"
)

// errNoCgo tells why there is no sound.
var errNoCgo = errors.New("this build has no sound hardware: it was built without cgo")

// Config of a Host: see the build with cgo.
type Config struct {
	Backend string
	Log     *slog.Logger
}

// Host has no devices.
type Host struct{}

// New returns a Host that knows of no sound hardware.
func New(Config) (*Host, error) { return &Host{}, nil }

// Devices implements audio.Host.
func (h *Host) Devices(context.Context) (audio.Devices, error) { return audio.Devices{}, errNoCgo }

// OpenCapture implements audio.Host.
func (h *Host) OpenCapture(context.Context, string, *audio.Ring) (audio.Stream, error) {
	return nil, errNoCgo
}

// OpenPlayback implements audio.Host.
func (h *Host) OpenPlayback(context.Context, string, *audio.Ring) (audio.Stream, error) {
	return nil, errNoCgo
}

// Close implements audio.Host.
func (h *Host) Close() error { return nil }
