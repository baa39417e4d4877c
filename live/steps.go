package live

import (
	"os"

	"golang.org/x/sys/unix"
)

// beforeStep is called before every operation on an index file, so that a test
// can change the file at each of them.
var beforeStep = func(operation string) {}

// exchangeNames exchanges two names. A test can take it away, as some file systems
// have no such call.
var exchangeNames = func(a, b string) error {
	return unix.Renameat2(unix.AT_FDCWD, a, unix.AT_FDCWD, b, unix.RENAME_EXCHANGE)
}

// statPath describes what a path leads to.
func statPath(path string) (st unix.Stat_t, err error) {
	beforeStep("stat")
	err = unix.Stat(path, &st)
	return st, err
}

// openStepped opens a file that a schema names, for reading.
func openStepped(path string) (*steppedFile, error) {
	beforeStep("open")
	f, err := openAlone(path)
	if err != nil {
		return nil, err
	}
	return &steppedFile{f}, nil
}

// createStepped makes a file that does not exist.
func createStepped(path string) (*steppedFile, error) {
	f, err := createAlone(path)
	if err != nil {
		return nil, err
	}
	return &steppedFile{f}, nil
}

// A steppedFile is an index file that is open.
type steppedFile struct{ f *os.File }

func (s *steppedFile) stat() (st unix.Stat_t, err error) {
	beforeStep("fstat")
	err = unix.Fstat(int(s.f.Fd()), &st)
	return st, err
}

// ReadAt implements io.ReaderAt.
func (s *steppedFile) ReadAt(p []byte, off int64) (int, error) {
	beforeStep("read")
	return s.f.ReadAt(p, off)
}

// Close closes the file, to which nothing was written.
func (s *steppedFile) Close() {
	beforeStep("close")
	s.unlock()
	closeAlone(s.f)
}
