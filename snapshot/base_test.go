package snapshot_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/vxsnap/vxsnap/snapshot"
)

// A base is asked for one file at a time, and each is closed.
func TestBaseFilesAreClosed(t *testing.T) {
	rows := tonight().increment(t, small(), 512)
	base := &countingBase{Base: small().base()}
	if got := verdict(t, rows, base); got != "ok" {
		t.Fatal(got)
	}
	if _, err := restore(filepath.Join(t.TempDir(), "out"), snapshot.RestoreOptions{Base: base}, rows); err != nil {
		t.Fatal(err)
	}
	if base.open != 0 || base.most != 1 {
		t.Errorf("%d files are open, and there were %d at once", base.open, base.most)
	}
}

type countingBase struct {
	snapshot.Base
	open, most int
}

type countedFile struct {
	snapshot.BaseFile
	b *countingBase
}

func (b *countingBase) OpenBase(name string) (snapshot.BaseFile, error) {
	f, err := b.Base.OpenBase(name)
	if err != nil {
		return nil, err
	}
	b.open++
	b.most = max(b.most, b.open)
	return countedFile{f, b}, nil
}

func (f countedFile) Close() { f.b.open-- }

// The first bytes of a base are copied by the system where it can, and by hand where it
// cannot: from a base that is no file.
func TestCopyFrom(t *testing.T) {
	want := noise(3, 3*mib+5)
	base := memoryBase{"a": want}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a"), want, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, from := range map[string]snapshot.Base{"by hand": base, "by the system": fileBase(dir)} {
		for _, n := range []int{0, 1, mib, len(want)} {
			f, err := snapshot.OS.Create(filepath.Join(t.TempDir(), "to"))
			if err != nil {
				t.Fatal(err)
			}
			in, err := from.OpenBase("a")
			if err != nil {
				t.Fatal(err)
			}
			if err := f.CopyFrom(in, int64(n), func() error { return nil }); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			got := make([]byte, len(want))
			if m, _ := f.ReadAt(got, 0); m != n || !bytes.Equal(got[:n], want[:n]) {
				t.Errorf("%s: got %d bytes of %d, or others", name, m, n)
			}
			stop := errors.New("stop")
			if err := f.CopyFrom(in, int64(n), func() error { return stop }); n > 0 && !errors.Is(err, stop) {
				t.Errorf("%s: interrupted: %v", name, err)
			}
			if err := f.CopyFrom(in, int64(len(want)+1), func() error { return nil }); err == nil {
				t.Errorf("%s: more bytes than there are", name)
			}
			in.Close()
			f.Close()
		}
	}
}
