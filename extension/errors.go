package extension

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"go.riyazali.net/sqlite"

	"github.com/vxsnap/vxsnap/c"
	"github.com/vxsnap/vxsnap/live"
	"github.com/vxsnap/vxsnap/snapshot"
)

// A usageError is what a caller can mend by calling differently.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

func usage(format string, args ...any) error {
	return &usageError{fmt.Sprintf(format, args...)}
}

// A coded error gives the SQLite code that its text calls for.
type coded struct {
	code int
	error
}

func (e *coded) Unwrap() error { return e.error }

// corrupt is SQLITE_CORRUPT_VTAB, which says of damage that it is not the host's: after a
// plain SQLITE_CORRUPT in a transaction, SQLite lets it write nothing more, and it cannot be
// committed. Who does not ask for extended codes sees SQLITE_CORRUPT.
const corrupt = int(sqlite.SQLITE_CORRUPT) | 1<<8

// codeOf is the SQLite result code that fits an error.
func codeOf(err error) int {
	if code := plainCodeOf(err); code != int(sqlite.SQLITE_CORRUPT) {
		return code
	}
	return corrupt
}

func plainCodeOf(err error) int {
	if e := new(coded); errors.As(err, &e) {
		return e.code
	}
	if e := new(c.Error); errors.As(err, &e) {
		return e.Code
	}
	if e := sqlite.ErrorCode(0); errors.As(err, &e) {
		return int(e)
	}
	is := func(targets ...error) bool {
		for _, target := range targets {
			if errors.Is(err, target) {
				return true
			}
		}
		return false
	}
	if errors.As(err, new(*usageError)) || errors.As(err, new(*live.Misuse)) {
		return int(sqlite.SQLITE_MISUSE)
	}
	switch {
	case is(snapshot.ErrDamaged, snapshot.ErrIncomplete, snapshot.ErrIndexFile):
		return int(sqlite.SQLITE_CORRUPT)
	case is(snapshot.ErrChanged):
		return int(sqlite.SQLITE_BUSY)
	case is(snapshot.ErrNoMemory):
		return int(sqlite.SQLITE_NOMEM)
	case is(syscall.ENOSPC, syscall.EDQUOT):
		return int(sqlite.SQLITE_FULL)
	case is(syscall.EROFS):
		return int(sqlite.SQLITE_READONLY)
	case is(snapshot.ErrTarget, fs.ErrNotExist, fs.ErrPermission, syscall.ENOTDIR, syscall.ENAMETOOLONG, syscall.EMFILE, syscall.ENFILE):
		return int(sqlite.SQLITE_CANTOPEN)
	}
	return int(sqlite.SQLITE_IOERR)
}

// textOf is the sentence for SQL: the function's name, then the error.
func textOf(name string, err error) string {
	text := name + ": " + err.Error()
	switch {
	case codeOf(err) == int(sqlite.SQLITE_FULL):
		text += "; make room there and run the query again"
	case errors.Is(err, syscall.EMFILE):
		text += "; raise the limit of open files (ulimit -n) and run the query again"
	}
	return text
}

// busyIfChanged says what to do where an index file changed while rows went out.
func busyIfChanged(err error) error {
	if errors.Is(err, snapshot.ErrChanged) {
		err = &coded{int(sqlite.SQLITE_BUSY), usage("%v; the rows so far are of no use, run the query again", err)}
	}
	return err
}

// recovered turns a panic into an error. Use it deferred: a panic that leaves
// a callback would end the host's process.
func recovered(err *error) {
	if p := recover(); p != nil {
		*err = panicked(p)
	}
}

func panicked(p any) error {
	return &coded{int(sqlite.SQLITE_INTERNAL), fmt.Errorf("internal error: %v; please report it", p)}
}
