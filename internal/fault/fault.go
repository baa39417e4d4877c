// Package fault holds the kinds of error that more than one room tells apart
// (fault.go), how an error shows a value from outside (quote.go), and readers with
// their errors (read.go): all of a read or an error, a cause without its path, a
// read that can be interrupted. It imports nothing of ours, and everybody may import
// it. Read this file next.
package fault

import (
	"errors"
	"fmt"
)

// The kinds of error that a caller may test for with errors.Is. An error wraps
// at most one of them, beside the cause that the operating system or the source
// gave.
var (
	// ErrDamaged says that rows, metadata or restored bytes contradict each
	// other or the format: what was exported is not what arrived.
	ErrDamaged = errors.New("damaged snapshot")

	// ErrIncomplete says that rows are missing. It is a kind of damage that
	// another attempt at the same transfer may mend.
	ErrIncomplete = errors.New("incomplete snapshot")

	// ErrIndexFile says that a file does not have the structure of an hnswlib
	// index, or is not a regular file.
	ErrIndexFile = errors.New("invalid index file")

	// ErrChanged says that a source changed while it was read.
	ErrChanged = errors.New("changed while it was read")

	// ErrNoMemory says that memory for a chunk could not be allocated.
	ErrNoMemory = errors.New("out of memory")

	// ErrTarget says that the directory to restore into, or the file to save into,
	// cannot be used.
	ErrTarget = errors.New("unusable target directory")
)

// Damaged makes an error that wraps ErrDamaged and reads as the text alone.
func Damaged(format string, args ...any) error { return New(ErrDamaged, format, args...) }

// New makes an error of a kind that reads as the text alone. What the text wraps
// with %w is wrapped too.
func New(kind error, format string, args ...any) error {
	return &kindError{kind, fmt.Errorf(format, args...)}
}

// A kindError adds a sentinel to an error without adding to its text.
type kindError struct{ kind, err error }

func (e *kindError) Error() string   { return e.err.Error() }
func (e *kindError) Unwrap() []error { return []error{e.kind, e.err} }
