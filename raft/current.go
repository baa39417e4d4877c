package raftsnap

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/google/renameio/v2"

	"github.com/vxsnap/vxsnap/snapshot"
)

// currentName is a symbolic link to the directory of a whole state.
const currentName = "current"

// statePrefix is how the name of a generation's directory begins.
const statePrefix = "state-"

// Current is the name, within the directory of the Store, of the state that the
// link called current leads to, "" if there is none.
//
// It leads to the state of an earlier run until this run has restored a
// snapshot or persisted one of its own, and then to that of this run; never to
// one that is half made, also where the process is killed. The state is for
// people who need to look: raft builds its own again at every start. Its
// database is whole. Its index files are as old as the last Snapshot or Restore,
// because vectorlite keeps newer vectors in memory, and one of them is cut if
// the process was killed just as vectorlite wrote it.
func (s *Store) Current() string {
	name, err := os.Readlink(filepath.Join(s.opt.Directory, currentName))
	if err != nil || filepath.Base(name) != name || !strings.HasPrefix(name, statePrefix) {
		return ""
	}
	return name
}

// point makes the link lead to a state, with one rename. After an error the link
// is what it was.
func (s *Store) point(name string) error {
	if err := renameio.Symlink(name, filepath.Join(s.opt.Directory, currentName)); err != nil {
		return err
	}
	if err := snapshot.OS.SyncDir(s.opt.Directory); err != nil {
		s.opt.Logger.Error("the link may not survive a loss of power", "link", currentName, "error", err)
	}
	return nil
}

// adopt makes the link lead to the state that is in use. It gives the name of
// what an earlier run left, "" if nothing: that is no longer needed.
func (s *Store) adopt() (earlier string, err error) {
	name := filepath.Base(s.state.directory)
	if s.Current() == name {
		return "", nil
	}
	if err := s.point(name); err != nil {
		return "", err
	}
	earlier, s.earlier = s.earlier, ""
	return earlier, nil
}

// discard removes a state that an earlier run left. The caller does not hold
// the lock: it may take long.
func (s *Store) discard(earlier string) {
	if earlier == "" {
		return
	}
	if err := os.RemoveAll(filepath.Join(s.opt.Directory, earlier)); err != nil {
		s.opt.Logger.Error("the state of an earlier run could not be removed", "state", earlier, "error", err)
	}
}

// sweep removes what an earlier run left half-made, or did not get to remove:
// all but the state that the link leads to.
func (s *Store) sweep() error {
	entries, err := os.ReadDir(s.opt.Directory)
	if err != nil {
		return err
	}
	s.earlier = s.Current()
	for _, e := range entries {
		name := strings.TrimPrefix(e.Name(), ".")
		ours := strings.HasPrefix(name, statePrefix) || name != e.Name() && strings.HasPrefix(name, currentName)
		if !ours || name == s.earlier {
			continue
		}
		if err := os.RemoveAll(filepath.Join(s.opt.Directory, e.Name())); err != nil {
			return err
		}
	}
	return nil
}
