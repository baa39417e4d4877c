//go:build cgo

package vxsnap

import (
	"context"
	"database/sql"
	"io"

	"github.com/vxsnap/vxsnap/live"
	"github.com/vxsnap/vxsnap/snapshot"
)

// SaveConn is Save of what a connection of github.com/mattn/go-sqlite3 has: a database in
// memory, an attached one, or one whose vectors the connection holds and FlushConn has
// written. The connection is used until SaveConn returns. It must have no uncommitted
// changes; inside a read transaction the snapshot shows what that sees.
func SaveConn(ctx context.Context, conn *sql.Conn, w io.Writer, opts SaveOptions) (*snapshot.Info, error) {
	var info *snapshot.Info
	err := use(ctx, conn, func(known *live.Conn) (err error) {
		info, err = save(ctx, known, w, opts)
		return err
	})
	return info, named(ctx, "save", err)
}

// FlushConn makes vectorlite write the indexes that a connection holds in memory to their
// files, and says how many it wrote. Call it before SaveConn, outside a transaction, with
// every *sql.Stmt and *sql.Rows of the connection that can reach a vectorlite table closed:
// else it refuses, and nothing is lost. If the error wraps ErrVectorsLost, something is.
func FlushConn(ctx context.Context, conn *sql.Conn) (files int, err error) {
	err = use(ctx, conn, func(known *live.Conn) error {
		return known.During(ctx, func() error {
			files, err = known.Flush()
			return err
		})
	})
	return files, named(ctx, "flush", err)
}

// The kinds of error of a live database, beside those that need no cgo.
var (
	// ErrHeld says, of a save, that an index file may be older than what was committed: this
	// connection or somebody else may hold a newer index in memory. The text says who, and
	// the ways on.
	ErrHeld = live.ErrHeld

	// ErrVectorsLost says, of FlushConn, that vectors which were inserted are in no file, and
	// no longer in memory.
	ErrVectorsLost = live.ErrVectorsLost
)

// A Misuse is an error of what a caller can mend by calling differently; the text says
// how. Use errors.As.
type Misuse = live.Misuse

// use gives a connection to work. database/sql would close one whose work panics, and an
// in-memory database with it.
func use(ctx context.Context, conn *sql.Conn, work func(*live.Conn) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	var panicked any
	err := conn.Raw(func(driverConn any) error {
		known, err := live.OfDriver(driverConn)
		if err != nil {
			return err
		}
		defer func() { panicked = recover() }()
		return work(known)
	})
	if panicked != nil {
		panic(panicked)
	}
	return err
}
