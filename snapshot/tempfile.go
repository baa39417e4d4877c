package snapshot

import (
	"os"
	"path/filepath"
)

// TempDir is where temporary files go: SQLITE_TMPDIR, else TMPDIR, else the
// system's, as for SQLite's own.
func TempDir() string {
	if dir := os.Getenv("SQLITE_TMPDIR"); dir != "" {
		return dir
	}
	return os.TempDir()
}

// A TempFile is a private file that nothing is left of when it is dropped.
type TempFile struct {
	FSFile
	Name string // "" once it is removed
	fs   FS
}

// CreateTemp makes a TempFile in a directory. The caller calls Unlink as soon
// as nobody needs the name any more.
func CreateTemp(fsys FS, dir string) (*TempFile, error) {
	name := filepath.Join(dir, ".vxsnap-"+randomHex())
	f, err := fsys.Create(name)
	if err != nil {
		return nil, err
	}
	return &TempFile{f, name, fsys}, nil
}

// Unlink removes the file's name where the system allows that for an open
// file; else Drop does.
func (t *TempFile) Unlink() {
	if t.Name != "" && t.fs.Remove(t.Name) == nil {
		t.Name = ""
	}
}

// Drop closes the file and removes what is left of it. Its bytes are of no use
// any more, so there is no error to report.
func (t *TempFile) Drop() {
	_ = t.Close()
	t.Unlink()
}

// newTempFile makes a TempFile whose name nobody needs.
func newTempFile(fsys FS, dir string) (*TempFile, error) {
	t, err := CreateTemp(fsys, dir)
	if err == nil {
		t.Unlink()
	}
	return t, err
}
