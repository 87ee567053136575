// Package xdg reads and writes what desktops by freedesktop.org keep in files: desktop entries, and who opens what.
package xdg

import (
	"slices"
	"strings"
)

// Entry is the group of a desktop entry that says what it starts.
const Entry = "Desktop Entry"

// KeyFile is the text of a file of groups and keys, such as a desktop entry (freedesktop's Desktop Entry Specification,
// section 3). What it does not have to understand it leaves as it is: comments, other groups, blank lines, line ends.
type KeyFile string

// lines calls f with each key of a group.
func (k KeyFile) lines(group string, f func(key, value string)) {
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

// Get returns the value of a key, "" where there is none. Of several the last one counts, as for GLib.
func (k KeyFile) Get(group, key string) (value string) {
	k.lines(group, func(have, v string) {
		if have == key {
			value = v
		}
	})
	return value
}

// List returns the members of a list.
func (k KeyFile) List(group, key string) []string { return members(k.Get(group, key)) }

func members(value string) (all []string) {
	for m := range strings.SplitSeq(value, ";") {
		if m = strings.TrimSpace(m); m != "" && !slices.Contains(all, m) {
			all = append(all, m)
		}
	}
	return all
}

// Change returns the text with the list of a key changed, and all else as it was. An empty list has no line.
func (k KeyFile) Change(group, key string, change func([]string) []string) KeyFile {
	want := change(k.List(group, key))
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
	return KeyFile(out.String())
}

// Command writes words as the value of the key Exec, before Escape (Desktop Entry Specification, section "The Exec
// key").
func Command(words ...string) string {
	quoting := strings.NewReplacer(`"`, `\"`, "`", "\\`", `$`, `\$`, `\`, `\\`, `%`, `%%`)
	var all []string
	for _, word := range words {
		if word == "" || strings.ContainsAny(word, " \t\"'\\><~|&;$*?#()`") {
			all = append(all, `"`+quoting.Replace(word)+`"`)
		} else { // xdg-open's own launcher knows no quotation marks
			all = append(all, strings.ReplaceAll(word, "%", "%%"))
		}
	}
	return strings.Join(all, " ")
}

// Escape writes a value of type string (Desktop Entry Specification, section "Possible value types").
func Escape(s string) string { return strings.NewReplacer(`\`, `\\`, "\t", `\t`).Replace(s) }

// Unescape reads what Escape writes.
func Unescape(s string) string {
	return strings.NewReplacer(`\\`, `\`, `\s`, " ", `\t`, "\t", `\n`, "\n", `\r`, "\r").Replace(s)
}
