package vxsnap_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// loader is a C program of testdata that loads vxsnap.so in the way that its argument
// says.
func loader(t *testing.T, source string) func(way string) (string, error) {
	so, err := filepath.Abs(library)
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), "load")
	if out, err := exec.Command("gcc", "-Wall", "-Wextra", "-O1", "-o", program, "testdata/"+source, "-lsqlite3", "-lpthread", "-ldl").CombinedOutput(); err != nil {
		t.Fatalf("%s%v", out, err)
	}
	return func(way string) (string, error) {
		cmd := exec.Command(program, so, way)
		cmd.Dir = t.TempDir()
		out, err := cmd.CombinedOutput()
		return strings.TrimSpace(string(out)), err
	}
}

// A pool may load the extension whenever it hands out a connection, and a program
// on several threads at once; what stops a load half-way can be mended.
func TestLoading(t *testing.T) {
	load := loader(t, "load.c")
	for _, test := range []struct{ way, want string }{
		{"twice", "done"},
		{"taken", "error during initialization: vxsnap: unable to delete/modify user-function due to active statements; " +
			"finish the statements that run on this connection and load vxsnap again\ndone"},
		{"threads", "0 bytes leaked\ndone"},
		{"other", "error during initialization: vxsnap: already loaded into another copy of SQLite in this process; " +
			"load it into that one, or into another process\ndone"},
	} {
		if got, err := load(test.way); got != test.want || err != nil {
			t.Errorf("%s: got %s, %v, want %s", test.way, got, err, test.want)
		}
	}
}

// The extensions behind vxsnap in a list of automatic ones are loaded too, and
// no connection that ends takes the Go runtime with it.
func TestAutomaticExtensions(t *testing.T) {
	if got, err := loader(t, "load.c")("auto"); got != "done" || err != nil {
		t.Errorf("got %s, %v", got, err)
	}
	out, err := exec.Command("readelf", "-d", library).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "NODELETE") {
		t.Errorf("the library can be unloaded: %v\n%s", err, out)
	}
}
