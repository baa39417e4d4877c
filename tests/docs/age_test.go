package docs_test

import (
	"strings"
	"testing"
)

// The age is that of the newest backup that is good, whatever the files are called and
// whenever they were written; where none is, there is no age.
func TestAge(t *testing.T) {
	n := newNights(t)
	n.shown("RECIPES.md", "age.sh", "drill.sh")
	n.sh(`touch -d 2001-01-01 backup-*; age=$(sh age.sh); [ "$age" -ge 0 ] && [ "$age" -lt 600 ]`)
	n.sh("sqlite3 app.db \"UPDATE t SET a = 'kept' WHERE a = 'first'\"")
	n.good()
	n.sh("sh drill.sh")

	n.sh("truncate -s -9 " + today)
	n.fails("sh drill.sh", "incomplete: ")
	if got := n.sh("sh age.sh 2>why | wc -l; cat why"); !strings.HasPrefix(got, "1\n") || !strings.Contains(got, today+": unreadable") {
		t.Errorf("beside a file that was cut: %s", got)
	}
	n.sh("mv " + yesterday + " new.tar.zst; " + differs + "; mv new.tar.zst " + yesterday)
	n.fails("sh age.sh", "no backup is good")
	n.fails("sh age.sh", yesterday+": ")
	n.sh("rm backup-*")
	n.fails("sh age.sh", "no backup is good")
}

// A drill fails where what was restored is not what the application needs.
func TestDrill(t *testing.T) {
	n := newNights(t)
	n.shown("RECIPES.md", "drill.sh")
	n.fails("TMPDIR=$PWD sh drill.sh", "the restored database has 0 rows of 1")
	n.sh("! ls -d tmp.*")
}
