package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// What restores over a live application, by the language of docs/RESTORE.md. That of
// Node.js needs a package, which only make hosts installs: it names the language.
var overs = map[string]string{
	"shell":  `sh over.sh`,
	"python": `/usr/bin/python3 "$ROOT/tests/hosts/python/over.py" ./vxsnap.so`,
	"go":     `"$OVER"`,
	"node":   `node "$ROOT/tests/hosts/node/over.js" ./vxsnap.so`,
}

// Each scenario begins with an app.db whose backup has one row in t, and one vector in
// docs.idx, and which has lost the row since.
func TestOver(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("ROOT", root)
	languages := []string{"shell", "python", "go"}
	if only := os.Getenv("VXSNAP_OVER"); only != "" {
		languages = strings.Fields(only)
	}
	t.Setenv("OVER", filepath.Join(t.TempDir(), "over"))
	build := folder{t, root}
	build.sh(`go build -o "$OVER" ./tests/hosts/go/over`)
	for _, language := range languages {
		t.Run(language, func(t *testing.T) {
			for name, c := range overScenarios {
				t.Run(name, func(t *testing.T) { c(newLive(t, overs[language])) })
			}
		})
	}
}

type live struct {
	folder
	over string
}

const search = `sqlite3 -bail app.db '.load ./vectorlite' 'SELECT count(*) FROM t' \
	"SELECT group_concat(rowid) FROM docs_vec WHERE knn_search(v, knn_param(vector_from_json('[1, 0]'), 5))"`

func newLive(t *testing.T, over string) live {
	f := folder{t, pageDir(t)}
	f.shown("RESTORE.md", "over.sh")
	f.sh(`sqlite3 -bail app.db '.load ./vectorlite' 'PRAGMA journal_mode = WAL' 'CREATE TABLE t(a)' "INSERT INTO t VALUES ('kept')" \
			"CREATE VIRTUAL TABLE docs_vec USING vectorlite(v float32[2], hnsw(max_elements=100), '$PWD/docs.idx')" \
			"INSERT INTO docs_vec(rowid, v) VALUES (7, vector_from_json('[1, 0]'))"
		sqlite3 app.db '.load ./vxsnap' "SELECT vx_snapshot_save('backup.tar.zst')"
		sqlite3 app.db '.load ./vectorlite' 'DELETE FROM t' \
			"INSERT INTO docs_vec(rowid, v) VALUES (8, vector_from_json('[1, 0.1]'))"
		chmod 640 app.db`)
	return live{f, over + " backup.tar.zst app.db"}
}

// restored looks at what is there afterwards, under which names.
func (l live) restored() {
	l.Helper()
	if got := l.sh(search + "; stat -c %a app.db index_0.idx; ls -d *.db* *.idx"); got != "1\n7\n640\n640\napp.db\napp.db.old\nindex_0.idx\n" {
		l.Errorf("got %s", got)
	}
}

// refused looks whether nothing has changed.
func (l live) refused(says string) {
	l.Helper()
	want := l.sh("sha256sum app.db* *.idx")
	l.fails(l.over, says)
	if got := l.sh("[ ! -e app.db.old ]; sha256sum app.db *.idx"); !strings.HasPrefix(want, got[:64]) {
		l.Errorf("got %s, was %s", got, want)
	}
}

