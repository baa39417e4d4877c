package main

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// A hit is what a search finds.
type hit struct {
	ID       int64   `json:"id"`
	Text     string  `json:"text"`
	Distance float64 `json:"distance"`
}

// search finds the k documents nearest to a vector, which was checked. HNSW is
// approximate, and the graphs of two nodes can differ; the more elements are
// looked at (the third argument of knn_param), the surer both find the same.
func (s *store) search(vector []float32, k int) ([]hit, error) {
	text, err := json.Marshal(vector)
	if err != nil {
		return nil, err
	}
	hits := []hit{}
	err = s.Read(func(tx *sql.Tx) error {
		rows, err := tx.Query(`SELECT id, text, distance FROM docs_vec JOIN docs ON id = docs_vec.rowid
			WHERE knn_search(v, knn_param(vector_from_json(?), ?, ?)) ORDER BY distance, id`, string(text), k, max(500, 10*k))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var h hit
			if err := rows.Scan(&h.ID, &h.Text, &h.Distance); err != nil {
				return err
			}
			hits = append(hits, h)
		}
		return rows.Err()
	})
	return hits, err
}

// digest hashes every row of every ordinary table, and counts the documents.
func (s *store) digest() (digest string, docs int, err error) {
	hash := sha256.New()
	err = s.Read(func(tx *sql.Tx) error {
		rows, err := tx.Query("SELECT id, text FROM docs UNION ALL SELECT 0, log_index FROM raftsnap_applied ORDER BY id")
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
