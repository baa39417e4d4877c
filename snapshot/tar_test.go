package snapshot_test

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

func writeTar(t testing.TB, rows []snapshot.Row) []byte {
	t.Helper()
	out := new(bytes.Buffer)
	w := snapshot.NewTarWriter(out)
	for i := range rows {
		if err := w.Add(&rows[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func readTar(r io.Reader) (rows []snapshot.Row, err error) {
	err = snapshot.ReadTar(r, func(row *snapshot.Row) error {
		kept := *row
		kept.Data = slices.Clone(row.Data)
		rows = append(rows, kept)
		return nil
	})
	return rows, err
}

func TestTarRoundTrip(t *testing.T) {
	for name, f := range map[string]files{"small": small(), "database alone": small()[:1], "empty database": {nil}} {
		for _, chunk := range []int64{1, 7, smallChunk, 512, 1 << 20} {
			want := f.rows(t, chunk)
			whole := writeTar(t, want)
			for how, r := range map[string]io.Reader{"whole": bytes.NewReader(whole), "byte by byte": iotest.OneByteReader(bytes.NewReader(whole))} {
				got, err := readTar(r)
				if err != nil {
					t.Fatalf("%s, chunks of %d, %s: %v", name, chunk, how, err)
				}
				if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
					t.Fatalf("%s, chunks of %d, %s: %s", name, chunk, how, diff)
				}
			}
		}
	}
}

// The stream ends where ReadTar says: what follows is the caller's.
func TestTarReadsNoFurther(t *testing.T) {
	r := strings.NewReader(string(writeTar(t, small().rows(t, smallChunk))) + "more")
	if _, err := readTar(r); err != nil {
		t.Fatal(err)
	}
	if rest, _ := io.ReadAll(r); string(rest) != "more" {
		t.Errorf("%q is left, want %q", rest, "more")
	}
}

// A stream cut at any byte is incomplete.
func TestTarTruncated(t *testing.T) {
	whole := writeTar(t, small().rows(t, smallChunk))
	for n := range len(whole) {
		_, err := readTar(bytes.NewReader(whole[:n]))
		if !errors.Is(err, snapshot.ErrIncomplete) || !isOneLine(err.Error()) {
			t.Fatalf("cut to %d of %d bytes: %v", n, len(whole), err)
		}
	}
}

// No changed byte gives other rows that verify calls ok.
func TestTarDamaged(t *testing.T) {
	want := small().rows(t, smallChunk)
	whole := writeTar(t, want)
	for at := range whole {
		damaged := slices.Clone(whole)
		damaged[at] ^= 0x41
		got, err := readTar(bytes.NewReader(damaged))
		if err != nil {
			if !isOneLine(err.Error()) {
				t.Fatalf("byte %d changed: %q", at, err)
			}
			continue
		}
		if verify(t, nil, got) == "ok" && !cmp.Equal(essence(got), essence(want)) && got[0].Metadata == want[0].Metadata {
			t.Fatalf("byte %d changed: other rows are ok", at)
		}
	}
}

func TestTarRefuses(t *testing.T) {
	metadata := small().rows(t, smallChunk)[0].Metadata
	type entry struct {
		name, data string
		kind       byte
	}
	stream := func(entries ...entry) io.Reader {
		out := new(bytes.Buffer)
		w := tar.NewWriter(out)
		for _, e := range entries {
			w.WriteHeader(&tar.Header{Name: e.name, Size: int64(len(e.data)), Typeflag: e.kind, Mode: 0o600})
			io.WriteString(w, e.data)
		}
		w.Close()
		return out
	}
	f := small()
	first, database, index := entry{"metadata.json", metadata, 0}, entry{"database.db", string(f[0]), 0}, entry{"index_0.idx", string(f[1]), 0}
	end := entry{"END", "", 0}
	named := strings.NewReplacer("index_0.idx", "END").Replace
	for _, c := range []struct {
		name string
		in   io.Reader
		want string
	}{
		{"not a tar stream", strings.NewReader(strings.Repeat("no tar", 200)), "where metadata.json should be there is no entry of a tar stream"},
		{"empty", strings.NewReader(""), "incomplete: the stream ends before metadata.json is whole"},
		{"no entries", stream(), "incomplete: the stream ends before metadata.json is whole"},
		{"no metadata", stream(database, index, end), "the next entry must be the file metadata.json, but is 'database.db'"},
		{"wrong order", stream(first, index, database, end), "the next entry must be the file database.db, but is 'index_0.idx'"},
		{"a directory", stream(first, entry{"database.db", "", tar.TypeDir}), "the next entry must be the file database.db, but is 'database.db'"},
		{"short file", stream(first, entry{"database.db", "x", 0}), "entry database.db has 1 bytes, the metadata says 1024"},
		{"no END", stream(first, database, index), "incomplete: the stream ends before END is whole"},
		{"END with bytes", stream(first, database, index, entry{"END", "x", 0}), "entry END has 1 bytes, must be empty"},
		{"more entries", stream(first, database, index, end, entry{"x'\n", "", 0}), "entry 'x''?' follows the entry END"},
		{"bad metadata", stream(entry{"metadata.json", "{", 0}), "metadata is not a JSON object: unexpected end of JSON input"},
		{"long metadata", stream(entry{"metadata.json", strings.Repeat(" ", snapshot.MaxMetadataSize+1), 0}), "metadata is 16777217 bytes long, at most 16777216 are read"},
		{"a file called END", stream(entry{"metadata.json", sealed(t, named(metadata)), 0}), "a tar stream cannot have a file_name 'END'"},
	} {
		_, err := readTar(c.in)
		if err == nil || err.Error() != c.want {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		} else if !errors.Is(err, snapshot.ErrDamaged) && !errors.Is(err, snapshot.ErrIncomplete) {
			t.Errorf("%s: %v is of no kind", c.name, err)
		}
	}
}

// A sparse entry could make a full disk out of a few bytes.
func TestTarSparse(t *testing.T) {
	out := new(bytes.Buffer)
	w := tar.NewWriter(out)
	metadata := small().rows(t, smallChunk)[0].Metadata
	w.WriteHeader(&tar.Header{Name: "metadata.json", Size: int64(len(metadata)), Mode: 0o600})
	io.WriteString(w, metadata)
	w.Flush()
	// archive/tar does not write sparse files: what GNU tar would write, by hand.
	records := "22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n36 GNU.sparse.name=database.db\n28 GNU.sparse.realsize=1024\n"
	sparse := "0\n"
	raw := tar.NewWriter(out)
	for _, e := range []struct {
		kind       byte
		name, data string
	}{{'x', "x", fixLengths(records)}, {'0', "GNUSparseFile.0/database.db", sparse + strings.Repeat("\x00", 512-len(sparse))}} {
		block := make([]byte, 512)
		copy(block, e.name)
		copy(block[100:], "0000600\x000000000\x000000000\x00")
		copy(block[124:], fmt.Sprintf("%011o\x0000000000000\x00", len(e.data)))
		copy(block[148:], "        ")
		block[156] = e.kind
		copy(block[257:], "ustar\x0000")
		sum := 0
		for _, b := range block {
			sum += int(b)
		}
		copy(block[148:], fmt.Sprintf("%06o\x00 ", sum))
		out.Write(block)
		out.WriteString(e.data + strings.Repeat("\x00", (512-len(e.data)%512)%512))
	}
	raw.Close()
	if _, err := readTar(out); err == nil || err.Error() != "entry database.db is sparse, must have all its bytes" {
		t.Errorf("a sparse entry: %v", err)
	}
}

// fixLengths puts the right length before each PAX record.
func fixLengths(records string) (fixed string) {
	for line := range strings.Lines(records) {
		_, record, _ := strings.Cut(line, " ")
		n := len(record) + 1
		n += len(fmt.Sprint(n + len(fmt.Sprint(n))))
		fixed += fmt.Sprintf("%d %s", n, record)
	}
	return fixed
}

// What is allocated for a chunk is what came, not what the metadata says.
func TestTarBelievesBytesOnly(t *testing.T) {
	o := parse(t, files{noise(1, 1024)}.rows(t, 100)[0].Metadata)
	const size = 200 << 20
	o["chunk_size"], o["total_size"] = 256<<20, size
	file(o, 0)["file_size"] = size
	seal(o)
	out := new(bytes.Buffer)
	w := tar.NewWriter(out)
	metadata := encode(t, o)
	w.WriteHeader(&tar.Header{Name: "metadata.json", Size: int64(len(metadata)), Mode: 0o600})
	io.WriteString(w, metadata)
	w.WriteHeader(&tar.Header{Name: "database.db", Size: size, Mode: 0o600})
	w.Write(make([]byte, 5000)) // and no more
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := readTar(out); !errors.Is(err, snapshot.ErrIncomplete) {
		t.Error(err)
	}
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > 1<<20 {
		t.Errorf("%d bytes were allocated for a stream of %d", got, out.Len())
	}
}

func sealed(t *testing.T, metadata string) string {
	o := parse(t, metadata)
	seal(o)
	return encode(t, o)
}

func TestTarWriterRefuses(t *testing.T) {
	rows := small().rows(t, smallChunk)
	for _, c := range []struct {
		name string
		rows []snapshot.Row
		want string
	}{
		{"no rows", nil, "incomplete: no rows"},
		{"no end row", rows[:smallEnd], "incomplete: no end row after seq 14"},
		{"no metadata row", rows[1:], "row with seq 1 came where seq 0 must; a tar stream is written in order"},
		{"a gap", slices.Concat(rows[:3], rows[4:]), "row with seq 4 came where seq 3 must; a tar stream is written in order"},
		{"twice", slices.Concat(rows[:3], rows[2:]), "row with seq 2 came where seq 3 must; a tar stream is written in order"},
	} {
		w := snapshot.NewTarWriter(io.Discard)
		for i := range c.rows {
			if err := w.Add(&c.rows[i]); err != nil {
				break
			}
		}
		if err := w.Close(); err == nil || err.Error() != c.want {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
}

// An error of the writer comes out of Add or Close, whichever byte it hits.
func TestTarWriterFails(t *testing.T) {
	rows := small().rows(t, smallChunk)
	whole := writeTar(t, rows)
	for n := range len(whole) {
		w := snapshot.NewTarWriter(&failingWriter{n})
		for i := range rows {
			if w.Add(&rows[i]) != nil {
				break
			}
		}
		if err := w.Close(); !errors.Is(err, errDisk) {
			t.Fatalf("with room for %d of %d bytes: %v", n, len(whole), err)
		}
	}
}

type failingWriter struct{ room int }

func (w *failingWriter) Write(p []byte) (int, error) {
	n := min(len(p), w.room)
	w.room -= n
	if n < len(p) {
		return n, errDisk
	}
	return n, nil
}

func TestTarReaderFails(t *testing.T) {
	whole := writeTar(t, small().rows(t, smallChunk))
	for n := range len(whole) {
		r := io.MultiReader(bytes.NewReader(whole[:n]), iotest.ErrReader(errDisk))
		if _, err := readTar(r); !errors.Is(err, errDisk) {
			t.Fatalf("failing after %d of %d bytes: %v", n, len(whole), err)
		}
	}
}

// The ordinary tools restore a snapshot.
func TestTarByHand(t *testing.T) {
	dir, f := t.TempDir(), small()
	command := exec.Command("sh", "-c", "tar xf - && rm metadata.json && test ! -s END && rm END")
	command.Dir, command.Stdin = dir, bytes.NewReader(writeTar(t, f.rows(t, smallChunk)))
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	wantFiles(t, dir, f)
	command = exec.Command("tar", "tf", "-")
	command.Stdin = bytes.NewReader(writeTar(t, f.rows(t, smallChunk)))
	names, err := command.Output()
	if want := "metadata.json\ndatabase.db\nindex_0.idx\nEND\n"; err != nil || string(names) != want {
		t.Errorf("tar tf lists %q, want %q: %v", names, want, err)
	}
}

// A gigabyte through a pipe, into a directory, needs no gigabyte of memory.
func TestTarMemory(t *testing.T) {
	const size = 1 << 30
	source := snapshot.Source{
		File:   snapshot.File{Name: snapshot.DatabaseName, Type: snapshot.TypeDatabase, Size: size, PageSize: pageSize},
		Reader: zeroReader{},
	}
	s, err := snapshot.Open([]snapshot.Source{source}, snapshot.Options{ChunkSize: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	in, out := io.Pipe()
	go func() { out.CloseWithError(copyTar(out, s)) }()
	v := snapshot.NewVerifier(vectorlite.Check, nil, nil)
	defer v.Close()
	if err := snapshot.ReadTar(in, v.Add); err != nil {
		t.Fatal(err)
	}
	if verdict, err := v.Result(); err != nil || verdict != "ok" {
		t.Fatal(verdict, err)
	}
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > 16<<20 {
		t.Errorf("%d bytes were allocated for %d", got, int64(size))
	}
}

func copyTar(w io.Writer, s *snapshot.Stream) error {
	t := snapshot.NewTarWriter(w)
	for {
		ok, err := s.Next()
		if err != nil {
			return err
		}
		if !ok {
			return t.Close()
		}
		c := s.Row()
		row := snapshot.Row{Seq: c.Seq, Kind: c.Kind, FileName: c.FileName, Offset: c.Offset, Last: c.Last, Metadata: c.Metadata}
		if c.Kind == snapshot.KindChunk {
			if row.Data, err = s.Data(); err != nil {
				return err
			}
		}
		if err := t.Add(&row); err != nil {
			return err
		}
	}
}

type zeroReader struct{}

func (zeroReader) ReadAt(p []byte, _ int64) (int, error) {
	clear(p)
	return len(p), nil
}

// Any bytes give rows that verify and restore judge alike, or an error.
func FuzzReadTar(f *testing.F) {
	want := small().rows(f, smallChunk)
	whole := writeTar(f, want)
	f.Add(whole)
	f.Add(whole[:2048])
	f.Add(writeTar(f, small()[:1].rows(f, 1000)))
	f.Fuzz(func(t *testing.T, in []byte) {
		rows, err := readTar(bytes.NewReader(in))
		if err != nil {
			if !isOneLine(err.Error()) {
				t.Errorf("error %q", err)
			}
			return
		}
		verdict := verify(t, nil, rows)
		dir := filepath.Join(t.TempDir(), "out")
		if _, err := restore(dir, snapshot.RestoreOptions{FS: hastyFS{snapshot.OS}}, rows); (err == nil) != (verdict == "ok") {
			t.Errorf("verify says %q, restore %v", verdict, err)
		}
		if again := writeTar(t, rows); verdict == "ok" && len(again) == 0 {
			t.Error("cannot be written again")
		}
	})
}
