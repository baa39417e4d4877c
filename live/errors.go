package live

import (
	"errors"
	"fmt"
)

// A Misuse is what a caller can mend by calling differently.
type Misuse struct{ text string }

func (e *Misuse) Error() string { return e.text }

func misuse(format string, args ...any) error { return &Misuse{fmt.Sprintf(format, args...)} }

// ErrVectorsLost says that the connection no longer has vectors that were
// inserted, and no file has them. An error of Flush without it has lost nothing.
var ErrVectorsLost = errors.New("vectors that this connection held are lost")
