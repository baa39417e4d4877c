package live

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"

	"github.com/vxsnap/vxsnap/c"
)

// A readFile is a regular file that is open for reading.
type readFile interface {
	stat() (unix.Stat_t, error)
	ReadAt(p []byte, off int64) (int, error)
	Close()
}

// An apartFile is one in a descriptor table that is not the process's, so that to close it
// drops no lock, also not that of a database that somebody opened meanwhile.
type apartFile struct{ f *c.Apart }

func (a apartFile) stat() (unix.Stat_t, error) {
	beforeStep("fstat")
	return a.f.Stat()
}

// ReadAt implements io.ReaderAt.
func (a apartFile) ReadAt(p []byte, off int64) (int, error) {
	beforeStep("read")
	return a.f.ReadAt(p, off)
}

// CopyTo lets the system copy, as snapshot.SystemCopier says.
func (a apartFile) CopyTo(to *os.File, off, n int64) int64 {
	done, err := a.f.CopyTo(to, off, n)
	if err != nil {
		return 0
	}
	return done
}

func (a apartFile) Close() {
	beforeStep("close")
	a.f.Close()
}

// openInTable can be taken away by a test, as some systems have no such tables.
var openInTable = func(path string) (*c.Apart, error) {
	beforeStep("reopen")
	return c.OpenApart(path)
}

// openApart opens a regular file for reading, whoever has it open. Where the system has
// no descriptor tables for threads, nobody else in the process may have it open.
func openApart(path string) (readFile, error) {
	f, err := openInTable(path)
	switch {
	case err == nil:
		return apartFile{f}, nil
	case errors.Is(err, errors.ErrUnsupported):
		f, err := openAlone(path)
		if err != nil {
			return nil, err
		}
		return &steppedFile{f}, nil
	case errors.Is(err, c.ErrNotRegular):
		var st unix.Stat_t
		if unix.Stat(path, &st) == nil {
			err = notRegular(st.Mode)
		}
	}
	return nil, err
}

// openDeclared opens a file that a schema names, for reading. One that this process has
// open otherwise is no index file, but a database perhaps. If another file gets the name
// meanwhile, that is read: it is checked as any index file is, and no lock is lost.
func openDeclared(path string) (readFile, error) {
	beforeStep("open")
	if err := whileAlone(path, func(int) error { return nil }); err != nil {
		return nil, err
	}
	return openApart(path)
}
