package store

import (
	"errors"

	"github.com/vxsnap/vxsnap/c"
	"github.com/vxsnap/vxsnap/snapshot"
)

// A writer saves rows in a transaction. Metadata row and end row go through the view save,
// but for the manifest, of which triggers would make copies.
// With file rows it does what the trigger save_chunk does, a statement at a time: it knows
// their places, and SQLite sets up no program of a trigger for each, which takes a fifth of a
// first night.
type writer struct {
	save, over, data, chunk, manifest *c.Stmt

	db        c.DB
	chunkSize int64
	n, id     int64            // of the snapshot, and of the last data
	first     bool             // nothing is there that a chunk could supersede
	places    map[string]place // of its files; none before its metadata row, and none after its end row
	err       error            // of the first row that was not saved
}

// A place is where a file's rows belong.
type place struct{ file, seq, chunks int64 }

func (s *Store) newWriter() (_ *writer, err error) {
	w := &writer{db: s.db, chunkSize: s.chunkSize}
	for _, one := range []struct {
		into **c.Stmt
		sql  string
	}{
		{&w.save, "INSERT OR ROLLBACK INTO save VALUES (?1, ?2, ?3, ?4, ?5, ?6, NULL)"}, // OR ABORT, which is else meant, keeps copies of pages
		{&w.over, "UPDATE chunk SET last = ?1 WHERE file = ?2 AND number = ?3 AND last IS NULL"},
		{&w.data, "INSERT INTO data VALUES (?1, ?2)"},
		{&w.chunk, "INSERT INTO chunk VALUES (?1, ?2, ?3, NULL, ?4)"},
		{&w.manifest, "UPDATE manifest SET manifest = ?2 WHERE n = ?1"},
	} {
		if *one.into, err = s.db.Prepare(one.sql); err != nil {
			w.close()
			return nil, err
		}
	}
	return w, nil
}

func (w *writer) close() {
	for _, s := range []*c.Stmt{w.save, w.over, w.data, w.chunk, w.manifest} {
		if s != nil {
			s.Close()
		}
	}
}

var errNoPlace = errors.New("a file row is not one of the snapshot whose metadata row came; save the rows in order of seq")

// add saves a row. After an error nothing more is saved: it may have ended the transaction.
func (w *writer) add(row *snapshot.Row, manifest []byte) error {
	if w.err == nil {
		w.err = w.put(row, manifest)
	}
	return w.err
}

func (w *writer) put(row *snapshot.Row, manifest []byte) error {
	if row.Kind != snapshot.KindChunk {
		return w.record(row, manifest)
	}
	p, known := w.places[row.FileName]
	number := row.Seq - p.seq
	if !known || number < 0 || number >= p.chunks || row.Offset != number*w.chunkSize {
		return errNoPlace
	}
	if !w.first {
		if err := run(w.over, w.over.BindInt64(1, w.n), w.over.BindInt64(2, p.file), w.over.BindInt64(3, number)); err != nil {
			return err
		}
	}
	w.id++
	if err := run(w.data, w.data.BindInt64(1, w.id), w.data.BindBlob(2, row.Data)); err != nil {
		return err
	}
	return run(w.chunk, w.chunk.BindInt64(1, p.file), w.chunk.BindInt64(2, number), w.chunk.BindInt64(3, w.n), w.chunk.BindInt64(4, w.id))
}

// record saves a metadata row or an end row.
func (w *writer) record(row *snapshot.Row, manifest []byte) error {
	w.places = nil
	last := int64(0)
	if row.Last {
		last = 1
	}
	bound := []error{w.save.BindInt64(1, row.Seq), w.save.BindInt64(5, last), w.save.BindText(6, row.Metadata)}
	if err := run(w.save, bound...); err != nil {
		return err
	}
	if row.Kind == snapshot.KindEnd {
		if manifest == nil {
			return nil
		}
		return run(w.manifest, w.manifest.BindInt64(1, w.n), w.manifest.BindBlob(2, manifest))
	}
	w.places = make(map[string]place)
	err := w.db.Each("SELECT file_name, file, seq, chunks FROM saving_file", func(row *c.Stmt) error {
		w.places[row.Text(0)] = place{row.Int64(1), row.Int64(2), row.Int64(3)}
		return nil
	})
	if err != nil {
		return err
	}
	return w.db.Each("SELECT n, id, NOT EXISTS (SELECT 1 FROM chunk) FROM saving", func(row *c.Stmt) error {
		w.n, w.id, w.first = row.Int64(0), row.Int64(1), row.Int64(2) != 0
		return nil
	})
}

// run runs a statement whose parameters were set, with these errors.
func run(s *c.Stmt, bound ...error) error {
	err := errors.Join(bound...)
	if err == nil {
		_, err = s.Step()
	}
	s.Reset()
	return err
}
