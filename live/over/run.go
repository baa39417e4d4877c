package over

import (
	"os"
	"path/filepath"
	"syscall"

	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/live"
)

// run executes the plan. After an error everything is as it was before, or the error wraps
// ErrHalfDone.
func (s *swap) run(idle *live.Idle) error {
	if err := s.raise(); err != nil {
		return both(err, s.backFromRaise())
	}
	if err := s.swapFiles(idle); err != nil {
		return both(err, s.undo())
	}
	if err := s.lift(); err != nil && isDirectory(s.barrier) { // a network may lose the answer
		return both(err, s.undo())
	}
	return nil
}

// backFromRaise undoes what there is of a barrier.
func (s *swap) backFromRaise() error {
	if isDirectory(s.barrier) {
		return s.undo()
	}
	return s.discard()
}

func (s *swap) swapFiles(idle *live.Idle) error {
	if !idle.Is(s.database) {
		return cannot("somebody else has replaced database %s meanwhile; restore again", fault.Quote(s.database))
	}
	// Who came before the barrier is seen now, and who comes later can read nothing.
	if err := idle.Check(); err != nil {
		return err
	}
	for i := range s.Moves {
		m := s.move(i, s.barrier)
		if err := m.do(s.fs); err != nil {
			return err
		}
	}
	if err := s.syncAll(); err != nil {
		return err
	}
	if err := s.list(); err != nil {
		return err
	}
	// Who opened the old file before it lost its name would go on with it.
	return idle.Check()
}

// finish makes the new name durable, and gives the directory of the old files to their
// owner. What cannot be tidied up harms nobody.
func (s *swap) finish() error {
	if err := s.syncFolder(); err != nil {
		return fault.New(ErrNotDurable, "the files of %s are replaced, but a power cut now may bring the old ones back: %w", fault.Quote(s.database), err)
	}
	_ = s.fs.RemoveAll(filepath.Join(s.before(), newFolder))
	if info, err := os.Lstat(s.database); err == nil {
		if stat, ok := info.Sys().(*syscall.Stat_t); ok && int(stat.Uid) != os.Geteuid() {
			_ = s.fs.Chown(s.before(), int(stat.Uid), int(stat.Gid))
		}
	}
	return nil
}

// list lists what was replaced, by where it will be when the barrier is lifted.
func (s *swap) list() error {
	for i := range s.Moves {
		m := s.move(i, s.before())
		f := File{Path: m.Path, New: m.New != ""}
		old, err := there(s.fs, s.move(i, s.barrier).Aside)
		if err != nil {
			return err
		}
		if old != nil {
			f.Before = m.Aside
		}
		if f.New || f.Before != "" {
			s.files = append(s.files, f)
		}
	}
	if s.Journal {
		s.files = append(s.files, File{Path: s.barrier, Before: filepath.Join(s.before(), filepath.Base(s.barrier))})
	}
	return nil
}
