package raftsnap_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/raft"

	raftsnap "github.com/vxsnap/vxsnap/raft"
	"github.com/vxsnap/vxsnap/snapshot"
)

// A snapshot is the moment of Snapshot, whatever is applied before and while it
// is persisted, and another node answers from it as this one did.
func TestRoundTrip(t *testing.T) {
	leader := open(t, t.TempDir())
	fill(t, leader, 1, 500)
	want := content(t, leader)
	moment := snap(t, leader)
	fill(t, leader, 501, 600)

	out, stop, done := newSink(), make(chan bool), make(chan bool)
	go func() {
		defer close(done)
		for id := 601; ; id++ {
			select {
			case <-stop:
				return
			default:
				if err := put(leader, id, "more"); err != nil {
					t.Error(err)
					return
				}
			}
		}
	}()
	if err := moment.Persist(out); err != nil {
		t.Fatal(err)
	}
	close(stop)
	<-done
	if out.closes != 1 || out.cancels != 0 {
		t.Errorf("Persist closed the sink %d times and cancelled it %d times", out.closes, out.cancels)
	}

	directory := t.TempDir()
	follower := open(t, directory)
	fill(t, follower, 1, 3)
	if err := restore(follower, out.Bytes()); err != nil {
		t.Fatal(err)
	}
	if got := content(t, follower); got != want {
		t.Errorf("the follower answers\n%s\nwant\n%s", got, want)
	}
	if got := list(t, directory); got != "current state" {
		t.Errorf("after a restore the directory holds %q", got)
	}
	fill(t, follower, 501, 510)
	if index, err := follower.Applied(); err != nil || index != 510 {
		t.Errorf("Applied: %d, %v", index, err)
	}
	// What was restored can be handed on.
	third := open(t, t.TempDir())
	if err := restore(third, persisted(t, follower)); err != nil {
		t.Fatal(err)
	}
	if content(t, third) != content(t, follower) {
		t.Error("the third node answers otherwise than the second")
	}
}

// The payload is what tar and sha256sum can read: END has the checksum of each file,
// over those of its chunks.
func TestPayloadByHand(t *testing.T) {
	s := open(t, t.TempDir())
	fill(t, s, 1, 20)
	command := exec.Command("sh", "-c", `tar xf - &&
		for f in database.db index_0.idx; do
			grep -q $(split -b 1048576 --filter=sha256sum $f | cut -c 1-64 | xxd -r -p | sha256sum | cut -c 1-64) END || exit 1
		done && grep -q '"chunk_size":1048576,' metadata.json && sqlite3 database.db 'SELECT count(*) FROM docs'`)
	command.Dir, command.Stdin = t.TempDir(), bytes.NewReader(persisted(t, s))
	if out, err := command.CombinedOutput(); err != nil || string(out) != "20\n" {
		t.Errorf("%s %v", out, err)
	}
}

func TestPersistFails(t *testing.T) {
	s := open(t, t.TempDir())
	fill(t, s, 1, 50)
	whole := len(persisted(t, s))
	want := content(t, s)
	for _, room := range []int{0, 1, 511, 512, 1024, 5000, whole / 2, whole - 1} {
		moment, out := snap(t, s), newSink()
		out.room, out.onWrite = room, errSink
		if err := moment.Persist(out); !errors.Is(err, errSink) {
			t.Errorf("with room for %d of %d bytes: %v", room, whole, err)
		}
		if out.closes != 0 || out.cancels != 1 {
			t.Errorf("with room for %d bytes: closed %d times, cancelled %d times", room, out.closes, out.cancels)
		}
		moment.Release()
	}
	moment, out := snap(t, s), newSink()
	out.closeErr = errSink
	if err := moment.Persist(out); !errors.Is(err, errSink) || out.cancels != 1 {
		t.Errorf("a sink that cannot be closed: %v, cancelled %d times", err, out.cancels)
	}
	if err := moment.Persist(newSink()); err != nil {
		t.Errorf("persisted again: %v", err)
	}
	moment.Release()
	moment.Release()
	out = newSink()
	if err := moment.Persist(out); err == nil || out.cancels != 1 || out.Len() != 0 {
		t.Errorf("after Release: %v, %d bytes", err, out.Len())
	}
	if got := content(t, s); got != want {
		t.Error("the state has changed")
	}
}

