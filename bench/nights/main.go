// Command nights is a Go program that keeps nights in a store, as package store's doc
// shows: what bench measures of it is a process, as everything else.
//
//	nights first STORE DATABASE      makes the store, and saves
//	nights save STORE DATABASE       saves
//	nights restore STORE N TARGET    restores snapshot N in a directory
//	nights prune STORE LAST          drops all but the last ones
package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strconv"

	_ "github.com/mattn/go-sqlite3"

	"github.com/vxsnap/vxsnap/live"
	"github.com/vxsnap/vxsnap/store"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "nights:", err)
		os.Exit(1)
	}
}

// arguments are how many each verb takes.
var arguments = map[string]int{"first": 2, "save": 2, "restore": 3, "prune": 2}

func run(args []string) (err error) {
	if len(args) == 0 || arguments[args[0]] != len(args)-1 {
		return fmt.Errorf("got %q, must be first, save, restore or prune, and its arguments", args)
	}
	ctx, verb, path := context.Background(), args[0], args[1]
	open := store.Open
	if verb == "first" {
		open = func(path string) (*store.Store, error) { return store.Create(path, store.Options{}) }
	}
	nights, err := open(path)
	if err != nil {
		return err
	}
	defer nights.Close()
	switch verb {
	case "restore":
		n, err := strconv.ParseInt(args[2], 10, 64)
		if err != nil {
			return err
		}
		metadata, err := nights.Restore(ctx, n, args[3])
		if err == nil {
			fmt.Println("restored", metadata.SnapshotID)
		}
		return err
	case "prune":
		last, err := strconv.Atoi(args[2])
		if err != nil {
			return err
		}
		dropped, err := nights.Prune(ctx, store.Keep{Last: last})
		if err == nil {
			fmt.Println("dropped", dropped)
		}
		return err
	default:
		return save(ctx, nights, args[2])
	}
}

// save saves a database on a connection of database/sql.
func save(ctx context.Context, nights *store.Store, database string) (err error) {
	db, err := sql.Open("sqlite3", "file:"+database+"?mode=rw")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	return conn.Raw(func(driverConn any) error {
		known, err := live.OfDriver(driverConn)
		if err != nil {
			return err
		}
		night, err := nights.Save(ctx, known, "main", live.IndexAuto)
		if err == nil {
			fmt.Println("saved", night.N)
		}
		return err
	})
}
