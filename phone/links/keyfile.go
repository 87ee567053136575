//go:build !windows && !darwin

package links

import (
	"slices"
	"strings"
)

// keyFile is the text of a file of groups and keys, such as a desktop entry (freedesktop's Desktop Entry Specification,
// section 3). What it does not have to understand it leaves as it is: comments, other groups, blank lines, line ends.
type keyFile string

// lines calls f with each key of a group.
func (k keyFile) lines(group string, f func(key, value string)) {
	in := false
	for line := range strings.Lines(string(k)) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			in = line == "["+group+"]"
			continue
		}
		if key, value, ok := strings.Cut(line, "="); in && ok && !strings.HasPrefix(line, "#") {
			f(strings.TrimRight(key, " \t"), strings.TrimLeft(value, " \t"))
		}
	}
}

// get returns the value of a key, "" where there is none. Of several the last one counts, as for GLib.
func (k keyFile) get(group, key string) (value string) {
	k.lines(group, func(have, v string) {
		if have == key {
			value = v
		}
	})
	return value
}

// list returns the members of a list.
func (k keyFile) list(group, key string) []string { return members(k.get(group, key)) }

func members(value string) (all []string) {
	for m := range strings.SplitSeq(value, ";") {
		if m = strings.TrimSpace(m); m != "" && !slices.Contains(all, m) {
			all = append(all, m)
		}
	}
	return all
}

// change returns the text with the list of a key changed, and all else as it was. An empty list has no line.
func (k keyFile) change(group, key string, change func([]string) []string) keyFile {
	want := change(k.list(group, key))
	end := "\n"
	if strings.Contains(string(k), "\r\n") {
		end = "\r\n"
	}
	written := ""
	if len(want) > 0 {
		written = key + "=" + strings.Join(want, ";") + ";" + end
	}
	inGroup, hasKey := false, false
	k.lines(group, func(have, _ string) { hasKey = hasKey || have == key })
	var out strings.Builder
	for line := range strings.Lines(string(k)) {
		if !strings.HasSuffix(line, "\n") {
			line += end
		}
		bare := strings.TrimSpace(line)
		have, _, isKey := strings.Cut(bare, "=")
		switch {
		case strings.HasPrefix(bare, "["):
			inGroup = bare == "["+group+"]"
			out.WriteString(line)
			if inGroup && !hasKey {
				out.WriteString(written)
				written = ""
			}
		case inGroup && isKey && strings.TrimSpace(have) == key: // a second one goes
			out.WriteString(written)
			written = ""
		default:
			out.WriteString(line)
		}
	}
	if written != "" {
		if out.Len() > 0 {
			out.WriteString(end)
		}
		out.WriteString("[" + group + "]" + end + written)
	}
	return keyFile(out.String())
}
