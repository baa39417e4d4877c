package snapshot

import (
	"errors"

	"golang.org/x/sys/unix"
)

// renameNoReplace is the system call; tests let it fail.
var renameNoReplace = func(oldName, newName string) error {
	return unix.Renameat2(unix.AT_FDCWD, oldName, unix.AT_FDCWD, newName, unix.RENAME_NOREPLACE)
}

// RenameNew asks for a rename that replaces nothing, and where the file system has none,
// such as NFS, gives the file a second name and takes the first away.
func (osFS) RenameNew(oldName, newName string) error {
	for {
		switch err := renameNoReplace(oldName, newName); {
		case errors.Is(err, unix.EINTR):
		case unsupported(err):
			return linkNew(oldName, newName)
		default:
			return err
		}
	}
}
