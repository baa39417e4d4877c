package live_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vxsnap/vxsnap/internal/testkit"
	"github.com/vxsnap/vxsnap/live"
)

// A name is that of a file: none is a URI, and what is no database makes none.
func TestDatabaseNames(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("real.db", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if d, err := live.OpenDatabase("file:real.db"); err == nil {
		d.Close()
		t.Error("opened as a URI")
	}
	if err := os.WriteFile("file:real.db", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"file:real.db", "real.db"} {
		d, err := live.OpenDatabase(name)
		if err != nil {
			t.Fatal(err)
		}
		files, err := d.Files("main")
		if err != nil || len(files) != 1 || filepath.Base(files[0].Path) != name {
			t.Errorf("%s: opened as a URI: %+v, %v", name, files, err)
		}
		d.Close()
		d.Close()
		if _, err := d.Files("main"); !errors.As(err, new(*live.Misuse)) {
			t.Errorf("after Close: %v", err)
		}
	}
}

// Nothing of the connection's own can write.
func TestDatabaseIsNotWritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "app.db")
	connection(t, "sqlite3", file, "CREATE TABLE t(a)").Close()
	d, err := live.OpenDatabase(file)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := live.Exec(d.Conn, "INSERT INTO t VALUES (1)"); err == nil || !strings.Contains(err.Error(), "readonly") {
		t.Errorf("it was written to: %v", err)
	}
}

// The end of a context is an error of Files, and says nothing of an index file.
func TestDuringEndsFiles(t *testing.T) {
	conn, _, path := indexed(t)
	if err := os.WriteFile(path, testkit.IndexImage(1, 3), 0o600); err != nil {
		t.Fatal(err)
	}
	cn := ofDriver(t, conn)
	for n := int64(0); ; n++ {
		at := &testkit.Countdown{Context: context.Background()}
		at.Left.Store(n)
		err := cn.During(at, func() error {
			files, err := cn.Files("main")
			for _, file := range files {
				if file.State != live.StateOK {
					t.Errorf("cancelled at %d: state %s, %s", n, file.State, file.Detail)
				}
			}
			return err
		})
		if at.Left.Load() >= 0 {
			if err != nil || n < 2 {
				t.Errorf("asked %d times: %v", n, err)
			}
			return
		}
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("cancelled at %d: got %v", n, err)
		}
	}
}

// The end of a context ends what is done During, and nothing after it.
func TestDuringEnds(t *testing.T) {
	_, conn := connect(t)
	cn := ofDriver(t, conn)
	done, cancel := context.WithCancel(context.Background())
	err := cn.During(done, func() error {
		e, err := cn.Export("main", live.ExportOptions{})
		if err != nil {
			return err
		}
		defer e.Close()
		cancel()
		_, err = e.Tar().WriteTo(io.Discard)
		return err
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if err := cn.During(done, func() error { t.Error("work was run"); return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if _, err := cn.Files("main"); err != nil {
		t.Errorf("after During: %v", err)
	}
	if e, err := cn.Export("main", live.ExportOptions{}); err != nil {
		t.Errorf("after During: %v", err)
	} else {
		e.Close()
	}
}