// A released snapshot holds the WAL no longer, whether it was persisted or not.
func TestRelease(t *testing.T) {
	directory := t.TempDir()
	s := open(t, directory)
	db, err := sql.Open("sqlite3", filepath.Join(directory, "current", snapshot.DatabaseName))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	id := 0
	truncate := func() (busy int) {
		id++
		fill(t, s, id, id)
		var frames, moved int
		if err := db.QueryRow("PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &frames, &moved); err != nil {
			t.Fatal(err)
		}
		return busy
	}
	for _, persist := range []bool{false, true} {
		moment := snap(t, s)
		if truncate() != 1 {
			t.Error("the WAL could be truncated under a snapshot")
		}
		if persist {
			if err := moment.Persist(newSink()); err != nil {
				t.Error(err)
			}
		}
		moment.Release()
		if truncate() != 0 {
			t.Error("the WAL cannot be truncated after Release")
		}
	}
}

// Whatever is wrong with a stream, the old state stays and nothing is left.
func TestRestoreFails(t *testing.T) {
	other := open(t, t.TempDir())
	fill(t, other, 1, 100)
	whole := persisted(t, other)
	flip := func(at int) []byte {
		damaged := bytes.Clone(whole)
		damaged[at] ^= 1
		return damaged
	}
	database := bytes.Index(whole, []byte("SQLite format 3"))
	index := bytes.Index(whole, []byte("index_0.idx\x00")) // its header

	directory := t.TempDir()
	s := open(t, directory)
	fill(t, s, 1, 30)
	want, name := content(t, s), current(t, directory)
	for _, c := range []struct {
		name   string
		stream []byte
		kind   error
		text   string
	}{
		{"empty", nil, snapshot.ErrIncomplete, "before metadata.json is whole"},
		{"noise", bytes.Repeat([]byte("noise"), 1000), snapshot.ErrDamaged, "no entry of a tar stream"},
		{"cut in the database", whole[:database+5000], snapshot.ErrIncomplete, "before database.db is whole"},
		{"cut in the index", whole[:index+1000], snapshot.ErrIncomplete, "before index_0.idx is whole"},
		{"cut at the end", whole[:len(whole)-1], snapshot.ErrIncomplete, "before the end of the tar stream is whole"},
		{"a bit of the database", flip(database + 5000), snapshot.ErrDamaged, "database.db: checksum mismatch"},
		{"a bit of the index", flip(index + 2000), snapshot.ErrDamaged, "index_0.idx: checksum mismatch"},
		{"a damaged database", corrupted(t), snapshot.ErrDamaged, "the database is damaged"},
		{"another database", plain(t, "CREATE TABLE t(a)"), nil, "no such table: raftsnap_applied"},
	} {
		err := restore(s, c.stream)
		if err == nil || !strings.Contains(err.Error(), c.text) || c.kind != nil && !errors.Is(err, c.kind) {
			t.Errorf("%s: %v", c.name, err)
		}
		if got := content(t, s); got != want {
			t.Errorf("%s: the state has changed", c.name)
		}
		if got := list(t, directory); got != "current state" || current(t, directory) != name {
			t.Errorf("%s: the directory holds %q", c.name, got)
		}
	}
	fill(t, s, 31, 40)
	if err := restore(s, whole); err != nil {
		t.Error(err)
	}
	if content(t, s) != content(t, other) {
		t.Error("after the failures a good snapshot was not restored")
	}
}

