package snapshot_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// tonight is small with two other pages, another index, and one more.
func tonight() files {
	f := files{slices.Clone(small()[0]), small()[1], indexImage(7, 20)}
	copy(f[0][3*pageSize:], noise(9, pageSize))
	copy(f[0][16*pageSize:], noise(8, pageSize))
	return f
}

// A fileBase is a directory.
type fileBase string

type openBaseFile struct {
	*os.File
	size int64
}

func (f openBaseFile) Size() int64 { return f.size }
func (f openBaseFile) Close()      { f.File.Close() }

func (d fileBase) OpenBase(name string) (snapshot.BaseFile, error) {
	f, err := os.Open(filepath.Join(string(d), name))
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	return openBaseFile{f, info.Size()}, err
}

func (f files) directory(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	for i, b := range f {
		if err := os.WriteFile(filepath.Join(dir, f.name(i)), b, 0o400); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// A restore on a base whose operations fail, whichever it is, says so, leaves nothing, and
// has not touched the base.
func TestRestoreOnBaseEveryOperationFails(t *testing.T) {
	rows := tonight().increment(t, small(), 512)
	for _, cause := range []error{errDisk, syscall.ENOSPC, syscall.EIO} {
		for fail := 1; ; fail++ {
			parent, base := t.TempDir(), small().directory(t)
			dir := filepath.Join(parent, "out")
			disk := &tracingFS{FS: snapshot.OS, fail: fail, cause: cause}
			_, err := restore(dir, snapshot.RestoreOptions{FS: disk, Base: fileBase(base)}, rows)
			wantFiles(t, base, small())
			if len(disk.trace) < fail {
				if err != nil {
					t.Fatal(err)
				}
				if i := slices.IndexFunc(disk.trace, func(s string) bool { return strings.HasPrefix(s, "copy ") }); i < 0 {
					t.Error("nothing was copied")
				}
				wantFiles(t, dir, tonight())
				break
			}
			step := disk.trace[fail-1]
			if strings.HasPrefix(step, "lstat "+parent) && err == nil {
				continue // of the parent: what it hides shows in the next step
			}
			if !errors.Is(err, cause) || errors.Is(err, snapshot.ErrDamaged) || !isOneLine(err.Error()) {
				t.Errorf("%s fails: got %v, want the cause", step, err)
			}
			if left := list(t, parent); len(left) != 0 {
				t.Errorf("%s fails: left %q", step, left)
			}
		}
	}
}

// A failingBase cannot open or read files.
type failingBase struct {
	snapshot.Base
	open, read error
}

func (b failingBase) OpenBase(name string) (snapshot.BaseFile, error) {
	f, err := b.Base.OpenBase(name)
	if b.open != nil {
		err = b.open
	}
	if b.read != nil && err == nil {
		f = failingFile{f, b.read}
	}
	return f, err
}

type failingFile struct {
	snapshot.BaseFile
	err error
}

func (f failingFile) ReadAt([]byte, int64) (int, error) { return 0, f.err }

// A base that cannot be read is an error, and no verdict.
func TestBaseFails(t *testing.T) {
	rows := tonight().increment(t, small(), 512)
	for name, c := range map[string]struct {
		base            failingBase
		verify, restore string
	}{
		"open": {failingBase{open: errDisk}, "error: open index_0.idx of the base: disk trouble", "copy index_0.idx of the base: disk trouble"},
		"read": {failingBase{read: errDisk}, "error: read index_0.idx of the base at offset 0: disk trouble", "copy index_0.idx of the base: disk trouble"},
	} {
		c.base.Base = small().base()
		if got := verdict(t, rows, c.base); got != c.verify {
			t.Errorf("%s: verify: got %s, want %s", name, got, c.verify)
		}
		parent := t.TempDir()
		if _, err := restore(filepath.Join(parent, "out"), snapshot.RestoreOptions{Base: c.base}, rows); err == nil || err.Error() != c.restore {
			t.Errorf("%s: restore: got %v, want %s", name, err, c.restore)
		}
		if left := list(t, parent); len(left) != 0 {
			t.Errorf("%s: left %q", name, left)
		}
	}
}

// What a base lacks is named, by verify as by restore.
func TestBaseDoesNotFit(t *testing.T) {
	rows := tonight().increment(t, small(), 512)
	const on = "; the increment is on the rows of snap_"
	for _, c := range []struct {
		name   string
		change func(memoryBase)
		want   string
	}{
		{"no file", func(m memoryBase) { delete(m, "index_0.idx") }, "the base has no file index_0.idx" + on},
		{"a short one", func(m memoryBase) { m["index_0.idx"] = m["index_0.idx"][:1000] }, "index_0.idx of the base has 1000 bytes, of which the rows leave out those up to 2040" + on},
		{"another byte", func(m memoryBase) { m["database.db"] = slices.Concat(m["database.db"][:9000], noise(1, 1240)) }, "database.db: checksum mismatch: the end record says "},
		{"a longer one", func(m memoryBase) { m["database.db"] = append(slices.Clone(m["database.db"]), 1, 2) }, ""},
		{"another file", func(m memoryBase) { m["more.db"] = nil }, ""},
		{"other bytes where rows are", func(m memoryBase) {
			m["database.db"] = slices.Clone(m["database.db"])
			m["database.db"][3*pageSize] ^= 1
		}, ""},
	} {
		base := small().base()
		c.change(base)
		got := verdict(t, rows, base)
		dir := filepath.Join(t.TempDir(), "out")
		_, err := restore(dir, snapshot.RestoreOptions{Base: base}, rows)
		if c.want == "" {
			if got != "ok" || err != nil {
				t.Errorf("%s: got %s, %v, want ok", c.name, got, err)
			}
			wantFiles(t, dir, tonight())
			continue
		}
		if err == nil || !errors.Is(err, snapshot.ErrDamaged) || err.Error() != got || !strings.HasPrefix(got, c.want) {
			t.Errorf("%s:\n got %s\nand %v\nwant %s", c.name, got, err, c.want)
		}
	}
}

// An increment can be interrupted while a base is copied, and while it is read.
func TestRestoreOnBaseInterrupted(t *testing.T) {
	old := files{noise(1, 8*mib)}
	next := files{slices.Clone(old[0])}
	next[0][5] ^= 1
	rows := next.increment(t, old, 65536)
	if len(rows) != 3 {
		t.Errorf("the increment has %d rows, want 3", len(rows))
	}
	stop := errors.New("stop")
	for _, last := range []int{1, 2, 3, 5} {
		asked := 0
		opt := snapshot.RestoreOptions{Base: old.base(), Interrupted: func() error {
			if asked++; asked >= last {
				return stop
			}
			return nil
		}}
		parent := t.TempDir()
		if _, err := restore(filepath.Join(parent, "out"), opt, rows); !errors.Is(err, stop) || asked != last {
			t.Errorf("asked %d times, then %v", asked, err)
		}
		if left := list(t, parent); len(left) != 0 {
			t.Errorf("left %q", left)
		}
	}
	asked := 0
	v := snapshot.NewVerifier(vectorlite.Check, nil, func() error { asked++; return stop })
	defer v.Close()
	v.With(old.base())
	for i := range rows {
		if err := v.Add(&rows[i]); err != nil && !errors.Is(err, stop) {
			t.Fatal(err)
		}
	}
	if _, err := v.Result(); !errors.Is(err, stop) {
		t.Error(err)
	}
}
