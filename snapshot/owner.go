package snapshot

import (
	"fmt"
	"io/fs"

	"github.com/vxsnap/vxsnap/internal/fault"
)

// takeAfter gives a directory the owner, the group and the mode of the one that
// it will replace. It comes as late as possible: until then nobody else can reach
// the files that are being written.
func (r *Restorer) takeAfter(directory string) error {
	if r.replaced == nil {
		return nil
	}
	info, err := r.opt.FS.Lstat(directory)
	if err != nil {
		return fmt.Errorf("look at the staging directory: %w", fault.Cause(err))
	}
	if is, must := statOf(info), statOf(r.replaced); is != nil && must != nil && (is.Uid != must.Uid || is.Gid != must.Gid) {
		if err := r.opt.FS.Chown(directory, int(must.Uid), int(must.Gid)); err != nil {
			return target("directory %s belongs to user %d and group %d, which this process cannot give to the directory that replaces it: %w; name a directory that does not exist yet",
				fault.Quote(r.target), must.Uid, must.Gid, fault.Cause(err))
		}
	}
	// Afterwards, because a change of the owner clears bits of the mode.
	mode := r.replaced.Mode() & (fs.ModePerm | fs.ModeSetuid | fs.ModeSetgid | fs.ModeSticky)
	if err := r.opt.FS.Chmod(directory, mode); err != nil {
		return target("the mode %v of directory %s cannot be given to the directory that replaces it: %w; name a directory that does not exist yet", mode, fault.Quote(r.target), fault.Cause(err))
	}
	return nil
}

// tryTakeAfter does so to a directory that it removes again: what is not allowed
// shows before the first row, not after the last.
func (r *Restorer) tryTakeAfter() error {
	if r.replaced == nil {
		return nil
	}
	directory, err := r.mkdir()
	if err != nil {
		return err
	}
	err = r.takeAfter(directory)
	switch left := r.opt.FS.RemoveAll(directory); {
	case left == nil:
		return err
	case err == nil:
		return fmt.Errorf("remove directory %s, which was made for a trial: %w", fault.Quote(directory), fault.Cause(left))
	default:
		return fmt.Errorf("%w; and directory %s, which was made for a trial, could not be removed: %w", err, fault.Quote(directory), fault.Cause(left))
	}
}
