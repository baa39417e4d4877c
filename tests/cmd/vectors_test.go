package cmd_test

import (
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// vectorlite is the path of the extension.
func (p *place) vectorlite() string {
	p.Helper()
	return cmp.Or(os.Getenv("VECTORLITE"), root(p.T, ".tools/vectorlite.so"))
}

// vectors makes v.db, in WAL mode, whose table of vectors has an index file.
func (p *place) vectors(index string) {
	p.Helper()
	p.sqlite("v.db", ".load "+p.vectorlite(), "PRAGMA journal_mode = WAL",
		"CREATE VIRTUAL TABLE docs_vec USING vectorlite(v float32[2], hnsw(max_elements=100), '"+index+"')",
		"INSERT INTO docs_vec(rowid, v) VALUES (1, vector_from_json('[1, 0]')), (2, vector_from_json('[0, 1]'))")
}

// search says how many vectors a restored database finds.
func (p *place) search(database string) string {
	p.Helper()
	return p.sqlite(database, ".load "+p.vectorlite(),
		"SELECT count(*) FROM docs_vec WHERE knn_search(v, knn_param(vector_from_json('[1, 0]'), 2))")
}

// Index files are saved without vectorlite, and found again where they are restored, and
// where the directory is moved to after relocate.
func TestVectors(t *testing.T) {
	p := newPlace(t)
	index := filepath.Join(p.dir, "docs.idx")
	p.vectors(index)
	if got := p.good("save", "v.db", "x.tar.zst"); !strings.HasPrefix(got, "x.tar.zst: 2 files of ") {
		t.Errorf("printed %q", got)
	}
	if got := p.good("files", "v.db"); !strings.Contains(got, "index_0.idx  hnsw_index  ") || !strings.Contains(got, " ok     "+index+"\n") {
		t.Errorf("printed %q", got)
	}
	p.good("save", "v.db", "--store", "nights.db", "--create")
	p.good("restore", "x.tar.zst", "out")
	p.good("restore", "nights.db", "stored")
	p.sh("rm", "docs.idx")
	for _, out := range []string{"out", "stored"} {
		if got := p.search(out + "/database.db"); got != "2\n" {
			t.Errorf("%s has %q vectors", out, got)
		}
	}
	p.sh("mv", "out", "moved")
	if got := p.good("relocate", "moved"); got != "moved: 1 table names another file now\n" {
		t.Errorf("printed %q", got)
	}
	if got := p.search("moved/database.db"); got != "2\n" {
		t.Errorf("moved has %q vectors", got)
	}
	if got := p.good("relocate", "moved"); got != "moved: all tables name the files beside the database already\n" {
		t.Errorf("printed %q", got)
	}
	p.sh("sh", "-c", "echo no >moved/index_0.idx")
	p.fails(p.run("relocate", "moved"), 3, "index_0.idx")
	p.fails(p.run("save", "moved/database.db", "y.tar"), 3, "index_0.idx")
}

// Where another process may hold a newer index, save says who, and the ways on, in the
// words of the command.
func TestHeldElsewhere(t *testing.T) {
	p := newPlace(t)
	p.vectors(filepath.Join(p.dir, "docs.idx"))
	release := p.lockedBy("v.db", "SELECT count(*) FROM sqlite_schema")
	const says = "(sqlite3) may hold a newer index of table 'docs_vec' in memory; take the snapshot in the connection that holds the vectors, or flush there and pass --index-files disk here"
	p.fails(p.run("save", "v.db", "x.tar"), 1, says)
	p.fails(p.run("save", "v.db", "--store", "nights.db", "--create"), 1, says)
	if got := p.good("files", "v.db"); !strings.Contains(got, " held   ") || !strings.Contains(got, "\nheld: process ") || !strings.Contains(got, "pass --index-files disk here\n") {
		t.Errorf("printed %q", got)
	}
	p.good("save", "v.db", "disk.tar", "--index-files", "disk")
	p.good("save", "v.db", "--store", "nights.db", "--index-files", "none", "--create")
	p.good("save", "v.db", "none.tar", "--index-files", "none")
	release()
	p.good("save", "v.db", "auto.tar")
	p.good("restore", "disk.tar", "disk")
	p.good("restore", "none.tar", "none")
	if disk, none := p.search("disk/database.db"), p.search("none/database.db"); disk != "2\n" || none != "0\n" {
		t.Errorf("found %q and %q", disk, none)
	}
}

// An SQLite without loadable extensions has no table of its functions for vxsnap.
func TestOmitted(t *testing.T) {
	p := newPlace(t)
	build := exec.Command("go", "build", "-tags", "sqlite_omit_load_extension", "-o", filepath.Join(p.dir, "omitted"), "./cmd/vxsnap")
	build.Dir = root(t, ".")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	got := p.sh("sh", "-c", "./omitted save app.db x.tar 2>&1; echo $?")
	if want := "build without the tag sqlite_omit_load_extension\n1\n"; !strings.HasSuffix(got, want) {
		t.Errorf("printed %q", got)
	}
	p.has("app.db", "omitted")
}
