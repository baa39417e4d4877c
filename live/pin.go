package live

import (
	"errors"

	"github.com/vxsnap/vxsnap/c"
)

// olderCommit is why a caller's own transaction is not pinned.
const olderCommit = "an explicit transaction in WAL mode"

// notPinnable says why the pin does not cover a schema, "" if it does.
func (cn *Conn) notPinnable(schema string) (string, error) {
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
	locking, err := cn.pragmaText(identifier(schema) + ".locking_mode")
	if err != nil {
		return "", err
	}
	if locking == "exclusive" {
		return "locking_mode = EXCLUSIVE", nil
	}
	// The caller may stand at an older commit, and nothing tells at which one.
	if !cn.db.AutoCommit() && cn.db.TxnState(schema) != c.TxnNone && cn.inWAL(schema) {
		return olderCommit, nil
	}
	return "", nil
}

// A pin is a private connection that holds a read transaction on a database
// file, so that what it reads cannot change underneath.
type pin struct {
	cn     *Conn
	schema string // of the caller
	db     c.DB
	cache  *pageCache
	wal    bool // it was read through a WAL when it was last looked at
	tables bool // the view has the tables
}

// pin holds the database of a schema still and reads it in place.
func (cn *Conn) pin(schema string, tables bool) (_ *view, err error) {
	flags := c.OpenPrivate | c.OpenReadWrite
	if readOnly, _ := cn.db.ReadOnly(schema); readOnly {
		flags = c.OpenPrivate | c.OpenReadOnly
	}
	cache := newPageCache(cn.db.Filename(schema))
	db, err := c.Open(cn.db.Filename(schema), flags, cn.db.VFS(schema))
	if err != nil {
		return nil, err
	}
	markPrivate(db)
	file, _ := keyOf(cn.db.Filename(schema))
	counted := false // while it has the WAL open, at most: a moment more would hide somebody
	end := func() {
		cache.leave()
		if counted {
			countPin(file, -1)
		}
		db.Close()
	}
	defer func() {
		if err != nil {
			end()
		}
	}()
	if err := db.SetNoCheckpointOnClose(); err != nil {
		return nil, err
	}
	// SQLite may be built to lock exclusively, which would shut everybody out.
	if err := db.Exec("PRAGMA locking_mode = NORMAL"); err != nil {
		return nil, err
	}
	p := &pin{cn: cn, schema: schema, db: db, cache: cache, tables: tables}
	if err := p.look(); err != nil {
		return nil, err
	}
	countPin(file, 1)
	counted = true
	v, err := p.begin()
	if err != nil {
		return nil, err
	}
	if cn.db.HasMoved(schema) {
		return nil, errors.New("the database file was moved or replaced")
	}
	if !cn.readsLike(schema, db) {
		return nil, errors.New("the VFS gives another connection other bytes")
	}
	v.close = end
	return v, nil
}

// readsLike reports whether a private connection gets the same bytes from the
// database file as the caller's. A VFS may decrypt for the caller only.
func (cn *Conn) readsLike(schema string, private c.DB) bool {
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
