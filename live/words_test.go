package live_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vxsnap/vxsnap/live"
)

// refused checks that an error is a misuse that says what is wanted.
func refused(t *testing.T, what string, err error, want string) {
	t.Helper()
	if !errors.As(err, new(*live.Misuse)) || !strings.Contains(err.Error(), want) {
		t.Errorf("%q: got %v, want %q", what, err, want)
	}
}

func TestIndexWords(t *testing.T) {
	_, conn := connect(t)
	known, database := ofDriver(t, conn), newDatabase(t)
	for _, word := range []string{"Auto", "AUTO", "bogus", "None", "auto ", "disk\x00"} {
		want := "index_files must be 'auto', 'disk' or 'none', got '" + strings.ReplaceAll(word, "\x00", "?") + "'"
		_, err := known.Export("main", live.ExportOptions{IndexFiles: word})
		refused(t, "Export "+word, err, want)
		_, err = known.Hold("main", word)
		refused(t, "Hold "+word, err, want)
		_, err = live.HoldFile(database, word)
		refused(t, "HoldFile "+word, err, want)
	}
	hold, err := known.Hold("main", "")
	if err != nil {
		t.Fatal(err)
	}
	if got := hold.IndexFiles(); got != live.IndexAuto {
		t.Errorf("Hold: no word means %q", got)
	}
	_, err = known.Export("main", live.ExportOptions{IndexFiles: "bogus"})
	refused(t, "Export of what is held", err, "index_files must be 'auto', 'disk' or 'none', got 'bogus'")
	_, err = known.Export("main", live.ExportOptions{IndexFiles: live.IndexNone})
	refused(t, "Export of what is held", err, "index_files is 'none', but the schema is pinned with 'auto'")
	hold.Release()
}

func TestIndexWordOfHoldFile(t *testing.T) {
	file, err := live.HoldFile(newDatabase(t), "")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if got := file.IndexFiles(); got != live.IndexAuto {
		t.Errorf("HoldFile: no word means %q", got)
	}
}

func TestSchemaNames(t *testing.T) {
	_, conn := connect(t)
	known := ofDriver(t, conn)
	for _, name := range []string{"", "nope", "main\x00", "Ä"} {
		want := "schema must be 'main', 'temp' or the name of an attached database, got '" + strings.ReplaceAll(name, "\x00", "?") + "'"
		_, err := known.Export(name, live.ExportOptions{})
		refused(t, "Export", err, want)
		_, err = known.Hold(name, "")
		refused(t, "Hold", err, want)
		_, err = known.Files(name)
		refused(t, "Files", err, want)
	}
	for _, name := range []string{"temp", "TEMP"} {
		e, err := known.Export(name, live.ExportOptions{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		e.Close()
	}
}

// A schema is the same however its name is written, for SQLite: A to Z are a to
// z, and no other letter is another one.
func TestSchemaNamesAreFolded(t *testing.T) {
	_, conn := connect(t)
	known := ofDriver(t, conn)
	directory := t.TempDir()
	for file, schema := range map[string]string{"large": "Ä", "small": "ä", "side": "SiDe"} {
		if _, err := conn.ExecContext(context.Background(), "ATTACH ? AS \""+schema+`"`, filepath.Join(directory, file)); err != nil {
			t.Fatal(err)
		}
	}
	for _, names := range [][]string{{"main", "MAIN", "Main"}, {"temp", "TEMP"}, {"side", "SIDE"}, {"Ä"}, {"ä"}} {
		hold, err := known.Hold(names[0], "")
		if err != nil {
			t.Fatalf("Hold of %s: %v", names[0], err)
		}
		defer hold.Release()
		for _, name := range names {
			_, err := known.Hold(name, "")
			refused(t, "a second Hold of "+name, err, "is pinned on this connection already")
			before := live.Held()
			e, err := known.Export(name, live.ExportOptions{})
			if err != nil {
				t.Fatalf("Export of %s: %v", name, err)
			}
			if live.Held() != before {
				t.Errorf("Export of %s made a moment of its own", name)
			}
			e.Close()
		}
	}
}
