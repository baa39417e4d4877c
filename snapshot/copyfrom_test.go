package snapshot_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/vxsnap/vxsnap/snapshot"
)

// A systemBase is a directory whose files copy themselves.
type systemBase struct {
	fileBase
	copied *int64
}

type systemFile struct {
	snapshot.BaseFile
	copied *int64
}

func (b systemBase) OpenBase(name string) (snapshot.BaseFile, error) {
	f, err := b.fileBase.OpenBase(name)
	return systemFile{f, b.copied}, err
}

func (f systemFile) CopyTo(to *os.File, off, n int64) int64 {
	buf := make([]byte, min(n, 700))
	m, _ := f.ReadAt(buf, off)
	if _, err := to.WriteAt(buf[:m], off); err != nil {
		return 0
	}
	*f.copied += int64(m)
	return int64(m)
}

// A file of a base may copy itself.
func TestCopyFromSystemCopier(t *testing.T) {
	rows := tonight().increment(t, small(), 512)
	dir, copied := filepath.Join(t.TempDir(), "out"), int64(0)
	if _, err := restore(dir, snapshot.RestoreOptions{Base: systemBase{fileBase(small().directory(t)), &copied}}, rows); err != nil {
		t.Fatal(err)
	}
	wantFiles(t, dir, tonight())
	if want := int64(len(small()[0]) + len(small()[1])); copied != want {
		t.Errorf("the system copied %d bytes, want %d", copied, want)
	}
}

// Who copies asks every 8 MiB whether to go on.
func TestCopyFromAsks(t *testing.T) {
	dir := t.TempDir()
	const size = 64 * mib
	if err := errors.Join(os.WriteFile(dir+"/a", nil, 0o600), os.Truncate(dir+"/a", size)); err != nil {
		t.Fatal(err)
	}
	from, err := fileBase(dir).OpenBase("a")
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	to, err := snapshot.OS.Create(dir + "/to")
	if err != nil {
		t.Fatal(err)
	}
	defer to.Close()
	asked := 0
	if err := to.CopyFrom(from, size, func() error { asked++; return nil }); err != nil || asked < size/(8*mib) {
		t.Errorf("asked %d times, want %d at least; %v", asked, size/(8*mib), err)
	}
}
