package snapshot_test

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/vxsnap/vxsnap/snapshot"
)

func TestTarRefuses(t *testing.T) {
	rows := small().rows(t, smallChunk)
	metadata := rows[0].Metadata
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
	end := entry{"END", rows[smallEnd].Metadata, 0}
	const regular = ", must be a regular file with all its bytes"
	named := strings.NewReplacer("index_0.idx", "END").Replace
	for _, c := range []struct {
		name string
		in   io.Reader
		want string
	}{
		{"not a tar stream", strings.NewReader(strings.Repeat("no tar", 200)), "where metadata.json should be there is no entry of a tar stream"},
		{"empty", strings.NewReader(""), "incomplete: the stream ends before metadata.json is whole"},
		{"no entries", stream(), "incomplete: the stream ends before metadata.json is whole"},
		{"no metadata", stream(index, database, end), "the next entry must be the file metadata.json, but is 'index_0.idx'"},
		{"wrong order", stream(first, database, index, end), "the next entry must be the file index_0.idx, but is 'database.db'"},
		{"a directory", stream(first, entry{"index_0.idx", "", tar.TypeDir}), "entry index_0.idx is a directory" + regular},
		{"a directory's name", stream(first, entry{"index_0.idx/", "", tar.TypeDir}), "entry index_0.idx is a directory" + regular},
		{"another directory", stream(first, entry{"index/", "", tar.TypeDir}), "the next entry must be the file index_0.idx, but is 'index/'"},
		{"a hard link", stream(first, entry{"index_0.idx", "", tar.TypeLink}), "entry index_0.idx is a hard link" + regular},
		{"a symbolic link", stream(first, entry{"index_0.idx", "", tar.TypeSymlink}), "entry index_0.idx is a symbolic link" + regular},
		{"a pipe", stream(first, entry{"index_0.idx", "", tar.TypeFifo}), "entry index_0.idx is a pipe" + regular},
		{"a device", stream(first, entry{"index_0.idx", "", tar.TypeBlock}), "entry index_0.idx is a device" + regular},
		{"a terminal", stream(first, entry{"index_0.idx", "", tar.TypeChar}), "entry index_0.idx is a device" + regular},
		{"of another type", stream(first, entry{"index_0.idx", "", tar.TypeCont}), "entry index_0.idx is of the type '7'" + regular},
		{"short file", stream(first, entry{"index_0.idx", "x", 0}), "entry index_0.idx has 1 bytes, the metadata says 2040"},
		{"no END", stream(first, index, database), "incomplete: the stream ends before END is whole"},
		{"END too long", stream(first, index, database, entry{"END", strings.Repeat(" ", snapshot.MaxMetadataSize+1), 0}), "END is 16777217 bytes long, at most 16777216 are read"},
		{"more entries", stream(first, index, database, end, entry{"x'\n", "", 0}), "entry 'x''?' follows the entry END"},
		{"bad metadata", stream(entry{"metadata.json", "{", 0}), "metadata is not a JSON object: unexpected end of JSON input"},
		{"long metadata", stream(entry{"metadata.json", strings.Repeat(" ", snapshot.MaxMetadataSize+1), 0}), "metadata.json is 16777217 bytes long, at most 16777216 are read"},
		{"a file called END", stream(entry{"metadata.json", sealed(t, named(metadata)), 0}), "metadata files[0]: file_name 'END' is the same as 'END' where case does not count; it must be another"},
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
	metadata := files{noise(1, 1024)}.rows(t, 512)[0].Metadata
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
	if _, err := readTar(out); err == nil || err.Error() != "entry database.db is a sparse file, must be a regular file with all its bytes" {
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
	o := parse(t, files{noise(1, 1024)}.rows(t, 512)[0].Metadata)
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
	var err error
	got := allocated(func() { _, err = readTar(out) })
	if !errors.Is(err, snapshot.ErrIncomplete) {
		t.Error(err)
	}
	if got > 1<<20 {
		t.Errorf("%d bytes were allocated for a stream of %d", got, out.Len())
	}
}

func sealed(t *testing.T, metadata string) string {
	o := parse(t, metadata)
	seal(o)
	return encode(t, o)
}
