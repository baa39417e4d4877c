package live

import (
	"errors"
	"fmt"
	"io"

	"github.com/vxsnap/vxsnap/c"
	"github.com/vxsnap/vxsnap/snapshot"
	"github.com/vxsnap/vxsnap/snapshot/wal"
)

// pinAttempts is how often a pin is tried while commits come in between.
const pinAttempts = 1000

// look reads something, so that SQLite opens the WAL if there is one, and
// remembers whether it did: a reader opens no other journal. The schema is not
// read, which may be damaged.
func (p *pin) look() error {
	err := p.cn.await(p.schema, func() error { return p.db.Exec("PRAGMA schema_version") })
	_, p.wal = p.db.JournalFile("main")
	return err
}

// begin begins a read transaction and describes what it sees.
func (p *pin) begin() (*view, error) {
	file, ok := p.db.DatabaseFile("main")
	if !ok {
		return nil, errors.New("the database file is not open")
	}
	for range pinAttempts {
		if err := p.cn.Interrupted(); err != nil {
			return nil, err
		}
		v, err := p.try(file)
		if v != nil || err != nil {
			return v, err
		}
		if err := p.db.Exec("ROLLBACK"); err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("commits came between, %d times", pinAttempts)
}

// try begins a transaction. It returns no view, and no error, if a commit came
// between so that it is not known which commit the transaction sees.
func (p *pin) try(file c.File) (*view, error) {
	var before, after wal.Index
	var err error
	inWAL, whole := p.wal, true
	if inWAL {
		if before, whole, err = walIndex(file); err != nil {
			return nil, err
		}
	}
	if err := p.db.Exec("BEGIN"); err != nil {
		return nil, err
	}
	if err := p.look(); err != nil || !whole || inWAL != p.wal {
		return nil, err
	}
	if !inWAL {
		return p.fileView(file, 0, "pin, rollback journal")
	}
	if after, whole, err = walIndex(file); err != nil || !whole || !after.SameCommit(&before) {
		return nil, err
	}
	return p.walView(file, &after)
}

// walIndex reads the wal-index header. ok is false while somebody writes it.
func walIndex(file c.File) (h wal.Index, ok bool, err error) {
	start, err := file.WALIndex()
	if errors.Is(err, c.ReadOnly) {
		err = fmt.Errorf("the -shm file can only be read, and nobody who may write it has the database open: %w", err)
	}
	if err != nil {
		return h, false, err
	}
	h, ok = wal.ParseIndex(start)
	return h, ok, nil
}

// fileView is the file itself, which the transaction's lock keeps still. A WAL
// knows how many pages are in it; 0 if nothing does.
func (p *pin) fileView(file c.File, inFile int64, way string) (*view, error) {
	pageSize, err := p.db.Int64("PRAGMA page_size")
	if err != nil {
		return nil, err
	}
	h, size, err := headerOf(file)
	if err != nil {
		return nil, err
	}
	if inFile == 0 {
		inFile = pagesIn(size, pageSize)
	}
	pages := h.pages(inFile)
	if pages*pageSize > size {
		return nil, fmt.Errorf("the database file has %d bytes, fewer than its %d pages of %d bytes", size, pages, pageSize)
	}
	return p.view(p.cache.over(file), pages, pageSize, way)
}

// walView is the file with the frames of the WAL that are not in it yet. The
// read mark keeps those frames from being overwritten, and a checkpoint writes
// only pages that are in them.
func (p *pin) walView(file c.File, h *wal.Index) (*view, error) {
	if h.Backfill >= h.MxFrame {
		return p.fileView(file, int64(h.Pages), fmt.Sprintf("pin, WAL, all of %d frames in the database file", h.MxFrame))
	}
	log, ok := p.db.JournalFile("main")
	if !ok {
		return nil, errors.New("the WAL is not open")
	}
	frames, err := wal.NewView(p.cache.over(file), log, h, file.WALRegion, p.cn.Interrupted)
	if err != nil {
		return nil, err
	}
	way := fmt.Sprintf("pin, WAL, %d pages from %d frames", frames.Frames(), h.MxFrame)
	return p.view(frames, int64(h.Pages), h.PageSize, way)
}

func (p *pin) view(r io.ReaderAt, pages, pageSize int64, way string) (*view, error) {
	v := &view{way: way, source: snapshot.Source{Reader: r, File: snapshot.File{
		Name: snapshot.DatabaseName, Type: snapshot.TypeDatabase, Size: pages * pageSize,
		Path: p.cn.db.Filename(p.schema), PageSize: pageSize,
	}}}
	var err error
	if p.tables {
		v.tables, err = indexTables(p.db, "main")
	}
	return v, err
}
