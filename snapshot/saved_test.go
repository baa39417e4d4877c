package snapshot_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"testing/iotest"

	"github.com/vxsnap/vxsnap/snapshot"
)

// readSaved gives the rows of a saved file.
func readSaved(path string) (rows []snapshot.Row, err error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	return savedRows(in)
}

// savedRows gives the rows of a saved file, which is called 'x.tar'.
func savedRows(in io.Reader) (rows []snapshot.Row, err error) {
	s := snapshot.NewSavedReader(in, "x.tar", nil, nil)
	defer s.Close()
	for {
		more, err := s.Next()
		if err != nil || !more {
			return rows, err
		}
		row := *s.Row()
		row.Data = slices.Clone(row.Data)
		rows = append(rows, row)
	}
}

// tiny has little but what there must be.
func tiny() files { return files{noise(1, 1024), indexImage(2, 3)} }

// compressions are a snapshot of files as a saved file, in both ways.
func (f files) compressions(t testing.TB, chunk int64) map[string][]byte {
	return map[string][]byte{
		"plain": f.tar(t, snapshot.Options{ChunkSize: chunk}),
		"zstd":  f.tar(t, snapshot.Options{ChunkSize: chunk, Compress: snapshot.CompressBlocks}),
	}
}

// wantRows checks that these are the rows of a snapshot of files.
func wantRows(t *testing.T, what string, f files, chunk int64, rows []snapshot.Row, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	want := f.rows(t, chunk)
	if !slices.Equal(essence(rows[1:len(rows)-1]), essence(want[1:len(want)-1])) {
		t.Fatalf("%s: other rows", what)
	}
}

func TestSavedRoundTrip(t *testing.T) {
	for name, f := range shapes() {
		for _, chunk := range []int64{512, smallChunk, 65536, mib + 1} {
			for how, whole := range f.compressions(t, chunk) {
				rows, err := savedRows(bytes.NewReader(whole))
				wantRows(t, name+", "+how, f, chunk, rows, err)
				if name != "many blocks" {
					rows, err = savedRows(iotest.OneByteReader(bytes.NewReader(whole)))
					wantRows(t, name+", "+how+", byte by byte", f, chunk, rows, err)
				}
			}
		}
	}
}

// Whatever the usual programs have made of a saved file, it is the same snapshot.
func TestSavedAgain(t *testing.T) {
	f := files{slices.Concat(noise(1, mib), make([]byte, 9*mib)), indexImage(3, 400)}
	for how, whole := range f.compressions(t, 65536) {
		plain := whole
		if how == "zstd" {
			plain = through(t, whole, "zstd", "-dc")
		}
		for _, args := range [][]string{{"-1"}, {"-19"}, {"--fast"}, {"-5", "--no-check"}, {"-3", "-T2"}, {"-1", "--long=23"}} {
			rows, err := savedRows(bytes.NewReader(through(t, plain, "zstd", append(args, "-c")...)))
			wantRows(t, how, f, 65536, rows, err)
			if verify(t, nil, rows) != "ok" {
				t.Errorf("%s, zstd %v: not ok", how, args)
			}
		}
		// A frame may ask for more memory than is given to one.
		_, err := savedRows(bytes.NewReader(through(t, plain, "zstd", "--long=27", "-c")))
		const want = "'x.tar': read metadata.json: at byte 0 a zstd frame asks for a window of 134217728 bytes, at most 8388608 are given; decompress it with zstd -d --long=31 first"
		if !errors.Is(err, snapshot.ErrDamaged) || err.Error() != want {
			t.Errorf("zstd --long=27: got %v", err)
		}
	}
}

// The snapshot that tar has unpacked and packed again is the same.
func TestSavedAgainByTar(t *testing.T) {
	f, dir := small(), t.TempDir()
	whole := f.tar(t, snapshot.Options{ChunkSize: smallChunk})
	through(t, whole, "tar", "-C", dir, "-xf", "-")
	for _, format := range []string{"gnu", "pax", "ustar", "posix", "v7"} {
		for _, more := range [][]string{{}, {"--zstd"}, {"-b", "1"}, {"-b", "200"}} {
			out := filepath.Join(t.TempDir(), "again.tar")
			args := append([]string{"-C", dir, "--format", format, "-cf", out}, more...)
			command := exec.Command("tar", append(args, "metadata.json", "index_0.idx", "database.db", "END")...)
			if text, err := command.CombinedOutput(); err != nil {
				t.Fatalf("%s%v", text, err)
			}
			rows, err := readSaved(out)
			wantRows(t, format, f, smallChunk, rows, err)
			if verify(t, nil, rows) != "ok" {
				t.Errorf("%s %v: not ok", format, more)
			}
		}
	}
}
