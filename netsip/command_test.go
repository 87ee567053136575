package netsip

import (
	"strings"
	"testing"

	"calla/netsip/config"
)

func TestCommandWords(t *testing.T) {
	for line, want := range map[string]string{
		"cat":                              "cat",
		"  tee  -a\t/tmp/x ":               "tee|-a|/tmp/x",
		`tee "/tmp/my log" 'it"s' ""`:      `tee|/tmp/my log|it"s|`,
		`C:\Tools\log.exe "C:\My Logs\" x`: "", // the quote before x is part of the path, and the rest has none
		`C:\Tools\log.exe "C:\My Logs" x`:  `C:\Tools\log.exe|C:\My Logs|x`,
		`sh -c 'a "b" \"'`:                 `sh|-c|a "b" \"`,
		`a"b c"d`:                          "ab cd",
		`"a`:                               "",
		`it's`:                             "",
		"  ":                               "",
		`"" x`:                             "",
	} {
		words, err := config.CommandWords(line)
		if got := strings.Join(words, "|"); got != want || (err == nil) == (want == "") {
			t.Errorf("%s: %s, %v", line, got, err)
		}
	}
}
