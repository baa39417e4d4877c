package docs_test

import (
	"regexp"
	"strings"
	"testing"
)

const sums = "sha256sum backup-*"

// A second run of a day puts its backup in the place of the first one's.
func TestNightGood(t *testing.T) {
	n := newNights(t)
	before := n.sh("sha256sum " + yesterday)
	n.good()
	n.sh(`sqlite3 app.db "UPDATE t SET a = 'second' WHERE a = 'first'"`)
	n.good()
	got := n.sh(`ls backup-*.db; stat -c %a ` + today + `; sqlite3 -readonly ` + today + ` '.load ./vxsnap' \
		"SELECT vx_snapshot_restore('restored', seq, file_name, offset, data, is_last, metadata_json) IS NULL FROM snap"
		sqlite3 restored/database.db 'SELECT a FROM t LIMIT 1'; sha256sum ` + yesterday)
	if want := yesterday + "\n" + today + "\n600\n0\nsecond\n" + before; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// The backup is on the disk before it has its name, and then the name is.
func TestNightSyncs(t *testing.T) {
	n := newNights(t)
	n.sh("strace -f -y -e trace=fsync,fdatasync,rename,renameat,renameat2 -o trace sh backup.sh")
	const order = `(?s)fsync\(\d+<[^>]*/new\.db>\) .*rename\w*\(.*"new\.db".*"backup-[^/]*\.db".*fsync\(\d+<` + "DIR" + `>\) `
	if got := n.sh("cat trace"); !regexp.MustCompile(strings.Replace(order, "DIR", regexp.QuoteMeta(n.dir), 1)).MatchString(got) {
		t.Errorf("traced\n%s", got)
	}
}

// A writer that holds its lock is waited for: it ends when the shell that stores
// sleeps, or has given up.
func TestNightBesideWriter(t *testing.T) {
	n := newNights(t)
	status, _, stderr := n.run(spoiled{store: `mkfifo locked asleep trace
		sqlite3 app.db 'BEGIN EXCLUSIVE' '.shell echo >locked; read line <asleep' COMMIT &
		read line <locked
		{ read line; echo >asleep; cat >rest; } <trace &
		strace -e trace=clock_nanosleep -o trace "$shell" "$@"`})
	if status != 0 {
		t.Errorf("exit status %d, printed %q", status, stderr)
	}
}

// What fails says so, leaves the backups as they were, and makes no database in the
// place of one that is not there.
func TestNightFails(t *testing.T) {
	for name, c := range map[string]struct {
		before, after string
		spoiled
		says string
	}{
		"the database is missing":  {before: "rm app.db", after: "[ ! -e app.db ]", says: `^app\.db is missing or empty\n$`},
		"the database is empty":    {before: ": >app.db", after: "[ ! -s app.db ]", says: `^app\.db is missing or empty\n$`},
		"the database goes":        {spoiled: spoiled{store: `rm app.db; sqlite3 "$@"`}, after: "[ ! -e app.db ]", says: "unable to open database"},
		"the shell fails":          {spoiled: spoiled{store: "echo no >&2; exit 2"}, says: "^no\n$"},
		"the store is no database": {spoiled: spoiled{store: `sqlite3 "$@"; echo no >new.db`}, says: "file is not a database"},
		"the store goes":           {spoiled: spoiled{store: `sqlite3 "$@"; rm new.db`}, after: "[ ! -e new.db ]", says: "unable to open database"},
		"a row is damaged": {spoiled: spoiled{store: `sqlite3 "$@"; sqlite3 new.db "UPDATE snap SET data = zeroblob(length(data)) WHERE seq = 1"`},
			says: `^database\.db: checksum mismatch: `},
		"a row is missing":     {spoiled: spoiled{store: `sqlite3 "$@"; sqlite3 new.db "DELETE FROM snap WHERE seq = 2"`}, says: "^incomplete: "},
		"the verdict is empty": {spoiled: spoiled{verify: ":"}, says: "^\n$"},
	} {
		t.Run(name, func(t *testing.T) {
			n := newNights(t)
			n.good()
			want := n.sh(sums)
			n.sh(c.before)
			status, stdout, stderr := n.run(c.spoiled)
			if status <= 0 || stdout != "" || !regexp.MustCompile(c.says).MatchString(stderr) {
				t.Errorf("exit status %d, printed %q and %q", status, stdout, stderr)
			}
			if got := n.sh(sums); got != want {
				t.Errorf("backups\n%swere\n%s", got, want)
			}
			n.sh(c.after)
		})
	}
}

// A run that was killed does not stand in the way of the next one.
func TestNightAfterKill(t *testing.T) {
	for name, c := range map[string]struct {
		spoiled
		left string
	}{
		"before the store": {spoiled{store: "kill -9 $PPID"}, ""},
		"in the store": {spoiled{store: `strace -o /dev/null -e inject=pwrite64:signal=KILL:when=50 "$shell" "$@"; kill -9 $PPID`},
			"new.db\nnew.db-journal\n"},
		"behind the store":   {spoiled{store: `sqlite3 "$@"; kill -9 $PPID`}, "new.db\n"},
		"behind the verdict": {spoiled{verify: `sqlite3 "$@"; kill -9 $PPID`}, "new.db\n"},
	} {
		t.Run(name, func(t *testing.T) {
			n := newNights(t)
			want := n.sh(sums)
			if status, _, stderr := n.run(c.spoiled); status != -1 {
				t.Fatalf("exit status %d, printed %q", status, stderr)
			}
			if got := n.sh("ls | grep '^new.db' || true; " + sums); got != c.left+want {
				t.Errorf("left\n%swant\n%s%s", got, c.left, want)
			}
			n.good()
		})
	}
}

// A run gives way to one that goes on, also where only the shell of that is left.
func TestNightOneAtATime(t *testing.T) {
	const second = `status=0; PATH=$path sh backup.sh >second 2>&1 || status=$?; echo "exit status $status" >>second`
	for name, c := range map[string]struct {
		spoiled
		status int
	}{
		"before the store":     {spoiled{store: second + `; sqlite3 "$@"`}, 0},
		"behind the store":     {spoiled{store: `sqlite3 "$@"; ` + second}, 0},
		"behind the verdict":   {spoiled{verify: `sqlite3 "$@"; ` + second}, 0},
		"the script is killed": {spoiled{store: "kill -9 $PPID; " + second}, -1},
	} {
		t.Run(name, func(t *testing.T) {
			n := newNights(t)
			if status, _, stderr := n.run(c.spoiled); status != c.status {
				t.Errorf("exit status %d, printed %q", status, stderr)
			}
			if got, want := n.sh("cat second"), "another backup is running\nexit status 1\n"; got != want {
				t.Errorf("the second run: %q, want %q", got, want)
			}
			n.good()
		})
	}
}
