package store_test

import (
	"testing"

	"github.com/vxsnap/vxsnap/store"
)

// Progress comes with a save, also of a night that is nearly that of before, a verify and
// a restore; it never goes back, and ends with all bytes.
func TestProgress(t *testing.T) {
	s, _ := newStore(t, store.Options{})
	a := newApp(t)
	a.run("CREATE TABLE t(id INTEGER PRIMARY KEY, b BLOB)")
	for range 50 {
		a.run(fill)
	}
	a.save(s)
	for name, c := range map[string]struct {
		calls int // at least
		work  func() error
	}{
		"save": {1, func() error {
			a.run("UPDATE t SET b = randomblob(1000) WHERE id = 7")
			a.save(s)
			return nil
		}},
		"verify": {4, func() error {
			verdict, err := s.Verify(ctx, 1)
			if verdict != "ok" {
				t.Error(verdict)
			}
			return err
		}},
		"restore": {4, func() error {
			_, err := s.Restore(ctx, 1, t.TempDir()+"/out")
			return err
		}},
	} {
		var last, calls, total int64
		s.Progress = func(done, all int64) {
			calls++
			if done < last || done > all || total != 0 && all != total {
				t.Errorf("%s: %d of %d after %d of %d", name, done, all, last, total)
			}
			last, total = done, all
		}
		if err := c.work(); err != nil {
			t.Fatal(err)
		}
		s.Progress = nil
		if want := int64(len(a.file())); calls < int64(c.calls) || last != want || total != want {
			t.Errorf("%s: %d calls, the last with %d of %d, want %d", name, calls, last, total, want)
		}
	}
}
