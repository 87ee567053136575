package tell

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"calla/account"
	"calla/netsip/config"
)

// TestErrorsAreToldInOurWords: what the system or a library says is no sentence for people.
//
// Holds: problems-and-wizard
func TestErrorsAreToldInOurWords(t *testing.T) {
	for _, v := range []struct {
		name string
		err  error
		want string
	}{
		{"a permission", &fs.PathError{Op: "open", Path: "/x", Err: fs.ErrPermission}, "This user may not use it."},
		{"a file that is gone", &fs.PathError{Op: "open", Path: "/x", Err: fs.ErrNotExist}, "It does not exist."},
		{"another Calla", account.ErrReadOnly, "Accounts are read only."},
		{"no keyring", account.ErrKeyringAbsent, "This system has no keyring that can be used."},
		{
			"a parameter", &config.Error{Parameter: "uri", Reason: "is used by another account"},
			"uri is used by another account.",
		},
		{"nobody's", errors.New("unexpected newline at xml.go:42"), ""},
	} {
		t.Run(v.name, func(t *testing.T) {
			err := fmt.Errorf("save accounts: %w", v.err)
			if got := Cause(err); got != v.want {
				t.Errorf("%q, want %q", got, v.want)
			}
			if got := BySystem(err); strings.Contains(got, "save accounts") {
				t.Errorf("%q holds the error's own text", got)
			}
		})
	}
}
