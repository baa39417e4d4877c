package extension

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/vxsnap/vxsnap/c"
	"github.com/vxsnap/vxsnap/snapshot"
)

// An export is a snapshot that is being handed out: the stream, and what has
// to stay open for it.
type export struct {
	*snapshot.Stream
	view  *view
	files indexSet
}

func (e *export) close() {
	e.Close()
	e.files.close()
	e.view.close()
}

// exportAttempts is how often an export starts over when an index file changes
// under it.
const exportAttempts = 3

// startExport takes a snapshot of a schema: index files are opened first and
// looked at again last, so that they and the view of the database stand for
// one moment.
func (cn *connection) startExport(schema, indexFiles string, chunkSize int64) (*export, error) {
	if cn.db.TxnState(schema) == c.TxnWrite {
		return nil, usage("schema %s has uncommitted changes on this connection; commit or roll back first, and store the rows in another database", snapshot.Quote(schema))
	}
	cn.asked = cn.asked.Add(-interruptEvery)
	for attempt := 1; ; attempt++ {
		e, err := cn.tryExport(schema, indexFiles, chunkSize)
		if err == nil || !errors.Is(err, snapshot.ErrChanged) {
			return e, err
		}
		if attempt == exportAttempts {
			return nil, fmt.Errorf("%w, %d times; run the query again when nobody writes it", err, attempt)
		}
	}
}

func (cn *connection) tryExport(schema, indexFiles string, chunkSize int64) (_ *export, err error) {
	e := &export{}
	if indexFiles != indexNone {
		if e.files, err = cn.openIndexes(schema, indexFiles); err != nil {
			return nil, err
		}
	}
	defer func() {
		if err != nil {
			e.files.close()
			if e.view != nil {
				e.view.close()
			}
		}
	}()
	if e.view, err = cn.openView(schema); err != nil {
		return nil, err
	}
	cn.way = e.view.way
	if indexFiles != indexNone && !slices.Equal(e.view.tables, e.files.tables) {
		return nil, fmt.Errorf("the schema of %s: %w", snapshot.Quote(schema), snapshot.ErrChanged)
	}
	sources := []snapshot.Source{e.view.source}
	for i, f := range e.files.open {
		info, err := f.Check(cn.interrupted)
		if err != nil {
			return nil, err
		}
		source := f.Source(fmt.Sprintf("index_%d.idx", i))
		source.File.Elements, source.File.MaxElements = &info.Elements, &info.MaxElements
		sources = append(sources, source)
	}
	e.Stream, err = snapshot.Open(sources, snapshot.Options{
		ChunkSize: chunkSize, NewBlock: newBlock, Interrupted: cn.interrupted,
	})
	if err != nil {
		return nil, err
	}
	for _, f := range e.files.open {
		if err := f.Current(); err != nil {
			return nil, err
		}
	}
	return e, nil
}

func newBlock(size int) snapshot.Block {
	if b := c.NewBlock(size); b != nil {
		return b
	}
	return nil
}

// An indexSet is the index files that belong to a schema.
type indexSet struct {
	tables []snapshot.IndexTable // as declared
	open   []*snapshot.IndexFile // of those that have a file
}

func (s *indexSet) close() {
	for _, f := range s.open {
		f.Close()
	}
}

// openIndexes opens the index files of a schema, unless one is missing or may
// be older than what this connection holds in memory.
func (cn *connection) openIndexes(schema, indexFiles string) (set indexSet, err error) {
	defer func() {
		if err != nil {
			set.close()
		}
	}()
	if set.tables, err = indexTables(cn.db, schema); err != nil {
		return set, err
	}
	if !slices.ContainsFunc(set.tables, func(t snapshot.IndexTable) bool { return t.Path != "" }) {
		return set, nil
	}
	if indexFiles == indexAuto {
		stale, err := cn.mayBeStale()
		if err != nil {
			return set, err
		}
		if stale {
			return set, usage("vectors that were changed on this connection may not be in the index files yet; run SELECT vx_snapshot_flush() first, or pass index_files = 'disk' to take the files as they are")
		}
	}
	live, err := cn.databaseFiles()
	if err != nil {
		return set, err
	}
	for _, table := range set.tables {
		if table.Path == "" {
			continue
		}
		if err := live.refuse(table); err != nil {
			return set, err
		}
		f, err := snapshot.OpenIndexFile(table.Name, table.Path)
		if errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("%w; run SELECT vx_snapshot_flush() on the connection that holds the index, or pass index_files = 'none' to leave the index files out", err)
		}
		if err != nil {
			return set, err
		}
		set.open = append(set.open, f)
	}
	return set, nil
}

// mayBeStale reports whether this connection may hold an index that is newer
// than its file: vectorlite writes files only when it disconnects a table.
func (cn *connection) mayBeStale() (bool, error) {
	vectorlite, err := cn.hasModule("vectorlite")
	return vectorlite && cn.db.TotalChanges() != cn.flushedAt, err
}
