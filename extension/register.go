package extension

import (
	"fmt"

	"go.riyazali.net/sqlite"

	"github.com/vxsnap/vxsnap/c"
	"github.com/vxsnap/vxsnap/live"
	"github.com/vxsnap/vxsnap/snapshot"
)

// SQLITE_OK_LOAD_PERMANENTLY: a Go runtime cannot be unloaded.
const loadPermanently sqlite.ErrorCode = 256

func init() { sqlite.Register(load) }

// load registers everything with a connection. It is called through
// sqlite3_extension_init, once for each connection.
func load(api *sqlite.ExtensionApi) (sqlite.ErrorCode, error) {
	err := startPoller()
	if err == nil {
		err = register(api)
	}
	if err != nil {
		return sqlite.SQLITE_ERROR, fmt.Errorf("vxsnap: %w", err)
	}
	return loadPermanently, nil
}

// fileSystem is what spool, verify and restore use; tests replace it.
var fileSystem = snapshot.OS

func register(api *sqlite.ExtensionApi) error {
	known, err := live.Of(c.Caller(api), fileSystem)
	if err != nil {
		return err
	}
	cn := &surface{known, fileSystem}
	var all []func() error
	for _, f := range []*tableFunction{cn.chunks(), cn.files(), cn.pinned()} {
		all = append(all, func() error { return api.CreateModule(f.name, f, sqlite.EponymousOnly(true)) })
	}
	for _, f := range []*aggregate{cn.verify(), cn.restore()} {
		all = append(all, func() error { return api.CreateFunction(f.name, f) })
	}
	for _, f := range []*scalar{cn.flush(), cn.relocate(), cn.version(), cn.debug()} {
		all = append(all, func() error { return api.CreateFunction(f.name, f) })
	}
	return c.Register(all...)
}
