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
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/vxsnap/vxsnap/snapshot"
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
		for _, chunk := range []int64{512, smallChunk, 4096, 1 << 20} {
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
