//go:build cgo

package slack

/*
#include <sys/prctl.h>

// Nanoseconds by which waits may end late: a tenth of a packet, and less than the devices of sound and the network are
// late by themselves.
static const unsigned long slack = 2000000;

// A thread has it of the one that begins it. It is set before Go begins, so that Go's own threads have it too.
__attribute__((constructor)) static void wake_seldom(void) { prctl(PR_SET_TIMERSLACK, slack, 0, 0, 0); }
*/
import "C"
