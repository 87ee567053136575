package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// ticks is how many clock ticks /proc counts in a second (sysconf(_SC_CLK_TCK), 100 on every Linux).
const ticks = 100

// processStart is when the kernel started this process, to a hundredth of a second, so that what the
// program does before main counts too.
func processStart() time.Time {
	now := time.Now()
	stat, err := os.ReadFile("/proc/self/stat")
	if err != nil {
		return now
	}
	// After the name, which may hold anything and ends with the last ")", the start time is field 20.
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) < 20 {
		return now
	}
	started, err := strconv.ParseInt(string(fields[19]), 10, 64)
	var boot unix.Timespec
	if err != nil || unix.ClockGettime(unix.CLOCK_BOOTTIME, &boot) != nil {
		return now
	}
	age := time.Duration(boot.Nano()) - time.Duration(started)*(time.Second/ticks)
	if age < 0 || age > time.Hour {
		return now
	}
	return now.Add(-age)
}

// keepSecrets keeps the passwords in memory out of core files and away from other processes.
func keepSecrets() error {
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}); err != nil {
		return fmt.Errorf("forbid core files: %w", err)
	}
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("forbid dumps: %w", err)
	}
	return nil
}
