package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/store"
)

// sourceHelp says what verify and restore read.
const sourceHelp = `SOURCE is a saved file (.tar or .tar.zst), - for standard input, or a store: STORE is its
newest snapshot, STORE@7 its snapshot 7.`

// A source is one snapshot to read: of a saved file or a pipe, or of a store.
type source struct {
	name  string
	in    io.Reader // nil if it is of a store
	store *store.Store
	of    store.Snapshot // of a store
	close func()
}

// openSource opens what an argument names; close must be called.
func openSource(ctx context.Context, arg string) (*source, error) {
	if arg == "-" {
		in, err := standardInput(ctx)
		return &source{name: "standard input", in: in, close: func() {}}, err
	}
	path, n, err := splitNumber(arg)
	if err != nil {
		return nil, err
	}
	isStore, in, err := open(ctx, path)
	switch {
	case err != nil:
		return nil, err
	case isStore:
		return openSnapshot(ctx, path, n)
	case n > 0:
		in.Close()
		return nil, wrongUse("%s is not a store, so that it has no snapshot %d; give %[1]s alone", fault.Quote(path), n)
	}
	return &source{name: path, in: in, close: func() { in.Close() }}, nil
}

// splitNumber takes the @N off the name of a store. The name of a file that is there has
// none. n is 0 where none was given.
func splitNumber(arg string) (path string, n int64, err error) {
	at := strings.LastIndexByte(arg, '@')
	if _, err := os.Lstat(arg); err == nil || at < 0 {
		return arg, 0, nil
	}
	if n, err = strconv.ParseInt(arg[at+1:], 10, 64); err != nil || n < 1 {
		return "", 0, fmt.Errorf("%s does not exist, and %q behind the @ is not the number of a snapshot, must be 1 or more", fault.Quote(arg), arg[at+1:])
	}
	return arg[:at], n, nil
}

// open opens a saved file or a pipe, unless it is a database.
func open(ctx context.Context, path string) (isDatabase bool, in interface {
	io.ReadCloser
	Name() string
}, err error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil, fmt.Errorf("%s does not exist; give a saved file, - or a store", fault.Quote(path))
	case err != nil:
		return false, nil, err
	case info.IsDir():
		return false, nil, fmt.Errorf("%s is a directory; give a saved file, - or a store", fault.Quote(path))
	case !info.Mode().IsRegular():
		in, err := openPipe(ctx, path)
		return false, in, err
	}
	file, err := os.Open(path)
	if err != nil {
		return false, nil, err
	}
	const magic = "SQLite format 3\x00"
	var begin [len(magic)]byte
	if _, err := file.ReadAt(begin[:], 0); err == nil && string(begin[:]) == magic {
		file.Close() // before SQLite opens it, which loses its locks otherwise
		return true, nil, nil
	}
	return false, file, nil
}

// openSnapshot opens a snapshot of a store: n, or the newest if n is 0.
func openSnapshot(ctx context.Context, path string, n int64) (*source, error) {
	s, err := openStore(ctx, path)
	if err != nil {
		return nil, err
	}
	all, err := s.List(ctx)
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("%s has no snapshot; vxsnap save DB --store %[1]s makes one", fault.Quote(path))
	}
	if err == nil {
		of := all[len(all)-1]
		for _, one := range all {
			if one.N == n {
				of = one
			}
		}
		if n == 0 || of.N == n {
			return &source{name: fmt.Sprintf("%s@%d", path, of.N), store: s, of: of, close: s.Close}, nil
		}
		err = fmt.Errorf("%s has no snapshot %d; vxsnap list %[1]s shows those that it has", fault.Quote(path), n)
	}
	s.Close()
	return nil, err
}
