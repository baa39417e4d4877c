package schedules_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/vxsnap/vxsnap/internal/testkit"
)

// An outcome is what a snapshot gave, and what happened meanwhile.
type outcome struct {
	data     []byte   // of the database
	tables   []string // that the metadata names
	checksum string   // of the database, by the end record
	way      string
	err      error
	steps    int64    // up to the last row
	place    string   // where the event ran; "": nowhere
	result   string   // of the event
	images   [][]byte // the pages at the start, and after each commit before the first row
	at       int      // which of them the snapshot is
}

func (o *outcome) String() string { return fmt.Sprintf("at %s (%s)", o.place, o.result) }

// take takes a snapshot while a script runs at a step.
func (s *stage) take(t testing.TB, step int, script string) (o outcome) {
	o.images = append(o.images, s.image(t))
	run(t, s.control, fmt.Sprintf("SELECT steps_arm(%d, '%s')", step, strings.ReplaceAll(script, "'", "''")))
	chunk := s.pageSize + 1
	rows, err := s.host.QueryContext(context.Background(), "SELECT file_name, data, metadata_json FROM vx_snapshot_chunks(?, ?, ?)", chunk, s.by.schema, s.by.indexFiles)
	if o.err = err; err == nil {
		s.read(t, rows, &o)
	}
	o.place = value[string](t, s.control, "SELECT steps_place()")
	o.result = value[string](t, s.control, "SELECT steps_result()")
	debug := value[string](t, s.host, "SELECT vx_snapshot_debug()")
	_, o.way, _ = strings.Cut(debug, "last snapshot: ")
	o.way, _, _ = strings.Cut(o.way, "\n")
	return o
}

// read reads the rows, and lets everything else happen after the first.
func (s *stage) read(t testing.TB, rows *sql.Rows, o *outcome) {
	defer rows.Close()
	for i := 0; rows.Next(); i++ {
		var name, metadata *string
		var data []byte
		if o.err = rows.Scan(&name, &data, &metadata); o.err != nil {
			break
		}
		o.steps = value[int64](t, s.control, "SELECT steps_count()")
		if metadata != nil {
			o.describe(t, *metadata)
		}
		if i == 0 {
			for i := 1; ; i++ {
				image := value[[]byte](t, s.control, "SELECT steps_recorded(?)", i)
				if image == nil {
					break
				}
				o.images = append(o.images, image)
			}
			for _, query := range s.after() { // a lock may be in the way
				_, _ = s.control.ExecContext(context.Background(), query)
				_, _ = s.control.ExecContext(context.Background(), "ROLLBACK")
			}
		}
		if name != nil && *name == "database.db" {
			o.data = append(o.data, data...)
		}
	}
	if o.err == nil {
		o.err = rows.Err()
	}
}

// image is the pages as the controlling connection sees them now.
func (s *stage) image(t testing.TB) []byte {
	run(t, s.control, "SELECT steps_arm(0, '')", "SELECT steps_record()")
	return value[[]byte](t, s.control, "SELECT steps_recorded(1)")
}

// describe takes what the metadata says, or the end record.
func (o *outcome) describe(t testing.TB, metadata string) {
	var m struct {
		Files []struct {
			Table, Checksum string
			Name            string `json:"file_name"`
		}
	}
	if err := json.Unmarshal([]byte(metadata), &m); err != nil {
		t.Fatal(err)
	}
	for _, f := range m.Files {
		if f.Table != "" {
			o.tables = append(o.tables, f.Table)
		}
		if f.Name == "database.db" {
			o.checksum = f.Checksum
		}
	}
}

var declared = regexp.MustCompile(`CREATE VIRTUAL TABLE (\w+)`) // no image is without one

// wrong says what is wrong with a snapshot, "" if nothing is. Its bytes must be
// those of the newest commit at some time between the start and the first row,
// and its metadata must be of that commit too.
func (s *stage) wrong(o *outcome) string {
	if o.err != nil {
		return "an error: " + o.err.Error()
	}
	if !strings.HasPrefix(o.way, "pin, ") {
		return "the way: " + o.way
	}
	o.at = slices.IndexFunc(o.images, func(image []byte) bool { return bytes.Equal(o.data, image) })
	if o.at < 0 {
		return fmt.Sprintf("bytes are not those of commit %d, nor of the %d commits after it that came before the first row", s.began, len(o.images)-1)
	}
	if testkit.Checksum(o.data, s.pageSize+1) != o.checksum {
		return "the checksum is not that of the bytes"
	}
	if got, want := o.tables, declared.FindSubmatch(o.data)[1:]; got != nil && got[0] != string(want[0]) {
		return fmt.Sprintf("the metadata names the index table %s, the bytes declare %s: two commits", got[0], want[0])
	}
	return ""
}
