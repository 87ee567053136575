package logs

import (
	"os/exec"
	"syscall"
)

// apart keeps a command from opening a window.
func apart(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{HideWindow: true} }
