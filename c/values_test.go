package c_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"go.riyazali.net/sqlite"

	"github.com/vxsnap/vxsnap/c"
)

// seen is an SQL function that tells what Values reads, and the types of its
// arguments before and after.
type seen struct{ values *c.Values }

func (seen) Deterministic() bool { return false }
func (seen) Args() int           { return -1 }

func (f seen) Apply(ctx *sqlite.Context, args ...sqlite.Value) {
	var all []string
	before := make([]sqlite.ColumnType, len(args))
	for i, arg := range args {
		before[i] = arg.Type()
	}
	f.values.Read(args)
	for i, arg := range args {
		switch kind := f.values.Type(i); {
		case kind != before[i] || kind != arg.Type():
			all = append(all, fmt.Sprintf("type %v was %v, is %v", kind, before[i], arg.Type()))
		case kind == sqlite.SQLITE_INTEGER:
			all = append(all, fmt.Sprint(f.values.Int64(i)))
		case kind == sqlite.SQLITE_TEXT, kind == sqlite.SQLITE_BLOB:
			b, err := f.values.Bytes(i)
			all = append(all, fmt.Sprintf("%q", b))
			if err != nil {
				all = append(all, err.Error())
			}
		default:
			all = append(all, kind.String())
		}
	}
	c.ResultText(ctx, strings.Join(all, " "))
}

// Values reads every type, also where those of the call before were others, and
// converts none.
func TestValues(t *testing.T) {
	values := new(c.Values)
	sqlite.Register(func(api *sqlite.ExtensionApi) (sqlite.ErrorCode, error) {
		err := c.Caller(api).Register(func() error { return api.CreateFunction("seen", seen{values}) })
		return sqlite.SQLITE_OK, err
	})
	if err := c.AutoExtension(); err != nil {
		t.Fatal(err)
	}
	for _, encoding := range []string{"UTF-8", "UTF-16le"} {
		db, err := sql.Open("sqlite3", ":memory:")
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		conn, err := db.Conn(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if _, err := conn.ExecContext(context.Background(), "PRAGMA encoding = '"+encoding+"'"); err != nil {
			t.Fatal(err)
		}
		for args, want := range map[string]string{
			"":                                   "",
			"1, 'a', x'00ff', NULL, 1.5":         `1 "a" "\x00\xff" SQLITE_NULL SQLITE_FLOAT`,
			"'', x'', -9223372036854775808":      `"" "" -9223372036854775808`,
			"NULL, NULL, NULL, 'ä€', '7', x'37'": `SQLITE_NULL SQLITE_NULL SQLITE_NULL "ä€" "7" "7"`,
			"1, 2, 3, 4, 5, 6, 7":                "1 2 3 4 5 6 7",
			"zeroblob(3), char(0, 65), 1":        `"\x00\x00\x00" "\x00A" 1`,
		} {
			var got string
			if err := conn.QueryRowContext(context.Background(), "SELECT seen("+args+")").Scan(&got); err != nil || got != want {
				t.Errorf("%s, %s: got %s, %v, want %s", encoding, args, got, err, want)
			}
		}
	}
}
