package live

import "github.com/vxsnap/vxsnap/internal/fault"

// A Hold holds a moment of a schema: until it is released, every Export of that
// schema on the same connection streams that moment.
type Hold struct {
	cn     *Conn
	schema string
	moment *Moment // nil after Release
}

// Hold holds the moment at which it is called. An empty indexFiles means
// IndexAuto.
func (cn *Conn) Hold(schema, indexFiles string) (*Hold, error) {
	schema, err := cn.schemaName(schema)
	if err != nil {
		return nil, err
	}
	if cn.held[schema] != nil {
		return nil, misuse("schema %s is pinned on this connection already; close that statement first", fault.Quote(schema))
	}
	m, err := cn.openMoment(schema, indexFiles)
	if err != nil {
		return nil, err
	}
	cn.held[schema] = m
	return &Hold{cn, schema, m}, nil
}

// PageSize is that of the database, in bytes.
func (h *Hold) PageSize() int64 { return h.moment.view.source.File.PageSize }

// Pages is how many pages the database has.
func (h *Hold) Pages() int64 { return h.moment.view.source.File.Size / h.PageSize() }

// Way says how the database is read: "pin" or "spool", and why.
func (h *Hold) Way() string { return h.moment.view.way }

// IndexFiles is the word that says what was done about index files.
func (h *Hold) IndexFiles() string { return h.moment.indexFiles }

// Release lets go of the moment, for this holder. It may be called twice.
func (h *Hold) Release() {
	if h.moment == nil {
		return
	}
	delete(h.cn.held, h.schema)
	h.moment.release()
	h.moment = nil
}
