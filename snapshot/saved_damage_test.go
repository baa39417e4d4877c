package snapshot_test

import (
	"bytes"
	"errors"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/vxsnap/vxsnap/snapshot"
)

// A saved file that was cut at any byte is incomplete.
func TestSavedTruncated(t *testing.T) {
	for how, whole := range tiny().compressions(t, 512) {
		for n := range len(whole) {
			rows, err := savedRows(bytes.NewReader(whole[:n]))
			if !errors.Is(err, snapshot.ErrIncomplete) || !strings.HasPrefix(err.Error(), "'x.tar': ") || !isOneLine(err.Error()) {
				t.Fatalf("%s, cut to %d of %d bytes: %d rows, %v", how, n, len(whole), len(rows), err)
			}
		}
	}
}

// No changed byte gives other rows that verify calls ok.
func TestSavedDamaged(t *testing.T) {
	for how, whole := range tiny().compressions(t, 512) {
		want, err := savedRows(bytes.NewReader(whole))
		if err != nil {
			t.Fatal(err)
		}
		same := essence(want)
		for at := range whole {
			damaged := slices.Clone(whole)
			damaged[at] ^= 0x41
			rows, err := savedRows(bytes.NewReader(damaged))
			if err != nil {
				if !strings.HasPrefix(err.Error(), "'x.tar': ") || !isOneLine(err.Error()) ||
					!errors.Is(err, snapshot.ErrDamaged) && !errors.Is(err, snapshot.ErrIncomplete) {
					t.Fatalf("%s, byte %d changed: %q", how, at, err)
				}
				continue
			}
			if !slices.Equal(essence(rows), same) && verify(t, nil, rows) == "ok" {
				t.Fatalf("%s, byte %d changed: other rows are ok", how, at)
			}
		}
	}
}

// Only zeros may follow, as tar writes them.
func TestSavedIsFollowed(t *testing.T) {
	const more = "'x.tar': other bytes than zeros follow the end of the tar stream"
	f := small()
	for how, whole := range f.compressions(t, smallChunk) {
		for _, zeros := range []int{1, 511, 512, 10240, 100000} {
			rest := make([]byte, zeros)
			if how == "zstd" {
				rest = through(t, rest, "zstd", "-c")
			}
			rows, err := savedRows(bytes.NewReader(slices.Concat(whole, rest)))
			wantRows(t, how, f, smallChunk, rows, err)
			rest = append(make([]byte, zeros), 'x')
			if how == "zstd" {
				rest = through(t, rest, "zstd", "-c")
			}
			for name, r := range map[string]io.Reader{"whole": bytes.NewReader(slices.Concat(whole, rest)), "byte by byte": iotest.OneByteReader(bytes.NewReader(slices.Concat(whole, rest)))} {
				if _, err := savedRows(r); err == nil || err.Error() != more || !errors.Is(err, snapshot.ErrDamaged) {
					t.Errorf("%s, %d zeros and a byte, %s: %v", how, zeros, name, err)
				}
			}
		}
		for _, zeros := range []int{mib, mib + 1, 100 * mib} {
			rest := make([]byte, zeros)
			if how == "zstd" {
				rest = through(t, rest, "zstd", "-c")
			}
			const most = "'x.tar': more than 1048576 zeros follow the end of the tar stream, must be at most so many; cut the file there"
			in := bytes.NewReader(slices.Concat(whole, rest))
			if rows, err := savedRows(in); zeros == mib {
				wantRows(t, how, f, smallChunk, rows, err)
			} else if err == nil || err.Error() != most || !errors.Is(err, snapshot.ErrDamaged) || how == "plain" && in.Len() < zeros-2*mib {
				t.Errorf("%s, %d zeros, of which %d are left: %v", how, zeros, in.Len(), err)
			}
		}
		if _, err := savedRows(bytes.NewReader(slices.Concat(whole, whole))); err == nil || err.Error() != more {
			t.Errorf("%s, twice: %v", how, err)
		}
		failing := io.MultiReader(bytes.NewReader(whole), iotest.ErrReader(errDisk))
		if _, err := savedRows(failing); !errors.Is(err, errDisk) {
			t.Errorf("%s, a disk that fails at the end: %v", how, err)
		}
	}
	whole := f.compressions(t, smallChunk)
	if _, err := savedRows(bytes.NewReader(slices.Concat(whole["zstd"], []byte("a text")))); !errors.Is(err, snapshot.ErrDamaged) {
		t.Errorf("a text after the frames: %v", err)
	}
	// Frames that hold nothing, and those to be skipped, are no bytes.
	skipped := []byte("\x50\x2a\x4d\x18\x03\x00\x00\x00abc")
	empty := through(t, nil, "zstd", "-c")
	rows, err := savedRows(bytes.NewReader(slices.Concat(skipped, empty, whole["zstd"], empty, skipped)))
	wantRows(t, "among empty frames", f, smallChunk, rows, err)
}

