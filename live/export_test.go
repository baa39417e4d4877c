package live

import (
	"errors"
	"io"
	"reflect"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/vxsnap/vxsnap/c"
)

// The index files are tested on their own.
type IndexFile = indexFile

var OpenIndexFile = openIndexFile

// Known is how many connections have a Conn.
func Known() int {
	conns.Lock()
	defer conns.Unlock()
	return len(conns.of)
}

// AtStep calls f before every operation on an index file, until the function
// that it returns is called.
func AtStep(f func(operation string)) (stop func()) {
	beforeStep = f
	return func() { beforeStep = func(string) {} }
}

// WithoutExchange makes the file systems such as cannot exchange two names, until
// the function that it returns is called.
func WithoutExchange() (stop func()) {
	before := exchangeNames
	exchangeNames = func(string, string) error { return unix.EINVAL }
	return func() { exchangeNames = before }
}

// WithoutTables makes the system such as has no descriptor tables for threads, until the
// function that it returns is called.
func WithoutTables() (stop func()) {
	before := openInTable
	openInTable = func(string) (*c.Apart, error) { return nil, errors.ErrUnsupported }
	return func() { openInTable = before }
}

// What is looked at in a driver's connection.
var IsDriverPackage = isDriverPackage

func IsDriverConn(conn any) bool { return isDriverConn(reflect.TypeOf(conn).Elem()) }

func HandleIn(conn any) unsafe.Pointer { return handleIn(reflect.ValueOf(conn).Elem()) }

// What tells who has a database open.
var (
	Hides     = hides
	HiddenBy  = hiddenBy
	FindMount = findMount
)

func LockHolder(dev, ino uint64) (string, error) { return lockHolder(fileKey{dev, ino}) }

// HasOpen looks through a directory of descriptors for the file at path.
func HasOpen(directory, path string) (bool, error) {
	key, _ := keyOf(path)
	return hasOpen(directory, key)
}

// Listed reports whether a name is in the first column of a pragma.
func (cn *Conn) Listed(pragma, name string) (bool, error) { return cn.listed(pragma, name) }

// Advised reads r, which is the file at path, that open opens, and says with which
// descriptor the page cache is asked.
func Advised(path string, open func(), r io.ReaderAt) (_ io.ReaderAt, fd int) {
	p := newPageCache(path)
	open()
	advised := p.over(r)
	return advised, p.advice.fd
}

// Descriptors are those that the process has open.
func Descriptors() (n int, err error) {
	err = eachDescriptor(func(int, *unix.Stat_t) { n++ })
	return n, err
}

// Exec runs a statement on a connection.
func Exec(cn *Conn, statement string) error { return cn.db.Exec(statement) }