// The one rename fails: the old state stays in use.
func TestSwapFails(t *testing.T) {
	other := open(t, t.TempDir())
	fill(t, other, 1, 10)
	stream := persisted(t, other)
	directory := t.TempDir()
	s := open(t, directory)
	fill(t, s, 1, 5)
	want, link := content(t, s), filepath.Join(directory, "current")
	if err := errors.Join(os.Remove(link), os.MkdirAll(filepath.Join(link, "in the way"), 0o700)); err != nil {
		t.Fatal(err)
	}
	if err := restore(s, stream); err == nil {
		t.Error("Restore moved a link where there is a directory")
	}
	if got := content(t, s); got != want {
		t.Error("the state has changed")
	}
	if err := os.RemoveAll(link); err != nil {
		t.Fatal(err)
	}
	if err := restore(s, stream); err != nil {
		t.Fatal(err)
	}
	if content(t, s) != content(t, other) || list(t, directory) != "current state" {
		t.Errorf("the directory holds %q", list(t, directory))
	}
}

// plain is the payload of a database of anybody's.
func plain(t testing.TB, statements ...string) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "plain.db")
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range statements {
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return payload(t, path)
}

// corrupted is a snapshot whose checksums are right and whose database is not.
func corrupted(t testing.TB) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "corrupted.db")
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("CREATE TABLE t(a); CREATE INDEX i ON t(a); INSERT INTO t SELECT value FROM json_each('[1,2,3]'); CREATE TABLE raftsnap_applied(log_index)"); err != nil {
		t.Fatal(err)
	}
	db.Close()
	image, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	image[3*4096-1] ^= 7 // the first key of the index
	if err := os.WriteFile(path, image, 0o600); err != nil {
		t.Fatal(err)
	}
	return payload(t, path)
}

