package store

// Unsynced lets a test go faster.
func (s *Store) Unsynced() { _ = s.db.Exec("PRAGMA synchronous = OFF") }
