package docs_test

import (
	"regexp"
	"strings"
	"testing"
)

const sums = "sha256sum backup-*.tar.zst"

// A second run of a day puts its backup in the place of the first one's. Others can
// neither read it nor hold the lock.
func TestNightGood(t *testing.T) {
	n := newNights(t)
	before := n.sh("sha256sum " + yesterday)
	n.good()
	n.sh(`sqlite3 app.db "UPDATE t SET a = 'second' WHERE a = 'first'"`)
	n.good()
	n.shown("RECIPES.md", "restore.sh")
	got := n.sh("ls backup-*.zst; stat -c '%n %a' " + today + " backup.lock; sh restore.sh " + today + ` restored
		sqlite3 restored/database.db 'SELECT a FROM t LIMIT 1'; sha256sum ` + yesterday)
	if want := yesterday + "\n" + today + "\n" + today + " 600\nbackup.lock 600\nsecond\n" + before; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// The backup is on the disk before it has a name, and then its last name is.
func TestNightSyncs(t *testing.T) {
	n := newNights(t)
	n.sh("strace -f -y -e trace=fsync,fdatasync,rename,renameat,renameat2 -o trace sh backup.sh")
	const order = `(?s)fsync\(\d+<[^>]*/\.new\.tar\.zst\.[^>]*>\) .*rename\w*\(.*new\.tar\.zst".*rename\w*\(.*"new\.tar\.zst".*"backup-[^/]*".*fsync\(\d+<` + "DIR" + `>\) `
	if got := n.sh("cat trace"); !regexp.MustCompile(strings.Replace(order, "DIR", regexp.QuoteMeta(n.dir), 1)).MatchString(got) {
		t.Errorf("traced\n%s", got)
	}
}

// A writer that holds its lock is waited for, longer than vxsnap waits of its own,
// which is 5 seconds: it ends when the shell that saves has asked for the lock 600
// times, 10 ms apart, or has given up.
func TestNightBesideWriter(t *testing.T) {
	n := newNights(t)
	status, _, stderr := n.run(spoiled{save: `mkfifo locked asleep trace
		sqlite3 app.db 'BEGIN EXCLUSIVE' '.shell echo >locked; read line <asleep' COMMIT &
		read line <locked
		{ head -n 600 >asked; echo >asleep; cat >rest; } <trace &
		strace -qq -e signal=none -e trace=fcntl -e status=failed -o trace "$shell" "$@"`})
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
		"the database is missing": {before: "rm app.db", after: "[ ! -e app.db ]", says: `^app\.db is missing or empty\n$`},
		"the database is empty":   {before: ": >app.db", after: "[ ! -s app.db ]", says: `^app\.db is missing or empty\n$`},
		"the name of a URI": {before: "mv app.db app%2e.db; sed -i 's/^db=.*/db=app%2e.db/' backup.sh", after: "[ ! -e app..db ]",
			says: `^app%2e\.db has a character`},
		"the database goes":    {spoiled: spoiled{save: `rm app.db; sqlite3 "$@"`}, after: "[ ! -e app.db ]", says: "unable to open database"},
		"the shell fails":      {spoiled: spoiled{save: "echo no >&2; exit 2"}, says: "^no\n$"},
		"the save fails":       {spoiled: spoiled{save: `mkdir new.tar.zst; sqlite3 "$@"`}, after: "rmdir new.tar.zst", says: "exists, and is not replaced"},
		"the file is no tar":   {spoiled: spoiled{save: `sqlite3 "$@"; echo no >new.tar.zst`}, says: "incomplete: "},
		"the file goes":        {spoiled: spoiled{save: `sqlite3 "$@"; rm new.tar.zst`}, after: "[ ! -e new.tar.zst ]", says: "no such file"},
		"a byte is damaged":    {spoiled: spoiled{save: `sqlite3 "$@"; printf xxxxxxxx | dd of=new.tar.zst bs=1 seek=150000 conv=notrunc status=none`}, says: "damaged"},
		"a byte differs":       {spoiled: spoiled{save: `sqlite3 "$@"; ` + differs}, says: `^database\.db: checksum mismatch: `},
		"the file is cut":      {spoiled: spoiled{save: `sqlite3 "$@"; truncate -s -1 new.tar.zst`}, says: "incomplete: "},
		"the verdict is empty": {spoiled: spoiled{verify: ":"}, says: "^\n$"},
		"a folder has the name": {before: "rm " + today + "; mkdir " + today, after: "rmdir " + today,
			says: "cannot overwrite directory"},
	} {
		t.Run(name, func(t *testing.T) {
			n := newNights(t)
			n.good()
			n.sh(c.before)
			want := n.sh(sums + " 2>&1 || true")
			status, stdout, stderr := n.run(c.spoiled)
			if status <= 0 || stdout != "" || !regexp.MustCompile(c.says).MatchString(stderr) {
				t.Errorf("exit status %d, printed %q and %q", status, stdout, stderr)
			}
			if got := n.sh(sums + " 2>&1 || true"); got != want {
				t.Errorf("backups\n%swere\n%s", got, want)
			}
			n.sh(c.after)
		})
	}
}

// differs makes a good file of which one byte of the database is another.
const differs = `zstd -dq new.tar.zst -o plain; printf Q | dd of=plain bs=1 seek=150000 conv=notrunc status=none
	zstd -qf plain -o new.tar.zst`

// A run that was killed does not stand in the way of the next one.
func TestNightAfterKill(t *testing.T) {
	for name, c := range map[string]struct {
		spoiled
		left string
	}{
		"before the save": {spoiled{save: "kill -9 $PPID"}, "^$"},
		"in the save": {spoiled{save: `strace -f -o /dev/null -e inject=pwrite64:signal=KILL:when=2 "$shell" "$@"; kill -9 $PPID`},
			`^\.new\.tar\.zst\.vxsnap-\w+\n$`},
		"behind the save":    {spoiled{save: `sqlite3 "$@"; kill -9 $PPID`}, `^new\.tar\.zst\n$`},
		"behind the verdict": {spoiled{verify: `sqlite3 "$@"; kill -9 $PPID`}, `^new\.tar\.zst\n$`},
	} {
		t.Run(name, func(t *testing.T) {
			n := newNights(t)
			want := n.sh(sums)
			if status, _, stderr := n.run(c.spoiled); status != -1 {
				t.Fatalf("exit status %d, printed %q", status, stderr)
			}
			if got := n.sh(`ls -A | grep '^\.\?new\.' || true`); !regexp.MustCompile(c.left).MatchString(got) {
				t.Errorf("left %q", got)
			}
			if got := n.sh(sums); got != want {
				t.Errorf("backups\n%swere\n%s", got, want)
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
		"before the save":      {spoiled{save: second + `; sqlite3 "$@"`}, 0},
		"behind the save":      {spoiled{save: `sqlite3 "$@"; ` + second}, 0},
		"behind the verdict":   {spoiled{verify: `sqlite3 "$@"; ` + second}, 0},
		"the script is killed": {spoiled{save: "kill -9 $PPID; " + second}, -1},
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
