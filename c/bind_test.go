package c_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/vxsnap/vxsnap/c"
)

// Values go into a statement and come out as they were, NULL too.
func TestBind(t *testing.T) {
	if err := c.Link(); err != nil {
		t.Fatal(err)
	}
	db, err := c.Open(":memory:", c.OpenReadWrite|c.OpenCreate, "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Script("CREATE TABLE t(i, b, z); SELECT 1; CREATE TABLE u(a)"); err != nil {
		t.Fatal(err)
	}
	if err := db.Script("INSERT INTO u VALUES (1); nonsense; INSERT INTO u VALUES (2)"); err == nil {
		t.Error("a script with an error succeeds")
	}
	if n, err := db.Int64("SELECT count(*) FROM u"); n != 1 || err != nil {
		t.Errorf("%d statements ran around an error, %v", n, err)
	}
	insert, err := db.Prepare("INSERT INTO t VALUES (?1, ?2, ?3)")
	if err != nil {
		t.Fatal(err)
	}
	defer insert.Close()
	for _, b := range [][]byte{{1, 0, 2}, {}, nil} {
		if err := errors.Join(insert.BindInt64(1, -1<<63), insert.BindBlob(2, b)); err != nil {
			t.Fatal(err)
		}
		if _, err := insert.Step(); err != nil {
			t.Fatal(err)
		}
		insert.Reset()
	}
	if _, err := insert.Step(); err != nil { // after Reset all are NULL
		t.Fatal(err)
	}
	var got [][]byte
	err = db.Each("SELECT i, b, z FROM t WHERE typeof(b) = 'blob'", func(row *c.Stmt) error {
		if row.Int64(0) != -1<<63 || row.IsNull(0) || row.IsNull(1) || !row.IsNull(2) {
			t.Errorf("row %d: %d", len(got), row.Int64(0))
		}
		got = append(got, bytes.Clone(row.Blob(1)))
		return nil
	})
	if err != nil || len(got) != 3 || !bytes.Equal(got[0], []byte{1, 0, 2}) || len(got[1]) != 0 || len(got[2]) != 0 {
		t.Errorf("%v, %v", got, err)
	}
	if n, err := db.Int64("SELECT count(*) FROM t WHERE i IS NULL AND b IS NULL"); n != 1 || err != nil {
		t.Errorf("%d rows of NULLs, %v", n, err)
	}
	if err := insert.BindInt64(9, 1); err == nil {
		t.Error("there is no parameter 9")
	}
}

// An interrupt of another goroutine ends a statement.
func TestInterruptOfAnother(t *testing.T) {
	if err := c.Link(); err != nil {
		t.Fatal(err)
	}
	db, err := c.Open(":memory:", c.OpenReadWrite|c.OpenCreate, "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	forever, err := db.Prepare("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n WHERE i = 1 OR i < 0")
	if err != nil {
		t.Fatal(err)
	}
	defer forever.Close()
	if more, err := forever.Step(); !more || err != nil {
		t.Fatal(more, err)
	}
	go db.Interrupt() // the statement runs already
	if _, err := forever.Step(); !errors.Is(err, c.Interrupt) {
		t.Errorf("got %v", err)
	}
}
