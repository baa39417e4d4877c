package store_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/vxsnap/vxsnap/store"
)

// benchmarkRows makes a database of 64 MB, of which a night changes one page in sixteen.
const benchmarkRows = 320_000

func benchmarkApp(b *testing.B) (*app, *store.Store) {
	b.Helper()
	dir := b.TempDir()
	a := openApp(b, filepath.Join(dir, "app.db"))
	b.Cleanup(a.close)
	a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, b BLOB)")
	a.run("WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < ?) INSERT INTO t SELECT i, randomblob(180) FROM n", benchmarkRows)
	s, err := store.Create(filepath.Join(dir, "store.db"), store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(s.Close)
	return a, s
}

func (a *app) churn() {
	a.run("UPDATE t SET b = randomblob(180) WHERE id IN (SELECT abs(random()) % ? + 1 FROM t LIMIT ?)", benchmarkRows, benchmarkRows/20/16)
}

func (a *app) size(b *testing.B) int64 {
	info, err := os.Stat(a.path)
	if err != nil {
		b.Fatal(err)
	}
	return info.Size()
}

func BenchmarkFirstNight(b *testing.B) {
	a, _ := benchmarkApp(b)
	b.SetBytes(a.size(b))
	for b.Loop() {
		b.StopTimer()
		path := filepath.Join(b.TempDir(), "store.db")
		s, err := store.Create(path, store.Options{})
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		a.save(s)
		b.StopTimer()
		s.Close()
		os.Remove(path)
		b.StartTimer()
	}
}

// BenchmarkNight saves a night of which one page in sixteen changed.
func BenchmarkNight(b *testing.B) {
	a, s := benchmarkApp(b)
	a.save(s)
	b.SetBytes(a.size(b))
	for b.Loop() {
		b.StopTimer()
		a.churn()
		b.StartTimer()
		a.save(s)
	}
}

// BenchmarkVerifyNight reads every row of a night.
func BenchmarkVerifyNight(b *testing.B) {
	a, s := benchmarkApp(b)
	a.save(s)
	a.churn()
	n := a.save(s).N
	b.SetBytes(a.size(b))
	for b.Loop() {
		if verdict, err := s.Verify(ctx, n); err != nil || verdict != "ok" {
			b.Fatal(verdict, err)
		}
	}
}
