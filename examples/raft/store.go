package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"math"
	"path/filepath"

	"github.com/hashicorp/raft"
	sqlite3 "github.com/mattn/go-sqlite3"

	"github.com/vxsnap/vxsnap/extension"
	raftsnap "github.com/vxsnap/vxsnap/raft"
)

// A document is what clients store. Its vector lies in the index alone.
type document struct {
	ID     int64     `json:"id"`
	Text   string    `json:"text"`
	Vector []float32 `json:"vector"`
}

// A store is the FSM. Snapshot, Restore and StoreConfiguration are raftsnap's.
type store struct {
	*raftsnap.Store
	dimensions, most int
}

var _ raft.ConfigurationStore = (*store)(nil)

func openStore(o options, logger *slog.Logger) (*store, error) {
	if err := extension.Auto(); err != nil {
		return nil, err
	}
	library, err := filepath.Abs(o.vectorlite)
	if err != nil {
		return nil, err
	}
	sql.Register("sqlite3_vectorlite", &sqlite3.SQLiteDriver{Extensions: []string{library}})
	s := &store{dimensions: o.dimensions, most: o.most}
	s.Store, err = raftsnap.Open(raftsnap.Options{
		Directory: filepath.Join(o.directory, "state"), Driver: "sqlite3_vectorlite", Create: s.create, Logger: logger,
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

func (s *store) create(ctx context.Context, conn *sql.Conn, directory string) error {
	if _, err := conn.ExecContext(ctx, "CREATE TABLE docs(id INTEGER PRIMARY KEY, text TEXT NOT NULL)"); err != nil {
		return err
	}
	_, err := conn.ExecContext(ctx, fmt.Sprintf(
		"CREATE VIRTUAL TABLE docs_vec USING vectorlite(v float32[%d], hnsw(max_elements=%d), '%s/docs.idx')",
		s.dimensions, s.most, directory))
	return err
}

// Apply stores the documents of one entry, or none of them. It checks all that
// can be wrong with them before the first vector is inserted: vectorlite cannot
// take one back.
func (s *store) Apply(entry *raft.Log) any {
	err := s.Store.Apply(entry, func(tx *sql.Tx) error {
		docs, err := s.decode(entry.Data)
		if err != nil {
			return raftsnap.Reject(err)
		}
		total, err := countWith(tx, docs)
		if err != nil {
			return err
		}
		if total > s.most {
			return raftsnap.Reject(fmt.Errorf("there would be %d documents, at most %d", total, s.most))
		}
		for _, d := range docs {
			if err := put(tx, d); err != nil {
				return err
			}
		}
		return nil
	})
	if errors.Is(err, raftsnap.ErrBehind) {
		log.Fatal(err) // this node has fallen behind the others
	}
	return err
}

func (s *store) decode(entry []byte) (docs []document, err error) {
	if err := json.Unmarshal(entry, &docs); err != nil {
		return nil, fmt.Errorf("the body must be a JSON array of documents: %w", err)
	}
	for _, d := range docs {
		if d.ID < 1 || d.ID > math.MaxInt32 {
			return nil, fmt.Errorf("document %d: an id must be from 1 to %d", d.ID, math.MaxInt32)
		}
		if err := s.checkVector(d.Vector); err != nil {
			return nil, fmt.Errorf("document %d: %w", d.ID, err)
		}
	}
	return docs, nil
}

// longest bounds the numbers of a vector, so that distances stay finite.
const longest = 1e15

func (s *store) checkVector(v []float32) error {
	if len(v) != s.dimensions {
		return fmt.Errorf("a vector must have %d numbers, got %d", s.dimensions, len(v))
	}
	for _, x := range v {
		if x < -longest || x > longest {
			return fmt.Errorf("the numbers of a vector must be from %g to %g, got %g", -longest, longest, x)
		}
	}
	return nil
}

// countWith is how many documents there are once docs are stored.
func countWith(tx *sql.Tx, docs []document) (total int, err error) {
	ids := make([]int64, len(docs))
	for i, d := range docs {
		ids[i] = d.ID
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return 0, err
	}
	err = tx.QueryRow(`SELECT (SELECT count(*) FROM docs) + count(DISTINCT value) FROM json_each(?)
		WHERE value NOT IN (SELECT id FROM docs)`, string(list)).Scan(&total)
	return total, err
}

func put(tx *sql.Tx, d document) error {
	vector, err := json.Marshal(d.Vector)
	if err != nil {
		return err
	}
	updated, err := tx.Exec("UPDATE docs SET text = ? WHERE id = ?", d.Text, d.ID)
	if err != nil {
		return err
	}
	if n, err := updated.RowsAffected(); n > 0 || err != nil {
		_, update := tx.Exec("UPDATE docs_vec SET v = vector_from_json(?) WHERE rowid = ?", string(vector), d.ID)
		return errors.Join(err, update)
	}
	if _, err := tx.Exec("INSERT INTO docs VALUES (?, ?)", d.ID, d.Text); err != nil {
		return err
	}
	_, err = tx.Exec("INSERT INTO docs_vec(rowid, v) VALUES (?, vector_from_json(?))", d.ID, string(vector))
	return err
}
