package c_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/vxsnap/vxsnap/c"
)

// A file that is open apart is read, and shows nowhere among the descriptors of the
// process.
func TestApart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	want := bytes.Repeat([]byte("0123456789"), 300000)
	if err := os.WriteFile(path, want, 0o600); err != nil {
		t.Fatal(err)
	}
	before := descriptors(t)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			f, err := c.OpenApart(path)
			if err != nil {
				t.Error(err)
				return
			}
			defer f.Close()
			if st, err := f.Stat(); err != nil || st.Size != int64(len(want)) {
				t.Errorf("Stat: %d bytes, %v", st.Size, err)
			}
			got, err := io.ReadAll(io.NewSectionReader(f, 0, 1<<40))
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("%d bytes, %v", len(got), err)
			}
		})
	}
	all.Wait()
	f, err := c.OpenApart(path)
	if err != nil {
		t.Fatal(err)
	}
	if now := descriptors(t); now != before {
		t.Errorf("%d descriptors, before %d", now, before)
	}
	f.Close()
}

// What is open apart is copied by the system, to the same place of a file that is open here.
func TestApartCopy(t *testing.T) {
	dir := t.TempDir()
	want := bytes.Repeat([]byte("0123456789"), 300000)
	if err := os.WriteFile(filepath.Join(dir, "f"), want, 0o400); err != nil {
		t.Fatal(err)
	}
	from, err := c.OpenApart(filepath.Join(dir, "f"))
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	to, err := os.OpenFile(filepath.Join(dir, "to"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer to.Close()
	if err := os.Remove(to.Name()); err != nil { // it is the file that counts, not its name
		t.Fatal(err)
	}
	for _, off := range []int64{1 << 20, 0} {
		for at := off; at < min(off+1<<20, int64(len(want))); {
			n, err := from.CopyTo(to, at, min(1<<20, off+1<<20-at))
			if err != nil || n <= 0 || n > 1<<20 {
				t.Fatal(n, err)
			}
			at += n
		}
	}
	got, err := io.ReadAll(io.NewSectionReader(to, 0, 1<<40))
	if err != nil || !bytes.Equal(got, want[:2<<20]) {
		t.Errorf("%d bytes, or others, %v", len(got), err)
	}
	if n, err := from.CopyTo(to, int64(len(want)), 1); n != 0 || err != nil {
		t.Errorf("behind the end: %d, %v", n, err)
	}
	to.Close()
	if _, err := from.CopyTo(to, 0, 1); err == nil {
		t.Error("a file that is closed")
	}
}

func descriptors(t *testing.T) int {
	names, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(names)
}

// To close it drops no lock, which to close any other descriptor of the file would.
func TestApartKeepsLocks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString("text"); err != nil {
		t.Fatal(err)
	}
	lock := unix.Flock_t{Type: unix.F_WRLCK, Start: 0, Len: 10}
	if err := unix.FcntlFlock(f.Fd(), unix.F_SETLK, &lock); err != nil {
		t.Fatal(err)
	}
	locked := func() bool { // as another process sees it: by an open file description
		g, err := os.OpenFile("/proc/self/fd/"+itoa(f.Fd()), os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		other := unix.Flock_t{Type: unix.F_WRLCK, Start: 0, Len: 10}
		err = unix.FcntlFlock(g.Fd(), unix.F_OFD_GETLK, &other)
		if err != nil {
			t.Fatal(err)
		}
		held := other.Type != unix.F_UNLCK
		kept = append(kept, g) // to close it would drop the lock
		return held
	}
	for range 3 {
		apart, err := c.OpenApart(path)
		if err != nil {
			t.Fatal(err)
		}
		to, err := os.OpenFile(filepath.Join(t.TempDir(), "to"), os.O_WRONLY|os.O_CREATE, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		if n, err := apart.CopyTo(to, 0, 4); n != 4 || err != nil {
			t.Fatal(n, err)
		}
		to.Close()
		apart.Close()
		if !locked() {
			t.Fatal("the lock is gone")
		}
	}
}

var kept []*os.File

func itoa(n uintptr) string {
	var b []byte
	for ; n > 0 || b == nil; n /= 10 {
		b = append([]byte{byte('0' + n%10)}, b...)
	}
	return string(b)
}

func TestApartErrors(t *testing.T) {
	dir := t.TempDir()
	if _, err := c.OpenApart(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	fifo := filepath.Join(dir, "fifo")
	if err := unix.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{dir, fifo, "/dev/null"} {
		if _, err := c.OpenApart(path); !errors.Is(err, c.ErrNotRegular) {
			t.Errorf("%s: %v", path, err)
		}
	}
}
