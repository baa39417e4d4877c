package live_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/vxsnap/vxsnap/live"
)

func init() { roles["flush and be killed"] = flushAndBeKilled }

// flushAndBeKilled has five vectors in each table, and flushes: with SIGKILL before
// a step, or, if the step is "write", when vectorlite has written a part.
func flushAndBeKilled(args []string) {
	database, step, byLink, absent := args[0], args[1], args[2] == "true", args[3] == "true"
	fatal := func(err error) {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(3)
		}
	}
	register()
	db, err := sql.Open("sqlite3_vectorlite", database+"?_sync=OFF")
	fatal(err)
	conn, err := db.Conn(context.Background())
	fatal(err)
	first := 3
	if absent {
		first = 1
	}
	for _, table := range tables[:len(args)-4] {
		fatal(tryInsert(conn, table, first, 5))
	}
	known, err := connOf(conn)
	fatal(err)
	if byLink {
		live.WithoutExchange()
	}
	const torn = 600 // bytes of the 836 that vectorlite writes
	if step == "write" {
		fatal(unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: torn, Max: torn}))
	}
	n := 0
	live.AtStep(func(string) {
		n++
		info, err := os.Stat(args[4])
		if strconv.Itoa(n) == step || step == "write" && err == nil && info.Size() == torn {
			_ = unix.Kill(os.Getpid(), unix.SIGKILL)
			select {}
		}
	})
	_, err = known.Flush()
	fatal(err)
}

// A flush that is killed before any of its steps, or while vectorlite writes,
// leaves the old index or the new one, whole, or says how to get one back; and
// until that was done vectorlite opens nothing and overwrites nothing.
func TestKillAtEveryStepOfFlush(t *testing.T) {
	for i, c := range flushCases {
		t.Run(c.name, func(t *testing.T) {
			interrupted := 0
			if c.killed(t, "write") > 0 {
				interrupted++
			} else if !c.absent {
				t.Error("a flush that died while vectorlite wrote is not interrupted")
			}
			for step := 1; ; step++ {
				if i > 0 && !c.byLink && !sample(step+i, 13) || i == 0 && !sample(step, 2) {
					continue
				}
				n := c.killed(t, strconv.Itoa(step))
				if n < 0 {
					if step < 10 {
						t.Errorf("only %d steps", step)
					}
					break
				}
				interrupted += n
			}
			if interrupted == 0 && !c.absent {
				t.Error("no step was interrupted, this tested nothing")
			}
		})
	}
}

// killed kills one flush and looks at what it left, and gives how many tables were
// interrupted; -1 says that the flush came to its end.
func (c *flushCase) killed(t *testing.T, step string) (repaired int) {
	t.Helper()
	database, paths := c.build(t)
	args := append([]string{database, step, fmt.Sprint(c.byLink), fmt.Sprint(c.absent)}, paths...)
	err := inRole(t, "flush and be killed", args...).Run()
	if err == nil {
		return -1
	}
	if e := new(exec.ExitError); errors.As(err, &e) && e.ExitCode() == 3 {
		t.Fatalf("step %s: the flush failed without a kill", step)
	}
	nothingOverwritten(t, step, paths)
	if c.byLink {
		defer live.WithoutExchange()()
	}
	conn := openVectors(t, database)
	known := ofDriver(t, conn)
	for repaired = 0; repaired <= len(paths); repaired++ {
		detail := interruptedDetail(t, known)
		if detail == "" {
			break
		}
		_, export := known.Export("main", live.ExportOptions{ChunkSize: 512, IndexFiles: live.IndexDisk})
		_, flush := known.Flush()
		for _, err := range []error{export, flush} {
			if err == nil || err.Error() != detail {
				t.Errorf("step %s: got %v, want %s", step, err, detail)
			}
		}
		repair(t, step, detail)
	}
	conn.Close()
	for i, path := range paths {
		want := elements(t, path)
		if _, err := os.Stat(path); c.absent && errors.Is(err, os.ErrNotExist) {
			want = 0
		} else if want != 5 && (c.absent || want != 2) && (!c.absent || step != "write") {
			t.Errorf("step %s: %s has %d vectors, want 2 or 5", step, path, want)
		}
		if c.absent && step == "write" {
			_ = os.Remove(path) // torn, and there was none before
			want = 0
		}
		flushAfter(t, step, database, tables[i], int(want))
	}
	for _, pattern := range []string{"*.vx-flush*", "*/*.vx-flush*"} {
		if left, _ := filepath.Glob(pattern); len(left) > 0 {
			t.Errorf("step %s: left after the next flush: %q", step, left)
		}
	}
	return repaired
}

