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
// one that is half made, also after a crash. The state is for people who need to
// look: raft builds its own again at every start. Its index files are as old as
// the last Snapshot or Restore, because vectorlite keeps newer vectors in memory.
func (s *Store) Current() string {
	name, err := os.Readlink(filepath.Join(s.opt.Directory, currentName))
	if err != nil || filepath.Base(name) != name || !strings.HasPrefix(name, statePrefix) {
		return ""
	}
	return name
}

// point makes the link lead to a state, with one rename.
func (s *Store) point(name string) error {
	if err := renameio.Symlink(name, filepath.Join(s.opt.Directory, currentName)); err != nil {
		return err
	}
	return snapshot.OS.SyncDir(s.opt.Directory)
}

// adopt makes the link lead to the state that is in use. What an earlier run
// left is then no longer needed.
func (s *Store) adopt() error {
	name := filepath.Base(s.state.directory)
	if s.Current() == name {
		return nil
	}
	if err := s.point(name); err != nil {
		return err
	}
	if s.earlier == "" {
		return nil
	}
	err := os.RemoveAll(filepath.Join(s.opt.Directory, s.earlier))
	s.earlier = ""
	return err
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