// What is no saved snapshot says so in a sentence that names the file.
func TestSavedForeign(t *testing.T) {
	const none = "'x.tar': where metadata.json should be there is no entry of a tar stream"
	const short = "'x.tar': incomplete: the stream ends before metadata.json is whole"
	packed := func(program string) string {
		return "'x.tar': it is compressed with " + program + ", must be a tar file, plain or compressed with zstd; decompress it with " + program + " -d first"
	}
	text := []byte(strings.Repeat("It is no snapshot.\n", 100))
	database := through(t, nil, "sh", "-c", "cd "+t.TempDir()+" && sqlite3 a.db 'CREATE TABLE t(a)' >&2 && cat a.db")
	dir := t.TempDir()
	through(t, []byte("x"), "sh", "-c", "cat >"+filepath.Join(dir, "file"))
	for name, c := range map[string]struct {
		in   []byte
		want string
	}{
		"empty":              {nil, short},
		"one byte":           {[]byte("x"), short},
		"zeros":              {make([]byte, 10240), short},
		"a text":             {text, none},
		"a short text":       {text[:100], short},
		"a gzip":             {through(t, text, "gzip", "-c"), packed("gzip")},
		"a gzipped snapshot": {through(t, small().tar(t, snapshot.Options{}), "gzip", "-c"), packed("gzip")},
		"one of xz":          {[]byte("\xFD7zXZ\x00\x00\x04"), packed("xz")},
		"one of bzip2":       {[]byte("BZh91AY&SY"), packed("bzip2")},
		"the start of one":   {[]byte("\x1F\x8B"), packed("gzip")},
		"a database":         {database, none},
		"another tar":        {through(t, nil, "tar", "-C", dir, "-cf", "-", "file"), "'x.tar': the next entry must be the file metadata.json, but is 'file'"},
		"a compressed text":  {through(t, text, "zstd", "-c"), none},
		"compressed twice":   {through(t, small().tar(t, snapshot.Options{Compress: snapshot.CompressBlocks}), "zstd", "-c"), none},
		"nothing compressed": {through(t, nil, "zstd", "-c"), short},
	} {
		rows, err := savedRows(bytes.NewReader(c.in))
		if err == nil || len(rows) > 0 || c.want != "" && err.Error() != c.want || !strings.HasPrefix(err.Error(), "'x.tar': ") {
			t.Errorf("%s: %d rows, %v, want %s", name, len(rows), err, c.want)
		} else if !errors.Is(err, snapshot.ErrDamaged) && !errors.Is(err, snapshot.ErrIncomplete) {
			t.Errorf("%s: %v is of no kind", name, err)
		}
	}
}

// An error of the disk, at whichever byte, is that error.
func TestSavedReaderFails(t *testing.T) {
	for how, whole := range tiny().compressions(t, 512) {
		for n := range len(whole) + 1 {
			r := io.MultiReader(bytes.NewReader(whole[:n]), iotest.ErrReader(errDisk))
			if _, err := savedRows(r); !errors.Is(err, errDisk) || errors.Is(err, snapshot.ErrDamaged) || !strings.HasPrefix(err.Error(), "'x.tar': read ") {
				t.Fatalf("%s, failing after %d of %d bytes: %v", how, n, len(whole), err)
			}
			if n > 10 {
				continue
			}
			r = io.MultiReader(bytes.NewReader(whole[:n]), &failsOnce{})
			if _, err := savedRows(r); !errors.Is(err, errDisk) {
				t.Errorf("%s, failing once after %d bytes: %v", how, n, err)
			}
		}
	}
}

// failsOnce is a reader that fails, and then is at its end.
type failsOnce struct{ failed bool }

func (f *failsOnce) Read([]byte) (int, error) {
	if f.failed {
		return 0, io.EOF
	}
	f.failed = true
	return 0, errDisk
}
