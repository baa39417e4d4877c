package vxsnap_test

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/vxsnap/vxsnap"
	"github.com/vxsnap/vxsnap/snapshot"
)

// backupConn saves what a connection has in a new file, which is there whole or not at
// all. Vectors that the connection holds are written to their index files first.
func backupConn(ctx context.Context, conn *sql.Conn, path string, progress func(done, total int64)) error {
	if _, err := vxsnap.FlushConn(ctx, conn); err != nil {
		return err
	}
	file, err := snapshot.Create(path, nil, ctx.Err)
	if err != nil {
		return err
	}
	defer file.Close() // removes what is not committed
	if _, err := vxsnap.SaveConn(ctx, conn, file, vxsnap.SaveOptions{Compress: true, Progress: progress}); err != nil {
		return err
	}
	return file.Commit()
}

// A database in memory is saved in a file.
func ExampleSaveConn() {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}
	ctx := context.Background()
	folder, err := os.MkdirTemp("", "vxsnap")
	check(err)
	defer os.RemoveAll(folder)
	db, err := sql.Open("sqlite3", ":memory:")
	check(err)
	defer db.Close()
	conn, err := db.Conn(ctx)
	check(err)
	defer conn.Close()
	_, err = conn.ExecContext(ctx, "CREATE TABLE t(a)")
	check(err)

	path := filepath.Join(folder, "app.tar.zst")
	check(backupConn(ctx, conn, path, func(done, total int64) { fmt.Println(done, "of", total, "bytes") }))
	file, err := os.Open(path)
	check(err)
	defer file.Close()
	info, err := vxsnap.Verify(ctx, file, vxsnap.VerifyOptions{})
	check(err)
	fmt.Println(info.Size, "bytes in", len(info.Files), "file")
	// Output:
	// 8192 of 8192 bytes
	// 8192 bytes in 1 file
}
