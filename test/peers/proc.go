package peers

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Usage is what a process and its children hold and have used.
type Usage struct {
	RSS int64         // resident bytes, shared pages counted in each process
	PSS int64         // proportional bytes: shared pages divided among their users
	CPU time.Duration // user and system time so far
}

// UsageOf reads /proc for the process and all its descendants.
func UsageOf(pid int) Usage {
	children := map[int][]int{}
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, s := range stats {
		id, _ := strconv.Atoi(filepath.Base(filepath.Dir(s)))
		if f := statFields(id); len(f) > 1 {
			parent, _ := strconv.Atoi(f[1])
			children[parent] = append(children[parent], id)
		}
	}
	var u Usage
	todo := []int{pid}
	for len(todo) > 0 {
		id := todo[0]
		todo = append(todo[1:], children[id]...)
		own := usageOfOne(id)
		u.RSS, u.PSS, u.CPU = u.RSS+own.RSS, u.PSS+own.PSS, u.CPU+own.CPU
	}
	return u
}

// usageOfOne reads /proc for one process, without its descendants.
func usageOfOne(pid int) Usage {
	u := Usage{
		RSS: kilobytes(fmt.Sprintf("/proc/%d/status", pid), "VmRSS:") * 1024,
		PSS: kilobytes(fmt.Sprintf("/proc/%d/smaps_rollup", pid), "Pss:") * 1024,
	}
	if f := statFields(pid); len(f) > 12 {
		user, _ := strconv.ParseInt(f[11], 10, 64)
		system, _ := strconv.ParseInt(f[12], 10, 64)
		u.CPU = time.Duration(user+system) * 10 * time.Millisecond // clock ticks of 1/100 s
	}
	return u
}

// statFields returns the fields of /proc/PID/stat after the program's name: state, parent, …
func statFields(pid int) []string {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return nil
	}
	return strings.Fields(string(data[strings.LastIndexByte(string(data), ')')+1:]))
}

func kilobytes(file, key string) int64 {
	data, err := os.ReadFile(file)
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(data)) {
		if rest, ok := strings.CutPrefix(line, key); ok {
			n, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return n
		}
	}
	return 0
}