var overScenarios = map[string]func(live){
	"all is well": func(l live) {
		l.sh(l.over)
		l.restored()
		if got := l.sh("cd app.db.old; sqlite3 app.db 'SELECT count(*) FROM t'; ls"); got != "0\napp.db\ndocs.idx\n" {
			l.Errorf("of before: %s", got)
		}
	},
	"once more": func(l live) {
		l.sh(l.over)
		l.refused2()
		l.sh("mv app.db.old away; " + l.over)
		l.restored()
	},
	"an application that was killed": func(l live) { // and left a WAL
		l.sh(`sqlite3 app.db "INSERT INTO t VALUES ('in the WAL')" '.shell kill -9 $PPID' || true; [ -s app.db-wal ]; ` + l.over)
		l.restored()
		if got := l.sh("cd app.db.old; ls; sqlite3 app.db 'SELECT a FROM t'"); !strings.HasSuffix(got, "in the WAL\n") {
			l.Errorf("of before: %s", got)
		}
	},
	"an application that runs": func(l live) {
		got := l.sh(`sqlite3 app.db 'SELECT a FROM t' '.shell ` + l.over + ` 2>&1 && echo done'; [ ! -e app.db.old ]`)
		if !strings.Contains(got, "stop the application first") || strings.Contains(got, "done") {
			l.Errorf("got %s", got)
		}
	},
	"a backup that was cut": func(l live) { l.sh("truncate -s -9 backup.tar.zst"); l.refused("incomplete") },
	"a backup that is not":  func(l live) { l.sh("rm backup.tar.zst"); l.refused("no such file") },
	"a database that is not": func(l live) {
		l.sh("mv app.db away")
		l.fails(l.over, "app.db")
		l.sh("[ ! -e app.db ]; mv away app.db")
	},
	"somebody else's file":    func(l live) { l.sh("echo other >index_0.idx"); l.refused("no index file of") },
	"a damaged backed up one": damagedBefore,
	"a damaged database": func(l live) {
		l.sh("printf damaged | dd of=app.db bs=1 seek=0 conv=notrunc status=none; " + l.over)
		if got := l.sh(search + "; ls *.idx app.db.old"); got != "1\n7\ndocs.idx\nindex_0.idx\n\napp.db.old:\napp.db\n" {
			l.Errorf("got %s", got)
		}
	},
}

// A night of a store goes the way that the page says.
func TestOverFromStore(t *testing.T) {
	l := newLive(t, overs["shell"])
	page := regexp.MustCompile("write `([^`]*)` in the place of `([^`]*)`, and\n`([^`]*)` in that of `([^`]*)`").
		FindStringSubmatch(read(t, "../../docs/RESTORE.md"))
	if page == nil {
		t.Fatal("docs/RESTORE.md says nothing of a store")
	}
	l.shownStore()
	script := read(t, filepath.Join(l.dir, "over.sh"))
	for i := 1; i < 5; i += 2 {
		if strings.Count(script, page[i+1]) != 1 {
			t.Errorf("over.sh has %q %d times", page[i+1], strings.Count(script, page[i+1]))
		}
		script = strings.Replace(script, page[i+1], page[i], 1)
	}
	if err := os.WriteFile(filepath.Join(l.dir, "over.sh"), []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 7 { // of the good database, from its backup
		l.sh(`rm -rf whole; sqlite3 :memory: '.load ./vxsnap' "SELECT vx_snapshot_restore('whole', seq, file_name, offset, data,
				is_last, metadata_json) FROM vx_snapshot_read('backup.tar.zst')"
			sqlite3 whole/database.db '.load ./vxsnap' "ATTACH 'nights.db' AS store" "INSERT INTO store.save SELECT *, manifest FROM
				vx_snapshot_chunks(4096, 'main', 'auto', NULL, (SELECT manifest FROM store.newest))"`)
	}
	l.sh("mv nights.db nights.sqlite; rm -r whole backup.tar.zst; sed -i s/nights.db/nights.sqlite/ over.sh; " + l.over)
	l.restored()
}

// refused2 is a second restore while the files of before the first are there.
func (l live) refused2() {
	l.Helper()
	l.fails(l.over, "earlier restore")
	l.restored()
}

// damagedBefore is a backup of a database that was damaged when it was taken.
func damagedBefore(l live) {
	l.sh(`sqlite3 bad.db 'CREATE TABLE t(a)' 'INSERT INTO t VALUES (NULL)' \
			'PRAGMA writable_schema = ON' "UPDATE sqlite_schema SET sql = 'CREATE TABLE t(a NOT NULL)'"
		rm backup.tar.zst; sqlite3 bad.db '.load ./vxsnap' "SELECT vx_snapshot_save('backup.tar.zst', 'main', 'none')"`)
	l.refused("NULL value in t.a")
}
