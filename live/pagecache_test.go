package live_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/vxsnap/vxsnap/live"
	"github.com/vxsnap/vxsnap/snapshot"
)

// An observed is a file and which of its pages the system has in its page cache. It
// stays open to the end of the test: to close it would drop SQLite's locks.
type observed struct {
	t      *testing.T
	f      *os.File
	mapped []byte
}

const mib = 1 << 20

func observe(t *testing.T, path string) *observed {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	size, _ := f.Seek(0, io.SeekEnd)
	mapped, err := unix.Mmap(int(f.Fd()), 0, int(size), unix.PROT_NONE, unix.MAP_SHARED)
	if err != nil {
		t.Fatal(err)
	}
	o := &observed{t, f, mapped}
	t.Cleanup(func() { _ = unix.Munmap(mapped); f.Close() })
	// Nothing is read ahead through this descriptor.
	if err := errors.Join(f.Sync(), unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_RANDOM)); err != nil {
		t.Fatal(err)
	}
	return o
}

// pages says of each page whether it is there.
func (o *observed) pages() []bool {
	o.t.Helper()
	vec := make([]byte, (len(o.mapped)+os.Getpagesize()-1)/os.Getpagesize())
	if _, _, errno := unix.Syscall(unix.SYS_MINCORE, uintptr(unsafe.Pointer(&o.mapped[0])), uintptr(len(o.mapped)), uintptr(unsafe.Pointer(&vec[0]))); errno != 0 {
		o.t.Fatal(errno)
	}
	there := make([]bool, len(vec))
	for i, b := range vec {
		there[i] = b&1 != 0
	}
	return there
}

// warm has the pages in the cache for which that is wanted, and no others.
func (o *observed) warm(wanted func(page int) bool) {
	o.t.Helper()
	if err := unix.Fadvise(int(o.f.Fd()), 0, 0, unix.FADV_DONTNEED); err != nil {
		o.t.Fatal(err)
	}
	if there, _ := o.changed(make([]bool, len(o.pages()))); there > 0 {
		o.t.Fatalf("%d pages of %s stay in memory; set TMPDIR to a directory on a disk", there, o.f.Name())
	}
	b, page := make([]byte, mib), os.Getpagesize()
	for first, pages := 0, len(o.pages()); first < pages; first++ {
		n := 0 // bytes
		for ; n < len(b) && first+n/page < pages && wanted(first+n/page); n += page {
		}
		if _, err := o.f.ReadAt(b[:n], int64(first*page)); err != nil && err != io.EOF {
			o.t.Fatal(err)
		}
		first += max(0, n/page-1)
	}
}

// changed is how many pages came, and how many went.
func (o *observed) changed(before []bool) (came, went int) {
	for i, there := range o.pages() {
		switch {
		case there && !before[i]:
			came++
		case !there && before[i]:
			went++
		}
	}
	return came, went
}

// unchanged allows for a few pages that SQLite itself reads when it opens a database,
// and for a few that the system itself gives up.
func (o *observed) unchanged(what string, before []bool) {
	o.t.Helper()
	came, went := o.changed(before)
	hot, _ := o.changed(make([]bool, len(before)))
	hot += went - came
	if came > 128 || went > hot/8 {
		o.t.Errorf("%s: %d pages more are in memory and %d are no more, of %d", what, came, went, hot)
	}
}

func never(int) bool  { return false }
func always(int) bool { return true }

// largeDatabase makes one of 80 MiB, in WAL mode with some frames that are not in it.
func largeDatabase(t *testing.T, mode string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "app.db")
	conn := openFile(t, path)
	perform(t, conn, "PRAGMA journal_mode = "+mode, "PRAGMA synchronous = OFF", "CREATE TABLE t(a)",
		fmt.Sprintf("WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 80) INSERT INTO t SELECT zeroblob(%d) FROM n", mib),
		"PRAGMA wal_checkpoint(TRUNCATE)", "PRAGMA user_version = 1")
	if mode == "DELETE" {
		conn.Close()
	}
	return path
}

