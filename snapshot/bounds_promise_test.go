package snapshot_test

import (
	"archive/tar"
	"bytes"
	"errors"
	"testing"

	"github.com/vxsnap/vxsnap/snapshot"
)

// Metadata that says it is too long is not waited for, nor is memory taken for it.
func TestTarMetadataTooLong(t *testing.T) {
	out := new(bytes.Buffer)
	w := tar.NewWriter(out)
	if err := w.WriteHeader(&tar.Header{Name: "metadata.json", Size: snapshot.MaxMetadataSize + 1, Mode: 0o600}); err != nil {
		t.Fatal(err)
	}
	const want = "metadata.json is 16777217 bytes long, at most 16777216 are read"
	if _, err := readTar(out); !errors.Is(err, snapshot.ErrDamaged) || err.Error() != want {
		t.Errorf("got %v, want %q", err, want)
	}
}
