package live

import (
	"runtime/debug"
	"slices"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/vxsnap/vxsnap/internal/fault"
)

// otherSQLites are Go modules with a SQLite of their own, which zombiezen.com/go/sqlite
// has from the first.
var otherSQLites = []string{"modernc.org/sqlite", "github.com/ncruces/go-sqlite3"}

// linkedBeside is a SQLite that is in this program beside the one that we call, "" if
// there is none.
var linkedBeside = sync.OnceValue(func() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, module := range info.Deps {
			if slices.Contains(otherSQLites, module.Path) {
				return module.Path
			}
		}
	}
	return ""
})

// alone refuses a database file that another SQLite of this process may have open. Whoever
// of the two closes the file drops the locks of both (https://sqlite.org/howtocorrupt.html,
// 2.2): a commit could then change what a snapshot reads, and nothing would tell. Which of
// the two has a descriptor cannot be seen.
func alone(path string) error {
	other := linkedBeside()
	file, exists := keyOf(path)
	if other == "" || !exists {
		return nil
	}
	open := false
	if err := eachDescriptor(func(_ int, st *unix.Stat_t) { open = open || identityOf(st).file == file }); err != nil {
		return err
	}
	if open {
		return misuse("database %s is open in this process, which has %s beside github.com/mattn/go-sqlite3: two SQLites drop each other's locks; pass a connection of go-sqlite3, such as to vxsnap.SaveConn, or take the snapshot in another process", fault.Quote(path), other)
	}
	return nil
}
