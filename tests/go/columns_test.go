package vxsnap_test

import (
	"bytes"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/vxsnap/vxsnap/internal/testkit"
)

// A manifest's first line.
type manifestHead struct {
	Version    int    `json:"version"`
	ChunkSize  int64  `json:"chunk_size"`
	SnapshotID string `json:"snapshot_id"`
	Checksum   string `json:"checksum"`
	Files      []struct {
		Name     string `json:"file_name"`
		Size     int64  `json:"file_size"`
		Checksum string `json:"checksum"`
	} `json:"files"`
}

// The hidden columns: a row's checksum is the SHA-256 of its data, and the manifest,
// which the end row alone has, is the digests of all of them under a line that says
// of what.
func TestHiddenColumns(t *testing.T) {
	file, _ := vectorTable(t, t.TempDir(), 20)
	bare := filepath.Join(t.TempDir(), "bare.db") // no page at all
	for _, name := range []string{file, bare, ":memory:"} {
		for _, chunkSize := range []int64{512, 1000, 4096, 1 << 20, 3 << 20} {
			hiddenColumns(t, open(t, name), chunkSize)
		}
	}
}

func hiddenColumns(t *testing.T, conn *sql.Conn, chunkSize int64) {
	rows, err := conn.QueryContext(t.Context(), "SELECT file_name, data, metadata_json, checksum, manifest FROM vx_snapshot_chunks(?)", chunkSize)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var digests, manifest []byte
	var records []string
	files := make(map[string][]byte)
	for rows.Next() {
		var name, metadata sql.NullString
		var data, checksum []byte
		if err := rows.Scan(&name, &data, &metadata, &checksum, &manifest); err != nil {
			t.Fatal(err)
		}
		if metadata.Valid {
			records = append(records, metadata.String)
		}
		if !name.Valid {
			if checksum != nil || (manifest != nil) != (len(records) == 2) {
				t.Errorf("a row without a file: checksum %x, manifest of %d bytes", checksum, len(manifest))
			}
			continue
		}
		if sum := sha256.Sum256(data); !bytes.Equal(checksum, sum[:]) || manifest != nil {
			t.Errorf("%s: checksum %x, want %x; manifest of %d bytes", name.String, checksum, sum, len(manifest))
		}
		digests = append(digests, checksum...)
		files[name.String] = append(files[name.String], data...)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	line, rest, _ := bytes.Cut(manifest, []byte("\n"))
	if !bytes.Equal(rest, digests) || len(digests) == 0 {
		t.Errorf("the manifest has %x, the rows %x", rest, digests)
	}
	var head, metadata, end manifestHead
	for text, to := range map[string]*manifestHead{string(line): &head, records[0]: &metadata, records[1]: &end} {
		if err := json.Unmarshal([]byte(text), to); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
	if head.Version != 1 || head.ChunkSize != chunkSize || head.SnapshotID != metadata.SnapshotID || head.Checksum != end.Checksum {
		t.Errorf("the manifest says %s of %s, %s", line, records[0], records[1])
	}
	sum := sha256.New()
	sum.Write([]byte(records[0]))
	if len(head.Files) != len(metadata.Files) || len(head.Files) != len(end.Files) {
		t.Fatalf("the manifest says %s of %s, %s", line, records[0], records[1])
	}
	for i, f := range head.Files {
		want := testkit.Checksum(files[f.Name], int(chunkSize))
		if f.Name != metadata.Files[i].Name || f.Size != int64(len(files[f.Name])) || f.Checksum != want || end.Files[i].Checksum != want {
			t.Errorf("%s: the manifest says %+v, the end record %+v, want %s", f.Name, f, end.Files[i], want)
		}
		sum.Write([]byte(want))
	}
	if got := hex.EncodeToString(sum.Sum(nil)); end.Checksum != got {
		t.Errorf("the snapshot's checksum is %s, want %s", end.Checksum, got)
	}
}
