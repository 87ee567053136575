package doctor

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"calla/phone/words"
)

// TestCauseIsInOurWords: what the system, the network or a library says of an error is small print.
//
// Holds: problems-and-wizard
func TestCauseIsInOurWords(t *testing.T) {
	_, missing := os.Open(filepath.Join(t.TempDir(), "none"))
	_, program := exec.LookPath("no-such-program-of-ours")
	_, folder := os.ReadFile(t.TempDir())
	for _, v := range []struct {
		name string
		err  error
		want string
	}{
		{"a file that is not there", missing, "It does not exist."},
		{"a program that is not there", program, "There is no such program."},
		{"a folder", folder, ""}, // each system says it in its own way
		{"a permission", &os.PathError{Op: "open", Path: "x", Err: os.ErrPermission}, "This user may not use it."},
		{"a time that is over", context.DeadlineExceeded, "It does not answer."},
		{"an error of nobody's", errors.New("unexpected newline at xml.go:42"), ""},
		{"nothing", nil, ""},
	} {
		t.Run(v.name, func(t *testing.T) {
			wrapped := v.err
			if v.err != nil {
				wrapped = fmt.Errorf("do: %w", fmt.Errorf("part of it: %w", v.err))
			}
			got := words.English().OfError(wrapped)
			if v.want != "" && got != v.want || v.err == nil && got != "" {
				t.Errorf("%q, want %q", got, v.want)
			}
			if strings.ContainsAny(got, ":/") || strings.Contains(got, "xml") {
				t.Errorf("%q holds the error's own text", got)
			}
		})
	}
}
