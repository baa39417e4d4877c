package extension

import (
	"errors"
	"fmt"

	"github.com/vxsnap/vxsnap/snapshot"
)

// An export is a snapshot that is being handed out: the stream, and the moment
// that has to last as long.
type export struct {
	*snapshot.Stream
	moment *moment
}

func (e *export) close() {
	e.Close()
	e.moment.release()
}

// exportAttempts is how often an export starts over when an index file or the
// schema changes under it.
const exportAttempts = 3

// startExport takes a snapshot of a schema: of the moment that is pinned, or of
// now.
func (cn *connection) startExport(schema, indexFiles string, chunkSize int64) (*export, error) {
	if pinned := cn.pins[schema]; pinned != nil {
		return cn.exportPinned(pinned, indexFiles, chunkSize)
	}
	if indexFiles == "" {
		indexFiles = indexAuto
	}
	for attempt := 1; ; attempt++ {
		e, err := cn.exportNow(schema, indexFiles, chunkSize)
		if err == nil || !errors.Is(err, snapshot.ErrChanged) {
			return e, err
		}
		if attempt == exportAttempts {
			return nil, fmt.Errorf("%w, %d times; run the query again when nobody writes it", err, attempt)
		}
	}
}

func (cn *connection) exportNow(schema, indexFiles string, chunkSize int64) (*export, error) {
	m, err := cn.openMoment(schema, indexFiles)
	if err != nil {
		return nil, err
	}
	stream, err := cn.stream(m, chunkSize)
	if err == nil {
		err = m.current()
	}
	if err != nil {
		m.release()
		return nil, err
	}
	return &export{stream, m}, nil
}

// exportPinned takes a snapshot of a moment that somebody else holds too.
func (cn *connection) exportPinned(m *moment, indexFiles string, chunkSize int64) (*export, error) {
	if indexFiles != "" && indexFiles != m.indexFiles {
		return nil, usage("index_files is '%s', but the schema is pinned with '%s'; pass the same word or leave it out", indexFiles, m.indexFiles)
	}
	stream, err := cn.stream(m, chunkSize)
	if errors.Is(err, snapshot.ErrChanged) {
		return nil, fmt.Errorf("%w since it was pinned; close the pin and pin again", err)
	}
	if err != nil {
		return nil, err
	}
	m.holders++
	return &export{stream, m}, nil
}
