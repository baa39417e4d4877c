package snapshot_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/vxsnap/vxsnap/snapshot"
)

// parts is a name of so many bytes, of parts of 200 at most.
func parts(n int) string { return strings.Repeat(strings.Repeat("a", 200)+"/", 6)[:n-1] + "b" }

// A name is that of a file below any directory, on any system.
func TestValidName(t *testing.T) {
	for _, c := range []struct {
		name string
		want bool
	}{
		{"a", true}, {"a/b/c", true}, {"a.b", true}, {"a b", true}, {" a", true}, {"-", true}, {"é/日本", true}, {"a..b", true},
		{"", false}, {"/a", false}, {"a/", false}, {"a//b", false}, {"/", false},
		{strings.Repeat("a", 200), true}, {strings.Repeat("a", 201), false}, {strings.Repeat("é", 100), true}, {strings.Repeat("é", 101), false},
		{"a/" + strings.Repeat("a", 201) + "/b", false},
		{parts(1024), true}, {parts(1025), false},
		{".", false}, {"..", false}, {"../a", false}, {"a/..", false}, {"a/./b", false}, {".a", false}, {"a/.b", false},
		{"a.", false}, {"a./b", false}, {"a...", false}, {"a ", false}, {"a /b", false}, {" ", false},
		{"a\x00", false}, {"a\nb", false}, {"\x1f", false}, {"\x7f", false}, {"a\u0085", false},
		{"\u200c.hidden", false}, {"a\u202egpj.exe", false}, {"a\u00ad", false}, {"\ufeffa", false},
		{`a\b`, false}, {"c:", false}, {"a:b", false},
		{"\xff", false}, {"a\xc3", false}, {"\xed\xa0\x80", false}, {"\ufffd", true},
		{"con", false}, {"CON", false}, {"Con.txt", false}, {"con .txt", false}, {"nul.tar.gz", false}, {"a/prn", false}, {"aux/a", false},
		{"conin$", false}, {"CONOUT$.x", false}, {"com1", false}, {"COM0", false}, {"lpt9.x", false}, {"COM¹", false}, {"com².idx", false}, {"LPT³", false},
		{"console", true}, {"a.con", true}, {"con-1", true}, {"com", true}, {"com10", true}, {"coma", true}, {"COM¹²", true}, {"lpt⁴", true}, {"aux_", true},
	} {
		if got := snapshot.ValidName(c.name); got != c.want {
			t.Errorf("%.30q, of %d bytes: got %t, want %t", c.name, len(c.name), got, c.want)
		}
	}
}

// A few MB of names ask for no more than what they are.
func TestManyFolders(t *testing.T) {
	var list []snapshot.File
	for i := range 30 {
		list = append(list, snapshot.File{Name: fmt.Sprint(i, "/", strings.Repeat("a/", 500), "b"), Type: snapshot.TypeIndex})
	}
	const want = "metadata lists files in more than 10000 folders, which no snapshot has"
	if err := snapshot.CheckNames(list); err == nil || err.Error() != want {
		t.Errorf("got %v, want %q", err, want)
	}
	if err := snapshot.CheckNames(list[:15]); err != nil {
		t.Error(err)
	}
}

// Names that are good each may be bad together.
func TestNamesTogether(t *testing.T) {
	same := func(i int, name, other string) string {
		return fmt.Sprintf("metadata files[%d]: file_name '%s' is the same as '%s' where case does not count; it must be another", i, name, other)
	}
	folder := func(name, other string) string {
		return fmt.Sprintf("metadata lists the file '%s', which is a folder of '%s'", name, other)
	}
	journal := func(i int, name, database string) string {
		return fmt.Sprintf("metadata files[%d]: file_name '%s' begins with the name of the database '%s' and '-', as the files do that SQLite makes beside it", i, name, database)
	}
	for _, c := range []struct{ names, want string }{
		{"a b c.db", ""},
		{"a/x b/x a/y c.db", ""},
		{"ab/x a c.db", ""},
		{"c.db_wal c.dbwal c.db.wal x/c.db-wal c.db", ""},
		{"straße strasse c.db", ""},
		{"a a c.db", same(1, "a", "a")},
		{"a A c.db", same(1, "A", "a")},
		{"É é c.db", same(1, "é", "É")},
		{"k \u212a c.db", same(1, "\u212a", "k")}, // KELVIN SIGN
		{"\u017f S c.db", same(1, "S", "\u017f")}, // LATIN SMALL LETTER LONG S
		{"σ ς c.db", same(1, "ς", "σ")},
		{"x/a X/A c.db", same(1, "X/A", "x/a")},
		{"C.DB c.db", same(1, "c.db", "C.DB")},
		{"metadata.json c.db", same(0, "metadata.json", "metadata.json")},
		{"Metadata.JSON c.db", same(0, "Metadata.JSON", "metadata.json")},
		{"END c.db", same(0, "END", "END")},
		{"end c.db", same(0, "end", "END")},
		{"x/END x/metadata.json c.db", ""},
		{"a a/b c.db", folder("a", "a/b")},
		{"a/b/c a/B c.db", folder("a/B", "a/b/c")},
		{"c.db/a c.db", folder("c.db", "c.db/a")},
		{"end/a c.db", folder("END", "end/a")},
		{"c.db-wal c.db", journal(0, "c.db-wal", "c.db")},
		{"a C.DB-journal c.db", journal(1, "C.DB-journal", "c.db")},
		{"c.db-x/a c.db", journal(0, "c.db-x/a", "c.db")},
		{"c.db c.db-shm.db", journal(1, "c.db-shm.db", "c.db")},
	} {
		var files []snapshot.File
		for name := range strings.FieldsSeq(c.names) {
			files = append(files, snapshot.File{Name: name, Type: snapshot.TypeIndex})
			if strings.HasSuffix(name, ".db") && !strings.Contains(name, "/") && name != "C.DB" {
				files[len(files)-1].Type = snapshot.TypeDatabase
			}
		}
		got := ""
		if err := snapshot.CheckNames(files); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s:\n got %q\nwant %q", c.names, got, c.want)
		}
	}
}
