package store_test

import (
	"testing"

	"github.com/vxsnap/vxsnap/store"
)

func TestNights(t *testing.T) {
	a := newApp(t)
	s, _ := newStore(t, store.Options{})
	nights := make(map[int64]map[string][]byte)
	a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, b BLOB)")
	for night := range 5 {
		a.run("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100) INSERT INTO t(b) SELECT randomblob(1000) FROM n")
		saved := a.save(s)
		if saved.N != int64(night+1) {
			t.Errorf("night %d is snapshot %d", night, saved.N)
		}
		nights[saved.N] = map[string][]byte{"database.db": a.file()}
	}
	holds(t, s, nights)
	if dropped, err := s.Prune(ctx, store.Keep{Last: 2}); dropped != 3 || err != nil {
		t.Errorf("Prune: %d, %v", dropped, err)
	}
	for n := range int64(3) {
		delete(nights, n+1)
	}
	holds(t, s, nights)
}
