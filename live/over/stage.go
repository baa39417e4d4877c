package over

import (
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/live"
)

// stage brings the new file of an index into the folder of the old one, which may be on
// another file system.
func (s *swap) stage(f *index) error {
	if f.name == "" || !filepath.IsAbs(s.staged(f)) {
		return nil
	}
	from, to := filepath.Join(s.preparing, newFolder, filepath.FromSlash(f.name)), s.staged(f)
	err := s.fs.RenameNew(from, to)
	if errors.Is(err, unix.EXDEV) {
		if err = s.copyFile(from, to); err == nil {
			err = s.fs.Remove(from)
		}
	}
	if err == nil {
		err = s.fs.SyncDir(filepath.Dir(to))
	}
	if err != nil {
		return failed("bring the new index file to", to, err)
	}
	return nil
}

const copyBlock = 1 << 20

func (s *swap) copyFile(from, to string) (err error) {
	in, err := s.fs.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := s.fs.Create(to)
	if err != nil {
		return err
	}
	defer func() {
		if closed := out.Close(); err == nil {
			err = closed
		}
	}()
	buf := make([]byte, copyBlock)
	for at := int64(0); ; {
		if err := s.interrupted(); err != nil {
			return err
		}
		n, err := in.ReadAt(buf, at)
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if _, err := out.WriteAt(buf[:n], at); err != nil {
			return err
		}
		if at += int64(n); err != nil {
			return nil
		}
	}
}

// takeAfter gives a new file the owner, the mode and the access list of the old one, or of the database
// where there was none, and makes it durable.
func (s *swap) takeAfter(m move) error {
	if m.New == "" {
		return nil
	}
	like := m.Path
	info, err := there(s.fs, like)
	if err != nil {
		return err
	}
	if info == nil {
		like = s.database
		if info, err = s.fs.Lstat(s.database); err != nil {
			return failed("look at", s.database, err)
		}
	}
	made, err := s.fs.Lstat(m.New)
	if err != nil {
		return failed("look at", m.New, err)
	}
	must, ok := info.Sys().(*syscall.Stat_t)
	is, ok2 := made.Sys().(*syscall.Stat_t)
	if ok && ok2 && (must.Uid != is.Uid || must.Gid != is.Gid) {
		if err := s.fs.Chown(m.New, int(must.Uid), int(must.Gid)); err != nil {
			return cannot("%s belongs to user %d and group %d, which this process cannot give to the file that replaces it: %w; run this as that user", fault.QuoteWhole(m.Path), must.Uid, must.Gid, fault.Cause(err))
		}
	}
	// Afterwards, because a change of the owner clears bits of the mode.
	if err := s.fs.Chmod(m.New, info.Mode()&(fs.ModePerm|fs.ModeSetuid|fs.ModeSetgid|fs.ModeSticky)); err != nil {
		return failed("give its mode to", m.New, err)
	}
	if err := live.CopyAccessList(like, m.New); err != nil {
		return failed("give its access list to", m.New, err)
	}
	if err := s.fs.SyncFile(m.New, s.interrupted); err != nil {
		return failed("sync", m.New, err)
	}
	return nil
}
