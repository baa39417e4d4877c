package testkit

import (
	"encoding/binary"
	"testing"

	"golang.org/x/sys/unix"
)

const accessList = "system.posix_acl_access"

// SetAccessList gives a file an access list (linux/posix_acl_xattr.h), which it returns: the
// user 1234 can read and write, and the group nothing, though the mode shows rw, the mask, in
// its place.
func SetAccessList(t *testing.T, path string) string {
	t.Helper()
	list := binary.LittleEndian.AppendUint32(nil, 2)
	for _, entry := range [][3]uint32{{1, 6, ^uint32(0)}, {2, 6, 1234}, {4, 0, ^uint32(0)}, {0x10, 6, ^uint32(0)}, {0x20, 0, ^uint32(0)}} {
		list = binary.LittleEndian.AppendUint16(list, uint16(entry[0]))
		list = binary.LittleEndian.AppendUint16(list, uint16(entry[1]))
		list = binary.LittleEndian.AppendUint32(list, entry[2])
	}
	if err := unix.Setxattr(path, accessList, list, 0); err != nil {
		t.Fatal(err)
	}
	return string(list)
}

// AccessList is that of a file.
func AccessList(t *testing.T, path string) string {
	t.Helper()
	list := make([]byte, 1024)
	n, err := unix.Getxattr(path, accessList, list)
	if err != nil {
		t.Fatalf("the access list of %s: %v", path, err)
	}
	return string(list[:n])
}
