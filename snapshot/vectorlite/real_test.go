package vectorlite_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	sqlite3 "github.com/mattn/go-sqlite3"

	"github.com/vxsnap/vxsnap/snapshot/hnsw"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

var register = sync.OnceFunc(func() {
	sql.Register("real vectorlite", &sqlite3.SQLiteDriver{Extensions: []string{os.Getenv("VECTORLITE")}})
})

// openReal opens a database with vectorlite itself in it.
func openReal(t *testing.T, path string) *sql.DB {
	t.Helper()
	if os.Getenv("VECTORLITE") == "" {
		t.Fatal("VECTORLITE does not name vectorlite.so: run make unit")
	}
	register()
	db, err := sql.Open("real vectorlite", path)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	return db
}

// A size that vectorlite reads is either refused here or read the same: the
// index that it makes has vectors of that many bytes.
func TestVectorSizeIsThatOfVectorlite(t *testing.T) {
	for _, n := range []string{
		"1", "8", "00008", "000067108864", "00000000000000000000000000000000000008", "536870877",
		"0", "1000000000", "4611686018427387905", "18446744073709551615", "18446744073709551617", "36893488147419103233",
	} {
		path := filepath.Join(t.TempDir(), "t.idx")
		statement := fmt.Sprintf("CREATE VIRTUAL TABLE t USING vectorlite(v float32[%s], hnsw(max_elements=1), '%s')", n, path)
		db := openReal(t, ":memory:")
		_, theirs := db.Exec(statement)
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		ours, _, err := vectorlite.ParseTable("t", statement)
		if err != nil {
			continue
		}
		if theirs != nil {
			t.Errorf("float32[%s]: got %d bytes, vectorlite refuses it: %v", n, ours.VectorSize, theirs)
			continue
		}
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		info, err := hnsw.ReadInfo(f, 96)
		f.Close()
		if err != nil || info.VectorSize != ours.VectorSize {
			t.Errorf("float32[%s]: got %d bytes, vectorlite has %d: %v", n, ours.VectorSize, info.VectorSize, err)
		}
	}
}
