package c_test

import (
	"testing"

	"github.com/vxsnap/vxsnap/c"
)

// A panic at the end of a connection does not get into SQLite.
func TestPanicAtTheEnd(t *testing.T) {
	ended := false
	inside(t, ":memory:", func(db c.DB) {
		err := db.OnClose(func() {
			ended = true
			panic("boom at the end")
		})
		if err != nil {
			t.Fatal(err)
		}
	})
	if !ended {
		t.Error("nobody was told of the end")
	}
}

func TestClosing(t *testing.T) {
	inside(t, ":memory:", func(db c.DB) {
		if db.Closing() {
			t.Error("an open connection is closing")
		}
		other, err := c.Open(":memory:", c.OpenReadWrite, "")
		if err != nil {
			t.Fatal(err)
		}
		s, err := other.Prepare("SELECT 1")
		if err != nil {
			t.Fatal(err)
		}
		other.Close()
		if !other.Closing() {
			t.Error("a connection that waits for a statement is not closing")
		}
		s.Close()
	})
}
