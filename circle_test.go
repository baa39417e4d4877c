package vxsnap_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/vxsnap/vxsnap"
	"github.com/vxsnap/vxsnap/snapshot"
)

const nearest = "SELECT group_concat(rowid) FROM v WHERE knn_search(e, knn_param(vector_from_json('[1, 2]'), 3))"

// withVectors makes a database whose vectors are in an index file, nobody having it open.
func withVectors(t *testing.T) (path string) {
	t.Helper()
	folder := t.TempDir()
	path = filepath.Join(folder, "app.db")
	db, conn := connect(t, vectorlite(), path,
		"CREATE VIRTUAL TABLE v USING vectorlite(e float32[2], hnsw(max_elements=100), '"+filepath.Join(folder, "v.idx")+"')",
		"INSERT INTO v(rowid, e) VALUES (1, vector_from_json('[1, 1]')), (2, vector_from_json('[2, 2]')), (3, vector_from_json('[9, 9]')), (4, vector_from_json('[7, 7]'))",
	)
	conn.Close()
	db.Close()
	return path
}

// All four verbs, plain and compressed: what is restored, and moved, finds what was saved.
func TestCircle(t *testing.T) {
	for _, compress := range []bool{false, true} {
		path := withVectors(t)
		var b bytes.Buffer
		from, err := vxsnap.Save(ctx, path, &b, vxsnap.SaveOptions{Compress: compress})
		if err != nil {
			t.Fatal(err)
		}
		if zstd := bytes.HasPrefix(b.Bytes(), []byte("\x28\xb5\x2f\xfd")); zstd != compress || from.SavedSize != int64(b.Len()) {
			t.Errorf("zstd is %v, %d bytes of %d", zstd, from.SavedSize, b.Len())
		}
		verified, err := vxsnap.Verify(ctx, bytes.NewReader(b.Bytes()), vxsnap.VerifyOptions{})
		if err != nil {
			t.Fatal(err)
		}
		out := filepath.Join(t.TempDir(), "out")
		restored, err := vxsnap.Restore(ctx, iotest.OneByteReader(bytes.NewReader(b.Bytes())), out, vxsnap.RestoreOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for what, info := range map[string]*snapshot.Info{"verified": verified, "restored": restored} {
			if info.ID != from.ID || info.Checksum != from.Checksum || info.Size != from.Size || !info.CreatedAt.Equal(from.CreatedAt) || info.SavedSize != from.SavedSize || len(info.Files) != 2 || info.Files[1].Name != "database.db" {
				t.Errorf("%s %+v, saved %+v", what, info, from)
			}
		}
		nothingLeft(t, out, "database.db", "index_0.idx")

		moved := filepath.Join(t.TempDir(), "moved")
		if err := os.Rename(out, moved); err != nil {
			t.Fatal(err)
		}
		if n, err := vxsnap.Relocate(ctx, moved); n != 1 || err != nil {
			t.Errorf("relocated %d, %v", n, err)
		}
		if n, err := vxsnap.Relocate(ctx, moved); n != 0 || err != nil {
			t.Errorf("relocated %d again, %v", n, err)
		}
		nothingLeft(t, moved, "database.db", "index_0.idx")
		_, conn := connect(t, vectorlite(), filepath.Join(moved, "database.db"))
		if got := text(t, conn, nearest); got != "1,2,4" {
			t.Errorf("found %s", got)
		}
	}
}

// The connection that holds vectors flushes them, and saves.
func TestConnWithVectors(t *testing.T) {
	path := withVectors(t)
	_, conn := connect(t, vectorlite(), path, "INSERT INTO v(rowid, e) VALUES (5, vector_from_json('[1, 2]'))")
	var b bytes.Buffer
	_, err := vxsnap.SaveConn(ctx, conn, &b, vxsnap.SaveOptions{})
	if !errors.Is(err, vxsnap.ErrHeld) || !errors.As(err, new(*vxsnap.Misuse)) || b.Len() > 0 {
		t.Errorf("before the flush: got %v and %d bytes, want ErrHeld", err, b.Len())
	}
	if n, err := vxsnap.FlushConn(ctx, conn); n != 1 || err != nil {
		t.Fatalf("flushed %d, %v", n, err)
	}
	// The path is open in a connection that changed something since it was opened.
	run(t, conn, "INSERT INTO v(rowid, e) VALUES (6, vector_from_json('[50, 50]'))")
	_, err = vxsnap.Save(ctx, path, &b, vxsnap.SaveOptions{})
	if !errors.Is(err, vxsnap.ErrHeld) || !strings.Contains(err.Error(), "another connection of this process may hold a newer index of table 'v'") {
		t.Errorf("by the path: got %v, want ErrHeld", err)
	}
	if n, err := vxsnap.FlushConn(ctx, conn); n != 1 || err != nil {
		t.Fatalf("flushed %d, %v", n, err)
	}
	b.Reset()
	if _, err := vxsnap.SaveConn(ctx, conn, &b, vxsnap.SaveOptions{}); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "out")
	if _, err := vxsnap.Restore(ctx, &b, out, vxsnap.RestoreOptions{}); err != nil {
		t.Fatal(err)
	}
	_, restored := connect(t, vectorlite(), filepath.Join(out, "database.db"))
	if got, want := text(t, restored, nearest), text(t, conn, nearest); got != want || !strings.HasPrefix(got, "5,") {
		t.Errorf("found %s, want %s", got, want)
	}
}

// A database in memory, and an attached one.
func TestConnInMemory(t *testing.T) {
	attached := database(t, 3)
	_, conn := connect(t, "sqlite3", ":memory:", append(fill(7), "ATTACH '"+attached+"' AS side")...)
	for schema, want := range map[string]string{"": "7", "side": "3"} {
		var b bytes.Buffer
		if _, err := vxsnap.SaveConn(ctx, conn, &b, vxsnap.SaveOptions{Schema: schema}); err != nil {
			t.Fatal(err)
		}
		out := filepath.Join(t.TempDir(), "out")
		if _, err := vxsnap.Restore(ctx, &b, out, vxsnap.RestoreOptions{}); err != nil {
			t.Fatal(err)
		}
		_, restored := connect(t, "sqlite3", filepath.Join(out, "database.db"))
		if got := text(t, restored, "SELECT count(*) FROM t"); got != want {
			t.Errorf("schema %q: %s rows, want %s", schema, got, want)
		}
	}
}
