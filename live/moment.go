package live

import (
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/vxsnap/vxsnap/c"
	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/snapshot/vectorlite"
)

// A Moment is one consistent state of a schema and its index files, held so
// that it can be read: the view of the database, and the index files open. It
// is let go when everybody who holds it has released it.
type Moment struct {
	view       *view
	files      indexSet
	indexFiles string // the parameter of that name
	holders    atomic.Int32
}

// heldMoments counts the moments that are held in this process, so that tests
// can see a leak.
var heldMoments atomic.Int64

// Held is how many moments are held in this process.
func Held() int64 { return heldMoments.Load() }

// openMoment opens the index files first and looks at them again after the
// view is taken, so that both stand for one moment; current has to say so
// after they were read. The caller is the first holder.
func (cn *Conn) openMoment(schema, indexFiles string) (_ *Moment, err error) {
	if indexFiles, err = IndexWord(indexFiles); err != nil {
		return nil, err
	}
	if cn.db.TxnState(schema) == c.TxnWrite {
		return nil, misuse("schema %s has uncommitted changes on this connection; commit or roll back first, and store the rows in another database", fault.Quote(schema))
	}
	m := &Moment{indexFiles: indexFiles, view: &view{close: func() {}}}
	m.holders.Store(1)
	heldMoments.Add(1)
	defer func() {
		if err != nil {
			m.release()
		}
	}()
	if indexFiles == IndexNone {
		v, err := cn.openView(schema, false)
		if err != nil {
			return nil, cn.explain(schema, indexFiles, err)
		}
		m.view, cn.way = v, v.way
		return m, nil
	}
	tables, err := cn.tables(schema)
	if err != nil {
		return nil, cn.explain(schema, indexFiles, err)
	}
	if err := cn.anyElsewhere(tables); err != nil {
		return nil, err
	}
	if indexFiles == IndexAuto {
		err = cn.openFresh(m, schema, tables)
	} else {
		err = cn.openAround(m, schema, tables)
	}
	if err != nil {
		return nil, cn.explain(schema, indexFiles, err)
	}
	return m, m.current()
}

// openFresh is openAround where an index file that may be older than the view is an
// error.
func (cn *Conn) openFresh(m *Moment, schema string, tables []vectorlite.Table) error {
	stale, err := cn.staleChecker()
	if err == nil {
		err = stale.require(schema, tables)
	}
	if err == nil {
		err = cn.openAround(m, schema, tables)
	}
	if err == nil {
		err = m.requireFresh(schema, cn.freshness(schema, stale))
	}
	return err
}

// openAround opens the index files and then the view. What the connection knows of
// the tables may be older than the view; then the files are opened again, of the
// tables that the view has.
func (cn *Conn) openAround(m *Moment, schema string, tables []vectorlite.Table) (err error) {
	for range exportAttempts {
		if m.files, err = openIndexes(tables, m.indexFiles); err != nil {
			return err
		}
		v, err := cn.openView(schema, true)
		if err != nil {
			return err
		}
		m.view, cn.way = v, v.way
		if slices.Equal(v.tables, tables) {
			return nil
		}
		tables = v.tables
		v.close()
		m.view = &view{close: func() {}}
		m.files.close()
		m.files = indexSet{}
		if err := cn.anyElsewhere(tables); err != nil {
			return err
		}
	}
	return fmt.Errorf("the schema of %s: %w", fault.Quote(schema), snapshot.ErrChanged)
}

// requireFresh returns an error if an index file may be older than the view.
func (m *Moment) requireFresh(schema string, fresh *freshness) error {
	if len(m.files.open) > 0 && m.view.older {
		return misuse("schema %s is read in a transaction that may stand at an older commit than its index files; commit first, or pass index_files = 'disk' or 'none'", fault.Quote(schema))
	}
	for _, f := range m.files.open {
		if err := fresh.require(schema, f.Table, f.id); err != nil {
			return err
		}
	}
	return nil
}

// current returns an error wrapping snapshot.ErrChanged if an index file is no
// longer what it was when it was opened.
func (m *Moment) current() error {
	for _, f := range m.files.open {
		if err := f.Current(); err != nil {
			return err
		}
	}
	return nil
}

// release lets go of the moment for one holder. It may be called on any thread.
func (m *Moment) release() {
	if m.holders.Add(-1) == 0 {
		heldMoments.Add(-1)
		m.files.close()
		m.view.close()
	}
}

// stream starts a snapshot of the moment. The index files are read here, for their
// structure, and again for the rows, which come before the database's: so the time
// in which one of them may be rewritten is short.
func (cn *Conn) stream(m *Moment, opt ExportOptions) (*snapshot.Stream, error) {
	var sources []snapshot.Source
	for i, f := range m.files.open {
		info, err := f.Check(cn.Interrupted)
		if err != nil {
			return nil, err
		}
		source := f.Source(fmt.Sprintf("index_%d.idx", i))
		source.File.Elements, source.File.MaxElements = &info.Elements, &info.MaxElements
		sources = append(sources, source)
	}
	return snapshot.Open(append(sources, m.view.source), snapshot.Options{
		ChunkSize: opt.ChunkSize, Digests: opt.Digests, Compress: opt.Compress, Base: opt.Base, NewBlock: newBlock, Interrupted: cn.Interrupted,
	})
}

func newBlock(size int) snapshot.Block {
	if b := c.NewBlock(size); b != nil {
		return b
	}
	return nil
}
