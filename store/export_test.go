package store

import (
	"fmt"
	"time"
)

// Unsynced lets a test go faster.
func (s *Store) Unsynced() { _ = s.db.Exec("PRAGMA synchronous = OFF") }

// Wait sets how long a lock is waited for, until the function that it returns is called.
func Wait(d time.Duration) (stop func()) {
	before := lockWait
	lockWait = d
	return func() { lockWait = before }
}

// Limit lets the file have so many pages: a disk that is full then.
func (s *Store) Limit(pages int64) { _ = s.db.Exec(fmt.Sprintf("PRAGMA max_page_count = %d", pages)) }
