package live

import (
	"os"
	"strings"
	"sync"
	"time"
	"unsafe"

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
	for range 10 { // one of our own may be opened or closed just now
		if who, err = cn.countConnections(file, path, wal); who != unknownConnection && who != busyConnection {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	return who, err
}

const (
	unknownConnection = "another connection of this process (without vxsnap)"
	busyConnection    = "another connection of this process (which is busy)"
)

func (cn *Conn) countConnections(file fileKey, path string, wal bool) (who string, err error) {
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
		who = unknownConnection
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
// would run one of their callbacks, or wait for a cache that they share with
// others. While conns is locked none of them ends.
func (cn *Conn) askKnown(file fileKey, wal bool) (open int, who string) {
	conns.Lock()
	defer conns.Unlock()
	pagers := map[unsafe.Pointer]int{cn.pager: 1}
	for _, other := range conns.of {
		pagers[other.pager]++
	}
	for _, other := range conns.of {
		sameFile := other.main == file && file != fileKey{}
		shared := other.pager == cn.pager && cn.pager != nil
		if other == cn || other.private || !sameFile && !shared {
			continue
		}
		alone := pagers[other.pager] == 1
		changed, read := false, !wal || other.read.Load()
		asked := other.db.TryLocked(func() {
			if changed = other.changed(); alone && !read {
				_, read = other.db.JournalFile("main")
			}
		})
		switch {
		case changed:
			return open, "another connection of this process"
		case !asked:
			who = busyConnection
		case shared: // and the descriptors
		case !alone:
			who = "another connection of this process (in a shared cache)"
		case read:
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
