package extension

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/vxsnap/vxsnap/c"
	"github.com/vxsnap/vxsnap/snapshot"
)

// pinAttempts is how often a pin is tried while commits come in between.
const pinAttempts = 1000

// notPinnable says why the pin does not cover a schema, "" if it does.
func (cn *connection) notPinnable(schema string) (string, error) {
	file, open := cn.db.DatabaseFile(schema)
	if cn.db.Filename(schema) == "" || !open {
		return "not a database in a file", nil
	}
	if !file.SharesMemory() {
		return "a VFS without shared memory", nil
	}
	if cn.db.HasMoved(schema) {
		return "the database file was moved or replaced", nil
	}
	locking, err := cn.db.Text("PRAGMA " + identifier(schema) + ".locking_mode")
	if err != nil {
		return "", err
	}
	if locking == "exclusive" {
		return "locking_mode = EXCLUSIVE", nil
	}
	journal, err := cn.db.Text("PRAGMA " + identifier(schema) + ".journal_mode")
	if err != nil {
		return "", err
	}
	// The caller may stand at an older commit, and nothing tells at which one.
	if journal == "wal" && !cn.db.AutoCommit() && cn.db.TxnState(schema) != c.TxnNone {
		return "an explicit transaction in WAL mode", nil
	}
	return "", nil
}

// A pin is a private connection that holds a read transaction on a database
// file, so that what it reads cannot change underneath.
type pin struct {
	cn  *connection
	db  c.DB
	wal bool // the journal mode when the file was last looked at
}

// pin holds the database of a schema still and reads it in place.
func (cn *connection) pin(schema string) (_ *view, err error) {
	timeout, err := cn.busyTimeout()
	if err != nil {
		return nil, err
	}
	flags := c.OpenPrivate | c.OpenReadWrite
	if readOnly, _ := cn.db.ReadOnly(schema); readOnly {
		flags = c.OpenPrivate | c.OpenReadOnly
	}
	db, err := c.Open(cn.db.Filename(schema), flags, cn.db.VFS(schema))
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			db.Close()
		}
	}()
	db.SetBusyTimeout(int(timeout / time.Millisecond))
	if err := db.SetNoCheckpointOnClose(); err != nil {
		return nil, err
	}
	p := &pin{cn: cn, db: db}
	if err := p.look(); err != nil {
		return nil, err
	}
	v, err := p.hold()
	if err != nil {
		return nil, err
	}
	if cn.db.HasMoved(schema) {
		return nil, errors.New("the database file was moved or replaced")
	}
	if !cn.readsLike(schema, db) {
		return nil, errors.New("the VFS gives another connection other bytes")
	}
	v.close = func() { db.Close() }
	return v, nil
}

// readsLike reports whether a private connection gets the same bytes from the
// database file as the caller's. A VFS may decrypt for the caller only.
func (cn *connection) readsLike(schema string, private c.DB) bool {
	var ours, theirs [16]byte // the magic string, which never changes
	theirFile, ok1 := cn.db.DatabaseFile(schema)
	ourFile, ok2 := private.DatabaseFile("main")
	if !ok1 || !ok2 {
		return false
	}
	_, err1 := theirFile.ReadAt(theirs[:], 0)
	_, err2 := ourFile.ReadAt(ours[:], 0)
	return ours == theirs && (err1 == nil) == (err2 == nil)
}

// look reads something, so that SQLite opens the WAL if there is one, and
// remembers whether it did.
func (p *pin) look() error {
	if err := p.db.Exec("PRAGMA schema_version"); err != nil {
		return err
	}
	mode, err := p.db.Text("PRAGMA journal_mode")
	p.wal = mode == "wal"
	return err
}

// hold begins a read transaction and describes what it sees.
func (p *pin) hold() (*view, error) {
	file, ok := p.db.DatabaseFile("main")
	if !ok {
		return nil, errors.New("the database file is not open")
	}
	for range pinAttempts {
		if err := p.cn.interrupted(); err != nil {
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
	var index []byte
	var before snapshot.WALIndex
	var err error
	whole := true
	if p.wal {
		if index, err = file.WALIndex(); err != nil {
			return nil, err
		}
		before, whole = snapshot.ParseWALIndex(index)
	}
	if err := p.db.Exec("BEGIN"); err != nil {
		return nil, err
	}
	wal := p.wal
	if err := p.look(); err != nil || !whole || wal != p.wal {
		return nil, err
	}
	if !wal {
		return p.fileView(file, "pin, rollback journal")
	}
	after, whole := snapshot.ParseWALIndex(index)
	if !whole || !after.SameCommit(&before) {
		return nil, nil
	}
	return p.walView(file, &after)
}

// fileView is the file itself, which the transaction's lock keeps still.
func (p *pin) fileView(file c.File, way string) (*view, error) {
	pages, err := p.db.Int64("PRAGMA page_count")
	if err != nil {
		return nil, err
	}
	pageSize, err := p.db.Int64("PRAGMA page_size")
	if err != nil {
		return nil, err
	}
	return p.view(file, pages, pageSize, way)
}

// walView is the file with the frames of the WAL that are not in it yet. The
// read mark keeps those frames from being overwritten, and a checkpoint writes
// only pages that are in them.
func (p *pin) walView(file c.File, h *snapshot.WALIndex) (*view, error) {
	if h.Backfill >= h.MxFrame {
		return p.fileView(file, fmt.Sprintf("pin, WAL, all of %d frames in the database file", h.MxFrame))
	}
	wal, ok := p.db.JournalFile("main")
	if !ok {
		return nil, errors.New("the WAL is not open")
	}
	frames, err := snapshot.NewWALView(file, wal, h, p.cn.interrupted)
	if err != nil {
		return nil, err
	}
	way := fmt.Sprintf("pin, WAL, %d pages from %d frames", frames.Frames(), h.MxFrame)
	return p.view(frames, int64(h.Pages), h.PageSize, way)
}

func (p *pin) view(r io.ReaderAt, pages, pageSize int64, way string) (*view, error) {
	v := &view{way: way, source: snapshot.Source{Reader: r, File: snapshot.File{
		Name: snapshot.DatabaseName, Type: snapshot.TypeDatabase, Size: pages * pageSize, PageSize: pageSize,
	}}}
	var err error
	v.tables, err = indexTables(p.db, "main")
	return v, err
}
