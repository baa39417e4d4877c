package live

import (
	"time"

	"golang.org/x/sys/unix"
)

// A fileKey is what tells one file from another.
type fileKey struct{ dev, ino uint64 }

// keyOf gives that of the file that a path leads to; ok is false where there is none.
func keyOf(path string) (key fileKey, ok bool) {
	var st unix.Stat_t
	if path == "" || unix.Stat(path, &st) != nil {
		return fileKey{}, false
	}
	return fileKey{uint64(st.Dev), st.Ino}, true
}

// identity is what changes when a file is written to or replaced.
type identity struct {
	file         fileKey
	size         int64
	mtime, ctime unix.Timespec
}

func identityOf(st *unix.Stat_t) identity {
	return identity{fileKey{uint64(st.Dev), st.Ino}, st.Size, st.Mtim, st.Ctim}
}

// modifiedAt is the mtime in Unix milliseconds.
func (id *identity) modifiedAt() int64 { return time.Unix(id.mtime.Unix()).UnixMilli() }

// settled is how old a file's last change must be. The kernel stamps changes
// with a clock that may stand still for up to 10 ms, so a second change right
// after the first could leave the same times.
const settled = 20 * time.Millisecond

// settledCoarse is that where times are whole seconds.
const settledCoarse = 2 * time.Second

// settle waits until the last change of the file is so old that the next one
// shows, and gives the file as it is then; ok is false where changes do not end.
func settle(f interface{ stat() (unix.Stat_t, error) }) (id identity, ok bool, err error) {
	for range 5 {
		st, err := f.stat()
		if err != nil {
			return id, false, err
		}
		id = identityOf(&st)
		wait := settled
		if id.mtime.Nsec == 0 { // a file system that counts seconds (ext3), or two (FAT)
			wait = settledCoarse
		}
		age := time.Since(time.Unix(id.mtime.Unix()))
		if age < 0 || age > wait {
			return id, true, nil
		}
		time.Sleep(wait - age + time.Millisecond)
	}
	return id, false, nil
}
