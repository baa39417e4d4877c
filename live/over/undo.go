package over

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/live"
)

// undo brings the old files back below the barrier, and then takes that away. It may be
// killed at any moment, and repeated.
func (s *swap) undo() error {
	if err := s.tryUndo(); err != nil {
		return fault.New(ErrHalfDone, "a restore over %s stopped half-way, and nobody can open the database until its files are back: %w; mend that, and run vxsnap restore --over again", fault.QuoteWhole(s.database), err)
	}
	return s.discard()
}

func (s *swap) tryUndo() error {
	new, err := s.newDatabase()
	if err != nil {
		return err
	}
	if new != nil {
		defer new.Close()
	}
	for i := range slices.Backward(s.Moves) {
		m := s.move(i, s.barrier)
		if err := m.undo(s.fs); err != nil {
			return err
		}
	}
	if err := s.syncAll(); err != nil {
		return err
	}
	// Whoever has opened the new file would go on with one that has no name.
	if new != nil {
		if err := new.Check(); err != nil {
			return err
		}
	}
	return s.lower()
}

// newDatabase is the new file, which somebody may have opened if it had the name already.
func (s *swap) newDatabase() (*live.Idle, error) {
	m := s.move(len(s.Moves)-1, s.barrier)
	aside, err := there(s.fs, m.Aside)
	if err != nil {
		return nil, err
	}
	now, err := there(s.fs, m.Path)
	if err != nil {
		return nil, err
	}
	path := m.New
	if aside != nil && now != nil && !os.SameFile(aside, now) {
		path = m.Path
	}
	if new, err := there(s.fs, path); new == nil || err != nil {
		return nil, err
	}
	return live.NewIdle(path, s.stopped)
}

// discard removes what was prepared, and replaced nothing.
func (s *swap) discard() error {
	for i := range s.Moves {
		m := s.move(i, s.preparing)
		if m.New == "" || !filepath.IsAbs(s.Moves[i].New) {
			continue
		}
		if there, err := there(s.fs, m.New); err != nil || there == nil {
			continue
		}
		if err := s.fs.Remove(m.New); err != nil {
			return left(m.New, err)
		}
	}
	names, err := s.fs.ReadDir(s.preparing, -1)
	if err == nil {
		for _, name := range names {
			if name != planName && name != newFolder && !strings.HasPrefix(name, "."+newFolder+".vxsnap-") {
				return left(s.preparing, fmt.Errorf("%s in it is not of a restore", fault.Quote(name)))
			}
		}
		err = s.fs.RemoveAll(s.preparing)
	}
	if err != nil {
		return left(s.preparing, err)
	}
	return nil
}

func left(path string, err error) error {
	return fmt.Errorf("the database is as it was, but %s could not be removed: %w; remove it", fault.QuoteWhole(path), fault.Cause(err))
}
