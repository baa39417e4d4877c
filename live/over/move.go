package over

import (
	"errors"
	"io/fs"
	"os"

	"github.com/vxsnap/vxsnap/internal/fault"
)

// there describes a file, nil where there is none.
func there(fsys FS, path string) (fs.FileInfo, error) {
	if path == "" {
		return nil, nil
	}
	info, err := fsys.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, failed("look at", path, err)
	}
	return info, nil
}

// do gives the path to the new file.
func (m *move) do(fsys FS) error {
	switch {
	case m.Link:
		if err := fsys.Link(m.Path, m.Aside); err != nil {
			return failed("give a second name to", m.Path, err)
		}
		return rename(fsys, m.New, m.Path)
	case m.Aside == "":
		if err := fsys.RenameNew(m.New, m.Path); err != nil {
			return failed("make", m.Path, err)
		}
		return nil
	case m.New == "":
		if old, err := there(fsys, m.Path); err != nil || old == nil {
			return err
		}
		return rename(fsys, m.Path, m.Aside)
	}
	if err := rename(fsys, m.Path, m.Aside); err != nil {
		return err
	}
	return rename(fsys, m.New, m.Path)
}

func rename(fsys FS, from, to string) error {
	if err := fsys.Rename(from, to); err != nil {
		return failed("rename "+fault.QuoteWhole(from)+" to", to, err)
	}
	return nil
}

// undo gives the path back to the old file, as far as that has lost it. It may be killed
// at any moment, and repeated: the names that there are tell how far it has come.
func (m *move) undo(fsys FS) error {
	aside, err := there(fsys, m.Aside)
	if err != nil {
		return err
	}
	waits, err := there(fsys, m.New)
	if err != nil {
		return err
	}
	now, err := there(fsys, m.Path)
	if err != nil {
		return err
	}
	if aside != nil && now != nil && os.SameFile(aside, now) { // its second name
		if err := fsys.Remove(m.Aside); err != nil {
			return failed("remove", m.Aside, err)
		}
		return nil
	}
	if m.New != "" && waits == nil && now != nil && (aside != nil || m.Aside == "") {
		if err := m.takeBack(fsys); err != nil {
			return err
		}
	}
	if aside != nil {
		return rename(fsys, m.Aside, m.Path)
	}
	return nil
}

// takeBack gives the new file the name that it had.
func (m *move) takeBack(fsys FS) error {
	if !m.Link {
		return rename(fsys, m.Path, m.New)
	}
	if err := fsys.Link(m.Path, m.New); err != nil {
		return failed("give a second name to", m.Path, err)
	}
	return nil
}
