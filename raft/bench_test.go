package raftsnap_test

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/hashicorp/raft"

	raftsnap "github.com/vxsnap/vxsnap/raft"
)

// A stopwatch is a slog.Handler that keeps the durations of the last record of
// each message.
type stopwatch struct {
	slog.Handler
	durations map[string]time.Duration
}

func (w *stopwatch) Handle(_ context.Context, r slog.Record) error {
	r.Attrs(func(a slog.Attr) bool {
		if a.Value.Kind() == slog.KindDuration {
			w.durations[r.Message+" "+a.Key] = a.Value.Duration()
		}
		return true
	})
	return nil
}

func (w *stopwatch) Enabled(context.Context, slog.Level) bool { return true }

// Every step of a snapshot, for a database and an index of some sizes:
//
//	go test -run '^$' -bench . -benchtime 5x ./raft
func BenchmarkSnapshot(b *testing.B) {
	for _, size := range []struct{ megabytes, vectors, dimensions int }{
		{1, 0, 4}, {256, 0, 4}, {1024, 0, 4}, {1, 5_000, 128}, {1, 20_000, 128},
	} {
		b.Run(fmt.Sprintf("MB=%d/vectors=%d", size.megabytes, size.vectors), func(b *testing.B) {
			watch := &stopwatch{durations: make(map[string]time.Duration)}
			s := filled(b, watch, size.megabytes, size.vectors, size.dimensions)
			var flush, pin, persist, reload time.Duration
			for b.Loop() {
				if err := change(s, size.dimensions); err != nil {
					b.Fatal(err)
				}
				moment, err := s.Snapshot()
				if err != nil {
					b.Fatal(err)
				}
				begin := time.Now()
				if err := change(s, size.dimensions); err != nil {
					b.Fatal(err)
				}
				reload += time.Since(begin)
				if err := moment.Persist(discard{}); err != nil {
					b.Fatal(err)
				}
				moment.Release()
				flush += watch.durations["snapshot: pinned flush"]
				pin += watch.durations["snapshot: pinned pin"]
				persist += watch.durations["persist: done duration"]
			}
			for name, d := range map[string]time.Duration{"flush": flush, "pin": pin, "next-apply": reload, "persist": persist} {
				b.ReportMetric(float64(d.Microseconds())/1000/float64(b.N), name+"-ms")
			}
		})
	}
}

type discard struct{}

func (discard) ID() string                  { return "discard" }
func (discard) Write(p []byte) (int, error) { return io.Discard.Write(p) }
func (discard) Close() error                { return nil }
func (discard) Cancel() error               { return nil }

func filled(b *testing.B, h slog.Handler, megabytes, vectors, dimensions int) *raftsnap.Store {
	b.Helper()
	s, err := raftsnap.Open(raftsnap.Options{Directory: b.TempDir(), Driver: "vectorlite", Logger: slog.New(h),
		Create: func(ctx context.Context, conn *sql.Conn, directory string) error {
			_, err := conn.ExecContext(ctx, fmt.Sprintf(`CREATE TABLE docs(id INTEGER PRIMARY KEY, body BLOB);
				CREATE VIRTUAL TABLE docs_vec USING vectorlite(v float32[%d], hnsw(max_elements=%d), '%s/docs.idx')`,
				dimensions, vectors+100, directory))
			return err
		}})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	err = s.Apply(&raft.Log{Index: 1}, func(tx *sql.Tx) error {
		for range megabytes {
			if _, err := tx.Exec("INSERT INTO docs(body) VALUES (randomblob(1000000))"); err != nil {
				return err
			}
		}
		for id := range vectors {
			if err := insertVector(tx, id+1, dimensions); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return s
}

func insertVector(tx *sql.Tx, id, dimensions int) error {
	vector := make([]byte, 0, 4*dimensions)
	for range dimensions {
		vector = binary.LittleEndian.AppendUint32(vector, math.Float32bits(rand.Float32()))
	}
	_, err := tx.Exec("INSERT INTO docs_vec(rowid, v) VALUES (?, ?)", id, vector)
	return err
}

// change replaces a vector, so that there is something to flush.
func change(s *raftsnap.Store, dimensions int) error {
	return s.Apply(&raft.Log{Index: 2}, func(tx *sql.Tx) error {
		if _, err := tx.Exec("INSERT INTO docs(body) VALUES (randomblob(1000))"); err != nil {
			return err
		}
		_, err := tx.Exec("DELETE FROM docs_vec WHERE rowid = 1")
		return errors.Join(err, insertVector(tx, 1, dimensions))
	})
}