// A snapshot of a large database leaves it in memory as it was: cold, hot, in part, and
// where it ends early.
func TestPageCacheStays(t *testing.T) {
	for mode, reads := range map[string]string{"DELETE": "pin, rollback journal", "WAL": "pin, WAL, 1 pages from 1 frames"} {
		path := largeDatabase(t, mode)
		o := observe(t, path)
		for name, wanted := range map[string]func(int) bool{
			"cold": never, "hot": always,
			"in part": func(page int) bool { return page%33 == 0 || page > 5000 && page < 9000 },
		} {
			o.warm(wanted)
			before := o.pages()
			all, way, err := exported(path, "none")
			if err != nil || len(all) != len(o.mapped) || way != reads {
				t.Fatalf("%s, %s: got %d bytes, %q, %v, want %d, %q", mode, name, len(all), way, err, len(o.mapped), reads)
			}
			o.unchanged(mode+", "+name, before)
		}
	}
}

// A snapshot that ends early has thrown out what it read, and keeps the locks.
func TestPageCacheStaysWhenItEndsEarly(t *testing.T) {
	path := largeDatabase(t, "DELETE")
	o := observe(t, path)
	connection(t, "sqlite3", path, "BEGIN IMMEDIATE")
	o.warm(never)
	before := o.pages()
	held, err := live.HoldFile(path, "none")
	if err != nil {
		t.Fatal(err)
	}
	e, err := held.Export(0)
	if err != nil {
		t.Fatal(err)
	}
	stop := errors.New("stop")
	rows := 0
	err = e.Each(func(*snapshot.Row) error {
		if rows++; rows == 500 { // at 31 MiB
			return stop
		}
		return nil
	})
	if !errors.Is(err, stop) {
		t.Fatal(err)
	}
	if came, _ := o.changed(before); came < 128 {
		t.Errorf("%d pages are in memory while they are read: nothing was tested", came)
	}
	locked(t, "while it is read", path)
	e.Close()
	held.Close()
	o.unchanged("half of it", before)
	locked(t, "afterwards", path)
}

// zeros is a file that is not read.
type zeros struct{}

func (zeros) ReadAt(p []byte, _ int64) (int, error) { return len(p), nil }

// The descriptor is the one that SQLite has just opened, where there is one; once it
// is another file's, that one is left alone.
func TestPageCacheDescriptor(t *testing.T) {
	paths := []string{filepath.Join(t.TempDir(), "one"), filepath.Join(t.TempDir(), "other")}
	for _, path := range paths {
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(path, 80*mib); err != nil {
			t.Fatal(err)
		}
	}
	one, other := observe(t, paths[0]), observe(t, paths[1])
	one.warm(never)
	other.warm(always)
	before := other.pages()
	var opened *observed
	r, fd := live.Advised(paths[0], func() { opened = observe(t, paths[0]) }, zeros{})
	if fd != int(opened.f.Fd()) {
		t.Errorf("got descriptor %d, want %d, which was opened last, not %d", fd, opened.f.Fd(), one.f.Fd())
	}
	if _, again := live.Advised(paths[0], func() {}, zeros{}); again != int(one.f.Fd()) && again != int(opened.f.Fd()) {
		t.Errorf("got descriptor %d where none was opened, want %d or %d", again, one.f.Fd(), opened.f.Fd())
	}
	b := make([]byte, mib)
	for off := int64(0); off < 80*mib; off += mib {
		if _, err := r.ReadAt(b, off); err != nil {
			t.Fatal(err)
		}
		if off == 20*mib {
			if err := unix.Dup3(int(other.f.Fd()), fd, unix.O_CLOEXEC); err != nil {
				t.Fatal(err)
			}
		}
	}
	other.unchanged("another file", before)
}
