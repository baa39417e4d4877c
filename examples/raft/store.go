package main

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
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
	ID       int64     `json:"id"`
	Text     string    `json:"text"`
	Vector   []float32 `json:"vector,omitempty"`
	Distance float64   `json:"distance,omitempty"` // of a search
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
	var fault error
	err := s.Store.Apply(entry, func(tx *sql.Tx) error {
		var have int
		if err := tx.QueryRow("SELECT count(*) FROM docs").Scan(&have); err != nil {
			return err
		}
		var docs []document
		if docs, fault = s.decode(entry.Data, have); fault != nil {
			return raftsnap.Reject(fault)
		}
		for _, d := range docs {
			if err := put(tx, d); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil && fault == nil {
		log.Fatal(err) // this node has fallen behind the others
	}
	return fault
}

func (s *store) decode(entry []byte, have int) (docs []document, err error) {
	if err := json.Unmarshal(entry, &docs); err != nil {
		return nil, fmt.Errorf("an entry must be a JSON array of documents: %w", err)
	}
	if have+len(docs) > s.most {
		return nil, fmt.Errorf("there are %d documents, and %d more are too many; at most %d", have, len(docs), s.most)
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

func (s *store) checkVector(v []float32) error {
	if len(v) != s.dimensions {
		return fmt.Errorf("a vector must have %d numbers, got %d", s.dimensions, len(v))
	}
	return nil
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

// search finds the k documents nearest to a vector. HNSW is approximate, and
// the graphs of two nodes can differ; the more elements are looked at (the third
// argument of knn_param), the surer both find the same.
func (s *store) search(vector []float32, k int) (docs []document, err error) {
	if err := s.checkVector(vector); err != nil {
		return nil, err
	}
	text, err := json.Marshal(vector)
	if err != nil {
		return nil, err
	}
	err = s.Read(func(conn *sql.Conn) error {
		rows, err := conn.QueryContext(context.Background(), `SELECT id, text, distance FROM docs_vec JOIN docs ON id = docs_vec.rowid
			WHERE knn_search(v, knn_param(vector_from_json(?), ?, ?)) ORDER BY distance, id`, string(text), k, max(500, 10*k))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var d document
			if err := rows.Scan(&d.ID, &d.Text, &d.Distance); err != nil {
				return err
			}
			docs = append(docs, d)
		}
		return rows.Err()
	})
	return docs, err
}

// digest hashes every row of every ordinary table, and counts the documents.
func (s *store) digest() (digest string, docs int, err error) {
	hash := sha256.New()
	err = s.Read(func(conn *sql.Conn) error {
		rows, err := conn.QueryContext(context.Background(),
			"SELECT id, text FROM docs UNION ALL SELECT 0, log_index FROM raftsnap_applied ORDER BY id")
		if err != nil {
			return err
		}
		defer rows.Close()
		for docs = -1; rows.Next(); docs++ {
			var id int64
			var text sql.RawBytes
			if err := rows.Scan(&id, &text); err != nil {
				return err
			}
			hash.Write(fmt.Appendf(nil, "%d %d ", id, len(text)))
			hash.Write(text)
		}
		return rows.Err()
	})
	return hex.EncodeToString(hash.Sum(nil)), docs, err
}
