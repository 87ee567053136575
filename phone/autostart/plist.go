package autostart

import (
	"encoding/xml"
	"strings"
)

// plist is the property list of a launch agent, as launchd.plist(5) says.
func plist(label string, command []string) string {
	text := func(s string) string {
		var b strings.Builder
		_ = xml.EscapeText(&b, []byte(s)) // a strings.Builder takes everything
		return "<string>" + b.String() + "</string>"
	}
	var words strings.Builder
	for _, word := range command {
		words.WriteString("\t\t" + text(word) + "\n")
	}
	return xml.Header + plistMark + "\n<plist version=\"1.0\">\n<dict>\n\t<key>Label</key>\n\t" + text(label) +
		"\n\t<key>ProgramArguments</key>\n\t<array>\n" + words.String() + "\t</array>\n" +
		"\t<key>RunAtLoad</key>\n\t<true/>\n\t<key>LimitLoadToSessionType</key>\n\t<string>Aqua</string>\n" +
		"\t<key>ProcessType</key>\n\t<string>Interactive</string>\n</dict>\n</plist>\n"
}

// plistMark marks one that Calla has written.
const plistMark = "<!-- written by Calla: start at log-in -->"