func payload(t testing.TB, path string) []byte {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, _ := f.Stat()
	s, err := snapshot.Open([]snapshot.Source{{Reader: f, File: snapshot.File{
		Name: snapshot.DatabaseName, Type: snapshot.TypeDatabase, Size: info.Size(), PageSize: 4096,
	}}}, snapshot.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	out := new(bytes.Buffer)
	if _, err := s.Tar().WriteTo(out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// A restore while a snapshot of the old state is being persisted: both succeed.
func TestRestoreUnderPersist(t *testing.T) {
	other := open(t, t.TempDir())
	fill(t, other, 1, 10)
	stream := persisted(t, other)

	directory := t.TempDir()
	s := open(t, directory)
	fill(t, s, 1, 300)
	want := content(t, s)
	moment := snap(t, s)
	if err := restore(s, stream); err != nil {
		t.Fatal(err)
	}
	if got := list(t, directory); got != "current state state" {
		t.Errorf("while the old state is pinned the directory holds %q", got)
	}
	out := newSink()
	if err := moment.Persist(out); err != nil {
		t.Fatal(err)
	}
	moment.Release()
	if got := list(t, directory); got != "current state" {
		t.Errorf("after Release the directory holds %q", got)
	}
	if content(t, s) != content(t, other) {
		t.Error("the new state is not that of the snapshot")
	}
	if err := restore(s, out.Bytes()); err != nil {
		t.Fatal(err)
	}
	if got := content(t, s); got != want {
		t.Error("the persisted snapshot is not the old state")
	}
}

func TestApply(t *testing.T) {
	directory := t.TempDir()
	s := open(t, directory)
	fill(t, s, 1, 3)
	if err := put(s, 4, "bad"); err == nil || !strings.HasPrefix(err.Error(), "CHECK constraint failed") {
		t.Errorf("a rejected entry: %v", err)
	}
	if index, err := s.Applied(); err != nil || index != 4 {
		t.Errorf("after a rejected entry Applied is %d, %v", index, err)
	}
	fill(t, s, 5, 6)
	stream := persisted(t, s)

	// This node alone fails: it must not go on as if nothing had happened.
	failed := s.Apply(&raft.Log{Index: 7}, func(tx *sql.Tx) error {
		if _, err := tx.Exec("DELETE FROM docs"); err != nil {
			t.Error(err)
		}
		return errSink
	})
	if !errors.Is(failed, errSink) || !strings.Contains(failed.Error(), "entry 7") {
		t.Errorf("a failed entry: %v", failed)
	}
	if err := put(s, 8, "next"); err != failed { //nolint:errorlint // the very same
		t.Errorf("the entry after a failed one: %v", err)
	}
	if _, err := s.Snapshot(); err != failed { //nolint:errorlint // the very same
		t.Errorf("a snapshot after a failed entry: %v", err)
	}
	if err := restore(s, stream); err != nil {
		t.Fatal(err)
	}
	if index, err := s.Applied(); err != nil || index != 6 {
		t.Errorf("after a restore Applied is %d, %v", index, err)
	}
	fill(t, s, 9, 9)
}

// The state of an earlier run stays until this run has a whole one.
func TestCurrent(t *testing.T) {
	directory := t.TempDir()
	first, err := raftsnap.Open(raftsnap.Options{Directory: directory, Driver: "vectorlite", Create: createDocs})
	if err != nil {
		t.Fatal(err)
	}
	fill(t, first, 1, 10)
	payload := persisted(t, first)
	if _, err := raftsnap.Open(raftsnap.Options{Directory: directory, Driver: "vectorlite"}); err == nil || !strings.Contains(err.Error(), "in use by another Store") {
		t.Errorf("a second Store of the directory: %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Errorf("Close, twice: %v", err)
	}
	for _, err := range []error{put(first, 11, ""), restore(first, payload), first.Read(nil)} {
		if err == nil || !strings.Contains(err.Error(), "the store is closed") {
			t.Errorf("after Close: %v", err)
		}
	}
	if err := put(first, 11, ""); !errors.Is(err, raftsnap.ErrBehind) {
		t.Errorf("an entry after Close is rejected: %v", err)
	}
	earlier := current(t, directory)
	for _, litter := range []string{"state-half", ".state-half.vxsnap-1", ".current1"} {
		if err := os.Mkdir(filepath.Join(directory, litter), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(directory, "notes"), nil, 0o600); err != nil {
		t.Fatal(err)
	}

	second, err := raftsnap.Open(raftsnap.Options{Directory: directory, Driver: "vectorlite", Create: createDocs})
	if err != nil {
		t.Fatal(err)
	}
	if got := list(t, directory); got != "current notes state state" || current(t, directory) != earlier {
		t.Errorf("after a restart the directory holds %q", got)
	}
	if index, err := second.Applied(); err != nil || index != 0 {
		t.Errorf("after a restart Applied is %d, %v", index, err)
	}
	fill(t, second, 1, 5)
	if err := second.Close(); err != nil { // nothing persisted: the earlier state stays
		t.Fatal(err)
	}
	if got := list(t, directory); got != "current notes state" || current(t, directory) != earlier {
		t.Errorf("after a run without a snapshot the directory holds %q", got)
	}

	third := open(t, directory)
	if err := restore(third, payload); err != nil {
		t.Fatal(err)
	}
	if got := list(t, directory); got != "current notes state" || current(t, directory) == earlier {
		t.Errorf("after a restore the directory holds %q", got)
	}
}

func TestOpenFails(t *testing.T) {
	failing := func(context.Context, *sql.Conn, string) error { return errSink }
	directory := t.TempDir()
	if _, err := raftsnap.Open(raftsnap.Options{Directory: directory, Driver: "vectorlite", Create: failing}); !errors.Is(err, errSink) {
		t.Errorf("Create fails: %v", err)
	}
	if got := list(t, directory); got != "" {
		t.Errorf("a failed Open left %q", got)
	}
	for _, opt := range []raftsnap.Options{
		{Driver: "vectorlite"}, {Directory: directory, Driver: "nothing"}, {Directory: "/dev/null/x", Driver: "vectorlite"},
		{Directory: filepath.Join(directory, "it's"), Driver: "vectorlite"}, {Directory: filepath.Join(directory, "what?"), Driver: "vectorlite"},
	} {
		if s, err := raftsnap.Open(opt); err == nil || !strings.HasPrefix(err.Error(), "raftsnap: ") {
			t.Errorf("%+v: %v, %v", opt, s, err)
		}
	}
	open(t, directory)
}
