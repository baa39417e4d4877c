package live

import "maps"

// end is the end of the connection. SQLite calls it while it frees the
// connection: on the thread that closed it, or finalized its last statement; a
// finalizer of Go may be that. By then the files of the connection are closed and
// its statements are gone, and nobody may make new ones. Other connections are as
// they were, so that a pin, which is one, can be closed here.
func (cn *Conn) end() {
	conns.Lock()
	delete(conns.of, cn.db.Handle())
	conns.Unlock()

	cn.mu.Lock()
	cn.ended = true
	left := maps.Clone(cn.held)
	clear(cn.held)
	cn.mu.Unlock()
	for _, h := range left {
		h.moment.release() // an Export that streams it holds it too
	}
}

// open returns an error if the connection has ended. Its sqlite3* may be that of
// another connection by now, and is of no use.
func (cn *Conn) open() error {
	cn.mu.Lock()
	defer cn.mu.Unlock()
	if cn.ended {
		return misuse("the connection is closed; open another one and call live.OfDriver with it")
	}
	return nil
}

// usable is open, and sees a connection that was closed before its statements.
func (cn *Conn) usable() error {
	if err := cn.open(); err != nil {
		return err
	}
	if cn.db.Closing() {
		return misuse("the connection is closed, and statements of it are still alive; finalize them, open another one and call live.OfDriver with it")
	}
	return nil
}
