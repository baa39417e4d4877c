// Foreign runs the tests of another project, github.com/mattn/go-sqlite3, as they
// are and with vxsnap loaded into every connection that they open, and compares:
//
//	go run ./tests/foreign
//
// They are those of the version in go.mod, as the Go proxy has them, and nothing
// of them is kept. They run with the build tags that most programs have, which are
// none, and with those that bring more tests. A test that does not end the same
// way twice makes the exit status 1, and so does a run of few tests, or one that
// vxsnap was not in.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// Each of more's tags has tests of its own. sqlite_userauth is not among them: with
// it no connection opens any longer, and the tests of it expect that.
const (
	none = ""
	more = "sqlite_column_metadata,sqlite_fts5,sqlite_math_functions,sqlite_preupdate_hook,sqlite_unlock_notify,sqlite_vtable"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, "."); err != nil {
		fmt.Fprintln(os.Stderr, "foreign:", err)
		os.Exit(1)
	}
}

// run compares for each set of tags.
func run(ctx context.Context, root string) (err error) {
	w, remove, err := makeWorkspace(ctx, root)
	defer remove()
	if err != nil {
		return err
	}
	for _, tags := range []string{none, more} {
		fmt.Printf("%s %s, tags %q\n", w.Path, w.Version, tags)
		without, failed := w.test(ctx, tags)
		if failed != nil {
			return failed
		}
		fmt.Println("  without vxsnap:", without)
		with, failed := w.test(ctx, tags+",vxsnap")
		if failed != nil {
			return failed
		}
		fmt.Println("  with vxsnap:   ", with)
		err = errors.Join(err, compare(without, with))
	}
	return err
}
