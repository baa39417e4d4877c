package live

import (
	"errors"

	"golang.org/x/sys/unix"
)

// accessList is the attribute that has a file's access list (acl(5)).
const accessList = "system.posix_acl_access"

// CopyAccessList gives a file the access list of another, or none; links are not followed. The
// mode has its mask in the place of the group's bits: without the list the group could do what
// the mask allows.
func CopyAccessList(from, to string) error {
	list := make([]byte, 64<<10) // as long as an attribute can be
	n, err := unix.Lgetxattr(from, accessList, list)
	switch {
	case errors.Is(err, unix.ENOTSUP):
		return nil
	case errors.Is(err, unix.ENODATA): // to may have one of its directory
		if err = unix.Lremovexattr(to, accessList); errors.Is(err, unix.ENODATA) || errors.Is(err, unix.ENOTSUP) {
			return nil
		}
		return err
	case err != nil:
		return err
	}
	return unix.Lsetxattr(to, accessList, list[:n], 0)
}
