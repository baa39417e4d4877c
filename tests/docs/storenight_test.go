package docs_test

import (
	"regexp"
	"testing"
)

// newStoreNights makes a directory with app.db, the recipe, and a store that has two
// nights of one day, of which the next night drops the first.
func newStoreNights(t *testing.T) nights {
	t.Helper()
	n := nights{newFolder(t, "300000", "store-night.sh"), "store-night.sh"}
	n.shownStore()
	n.good()
	n.sh("sqlite3 nights.db 'UPDATE snapshot SET created_at = 978307200000'")
	n.sh("sqlite3 app.db 'INSERT INTO t VALUES (2)'")
	n.good()
	n.sh("sqlite3 nights.db 'UPDATE snapshot SET created_at = 978307200000 + n'")
	n.sh("sqlite3 app.db 'INSERT INTO t VALUES (randomblob(300000))'")
	n.whole("1,2")
	return n
}

// whole compares the nights of a store that are whole, as a list.
func (n nights) whole(want string) {
	n.Helper()
	got := n.sh(`for n in $(sqlite3 nights.db 'SELECT n FROM night'); do
			sqlite3 -bail nights.db '.load ./vxsnap' "SELECT $n WHERE 'ok' =
				(SELECT vx_snapshot_verify(seq, file_name, offset, data, is_last, metadata_json) FROM rows WHERE n = $n)"
		done | paste -sd ,
		sqlite3 nights.db 'SELECT problem FROM problem'`)
	if got != want+"\n" {
		n.Errorf("whole nights: got %s, want %s", got, want)
	}
}

// Of 38 days the newest seven stay, and the newest of each of four weeks, which are two
// or three more. Others cannot read it.
func TestStoreNightGood(t *testing.T) {
	n := nights{newFolder(t, "300000", "store-night.sh"), "store-night.sh"}
	n.shownStore()
	n.sh(`for night in $(seq 37); do
			printf '%s;\n' "INSERT INTO store.save SELECT *, manifest FROM
				vx_snapshot_chunks(4096, 'main', 'auto', NULL, (SELECT manifest FROM store.newest))"
		done | sqlite3 -bail app.db '.load ./vxsnap' "ATTACH 'nights.db' AS store" '.read /dev/stdin'
		sqlite3 nights.db 'UPDATE snapshot SET created_at = created_at - 86400000 * (38 - n)'`)
	n.good()
	got := n.sh(`stat -c %a nights.db
		sqlite3 nights.db 'SELECT count(*) IN (9, 10), max(n), sum(n > 31), max(age) / 86400 BETWEEN 15 AND 21 FROM night'`)
	if want := "600\n1|38|7|1\n"; got != want {
		t.Errorf("got %swant %s%s", got, want, n.sh("sqlite3 nights.db 'SELECT n, created FROM night'"))
	}
}

const (
	lost  = `sqlite3 nights.db 'UPDATE data SET data = zeroblob(4096) WHERE id = 20'`
	small = `trap '' XFSZ; ulimit -f 900` // 450 KiB, in dash
)

