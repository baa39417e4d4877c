package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestForget(t *testing.T) {
	const size, keep = 16 << 20, 4 << 20
	dir, err := os.MkdirTemp(".", ".forget-") // the directory for temporary files may be no disk
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "file")
	if err := os.WriteFile(path, make([]byte, size), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := warm(path); err != nil {
		t.Fatal(err)
	}
	file, err := openCached(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.close()
	count := func() int {
		pages, err := file.cached(0, size)
		if err != nil {
			t.Fatal(err)
		}
		return pages * os.Getpagesize()
	}
	if got := count(); got != size {
		t.Fatalf("%d bytes of a file that was just read are in memory, want %d", got, size)
	}

	stop, done := make(chan struct{}), make(chan error)
	go func() { done <- file.forget(keep, stop) }()
	for deadline := time.Now().Add(10 * time.Second); count() > keep; time.Sleep(forgetInterval) {
		if time.Now().After(deadline) {
			t.Fatalf("%d bytes are still in memory, want at most %d", count(), keep)
		}
	}
	close(stop)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if pages, err := file.cached(size-keep, size); err != nil || pages*os.Getpagesize() != keep {
		t.Errorf("of what came in last %d pages are in memory, %v", pages, err)
	}

	if err := file.drop(0, size); err != nil {
		t.Fatal(err)
	}
	if got := count(); got != 0 {
		t.Errorf("%d bytes are in memory after all were dropped", got)
	}
}
