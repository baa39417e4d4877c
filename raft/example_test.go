package raftsnap_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/raft"
	sqlite3 "github.com/mattn/go-sqlite3"

	"github.com/vxsnap/vxsnap/extension"
	raftsnap "github.com/vxsnap/vxsnap/raft"
)

// An fsm is a key-value store with vectors. Snapshot, Restore and
// StoreConfiguration are the Store's.
type fsm struct{ *raftsnap.Store }

// An item is what an entry of the log stores.
type item struct {
	ID     int
	Text   string
	Vector [3]float32
}

// Apply must do the same on every node.
func (f fsm) Apply(entry *raft.Log) any {
	err := f.Store.Apply(entry, func(tx *sql.Tx) error {
		var it item
		if err := json.Unmarshal(entry.Data, &it); err != nil {
			return raftsnap.Reject(err) // the entry's fault, on every node
		}
		var exists bool
		if err := tx.QueryRow("SELECT EXISTS (SELECT 1 FROM items WHERE id = ?)", it.ID).Scan(&exists); err != nil {
			return err
		}
		if exists {
			return raftsnap.Reject(fmt.Errorf("item %d exists", it.ID))
		}
		vector, err := json.Marshal(it.Vector)
		if err != nil {
			return err
		}
		if _, err := tx.Exec("INSERT INTO items VALUES (?, ?)", it.ID, it.Text); err != nil {
			return err
		}
		_, err = tx.Exec("INSERT INTO items_vec(rowid, v) VALUES (?, vector_from_json(?))", it.ID, string(vector))
		return err
	})
	if errors.Is(err, raftsnap.ErrBehind) {
		log.Fatal(err) // this node's fault: it must not go on
	}
	return err
}

// nearest answers from this node's state.
func (f fsm) nearest(vector string) (text string, err error) {
	err = f.Read(func(tx *sql.Tx) error {
		return tx.QueryRow(`SELECT text FROM items_vec JOIN items ON id = items_vec.rowid
			WHERE knn_search(v, knn_param(vector_from_json(?), 1))`, vector).Scan(&text)
	})
	return text, err
}

// create makes the empty state; index files lie in directory.
func create(ctx context.Context, conn *sql.Conn, directory string) error {
	_, err := conn.ExecContext(ctx, fmt.Sprintf(`CREATE TABLE items(id INTEGER PRIMARY KEY, text TEXT);
		CREATE VIRTUAL TABLE items_vec USING vectorlite(v float32[3], hnsw(max_elements=1000), '%s/items.idx')`, directory))
	return err
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// A node that takes a snapshot, ends, and comes back from the snapshot and the
// log behind it. A node of a real cluster has raft.NewTCPTransport and
// raft-boltdb in the place of what lies in memory here.
func Example() {
	directory, err := os.MkdirTemp("", "raftsnap")
	check(err)
	defer os.RemoveAll(directory)

	// A driver whose connections have vxsnap, which is linked in, and vectorlite.
	check(extension.Auto())
	sql.Register("sqlite3 with vectors", &sqlite3.SQLiteDriver{Extensions: []string{os.Getenv("VECTORLITE")}})

	config := raft.DefaultConfig()
	config.LocalID = "node 1"
	config.Logger = hclog.NewNullLogger()
	logs := raft.NewInmemStore()
	snapshots, err := raft.NewFileSnapshotStore(directory, 2, io.Discard)
	check(err)
	address, transport := raft.NewInmemTransport("")
	check(raft.BootstrapCluster(config, logs, logs, snapshots, transport, raft.Configuration{
		Servers: []raft.Server{{ID: config.LocalID, Address: address}},
	}))

	start := func() (fsm, *raft.Raft) {
		store, err := raftsnap.Open(raftsnap.Options{
			Directory: filepath.Join(directory, "state"), Driver: "sqlite3 with vectors", Create: create,
		})
		check(err)
		node, err := raft.NewRaft(config, fsm{store}, logs, logs, snapshots, transport)
		check(err)
		<-node.LeaderCh()
		check(node.Barrier(time.Minute).Error()) // the whole log is applied
		return fsm{store}, node
	}
	put := func(node *raft.Raft, it item) {
		entry, err := json.Marshal(it)
		check(err)
		future := node.Apply(entry, time.Minute)
		check(future.Error())
		if fault, ok := future.Response().(error); ok {
			check(fault)
		}
	}

	state, node := start()
	put(node, item{1, "north", [3]float32{0, 1, 0}})
	put(node, item{2, "east", [3]float32{1, 0, 0}})
	check(node.Snapshot().Error())
	put(node, item{3, "up", [3]float32{0, 0, 1}}) // only the log has it
	check(node.Shutdown().Error())
	check(state.Close())

	state, node = start()
	for _, vector := range []string{"[0.1, 0.9, 0.1]", "[0.8, 0.3, 0]", "[0, 0, 0.7]"} {
		text, err := state.nearest(vector)
		check(err)
		fmt.Println(vector, "is nearest to", text)
	}
	check(node.Shutdown().Error())
	check(state.Close())
	// Output:
	// [0.1, 0.9, 0.1] is nearest to north
	// [0.8, 0.3, 0] is nearest to east
	// [0, 0, 0.7] is nearest to up
}
