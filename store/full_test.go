package store_test

import (
	"strings"
	"testing"

	"github.com/vxsnap/vxsnap/live"
	"github.com/vxsnap/vxsnap/store"
)

// A disk that fills up, at whatever page, leaves the store as it was.
func TestFullDisk(t *testing.T) {
	s, path := newStore(t, store.Options{})
	s.Unsynced()
	a := newApp(t)
	a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, b BLOB)")
	a.run(fill)
	nights := map[int64]map[string][]byte{a.save(s).N: {database: a.file()}}
	raw := openApp(t, path)
	defer raw.close()
	a.run("UPDATE t SET b = randomblob(1000) WHERE id % 5 = 0")
	failures := 0
	for more := int64(0); ; more += 3 {
		var pages int64
		if err := raw.conn.QueryRowContext(ctx, "PRAGMA page_count").Scan(&pages); err != nil {
			t.Fatal(err)
		}
		s.Limit(pages + more)
		err := a.with(func(cn *live.Conn) error {
			_, err := s.Save(ctx, cn, "main", "")
			return err
		})
		if err == nil {
			break
		}
		failures++
		if !strings.HasSuffix(err.Error(), "database or disk is full") {
			t.Fatalf("with %d pages more: %v", more, err)
		}
		holds(t, s, nights)
	}
	if failures < 10 {
		t.Errorf("the disk was full %d times", failures)
	}
	nights[2] = map[string][]byte{database: a.file()}
	holds(t, s, nights)
}
