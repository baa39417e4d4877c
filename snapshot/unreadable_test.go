package snapshot_test

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// A puzzled is a Relocator that cannot read any schema.
type puzzled struct {
	relocator
	names bool
}

func (p puzzled) Mentions(database snapshot.Part) (bool, error) {
	_, err := database.ReadAt(make([]byte, database.File.Size), 0)
	return p.names, err
}

func unreadable(string, string, []snapshot.Part) error {
	return fault.Damaged("damaged snapshot: %w", fault.New(snapshot.ErrSchema, "malformed"))
}

// A database whose schema cannot be read is restored as it is, unless it may name
// an index of the live database.
func TestUnreadableSchema(t *testing.T) {
	stop := errors.New("stop")
	for _, c := range []struct {
		name  string
		files files
		names bool
		stop  error
		want  string
	}{
		{"nothing is named", files{noise(1, 1024)}, false, nil, ""},
		{"an index may be named", files{noise(1, 1024)}, true, nil, "let the restored schema name the restored index files: damaged snapshot: malformed; " +
			"it may name index files of the live database, which would be overwritten: to have it as it is, write the data of its rows into a file of your own, in the order of seq"},
		{"an index comes with it", files{noise(1, 1024), indexImage(1, 2)}, false, nil, "let the restored schema name the restored index files: damaged snapshot: malformed"},
		{"an interrupt", files{noise(1, 1024)}, false, stop, "let the restored schema name the restored index files: stop"},
	} {
		dir := filepath.Join(t.TempDir(), "out")
		var interrupt error
		relocate := puzzled{func(database, directory string, parts []snapshot.Part) error {
			interrupt = c.stop
			return unreadable(database, directory, parts)
		}, c.names}
		r, err := snapshot.NewRestorer(dir, vectorlite.Check, relocate, snapshot.RestoreOptions{Interrupted: func() error { return interrupt }})
		if err != nil {
			t.Fatal(err)
		}
		rows := c.files.rows(t, 0)
		for i := range rows {
			if err := r.Add(&rows[i]); err != nil {
				t.Fatal(err)
			}
		}
		_, err = r.Finish()
		switch {
		case c.want == "" && err == nil:
			wantFiles(t, dir, c.files)
		case c.want == "" || err == nil || err.Error() != c.want:
			t.Errorf("%s:\n got %v\nwant %s", c.name, err, c.want)
		}
		if c.want != "" && c.stop == nil && (!errors.Is(err, snapshot.ErrSchema) || !errors.Is(err, snapshot.ErrDamaged)) {
			t.Errorf("%s: %v wraps other errors", c.name, err)
		}
		r.Close()
	}
}
