package live_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	sqlite3 "github.com/mattn/go-sqlite3"

	"github.com/vxsnap/vxsnap/extension"
	"github.com/vxsnap/vxsnap/live"
)

// chunks takes a snapshot with 'disk' in SQL, and says how many vectors it has:
// "2", or "busy: …" or "error: …".
func chunks(conn *sql.Conn) string {
	if err := conn.Raw(extension.Register); err != nil {
		return "error: " + err.Error()
	}
	var elements, size, max int64
	err := conn.QueryRowContext(context.Background(), `SELECT max(json_extract(metadata_json, '$.files[0].elements')),
		sum(length(data)) FILTER (WHERE file_name = 'index_0.idx'), max(json_extract(metadata_json, '$.files[0].file_size'))
		FROM vx_snapshot_chunks(512, 'main', 'disk')`).Scan(&elements, &size, &max)
	var e sqlite3.Error
	switch {
	case errors.As(err, &e) && e.Code == sqlite3.ErrBusy:
		return "busy: " + err.Error()
	case err != nil:
		return "error: " + err.Error()
	case size != max:
		return "error: torn: " + strconv.Itoa(int(size)) + " of " + strconv.Itoa(int(max)) + " bytes"
	}
	return strconv.Itoa(int(elements))
}

// A reader in another process takes a snapshot while a flush is at a step, and the
// flush goes on while a reader is at one: the whole file of before or the new one,
// or an error; and that is SQLITE_BUSY if it goes away when the flush has ended.
func TestReaderAtEveryStepOfFlush(t *testing.T) {
	for _, c := range []*flushCase{{name: "plain", declared: []string{"v.idx"}}, {name: "no file before", declared: []string{"v.idx"}, absent: true}, {name: "by link", declared: []string{"v.idx"}, byLink: true}} {
		t.Run(c.name, func(t *testing.T) {
			if c.byLink {
				defer live.WithoutExchange()()
			}
			database, paths := c.build(t)
			conn := openVectors(t, database)
			defer conn.Close()
			known := ofDriver(t, conn)
			reader := startPartner(t, "second", database)
			whole, busy := 0, 0
			for step, fired := 1, true; fired; step++ {
				if c.absent {
					conn.Close()
					database, paths = c.build(t)
					conn = openVectors(t, database)
					known = ofDriver(t, conn)
					reader.end()
					reader = startPartner(t, "second", database)
				}
				before := elements(t, paths[0])
				fired = false
				n, got := 0, ""
				insert(t, conn, "v", step+10, step+10)
				stop := live.AtStep(func(string) {
					if n++; n == step {
						fired = true
						got = reader.ask("chunks")
					}
				})
				if _, err := known.Flush(); err != nil {
					t.Errorf("step %d: the flush: %v", step, err)
				}
				stop()
				after := elements(t, paths[0])
				switch {
				case !fired:
				case strings.HasPrefix(got, "busy"):
					busy++
				case c.absent && strings.Contains(got, "no such file"): // as before
					whole++
				case got != strconv.Itoa(int(before)) && got != strconv.Itoa(int(after)):
					t.Errorf("step %d: the reader got %s, want %d or %d vectors or SQLITE_BUSY", step, got, before, after)
				default:
					whole++
				}
				if again := reader.ask("chunks"); again != strconv.Itoa(int(after)) {
					t.Errorf("step %d: after the flush the reader got %s, want %d", step, again, after)
				}
			}
			if busy == 0 || whole == 0 {
				t.Errorf("%d busy, %d whole", busy, whole)
			}
		})
	}
}

// A reader, at each of its steps, while a flush in another process goes on to one
// of its own: it begins at the reader's step and goes on when the reader has ended,
// or it has begun before and ends at the reader's step.
func TestFlushAtEveryStepOfReader(t *testing.T) {
	whole, busy := 0, 0
	for _, absent := range []bool{false, true} {
		for _, begins := range []bool{true, false} {
			for at, steps := 1, 1; at <= steps; at++ {
				ended := false
				for to := 1; !ended && to < 40; to++ {
					if (at > 1 || absent || !begins) && !sample(at*3+to, 61) {
						continue
					}
					var got string
					got, steps, ended = flushBesideReader(t, absent, begins, at, to)
					if strings.HasPrefix(got, "busy") {
						busy++
					} else {
						whole++
					}
				}
			}
		}
	}
	if busy == 0 || whole == 0 {
		t.Errorf("%d busy, %d whole", busy, whole)
	}
}

// flushBesideReader gives what the reader got, how many steps it has, and whether
// the flush had come to its end before its step.
func flushBesideReader(t *testing.T, absent, begins bool, at, to int) (got string, n int, ended bool) {
	t.Helper()
	c := &flushCase{declared: []string{"v.idx"}, absent: absent}
	database, paths := c.build(t)
	flusher := startPartner(t, "second", database)
	defer flusher.end()
	if got := flusher.ask("insert"); got != "ok" {
		t.Fatal(got)
	}
	conn := openVectors(t, database)
	defer conn.Close()
	before := elements(t, paths[0])
	flush := "flush to " + strconv.Itoa(to)
	state := ""
	if !begins {
		state = flusher.ask(flush)
	}
	stop := live.AtStep(func(string) {
		if n++; n != at {
			return
		}
		if begins {
			state = flusher.ask(flush)
		} else if state == "paused" {
			state = "went on: " + flusher.ask("go on")
		}
	})
	got = chunks(conn)
	stop()
	if state == "paused" {
		state = "went on: " + flusher.ask("go on")
	}
	label := fmt.Sprintf("no file %v, flush begins %v, step %d of the reader, %d of the flush", absent, begins, at, to)
	if state != "" && state != "went on: ok" && state != "ended: <nil>" {
		t.Errorf("%s: the flush: %s", label, state)
	}
	after := elements(t, paths[0])
	if got != strconv.Itoa(int(before)) && got != strconv.Itoa(int(after)) && !strings.HasPrefix(got, "busy") && (!absent || !strings.Contains(got, "no such file")) {
		t.Errorf("%s: the reader got %s, want %d or %d vectors or SQLITE_BUSY", label, got, before, after)
	}
	if again := chunks(conn); state != "" && again != strconv.Itoa(int(after)) {
		t.Errorf("%s: after the flush the reader got %s, want %d", label, again, after)
	}
	return got, n, strings.HasPrefix(state, "ended")
}
