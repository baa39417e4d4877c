package snapshot

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/vxsnap/vxsnap/internal/fault"
)

func randomHex() string {
	var random [8]byte
	rand.Read(random[:])
	return hex.EncodeToString(random[:])
}

// checkTarget gives the absolute path of a directory that can be restored to.
func checkTarget(fsys FS, directory string) (string, error) {
	if directory == "" || strings.ContainsRune(directory, 0) {
		return "", target("directory %s is not the name of a directory", fault.Quote(directory))
	}
	path, err := filepath.Abs(directory)
	if err != nil {
		return "", fmt.Errorf("find directory %s: %w", fault.Quote(directory), fault.Cause(err))
	}
	info, err := fsys.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return path, checkParent(fsys, directory, path)
	case err != nil:
		return "", fmt.Errorf("look at directory %s: %w", fault.Quote(directory), fault.Cause(err))
	case !info.IsDir():
		return "", target("%s exists and is not a directory; name a directory that does not exist yet or is empty", fault.Quote(directory))
	}
	names, err := fsys.ReadDir(path, 1)
	if err != nil {
		return "", fmt.Errorf("look into directory %s: %w", fault.Quote(directory), fault.Cause(err))
	}
	if len(names) > 0 {
		return "", target("directory %s is not empty; name a directory that does not exist yet or is empty", fault.Quote(directory))
	}
	return path, nil
}

func checkParent(fsys FS, directory, path string) error {
	if _, err := fsys.Lstat(filepath.Dir(path)); errors.Is(err, fs.ErrNotExist) {
		return target("the parent of directory %s does not exist; make it first", fault.Quote(directory))
	}
	return nil
}

// commit turns the checked staging directory into the target. Each step makes
// the one before it durable: bytes, then the names in the directory, then the
// directory's own name.
func (r *Restorer) commit() error {
	if err := r.relocate(); err != nil {
		return err
	}
	if err := r.closeFiles(); err != nil {
		return fmt.Errorf("close the restored files: %w", fault.Cause(err))
	}
	for i := range r.meta.Files {
		if err := r.opt.Interrupted(); err != nil {
			return err
		}
		name := r.meta.Files[i].Name
		if err := r.opt.FS.SyncFile(filepath.Join(r.staging, name), r.opt.Interrupted); err != nil {
			return fmt.Errorf("sync %s: %w", name, fault.Cause(err))
		}
	}
	if err := r.opt.FS.SyncDir(r.staging); err != nil {
		return fmt.Errorf("sync the staging directory: %w", fault.Cause(err))
	}
	if err := r.opt.FS.Rename(r.staging, r.target); err != nil {
		return fmt.Errorf("rename the staging directory to %s: %w", fault.Quote(r.target), fault.Cause(err))
	}
	if err := r.opt.FS.SyncDir(filepath.Dir(r.target)); err != nil {
		// The rename may not last: the target must not look complete.
		r.staging = r.target
		return fmt.Errorf("sync the parent of %s: %w", fault.Quote(r.target), fault.Cause(err))
	}
	return nil
}