// What fails says so and drops nothing; nothing is made in the place of what is missing.
func TestStoreNightFails(t *testing.T) {
	for name, c := range map[string]struct {
		before, after string
		spoiled
		says, whole string
	}{
		"the database is missing": {before: "rm app.db", after: "[ ! -e app.db ]", says: `^app\.db is missing or empty\n$`, whole: "1,2"},
		"the database is empty":   {before: ": >app.db", says: `^app\.db is missing or empty\n$`, whole: "1,2"},
		"the store is missing": {before: "mv nights.db away", after: "[ ! -e nights.db ]; mv away nights.db",
			says: `^nights\.db is missing or empty\n$`, whole: "1,2"},
		"the name of a URI": {before: "sed -i 's/db=app.db/db=app%2e.db/' store-night.sh; mv app.db app%2e.db",
			says: `^app%2e\.db has a character`, whole: "1,2"},
		"the database goes": {spoiled: spoiled{save: `rm app.db; sqlite3 "$@"`}, after: "[ ! -e app.db ]",
			says: "unable to open database", whole: "1,2"},
		"the store goes": {spoiled: spoiled{save: `mv nights.db away; sqlite3 "$@"`}, after: "[ ! -e nights.db ]; mv away nights.db",
			says: "unable to open database", whole: "1,2"},
		"the shell fails":      {spoiled: spoiled{save: "echo no >&2; exit 2"}, says: "^no\n$", whole: "1,2"},
		"a file is too large":  {spoiled: spoiled{save: small + `; sqlite3 "$@"`}, says: "disk I/O error", whole: "1,2"},
		"bytes are lost":       {spoiled: spoiled{verify: lost + `; sqlite3 "$@"`}, says: `^nights\.db, the newest night: database\.db: checksum mismatch: `},
		"the verdict is empty": {spoiled: spoiled{verify: ":"}, says: "^nights\\.db, the newest night: \n$", whole: "1,2,3"},
		"the verify fails":     {spoiled: spoiled{verify: "echo no >&2; exit 2"}, says: "^no\n$", whole: "1,2,3"},
		"the prune fails":      {spoiled: spoiled{prune: "echo no >&2; exit 2"}, says: "^no\n$", whole: "1,2,3"},
	} {
		t.Run(name, func(t *testing.T) {
			n := newStoreNights(t)
			n.sh(c.before)
			status, stdout, stderr := n.run(c.spoiled)
			if status <= 0 || stdout != "" || !regexp.MustCompile(c.says).MatchString(stderr) {
				t.Errorf("exit status %d, printed %q and %q", status, stdout, stderr)
			}
			n.sh(c.after)
			n.whole(c.whole)
		})
	}
}

// A night that was killed does not stand in the way of the next one.
func TestStoreNightAfterKill(t *testing.T) {
	for name, c := range map[string]struct {
		spoiled
		whole string
	}{
		"before the save": {spoiled{save: "kill -9 $PPID"}, "1,2"},
		"in the save": {spoiled{save: `strace -f -o /dev/null -P "$PWD/nights.db" -e inject=pwrite64:signal=KILL:when=20 "$shell" "$@"
			kill -9 $PPID`}, "1,2"},
		"behind the save":    {spoiled{save: `sqlite3 "$@"; kill -9 $PPID`}, "1,2,3"},
		"behind the verdict": {spoiled{verify: `sqlite3 "$@"; kill -9 $PPID`}, "1,2,3"},
	} {
		t.Run(name, func(t *testing.T) {
			n := newStoreNights(t)
			if status, _, stderr := n.run(c.spoiled); status != -1 {
				t.Fatalf("exit status %d, printed %q", status, stderr)
			}
			if name == "in the save" {
				n.sh("[ -s nights.db-journal ]")
			}
			n.whole(c.whole)
			n.good()
		})
	}
}

// Two nights at once are two nights.
func TestStoreNightsAtOnce(t *testing.T) {
	n := newStoreNights(t)
	status, _, stderr := n.run(spoiled{save: `PATH=$path sh store-night.sh & sqlite3 "$@"; wait $!`})
	if got := n.sh("sqlite3 nights.db 'SELECT max(n) FROM night'"); status != 0 || stderr != "" || got != "4\n" {
		t.Errorf("exit status %d, printed %q, the newest is %s", status, stderr, got)
	}
}

// When the disk has lost bytes, the next night is good once the newest one was dropped.
func TestStoreNightAfterLoss(t *testing.T) {
	n := newStoreNights(t)
	n.sh(lost)
	n.fails("sh store-night.sh", "checksum mismatch")
	drop := regexp.MustCompile("`(DELETE FROM night [^`]*)`").FindStringSubmatch(read(t, "../../docs/RECIPES.md"))
	n.sh(`sqlite3 nights.db "` + drop[1] + `"`)
	n.good()
	n.whole("4")
}
