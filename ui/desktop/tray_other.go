//go:build windows || darwin

package desktop

import (
	"context"
	"log/slog"
)

// followTray: these systems always have one.
func followTray(_ context.Context, there func(bool), _ *slog.Logger) { there(true) }

// itemText is a text as an item of the menu shows it.
func itemText(s string) string { return s }
