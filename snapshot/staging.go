package snapshot

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/vxsnap/vxsnap/internal/fault"
)

// stage makes the staging directory: on the target's file system, so that a
// rename completes the restore, and hidden.
func (r *Restorer) stage() (err error) {
	if r.staging == "" {
		r.staging, err = r.mkdir()
	}
	return err
}

// unstage removes the staging directory: what is known to be there by its names, for
// which no descriptor is needed, and then whatever else is.
func (r *Restorer) unstage() error {
	for _, path := range r.files.paths {
		_ = r.opt.FS.Remove(path)
	}
	for _, folder := range slices.Backward(r.folders) {
		_ = r.opt.FS.Remove(r.staged(folder))
	}
	if r.opt.FS.Remove(r.staging) == nil {
		return nil
	}
	return r.opt.FS.RemoveAll(r.staging)
}

// mkdir makes a hidden directory beside the target.
func (r *Restorer) mkdir() (string, error) {
	staging := besides(r.target)
	err := r.opt.FS.Mkdir(staging)
	where := fault.Quote(filepath.Dir(r.target))
	switch {
	case errors.Is(err, syscall.EROFS), errors.Is(err, fs.ErrPermission):
		return "", fmt.Errorf("make a staging directory in %s: %w; name a directory elsewhere", where, fault.Cause(err))
	case err != nil:
		return "", fmt.Errorf("make a staging directory in %s: %w", where, fault.Cause(err))
	}
	return staging, nil
}

// besides gives a hidden name beside a path, for what gets the path later.
func besides(path string) string {
	parent, name := filepath.Split(path)
	const longest = 200 // leaves room for the random part within NAME_MAX
	name = strings.ToValidUTF8(name[:min(len(name), longest)], "")
	return filepath.Join(parent, "."+name+".vxsnap-"+randomHex())
}

// makeFolders makes the directories that a name needs below the staging directory,
// but those that are made.
func (r *Restorer) makeFolders(name string, made map[string]bool) error {
	for at, c := range name {
		folder := name[:at]
		if c != '/' || made[folder] {
			continue
		}
		if err := r.opt.Interrupted(); err != nil {
			return err
		}
		if err := r.opt.FS.Mkdir(r.staged(folder)); err != nil {
			return fmt.Errorf("make the folder %s: %w", folder, fault.Cause(err))
		}
		made[folder] = true
		r.folders = append(r.folders, folder)
	}
	return nil
}

// staged is the path of a file or folder of the snapshot while it is not finished.
func (r *Restorer) staged(name string) string {
	return filepath.Join(r.staging, filepath.FromSlash(name))
}

func randomHex() string {
	var random [8]byte
	rand.Read(random[:])
	return hex.EncodeToString(random[:])
}

// commit turns the checked staging directory into the target. Each step makes
// the one before it durable: bytes, then the names in the directory, its mode and
// its owner, then the directory's own name.
func (r *Restorer) commit() error {
	if err := r.relocate(); err != nil {
		return err
	}
	if err := r.files.close(); err != nil {
		return fmt.Errorf("close the restored files: %w", fault.Cause(err))
	}
	for i := range r.meta.Files {
		if err := r.opt.Interrupted(); err != nil {
			return err
		}
		name := r.meta.Files[i].Name
		if err := r.opt.FS.SyncFile(r.staged(name), r.opt.Interrupted); err != nil {
			return fmt.Errorf("sync %s: %w", name, fault.Cause(err))
		}
	}
	for _, folder := range slices.Backward(r.folders) {
		if err := r.opt.FS.SyncDir(r.staged(folder)); err != nil {
			return fmt.Errorf("sync the folder %s: %w", folder, fault.Cause(err))
		}
	}
	if err := r.takeAfter(r.staging); err != nil {
		return err
	}
	if err := r.opt.FS.SyncDir(r.staging); err != nil {
		return fmt.Errorf("sync the staging directory: %w", fault.Cause(err))
	}
	if err := r.opt.FS.Rename(r.staging, r.target); err != nil {
		return fmt.Errorf("rename the staging directory to %s: %w", fault.Quote(r.target), fault.Cause(err))
	}
	if err := r.opt.FS.SyncDir(filepath.Dir(r.target)); err != nil {
		// The rename may not last: the target must not look complete.
		r.staging = r.target
		return fmt.Errorf("sync the parent of %s: %w", fault.Quote(r.target), fault.Cause(err))
	}
	return nil
}
