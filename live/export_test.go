package live

import (
	"reflect"
	"unsafe"
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

// What is looked at in a driver's connection.
var IsDriverPackage = isDriverPackage

func IsDriverConn(conn any) bool { return isDriverConn(reflect.TypeOf(conn).Elem()) }

func HandleIn(conn any) unsafe.Pointer { return handleIn(reflect.ValueOf(conn).Elem()) }
