package snapshot_test

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vxsnap/vxsnap/snapshot"
)

// writeTar writes rows as FORMAT.md says, with archive/tar alone.
func writeTar(t testing.TB, rows []snapshot.Row) []byte {
	t.Helper()
	out := new(bytes.Buffer)
	w := tar.NewWriter(out)
	var m snapshot.Metadata
	if err := json.Unmarshal([]byte(rows[0].Metadata), &m); err != nil {
		t.Fatal(err)
	}
	entry := func(name string, size int64, data string) {
		err := w.WriteHeader(&tar.Header{Name: name, Size: size, Mode: 0o600, ModTime: time.UnixMilli(m.CreatedAt).Truncate(time.Second), Format: tar.FormatPAX})
		if _, late := io.WriteString(w, data); err != nil || late != nil {
			t.Fatal(err, late)
		}
	}
	for _, r := range rows {
		switch {
		case r.Kind == snapshot.KindMetadata:
			entry("metadata.json", int64(len(r.Metadata)), r.Metadata)
		case r.Kind == snapshot.KindEnd:
			entry("END", int64(len(r.Metadata)), r.Metadata)
		case r.Offset == 0:
			size := m.Files[slices.IndexFunc(m.Files, func(f snapshot.File) bool { return f.Name == r.FileName })].Size
			entry(r.FileName, size, string(r.Data))
		default:
			w.Write(r.Data)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// tar is a snapshot of files as a tar stream.
func (f files) tar(t testing.TB, opt snapshot.Options) []byte {
	t.Helper()
	out := new(bytes.Buffer)
	n, err := open(t, f.sources(), opt).Tar().WriteTo(out)
	if err != nil || n != int64(out.Len()) {
		t.Fatalf("%d of %d bytes: %v", n, out.Len(), err)
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
		for _, chunk := range []int64{512, smallChunk, 4096, 1 << 20} {
			want := f.rows(t, chunk)
			whole := f.tar(t, snapshot.Options{ChunkSize: chunk})
			for how, r := range map[string]io.Reader{"whole": bytes.NewReader(whole), "byte by byte": iotest.OneByteReader(bytes.NewReader(whole))} {
				got, err := readTar(r)
				if err != nil {
					t.Fatalf("%s, chunks of %d, %s: %v", name, chunk, how, err)
				}
				if diff := cmp.Diff(essence(want[1:len(want)-1]), essence(got[1:len(got)-1])); diff != "" {
					t.Fatalf("%s, chunks of %d, %s: %s", name, chunk, how, diff)
				}
				if !bytes.Equal(writeTar(t, got), whole) || verify(t, nil, got) != "ok" {
					t.Fatalf("%s, chunks of %d, %s: archive/tar makes other bytes of the rows", name, chunk, how)
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

// The ordinary tools restore a snapshot.
func TestTarByHand(t *testing.T) {
	dir, f := t.TempDir(), small()
	command := exec.Command("sh", "-c", "tar xf - && rm metadata.json && grep -q checksum END && rm END")
	command.Dir, command.Stdin = dir, bytes.NewReader(writeTar(t, f.rows(t, smallChunk)))
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	wantFiles(t, dir, f)
	command = exec.Command("tar", "tf", "-")
	command.Stdin = bytes.NewReader(writeTar(t, f.rows(t, smallChunk)))
	names, err := command.Output()
	if want := "metadata.json\nindex_0.idx\ndatabase.db\nEND\n"; err != nil || string(names) != want {
		t.Errorf("tar tf lists %q, want %q: %v", names, want, err)
	}
}
