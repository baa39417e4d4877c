package live

import (
	"errors"
	"fmt"
)

// A Misuse is what a caller can mend by calling differently.
type Misuse struct {
	text string
	kind error // ErrHeld, or nil
}

func (e *Misuse) Error() string { return e.text }

// Unwrap gives ErrHeld where that is why.
func (e *Misuse) Unwrap() error { return e.kind }

func misuse(format string, args ...any) error { return &Misuse{text: fmt.Sprintf(format, args...)} }

// ErrHeld says that an index file may be older than what was committed, because
// this connection, or somebody else, may hold a newer index in memory; the text says
// who, and the ways on. The error is a *Misuse too.
var ErrHeld = errors.New("a newer index may be held in memory")

// ErrVectorsLost says that the connection no longer has vectors that were
// inserted, and no file has them. An error of Flush without it has lost nothing.
var ErrVectorsLost = errors.New("vectors that this connection held are lost")
