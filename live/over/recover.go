package over

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/vxsnap/vxsnap/internal/fault"
)

// What Recover has found.
const (
	FoundNothing  = ""          // no restore stopped half-way
	FoundPrepared = "prepared"  // one that had replaced nothing; what it had made was removed
	FoundHalfDone = "half-done" // one that had begun to replace files; the old ones are back
)

// HalfDone reports whether a restore over a database stopped after it had begun to replace
// files, or goes on now: then nobody can open the database.
func HalfDone(database string) bool {
	path, err := resolve(database)
	if err != nil {
		return false
	}
	_, err = os.Lstat(filepath.Join(namesOf(path).barrier, planName))
	return err == nil
}

// Recover brings the old files back where a restore over a database was killed, and says
// what it has found. It may be killed itself, and repeated. ErrRunning says that a restore
// is going on, live.ErrInUse that somebody has opened the database meanwhile.
func Recover(ctx context.Context, database string, opt Options) (found string, err error) {
	path, err := resolve(database)
	if err != nil {
		return FoundNothing, err
	}
	if err := ctx.Err(); err != nil {
		return FoundNothing, err
	}
	return recoverAt(namesOf(path), opt.orDefault())
}

func recoverAt(n names, opt Options) (found string, err error) {
	s := &swap{names: n, fs: opt.FS, stopped: opt.Stopped}
	if isDirectory(n.barrier) {
		lock, err := lockDirectory(n.barrier)
		if err != nil {
			return FoundNothing, err
		}
		defer lock.Close()
		if s.plan, err = readPlan(s.fs, n.barrier); err != nil {
			return FoundNothing, fault.New(ErrHalfDone, "%s is a directory, so that nobody can open the database, and has no plan that can be read: %w; see what is in it", fault.QuoteWhole(n.barrier), err)
		}
		if s.Database != n.base() {
			return FoundNothing, fault.New(ErrHalfDone, "the plan in %s is of a database %s; give the files the names that they had", fault.QuoteWhole(n.barrier), fault.Quote(s.Database))
		}
		return FoundHalfDone, s.undo()
	}
	if !isDirectory(n.preparing) {
		return FoundNothing, nil
	}
	lock, err := lockDirectory(n.preparing)
	if err != nil {
		return FoundNothing, err
	}
	defer lock.Close()
	// Without a plan nothing is elsewhere.
	if s.plan, err = readPlan(s.fs, n.preparing); err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, ErrHalfDone) {
		return FoundNothing, err
	}
	return FoundPrepared, s.discard()
}

func isDirectory(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.IsDir()
}

// resolve gives the path of a database's file, which must be there.
func resolve(database string) (string, error) {
	if database == "" {
		return "", cannot("'' is not the name of a database; name the file that is to be replaced")
	}
	path, err := filepath.Abs(database)
	if err == nil {
		path, err = filepath.EvalSymlinks(path)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return "", cannot("there is no database %s to replace; restore to a directory instead", fault.Quote(database))
	}
	if err != nil {
		return "", failed("look at database", database, err)
	}
	info, err := os.Lstat(path)
	if err != nil {
		return "", failed("look at database", database, err)
	}
	if !info.Mode().IsRegular() {
		return "", cannot("%s is not a regular file; name the database that is to be replaced", fault.Quote(database))
	}
	return path, nil
}

// oneName refuses a file with several names: who uses another one would not see the barrier,
// and go on with the old file.
func oneName(path string) error {
	info, err := os.Lstat(path)
	if err != nil {
		return failed("look at database", path, err)
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); ok && stat.Nlink > 1 {
		return cannot("database %s has %d names (hard links), of which one would lead to the new file; remove the others", fault.Quote(path), stat.Nlink)
	}
	return nil
}
