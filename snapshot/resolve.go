package snapshot

import (
	"os"
	"path/filepath"
	"strings"
)

// resolve gives the path to which the system leads, absolute and without a symbolic link
// in front of its last part, which need not exist. Text cannot tell: what follows ".." in
// link/../name is beside the directory to which the link leads. Where a folder does not
// exist the error is fs.ErrNotExist. With an error it gives the absolute path as it was.
func resolve(fsys FS, path string) (string, error) {
	path, err := absolute(path)
	if err != nil {
		return path, err
	}
	folder, name := filepath.Split("/" + strings.Trim(path, "/"))
	if folder, err = fsys.Resolve(folder); err != nil {
		return path, err
	}
	return filepath.Join(folder, name), nil // the text of a folder without links can tell
}

// absolute is filepath.Abs without its Clean.
func absolute(path string) (string, error) {
	if filepath.IsAbs(path) {
		return path, nil
	}
	here, err := os.Getwd()
	if err != nil {
		return path, err
	}
	return here + "/" + path, nil
}
