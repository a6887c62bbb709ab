package connect

import (
	"context"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
)

// Run runs a command of the user's to its end, in the foreground. An interrupt from the terminal reaches the command by itself, and a
// request to terminate becomes one: the way stays open until the command has ended in its own time. The error is an *exec.ExitError
// where the command failed.
func Run(ctx context.Context, in io.Reader, out, errOut io.Writer, name string, args ...string) error {
	cmd := exec.CommandContext(context.WithoutCancel(ctx), name, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = in, out, errOut
	terminate := make(chan os.Signal, 1)
	signal.Notify(terminate, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(terminate)
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	defer close(ended)
	go func() {
		for {
			select {
			case <-terminate:
				_ = cmd.Process.Signal(os.Interrupt) // it may have ended
			case <-ended:
				return
			}
		}
	}()
	return cmd.Wait()
}
