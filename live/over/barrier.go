package over

import "path/filepath"

// A swap executes a plan.
type swap struct {
	names
	plan
	fs          FS
	stopped     bool // see Options
	interrupted func() error
	files       []File // what was replaced
}

// move gives the i-th move for the plan's directory under the name that it has now.
func (s *swap) move(i int, directory string) move {
	m := s.Moves[i]
	m.Path, m.New, m.Aside = at(directory, m.Path), at(directory, m.New), at(directory, m.Aside)
	return m
}

// journalAside is where the old rollback journal goes.
func (s *swap) journalAside() string { return filepath.Join(s.barrier, s.base()+"-journal") }

// raise gives the plan's directory the name of the rollback journal: from then on nobody
// can open the database. A journal that is there changes places with it.
func (s *swap) raise() error {
	if !s.Journal {
		if err := rename(s.fs, s.preparing, s.barrier); err != nil {
			return err
		}
		return s.syncFolder()
	}
	if err := s.fs.Exchange(s.preparing, s.barrier); err != nil {
		return failed("exchange its directory for", s.barrier, err)
	}
	if err := rename(s.fs, s.preparing, s.journalAside()); err != nil {
		return err
	}
	return both(s.syncFolder(), s.sync(s.barrier))
}

// lower takes the barrier away again, after everything else was undone.
func (s *swap) lower() error {
	aside, err := there(s.fs, s.journalAside())
	if err != nil {
		return err
	}
	if aside != nil {
		if err := rename(s.fs, s.journalAside(), s.preparing); err != nil {
			return err
		}
	}
	exchanged, err := there(s.fs, s.preparing)
	if err != nil {
		return err
	}
	if exchanged == nil {
		err = rename(s.fs, s.barrier, s.preparing)
	} else if err = s.fs.Exchange(s.preparing, s.barrier); err != nil {
		err = failed("exchange its directory for", s.barrier, err)
	}
	if err != nil {
		return err
	}
	return s.syncFolder()
}

// lift gives the directory its last name: from then on the new files are used.
func (s *swap) lift() error { return rename(s.fs, s.barrier, s.before()) }

// before is the path of the directory with the old files, at the end.
func (s *swap) before() string { return filepath.Join(s.folder(), s.Before) }

func (s *swap) syncFolder() error { return s.sync(s.folder()) }

func (s *swap) sync(directory string) error {
	if err := s.fs.SyncDir(directory); err != nil {
		return failed("sync", directory, err)
	}
	return nil
}

// syncAll makes what the moves have done durable.
func (s *swap) syncAll() error {
	synced := make(map[string]bool)
	for i := range s.Moves {
		m := s.move(i, s.barrier)
		for _, path := range []string{m.New, m.Aside, m.Path} {
			directory := filepath.Dir(path)
			if path == "" || synced[directory] {
				continue
			}
			synced[directory] = true
			if err := s.sync(directory); err != nil {
				return err
			}
		}
	}
	return nil
}
