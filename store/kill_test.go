package store_test

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/vxsnap/vxsnap/store"
)

// Of the environment of a process that saves.
const workIn = "VXSNAP_STORE_WORK"

// A process of a test: saves, or saves and prunes, so many times, and says each number.
func TestWork(t *testing.T) {
	words := strings.Fields(os.Getenv(workIn))
	if len(words) == 0 {
		return // it is the test's own process
	}
	s, err := store.Open(words[1])
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	a := openApp(t, words[2]+"?_busy_timeout=60000")
	defer a.close()
	times, _ := strconv.Atoi(words[3])
	for i := range times {
		a.run("UPDATE t SET b = randomblob(1000) WHERE id IN (SELECT abs(random()) % 1000 FROM t LIMIT 100)")
		fmt.Println("saved", a.save(s).N)
		if words[0] == "prune" && i%3 == 0 {
			if _, err := s.Prune(ctx, store.Keep{Last: 4}); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// work starts a process.
func work(t *testing.T, what, path, app string, times int) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestWork$")
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s %s %s %d", workIn, what, path, app, times))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	return cmd, bufio.NewScanner(out)
}

func workplace(t *testing.T) (s *store.Store, path, app string) {
	a := newApp(t)
	a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, b BLOB)")
	for range 10 {
		a.run(fill)
	}
	s, path = newStore(t, store.Options{})
	return s, path, a.path
}

// A process that saves and prunes is killed at a random moment: every snapshot that it has
// said is there, unless it was pruned, and all are whole.
func TestKills(t *testing.T) {
	s, path, app := workplace(t)
	kills := 25
	if n, err := strconv.Atoi(os.Getenv("VXSNAP_KILLS")); err == nil {
		kills = max(1, n/4)
	}
	journals := 0
	for kill := range kills {
		cmd, out := work(t, "prune", path, app, 1000)
		said := int64(0)
		timer := time.AfterFunc(time.Duration(rand.Int64N(int64(500*time.Millisecond))), func() { cmd.Process.Kill() })
		for out.Scan() {
			if text, ok := strings.CutPrefix(out.Text(), "saved "); ok {
				said, _ = strconv.ParseInt(text, 10, 64)
			}
		}
		timer.Stop()
		if err := cmd.Wait(); err == nil {
			t.Fatal("it ended before the kill")
		}
		if _, err := os.Stat(path + "-journal"); err == nil {
			journals++
		}
		all, err := s.List(ctx)
		if err != nil {
			t.Fatal(err)
		}
		newest := int64(0)
		if len(all) > 0 {
			newest = all[len(all)-1].N
		}
		if newest < said {
			t.Fatalf("kill %d: snapshot %d was saved, there are %v", kill, said, all)
		}
		if problems, err := s.Check(ctx); err != nil || len(problems) > 0 {
			t.Fatalf("kill %d: Check: %q, %v", kill, problems, err)
		}
	}
	t.Logf("%d of %d kills came while the store was written", journals, kills)
	if kills > 20 && journals == 0 {
		t.Error("no kill came while the store was written")
	}
}

// Processes that save at once wait for each other: each snapshot is on the one before.
func TestAtOnce(t *testing.T) {
	s, path, app := workplace(t)
	const processes, times = 3, 8
	var all []*exec.Cmd
	for range processes {
		cmd, out := work(t, "save", path, app, times)
		go func() {
			for out.Scan() { // so that it can write
			}
		}()
		all = append(all, cmd)
	}
	for _, cmd := range all {
		if state, err := cmd.Process.Wait(); err != nil || !state.Success() {
			t.Errorf("%v, %v", state, err)
		}
	}
	list, err := s.List(ctx)
	if err != nil || len(list) != processes*times {
		t.Errorf("%d snapshots, %v", len(list), err)
	}
	if problems, err := s.Check(ctx); err != nil || len(problems) > 0 {
		t.Errorf("Check: %q, %v", problems, err)
	}
	if _, err := os.Stat(filepath.Join(filepath.Dir(path), "store.db-journal")); !os.IsNotExist(err) {
		t.Errorf("a journal is left: %v", err)
	}
}
