package extension

import (
	"context"
	"database/sql"
	"path/filepath"
	"slices"
	"testing"

	_ "github.com/mattn/go-sqlite3"
	"go.riyazali.net/sqlite"

	"github.com/vxsnap/vxsnap/live"
	"github.com/vxsnap/vxsnap/snapshot"
)

// usedRows remembers what start was told.
type usedRows struct {
	rows
	args []*sqlite.Value
	used []int
}

func (r *usedRows) start(args []*sqlite.Value, used func(int) bool) error {
	r.args = args
	for i := range usedColumns {
		if used(i) {
			r.used = append(r.used, i)
		}
	}
	return nil
}

func (r *usedRows) next() (bool, error) { return false, nil }

// What BestIndex hears of parameters, hidden columns and the columns that are read
// comes to start.
func TestWhatStartIsTold(t *testing.T) {
	eq := func(column int) *sqlite.IndexConstraint {
		return &sqlite.IndexConstraint{ColumnIndex: column, Op: sqlite.INDEX_CONSTRAINT_EQ, Usable: true}
	}
	for _, test := range []struct {
		name    string
		columns int64
		given   []int // columns that must be something
		args    int   // bits
		used    []int
	}{
		{"nothing", 0, nil, 0, nil},
		{"all columns", -1, nil, 0, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}},
		{"the manifest", 1<<columnManifest | 1, nil, 0, []int{0, columnManifest}},
		{"the column before it", 1 << (columnManifest - 1), nil, 0, []int{columnManifest - 1}},
		{"chunk_size and index_files", 1 << 3, []int{8, 6}, 0b101, []int{3}},
		{"schema and base", 1 << columnBase, []int{columnBase, 7}, 0b10010, []int{columnBase}},
		{"schema and checksum", 1 << columnChecksum, []int{columnChecksum, 7}, 0b100010, []int{columnChecksum}},
		{"data", 1 << 3, []int{3}, 0, []int{3}},
	} {
		f := (&surface{}).chunks()
		in := &sqlite.IndexInfoInput{ColUsed: &test.columns}
		for _, column := range test.given {
			in.Constraints = append(in.Constraints, eq(column))
		}
		out, err := f.BestIndex(in)
		if err != nil {
			t.Fatal(err)
		}
		values := 0
		for i, usage := range out.ConstraintUsage {
			if usage == nil {
				continue
			}
			values++
			if hidden := test.given[i] >= f.columns+f.params; usage.Omit == hidden {
				t.Errorf("%s: column %d: Omit is %t", test.name, test.given[i], usage.Omit)
			}
		}
		r := new(usedRows)
		cu := &cursor{f: f, rows: r}
		if err := cu.Filter(out.IndexNumber, "", make([]sqlite.Value, values)...); err != nil {
			t.Fatal(err)
		}
		args := 0
		for i, arg := range r.args {
			if arg != nil {
				args |= 1 << i
			}
		}
		if args != test.args || !slices.Equal(r.used, test.used) {
			t.Errorf("%s: got values %b, columns %d; want %b, %d", test.name, args, r.used, test.args, test.used)
		}
	}
}

// The digests of all chunks are kept for who reads the manifest, and for nobody else.
func TestDigestsAreKeptForTheManifest(t *testing.T) {
	db, err := sql.Open("sqlite3", filepath.Join(t.TempDir(), "live.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	conn, err := db.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(context.Background(), "CREATE TABLE t(a)"); err != nil {
		t.Fatal(err)
	}
	err = conn.Raw(func(driver any) error {
		known, err := live.OfDriver(driver)
		if err != nil {
			return err
		}
		for column := range columnManifest + 1 {
			r := &chunkRows{cn: &surface{known, snapshot.OS}}
			defer r.close()
			if err := r.start(make([]*sqlite.Value, 6), func(i int) bool { return i == column }); err != nil {
				return err
			}
			for more := true; more; {
				if more, err = r.next(); err != nil {
					return err
				}
			}
			if manifest, err := r.export.Manifest(); (err == nil) != (column == columnManifest) {
				t.Errorf("column %d is read: a manifest of %d bytes, %v", column, len(manifest), err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
