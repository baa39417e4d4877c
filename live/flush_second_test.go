package live_test

import (
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/vxsnap/vxsnap/live"
)

func init() { roles["second"] = playSecond }

// playSecond is another process, which has vectors 11 to 14 in the table, and
// flushes and reads when it is told to.
func playSecond(args []string) {
	t := new(testing.T)
	conn := openVectors(t, args[0])
	known := ofDriver(t, conn)
	goOn, done := make(chan bool), make(chan error, 1)
	answer(func(line string) string {
		var err error
		var step, n int
		if _, err := fmt.Sscanf(line, "flush to %d", &step); err == nil {
			paused := make(chan bool)
			stop := live.AtStep(func(string) {
				if n++; n == step {
					paused <- true
					<-goOn
				}
			})
			go func() {
				_, err := known.Flush()
				stop()
				done <- err
			}()
			select {
			case <-paused:
				return "paused"
			case err := <-done:
				return fmt.Sprint("ended: ", err)
			}
		}
		switch line {
		case "go on":
			goOn <- true
			err = <-done
		case "insert":
			err = tryInsert(conn, "v", 11, 14)
		case "flush":
			_, err = known.Flush()
		case "chunks":
			return chunks(conn)
		case "close":
			err = conn.Close()
		}
		if errors.Is(err, live.ErrVectorsLost) {
			return "lost: " + err.Error()
		}
		if err != nil {
			return err.Error()
		}
		return "ok"
	})
}

// Another connection flushes the same file while a flush is at a step, in this
// process or in another one: one of them is refused, or they are done one after
// the other. Who was refused still has its vectors, and who was not has written
// them; the file is that of one of them, with no vector of the other.
func TestSecondFlushAtEveryStep(t *testing.T) {
	for _, c := range []*flushCase{{name: "plain", declared: []string{"v.idx"}}, {name: "no file before", declared: []string{"v.idx"}, absent: true}, {name: "by link", declared: []string{"v.idx"}, byLink: true}} {
		for i, where := range []string{"same process", "other process"} {
			t.Run(c.name+", "+where, func(t *testing.T) {
				refused, fired := 0, true
				for step := 1; fired; step++ {
					if !sample(step+i, 4) {
						continue
					}
					var n int
					if n, fired = c.second(t, step, where == "other process"); n > 0 {
						refused++
					}
				}
				if refused == 0 {
					t.Error("nobody was refused, this tested nothing")
				}
			})
		}
	}
}

func (c *flushCase) second(t *testing.T, step int, process bool) (refused int, fired bool) {
	t.Helper()
	database, paths := c.build(t)
	if c.byLink {
		defer live.WithoutExchange()()
	}
	conn := openVectors(t, database)
	own := 3 // vectors that conn adds
	insert(t, conn, "v", 3, 5)
	var other func(line string) string
	var second *sql.Conn
	if process {
		other = startPartner(t, "second", database).ask
	} else {
		second = openVectors(t, database)
		known := ofDriver(t, second)
		other = func(string) string {
			_, err := known.Flush()
			if errors.Is(err, live.ErrVectorsLost) {
				return "lost: " + err.Error()
			}
			if err != nil {
				return err.Error()
			}
			return "ok"
		}
	}
	if process {
		if got := other("insert"); got != "ok" {
			t.Fatal(got)
		}
	} else {
		insert(t, second, "v", 11, 14)
	}
	known, n, got := ofDriver(t, conn), 0, ""
	var stop func()
	stop = live.AtStep(func(operation string) {
		if n++; n == step && (process || operation != "reopen") { // the only one under a mutex
			fired = true
			stop()
			got = other("flush")
		}
	})
	_, err := known.Flush()
	stop()
	if !fired {
		conn.Close()
		return 0, n >= step // at a reopen
	}
	before := 2
	if c.absent {
		before = 0
	}
	label := "step " + strconv.Itoa(step)
	first, other4 := contains(t, paths[0], 3, 5), contains(t, paths[0], 11, 14)
	if errors.Is(err, live.ErrVectorsLost) || strings.HasPrefix(got, "lost") {
		t.Errorf("%s: vectors were lost: %v, %s", label, err, got)
	}
	if first > 0 && other4 > 0 || first != 0 && first != own || other4 != 0 && other4 != 4 {
		t.Errorf("%s: the file mixes %d vectors of the first and %d of the second", label, first, other4)
	}
	if (err == nil || got == "ok") && first+other4 == 0 {
		t.Errorf("%s: the file has no vector of either (%v, %s)", label, err, got)
	}
	if err != nil && got != "ok" {
		if now := elements(t, paths[0]); now != int64(before) && (!c.absent || now != -1) {
			t.Errorf("%s: both were refused, and the file has %d vectors (%v, %s)", label, now, err, got)
		}
	}
	if err != nil {
		refused++
		if has, err := inMemory(conn, "v", 3, 5); err != nil || has != own {
			t.Errorf("%s: the first was refused and has %d vectors of %d (%v)", label, has, own, err)
		}
	}
	if got != "ok" {
		refused++
		if !strings.Contains(got, "is being flushed by another connection") && !strings.Contains(got, "replaced") {
			t.Errorf("%s: the second: %s", label, got)
		}
		if again := other("flush"); again != "ok" || contains(t, paths[0], 11, 14) != 4 {
			t.Errorf("%s: the second, again: %s", label, again)
		}
	}
	if left, _ := filepath.Glob("*.vx-flush*"); len(left) > 0 {
		t.Errorf("%s: left: %q", label, left)
	}
	if process {
		other("close")
	} else {
		second.Close()
	}
	conn.Close()
	return refused, true
}

// contains counts the vectors from first to last in a file, by their numbers.
func contains(t *testing.T, path string, first, last int) (n int) {
	t.Helper()
	if elements(t, path) < 0 {
		return 0
	}
	labels := labelsIn(t, path)
	for i := first; i <= last; i++ {
		if labels[uint64(i)] {
			n++
		}
	}
	return n
}

// labelsIn reads the row numbers in an index file, deleted ones too.
func labelsIn(t *testing.T, path string) map[uint64]bool {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	field := func(at uint64) uint64 { return binary.LittleEndian.Uint64(b[at:]) }
	labels := make(map[uint64]bool)
	for i := range field(16) {
		labels[field(96+i*field(24)+field(32))] = true
	}
	return labels
}