// nothingOverwritten opens each table where an interrupted flush left no whole
// index: an error, and every file stays as it is.
func nothingOverwritten(t *testing.T, step string, paths []string) {
	t.Helper()
	for i, path := range paths {
		file, err := os.ReadFile(path)
		if errors.Is(err, os.ErrNotExist) {
			if waits(t, path) != nil {
				t.Errorf("step %s: no file at %s, and one waits beside it: vectorlite makes an empty index there", step, path)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if elements(t, path) >= 0 {
			continue
		}
		aside := waits(t, path)
		conn := openVectors(t, filepath.Join(mustGetwd(t), "app.db"))
		if n, err := inMemory(conn, tables[i], 1, 5); err == nil {
			t.Errorf("step %s: vectorlite opened %s with %d vectors", step, path, n)
		}
		conn.Close()
		if now, err := os.ReadFile(path); err != nil || string(now) != string(file) || string(waits(t, path)) != string(aside) {
			t.Errorf("step %s: vectorlite overwrote %s or what waits beside it (%v)", step, path, err)
		}
	}
}

// waits is what waits beside an index file, nil for nothing.
func waits(t *testing.T, path string) []byte {
	t.Helper()
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	b, _ := os.ReadFile(path + ".vx-flush")
	if len(b) == 0 {
		return nil
	}
	return b
}

func mustGetwd(t *testing.T) string {
	directory, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	return directory
}

func interruptedDetail(t *testing.T, known *live.Conn) string {
	t.Helper()
	files, err := known.Files("main")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if f.State == live.StateInterrupted {
			return f.Detail
		}
	}
	return ""
}

var wayBack = regexp.MustCompile(`was interrupted: the file of before is '([^']*)'; rename it to '([^']*)' to go back to it(, or remove it to keep what the flush wrote, which is whole)?$`)

// repair does what the error says: renames, and, where that is offered, removes.
func repair(t *testing.T, step, detail string) {
	t.Helper()
	words := wayBack.FindStringSubmatch(detail)
	if words == nil {
		t.Fatalf("step %s: %s", step, detail)
	}
	aside, path := words[1], words[2]
	if words[3] != "" {
		before, err := os.ReadFile(aside)
		if err == nil {
			err = os.Remove(aside)
		}
		if err != nil {
			t.Fatalf("step %s: %s: %v", step, detail, err)
		}
		if got := elements(t, path); got != 5 {
			t.Errorf("step %s: after the removal the index has %d vectors, want 5", step, got)
		}
		if err := os.WriteFile(aside, before, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Rename(aside, path); err != nil {
		t.Fatalf("step %s: %s: %v", step, detail, err)
	}
	if got := elements(t, path); got != 2 {
		t.Errorf("step %s: after the renaming the index has %d vectors, want 2", step, got)
	}
	if _, err := os.Lstat(aside); err == nil {
		t.Errorf("step %s: %s is there after the renaming", step, aside)
	}
}

// flushAfter opens a table that has vectors from 1 on, adds one and flushes.
func flushAfter(t *testing.T, step, database, table string, vectors int) {
	t.Helper()
	conn := openVectors(t, database)
	defer conn.Close()
	if n, err := inMemory(conn, table, 1, 5); err != nil || n != vectors {
		t.Errorf("step %s: vectorlite has %d vectors of table %s, want %d (%v)", step, n, table, vectors, err)
		return
	}
	insert(t, conn, table, 6, 6)
	if n, err := ofDriver(t, conn).Flush(); err != nil || n != 1 {
		t.Errorf("step %s: the next flush: %d, %v", step, n, err)
	}
	if n, err := inMemory(conn, table, 1, 6); err != nil || n != vectors+1 {
		t.Errorf("step %s: after the next flush: %d vectors, want %d (%v)", step, n, vectors+1, err)
	}
}
