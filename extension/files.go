package extension

import (
	"errors"
	"fmt"
	"io/fs"

	"go.riyazali.net/sqlite"

	"github.com/vxsnap/vxsnap/c"
	"github.com/vxsnap/vxsnap/snapshot"
)

// vx_snapshot_files(schema)
func (cn *connection) files() *tableFunction {
	return &tableFunction{
		name: "vx_snapshot_files",
		declare: `CREATE TABLE x(file_name TEXT, file_type TEXT, path TEXT, file_size INTEGER, state TEXT, detail TEXT,
			schema HIDDEN)`,
		columns:   6,
		params:    1,
		unordered: true,
		open:      func() rows { return &fileRows{cn: cn} },
	}
}

// The states of a file.
const (
	stateOK      = "ok"      // a snapshot takes it
	stateMissing = "missing" // declared, but not there
	stateStale   = "stale"   // this connection may hold a newer index in memory
	stateInvalid = "invalid" // not an hnswlib index
	stateMemory  = "memory"  // the index has no file
)

// A fileState is one row: what a snapshot taken now would contain.
type fileState struct {
	name, kind, path string
	size             int64 // bytes, -1 where there is no file
	state, detail    string
}

type fileRows struct {
	cn     *connection
	schema string
	all    []fileState
	at     int
}

func (r *fileRows) start(args []*sqlite.Value) (err error) {
	if r.schema, err = r.cn.schemaName(args[0]); err != nil {
		return err
	}
	r.all, r.at = nil, -1
	database, err := r.cn.databaseState(r.schema)
	if err != nil {
		return err
	}
	r.all = append(r.all, database)
	tables, err := indexTables(r.cn.db, r.schema)
	if err != nil {
		return err
	}
	stale, err := r.cn.mayBeStale()
	if err != nil {
		return err
	}
	live, err := r.cn.databaseFiles()
	if err != nil {
		return err
	}
	next := 0
	for _, table := range tables {
		state := fileState{kind: snapshot.TypeIndex, path: table.Path, size: -1}
		if table.Path == "" {
			state.state = stateMemory
			state.detail = fmt.Sprintf("the index of table %s lives in memory only and is not in a snapshot; declare a path as vectorlite's third argument", table.Name)
		} else {
			state.name = fmt.Sprintf("index_%d.idx", next)
			next++
			if err := r.cn.indexState(&state, table, live, stale); err != nil {
				return err
			}
		}
		r.all = append(r.all, state)
	}
	return nil
}

func (cn *connection) databaseState(schema string) (fileState, error) {
	state := fileState{
		name: snapshot.DatabaseName, kind: snapshot.TypeDatabase, path: cn.db.Filename(schema),
		state: stateOK, detail: "",
	}
	size, err := cn.db.Prepare("SELECT page_count * page_size FROM pragma_page_count(?1), pragma_page_size(?1)")
	if err != nil {
		return state, err
	}
	defer size.Close()
	if err := size.BindText(1, schema); err != nil {
		return state, err
	}
	if _, err := size.Step(); err != nil {
		return state, err
	}
	state.size = size.Int64(0)
	if cn.db.TxnState(schema) == c.TxnWrite {
		state.state = stateStale
		state.detail = "this connection has uncommitted changes; commit or roll back before a snapshot"
	}
	return state, nil
}

func (cn *connection) indexState(state *fileState, table snapshot.IndexTable, live liveFiles, stale bool) error {
	if err := live.refuse(table); err != nil {
		state.state, state.detail = stateInvalid, err.Error()
		return nil
	}
	f, err := snapshot.OpenIndexFile(table)
	if err == nil {
		defer f.Close()
		state.size = f.Size()
		_, err = f.Check(cn.interrupted)
	}
	switch {
	case errors.Is(err, c.Interrupt):
		return err
	case errors.Is(err, fs.ErrNotExist):
		state.state = stateMissing
		state.detail = fmt.Sprintf("table %s declares a file that does not exist; run SELECT vx_snapshot_flush() on the connection that holds the index", table.Name)
	case err != nil:
		state.state, state.detail = stateInvalid, err.Error()
	case stale:
		state.state = stateStale
		state.detail = fmt.Sprintf("this connection may hold a newer index of table %s in memory; run SELECT vx_snapshot_flush()", table.Name)
	default:
		state.state = stateOK
	}
	return nil
}

func (r *fileRows) next() (bool, error) {
	r.at++
	return r.at < len(r.all), nil
}

func (r *fileRows) rowid() int64 { return int64(r.at) }

func (r *fileRows) column(ctx *sqlite.Context, i int) error {
	f := &r.all[r.at]
	texts := [...]string{0: f.name, 1: f.kind, 2: f.path, 4: f.state, 5: f.detail, 6: r.schema}
	switch {
	case i == 3 && f.size >= 0:
		ctx.ResultInt64(f.size)
	case i == 0 && f.name == "", i == 2 && f.path == "", i == 3:
		// NULL: no such thing
	default:
		c.ResultText(ctx, texts[i])
	}
	return nil
}

func (r *fileRows) close() {}
