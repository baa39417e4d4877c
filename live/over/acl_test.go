package over_test

import (
	"bytes"
	"encoding/binary"
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/vxsnap/vxsnap/live/over"
)

// accessOf makes an access list (linux/posix_acl_xattr.h): the user 1234 can read and write,
// and the group nothing, though the mode shows rw, the mask, in its place.
func accessOf() []byte {
	list := binary.LittleEndian.AppendUint32(nil, 2)
	for _, entry := range [][3]uint32{{1, 6, ^uint32(0)}, {2, 6, 1234}, {4, 0, ^uint32(0)}, {0x10, 6, ^uint32(0)}, {0x20, 0, ^uint32(0)}} {
		list = binary.LittleEndian.AppendUint16(list, uint16(entry[0]))
		list = binary.LittleEndian.AppendUint16(list, uint16(entry[1]))
		list = binary.LittleEndian.AppendUint32(list, entry[2])
	}
	return list
}

// The new database has the access list of the old one.
func TestAccessList(t *testing.T) {
	const name = "system.posix_acl_access"
	a := shape{journal: "delete"}.build(t)
	if err := unix.Setxattr(a.database, name, accessOf(), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := a.restore(over.Options{}); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 1024)
	n, err := unix.Getxattr(a.database, name, got)
	if err != nil || !bytes.Equal(got[:n], accessOf()) {
		t.Errorf("the database has the access list %x, %v", got[:max(n, 0)], err)
	}
	if info, err := os.Stat(a.database); err != nil || info.Mode().Perm() != 0o660 {
		t.Errorf("%v, %v", info, err)
	}
}
