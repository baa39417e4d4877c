package over

import (
	"os"

	"golang.org/x/sys/unix"

	"github.com/vxsnap/vxsnap/snapshot"
)

// FS is every file operation that changes something. Tests replace it to make the N-th
// operation fail; everybody else uses OS.
type FS interface {
	snapshot.FS
	// Link gives a file a second name, which nothing has.
	Link(oldName, newName string) error
	// Exchange exchanges two names.
	Exchange(a, b string) error
	// ReadFile reads a small file.
	ReadFile(name string) ([]byte, error)
}

// OS is the real file system.
var OS FS = osFS{snapshot.OS}

type osFS struct{ snapshot.FS }

func (osFS) Link(oldName, newName string) error { return os.Link(oldName, newName) }

func (osFS) Exchange(a, b string) error {
	return unix.Renameat2(unix.AT_FDCWD, a, unix.AT_FDCWD, b, unix.RENAME_EXCHANGE)
}

func (osFS) ReadFile(name string) ([]byte, error) { return os.ReadFile(name) }
