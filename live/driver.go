package live

import (
	"fmt"
	"reflect"
	"strings"
	"unsafe"

	"github.com/vxsnap/vxsnap/c"
)

// driverPackage is the only driver whose connections are known.
const driverPackage = "github.com/mattn/go-sqlite3"

// OfDriver gives the Conn of a connection that github.com/mattn/go-sqlite3
// opened: a *sqlite3.SQLiteConn, as (*sql.Conn).Raw gives it. The extension
// need not be registered with it.
func OfDriver(conn any) (*Conn, error) {
	handle, err := Handle(conn)
	if err != nil {
		return nil, err
	}
	if err := c.Link(); err != nil {
		return nil, err
	}
	return Of(c.OfHandle(handle), nil)
}

// Handle is the sqlite3* of a *sqlite3.SQLiteConn of github.com/mattn/go-sqlite3,
// which keeps it in a field called db.
func Handle(conn any) (unsafe.Pointer, error) {
	v := reflect.ValueOf(conn)
	if v.Kind() == reflect.Pointer && isDriverConn(v.Type().Elem()) {
		if p := handleIn(v.Elem()); p != nil {
			return p, nil
		}
	}
	return nil, fmt.Errorf("vxsnap: %T is not an open *sqlite3.SQLiteConn of %s; pass what (*sql.Conn).Raw or a ConnectHook gives", conn, driverPackage)
}

// isDriverConn reports whether a type is SQLiteConn. Others have a field called
// db too, such as sql.Conn and sql.Tx.
func isDriverConn(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && t.Name() == "SQLiteConn" && isDriverPackage(t.PkgPath())
}

// isDriverPackage allows for a package that stands in a folder vendor of GOPATH.
func isDriverPackage(path string) bool {
	return path == driverPackage || strings.HasSuffix(path, "/vendor/"+driverPackage)
}

// handleIn is what the field db holds, nil if that is no open sqlite3* of cgo: a
// pointer to Go's memory must never get to C.
func handleIn(conn reflect.Value) unsafe.Pointer {
	if conn.Kind() != reflect.Struct { // a nil pointer leads to no value
		return nil
	}
	db := conn.FieldByName("db")
	if db.Kind() != reflect.Pointer || db.Type().Elem().Name() != "_Ctype_struct_sqlite3" || db.Type().Elem().PkgPath() != conn.Type().PkgPath() {
		return nil
	}
	return db.UnsafePointer()
}
