package over

import (
	"fmt"
	"path/filepath"
	"time"

	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/live"
	"github.com/vxsnap/vxsnap/snapshot"
)

// prepare makes the plan, writes it down, and brings every new file to where one rename
// gives it its name. Everything is durable then, and nothing is replaced.
func (s *swap) prepare(m *snapshot.Metadata, x *indexes) error {
	journal, err := there(s.fs, s.barrier)
	if err != nil {
		return err
	}
	s.plan = plan{About: about, Version: planVersion, Database: s.base(), Journal: journal != nil}
	if s.Before, err = s.nameBefore(); err != nil {
		return err
	}
	for _, suffix := range []string{"-wal", "-shm"} {
		s.Moves = append(s.Moves, move{Path: s.short(s.database + suffix), Aside: s.base() + suffix})
	}
	for i := range x.files {
		if err := s.planIndex(&x.files[i]); err != nil {
			return err
		}
	}
	database := filepath.Join(newFolder, m.Files[len(m.Files)-1].Name)
	s.Moves = append(s.Moves, move{Path: s.short(s.database), New: database, Aside: s.base(), Link: true})
	if err := s.writePlan(); err != nil {
		return err
	}
	for i := range x.files {
		if err := s.stage(&x.files[i]); err != nil {
			return err
		}
	}
	for i := range s.Moves {
		if err := s.takeAfter(s.move(i, s.preparing)); err != nil {
			return err
		}
	}
	for _, directory := range []string{filepath.Join(s.preparing, newFolder), s.preparing, s.folder()} {
		if err := s.sync(directory); err != nil {
			return err
		}
	}
	return nil
}

// nameBefore gives the directory of the old files a name that nothing has.
func (s *swap) nameBefore() (string, error) {
	name := s.base() + ".before-" + time.Now().UTC().Format("20060102T150405Z")
	for n, try := 2, name; ; n++ {
		taken, err := there(s.fs, filepath.Join(s.folder(), try))
		if taken == nil || err != nil {
			return try, err
		}
		try = fmt.Sprintf("%s-%d", name, n)
	}
}

// short gives a path as a plan has it.
func (s *swap) short(path string) string {
	if filepath.Dir(path) == s.folder() {
		return filepath.Join("..", filepath.Base(path))
	}
	return path
}

// aside is where an old index file goes: to the old database, if it is in its folder.
// Another folder may be on another file system.
func (s *swap) aside(path string) string {
	name := filepath.Base(path)
	if filepath.Dir(path) == s.folder() && name != planName && name != newFolder {
		return name
	}
	return path + s.Before[len(s.base()):]
}

// staged is where the new file of an index waits.
func (s *swap) staged(f *index) string {
	if filepath.Dir(f.file) == s.folder() {
		return filepath.Join(newFolder, f.name)
	}
	return f.file + ".restoring"
}

// planIndex adds the moves of an index file, and of what a flush that was killed has left
// beside it.
func (s *swap) planIndex(f *index) error {
	m := move{Path: s.short(f.file)}
	if f.name != "" {
		m.New = s.staged(f)
	}
	if f.old {
		m.Aside = s.aside(f.file)
	}
	if filepath.IsAbs(m.New) {
		taken, err := there(s.fs, m.New)
		if err != nil {
			return err
		}
		if taken != nil {
			return cannot("%s is in the way of the new index file; remove it", fault.QuoteWhole(m.New))
		}
	}
	if m.New != "" || m.Aside != "" {
		s.Moves = append(s.Moves, m)
	}
	flushed := live.FlushAside(f.file)
	s.Moves = append(s.Moves, move{Path: s.short(flushed), Aside: s.aside(flushed)})
	return nil
}

func (s *swap) writePlan() error {
	text, err := s.encode()
	if err != nil {
		return err
	}
	path := filepath.Join(s.preparing, planName)
	f, err := s.fs.Create(path)
	if err != nil {
		return failed("make", path, err)
	}
	_, err = f.WriteAt(text, 0)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = s.fs.SyncFile(path, func() error { return nil })
	}
	if err == nil {
		err = s.fs.SyncDir(s.preparing)
	}
	if err != nil {
		return failed("write", path, err)
	}
	return nil
}
