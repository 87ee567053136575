//go:build cgo

package slack

/*
#include <sys/prctl.h>

// Nanoseconds by which waits may end late: as much as Go's timers are by themselves. Where a device calls Go, the
// goroutine that it wakes may be late by as much, since a thread that takes over work naps first.
static const unsigned long slack = 1000000;

// A thread has it of the one that begins it. It is set before Go begins, so that Go's own threads have it too.
__attribute__((constructor)) static void wake_seldom(void) { prctl(PR_SET_TIMERSLACK, slack, 0, 0, 0); }
*/
import "C"
