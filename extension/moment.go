package extension

import (
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/vxsnap/vxsnap/c"
	"github.com/vxsnap/vxsnap/snapshot"
)

// A moment is one consistent state of a schema and its index files, held so
// that it can be read: the view of the database, and the index files open. It
// is let go when everybody who holds it has released it.
type moment struct {
	view       *view
	files      indexSet
	indexFiles string // the parameter of that name
	holders    int
}

// liveMoments counts the moments that are held in this process, so that tests
// can see a leak.
var liveMoments atomic.Int64

// openMoment opens the index files first and looks at them again after the
// view is taken, so that both stand for one moment; current has to say so
// after they were read. The caller is the first holder.
func (cn *connection) openMoment(schema, indexFiles string) (_ *moment, err error) {
	if cn.db.TxnState(schema) == c.TxnWrite {
		return nil, usage("schema %s has uncommitted changes on this connection; commit or roll back first, and store the rows in another database", snapshot.Quote(schema))
	}
	m := &moment{indexFiles: indexFiles, holders: 1, view: &view{close: func() {}}}
	liveMoments.Add(1)
	defer func() {
		if err != nil {
			m.release()
		}
	}()
	if indexFiles != indexNone {
		if m.files, err = cn.openIndexes(schema, indexFiles); err != nil {
			return nil, err
		}
	}
	v, err := cn.openView(schema)
	if err != nil {
		return nil, err
	}
	m.view, cn.way = v, v.way
	if indexFiles != indexNone && !slices.Equal(v.tables, m.files.tables) {
		return nil, fmt.Errorf("the schema of %s: %w", snapshot.Quote(schema), snapshot.ErrChanged)
	}
	return m, m.current()
}

// current returns an error wrapping snapshot.ErrChanged if an index file is no
// longer what it was when it was opened.
func (m *moment) current() error {
	for _, f := range m.files.open {
		if err := f.Current(); err != nil {
			return err
		}
	}
	return nil
}

// release lets go of the moment for one holder.
func (m *moment) release() {
	if m.holders--; m.holders == 0 {
		liveMoments.Add(-1)
		m.files.close()
		m.view.close()
	}
}

// stream starts a snapshot of the moment: it reads everything once.
func (cn *connection) stream(m *moment, chunkSize int64) (*snapshot.Stream, error) {
	sources := []snapshot.Source{m.view.source}
	for i, f := range m.files.open {
		info, err := f.Check(cn.interrupted)
		if err != nil {
			return nil, err
		}
		source := f.Source(fmt.Sprintf("index_%d.idx", i))
		source.File.Elements, source.File.MaxElements = &info.Elements, &info.MaxElements
		sources = append(sources, source)
	}
	return snapshot.Open(sources, snapshot.Options{
		ChunkSize: chunkSize, NewBlock: newBlock, Interrupted: cn.interrupted,
	})
}

func newBlock(size int) snapshot.Block {
	if b := c.NewBlock(size); b != nil {
		return b
	}
	return nil
}
