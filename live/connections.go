package live

import (
	"os"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// pinned counts the connections of our own that hold a view of a database.
var pinned = struct {
	sync.Mutex
	of map[fileKey]int
}{of: make(map[fileKey]int)}

func countPin(file fileKey, by int) {
	pinned.Lock()
	defer pinned.Unlock()
	if pinned.of[file] += by; pinned.of[file] == 0 {
		delete(pinned.of, file)
	}
}

// otherConnection says which other connection of this process may hold a newer
// index. Of one that vxsnap knows that can be asked. The others are counted by
// their descriptors, of the WAL where there is one: SQLite closes that with the
// connection, and one of the database perhaps later.
func (cn *Conn) otherConnection(file fileKey, path string, wal bool) (who string, err error) {
	if registered, err := cn.hasModule(vectorlite.Module); err != nil || !registered && !vectorliteMapped() {
		return "", err // nobody in this process has an index in memory
	}
	counted := file
	if wal {
		var ok bool
		if counted, ok = keyOf(path + "-wal"); !ok {
			return "", nil // nobody has read the database
		}
	}
	open := 0
	err = eachDescriptor(func(fd int, st *unix.Stat_t) {
		if identityOf(st).file == counted {
			open++
		}
	})
	if err != nil {
		return "", err
	}
	pinned.Lock()
	open -= pinned.of[file]
	pinned.Unlock()
	ours, err := cn.opened(file)
	if err != nil {
		return "", err
	}
	known, who := cn.askKnown(file, wal)
	if who == "" && open > ours+known {
		who = "another connection of this process (without vxsnap)"
	}
	return who, nil
}

// opened counts the schemas of the connection that are in a file.
func (cn *Conn) opened(file fileKey) (n int, err error) {
	names, err := cn.schemas()
	for _, name := range names {
		if key, ok := keyOf(cn.db.Filename(name)); ok && key == file {
			n++
		}
	}
	return n, err
}

// askKnown asks the other connections that vxsnap knows on a database: how many
// have it open, and which may hold a newer index, because it changed something
// since its last flush. They belong to other threads, so that nothing is asked that
// would run one of their callbacks. While conns is locked none of them ends.
func (cn *Conn) askKnown(file fileKey, wal bool) (open int, who string) {
	conns.Lock()
	defer conns.Unlock()
	for _, other := range conns.of {
		if other == cn || other.main != file {
			continue
		}
		if other.changed() { // SQLite reads a counter for that, without a lock
			return open, "another connection of this process"
		}
		read := !wal || other.read.Load()
		if !read && !other.db.TryLocked(func() { _, read = other.db.JournalFile("main") }) {
			who = "another connection of this process (which is busy)"
		}
		if read {
			open++
		}
	}
	return open, who
}

// vectorliteMapped reports whether this process has vectorlite loaded.
func vectorliteMapped() bool {
	maps, err := os.ReadFile("/proc/self/maps")
	return err != nil || strings.Contains(string(maps), vectorlite.Module)
}
