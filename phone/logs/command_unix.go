//go:build unix

package logs

import (
	"os/exec"
	"syscall"
)

// apart keeps the keyboard's interrupt from a command: it ends when its input does, after the last line.
func apart(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
