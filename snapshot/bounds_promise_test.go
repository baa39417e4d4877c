package snapshot_test

import (
	"archive/tar"
	"bytes"
	"errors"
	"testing"

	"github.com/vxsnap/vxsnap/snapshot"
)

// No file of a snapshot may have a name that SQLite takes for a part of the
// database.
func TestMetadataNameOfAJournal(t *testing.T) {
	for _, name := range []string{"database.db-wal", "database.db-journal", "database.db-shm"} {
		o := parse(t, smallMetadata(t))
		file(o, 1)["file_name"] = name
		seal(o)
		_, err := snapshot.DecodeMetadata([]byte(encode(t, o)))
		want := "metadata files[1]: file_name is '" + name + "'; the first file is 'database.db', and no other name begins like it"
		if err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %q", name, err, want)
		}
	}
}

// Metadata that says it is too long is not waited for, nor is memory taken for it.
func TestTarMetadataTooLong(t *testing.T) {
	out := new(bytes.Buffer)
	w := tar.NewWriter(out)
	if err := w.WriteHeader(&tar.Header{Name: "metadata.json", Size: snapshot.MaxMetadataSize + 1, Mode: 0o600}); err != nil {
		t.Fatal(err)
	}
	const want = "metadata is 16777217 bytes long, at most 16777216 are read"
	if _, err := readTar(out); !errors.Is(err, snapshot.ErrDamaged) || err.Error() != want {
		t.Errorf("got %v, want %q", err, want)
	}
}
