package vxsnap_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// SQLite lets an aggregate end in the same way whether its statement has failed or
// not. What is restored is whole in either case; an interrupt is known.
func TestStatementFailsAfterTheLastRow(t *testing.T) {
	dir := t.TempDir()
	file, store := filepath.Join(dir, "live.db"), filepath.Join(dir, "store.db")
	conn := open(t, file)
	run(t, conn, "CREATE TABLE t(a, b)", fill, "ATTACH '"+store+"' AS store", "CREATE TABLE store.snap AS SELECT * FROM vx_snapshot_chunks(5000)")
	const want = "all rows, then an error: user-defined function raised exception: there\n" +
		"some rows, then an error: user-defined function raised exception: not there\n" +
		"all rows, then an interrupt: interrupted: not there\n"
	for range 10 { // an interrupt that is asked for now and then only is sometimes seen
		out := t.TempDir()
		got, err := exec.Command("/usr/bin/python3", "testdata/late.py", library, store, out).CombinedOutput()
		if err != nil || string(got) != want {
			t.Fatalf("got %s%v, want %s", got, err, want)
		}
		whole := open(t, filepath.Join(out, "all rows, then an error", "database.db"))
		if got, want := dump(t, whole, "main"), dump(t, conn, "main"); got != want {
			t.Errorf("the restored database differs:\n%s\nwant:\n%s", got, want)
		}
		if names, err := os.ReadDir(out); err != nil || len(names) != 1 {
			t.Errorf("left behind: %v %v", names, err)
		}
	}
}
