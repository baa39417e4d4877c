package extension_test

import (
	"context"
	"database/sql"
	"fmt"
	"log"

	_ "github.com/mattn/go-sqlite3"

	"github.com/vxsnap/vxsnap/extension"
)

const columns = "seq, file_name, offset, data, is_last, metadata_json"

// Every connection that the program opens can take snapshots.
func ExampleAuto() {
	if err := extension.Auto(); err != nil {
		log.Fatal(err)
	}
	db, err := sql.Open("sqlite3", ":memory:")
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	var verdict string
	err = db.QueryRow("SELECT vx_snapshot_verify(" + columns + ") FROM vx_snapshot_chunks").Scan(&verdict)
	fmt.Println(verdict, err)
	// Output: ok <nil>
}

// One connection can.
func ExampleRegister() {
	db, err := sql.Open("sqlite3", ":memory:")
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	conn, err := db.Conn(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer conn.Close()
	fmt.Println(conn.Raw(extension.Register))
	var version string
	err = conn.QueryRowContext(context.Background(), "SELECT vx_snapshot_version()").Scan(&version)
	fmt.Println(version, err)
	fmt.Println(extension.Register(db))
	// Output:
	// <nil>
	// v0.1.0 <nil>
	// vxsnap: *sql.DB is not an open *sqlite3.SQLiteConn of github.com/mattn/go-sqlite3; pass what (*sql.Conn).Raw or a ConnectHook gives
}
