package extension

import (
	"errors"

	"go.riyazali.net/sqlite"

	"github.com/vxsnap/vxsnap/c"
	"github.com/vxsnap/vxsnap/live"
	"github.com/vxsnap/vxsnap/snapshot"
)

func init() { sqlite.Register(load) }

// load registers everything with a connection. It is called through
// sqlite3_extension_init, and may be called again for a connection, which then
// needs nothing. SQLITE_OK is what an automatic extension returns, too; a shared
// library of Go stays in the process whatever it returns.
func load(api *sqlite.ExtensionApi) (sqlite.ErrorCode, error) {
	err := startPoller()
	if err == nil {
		err = register(api)
	}
	if err != nil {
		return c.Say(codeOf(err), "vxsnap: "+err.Error()+adviceOn(err)), nil
	}
	return sqlite.SQLITE_OK, nil
}

// adviceOn says what to do about a load that stopped on the way: the next one
// goes on from there.
func adviceOn(err error) string {
	switch {
	case errors.Is(err, c.Busy):
		return "; finish the statements that run on this connection and load vxsnap again"
	case errors.Is(err, c.NoMemory):
		return "; load vxsnap again"
	}
	return ""
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
	step := func(register func() error) {
		all = append(all, func() error { return c.Caller(api).Register(register) })
	}
	for _, f := range []*tableFunction{cn.chunks(), cn.read(), cn.tar(), cn.files(), cn.pinned()} {
		step(func() error { return api.CreateModule(f.name, f, sqlite.EponymousOnly(true)) })
	}
	for _, f := range []*aggregate{cn.verify(0), cn.verify(1), cn.restore(0), cn.restore(1), cn.manifest()} {
		step(func() error { return api.CreateFunction(f.name, f) })
	}
	for _, f := range []*scalar{cn.save(), cn.manifestOf(1), cn.manifestOf(2), cn.storeSchema(), cn.flush(), cn.relocate(), cn.version(), cn.debug()} {
		step(func() error { return api.CreateFunction(f.name, f) })
	}
	return known.Once(all...)
}
