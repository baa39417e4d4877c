package vxsnap_test

import (
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	sqlite3 "github.com/mattn/go-sqlite3"
)

const library = "../../vxsnap.so"

func init() { roles["load"] = load }

// load is a Go program that loads the shared library: two Go runtimes in one
// process, which Go does not promise to work.
func load(args []string) {
	sql.Register("with vxsnap.so", &sqlite3.SQLiteDriver{Extensions: args})
	db, err := sql.Open("with vxsnap.so", ":memory:")
	if err != nil {
		panic(err)
	}
	db.SetMaxOpenConns(1)
	var verdict string
	for _, query := range []string{"CREATE TABLE t(a)", "INSERT INTO t VALUES (randomblob(1000000))"} {
		if _, err := db.Exec(query); err != nil {
			panic(err)
		}
	}
	if err := db.QueryRow("SELECT vx_snapshot_verify(" + rowColumns + ") FROM vx_snapshot_chunks(1000)").Scan(&verdict); err != nil {
		panic(err)
	}
	fmt.Println(verdict)
}

func TestSharedLibraryInGoProgram(t *testing.T) {
	cmd := exec.Command(os.Args[0], "load", library)
	out, err := cmd.CombinedOutput()
	if string(out) != "ok\n" || err != nil {
		t.Errorf("got %q, %v, want ok", out, err)
	}
}

// Only the two entry points are exported: two extensions may both have a
// sqlite3_api.
func TestExportedSymbols(t *testing.T) {
	out, err := exec.Command("nm", "-D", "--defined-only", library).Output()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		names = append(names, strings.Fields(line)[2])
	}
	if got := strings.Join(names, " "); got != "sqlite3_extension_init sqlite3_vxsnap_init" {
		t.Errorf("got %s", got)
	}
}
