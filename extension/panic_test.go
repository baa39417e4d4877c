package extension_test

import (
	"strings"
	"testing"

	_ "github.com/mattn/go-sqlite3"

	"github.com/vxsnap/vxsnap/extension"
)

// A panic in any callback that SQLite can reach is an SQL error, and the
// connection goes on.
func TestPanics(t *testing.T) {
	extension.Panicking()
	db := memory(t)
	for _, test := range []struct{ query, want string }{
		{"SELECT a FROM panics_in_open", "panics_in_open: internal error: boom in open; please report it"},
		{"SELECT a FROM panics_in_start", "panics_in_start: internal error: boom in start; please report it"},
		{"SELECT a FROM panics_in_next", "panics_in_next: internal error: boom in next; please report it"},
		{"SELECT a FROM panics_in_column", "panics_in_column: internal error: boom in column; please report it"},
		{"SELECT rowid FROM panics_in_rowid", "panics_in_rowid: internal error: boom in rowid; please report it"},
		{"SELECT panics()", "panics: internal error: boom; please report it"},
		{"SELECT panics_in_step(1)", "panics_in_step: internal error: boom in step; please report it"},
		{"SELECT panics_in_final(1)", "panics_in_final: internal error: boom in final; please report it"},
		{"SELECT a FROM panics_in_close LIMIT 1", ""}, // SQLite ignores what xClose returns
	} {
		var got any
		err := db.QueryRow(test.query).Scan(&got)
		if test.want == "" && err == nil {
			continue
		}
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got error %v, want %q", test.query, err, test.want)
		}
	}
	var version string
	if err := db.QueryRow("SELECT vx_snapshot_version()").Scan(&version); err != nil || version != extension.Version {
		t.Errorf("after the panics: got %q, %v", version, err)
	}
}
