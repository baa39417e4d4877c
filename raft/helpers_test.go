package raftsnap_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/raft"
	sqlite3 "github.com/mattn/go-sqlite3"
	"go.uber.org/goleak"

	"github.com/vxsnap/vxsnap/extension"
	raftsnap "github.com/vxsnap/vxsnap/raft"
)

func TestMain(m *testing.M) {
	library := os.Getenv("VECTORLITE")
	if library == "" {
		fmt.Println("VECTORLITE does not name vectorlite.so: run make rafttest")
		os.Exit(1)
	}
	if err := extension.Auto(); err != nil {
		panic(err)
	}
	sql.Register("vectorlite", &sqlite3.SQLiteDriver{Extensions: []string{library}})
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("database/sql.(*DB).connectionOpener"))
}

// createDocs makes the state of the tests: documents, and a vector for each.
func createDocs(ctx context.Context, conn *sql.Conn, directory string) error {
	if _, err := conn.ExecContext(ctx, "CREATE TABLE docs(id INTEGER PRIMARY KEY, body TEXT NOT NULL CHECK (body <> 'bad'))"); err != nil {
		return err
	}
	_, err := conn.ExecContext(ctx, fmt.Sprintf(
		"CREATE VIRTUAL TABLE docs_vec USING vectorlite(v float32[4], hnsw(max_elements=100000), '%s/docs.idx')", directory))
	return err
}

func open(t testing.TB, directory string) *raftsnap.Store {
	t.Helper()
	s, err := raftsnap.Open(raftsnap.Options{Directory: directory, Driver: "vectorlite", Create: createDocs})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// vector is four numbers that depend on id alone.
func vector(id int) string {
	x := func(n int) float64 { return math.Sin(float64(id * n)) }
	return fmt.Sprintf("[%.6f,%.6f,%.6f,%.6f]", x(1), x(3), x(7), x(11))
}

// put applies entry id: a document and its vector.
func put(s *raftsnap.Store, id int, body string) error {
	return s.Apply(&raft.Log{Index: uint64(id)}, func(tx *sql.Tx) error {
		if _, err := tx.Exec("INSERT INTO docs VALUES (?, ?)", id, body); err != nil {
			return raftsnap.Reject(err)
		}
		_, err := tx.Exec("INSERT INTO docs_vec(rowid, v) VALUES (?, vector_from_json(?))", id, vector(id))
		return err
	})
}

func fill(t testing.TB, s *raftsnap.Store, from, to int) {
	t.Helper()
	for id := from; id <= to; id++ {
		if err := put(s, id, fmt.Sprint("document ", id)); err != nil {
			t.Fatal(err)
		}
	}
}

// content is what a state answers: every row, and some searches.
func content(t testing.TB, s *raftsnap.Store) string {
	t.Helper()
	all := new(strings.Builder)
	err := s.Read(func(tx *sql.Tx) error {
		queries := []string{"SELECT group_concat(id || body) FROM docs", "SELECT log_index FROM raftsnap_applied"}
		for i := range 10 {
			queries = append(queries, fmt.Sprintf("SELECT group_concat(rowid) FROM docs_vec WHERE knn_search(v, knn_param(vector_from_json('%s'), 5, 1000))", vector(-i)))
		}
		for _, query := range queries {
			var value sql.NullString
			if err := tx.QueryRow(query).Scan(&value); err != nil {
				return fmt.Errorf("%s: %w", query, err)
			}
			fmt.Fprintln(all, value.String)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}

// A sink is a raft.SnapshotSink in memory that has room for a number of bytes.
type sink struct {
	bytes.Buffer
	room              int
	closes, cancels   int
	onWrite, closeErr error
	onClose           func()
	onWriting         func()
}

func newSink() *sink { return &sink{room: math.MaxInt} }

func (s *sink) ID() string { return "sink" }

func (s *sink) Write(p []byte) (int, error) {
	if s.onWriting != nil {
		s.onWriting()
	}
	if s.room -= len(p); s.room < 0 {
		return 0, s.onWrite
	}
	return s.Buffer.Write(p)
}

func (s *sink) Close() error {
	if s.closes++; s.onClose != nil {
		s.onClose()
	}
	return s.closeErr
}

func (s *sink) Cancel() error { s.cancels++; return nil }

var errSink = errors.New("the disk of the sink is full")

func snap(t testing.TB, s *raftsnap.Store) raft.FSMSnapshot {
	t.Helper()
	moment, err := s.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(moment.Release)
	return moment
}

// persisted is the payload of a state as it is now.
func persisted(t testing.TB, s *raftsnap.Store) []byte {
	t.Helper()
	moment, out := snap(t, s), newSink()
	if err := moment.Persist(out); err != nil {
		t.Fatal(err)
	}
	moment.Release()
	return out.Bytes()
}

func restore(s *raftsnap.Store, payload []byte) error {
	return s.Restore(io.NopCloser(bytes.NewReader(payload)))
}

// list gives the names in a directory; the random part of a state is left out.
func list(t testing.TB, directory string) string {
	t.Helper()
	entries, err := os.ReadDir(directory)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		name, _, _ := strings.Cut(e.Name(), "-")
		names = append(names, name)
	}
	return strings.Join(names, " ")
}

func current(t testing.TB, directory string) string {
	t.Helper()
	name, err := os.Readlink(filepath.Join(directory, "current"))
	if err != nil {
		t.Fatal(err)
	}
	return name
}
