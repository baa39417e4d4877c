package live

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/vxsnap/vxsnap/c"
	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// The states of a file.
const (
	StateOK      = "ok"      // a snapshot takes it
	StateMissing = "missing" // declared, but not there
	StateStale   = "stale"   // this connection may hold a newer index in memory
	StateInvalid = "invalid" // not an hnswlib index
	StateMemory  = "memory"  // the index has no file
	StateMoved   = "moved"   // the path is relative, and the process is in another directory

	// StateHeld: somebody else may hold a newer index in memory.
	StateHeld = "held"
	// StateInterrupted: a flush was killed, and the file of before waits beside.
	StateInterrupted = "interrupted"
)

// A FileState is what a snapshot taken now would contain.
type FileState struct {
	Name, Type, Path string
	Size             int64 // bytes, -1 where there is no file
	State, Detail    string
}

// Files lists what a snapshot of a schema taken now would contain.
func (cn *Conn) Files(schema string) ([]FileState, error) {
	schema, err := cn.SchemaName(schema)
	if err != nil {
		return nil, err
	}
	database, err := cn.databaseState(schema)
	if err != nil {
		return nil, err
	}
	all := []FileState{database}
	tables, err := cn.tables(schema)
	if err != nil {
		return nil, err
	}
	stale, err := cn.staleChecker()
	if err != nil {
		return nil, err
	}
	fresh := cn.freshness(schema, stale)
	next := 0
	for _, table := range tables {
		state := FileState{Type: snapshot.TypeIndex, Path: table.Path, Size: -1}
		if table.Path == "" {
			state.State = StateMemory
			state.Detail = fmt.Sprintf("the index of table %s lives in memory only and is not in a snapshot; declare a path as vectorlite's third argument", table.Name)
		} else {
			state.Name = fmt.Sprintf("index_%d.idx", next)
			next++
			if err := cn.indexState(&state, schema, table, fresh); err != nil {
				return nil, err
			}
		}
		all = append(all, state)
	}
	return all, nil
}

func (cn *Conn) databaseState(schema string) (FileState, error) {
	state := FileState{
		Name: snapshot.DatabaseName, Type: snapshot.TypeDatabase, Path: cn.db.Filename(schema),
		State: StateOK,
	}
	var pages int64
	err := cn.awaitOwn(schema, func() (err error) {
		pages, err = cn.pragmaInt(identifier(schema) + ".page_count")
		return err
	})
	if err != nil {
		return state, err
	}
	pageSize, err := cn.pragmaInt(identifier(schema) + ".page_size")
	if err != nil {
		return state, err
	}
	state.Size = pages * pageSize
	if cn.db.TxnState(schema) == c.TxnWrite {
		state.State = StateStale
		state.Detail = "this connection has uncommitted changes; commit or roll back before a snapshot"
	}
	return state, nil
}

func (cn *Conn) indexState(state *FileState, schema string, table vectorlite.Table, fresh *freshness) error {
	if away := cn.elsewhere(table); away != nil {
		state.State, state.Detail = StateMoved, away.Error()
		return nil
	}
	f, err := openBesideFlushes(table)
	if errors.As(err, new(*Interrupted)) {
		state.State, state.Detail = StateInterrupted, err.Error()
		return nil
	}
	if err == nil {
		defer f.Close()
		state.Size = f.Size()
		_, err = f.Check(cn.Interrupted)
	}
	switch {
	case cn.toldToEnd(err), noDescriptors(err):
		return err
	case errors.Is(err, fs.ErrNotExist):
		state.State = StateMissing
		state.Detail = fmt.Sprintf("table %s declares a file that does not exist; run SELECT vx_snapshot_flush() on the connection that holds the index", table.Name)
	case err != nil:
		state.State, state.Detail = StateInvalid, err.Error()
	default:
		state.State, state.Detail, err = fresh.of(schema, table, f.id)
		if err == nil && state.State == StateOK {
			state.Detail, err = fresh.beside()
		}
		return err
	}
	return nil
}
