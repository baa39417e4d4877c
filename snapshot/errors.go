package snapshot

import (
	"errors"
	"io/fs"

	"github.com/vxsnap/vxsnap/internal/fault"
)

// The kinds of error that a caller may test for with errors.Is. An error of
// this package wraps at most one of them, beside the cause that the operating
// system or the source gave.
var (
	// ErrDamaged says that rows, metadata or restored bytes contradict each
	// other or the format: what was exported is not what arrived.
	ErrDamaged = fault.ErrDamaged

	// ErrIncomplete says that rows are missing. It is a kind of damage that
	// another attempt at the same transfer may mend.
	ErrIncomplete = fault.ErrIncomplete

	// ErrIndexFile says that a file does not have the structure of an index, or
	// is not a regular file.
	ErrIndexFile = fault.ErrIndexFile

	// ErrChanged says that a source changed while it was read.
	ErrChanged = fault.ErrChanged

	// ErrNoMemory says that memory for a chunk could not be allocated.
	ErrNoMemory = fault.ErrNoMemory

	// ErrTarget says that the directory to restore into, or the file to save into,
	// cannot be used. Where something is there already, the error wraps fs.ErrExist too.
	ErrTarget = fault.ErrTarget
)

// ErrSchema says, beside ErrDamaged, that SQLite cannot read the schema of a restored
// database; see Relocator.
var ErrSchema = errors.New("unreadable schema")

// errClosed is what takes and what gives rows says of every row after Close.
var errClosed = errors.New("closed already: rows come before Close")

// errPanicked is what is said after a panic that somebody recovered from.
var errPanicked = errors.New("it has panicked, and cannot go on; begin anew")

// What a program has to pass, and did not.
var (
	errNoChecker   = errors.New("no Checker for the index files: it is nil; pass one, such as vectorlite.Check")
	errNoRelocator = errors.New("no Relocator for the restored schema: it is nil; pass one, such as live.Relocate or vectorlite.RelocateSQL")
)

// isDamage tells what is wrong with a snapshot from what is wrong with the
// machine that checks it.
func isDamage(err error) bool {
	return errors.Is(err, ErrDamaged) || errors.Is(err, ErrIncomplete) || errors.Is(err, ErrIndexFile)
}

func incomplete(format string, args ...any) error { return fault.New(ErrIncomplete, format, args...) }

func target(format string, args ...any) error { return fault.New(ErrTarget, format, args...) }

// taken is a target that is taken already: fs.ErrExist, as for files elsewhere.
func taken(format string, args ...any) error {
	return fault.New(fs.ErrExist, "%w", target(format, args...))
}
