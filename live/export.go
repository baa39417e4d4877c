package live

import (
	"errors"
	"fmt"

	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/snapshot"
)

// An Export is a snapshot that is being handed out: the stream, and the moment
// that has to last as long.
type Export struct {
	*snapshot.Stream
	moment *Moment
	closed bool
}

// IndexFiles is the word that says what was done about index files.
func (e *Export) IndexFiles() string { return e.moment.indexFiles }

// Pieces cuts the snapshot's tar stream into pieces of size bytes, which no row may be
// read before. The caller drops them.
func (e *Export) Pieces(size int64) *snapshot.Pieces {
	return snapshot.NewPieces(e.Tar(), size, newBlock)
}

// Close lets go of everything. It may be called twice, and after the end of the
// connection.
func (e *Export) Close() {
	if e.closed {
		return
	}
	e.closed = true
	e.Stream.Close()
	e.moment.release()
}

// exportAttempts is how often an export starts over when an index file or the
// schema changes under it.
const exportAttempts = 3

// ExportOptions are those of one export.
type ExportOptions struct {
	ChunkSize  int64  // bytes of a row's data, at most; 0 means snapshot.DefaultChunkSize
	IndexFiles string // "" means the held moment's word, or IndexAuto
	Digests    bool   // keeps what Manifest needs

	Compress snapshot.Compression
	Base     *snapshot.Manifest // nil: all chunks have rows
}

// Export takes a snapshot of a schema: of the moment that is held, or of now.
func (cn *Conn) Export(schema string, opt ExportOptions) (*Export, error) {
	schema, err := cn.SchemaName(schema)
	if err != nil {
		return nil, err
	}
	if held := cn.share(schema); held != nil {
		return cn.exportHeld(held, opt)
	}
	for attempt := 1; ; attempt++ {
		e, err := cn.exportNow(schema, opt)
		if err == nil || !errors.Is(err, snapshot.ErrChanged) {
			return e, err
		}
		if attempt == exportAttempts {
			return nil, fmt.Errorf("%w, %d times; run the query again when nobody writes it", err, attempt)
		}
	}
}

func (cn *Conn) exportNow(schema string, opt ExportOptions) (*Export, error) {
	m, err := cn.openMoment(schema, opt.IndexFiles)
	if err != nil {
		return nil, err
	}
	stream, err := cn.stream(m, opt)
	if err == nil {
		err = m.current()
	}
	if err != nil {
		m.release()
		return nil, err
	}
	return &Export{Stream: stream, moment: m}, nil
}

// exportHeld takes a snapshot of a moment that somebody else holds too.
func (cn *Conn) exportHeld(h *Hold, opt ExportOptions) (_ *Export, err error) {
	m := h.moment
	defer func() {
		if err != nil {
			m.release()
		}
	}()
	word, err := IndexWord(opt.IndexFiles)
	if err != nil {
		return nil, err
	}
	if opt.IndexFiles != "" && word != m.indexFiles {
		return nil, misuse("index_files is '%s', but the schema is pinned with '%s'; pass the same word or leave it out", opt.IndexFiles, m.indexFiles)
	}
	if h.file != cn.fileOf(h.schema) {
		return nil, misuse("schema %s is another file now than %s, which is pinned; attach that again, or close the pin and pin again", fault.Quote(h.schema), fault.Quote(h.file.path))
	}
	stream, err := cn.stream(m, opt)
	if errors.Is(err, snapshot.ErrChanged) {
		return nil, fmt.Errorf("%w since it was pinned; close the pin and pin again", err)
	}
	if err != nil {
		return nil, err
	}
	return &Export{Stream: stream, moment: m}, nil
}
