package raftsnap_test

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/raft"

	raftsnap "github.com/vxsnap/vxsnap/raft"
)

// next applies an entry that adds one document and its vector.
func next(s *raftsnap.Store) error {
	return s.Apply(&raft.Log{Index: 1}, func(tx *sql.Tx) error {
		var id int
		if err := tx.QueryRow("SELECT count(*) + 1 FROM docs").Scan(&id); err != nil {
			return err
		}
		if _, err := tx.Exec("INSERT INTO docs VALUES (?, 'x')", id); err != nil {
			return err
		}
		_, err := tx.Exec("INSERT INTO docs_vec(rowid, v) VALUES (?, vector_from_json(?))", id, vector(id))
		return err
	})
}

// whole reports an error unless there is one vector for each document.
func whole(s *raftsnap.Store) error {
	return s.Read(func(tx *sql.Tx) error {
		var docs, last, vectors int
		if err := tx.QueryRow(`SELECT count(*), max(id), (SELECT count(*) FROM docs_vec
			WHERE knn_search(v, knn_param(vector_from_json('[0,0,0,0]'), 5000, 5000))) FROM docs`).Scan(&docs, &last, &vectors); err != nil {
			return err
		}
		if docs != last || docs != vectors {
			return fmt.Errorf("%d documents up to %d, %d vectors", docs, last, vectors)
		}
		return nil
	})
}

// All methods at once, and Close in the middle of them: every answer is that of
// one state, every snapshot is whole, and what comes after Close says so.
func TestAllAtOnce(t *testing.T) {
	other := open(t, t.TempDir())
	fill(t, other, 1, 40)
	payload := persisted(t, other)
	directory := t.TempDir()
	s := open(t, directory)
	fill(t, s, 1, 10)
	second := open(t, t.TempDir())

	var wait sync.WaitGroup
	var rounds sync.WaitGroup // ten of each
	loop := func(name string, f func() error) {
		rounds.Add(1)
		wait.Go(func() {
			var enough sync.Once
			defer enough.Do(rounds.Done)
			for n := 1; ; n++ {
				if n > 10 {
					enough.Do(rounds.Done)
				}
				if err := f(); err != nil {
					if !strings.Contains(err.Error(), "the store is closed") {
						t.Errorf("%s: %v", name, err)
					}
					return
				}
			}
		})
	}
	var mu sync.Mutex // of second
	takeAndCheck := func() error {
		moment, err := s.Snapshot()
		if err != nil {
			return err
		}
		defer moment.Release()
		out := newSink()
		if err := moment.Persist(out); err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		if err := second.Restore(io.NopCloser(bytes.NewReader(out.Bytes()))); err != nil {
			return err
		}
		return whole(second)
	}
	loop("Apply", func() error { return next(s) })
	loop("Read", func() error { return whole(s) })
	loop("Snapshot", takeAndCheck)
	loop("another Snapshot", takeAndCheck)
	loop("Restore", func() error { return restore(s, payload) })
	rounds.Wait()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	wait.Wait() // each ends with the first answer after Close
	if got := list(t, directory); got != "current state" {
		t.Errorf("after Close the directory holds %q", got)
	}
	stream := bytes.NewReader(payload)
	if err := s.Restore(io.NopCloser(stream)); err == nil || stream.Len() != len(payload) {
		t.Errorf("Restore after Close read %d bytes, %v", len(payload)-stream.Len(), err)
	}
	if _, err := s.Snapshot(); err == nil || errors.Is(err, raftsnap.ErrBehind) {
		t.Errorf("Snapshot after Close: %v", err)
	}
}
