package snapshot_test

import (
	"bytes"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/vxsnap/vxsnap/snapshot"
)

// shapes are snapshots of every shape that a tar stream has: with sizes about that of its
// blocks, empty files, several blocks of a stream.
func shapes() map[string]files {
	return map[string]files{
		"small":          small(),
		"empty database": {nil},
		"about a block":  {noise(1, 1024), noise(2, 511), noise(3, 512), noise(4, 513), nil, noise(5, 1)},
		"many blocks":    {slices.Concat(noise(1, 3*mib), make([]byte, 2*mib), noise(2, 512)), indexImage(3, 400)},
	}
}

// through gives what a program makes of some bytes.
func through(t testing.TB, in []byte, name string, args ...string) []byte {
	t.Helper()
	command := exec.Command(name, args...)
	command.Stdin, command.Stderr = bytes.NewReader(in), new(strings.Builder)
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%v: %v: %s", command.Args, err, command.Stderr)
	}
	return out
}

// wantTar checks that a stream is, to the byte, what archive/tar makes of the snapshot.
func wantTar(t *testing.T, stream []byte, f files, chunk int64) {
	t.Helper()
	got, err := readTar(bytes.NewReader(stream))
	if err != nil {
		t.Fatal(err)
	}
	want := f.rows(t, chunk)
	if diff := cmp.Diff(essence(want[1:len(want)-1]), essence(got[1:len(got)-1])); diff != "" {
		t.Fatalf("other rows: %.200s", diff)
	}
	if !bytes.Equal(writeTar(t, got), stream) {
		t.Fatal("archive/tar makes other bytes of the rows")
	}
}

// However it is read, the stream is the same; and compressed it is a stream for the
// programs that everybody has.
func TestTarStream(t *testing.T) {
	for name, f := range shapes() {
		for _, chunk := range []int64{512, smallChunk, 65536, mib + 1} {
			for _, c := range []snapshot.Compression{snapshot.CompressNothing, snapshot.CompressBlocks} {
				for how, read := range map[string]func(*snapshot.Tar) ([]byte, error){
					"WriteTo": func(r *snapshot.Tar) ([]byte, error) {
						b := new(bytes.Buffer)
						_, err := r.WriteTo(b)
						return b.Bytes(), err
					},
					"Read":         func(r *snapshot.Tar) ([]byte, error) { return io.ReadAll(r) },
					"byte by byte": func(r *snapshot.Tar) ([]byte, error) { return io.ReadAll(iotest.OneByteReader(r)) },
					"Read and WriteTo": func(r *snapshot.Tar) ([]byte, error) {
						b := new(bytes.Buffer)
						_, err := io.CopyN(b, r, 700)
						_, late := r.WriteTo(b)
						return b.Bytes(), errors.Join(err, late)
					},
				} {
					if how == "byte by byte" && name == "many blocks" && chunk != 65536 {
						continue // five million reads
					}
					opt := snapshot.Options{ChunkSize: chunk, Compress: c}
					stream, err := read(open(t, f.sources(), opt).Tar())
					if how == "Read and WriteTo" && errors.Is(err, io.EOF) {
						continue // it is shorter
					}
					if err != nil {
						t.Fatalf("%s, chunks of %d, %s: %v", name, chunk, how, err)
					}
					if c == snapshot.CompressBlocks {
						if name == "many blocks" && len(stream) > len(f[0])*2/3 {
							t.Errorf("chunks of %d: compressed to %d bytes", chunk, len(stream))
						}
						stream = through(t, stream, "zstd", "-dc")
					}
					wantTar(t, stream, f, chunk)
				}
			}
		}
	}
}

// tar restores a compressed stream by hand.
func TestTarCompressedByHand(t *testing.T) {
	f := small()
	packed := f.tar(t, snapshot.Options{ChunkSize: smallChunk, Compress: snapshot.CompressBlocks})
	if got, want := string(through(t, packed, "tar", "--zstd", "-tf", "-")), "metadata.json\nindex_0.idx\ndatabase.db\nEND\n"; got != want {
		t.Errorf("tar lists %q, want %q", got, want)
	}
	dir := t.TempDir()
	through(t, packed, "tar", "--zstd", "-C", dir, "--exclude=metadata.json", "--exclude=END", "-xf", "-")
	wantFiles(t, dir, f)
}

// After the end comes the end, and after Close no byte.
func TestTarEnd(t *testing.T) {
	for _, c := range []snapshot.Compression{snapshot.CompressNothing, snapshot.CompressBlocks} {
		s := open(t, small().sources(), snapshot.Options{Compress: c})
		stream := s.Tar()
		if _, err := stream.WriteTo(io.Discard); err != nil {
			t.Fatal(err)
		}
		if n, err := stream.Read(make([]byte, 1)); n != 0 || !isEnd(err) {
			t.Errorf("after the end: %d, %v", n, err)
		}
		if n, err := stream.WriteTo(io.Discard); n != 0 || err != nil {
			t.Errorf("after the end: %d bytes more, %v", n, err)
		}
		if s.Checksum() == (snapshot.Checksum{}) {
			t.Error("no checksum is known")
		}
		for _, came := range []int64{100, 4000} { // of the metadata, and of a file
			for how, read := range map[string]func(*snapshot.Tar) (int64, error){
				"Read":    func(r *snapshot.Tar) (int64, error) { return io.Copy(io.Discard, struct{ io.Reader }{r}) },
				"WriteTo": func(r *snapshot.Tar) (int64, error) { return r.WriteTo(io.Discard) },
			} {
				s := open(t, small().sources(), snapshot.Options{Compress: c})
				stream := s.Tar()
				if _, err := io.CopyN(io.Discard, struct{ io.Reader }{stream}, came); err != nil {
					t.Fatal(err)
				}
				s.Close() // what is left of a piece lies in memory that is released
				if n, err := read(stream); n != 0 || err == nil || err.Error() != "the snapshot is closed; take another one" {
					t.Errorf("after %d bytes and Close, %s: %d bytes, %v", came, how, n, err)
				}
			}
		}
	}
}
