package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"

	"github.com/vxsnap/vxsnap"
)

// The exit codes. Every command has them, and the help of vxsnap says what they mean.
const (
	exitFailed   = 1
	exitWrongUse = 2
	exitDamaged  = 3
	exitTooOld   = 4
	exitSignal   = 128 // and the signal's number
)

// A misuse is an error of the arguments, whatever is on the disk.
type misuse struct{ text string }

func (e *misuse) Error() string { return e.text }

func wrongUse(format string, args ...any) error { return &misuse{fmt.Sprintf(format, args...)} }

// A damaged is what verify says of what is not whole.
type damaged struct{ text string }

func (e *damaged) Error() string { return e.text }

var errTooOld = errors.New("too old")

// A stopped is the signal that ended the run.
type stopped struct{ signal syscall.Signal }

func (s stopped) Error() string { return "stopped by " + s.name() }

func (s stopped) name() string {
	return map[syscall.Signal]string{syscall.SIGINT: "SIGINT", syscall.SIGTERM: "SIGTERM", syscall.SIGHUP: "SIGHUP"}[s.signal]
}

// exit prints the one line of an error, and gives the code.
func (a *app) exit(ctx context.Context, err error) int {
	if err == nil {
		return 0
	}
	text := strings.ReplaceAll(inWords(err.Error()), "\n", "; ")
	var signal stopped
	if errors.Is(err, context.Canceled) && errors.As(context.Cause(ctx), &signal) {
		text = strings.ReplaceAll(text, context.Canceled.Error(), signal.Error())
		fmt.Fprintln(os.Stderr, "vxsnap:", text)
		return exitSignal + int(signal.signal)
	}
	code := a.codeOf(err)
	if code == exitWrongUse && !errors.As(err, new(*misuse)) { // cobra's
		text += "; see vxsnap help"
	}
	fmt.Fprintln(os.Stderr, "vxsnap:", text)
	return code
}

func (a *app) codeOf(err error) int {
	switch {
	case !a.began, errors.As(err, new(*misuse)):
		return exitWrongUse
	case errors.As(err, new(*damaged)), errors.Is(err, vxsnap.ErrDamaged), errors.Is(err, vxsnap.ErrIncomplete), errors.Is(err, vxsnap.ErrIndexFile):
		return exitDamaged
	case errors.Is(err, errTooOld):
		return exitTooOld
	}
	return exitFailed
}
