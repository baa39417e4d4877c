package over

import (
	"errors"
	"fmt"
	"os"

	"github.com/vxsnap/vxsnap/internal/fault"
)

// The kinds of error that a caller may test for with errors.Is, beside those of packages
// snapshot and live: snapshot.ErrDamaged and its like say that the rows are bad,
// live.ErrInUse that somebody has the database open.
var (
	// ErrDatabase says that what is to be replaced cannot be: it is not there, or is
	// something else than a database with its index files.
	ErrDatabase = errors.New("cannot be replaced")

	// ErrRunning says that another restore over the same database is going on.
	ErrRunning = errors.New("another restore is going on")

	// ErrHalfDone says that a restore stopped half-way, and that the way back is
	// blocked. Nobody can open the database until Recover has succeeded.
	ErrHalfDone = errors.New("a restore stopped half-way")

	// ErrNotDurable says that all files are replaced, and that a power cut may undo it.
	ErrNotDurable = errors.New("not durable yet")
)

func cannot(format string, args ...any) error { return fault.New(ErrDatabase, format, args...) }

// both says what failed, and in one line what failed on the way back too.
func both(err, back error) error {
	switch {
	case back == nil:
		return err
	case err == nil:
		return back
	}
	return fmt.Errorf("%w; and %w", err, back)
}

// failed says what could not be done, without the paths that os puts before the cause.
func failed(what, path string, err error) error {
	if e := new(os.LinkError); errors.As(err, &e) {
		err = e.Err
	}
	return fmt.Errorf("%s %s: %w", what, fault.QuoteWhole(path), fault.Cause(err))
}
