// Package vxsnap makes consistent snapshots of live SQLite databases, with the
// vector index files of vectorlite that belong to them, and restores them. It has
// four verbs:
//
//	Save(ctx, "app.db", w, vxsnap.SaveOptions{})          writes a snapshot of a live database
//	Verify(ctx, r, vxsnap.VerifyOptions{})                checks every byte of it
//	Restore(ctx, r, "restored", vxsnap.RestoreOptions{})  makes a directory of it, checked
//	Relocate(ctx, "moved")                                after that directory was moved
//
// SaveFile saves into a file that is whole or not there. SaveConn saves what a
// *sql.Conn has: a database in memory, or one whose vectors that connection holds,
// after FlushConn.
//
// A snapshot shows one moment, whatever is written meanwhile. Who writes a database in WAL
// mode does not wait for it; with a rollback journal a commit does. Its bytes are those of
// a tar file, compressed or not, that tar xf reads too.
//
// # Ending early
//
// All verbs end soon after ctx does, and then leave no file, no goroutine and no lock;
// their error wraps that of ctx. A Read or Write of yours that blocks is not
// interrupted: let the end of ctx close what it blocks on, or set a deadline.
//
//	defer context.AfterFunc(ctx, func() { pipe.Close() })()
//
// # Errors
//
// Test for the kinds below with errors.Is, and for the system's, such as
// fs.ErrNotExist of a database that is not there, fs.ErrExist of a target that is,
// and syscall.ENOSPC. The sentences are those of the SQL functions: index_files is
// the option IndexFiles, SELECT vx_snapshot_flush() is FlushConn, and
// SELECT vx_snapshot_relocate() is Relocate.
//
// # Drivers
//
// SQLite is that of github.com/mattn/go-sqlite3, which is linked in. With
// CGO_ENABLED=0 the package has Verify and Restore only, and RestoreOptions.Driver
// names a driver that needs no cgo. docs/go.md says what users of each driver can do.
//
// # Other packages
//
// Package store keeps many snapshots of one database, each version of a page once.
// Package live has moments that are held, rows and increments; live.OpenDatabase and
// live.OfDriver give what both save from. Package snapshot is the format.
package vxsnap

import (
	"context"
	"errors"
	"fmt"

	"github.com/vxsnap/vxsnap/snapshot"
)

// The kinds of error that a caller may test for with errors.Is.
var (
	// ErrDamaged says, of Verify and Restore, that what they read is not what was saved:
	// somebody changed it, or some of it is missing.
	ErrDamaged = snapshot.ErrDamaged

	// ErrIncomplete says, beside ErrDamaged, that the end is missing: a transfer was cut,
	// which another attempt may mend.
	ErrIncomplete = snapshot.ErrIncomplete

	// ErrIndexFile says that an index file does not have the structure of an index: of
	// Verify and Restore beside ErrDamaged, and of the other verbs of a live one.
	ErrIndexFile = snapshot.ErrIndexFile

	// ErrChanged says, of a save, that an index file was rewritten while it was read. What
	// was written is of no use; save again.
	ErrChanged = snapshot.ErrChanged

	// ErrTarget says that the directory to restore into, or the file to save into, cannot
	// be used. Where something is there already, the error wraps fs.ErrExist too.
	ErrTarget = snapshot.ErrTarget

	// ErrNoMemory says that there was no memory for a piece of the snapshot.
	ErrNoMemory = snapshot.ErrNoMemory
)

// named makes the error of a verb. What failed because ctx ended, such as a pipe that
// was closed then, is the end of ctx too.
func named(ctx context.Context, verb string, err error) error {
	if err == nil {
		return nil
	}
	if ended := ctx.Err(); ended != nil && !errors.Is(err, ended) {
		return fmt.Errorf("%s: %w: %w", verb, ended, err)
	}
	return fmt.Errorf("%s: %w", verb, err)
}
