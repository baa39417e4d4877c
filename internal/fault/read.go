package fault

import (
	"errors"
	"io"
	"io/fs"
)

// ReadFull reads all of p, or says io.ErrUnexpectedEOF.
func ReadFull(r io.ReaderAt, p []byte, off int64) error {
	n, err := r.ReadAt(p, off)
	if n == len(p) {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// Cause drops the operation and the path that os puts before an error.
func Cause(err error) error {
	if e := new(fs.PathError); errors.As(err, &e) {
		return e.Err
	}
	return err
}

// Interruptible asks before each read whether to go on.
func Interruptible(r io.ReaderAt, interrupted func() error) io.ReaderAt {
	return &interruptible{r, interrupted}
}

type interruptible struct {
	r           io.ReaderAt
	interrupted func() error
}

func (i *interruptible) ReadAt(p []byte, off int64) (int, error) {
	if err := i.interrupted(); err != nil {
		return 0, err
	}
	return i.r.ReadAt(p, off)
}
