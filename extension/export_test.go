package extension

import (
	"fmt"

	"go.riyazali.net/sqlite"

	"github.com/vxsnap/vxsnap/c"
	"github.com/vxsnap/vxsnap/snapshot"
)

// SetFS replaces the file system of connections that are opened from now on.
func SetFS(fs snapshot.FS) { fileSystem = fs }

// Panicking registers, beside everything else, functions and tables that panic:
// table panics_in_X in the callback X, scalar panics, aggregates
// panics_in_step and panics_in_final. They go through the same border as the
// real ones.
func Panicking() {
	sqlite.Register(func(api *sqlite.ExtensionApi) (sqlite.ErrorCode, error) {
		if err := register(api); err != nil {
			return sqlite.SQLITE_ERROR, err
		}
		for _, register := range panickers(api) {
			if err := c.Caller(api).Register(register); err != nil {
				return sqlite.SQLITE_ERROR, err
			}
		}
		return sqlite.SQLITE_OK, nil
	})
}

func panickers(api *sqlite.ExtensionApi) (all []func() error) {
	for _, where := range []string{"open", "start", "next", "rowid", "column", "close"} {
		name := "panics_in_" + where
		all = append(all, func() error {
			return api.CreateModule(name, &tableFunction{
				name: name, declare: "CREATE TABLE x(a)", columns: 1,
				open: func() rows { boom(where, "open"); return panicRows(where) },
			}, sqlite.EponymousOnly(true))
		})
	}
	for _, where := range []string{"step", "final"} {
		name := "panics_in_" + where
		all = append(all, func() error {
			return api.CreateFunction(name, &aggregate{name, 1, func() accumulator { return panicRun(where) }})
		})
	}
	return append(all, func() error {
		return api.CreateFunction("panics", &scalar{"panics", 0, func(*sqlite.Context, []sqlite.Value) error { panic("boom") }})
	})
}

func boom(where, here string) {
	if where == here {
		panic(fmt.Sprintf("boom in %s", here))
	}
}

type panicRows string

func (p panicRows) start([]*sqlite.Value, func(int) bool) error { boom(string(p), "start"); return nil }
func (p panicRows) next() (bool, error)                         { boom(string(p), "next"); return true, nil }
func (p panicRows) rowid() int64                                { boom(string(p), "rowid"); return 0 }
func (p panicRows) close()                                      { boom(string(p), "close") }
func (p panicRows) column(*sqlite.Context, int) error {
	boom(string(p), "column")
	return nil
}

type panicRun string

func (p panicRun) step([]sqlite.Value) error { boom(string(p), "step"); return nil }
func (p panicRun) close()                    {}
func (p panicRun) final(*sqlite.Context) error {
	boom(string(p), "final")
	return nil
}
