package snapshot

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// The kinds of error that a caller may test for with errors.Is. An error of
// this package wraps at most one of them, beside the cause that the operating
// system or the source gave.
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

	// ErrTarget says that the directory to restore into cannot be used.
	ErrTarget = errors.New("unusable target directory")
)

// VectorsLost stands in the text of an error of vx_snapshot_flush where the
// connection no longer has vectors that were inserted, and no file has them.
// An error without it has lost nothing.
const VectorsLost = "vectors that this connection held are lost"

// Damaged makes an error that wraps ErrDamaged and reads as the text alone.
func Damaged(format string, args ...any) error {
	return &kindError{ErrDamaged, fmt.Errorf(format, args...)}
}

// incomplete makes an error that wraps ErrIncomplete and reads as the text alone.
func incomplete(format string, args ...any) error {
	return &kindError{ErrIncomplete, fmt.Errorf(format, args...)}
}

// A kindError adds a sentinel to an error without adding to its text.
type kindError struct{ kind, err error }

func (e *kindError) Error() string   { return e.err.Error() }
func (e *kindError) Unwrap() []error { return []error{e.kind, e.err} }

// Quote shows a value from outside as an SQL string, shortened.
func Quote(s string) string {
	const most = 80
	if len(s) > most {
		s = s[:most] + "…"
	}
	clean := bytes.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == 0xfffd {
			return '?'
		}
		return r
	}, []byte(s))
	return "'" + strings.ReplaceAll(string(clean), "'", "''") + "'"
}
