package live_test

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"

	_ "github.com/mattn/go-sqlite3"

	"github.com/vxsnap/vxsnap/live"
	"github.com/vxsnap/vxsnap/snapshot"
)

// write writes a snapshot as a tar stream, which snapshot.ReadTar reads.
func write(w io.Writer, export *live.Export) error {
	_, err := export.Tar().WriteTo(w)
	return err
}

// backup writes what a connection has now. Nothing of it is kept for longer than
// the connection is ours.
func backup(conn *sql.Conn, w io.Writer) error {
	return conn.Raw(func(driverConn any) error {
		known, err := live.OfDriver(driverConn)
		if err != nil {
			return err
		}
		export, err := known.Export("main", live.ExportOptions{ChunkSize: snapshot.DefaultChunkSize, IndexFiles: live.IndexAuto})
		if err != nil {
			return err
		}
		defer export.Close()
		return write(w, export)
	})
}

// A snapshot of what a connection has, and one of what a file had before.
func Example() {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}
	directory, err := os.MkdirTemp("", "live")
	check(err)
	defer os.RemoveAll(directory)
	path := filepath.Join(directory, "app.db")
	db, err := sql.Open("sqlite3", path)
	check(err)
	defer db.Close()
	conn, err := db.Conn(context.Background())
	check(err)
	defer conn.Close()
	run := func(query string) {
		_, err := conn.ExecContext(context.Background(), query)
		check(err)
	}
	run("PRAGMA journal_mode = WAL")
	run("CREATE TABLE t(a)")

	file, err := live.HoldFile(path, live.IndexAuto)
	check(err)
	defer file.Close()
	run("INSERT INTO t VALUES (zeroblob(40000))") // is not in the moment that is held
	fmt.Println("held:", file.Pages(), "pages of", file.PageSize(), "bytes,", file.Way())

	export, err := file.Export(snapshot.DefaultChunkSize)
	check(err)
	defer export.Close()
	fmt.Println("held:", export.Metadata().TotalSize, "bytes,", write(io.Discard, export))
	fmt.Println("now:", backup(conn, io.Discard))

	_, err = live.OfDriver(conn)
	fmt.Println(err)
	// Output:
	// held: 2 pages of 4096 bytes, pin, WAL, 2 pages from 2 frames
	// held: 8192 bytes, <nil>
	// now: <nil>
	// vxsnap: *sql.Conn is not an open *sqlite3.SQLiteConn of github.com/mattn/go-sqlite3; pass what (*sql.Conn).Raw or a ConnectHook gives
}
