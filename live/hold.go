package live

import "github.com/vxsnap/vxsnap/internal/fault"

// A Hold holds a moment of a schema: until it is released, every Export of that
// schema on the same connection streams that moment, or is an error where another
// file is attached under the schema's name.
//
// It must be released before the connection is closed, or goes back to a pool
// such as that of database/sql: while a database is pinned its WAL cannot be
// truncated, and the next user of the connection would get the old moment. The
// end of the connection releases what is left.
type Hold struct {
	cn     *Conn
	schema string
	file   schemaFile
	moment *Moment
}

// Hold holds the moment at which it is called. An empty indexFiles means
// IndexAuto.
func (cn *Conn) Hold(schema, indexFiles string) (*Hold, error) {
	schema, err := cn.SchemaName(schema)
	if err != nil {
		return nil, err
	}
	if cn.isHeld(schema) {
		return nil, misuse("schema %s is pinned on this connection already; close that statement first", fault.Quote(schema))
	}
	m, err := cn.openMoment(schema, indexFiles)
	if err != nil {
		return nil, err
	}
	h := &Hold{cn, schema, cn.fileOf(schema), m}
	cn.mu.Lock()
	defer cn.mu.Unlock()
	cn.held[schema] = h
	return h, nil
}

func (cn *Conn) isHeld(schema string) bool {
	cn.mu.Lock()
	defer cn.mu.Unlock()
	return cn.held[schema] != nil
}

// share gives the Hold of a schema, nil if there is none. The caller holds its
// moment too, and releases it.
func (cn *Conn) share(schema string) *Hold {
	cn.mu.Lock()
	defer cn.mu.Unlock()
	h := cn.held[schema]
	if h != nil {
		h.moment.holders.Add(1)
	}
	return h
}

// PageSize is that of the database, in bytes.
func (h *Hold) PageSize() int64 { return h.moment.view.source.File.PageSize }

// Pages is how many pages the database has.
func (h *Hold) Pages() int64 { return h.moment.view.source.File.Size / h.PageSize() }

// Way says how the database is read: "pin" or "spool", and why.
func (h *Hold) Way() string { return h.moment.view.way }

// IndexFiles is the word that says what was done about index files.
func (h *Hold) IndexFiles() string { return h.moment.indexFiles }

// Release lets go of the moment, for this holder; what the other methods say
// stays. It may be called twice, and after the end of the connection.
func (h *Hold) Release() {
	h.cn.mu.Lock()
	mine := h.cn.held[h.schema] == h
	if mine {
		delete(h.cn.held, h.schema)
	}
	h.cn.mu.Unlock()
	if mine {
		h.moment.release()
	}
}
