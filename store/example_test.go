package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"os"
	"path/filepath"

	_ "github.com/mattn/go-sqlite3"

	"github.com/vxsnap/vxsnap/live"
	"github.com/vxsnap/vxsnap/store"
)

// Three nights, of which two stay.
func Example() {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}
	ctx := context.Background()
	directory, err := os.MkdirTemp("", "store")
	check(err)
	defer os.RemoveAll(directory)
	db, err := sql.Open("sqlite3", filepath.Join(directory, "app.db"))
	check(err)
	defer db.Close()
	conn, err := db.Conn(ctx)
	check(err)
	defer conn.Close()

	nights, err := store.Create(filepath.Join(directory, "nights.db"), store.Options{})
	check(err)
	defer nights.Close()
	for _, work := range []string{"CREATE TABLE t(a)", "INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (2)"} {
		_, err = conn.ExecContext(ctx, work)
		check(err)
		check(conn.Raw(func(driverConn any) error {
			known, err := live.OfDriver(driverConn)
			if err != nil {
				return err
			}
			_, err = nights.Save(ctx, known, "main", live.IndexAuto)
			return err
		}))
	}

	dropped, err := nights.Prune(ctx, store.Keep{Last: 2})
	check(err)
	all, err := nights.List(ctx)
	check(err)
	fmt.Println("dropped", dropped, "and kept", len(all))
	for _, night := range all {
		verdict, err := nights.Verify(ctx, night.N)
		check(err)
		fmt.Println("night", night.N, "has", night.TotalSize, "bytes:", verdict)
	}
	_, err = nights.Restore(ctx, 2, filepath.Join(directory, "restored"))
	check(err)
	problems, err := nights.Check(ctx)
	fmt.Println(problems, err)
	// Output:
	// dropped 1 and kept 2
	// night 2 has 8192 bytes: ok
	// night 3 has 8192 bytes: ok
	// [] <nil>
}
