package live_test

import (
	"context"
	"os"
	"testing"

	"github.com/vxsnap/vxsnap/live"
)

// What is held of an attached file does not stand for another file that has its
// name, be it the schema's or the path.
func TestHoldOfAnotherFile(t *testing.T) {
	_, conn := connect(t)
	known := ofDriver(t, conn)
	run := func(sql string, args ...any) {
		t.Helper()
		if _, err := conn.ExecContext(context.Background(), sql, args...); err != nil {
			t.Fatal(err)
		}
	}
	export := func() error {
		e, err := known.Export("side", live.ExportOptions{})
		if err == nil {
			e.Close()
		}
		return err
	}
	one, other := newDatabase(t), newDatabase(t)
	run("ATTACH ? AS side", one)
	hold, err := known.Hold("side", live.IndexNone)
	if err != nil {
		t.Fatal(err)
	}
	defer hold.Release()
	before := live.Held()
	want := "schema 'side' is another file now than '" + one + "', which is pinned; attach that again, or close the pin and pin again"

	run("DETACH side")
	refused(t, "nothing", export(), "schema must be")
	run("ATTACH ? AS side", other)
	refused(t, "another path", export(), want)
	run("DETACH side")
	run("ATTACH ':memory:' AS side")
	refused(t, "no path", export(), want)
	run("DETACH side")
	run("ATTACH ? AS side", one)
	if err := export(); err != nil {
		t.Errorf("the same file again: %v", err)
	}
	run("DETACH side")
	if err := os.Rename(other, one); err != nil {
		t.Fatal(err)
	}
	run("ATTACH ? AS SIDE", one)
	refused(t, "the same path", export(), want)
	if err := os.Remove(one); err != nil {
		t.Fatal(err)
	}
	refused(t, "a path that leads nowhere", export(), want)
	if live.Held() != before {
		t.Errorf("%d moments are left", live.Held()-before)
	}
}

// Main stays what it is, whatever becomes of its path.
func TestHoldOfMainThatIsRemoved(t *testing.T) {
	conn, known, path := opened(t)
	defer conn.Close()
	hold, err := known.Hold("main", "")
	if err != nil {
		t.Fatal(err)
	}
	defer hold.Release()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	e, err := known.Export("main", live.ExportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	e.Close()
}
