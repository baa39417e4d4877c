package snapshot

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/vxsnap/vxsnap/internal/fault"
)

// checkTarget gives the path of a directory that can be restored to, as resolve does,
// and describes it if it exists.
func checkTarget(fsys FS, directory string) (path string, existing fs.FileInfo, err error) {
	if directory == "" || strings.ContainsRune(directory, 0) {
		return "", nil, target("directory %s is not the name of a directory", fault.Quote(directory))
	}
	if path, err = resolve(fsys, directory); errors.Is(err, fs.ErrNotExist) {
		return "", nil, target("the parent of directory %s does not exist; make it first", fault.Quote(directory))
	} else if err != nil {
		return "", nil, fmt.Errorf("look at directory %s: %w", fault.Quote(directory), fault.Cause(err))
	}
	info, err := fsys.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return path, nil, nil
	case err != nil:
		return "", nil, fmt.Errorf("look at directory %s: %w", fault.Quote(directory), fault.Cause(err))
	case !info.IsDir():
		return "", nil, taken("%s exists and is not a directory; name a directory that does not exist yet or is empty", fault.Quote(directory))
	}
	names, err := fsys.ReadDir(path, 1)
	if err != nil {
		return "", nil, fmt.Errorf("look into directory %s: %w", fault.Quote(directory), fault.Cause(err))
	}
	if len(names) > 0 {
		return "", nil, taken("directory %s is not empty; name a directory that does not exist yet or is empty", fault.Quote(directory))
	}
	return path, info, checkReplaceable(fsys, directory, path, info)
}

// checkReplaceable refuses an empty directory that a rename cannot or must not
// replace: a mount point, and the one in which this process is. It would go on
// in the directory that was replaced, which has no name any more.
func checkReplaceable(fsys FS, directory, path string, info fs.FileInfo) error {
	parent, err := fsys.Lstat(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("look at the parent of directory %s: %w", fault.Quote(directory), fault.Cause(err))
	}
	current, err := fsys.Lstat(".")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("look at the current directory: %w", fault.Cause(err))
	}
	here, above := statOf(info), statOf(parent)
	switch {
	case here == nil || above == nil:
		return nil
	case here.Dev != above.Dev:
		return target("directory %s is a mount point, which cannot be replaced; name a new directory below it", fault.Quote(directory))
	case current == nil:
		return nil
	}
	if now := statOf(current); now != nil && now.Dev == here.Dev && now.Ino == here.Ino {
		return target("directory %s is the current directory of this process and would be replaced under it; name a new directory below it, or change to another directory first", fault.Quote(directory))
	}
	return nil
}

// statOf is what the system says of a file, nil if the FS does not tell.
func statOf(info fs.FileInfo) *syscall.Stat_t {
	stat, _ := info.Sys().(*syscall.Stat_t)
	return stat
}
