package live

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/snapshot/hnsw"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// asideSuffix makes, of the name of an index file, the name under which the file
// waits beside it while a flush lets vectorlite write a new one.
const asideSuffix = ".vx-flush"

// resolve gives the file that a declared path leads to, through symbolic links:
// what takes part in a flush is that file, not the link.
func resolve(path string) (string, error) {
	real, err := filepath.EvalSymlinks(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return real, err
	}
	if _, err := os.Lstat(path); err == nil {
		return "", errors.New("it is a symbolic link that leads to nothing")
	}
	directory, err := filepath.EvalSymlinks(filepath.Dir(path))
	return filepath.Join(directory, filepath.Base(path)), err
}

// interrupted returns an error if a flush of the table's file did not come to its
// end: the process was killed, and the file of before still waits beside. An
// error that wraps ErrChanged says that the flush is going on now.
func interrupted(table vectorlite.Table) error {
	path, err := resolve(table.Path)
	if err != nil {
		return nil // for whoever opens the file to report
	}
	return leftAside(path, table)
}

func leftAside(path string, table vectorlite.Table) error {
	aside := path + asideSuffix
	key, waits := keyOf(aside)
	if named, ok := keyOf(path); waits && ok && named == key {
		return nil // a second name: nothing was exchanged yet
	}
	f, err := openAlone(aside)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // none, or the flush has ended meanwhile
		}
		if noDescriptors(err) {
			return fmt.Errorf("look for %s: %w", fault.QuoteWhole(aside), fault.Cause(err))
		}
		return fault.New(fault.ErrIndexFile, "index file %s of table %s: %s, which a flush needs: %w; move it away", fault.Quote(table.Path), fault.Quote(table.Name), fault.QuoteWhole(aside), fault.Cause(err))
	}
	s := &steppedFile{f}
	defer s.Close()
	beforeStep("probe")
	if errors.Is(unix.Flock(int(f.Fd()), unix.LOCK_SH|unix.LOCK_NB), unix.EWOULDBLOCK) {
		return flushedNow(table)
	}
	if !s.named(aside) {
		return nil // the flush has ended meanwhile
	}
	if info, err := f.Stat(); err == nil && info.Size() == 0 {
		return nil // what a flush makes first: nothing was exchanged
	}
	return &Interrupted{table, path, aside, wholeAt(path)}
}

// noDescriptors reports that nothing is known of a file, because there is no descriptor
// to open it with.
func noDescriptors(err error) bool {
	return errors.Is(err, unix.EMFILE) || errors.Is(err, unix.ENFILE)
}

// wholeAt reports whether there is a whole index at a path.
func wholeAt(path string) bool {
	f, err := openDeclared(path)
	if err != nil {
		return false
	}
	defer f.Close()
	st, err := f.stat()
	return err == nil && hnsw.CheckLength(f, st.Size) == nil
}

func flushedNow(table vectorlite.Table) error {
	return fault.New(fault.ErrChanged, "index file %s of table %s is being flushed by another connection", fault.Quote(table.Path), fault.Quote(table.Name))
}
